//! What happened over time, for plots.

use serde::{Deserialize, Serialize};

/// What happened over time. Seconds are those of the scenario.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Series {
    /// What waited in playback.
    pub levels: Vec<Level>,
    /// Every fragment that was spoken, or every n-th.
    pub fragments: Vec<Fragment>,
    /// Time to first audio of each utterance that was waited for.
    pub ttfa_ms: Vec<f64>,
    /// From each stop to silence at the sink.
    pub stop_ms: Vec<f64>,
    /// How late callbacks came: a bin's upper edge in microseconds, and how many came in it.
    pub lateness_us: Vec<(f64, u64)>,
    /// Resident memory.
    pub memory: Vec<Memory>,
}

/// What waited in playback at a moment, in seconds.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Level {
    /// When.
    pub at_s: f64,
    /// All that waited, hard ring included.
    pub waiting_s: f64,
    /// In the hard ring.
    pub ring_s: f64,
    /// What was to be kept there.
    pub target_s: f64,
    /// By how much what is heard is later than at the earliest.
    pub added_delay_s: f64,
    /// What has been concealed so far.
    pub concealed_s: f64,
}

/// A fragment that was spoken.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Fragment {
    /// When it was done.
    pub at_s: f64,
    /// How long it was, in phoneme tokens.
    pub tokens: usize,
    /// How long it took.
    pub cost_s: f64,
    /// What came of it; 0 where it failed.
    pub audio_s: f64,
    /// So long before its listener ran dry it was done; negative where it came too late.
    pub slack_s: f64,
    /// Whether the fast session spoke it.
    pub is_fast: bool,
}

/// Resident memory at a moment.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Memory {
    /// When.
    pub at_s: f64,
    /// In megabytes (10^6 bytes).
    pub resident_mb: f64,
}
