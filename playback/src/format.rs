//! What a sink wants to be fed with.

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
}
