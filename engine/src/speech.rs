//! What becomes of an utterance.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use sostenuto_inference::{Prosody, Voice};
use sostenuto_playback::{ChunkMark, Epoch};

use crate::marks::{Mark, MarkTable};
use crate::placed_marks::PlacedMarks;
use crate::planner::Planned;

/// Something that happened to an utterance, at the time its listener noticed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SpeechEvent {
    /// Its first audible sample left the sink, so long after it was accepted (TTFA).
    Audible {
        /// Time to first audio.
        ttfa: Duration,
    },
    /// Its last sample left the sink. Nothing follows.
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
    fn is_last(&self) -> bool {
        !matches!(self, Self::Audible { .. })
    }
}

/// An utterance that was accepted.
///
/// Dropping it does not stop the speech.
#[derive(Debug)]
pub struct Speech {
    events: Receiver<SpeechEvent>,
    seen: Mutex<Vec<SpeechEvent>>,
    shared: Arc<SpokenUtterance>,
}

/// How an utterance ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// [`SpeechEvent::Finished`], [`SpeechEvent::Stopped`] or [`SpeechEvent::Failed`].
    pub end: SpeechEvent,
    /// Time to first audio; `None` when nothing audible left the sink.
    pub ttfa: Option<Duration>,
    /// Fragments that were spoken.
    pub fragments: u64,
    /// Fragments that the session could not speak; the rest was spoken.
    pub failed_fragments: u64,
    /// Symbols and characters of the text that could not be read, and were left out.
    pub dropped_symbols: u64,
    /// The marks that were heard, in order, where the utterance asked for them.
    pub marks: Vec<Mark>,
}

impl Speech {
    pub(crate) fn new(events: Receiver<SpeechEvent>, shared: Arc<SpokenUtterance>) -> Self {
        Self { events, seen: Mutex::default(), shared }
    }

    /// Waits until the utterance is finished, stopped or failed.
    pub fn wait(&self) -> Outcome {
        self.wait_for(SpeechEvent::is_last);
        self.outcome()
    }

    /// Waits until the utterance is heard; returns its TTFA, or `None` when it ended without a sound.
    pub fn wait_audible(&self) -> Option<Duration> {
        self.wait_for(|_| true);
        self.outcome().ttfa
    }

    /// Receives events until one is as wanted, or the last. What was seen is remembered.
    fn wait_for(&self, wanted: impl Fn(&SpeechEvent) -> bool) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        while !seen.iter().any(&wanted) && !seen.iter().any(SpeechEvent::is_last) {
            seen.push(self.events.recv().unwrap_or_else(|_| closed()));
        }
    }

    fn outcome(&self) -> Outcome {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let ttfa = seen.iter().find_map(|event| match event {
            SpeechEvent::Audible { ttfa } => Some(*ttfa),
            _ => None,
        });
        Outcome {
            end: seen.last().cloned().unwrap_or_else(closed),
            ttfa,
            fragments: self.shared.fragments.load(Ordering::Relaxed),
            failed_fragments: self.shared.failed.load(Ordering::Relaxed),
            dropped_symbols: self.shared.dropped.load(Ordering::Relaxed),
            marks: self.shared.marks.lock().unwrap_or_else(PoisonError::into_inner).heard(),
        }
    }
}

/// What is told of an utterance whose stream ends before it.
pub(crate) fn closed() -> SpeechEvent {
    SpeechEvent::Failed { reason: "the stream was closed".to_string() }
}

/// What the stages know of an utterance; shared by all clauses, fragments and chunks of it.
#[derive(Debug)]
pub(crate) struct SpokenUtterance {
    pub(crate) number: u64,
    pub(crate) epoch: Epoch,
    pub(crate) accepted: Duration,
    pub(crate) voice: Arc<Voice>,
    pub(crate) prosody: Prosody,
    pub(crate) seed: u64,
    pub(crate) wants_marks: bool,
    pub(crate) marks: Mutex<MarkTable>,
    pub(crate) events: Sender<SpeechEvent>,
    pub(crate) fragments: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) dropped: AtomicU64,
}

impl SpokenUtterance {
    /// Enters the marks of `planned`, if anybody wants them.
    pub(crate) fn plan_marks(&self, planned: &Planned) -> PlacedMarks {
        if !self.wants_marks {
            return PlacedMarks::default();
        }
        PlacedMarks::plan(planned, &mut self.marks.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Enters marks of these `names` that stand after everything else, if anybody wants them.
    pub(crate) fn plan_points(&self, names: Vec<String>) -> Vec<ChunkMark> {
        if !self.wants_marks {
            return Vec::new();
        }
        let mut table = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        let point = |name| ChunkMark { offset: 0, length: 0, index: table.plan_last(name) };
        names.into_iter().map(point).collect()
    }

    /// Tells the owner. An owner who does not listen, or is gone, misses it: no stage waits for anybody.
    pub(crate) fn tell(&self, event: SpeechEvent) {
        let _ = self.events.try_send(event);
    }
}
