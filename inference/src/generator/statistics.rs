//! The means and deviations by which the generator normalises.

use std::ops::Range;

/// Channels of the two stages.
pub(crate) const CHANNELS: [usize; 2] = [256, 128];
/// Sites of a stage: six in the block of the harmonic source, one that the three residual blocks share, five more in
/// each of them.
const PER_STAGE: usize = 6 + 1 + 3 * 5;
/// Channels of all sites together.
pub const STATISTICS: usize = PER_STAGE * (CHANNELS[0] + CHANNELS[1]);

/// A place where the generator normalises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// Before layer 0 to 5 of the block through which the harmonic source enters stage 0 or 1.
    Source {
        /// 0 or 1.
        stage: usize,
        /// 0 to 5.
        layer: usize,
    },
    /// Before layer 0 to 5 of residual block 0 to 2 of a stage. Layer 0 is the same site for all three.
    Block {
        /// 0 or 1.
        stage: usize,
        /// 0 to 2.
        block: usize,
        /// 0 to 5.
        layer: usize,
    },
}

impl Site {
    /// Where its channels are among [`STATISTICS`].
    pub fn channels(self) -> Range<usize> {
        let (stage, place) = match self {
            Self::Source { stage, layer } => (stage, layer),
            Self::Block { stage, layer: 0, .. } => (stage, 6),
            Self::Block { stage, block, layer } => (stage, 6 + block * 5 + layer),
        };
        let start = if stage == 0 { 0 } else { PER_STAGE * CHANNELS[0] };
        start + place * CHANNELS[stage]..start + (place + 1) * CHANNELS[stage]
    }
}

/// A mean and a deviation for every channel of every [`Site`].
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// `[STATISTICS]`.
    pub mean: Vec<f32>,
    /// `[STATISTICS]`; the root of the variance and of the graph's epsilon together, so never zero.
    pub deviation: Vec<f32>,
}

impl Statistics {
    /// Means of zero and deviations of one.
    pub fn new() -> Self {
        Self { mean: vec![0.0; STATISTICS], deviation: vec![1.0; STATISTICS] }
    }
}

impl Default for Statistics {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_belongs_to_one_site_only() {
        let mut owners = vec![0; STATISTICS];
        for stage in 0..2 {
            for layer in 0..6 {
                Site::Source { stage, layer }.channels().for_each(|channel| owners[channel] += 1);
            }
            Site::Block { stage, block: 1, layer: 0 }.channels().for_each(|channel| owners[channel] += 1);
            for block in 0..3 {
                for layer in 1..6 {
                    Site::Block { stage, block, layer }.channels().for_each(|channel| owners[channel] += 1);
                }
            }
        }
        assert!(owners.iter().all(|&owners| owners == 1));
    }
}
