//! Where and how urgently a stage's thread runs: asked for, granted or refused, never fatal.

use serde::Serialize;

use crate::EngineError;

/// Real-time priority asked for the pump: what rtkit grants, below sound servers and interrupts.
const PUMP_PRIORITY: u8 = 10;

/// What to ask of the system for the stages' threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheduling {
    /// Keep the pump and g2p stages on a core each. The sessions float: their runtimes' threads would inherit the
    /// restriction.
    pub pin: bool,
    /// Run the pump of a real-time sink at real-time priority. Never asked for inference: a real-time thread that
    /// does not block is killed by the system's limits.
    pub priority: bool,
}

impl Scheduling {
    /// Nothing is asked below four cores, where a pinned stage would only be in the way; both from four on.
    pub fn for_cores(cores: usize) -> Self {
        Self { pin: cores >= 4, priority: cores >= 4 }
    }
}

impl Default for Scheduling {
    fn default() -> Self {
        Self::for_cores(std::thread::available_parallelism().map_or(1, usize::from))
    }
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Granted {
    /// It was not asked for.
    NotAsked,
    /// It was granted.
    Yes,
    /// It was refused, for this reason. Everything works, less evenly under load.
    No(String),
}

impl std::fmt::Display for Granted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotAsked => f.write_str("not asked for"),
            Self::Yes => f.write_str("granted"),
            Self::No(reason) => write!(f, "refused: {reason}"),
        }
    }
}

/// How a stage's thread was placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StageReport {
    /// The thread's name.
    pub stage: &'static str,
    /// Whether it stays on one core.
    pub pinned: Granted,
    /// Whether it runs at real-time priority.
    pub priority: Granted,
}

/// What a stage asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Counted from the last core down; `None` floats.
    pub(crate) core_from_last: Option<usize>,
    pub(crate) real_time: bool,
}

/// The g2p stage's place.
pub(crate) const G2P: Place = Place { core_from_last: Some(1), real_time: false };
/// The dispatcher's place.
pub(crate) const DISPATCH: Place = Place { core_from_last: None, real_time: false };
/// A session's place.
pub(crate) const SESSION: Place = Place { core_from_last: None, real_time: false };
/// The place of the pump of a real-time sink.
pub(crate) const PUMP: Place = Place { core_from_last: Some(0), real_time: true };

/// Asks the system for `place` on behalf of the calling thread.
pub(crate) fn apply(stage: &'static str, place: Place, scheduling: Scheduling) -> StageReport {
    let pinned = match place.core_from_last {
        Some(core) if scheduling.pin => pin(core),
        _ => Granted::NotAsked,
    };
    let priority = if place.real_time && scheduling.priority { raise() } else { Granted::NotAsked };
    let report = StageReport { stage, pinned, priority };
    tracing::debug!(stage, pinned = %report.pinned, priority = %report.priority, "scheduling");
    report
}

/// Asks for everything that the stages may be given, on threads of its own, and tells what this machine grants.
///
/// # Errors
/// [`EngineError::Thread`] when the system gives no thread.
pub fn probe_scheduling() -> Result<Vec<StageReport>, EngineError> {
    let everything = Scheduling { pin: true, priority: true };
    let probe = |stage: &'static str, place: Place| {
        let thread = std::thread::Builder::new()
            .name(stage.to_string())
            .spawn(move || apply(stage, place, everything))
            .map_err(|source| EngineError::Thread { stage, source })?;
        let crashed =
            |_| EngineError::Thread { stage, source: std::io::Error::other("the thread ended early") };
        thread.join().map_err(crashed)
    };
    Ok(vec![probe("g2p", G2P)?, probe("pump", PUMP)?])
}

fn pin(core_from_last: usize) -> Granted {
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    let Some(core) = cores.len().checked_sub(1 + core_from_last).map(|n| cores[n]) else {
        return Granted::No(format!("only {} cores may be used", cores.len()));
    };
    if core_affinity::set_for_current(core) {
        Granted::Yes
    } else {
        Granted::No(format!("the system does not keep this thread on core {}", core.id))
    }
}

#[cfg(unix)]
fn raise() -> Granted {
    use thread_priority::{
        RealtimeThreadSchedulePolicy, ThreadPriority, ThreadPriorityValue, ThreadSchedulePolicy,
        set_thread_priority_and_policy, thread_native_id,
    };
    let policy = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo);
    let wanted = ThreadPriorityValue::try_from(PUMP_PRIORITY).map(ThreadPriority::Crossplatform);
    let raised = wanted.and_then(|wanted| {
        set_thread_priority_and_policy(thread_native_id(), wanted, policy).map_err(|e| e.to_string())
    });
    raised.map_or_else(Granted::No, |()| Granted::Yes)
}

#[cfg(not(unix))]
fn raise() -> Granted {
    use thread_priority::{ThreadPriority, set_current_thread_priority};
    set_current_thread_priority(ThreadPriority::Max)
        .map_or_else(|error| Granted::No(error.to_string()), |()| Granted::Yes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_asked_for_below_four_cores() {
        assert_eq!(Scheduling::for_cores(3), Scheduling { pin: false, priority: false });
        assert_eq!(Scheduling::for_cores(4), Scheduling { pin: true, priority: true });
    }

    #[test]
    fn a_core_that_is_not_there_is_a_refusal_and_not_a_failure() {
        assert!(matches!(pin(usize::MAX - 1), Granted::No(_)));
    }

    #[test]
    fn no_stage_but_the_pump_asks_for_real_time_priority() {
        let granted = [G2P, DISPATCH, SESSION]
            .map(|place| apply("stage", place, Scheduling { pin: false, priority: true }).priority);
        assert_eq!(granted, [const { Granted::NotAsked }; 3]);
    }

    #[test]
    fn what_is_not_asked_for_is_not_done() {
        let place = Place { core_from_last: Some(0), real_time: true };
        let report = apply("pump", place, Scheduling { pin: false, priority: false });
        assert_eq!((report.pinned, report.priority), (Granted::NotAsked, Granted::NotAsked));
    }
}
