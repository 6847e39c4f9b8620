//! How a run stands, for whoever watches it.

/// How a run stands at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moment {
    /// Seconds since the scenario began.
    pub at_s: f64,
    /// Seconds that wait in playback, hard ring included.
    pub level_s: f64,
    /// Seconds that are to be kept in the hard ring.
    pub target_s: f64,
    /// Of the last fragment: how long before its listener ran dry it was done.
    pub slack_s: Option<f64>,
    /// Engine underruns so far.
    pub underruns: u64,
    /// Concealed stretches of at least 150 ms so far.
    pub interruptions: u64,
    /// What has been concealed so far.
    pub concealed_ms: f64,
    /// Resident memory, in megabytes (10^6 bytes).
    pub resident_mb: f64,
    /// How often faults fired so far, all together.
    pub fired: u64,
    /// Seconds of speech that were heard.
    pub audio_s: f64,
}
