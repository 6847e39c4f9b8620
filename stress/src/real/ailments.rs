//! What goes wrong with a session's fragments. Pure: time is a number, chance a seed.

use sostenuto_simulator::{Scatter, Stalls};

use crate::{Fault, FaultKind};

/// What goes wrong with the fragments of one session.
#[derive(Clone, Debug)]
pub(super) struct Ailments {
    slow: Vec<Window>,
    stalls: Vec<Stalls>,
    freezes: Vec<Window>,
    fails: f64,
    spoils: f64,
    scatter: Scatter,
}

/// From when to when, in seconds, and how many times as long.
#[derive(Clone, Copy, Debug)]
struct Window {
    begin_s: f64,
    end_s: f64,
    factor: f64,
    fired: bool,
}

/// What goes wrong with a fragment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ailment {
    /// How many times as long it takes.
    pub(super) factor: f64,
    /// It cannot be spoken.
    pub(super) fails: bool,
    /// Its samples are not numbers.
    pub(super) is_spoilt: bool,
    /// The faults that fire.
    pub(super) fired: Vec<FaultKind>,
}

impl Window {
    fn new(begin_s: f64, for_s: f64, factor: f64) -> Self {
        Self { begin_s, end_s: begin_s + for_s, factor, fired: false }
    }

    fn holds(&self, at_s: f64) -> bool {
        (self.begin_s..self.end_s).contains(&at_s)
    }
}

impl Ailments {
    /// What `faults` say of a session. `freezes`: it is the one that freezes.
    pub(super) fn new(faults: &[Fault], freezes: bool, seed: u64) -> Self {
        let mut ailments = Self {
            slow: Vec::new(),
            stalls: Vec::new(),
            freezes: Vec::new(),
            fails: 0.0,
            spoils: 0.0,
            scatter: Scatter::new(seed),
        };
        for (n, fault) in faults.iter().enumerate() {
            match *fault {
                Fault::SlowInference { factor, at_s, for_s } => {
                    ailments.slow.push(Window::new(at_s, for_s, factor));
                }
                Fault::Stalls { share, factor, run } => {
                    let seed = seed.wrapping_add(n as u64 + 1);
                    ailments.stalls.push(Stalls::new(seed, share, factor, run));
                }
                Fault::Freeze { at_s, for_s } if freezes => {
                    ailments.freezes.push(Window::new(at_s, for_s, 1.0));
                }
                Fault::FailedFragments { share } => ailments.fails += share,
                Fault::NanFragments { share } => ailments.spoils += share,
                _ => {}
            }
        }
        ailments
    }

    /// What goes wrong with the next fragment, which begins at `at_s`.
    pub(super) fn next(&mut self, at_s: f64) -> Ailment {
        let mut ailment = Ailment { factor: 1.0, fails: false, is_spoilt: false, fired: Vec::new() };
        for window in self.slow.iter().filter(|window| window.holds(at_s)) {
            ailment.factor *= window.factor;
            ailment.fired.push(FaultKind::SlowInference);
        }
        for stalls in &mut self.stalls {
            let factor = stalls.draw();
            if factor > 1.0 {
                ailment.factor *= factor;
                ailment.fired.push(FaultKind::Stalls);
            }
        }
        let chance = self.scatter.share();
        if chance < self.fails {
            ailment.fails = true;
            ailment.fired.push(FaultKind::FailedFragments);
        } else if chance < self.fails + self.spoils {
            ailment.is_spoilt = true;
            ailment.fired.push(FaultKind::NanFragments);
        }
        ailment
    }

    /// For how many seconds more the session does nothing, and whether that begins now, at `at_s`.
    pub(super) fn frozen(&mut self, at_s: f64) -> Option<(f64, bool)> {
        let window = self.freezes.iter_mut().find(|window| window.holds(at_s))?;
        let begins = !std::mem::replace(&mut window.fired, true);
        Some((window.end_s - at_s, begins))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_slow_for_a_while() {
        let slow = Fault::SlowInference { factor: 3.0, at_s: 1.0, for_s: 2.0 };
        let mut ailments = Ailments::new(&[slow], false, 1);
        let factors = [0.9, 1.0, 2.9, 3.0].map(|at_s| ailments.next(at_s).factor);
        assert_eq!(factors, [1.0, 3.0, 3.0, 1.0]);
        assert_eq!(ailments.next(2.0).fired, [FaultKind::SlowInference]);
    }

    #[test]
    fn shares_are_as_asked_for_and_no_fragment_fails_twice() {
        let faults = [Fault::FailedFragments { share: 0.2 }, Fault::NanFragments { share: 0.1 }];
        let mut ailments = Ailments::new(&faults, false, 5);
        let all: Vec<Ailment> = (0..100_000).map(|_| ailments.next(0.0)).collect();
        let share = |is: fn(&Ailment) -> bool| all.iter().filter(|a| is(a)).count() as f64 / 1e5;
        assert!((share(|a| a.fails) - 0.2).abs() < 0.01);
        assert!((share(|a| a.is_spoilt) - 0.1).abs() < 0.01);
        assert!(all.iter().all(|a| !(a.fails && a.is_spoilt) && a.fired.len() <= 1));
    }

    #[test]
    fn only_the_session_that_is_to_freeze_does_and_once() {
        let freeze = [Fault::Freeze { at_s: 5.0, for_s: 2.0 }];
        assert_eq!(Ailments::new(&freeze, false, 0).frozen(6.0), None);
        let mut ailments = Ailments::new(&freeze, true, 0);
        assert_eq!(ailments.frozen(4.0), None);
        assert_eq!(ailments.frozen(5.5), Some((1.5, true)));
        assert_eq!(ailments.frozen(6.0), Some((1.0, false)));
        assert_eq!(ailments.frozen(7.0), None);
    }

    #[test]
    fn stalls_fire_for_each_fragment_that_stalls() {
        let mut ailments = Ailments::new(&[Fault::Stalls { share: 0.1, factor: 4.0, run: 2.0 }], false, 2);
        let stalled = (0..10_000).filter(|_| ailments.next(0.0).fired == [FaultKind::Stalls]).count();
        assert!((800..1_200).contains(&stalled), "{stalled}");
    }
}
