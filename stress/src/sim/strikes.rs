//! Which faults struck in a simulation, and when.

use sostenuto_simulator::{History, Listening, Mishap, Outcome, Stop, Worked};

use super::devices::drift_ppm;
use super::sessions::freezing;
use crate::{Fault, FaultKind, Fired, Scenario};

/// So many moments of a fault are told.
const MOST_MOMENTS: usize = 1_000;
/// A device's clock that is so many seconds off once more has drifted once.
const DRIFT: f64 = 0.001;

/// How often each fault of `scenario` struck. `kinds` are those of the incidents of each listener's device, `refusals`
/// the stretches in which the governor refused utterances.
pub(crate) fn fired(
    scenario: &Scenario,
    history: &History,
    kinds: &[Vec<FaultKind>],
    refusals: &[(f64, f64)],
) -> Vec<Fired> {
    let mut asked: Vec<FaultKind> = Vec::new();
    for kind in scenario.faults.iter().map(Fault::kind) {
        if !asked.contains(&kind) {
            asked.push(kind);
        }
    }
    let strikes = Strikes { scenario, history, kinds, refusals };
    let fired = |fault| {
        let mut at_s = strikes.of(fault);
        at_s.sort_by(f64::total_cmp);
        let count = at_s.len() as u64;
        at_s.truncate(MOST_MOMENTS);
        Fired { fault, count, at_s }
    };
    asked.into_iter().map(fired).collect()
}

struct Strikes<'a> {
    scenario: &'a Scenario,
    history: &'a History,
    kinds: &'a [Vec<FaultKind>],
    refusals: &'a [(f64, f64)],
}

impl Strikes<'_> {
    /// The moments at which `fault` struck, in seconds.
    fn of(&self, fault: FaultKind) -> Vec<f64> {
        match fault {
            FaultKind::SlowInference | FaultKind::Freeze => self.work_during(fault),
            FaultKind::Stalls => self.work(|worked| worked.stalled),
            FaultKind::FailedFragments => self.work(|worked| worked.outcome == Outcome::Failed),
            FaultKind::NanFragments => self.work(|worked| worked.outcome == Outcome::NotNumbers),
            FaultKind::DroppedChunks => self.mishaps(Mishap::Dropped),
            FaultKind::DuplicatedChunks => self.mishaps(Mishap::Duplicated),
            FaultKind::ReorderedChunks => self.mishaps(Mishap::Swapped),
            FaultKind::ConsumerStall
            | FaultKind::LateCallback
            | FaultKind::CallbackBurst
            | FaultKind::DeviceLoss
            | FaultKind::PeriodChange
            | FaultKind::ServerKill => happened(self.history, self.kinds, fault),
            FaultKind::ClockDrift => self.drifts(),
            // Where nothing was being said, nothing was taken back.
            FaultKind::StopStorm => self.stops(|stop| stop.unheard > 0 && !stop.barges_in),
            FaultKind::BargeIn => self.stops(|stop| stop.unheard > 0 && stop.barges_in),
            FaultKind::MemoryLimit => self.refusals.iter().map(|refusal| refusal.0).collect(),
        }
    }

    fn work(&self, is_struck: impl Fn(&Worked) -> bool) -> Vec<f64> {
        let work = self.history.sessions.iter().flat_map(|session| &session.worked);
        work.filter(|worked| is_struck(worked)).map(|worked| worked.begun).collect()
    }

    /// When work began that was under way in a stretch of `fault`.
    fn work_during(&self, fault: FaultKind) -> Vec<f64> {
        let stretch = |of: &Fault| match *of {
            Fault::SlowInference { at_s, for_s, .. } | Fault::Freeze { at_s, for_s }
                if of.kind() == fault =>
            {
                Some((at_s, at_s + for_s))
            }
            _ => None,
        };
        let stretches: Vec<_> = self.scenario.faults.iter().filter_map(stretch).collect();
        let sessions = self.history.sessions.iter().enumerate();
        let freezing = freezing(self.scenario);
        let struck = sessions.filter(|&(n, _)| fault != FaultKind::Freeze || n == freezing);
        let work = struck.flat_map(|(_, session)| &session.worked);
        let met =
            |worked: &&Worked| stretches.iter().any(|&(from, to)| worked.begun < to && worked.over > from);
        work.filter(met).map(|worked| worked.begun).collect()
    }

    fn mishaps(&self, mishap: Mishap) -> Vec<f64> {
        let mishaps = self.history.listening.iter().flat_map(Listening::mishaps);
        mishaps.filter(|(kind, _)| *kind == mishap).map(|(_, at)| at).collect()
    }

    fn stops(&self, is_struck: impl Fn(&Stop) -> bool) -> Vec<f64> {
        let stops = self.history.listening.iter().flat_map(|listening| &listening.stops);
        stops.filter(|stop| is_struck(stop)).map(|stop| stop.at).collect()
    }

    /// When the devices' clocks were another millisecond off.
    fn drifts(&self) -> Vec<f64> {
        let every = DRIFT / (drift_ppm(self.scenario).abs() * 1e-6);
        let count = (self.history.end / every) as u64;
        (1..=count).map(|n| n as f64 * every).collect()
    }
}

/// When incidents of `fault` made a difference to a device, in seconds.
pub(crate) fn happened(history: &History, kinds: &[Vec<FaultKind>], fault: FaultKind) -> Vec<f64> {
    let of = |(listening, kinds): (&'_ Listening, &'_ Vec<FaultKind>)| {
        let happened = listening.happened().iter().filter(|(number, _)| kinds.get(*number) == Some(&fault));
        happened.map(|&(_, at)| at).collect::<Vec<f64>>()
    };
    history.listening.iter().zip(kinds).flat_map(of).collect()
}
