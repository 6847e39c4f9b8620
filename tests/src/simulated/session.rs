//! A session that is what its fragments cost.

use std::time::Duration;

use sostenuto_engine::cost::CostPrior;
use sostenuto_engine::workload::{Candidate, Standing, Workload};
use sostenuto_inference::SessionKind;
use sostenuto_playback::Tag;

use super::{Costs, Pace};

/// What an interrupted session works on until it lets go, in seconds at its usual pace.
const LET_GO: f64 = 0.03;

/// A fragment that a session was given.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) stream: usize,
    pub(super) tag: Tag,
    pub(super) tokens: usize,
    pub(super) pause_s: f64,
    pub(super) opening: bool,
    pub(super) may_be_late: bool,
}

/// How a session was done with a fragment.
pub(super) enum Outcome {
    /// It gave so many seconds of audio.
    Spoken(f64),
    /// It was stopped, or took too long.
    Interrupted,
}

#[derive(Debug)]
struct Busy {
    /// `None` once it was given up on, or another session speaks it.
    given: Option<Given>,
    begun: f64,
    end: f64,
    audio_s: f64,
    interrupted: bool,
}

/// A session, and what became of its fragments.
#[derive(Debug)]
pub struct Simulated {
    kind: SessionKind,
    work: Workload,
    costs: Costs,
    pace: Pace,
    ready_at: f64,
    busy: Option<Busy>,
    hangs: bool,
    /// Fragments that it spoke: when it began them, their seconds of audio, and how long it took over what it had
    /// promised, as a ratio.
    pub spoken: Vec<(f64, f64, f64)>,
    /// Fragments that took too long.
    pub timeouts: usize,
    /// Fragments that another session spoke.
    pub taken_over: usize,
}

impl Simulated {
    /// A session of which as much is known beforehand as of any, which is ready.
    pub fn new(kind: SessionKind, costs: Costs) -> Self {
        Self {
            kind,
            work: Workload::new(sostenuto_engine::prior(kind)),
            costs,
            pace: Pace::default(),
            ready_at: 0.0,
            busy: None,
            hangs: false,
            spoken: Vec::new(),
            timeouts: 0,
            taken_over: 0,
        }
    }

    /// As it is, but at another pace.
    #[must_use]
    pub fn at(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// As it is, but loaded only at `ready_at`, in seconds.
    #[must_use]
    pub fn loading_until(self, ready_at: f64) -> Self {
        Self { ready_at, ..self }
    }

    /// As it is, but believed to cost something else before it has spoken.
    #[must_use]
    pub fn believed(self, prior: CostPrior) -> Self {
        Self { work: Workload::new(prior), ..self }
    }

    /// Whether it does nothing.
    pub fn is_idle(&self) -> bool {
        self.busy.is_none()
    }

    /// Seconds of audio that it spoke.
    pub fn audio_s(&self) -> f64 {
        self.spoken.iter().map(|(_, audio_s, _)| audio_s).sum()
    }

    pub(super) fn is_fast(&self) -> bool {
        self.kind == SessionKind::Fast
    }

    pub(super) fn audio_seconds(&self, tokens: usize) -> f64 {
        self.work.audio_seconds(tokens, 1.0)
    }

    pub(super) fn candidate(&self, now: f64) -> Candidate<'_> {
        let standing = if self.hangs {
            Standing::Gone
        } else if now < self.ready_at {
            Standing::Loading
        } else {
            Standing::Ready { speaks: true }
        };
        Candidate { kind: self.kind, standing, work: &self.work }
    }

    pub(super) fn next_event(&self) -> Option<f64> {
        self.busy.as_ref().map(|busy| busy.end)
    }

    pub(super) fn begin(&mut self, now: f64, given: Given) {
        assert!(self.busy.is_none(), "a session was given two fragments at once");
        self.work.begin(Duration::from_secs_f64(now), given.tokens, 1.0, given.opening);
        let (seconds, audio_s) = self.costs.next(given.tokens);
        let end = self.pace.done(now, seconds);
        self.busy = Some(Busy { given: Some(given), begun: now, end, audio_s, interrupted: false });
    }

    pub(super) fn report(&mut self, now: f64) -> Option<(Given, Outcome)> {
        let Busy { given, begun, end, audio_s, interrupted } = self.busy.take_if(|busy| busy.end <= now)?;
        let seconds = end - begun;
        // It has let go at last.
        self.hangs = false;
        self.timeouts += usize::from(self.work.timed_out());
        let Some(given) = given else {
            self.work.end(seconds, None);
            return None;
        };
        let promise = self.work.cost().promise(given.tokens);
        self.work.end(seconds, (!interrupted).then_some(audio_s));
        if interrupted {
            return Some((given, Outcome::Interrupted));
        }
        self.spoken.push((begun, audio_s, seconds / promise));
        Some((given, Outcome::Spoken(audio_s)))
    }

    /// The fragment that it may be relieved of.
    pub(super) fn spare(&self) -> Option<(Given, usize)> {
        let tokens = self.work.relievable()?;
        let given = self.busy.as_ref()?.given.as_ref().filter(|given| given.may_be_late)?;
        Some((given.clone(), tokens))
    }

    /// Takes its fragment away from it for another session to speak.
    pub(super) fn relieve(&mut self, now: f64) -> Option<Given> {
        self.work.relieve();
        self.taken_over += 1;
        self.interrupt(now);
        self.busy.as_mut()?.given.take()
    }

    pub(super) fn stop(&mut self, now: f64, stream: usize) {
        let speaks = |busy: &Busy| busy.given.as_ref().is_some_and(|given| given.stream == stream);
        if self.busy.as_ref().is_some_and(speaks) {
            self.interrupt(now);
        }
    }

    pub(super) fn end_overdue(&mut self, now: f64) -> f64 {
        let clock = Duration::from_secs_f64(now);
        if self.work.times_out(clock) {
            self.interrupt(now);
        }
        self.work.look_in(clock)
    }

    /// The fragment that it does not let go of.
    pub(super) fn lost(&mut self, now: f64) -> Option<Given> {
        if !self.work.hangs(Duration::from_secs_f64(now)) {
            return None;
        }
        self.hangs = true;
        self.timeouts += 1;
        self.busy.as_mut()?.given.take()
    }

    fn interrupt(&mut self, now: f64) {
        if let Some(busy) = &mut self.busy {
            let end = self.pace.done(now, LET_GO);
            // What is done sooner than an interrupt is heard was spoken.
            if end < busy.end {
                busy.end = end;
                busy.interrupted = true;
            }
        }
    }
}
