//! What a session costs, and what it is at. Pure: no clock, no thread, no model.

use std::time::Duration;

use sostenuto_g2p::vocabulary::MAX_TOKENS;
use sostenuto_inference::SessionKind;

use crate::cost::{
    CostModel, CostPrior, LengthModel, largest_bearable, largest_secured_within, largest_within, timeout,
};
use crate::policy::Prospect;

/// How long an interrupted session may take to let go of its fragment before it counts as hanging.
pub const GRACE: Duration = Duration::from_secs(5);
/// What a fragment that is past its promise is expected to take yet, as a share of the promise.
const OVERDUE: f64 = 0.1;

/// The fragment that a session is at.
#[derive(Clone, Copy, Debug)]
struct Current {
    tokens: usize,
    speed: f64,
    opening: bool,
    begun: Duration,
    promise: f64,
    secured: f64,
    overdue: Duration,
    timed_out: bool,
    taken_over: bool,
}

/// A session's costs as learnt so far, and the clock of the fragment that it is at.
#[derive(Clone, Debug)]
pub struct Workload {
    cost: CostModel,
    length: LengthModel,
    in_parts: bool,
    current: Option<Current>,
}

impl Workload {
    /// That of a session that has not spoken yet.
    pub fn new(prior: CostPrior) -> Self {
        Self { cost: CostModel::new(prior), length: LengthModel::default(), in_parts: false, current: None }
    }

    /// As it is, of a session that hands fragments out in several parts.
    #[must_use]
    pub fn in_parts(self) -> Self {
        Self { in_parts: true, ..self }
    }

    /// Whether it hands fragments out in several parts, so that one sounds before it is done.
    pub fn gives_parts(&self) -> bool {
        self.in_parts
    }

    /// What it has learnt of its costs.
    pub fn cost(&self) -> &CostModel {
        &self.cost
    }

    /// Predicted seconds of audio of `tokens` tokens at tempo `speed`.
    pub fn audio_seconds(&self, tokens: usize, speed: f64) -> f64 {
        self.length.expected(tokens, speed)
    }

    /// Whether it is at the first fragment of an utterance whose listener waits.
    pub fn speaks_opening(&self) -> bool {
        self.current.is_some_and(|current| current.opening)
    }

    /// Seconds until it is free, 0 when it is.
    pub fn free_in(&self, now: Duration) -> f64 {
        self.current.map_or(0.0, |current| {
            let spent = now.saturating_sub(current.begun).as_secs_f64();
            (current.promise - spent).max(OVERDUE * current.promise)
        })
    }

    /// Seconds until it is done with what it is at even if it stalls, 0 when it is free.
    pub fn secured_in(&self, now: Duration) -> f64 {
        self.current.map_or(0.0, |current| {
            let spent = now.saturating_sub(current.begun).as_secs_f64();
            (current.secured - spent).max(OVERDUE * current.promise)
        })
    }

    /// The most tokens of a fragment that a listener who runs dry in `deadline` seconds can bear to stall, what the
    /// session is at being done first.
    pub fn largest_bearable(&self, now: Duration, deadline: f64) -> usize {
        largest_bearable(&self.cost, deadline - self.free_in(now)).min(MAX_TOKENS)
    }

    /// The most tokens that are promised within `deadline` seconds from now, what it is at being done first.
    pub fn largest_within(&self, now: Duration, deadline: f64) -> usize {
        largest_within(&self.cost, deadline - self.free_in(now)).min(MAX_TOKENS)
    }

    /// The most tokens of a fragment that is done within `deadline` even if it stalls, what the session is at being done
    /// first.
    pub fn largest_secured_within(&self, now: Duration, deadline: f64) -> usize {
        largest_secured_within(&self.cost, deadline - self.free_in(now)).min(MAX_TOKENS)
    }

    /// It begins a fragment of `tokens` tokens at tempo `speed`. It must be free.
    pub fn begin(&mut self, now: Duration, tokens: usize, speed: f64, opening: bool) {
        self.current = Some(Current {
            tokens,
            speed,
            opening,
            begun: now,
            promise: self.cost.promise(tokens),
            secured: self.cost.secured(tokens),
            overdue: now + timeout(&self.cost, tokens),
            timed_out: false,
            taken_over: false,
        });
    }

    /// It is done with its fragment after `seconds`, and learns from that: `audio_s` seconds of audio, or `None` of a
    /// fragment that was interrupted or failed.
    pub fn end(&mut self, seconds: f64, audio_s: Option<f64>) {
        let Some(current) = self.current.take() else { return };
        if let Some(audio_s) = audio_s {
            self.cost.observe(current.tokens, seconds);
            self.length.observe(current.tokens, current.speed, audio_s);
        } else if (current.timed_out || current.taken_over) && seconds > self.cost.expected(current.tokens) {
            // It would have taken at least as long.
            self.cost.observe(current.tokens, seconds);
        }
    }

