//! Which fault needs which sink.

use super::RealError;
use crate::{FaultKind, Scenario, SinkKind};

/// What a sink must be for `fault` to happen in it; `None` where it happens elsewhere, whatever the sink.
fn needed(fault: FaultKind) -> Option<&'static str> {
    match fault {
        FaultKind::LateCallback
        | FaultKind::CallbackBurst
        | FaultKind::DeviceLoss
        | FaultKind::PeriodChange
        | FaultKind::ClockDrift => Some("paced"),
        FaultKind::ConsumerStall => Some("paced or server"),
        FaultKind::ServerKill => Some("server"),
        _ => None,
    }
}

/// Whether `sink` is what is needed.
fn fits(sink: &SinkKind, needed: &str) -> bool {
    match sink {
        SinkKind::Paced => needed.contains("paced"),
        SinkKind::Server => needed.contains("server"),
        SinkKind::Device { .. } => false,
    }
}

/// Sees that the scenario asks for nothing that its sink cannot do.
///
/// # Errors
/// [`RealError::Unfit`].
pub fn check_fit(scenario: &Scenario) -> Result<(), RealError> {
    let unfit = scenario.faults.iter().find_map(|fault| {
        let needs = needed(fault.kind()).filter(|needs| !fits(&scenario.sink, needs))?;
        Some(RealError::Unfit { fault: fault.kind().name(), needs })
    });
    if scenario.sink == SinkKind::Server && scenario.speech.streams > 1 {
        return Err(RealError::Crowded);
    }
    unfit.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_has_no_faults_of_its_own_and_a_session_has_them_everywhere() {
        let device = SinkKind::Device { name: None };
        let refused = |sink: &SinkKind| {
            FaultKind::ALL
                .iter()
                .filter(|&&kind| needed(kind).is_some_and(|needs| !fits(sink, needs)))
                .count()
        };
        assert_eq!([refused(&SinkKind::Paced), refused(&SinkKind::Server), refused(&device)], [1, 5, 7]);
        assert_eq!(needed(FaultKind::NanFragments), None);
    }
}
