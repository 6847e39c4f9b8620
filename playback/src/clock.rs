//! The clock of production: time since it was made.

use std::time::{Duration, Instant};

/// Counts from its creation, never back. Copies count from the same moment.
#[derive(Clone, Copy, Debug)]
pub struct MonotonicClock {
    origin: Instant,
}

impl MonotonicClock {
    /// A clock that starts at zero now.
    pub fn start() -> Self {
        Self { origin: Instant::now() }
    }

    /// Time since the start. On the platforms supported it makes no system call, so a device callback may ask.
    pub fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    /// The moment at which this clock shows, or showed, `time`.
    pub fn instant_of(&self, time: Duration) -> Instant {
        self.origin + time
    }
}
