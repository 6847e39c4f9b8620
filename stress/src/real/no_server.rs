//! No sound server of a scenario's own: there is none for this system.

use std::sync::Arc;

use super::RealError;
use super::course::Course;
use crate::{Scenario, SinkKind};

/// Never there.
pub(super) struct Server;

impl Server {
    /// Refuses.
    ///
    /// # Errors
    /// [`RealError::NoServer`] where `scenario` wants one.
    pub(super) fn start(scenario: &Scenario) -> Result<Self, RealError> {
        if scenario.sink == SinkKind::Server {
            return Err(RealError::NoServer(std::io::ErrorKind::Unsupported.into()));
        }
        Ok(Self)
    }

    /// Nothing happens to it.
    ///
    /// # Errors
    /// None.
    pub(super) fn suffer(&mut self, _: &Scenario, _: &Arc<Course>) -> Result<(), RealError> {
        Ok(())
    }

    /// Nothing has.
    ///
    /// # Errors
    /// None.
    pub(super) fn recover(&mut self) -> Result<(), RealError> {
        Ok(())
    }
}
