//! Which fault needs which sink.

use super::RealError;
use crate::{FaultKind, Scenario, SinkKind};

/// The sinks in which `fault` can be made to happen; `None` where it happens elsewhere, whatever the sink.
fn sinks(fault: FaultKind) -> Option<(&'static str, fn(&SinkKind) -> bool)> {
    let paced = |sink: &SinkKind| *sink == SinkKind::Paced;
    let server = |sink: &SinkKind| *sink == SinkKind::Server;
    match fault {
        FaultKind::LateCallback
        | FaultKind::CallbackBurst
        | FaultKind::DeviceLoss
        | FaultKind::PeriodChange
        | FaultKind::ClockDrift => Some(("paced", paced)),
        FaultKind::ConsumerStall => {
            Some(("paced or server", |sink| matches!(sink, SinkKind::Paced | SinkKind::Server)))
        }
        FaultKind::ServerKill => Some(("server", server)),
        _ => None,
    }
}

/// Sees that the scenario asks for nothing that its sink cannot do.
///
/// # Errors
/// [`RealError::Unfit`].
pub(super) fn check(scenario: &Scenario) -> Result<(), RealError> {
    let unfit = scenario.faults.iter().find_map(|fault| {
        let (needs, fits) = sinks(fault.kind())?;
        (!fits(&scenario.sink)).then(|| RealError::Unfit { fault: fault.kind().name(), needs })
    });
    if scenario.sink == SinkKind::Server && scenario.speech.streams > 1 {
        return Err(RealError::Crowded);
    }
    unfit.map_or(Ok(()), Err)
}
