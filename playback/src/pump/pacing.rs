//! What the pump learns of its listener and its producers, and decides from it: when to begin, how much to keep in the
//! hard ring, and what to stretch.

use std::time::Duration;

use crate::level::LevelFilter;
use crate::levers::{Factors, levers};
use crate::margin::ArrivalMargin;
use crate::start_gate::{Prospect, StartGate};
use crate::target::RingTarget;
use crate::{Format, Outlook};

/// What the ring and the queue hold at a step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    /// Seconds in the hard ring.
    pub(super) ring: f64,
    /// Seconds in the soft queue, at the listener's rate.
    pub(super) queue: f64,
    /// Of these, pauses.
    pub(super) pauses: f64,
    /// Seconds of the epoch's audio that were heard, at the tempo at which they were made.
    pub(super) played: f64,
}

/// The estimators and levers of one stream.
#[derive(Debug)]
pub(super) struct Pacing {
    period: f64,
    rate: u32,
    pub(super) gate: StartGate,
    margin: ArrivalMargin,
    target: RingTarget,
    level: LevelFilter,
    /// When the last step was, and what it left in the ring, in seconds.
    left: Option<(Duration, f64)>,
    /// When the pump wanted to be stepped again.
    wanted: Option<Duration>,
    /// Times that the ring was short, as last seen.
    underruns: u64,
    slack: f64,
    factors: Factors,
    starved: Duration,
}

impl Pacing {
    pub(super) fn new(format: Format) -> Self {
        let period = f64::from(format.period) / f64::from(format.rate.max(1));
        Self {
            period,
            rate: format.rate,
            gate: StartGate::new(StartGate::MOST),
            margin: ArrivalMargin::default(),
            target: RingTarget::new(period),
            level: LevelFilter::default(),
            left: None,
            wanted: None,
            underruns: 0,
            slack: 0.0,
            factors: Factors::NONE,
            starved: Duration::ZERO,
        }
    }

    /// Begins a step at `now`: learns how late it is and what the callbacks took since the last one. Returns the
    /// target of the hard ring, in frames.
    pub(super) fn begin_step(&mut self, now: Duration, ring: f64, underruns: u64, plays: bool) -> usize {
        if let (true, Some((at, left))) = (plays, self.left) {
            let passed = now.saturating_sub(at).as_secs_f64();
            let taken = left - ring;
            if taken > 0.0 {
                self.target.note_burst(taken - passed - self.period);
            }
            // A step before its time was called for by something else.
            if let Some(late) = self.wanted.and_then(|wanted| now.checked_sub(wanted)) {
                self.target.note_lateness(late.as_secs_f64());
            }
            if underruns > self.underruns && left >= self.target.seconds() {
                self.target.note_short();
            }
        }
        self.underruns = underruns;
        (self.target.at(now) * f64::from(self.rate)).ceil() as usize
    }

    /// Adds what passed since the last step to the time starved.
    pub(super) fn note_starved(&mut self, now: Duration) {
        self.starved += self.left.map_or(Duration::ZERO, |(at, _)| now.saturating_sub(at));
    }

    /// Takes note that a chunk came at `now` that was `promised`.
    pub(super) fn note_arrival(&mut self, now: Duration, promised: Duration) {
        self.margin.note(now.as_secs_f64() - promised.as_secs_f64());
    }

    /// Whether an utterance begins at `now`. `ends`: all of it is there.
    pub(super) fn may_begin(
        &mut self,
        now: Duration,
        outlook: Option<Outlook>,
        ends: bool,
        held: Held,
        rate: f64,
    ) -> bool {
        let prospect = outlook.filter(|_| !ends).map(|outlook| Prospect {
            slack: outlook.slack(now, held.played, rate),
            margin: self.margin.seconds(),
            waiting_helps: outlook.waiting_helps,
        });
        self.gate.opens(now, prospect)
    }

    /// What is stretched while it plays, and how much slack there is; without an `outlook` nothing follows that could
    /// be late.
    pub(super) fn pull_levers(
        &mut self,
        now: Duration,
        outlook: Option<Outlook>,
        held: Held,
        rate: f64,
    ) -> Factors {
        self.slack = outlook.map_or(0.0, |outlook| outlook.slack(now, held.played, rate));
        self.factors = levers(self.slack, held.pauses, held.queue);
        self.factors
    }

    /// Takes note that a pause was stretched by `seconds`.
    pub(super) fn note_inserted(&mut self, seconds: f64) {
        self.slack += seconds;
        self.level.insert(seconds);
    }

    /// Ends a step at `now`, which left so much.
    pub(super) fn end_step(&mut self, now: Duration, held: Held, wanted: Option<Duration>) {
        self.left = Some((now, held.ring));
        self.wanted = wanted;
        self.level.note(now, held.ring + held.queue, self.target.seconds());
    }

    /// Forgets what it knows of the epoch.
    pub(super) fn restart(&mut self) {
        self.gate.forget();
        self.slack = 0.0;
        self.factors = Factors::NONE;
    }

    pub(super) fn margin(&self) -> f64 {
        self.margin.seconds()
    }

    pub(super) const fn slack(&self) -> f64 {
        self.slack
    }

    pub(super) const fn slow_down(&self) -> f64 {
        self.factors.slow_down
    }

    pub(super) const fn level(&self) -> f64 {
        self.level.seconds()
    }

    pub(super) const fn target(&self) -> f64 {
        self.target.seconds()
    }

    pub(super) const fn starved(&self) -> Duration {
        self.starved
    }
}
