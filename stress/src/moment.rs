//! What a run is doing now, for whoever watches it.

/// What a run on this machine is doing now. Counts are of the whole run so far; with several streams, levels are those of
/// the one that is nearest to running dry.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moment {
    /// Seconds of the scenario that have passed.
    pub at_s: f64,
    /// Seconds of audio that wait in playback, hard ring included.
    pub level_s: f64,
    /// Seconds that are to be kept in the hard ring.
    pub target_s: f64,
    /// So many seconds of audio waited when the last fragment was handed out; `None` before the first.
    pub slack_s: Option<f64>,
    /// Times that the hard ring was short while audio was due.
    pub underruns: u64,
    /// Concealed stretches of at least 150 ms.
    pub interruptions: u64,
    /// What was concealed.
    pub concealed_ms: f64,
    /// Resident memory, in megabytes (10^6 bytes).
    pub resident_mb: f64,
    /// Times that a fault has fired.
    pub fired: u64,
    /// Seconds of speech that were heard.
    pub audio_s: f64,
}