    /// Tokens of its fragment, while another session may still speak that.
    pub fn relievable(&self) -> Option<usize> {
        self.current.filter(|current| !current.taken_over && !current.timed_out).map(|current| current.tokens)
    }

    /// Another session speaks its fragment.
    pub fn relieve(&mut self) {
        if let Some(current) = &mut self.current {
            current.taken_over = true;
        }
    }

    /// Whether another session speaks its fragment.
    pub fn is_relieved(&self) -> bool {
        self.current.is_some_and(|current| current.taken_over)
    }

    /// Whether its fragment was interrupted because it took too long.
    pub fn timed_out(&self) -> bool {
        self.current.is_some_and(|current| current.timed_out)
    }

    /// Whether its fragment is overdue, and has not been interrupted for it.
    pub fn is_overdue(&self, now: Duration) -> bool {
        self.current.is_some_and(|current| now >= current.overdue && !current.timed_out)
    }

    /// Whether its fragment has just become overdue, and is to be interrupted. True once for a fragment.
    pub fn times_out(&mut self, now: Duration) -> bool {
        let is_overdue = self.is_overdue(now);
        self.current.as_mut().filter(|_| is_overdue).map(|current| current.timed_out = true).is_some()
    }

    /// Seconds until [`times_out`](Self::times_out) or [`hangs`](Self::hangs) is to be asked again.
    pub fn look_in(&self, now: Duration) -> f64 {
        self.current.map_or(f64::INFINITY, |current| {
            let next = if current.timed_out { current.overdue + GRACE } else { current.overdue };
            next.saturating_sub(now).as_secs_f64()
        })
    }

    /// Whether it does not let go of its fragment: it hangs. True once; the fragment is forgotten.
    pub fn hangs(&mut self, now: Duration) -> bool {
        self.current.take_if(|current| current.timed_out && now >= current.overdue + GRACE).is_some()
    }
}

/// Whether a session can be given something to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is being loaded.
    Loading,
    /// It is there, and speaks the voice in question or not.
    Ready {
        /// Whether it does.
        speaks: bool,
    },
    /// It is not there any more, or hangs.
    Gone,
}

/// A session that a fragment may be given to.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The model it runs.
    pub kind: SessionKind,
    /// Whether it is there.
    pub standing: Standing,
    /// What it costs and what it is at.
    pub work: &'a Workload,
}

impl Candidate<'_> {
    /// Whether it is there.
    pub fn is_ready(&self) -> bool {
        matches!(self.standing, Standing::Ready { .. })
    }

    /// Whether it runs the small model.
    pub fn is_fast(&self) -> bool {
        self.kind == SessionKind::Fast
    }

    /// What it can do about a fragment of `tokens` tokens.
    pub fn prospect(&self, now: Duration, tokens: usize) -> Prospect {
        let (speaks, free_in) = match self.standing {
            Standing::Loading => (true, None),
            Standing::Ready { speaks } => (speaks, Some(self.work.free_in(now))),
            Standing::Gone => (false, None),
        };
        Prospect { kind: self.kind, speaks, free_in, promise: self.work.cost.promise(tokens) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIOR: CostPrior = CostPrior { c0_s: 0.1, c1_s_per_token: 0.01, spread: 0.05 };

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn it_is_free_when_it_has_kept_its_promise_and_soon_when_it_has_not() {
        let mut work = Workload::new(PRIOR);
        assert_eq!(work.free_in(at(1.0)), 0.0);
        work.begin(at(1.0), 50, 1.0, false);
        let promise = work.cost().promise(50);
        assert!((work.free_in(at(1.2)) - (promise - 0.2)).abs() < 1e-9);
        assert!((work.free_in(at(60.0)) - 0.1 * promise).abs() < 1e-9);
        work.end(0.6, Some(3.0));
        assert_eq!(work.free_in(at(60.0)), 0.0);
    }

    #[test]
    fn it_times_out_once_and_hangs_once() {
        let mut work = Workload::new(PRIOR);
        work.begin(at(0.0), 10, 1.0, false);
        let overdue = work.look_in(at(0.0));
        assert!(!work.times_out(at(overdue - 0.01)));
        assert!(work.times_out(at(overdue)) && !work.times_out(at(overdue)));
        assert!((work.look_in(at(overdue)) - GRACE.as_secs_f64()).abs() < 1e-6);
        assert!(!work.hangs(at(overdue)));
        assert!(work.hangs(at(overdue) + GRACE) && !work.hangs(at(overdue) + GRACE));
    }

    #[test]
    fn what_was_taken_from_it_late_is_learnt_from_and_what_was_taken_early_is_not() {
        let mut work = Workload::new(PRIOR);
        let before = work.cost().expected(50);
        for (seconds, learns) in [(0.5 * before, false), (1.5 * before, true)] {
            work.begin(at(0.0), 50, 1.0, false);
            work.relieve();
            work.end(seconds, None);
            assert_eq!(work.cost().expected(50) > before, learns);
        }
    }
}
