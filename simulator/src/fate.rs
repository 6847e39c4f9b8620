//! A fragment, from the moment that it was begun until it was heard.

use std::ops::Range;

use sostenuto_playback::Tag;

/// What became of a fragment.
#[derive(Clone, Debug)]
pub struct Fate {
    /// Its place in the order.
    pub tag: Tag,
    /// The utterance that it belongs to.
    pub utterance: usize,
    /// When that was there, in seconds.
    pub said: f64,
    /// What it is of the text, in tokens.
    pub source: Range<usize>,
    /// What it is made of.
    pub phonemes: String,
    /// When it was begun, in seconds.
    pub begun: f64,
    /// When its listener would run dry without it, as known then, in seconds.
    pub due: f64,
    /// Seconds by which it was promised to be done before its listener would run dry.
    pub slack: f64,
    /// When the first of it came to playback, in seconds.
    pub came: Option<f64>,
    /// Seconds of audio and pause; `None` unless it was spoken.
    pub seconds: Option<f64>,
    /// A gap took its place.
    pub gap: bool,
    /// When the first of it was heard, in seconds.
    pub heard: Option<f64>,
    /// By how many seconds that was later than at the earliest.
    pub delay: f64,
}

impl Fate {
    /// Seconds from the moment that its utterance was there until it was heard.
    pub fn after(&self) -> Option<f64> {
        Some(self.heard? - self.said)
    }
}
