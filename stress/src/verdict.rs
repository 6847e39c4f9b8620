//! Whether a run held.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::slope::memory_slope;
use crate::{FaultKind, Figure, Figures, Profile, Run};

/// Whether a run held, and every limit that it was held to.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Verdict {
    /// The profile's name.
    pub profile: String,
    /// Every check passed, there was at least one, every fault that was asked for fired, and something was heard.
    pub passed: bool,
    /// The figures that have a limit and were measured.
    pub checks: Vec<Check>,
    /// The figures that have a limit and were not measured here: they were not judged.
    pub not_measured: Vec<Figure>,
    /// Faults that were asked for and never happened. The run shows nothing about them.
    pub never_fired: Vec<FaultKind>,
}

/// A figure beside its limit.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Check {
    /// Which.
    pub figure: Figure,
    /// The most that is allowed.
    pub limit: f64,
    /// What was reached.
    pub reached: f64,
    /// Not above the limit; for memory's slope, not above it for certain.
    pub passed: bool,
}

impl Verdict {
    /// The checks that did not pass.
    pub fn failures(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| !check.passed)
    }
}

/// Judges `run` by `profile`, and by its scenario's own limits where it has some.
pub fn judge(run: &Run, profile: &Profile) -> Verdict {
    let mut limits: Figures = profile.limits.clone();
    limits.extend(run.scenario.limits.iter().map(|(figure, limit)| (*figure, *limit)));
    let mut checks = Vec::new();
    let mut not_measured = Vec::new();
    for (figure, limit) in limits {
        match run.figures.get(&figure) {
            Some(&reached) => {
                let passed = reached <= limit || !is_certain(figure, limit, run);
                checks.push(Check { figure, limit, reached, passed });
            }
            None => not_measured.push(figure),
        }
    }
    let never_fired = never_fired(run);
    let held = !checks.is_empty() && checks.iter().all(|check| check.passed);
    let passed = held && never_fired.is_empty() && run.audio_s > 0.0;
    Verdict { profile: profile.name.clone(), passed, checks, not_measured, never_fired }
}

/// Whether a figure above its limit is more than noise. All but memory's slope are counted, not estimated.
fn is_certain(figure: Figure, limit: f64, run: &Run) -> bool {
    if figure != Figure::MemorySlopeMbPerHour {
        return true;
    }
    memory_slope(&run.series.memory).is_none_or(|slope| slope.low > limit)
}

fn never_fired(run: &Run) -> Vec<FaultKind> {
    let asked: BTreeSet<_> = run.scenario.faults.iter().map(crate::Fault::kind).collect();
    let fired: BTreeSet<_> =
        run.fired.iter().filter(|fired| fired.count > 0).map(|fired| fired.fault).collect();
    let idle = run.fired.iter().map(|fired| fired.fault).chain(asked);
    idle.filter(|kind| !fired.contains(kind)).collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fault;
    use crate::Fired;
    use crate::trial::{growing, run};

    fn profile(limits: &[(Figure, f64)]) -> Profile {
        Profile { name: "p".into(), about: String::new(), limits: limits.iter().copied().collect() }
    }

    fn reached(figure: Figure, value: f64) -> Run {
        let mut run = run();
        run.scenario.limits.clear();
        run.figures = [(figure, value)].into();
        run
    }

    #[test]
    fn a_limit_may_be_reached_and_not_passed() {
        let profile = profile(&[(Figure::StopP99Ms, 20.0)]);
        assert!(judge(&reached(Figure::StopP99Ms, 20.0), &profile).passed);
        let verdict = judge(&reached(Figure::StopP99Ms, 20.001), &profile);
        assert!(!verdict.passed);
        assert_eq!(verdict.failures().count(), 1);
    }

    #[test]
    fn what_is_no_number_does_not_pass() {
        assert!(!judge(&reached(Figure::Rtf, f64::NAN), &profile(&[(Figure::Rtf, 1.0)])).passed);
    }

    #[test]
    fn a_scenarios_own_limits_stand_in_the_place_of_the_profiles() {
        let mut run = reached(Figure::Gaps, 5.0);
        let profile = profile(&[(Figure::Gaps, 0.0)]);
        assert!(!judge(&run, &profile).passed);
        run.scenario.limits.insert(Figure::Gaps, 5.0);
        assert!(judge(&run, &profile).passed);
        run.scenario.limits.insert(Figure::Underruns, 0.0);
        assert_eq!(judge(&run, &profile).not_measured, [Figure::Underruns]);
    }

    #[test]
    fn what_was_not_measured_is_not_judged_and_told() {
        let verdict =
            judge(&reached(Figure::Rtf, 0.5), &profile(&[(Figure::Rtf, 0.9), (Figure::PeakMemoryMb, 1.0)]));
        assert!(verdict.passed);
        assert_eq!(verdict.not_measured, [Figure::PeakMemoryMb]);
    }

    #[test]
    fn a_run_that_nothing_is_known_of_proves_nothing() {
        assert!(!judge(&Run { figures: Figures::new(), ..run() }, &profile(&[(Figure::Rtf, 0.9)])).passed);
    }

    #[test]
    fn silence_keeps_every_limit_and_proves_nothing() {
        let profile = profile(&[(Figure::Rtf, 0.9)]);
        let run = reached(Figure::Rtf, 0.5);
        assert!(judge(&run, &profile).passed);
        assert!(!judge(&Run { audio_s: 0.0, ..run }, &profile).passed);
    }

    #[test]
    fn a_fault_that_never_fired_fails_the_run() {
        let mut run = reached(Figure::Rtf, 0.5);
        let profile = profile(&[(Figure::Rtf, 0.9)]);
        run.scenario.faults = vec![Fault::StopStorm { every_s: 3.0 }, Fault::ClockDrift { ppm: 1.0 }];
        run.fired = vec![
            Fired { fault: FaultKind::StopStorm, count: 2, at_s: vec![1.0, 2.0] },
            Fired { fault: FaultKind::DeviceLoss, count: 0, at_s: Vec::new() },
        ];
        let verdict = judge(&run, &profile);
        assert!(!verdict.passed);
        assert_eq!(verdict.never_fired, [FaultKind::DeviceLoss, FaultKind::ClockDrift]);
        run.fired = vec![
            Fired { fault: FaultKind::StopStorm, count: 2, at_s: vec![1.0, 2.0] },
            Fired { fault: FaultKind::ClockDrift, count: 1, at_s: vec![0.0] },
        ];
        assert!(judge(&run, &profile).passed);
    }

    #[test]
    fn memory_that_grows_fails_only_where_it_grows_for_certain() {
        let profile = profile(&[(Figure::MemorySlopeMbPerHour, 5.0)]);
        for (grows, noise, passed) in [(60.0, 0.1, false), (6.0, 40.0, true), (1.0, 0.01, true)] {
            let mut run = reached(Figure::MemorySlopeMbPerHour, 0.0);
            run.series.memory = growing(600, grows, noise);
            let slope = memory_slope(&run.series.memory).unwrap();
            run.figures = [(Figure::MemorySlopeMbPerHour, slope.mb_per_hour)].into();
            assert_eq!(judge(&run, &profile).passed, passed, "{slope:?}");
        }
    }
}
