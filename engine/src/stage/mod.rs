//! The three stages, each on a thread of its own.

mod answers;
pub(crate) mod anybody;
pub(crate) mod dispatch;
pub(crate) mod dispatch_stream;
pub(crate) mod g2p;
pub(crate) mod languages;
pub(crate) mod pump;
pub(crate) mod running;
mod scheduling;
pub(crate) mod session;
pub(crate) mod slot;

use std::thread::JoinHandle;
use std::time::Duration;

pub(crate) use scheduling::{DISPATCH, G2P, PUMP, Place, SESSION, apply};
pub use scheduling::{Granted, Scheduling, StageReport, probe_scheduling};

use crate::EngineError;

/// Longest sleep of a stage without work: bounds what a wake-up that never comes can cost.
const LONGEST_SLEEP: Duration = Duration::from_millis(100);

/// Spawns a stage's thread under its name.
pub(crate) fn spawn<T: Send + 'static>(
    name: &'static str,
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, EngineError> {
    std::thread::Builder::new()
        .name(name.to_string())
        .spawn(run)
        .map_err(|source| EngineError::Thread { stage: name, source })
}

/// Sleeps until woken.
pub(crate) fn rest() {
    std::thread::park_timeout(LONGEST_SLEEP);
}
