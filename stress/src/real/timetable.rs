//! When the callbacks of a sink without hardware come, and what goes wrong with them. Pure: time is a number.

use sostenuto_simulator::Scatter;

use crate::{Fault, FaultKind};

/// Something that happens once in so many seconds, now sooner, now later.
#[derive(Clone, Debug)]
pub(super) struct Recurring {
    every_s: f64,
    next_s: f64,
    scatter: Scatter,
}

impl Recurring {
    /// Once in `every_s` seconds on average, never twice within half of that.
    pub(super) fn new(every_s: f64, seed: u64) -> Self {
        let mut recurring = Self { every_s: every_s.max(1e-3), next_s: 0.0, scatter: Scatter::new(seed) };
        recurring.next_s = recurring.pause();
        recurring
    }

    fn pause(&mut self) -> f64 {
        self.every_s * (0.5 + self.scatter.share())
    }

    /// Whether it happens now, at `at_s`.
    pub(super) fn is_due(&mut self, at_s: f64) -> bool {
        if at_s < self.next_s {
            return false;
        }
        self.next_s = at_s + self.pause();
        true
    }
}

/// A disturbance of callbacks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Disturbance {
    /// They come so many seconds late, and then all at once.
    Late(f64),
    /// None is due for so many seconds.
    Stall(f64),
    /// So many come at once.
    Burst(u32),
}

/// A callback.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Callback {
    /// When a perfect clock would call.
    pub(super) due_s: f64,
    /// When it comes.
    pub(super) comes_s: f64,
}

/// When callbacks come. Seconds are those of whoever asks.
#[derive(Clone, Debug)]
pub(super) struct Timetable {
    next: Callback,
    stretch: f64,
    disturbances: Vec<(FaultKind, Recurring, Disturbance)>,
    /// When a burst comes, and how many callbacks of it are to come.
    burst: Option<(f64, u32)>,
}

impl Timetable {
    /// Callbacks from `begin_s` on, disturbed as those of `faults` say that disturb callbacks.
    pub(super) fn new(begin_s: f64, faults: &[Fault], seed: u64) -> Self {
        let (mut stretch, mut disturbances) = (1.0, Vec::new());
        for (n, fault) in faults.iter().enumerate() {
            let seed = seed.wrapping_add(n as u64);
            let (every_s, disturbance) = match *fault {
                Fault::ClockDrift { ppm } => {
                    stretch += ppm * 1e-6;
                    continue;
                }
                Fault::LateCallback { every_s, by_s } => (every_s, Disturbance::Late(by_s)),
                Fault::ConsumerStall { every_s, for_s } => (every_s, Disturbance::Stall(for_s)),
                Fault::CallbackBurst { every_s, callbacks } => (every_s, Disturbance::Burst(callbacks)),
                _ => continue,
            };
            disturbances.push((fault.kind(), Recurring::new(every_s, seed), disturbance));
        }
        let next = Callback { due_s: begin_s, comes_s: begin_s };
        Self { next, stretch, disturbances, burst: None }
    }

    /// The callback that is next.
    pub(super) fn next(&self) -> Callback {
        self.next
    }

    /// Begins anew at `at_s`: what was missed is not made up for.
    pub(super) fn restart(&mut self, at_s: f64) {
        self.next = Callback { due_s: at_s, comes_s: at_s };
        self.burst = None;
    }

