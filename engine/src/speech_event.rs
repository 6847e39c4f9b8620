//! What the owner of an utterance is told, and when it was heard.

use std::time::Duration;

use crate::marks::Mark;

/// Something that happened to an utterance.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SpeechEvent {
    /// Its first audible sample (above -60 dBFS) is heard, so long after it was accepted (TTFA).
    Audible {
        /// Time to first audio.
        ttfa: Duration,
    },
    /// A word, a sentence or a point that the text names begins to be heard; told where
    /// [`EventOptions::marks`](crate::EventOptions::marks) asks for it. A sentence is told once, with as much of it as
    /// is known then: one that is spoken in several fragments goes on after `text` and `samples`.
    Mark(Mark),
    /// Its last sample has been heard. Nothing follows.
    Finished,
    /// It was stopped and is silent. Nothing follows.
    Stopped,
    /// It cannot be spoken: its language cannot be read, or the sink goes no further. Nothing follows.
    Failed {
        /// Why, for people.
        reason: String,
    },
}

impl SpeechEvent {
    /// Whether nothing follows it.
    pub fn is_last(&self) -> bool {
        matches!(self, Self::Finished | Self::Stopped | Self::Failed { .. })
    }
}

/// An event, with the moment at which the listener noticed.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// What happened.
    pub event: SpeechEvent,
    /// When, on the engine's clock; [`Speech::instant_of`](crate::Speech::instant_of) makes an `Instant` of it.
    ///
    /// For a sound and a mark this is when the device plays its first sample, as far as the device tells its latency.
    /// For an end it is when the pump found that it is over, which is as soon as it wakes after the last sample.
    pub at: Duration,
}

/// Why there is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoEvent {
    /// None happened in the time given. Ask again.
    #[error("nothing has happened yet")]
    NotYet,
    /// The last event was taken. None will follow.
    #[error("the utterance is over, and all its events were taken")]
    Over,
}

/// What an utterance's [`Speech`](crate::Speech) is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventOptions {
    /// Whether it is told of words, sentences and the points that the text names, as they are heard.
    pub marks: bool,
    /// Events that may wait unread, at least 1. Where more happen, the oldest are let go and counted: whoever reads too
    /// late learns where the speech is now. The last event has a place of its own, and is never let go.
    pub unread: usize,
}

impl Default for EventOptions {
    /// No marks, and room for 64 events: about 20 s of words.
    fn default() -> Self {
        Self { marks: false, unread: 64 }
    }
}
