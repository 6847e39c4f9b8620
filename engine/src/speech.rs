//! What becomes of an utterance.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sostenuto_inference::{Prosody, Voice};
use sostenuto_playback::{ChunkMark, Epoch, MonotonicClock};

use crate::event_queue::EventQueue;
use crate::marks::{Mark, MarkTable};
use crate::placed_marks::PlacedMarks;
use crate::planner::Planned;
use crate::speech_event::{Heard, NoEvent, SpeechEvent};

/// An utterance that was accepted.
///
/// What happens to it is read event by event ([`next_event`](Self::next_event) and its kin), in order, each by one
/// reader; or waited for ([`wait`](Self::wait), [`wait_audible`](Self::wait_audible)), by any number of threads, which
/// takes no event away. Of every utterance there is exactly one last event: finished, stopped or failed.
///
/// Dropping it does not stop the speech.
#[derive(Debug)]
pub struct Speech {
    spoken: Arc<SpokenUtterance>,
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
    /// Events that were let go because more happened than
    /// [`EventOptions::unread`](crate::EventOptions::unread) may wait to be read.
    pub missed_events: u64,
}

impl Speech {
    pub(crate) fn new(spoken: Arc<SpokenUtterance>) -> Self {
        Self { spoken }
    }

    /// Waits for the next event. `None` once the last one has been taken.
    pub fn next_event(&self) -> Option<Heard> {
        self.spoken.events.next(None).ok()
    }

    /// As [`next_event`](Self::next_event), for so long at most.
    ///
    /// # Errors
    /// [`NoEvent`] tells whether to ask again.
    pub fn next_event_within(&self, timeout: Duration) -> Result<Heard, NoEvent> {
        self.spoken.events.next(Instant::now().checked_add(timeout))
    }

    /// The next event, if it has happened.
    ///
    /// # Errors
    /// [`NoEvent`] tells whether to ask again.
    pub fn try_next_event(&self) -> Result<Heard, NoEvent> {
        self.spoken.events.try_next()
    }

    /// Every event from now on, each as it happens, up to the last.
    pub fn events(&self) -> impl Iterator<Item = Heard> + '_ {
        std::iter::from_fn(|| self.next_event())
    }

    /// The moment of an event, whose [`Heard::at`] is `at`.
    pub fn instant_of(&self, at: Duration) -> Instant {
        self.spoken.clock.instant_of(at)
    }

    /// Waits until the utterance is finished, stopped or failed.
    pub fn wait(&self) -> Outcome {
        self.outcome(self.spoken.events.wait_for_end(None).unwrap_or_else(closed))
    }

    /// As [`wait`](Self::wait), for so long at most; `None` where it goes on then.
    pub fn wait_within(&self, timeout: Duration) -> Option<Outcome> {
        let end = self.spoken.events.wait_for_end(Instant::now().checked_add(timeout))?;
        Some(self.outcome(end))
    }

    /// Waits until the utterance is heard; returns its TTFA, or `None` when it ended without a sound.
    pub fn wait_audible(&self) -> Option<Duration> {
        self.spoken.events.wait_for_sound()
    }

    fn outcome(&self, end: SpeechEvent) -> Outcome {
        let spoken = &self.spoken;
        Outcome {
            end,
            ttfa: spoken.events.ttfa(),
            fragments: spoken.fragments.load(Ordering::Relaxed),
            failed_fragments: spoken.failed.load(Ordering::Relaxed),
            dropped_symbols: spoken.dropped.load(Ordering::Relaxed),
            marks: spoken.marks.lock().unwrap_or_else(PoisonError::into_inner).heard(),
            missed_events: spoken.events.missed(),
        }
    }
}

impl Drop for Speech {
    fn drop(&mut self) {
        self.spoken.events.let_go();
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
    pub(crate) clock: MonotonicClock,
    pub(crate) accepted: Duration,
    pub(crate) voice: Arc<Voice>,
    pub(crate) prosody: Prosody,
    pub(crate) seed: u64,
    /// Marks are wanted, as events or in the outcome.
    pub(crate) wants_marks: bool,
    /// Marks are wanted as events.
    pub(crate) tells_marks: bool,
    pub(crate) marks: Mutex<MarkTable>,
    pub(crate) events: EventQueue,
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

    /// Notes a mark that begins to be heard, and gives it back if it is to be told.
    pub(crate) fn hear(&self, index: u32, samples: Range<u64>) -> Option<Mark> {
        let mut table = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        table.hear(index, samples).filter(|_| self.tells_marks)
    }

    /// Tells the owner of what happened at `at`, unless it was over. No stage waits for anybody: returns whether an
    /// older event was let go unread.
    pub(crate) fn tell(&self, event: SpeechEvent, at: Duration) -> bool {
        self.events.tell(Heard { event, at })
    }

    /// Tells the owner that it cannot be spoken.
    pub(crate) fn fail(&self, reason: String) {
        self.tell(SpeechEvent::Failed { reason }, self.clock.now());
    }
}