    /// Goes on to the callback after the next one, which asks for `period_s` seconds. `at_s`: how far the scenario has
    /// got, if it has begun. Returns the fault that fires.
    pub(super) fn advance(&mut self, period_s: f64, at_s: Option<f64>) -> Option<FaultKind> {
        let before = self.next.comes_s;
        self.next.due_s += period_s * self.stretch;
        self.next.comes_s = self.next.due_s.max(before);
        if let Some((at_s, left)) = self.burst {
            self.next.comes_s = at_s;
            self.burst = (left > 1).then_some((at_s, left - 1));
            return None;
        }
        let at_s = at_s?;
        let due = self.disturbances.iter_mut().position(|(_, often, _)| often.is_due(at_s))?;
        let (kind, _, disturbance) = &self.disturbances[due];
        match *disturbance {
            Disturbance::Late(by_s) => self.next.comes_s += by_s,
            Disturbance::Stall(for_s) => {
                self.next.due_s += for_s;
                self.next.comes_s = self.next.due_s;
            }
            Disturbance::Burst(callbacks) => {
                // Half of them are missed first, the others come ahead of time.
                let missed = f64::from(callbacks / 2);
                self.next.comes_s += missed * period_s * self.stretch;
                self.burst = (callbacks > 1).then_some((self.next.comes_s, callbacks - 1));
            }
        }
        Some(*kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When `count` callbacks of 10 ms come, in milliseconds, the first at nought, and which faults fire.
    fn callbacks(fault: Fault, count: usize) -> (Vec<f64>, Vec<FaultKind>) {
        let mut timetable = Timetable::new(0.0, &[fault], 1);
        let mut fired = Vec::new();
        let mut comes = Vec::new();
        for _ in 0..count {
            let Callback { due_s, comes_s } = timetable.next();
            comes.push((comes_s * 1e4).round() / 10.0);
            fired.extend(timetable.advance(0.01, Some(due_s)));
        }
        (comes, fired)
    }

    /// The gaps between callbacks that are not a period.
    fn odd(comes: &[f64]) -> Vec<f64> {
        let gaps = comes.windows(2).map(|pair| ((pair[1] - pair[0]) * 10.0).round() / 10.0);
        gaps.filter(|&gap| gap != 10.0).collect()
    }

    #[test]
    fn callbacks_that_come_late_are_made_up_for_at_once() {
        let (comes, fired) = callbacks(Fault::LateCallback { every_s: 0.4, by_s: 0.035 }, 55);
        assert_eq!(fired, [FaultKind::LateCallback]);
        assert_eq!(odd(&comes), [45.0, 0.0, 0.0, 0.0, 5.0]);
        assert_eq!(comes[54], 540.0);
    }

    #[test]
    fn a_stall_is_not_made_up_for() {
        let (comes, fired) = callbacks(Fault::ConsumerStall { every_s: 0.4, for_s: 0.2 }, 55);
        assert_eq!(fired, [FaultKind::ConsumerStall]);
        assert_eq!(odd(&comes), [210.0]);
    }

    #[test]
    fn a_burst_is_half_late_and_half_ahead_of_time() {
        let (comes, fired) = callbacks(Fault::CallbackBurst { every_s: 0.4, callbacks: 6 }, 55);
        assert_eq!(fired, [FaultKind::CallbackBurst]);
        assert_eq!(odd(&comes), [40.0, 0.0, 0.0, 0.0, 0.0, 0.0, 30.0]);
        assert_eq!(comes[54], 540.0);
    }

    #[test]
    fn a_clock_drifts() {
        let (comes, fired) = callbacks(Fault::ClockDrift { ppm: 10_000.0 }, 101);
        assert_eq!((comes[100], fired.len()), (1_010.0, 0));
    }

    #[test]
    fn nothing_goes_wrong_before_the_scenario_has_begun() {
        let mut timetable = Timetable::new(0.0, &[Fault::LateCallback { every_s: 0.1, by_s: 1.0 }], 1);
        assert!((0..1_000).all(|_| timetable.advance(0.01, None).is_none()));
        timetable.restart(60.0);
        assert_eq!(timetable.next(), Callback { due_s: 60.0, comes_s: 60.0 });
    }

    #[test]
    fn what_recurs_does_so_as_often_as_was_asked_for() {
        let mut recurring = Recurring::new(2.0, 9);
        let times = (0..100_000).filter(|&n| recurring.is_due(f64::from(n) * 0.01)).count();
        assert!((490..=510).contains(&times), "{times}");
    }
}
