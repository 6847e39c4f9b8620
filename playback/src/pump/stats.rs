//! What a pump counts and measures.

/// Counters and gauges of a pump.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PumpStats {
    /// Samples of speech taken from the chunks, at [`CHUNK_RATE`](crate::CHUNK_RATE), pauses not counted.
    pub speech_samples: u64,
    /// Samples of pauses taken from the chunks, at [`CHUNK_RATE`](crate::CHUNK_RATE).
    pub pause_samples: u64,
    /// Chunks dropped because they belonged to an epoch that was stopped.
    pub stale_chunks: u64,
    /// Chunks whose place had been played already.
    pub late_chunks: u64,
    /// Chunks whose place was taken.
    pub duplicate_chunks: u64,
    /// Fragments that failed or were cancelled.
    pub gaps: u64,
    /// Times that playback ran dry because there was no text.
    pub starvations: u64,
    /// Seconds that it stayed so.
    pub starved_s: f64,
    /// Seconds for which the beginnings of utterances were held back, so that what follows them would be in time.
    pub pre_roll_s: f64,
    /// Samples put in at [`CHUNK_RATE`](crate::CHUNK_RATE) to play at a lower rate, or to last. Those of stretched
    /// pauses count among the [`pause_samples`](Self::pause_samples) too.
    pub inserted_samples: u64,
    /// Samples left out at [`CHUNK_RATE`](crate::CHUNK_RATE) to play at a higher rate.
    pub removed_samples: u64,
    /// Most fragments that have waited for an earlier one at once.
    pub reorder_depth: u64,
    /// Seconds of audio that wait to be heard, smoothed.
    pub level_s: f64,
    /// Seconds that are kept in the hard ring.
    pub target_s: f64,
    /// Seconds of slack with which it is safe to begin: how much later than promised chunks come.
    pub margin_s: f64,
    /// Seconds by which what follows comes sooner than it is needed; below zero it is going to be late. 0 while
    /// nothing plays or nothing follows.
    pub slack_s: f64,
    /// By how much the speech that plays is to be slowed down, 1 to 1.1.
    pub slow_down: f64,
}
