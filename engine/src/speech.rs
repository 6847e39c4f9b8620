//! What becomes of an utterance.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use sostenuto_inference::Voice;
use sostenuto_playback::Epoch;

/// Something that happened to an utterance, at the time its listener noticed.
#[derive(Clone, Debug, PartialEq)]
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
    /// The sink goes no further. Nothing follows.
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
    pub(crate) events: Receiver<SpeechEvent>,
    pub(crate) shared: Arc<SpokenUtterance>,
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
}

impl Speech {
    /// Waits until the utterance is finished, stopped or failed.
    pub fn wait(&self) -> Outcome {
        let mut ttfa = None;
        loop {
            let event = self.events.recv().unwrap_or_else(|_| closed());
            if let SpeechEvent::Audible { ttfa: heard } = event {
                ttfa = Some(heard);
            }
            if event.is_last() {
                return self.outcome(event, ttfa);
            }
        }
    }

    fn outcome(&self, end: SpeechEvent, ttfa: Option<Duration>) -> Outcome {
        Outcome {
            end,
            ttfa,
            fragments: self.shared.fragments.load(Ordering::Relaxed),
            failed_fragments: self.shared.failed.load(Ordering::Relaxed),
            dropped_symbols: self.shared.dropped.load(Ordering::Relaxed),
        }
    }
}

fn closed() -> SpeechEvent {
    SpeechEvent::Failed { reason: "the stream was closed".to_string() }
}

/// What the stages know of an utterance; shared by all clauses, fragments and chunks of it.
#[derive(Debug)]
pub(crate) struct SpokenUtterance {
    pub(crate) number: u64,
    pub(crate) epoch: Epoch,
    pub(crate) accepted: Duration,
    pub(crate) voice: Arc<Voice>,
    pub(crate) speed: f32,
    pub(crate) seed: u64,
    pub(crate) events: Sender<SpeechEvent>,
    pub(crate) fragments: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) dropped: AtomicU64,
}

impl SpokenUtterance {
    /// Tells the owner. An owner who does not listen, or is gone, misses it: no stage waits for anybody.
    pub(crate) fn tell(&self, event: SpeechEvent) {
        let _ = self.events.try_send(event);
    }
}
