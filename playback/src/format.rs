//! What a sink wants to be fed with.

use std::time::Duration;

/// Rate, channels and period of a sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Frames per second.
    pub rate: u32,
    /// Interleaved channels; speech is mono, so each carries the same.
    pub channels: u16,
    /// Frames that the sink usually asks for at once. A sink may ask for more or fewer.
    pub period: u32,
}

impl Format {
    /// What the models produce: 24 kHz mono in blocks of 50 ms.
    pub const NATIVE: Self = Self { rate: crate::CHUNK_RATE, channels: 1, period: 1_200 };

    /// How long so many frames last.
    pub fn time_of(&self, frames: u64) -> Duration {
        let nanos = u128::from(frames) * 1_000_000_000 / u128::from(self.rate.max(1));
        Duration::from_nanos(nanos.min(u128::from(u64::MAX)) as u64)
    }
}
