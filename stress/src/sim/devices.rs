//! The device of a simulated listener, and what happens to it.

use sostenuto_simulator::{DeviceModel, Incident, Lateness};

use super::seeds::{scatter_for, seed_for};
use crate::{Fault, FaultKind, Scenario};

/// The device of the listener `stream`, and of which kind of fault each of its incidents is.
pub(crate) fn device(scenario: &Scenario, stream: usize) -> (DeviceModel, Vec<FaultKind>) {
    let mut incidents: Vec<(Incident, FaultKind)> = Vec::new();
    for (n, fault) in scenario.faults.iter().enumerate() {
        // The same moments for all listeners: it is one machine.
        let scatter = scatter_for(scenario.seed, "incidents", n);
        let again = |every: f64| {
            let mut scatter = scatter.clone();
            let moments = (0..).map(move |n| every * (f64::from(n) + 0.25 + 0.5 * scatter.share()));
            moments.take_while(|&at| at < scenario.sim_seconds)
        };
        let mut add = |incident: Incident| incidents.push((incident, fault.kind()));
        match *fault {
            Fault::ConsumerStall { every_s, for_s } => {
                again(every_s).for_each(|at| add(Incident::Hold { at, seconds: for_s }));
            }
            Fault::LateCallback { every_s, by_s } => {
                again(every_s).for_each(|at| add(Incident::Stall { at, seconds: by_s }));
            }
            Fault::CallbackBurst { every_s, callbacks } => {
                again(every_s).for_each(|at| add(Incident::Burst { at, callbacks }));
            }
            Fault::DeviceLoss { at_s, for_s } | Fault::ServerKill { at_s, for_s } => {
                add(Incident::Loss { at: at_s, seconds: for_s });
            }
            Fault::PeriodChange { at_s, frames } => add(Incident::Period { at: at_s, frames }),
            _ => {}
        }
    }
    incidents.sort_by(|a, b| a.0.at().total_cmp(&b.0.at()));
    let (incidents, kinds) = incidents.into_iter().unzip();
    let lateness = lateness(scenario, "callbacks", stream);
    let drift_ppm = drift_ppm(scenario);
    (DeviceModel { incidents, lateness, drift_ppm, ..DeviceModel::default() }, kinds)
}

/// By how many millionths the devices' second is too long.
pub(crate) fn drift_ppm(scenario: &Scenario) -> f64 {
    let ppm = |fault: &Fault| if let Fault::ClockDrift { ppm } = fault { *ppm } else { 0.0 };
    scenario.faults.iter().map(ppm).sum()
}

/// How late callbacks are: up to a fifth of a millisecond, and where hogs run up to one; in one of a hundred, and of one
/// more for each hog, five times as much.
fn lateness(scenario: &Scenario, purpose: &str, stream: usize) -> Lateness {
    let hogs = f64::from(scenario.load.cpu_hogs);
    let usual = if hogs > 0.0 { 0.001 } else { 0.000_2 };
    let rare = (0.01 * (1.0 + hogs)).min(0.5);
    Lateness::new(seed_for(scenario.seed, purpose, stream), usual, 5.0 * usual, rare)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scenario;

    #[test]
    fn what_happens_again_and_again_happens_once_in_so_many_seconds_and_in_order() {
        let mut scenario = Scenario::find("steady-article").unwrap();
        scenario.sim_seconds = 60.0;
        scenario.faults = vec![
            Fault::ServerKill { at_s: 5.0, for_s: 1.0 },
            Fault::LateCallback { every_s: 3.0, by_s: 0.1 },
        ];
        let (model, kinds) = device(&scenario, 0);
        assert_eq!((model.incidents.len(), kinds.len()), (21, 21));
        assert!(model.incidents.windows(2).all(|pair| pair[0].at() <= pair[1].at()));
        assert_eq!(kinds.iter().filter(|&&kind| kind == FaultKind::ServerKill).count(), 1);
    }
}
