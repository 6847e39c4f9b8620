//! A session as the dispatcher sees it: what it can do, what it costs, and what it is at.

use std::sync::Arc;
use std::time::Duration;

use rtrb::{Consumer, Producer};
use sostenuto_inference::{Prosody, ProviderReport, SessionKind, Voice, Voices};
use sostenuto_playback::Tag;

use super::answers::{Answers, MOST_ASKED};
use super::running::Running;
use super::session::{Job, Order, Report};
use crate::LoadError;
use crate::cost::CostPrior;
use crate::session_stats::{SessionState, SessionStats};
use crate::waker::Waker;
use crate::workload::{Candidate, Standing, Workload};

/// Slots that a fragment needs besides its parts: the chunk that closes it.
const CLOSING_SLOTS: usize = 1;
/// Slots that there must be for orders, and for reports besides those of loading: a fragment and the questions.
pub(crate) const ORDER_SLOTS: usize = 1 + MOST_ASKED;

enum State {
    Loading,
    Ready(Voices),
    /// It is at a fragment that it does not let go of.
    Hanging {
        voices: Voices,
        /// Another session speaks that fragment.
        relieved: bool,
    },
    Gone(LoadError),
}

/// The fragment that a session is at.
struct Busy {
    tag: Tag,
    pause_s: f64,
    /// Who speaks, and how.
    voice: Arc<Voice>,
    prosody: Prosody,
    /// What another session speaks if this one is late.
    spare: Option<Assigned>,
}

/// A fragment that a session is given.
#[derive(Clone)]
pub(crate) struct Assigned {
    pub(crate) job: Job,
    pub(crate) tokens: usize,
    pub(crate) pause_s: f64,
    pub(crate) opening: bool,
}

/// A session's place in the dispatcher.
pub(crate) struct Slot {
    pub(crate) kind: SessionKind,
    max_parts: usize,
    state: State,
    ready_after: Option<Duration>,
    report: Option<ProviderReport>,
    bytes: u64,
    work: Workload,
    answers: Answers,
    /// Without it the session ends.
    orders: Option<Producer<Order>>,
    reports: Consumer<Report>,
    running: Arc<Running>,
    waker: Waker,
    busy: Option<Busy>,
    fragments: u64,
    timeouts: u64,
    taken_over: u64,
}

/// The dispatcher's ends of a session.
pub(crate) struct SessionEnds {
    pub(crate) orders: Producer<Order>,
    pub(crate) reports: Consumer<Report>,
    pub(crate) running: Arc<Running>,
    pub(crate) waker: Waker,
}

impl Slot {
    /// A session that is being loaded.
    pub(crate) fn new(kind: SessionKind, max_parts: usize, prior: CostPrior, ends: SessionEnds) -> Self {
        // The quality session does so only where it streams, and that is known of each fragment.
        let hands_out_parts = kind == SessionKind::Fast && max_parts > 1;
        let work = Workload::new(prior);
        let SessionEnds { orders, reports, running, waker } = ends;
        Self {
            kind,
            max_parts,
            state: State::Loading,
            ready_after: None,
            report: None,
            bytes: 0,
            work: if hands_out_parts { work.in_parts() } else { work },
            answers: Answers::default(),
            orders: Some(orders),
            reports,
            running,
            waker,
            busy: None,
            fragments: 0,
            timeouts: 0,
            taken_over: 0,
        }
    }

    pub(crate) fn next_report(&mut self) -> Option<Report> {
        self.reports.pop().ok()
    }

    pub(crate) fn become_ready(
        &mut self,
        voices: Voices,
        report: Option<ProviderReport>,
        bytes: u64,
        now: Duration,
    ) {
        if let State::Gone(_) = self.state {
            // It was dropped while it was being loaded.
            return;
        }
        self.state = State::Ready(voices);
        self.report = report;
        self.bytes = bytes;
        self.ready_after = Some(now);
        tracing::debug!(session = %self.kind, after_ms = now.as_millis() as u64, "session ready");
    }

    pub(crate) fn fail(&mut self, error: LoadError) {
        self.state = State::Gone(error);
    }

    /// Lets the session end, once it is done with what it is at.
    pub(crate) fn drop_session(&mut self) {
        self.state = State::Gone("it was dropped to save memory".into());
        self.orders = None;
        self.running.want();
        self.waker.wake();
    }

