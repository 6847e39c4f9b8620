//! Random numbers for tests, the same in every run.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0.next_u64() as usize % end
    }

    fn unit(&mut self) -> f32 {
        self.0.next_u32() as f32 / 2.0_f32.powi(32)
    }

    /// With a standard deviation of `spread`, about normally distributed.
    pub(super) fn floats(&mut self, count: usize, spread: f32) -> Vec<f32> {
        // The sum of three from -1 to 1 has a variance of 1.
        (0..count).map(|_| ((self.unit() + self.unit() + self.unit()) * 2.0 - 3.0) * spread).collect()
    }

    /// Scale, shift, frequency and its inverse per channel.
    pub(super) fn snake(&mut self, channels: usize) -> [Vec<f32>; 4] {
        let scale = self.floats(channels, 0.3).into_iter().map(|v| 1.0 + v).collect();
        let shift = self.floats(channels, 0.3);
        let alpha: Vec<f32> = self.floats(channels, 0.5).into_iter().map(f32::exp).collect();
        let inverse = alpha.iter().map(|alpha| 1.0 / alpha).collect();
        [scale, shift, alpha, inverse]
    }
}
