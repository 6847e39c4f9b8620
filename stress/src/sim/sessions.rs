//! The sessions of a simulated machine.

use sostenuto_engine::Policy;
use sostenuto_engine::inference::SessionKind;
use sostenuto_simulator::{Costs, Pace, Simulated, Stalls};

use super::seeds::seed_for;
use crate::{Fault, Load, Machine, Scenario};

/// Fragments of which each session has learnt what they cost before anything is said, as calibration lets it.
const KNOWN_FRAGMENTS: usize = 20;
/// Parts in which the fast session hands out a fragment: it streams, and the other does not.
const FAST_PARTS: u32 = 4;

/// Of which kind each session is that speaks in `scenario`.
fn kinds(scenario: &Scenario) -> &'static [SessionKind] {
    match scenario.speech.policy {
        Policy::Quality => &[SessionKind::Quality],
        Policy::Fast => &[SessionKind::Fast],
        Policy::Hybrid => &[SessionKind::Fast, SessionKind::Quality],
        Policy::Twin => &[SessionKind::Quality, SessionKind::Quality],
    }
}

/// Whether this one is the fast session.
pub(crate) fn is_fast(scenario: &Scenario, session: usize) -> bool {
    kinds(scenario).get(session) == Some(&SessionKind::Fast)
}

/// The one that freezes: the first quality session, or the only one.
pub(crate) fn freezing(scenario: &Scenario) -> usize {
    kinds(scenario).iter().position(|&kind| kind == SessionKind::Quality).unwrap_or(0)
}

/// The sessions that speak in `scenario`. Those of a pair take nothing from each other, as on two devices.
pub(crate) fn sessions(scenario: &Scenario) -> Vec<Simulated> {
    let freezing = freezing(scenario);
    let made = kinds(scenario).iter().enumerate();
    made.map(|(n, &kind)| session(scenario, n, kind, n == freezing)).collect()
}

fn session(scenario: &Scenario, number: usize, kind: SessionKind, freezes: bool) -> Simulated {
    let Scenario { machine, faults, load, seed, .. } = scenario;
    let seed = |purpose: &str| seed_for(*seed, purpose, number);
    let (rtf, parts) = match kind {
        SessionKind::Fast => (machine.fast_rtf, FAST_PARTS),
        SessionKind::Quality => (machine.quality_rtf, 1),
    };
    let costs = Costs::around(seed("costs"), rtf, machine.spread).times(slowed_by(load, *machine));
    let mut made = Simulated::new(kind, costs).in_parts(parts).warm(KNOWN_FRAGMENTS);
    let mut stretches = Vec::new();
    let (mut spoken, mut numbers) = (1.0, 1.0);
    for (n, fault) in faults.iter().enumerate() {
        match *fault {
            Fault::SlowInference { factor, at_s, for_s } => stretches.push((at_s, at_s + for_s, factor)),
            Fault::Freeze { at_s, for_s } if freezes => stretches.push((at_s, at_s + for_s, f64::INFINITY)),
            Fault::Stalls { share, factor, run } => {
                let seed = seed_for(scenario.seed, "stalls", number << 16 | n);
                made = made.stalling(Stalls::new(seed, share, factor, run));
            }
            Fault::FailedFragments { share } => spoken *= 1.0 - share,
            Fault::NanFragments { share } => numbers *= 1.0 - share,
            _ => {}
        }
    }
    made.at(Pace::slowed(&stretches))
        .failing(seed("failed"), 1.0 - spoken)
        .garbling(seed("nan"), 1.0 - numbers)
}

/// How many times as long inference takes under `load`.
///
/// A session has a thread on each core and waits for the last of them. Hogs that may move share all cores fairly with
/// it: of `c` cores and `h` hogs it gets `c / (c + h)`. Hogs that are pinned share theirs, and the fullest core decides:
/// `1 / (1 + ceil(h / c))`.
fn slowed_by(load: &Load, machine: Machine) -> f64 {
    if load.pinned {
        return f64::from(1 + load.cpu_hogs.div_ceil(machine.cores));
    }
    f64::from(machine.cores + load.cpu_hogs) / f64::from(machine.cores)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hogs_take_their_share_of_the_cores() {
        let machine = Machine { cores: 2, ..Machine::default() };
        let slowed = |cpu_hogs, pinned| slowed_by(&Load { cpu_hogs, pinned, ..Load::default() }, machine);
        assert_eq!([slowed(0, false), slowed(1, false), slowed(2, false)], [1.0, 1.5, 2.0]);
        assert_eq!([slowed(0, true), slowed(1, true), slowed(3, true)], [1.0, 2.0, 3.0]);
    }
}
