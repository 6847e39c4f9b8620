//! How late threads and callbacks are.

use crate::Scatter;

/// Delays between a moment and what is done at it: evenly spread up to the usual one, and now and then up to a rare one.
#[derive(Clone, Debug)]
pub struct Lateness {
    scatter: Scatter,
    usual: f64,
    rare: f64,
    share: f64,
}

impl Lateness {
    /// Up to `usual` seconds, and for a `share` of the times up to `rare` seconds.
    pub fn new(seed: u64, usual: f64, rare: f64, share: f64) -> Self {
        Self { scatter: Scatter::new(seed), usual, rare, share }
    }

    /// That of an ordinary thread on a busy machine: as measured under load, a hundredth over 1.2 ms and none over 5 ms.
    pub fn ordinary(seed: u64) -> Self {
        Self::new(seed, 0.001, 0.005, 0.01)
    }

    /// None.
    pub fn none() -> Self {
        Self::new(0, 0.0, 0.0, 0.0)
    }

    /// The next delay, in seconds.
    pub fn draw(&mut self) -> f64 {
        let most = if self.scatter.share() < self.share { self.rare } else { self.usual };
        most * self.scatter.share()
    }
}