    pub(crate) fn is_fast(&self) -> bool {
        self.kind == SessionKind::Fast
    }

    /// The most chunks that a fragment comes in.
    pub(crate) fn most_chunks(&self) -> usize {
        self.max_parts + CLOSING_SLOTS
    }

    /// What the decisions need to know of it, for a fragment of `voice`, spoken like this.
    pub(crate) fn candidate(&self, voice: &Voice, prosody: Prosody) -> Candidate<'_> {
        let standing = match &self.state {
            State::Loading => Standing::Loading,
            State::Ready(voices) => Standing::Ready { speaks: voices.include(voice) },
            State::Hanging { .. } | State::Gone(_) => Standing::Gone,
        };
        Candidate { kind: self.kind, standing, work: &self.work, streams: self.streams(voice, prosody) }
    }

    /// Whether it hands out what it speaks like this in `voice` while it is at work, as far as is known.
    pub(crate) fn streams(&self, voice: &Voice, prosody: Prosody) -> bool {
        self.answers.of(voice, prosody).unwrap_or(false)
    }

    /// Asks the session whether it streams in `voice`, spoken like this, unless it has told or been asked. Returns how long
    /// its answer is to be waited for: not at all while it speaks, for what it is given next is given after that.
    pub(crate) fn answers_within(&mut self, now: Duration, voice: &Arc<Voice>, prosody: Prosody) -> Duration {
        let State::Ready(voices) = &self.state else { return Duration::ZERO };
        if self.answers.of(voice, prosody).is_some() || !voices.include(voice) {
            return Duration::ZERO;
        }
        if let Some(orders) = &mut self.orders
            && self.answers.ask(voice, prosody)
        {
            // There is room for as many questions as may wait.
            let _ = orders.push(Order::Tell(Arc::clone(voice), prosody));
            self.running.want();
            self.waker.wake();
        }
        if self.busy.is_none() { self.answers.wait(now) } else { Duration::ZERO }
    }

    /// It has answered whether it streams in `voice`, spoken like this.
    pub(crate) fn hear_answer(&mut self, voice: &Voice, prosody: Prosody, streams: bool) {
        self.answers.hear(voice, prosody, streams);
    }

    /// How soon, as promised, a fragment of `tokens` tokens, heard at `pace`, may begin to sound after it was begun, where
    /// it `streams` or does not.
    pub(crate) fn promise(&self, streams: bool, tokens: usize, pace: f64) -> f64 {
        if streams { self.work.lead(tokens, pace) } else { self.work.cost().promise(tokens) }
    }

    /// Whether it is at a fragment.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy.is_some()
    }

    /// Has it leave what can wait.
    pub(crate) fn want(&self) {
        self.running.want();
    }

    /// Takes note of what the session has handed out of its fragment.
    pub(crate) fn note_progress(&mut self, now: Duration) {
        if self.busy.is_some() && self.running.parts() > 0 {
            self.work.note_first(self.work.spent(now));
        }
    }

    /// Predicted seconds of audio of `tokens` tokens.
    pub(crate) fn audio_seconds(&self, tokens: usize, speed: f32) -> f64 {
        self.work.audio_seconds(tokens, f64::from(speed))
    }

    /// Gives it a fragment. It must be free. `may_be_relieved`: another session may take the fragment over.
    pub(crate) fn begin(&mut self, now: Duration, fragment: Assigned, may_be_relieved: bool) {
        let spare = may_be_relieved.then(|| fragment.clone());
        let Assigned { mut job, tokens, pause_s, opening } = fragment;
        let (voice, prosody) = (Arc::clone(&job.fragment.voice), job.fragment.prosody);
        self.work.begin(now, tokens, f64::from(prosody.speed), opening);
        if self.streams(&voice, prosody) {
            self.work.stream();
        }
        job.promised = Some(now + Duration::from_secs_f64(self.work.secured_in(now)));
        self.busy = Some(Busy { tag: job.tag, pause_s, voice, prosody, spare });
        // One fragment at a time, and room for it.
        if let Some(orders) = &mut self.orders {
            let _ = orders.push(Order::Speak(job));
        }
        self.running.want();
        self.waker.wake();
    }

    /// It is done with its fragment after `time`, the first of it having been handed out after `first`, and learns from
    /// that. Returns the pause after the fragment, in seconds, or `None` where another session speaks it.
    pub(crate) fn end(
        &mut self,
        time: Duration,
        first: Option<Duration>,
        streams: bool,
        audio_s: f64,
        was_spoken: bool,
    ) -> Option<f64> {
        let Some(busy) = self.busy.take() else {
            let mut relieved = false;
            if let State::Hanging { voices, relieved: was_relieved } = &self.state {
                tracing::warn!("the {} session has let go of its fragment at last", self.kind);
                relieved = *was_relieved;
                self.state = State::Ready(voices.clone());
            }
            return (!relieved).then_some(0.0);
        };
        self.answers.note(&busy.voice, busy.prosody, streams);
        let relieved = self.work.is_relieved();
        if let Some(first) = first {
            self.work.note_first(first.as_secs_f64());
        }
        self.fragments += u64::from(was_spoken && !relieved);
        self.timeouts += u64::from(self.work.timed_out());
        self.work.end(time.as_secs_f64(), (was_spoken && !relieved).then_some(audio_s));
        (!relieved).then_some(busy.pause_s)
    }

    /// The fragment that it may be relieved of.
    pub(crate) fn spare(&self) -> Option<(&Job, usize)> {
        let tokens = self.work.relievable()?;
        self.busy.as_ref()?.spare.as_ref().map(|spare| (&spare.job, tokens))
    }

    /// Takes its fragment away from it for another session to speak, unless something of it was heard already.
    pub(crate) fn relieve(&mut self) -> Option<Assigned> {
        let busy = self.busy.as_mut()?;
        if !self.running.take_over(busy.tag.stream, busy.tag.epoch) {
            return None;
        }
        self.work.relieve();
        self.taken_over += 1;
        busy.spare.take()
    }

    /// Whether its fragment is overdue, and has not been interrupted for it.
    pub(crate) fn is_overdue(&self, now: Duration) -> bool {
        self.work.is_overdue(now)
    }

    /// Interrupts its fragment if that is overdue. Returns after how many seconds to look again.
    pub(crate) fn interrupt_overdue(&mut self, now: Duration) -> f64 {
        if self.work.times_out(now)
            && let Some(busy) = &self.busy
        {
            self.running.time_out(busy.tag.stream, busy.tag.epoch);
        }
        self.work.look_in(now)
    }

    /// The fragment, and the first part of it that is owed unless another session speaks it, if the session does not
    /// let go of it: it hangs.
    pub(crate) fn lost(&mut self, now: Duration) -> Option<(Tag, Option<u32>)> {
        let relieved = self.work.is_relieved();
        let busy = self.busy.take_if(|_| self.work.hangs(now))?;
        self.timeouts += 1;
        if let State::Ready(voices) = &self.state {
            self.state = State::Hanging { voices: voices.clone(), relieved };
        }
        Some((busy.tag, (!relieved).then(|| self.running.parts())))
    }

    /// Why it speaks nothing, if it does not.
    pub(crate) fn why_not(&self) -> Option<String> {
        match &self.state {
            State::Gone(error) => Some(error.to_string()),
            State::Hanging { .. } => Some(format!("the {} session hangs", self.kind)),
            State::Loading | State::Ready(_) => None,
        }
    }

    pub(crate) fn stats(&self) -> SessionStats {
        let (c0, c1) = self.work.cost().coefficients();
        SessionStats {
            session: self.kind.name(),
            state: match self.state {
                State::Loading => SessionState::Loading,
                State::Ready(_) => SessionState::Ready,
                State::Hanging { .. } => SessionState::Hanging,
                State::Gone(_) => SessionState::Failed,
            },
            provider: self.report.as_ref().map(|report| report.used.to_string()),
            fallbacks: self.report.as_ref().map_or(0, |report| report.refused.len() as u64),
            memory_mb: self.bytes as f64 / 1e6,
            ready_ms: self.ready_after.map(|time| time.as_secs_f64() * 1e3),
            fragments: self.fragments,
            timeouts: self.timeouts,
            taken_over: self.taken_over,
            cost_ms: c0 * 1e3,
            cost_per_token_ms: c1 * 1e3,
            residual_q95: self.work.cost().residual_q95(),
        }
    }
}
