//! Random numbers out of one seed, for tests and measurements: the same in every run.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A source of random numbers.
#[derive(Debug)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The one of this seed.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A seed for another one.
    pub fn seed(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// From 0 to `end - 1`.
    ///
    /// # Panics
    /// `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.0.next_u64() % end as u64) as usize
    }

    /// One or the other.
    pub fn flip(&mut self) -> bool {
        self.below(2) == 0
    }

    /// About normally distributed, with this standard deviation: three numbers from -1 to 1 have a variance of 1.
    pub fn floats(&mut self, count: usize, spread: f32) -> Vec<f32> {
        let mut unit = || self.0.next_u32() as f32 / 2.0_f32.powi(32);
        (0..count).map(|_| ((unit() + unit() + unit()) * 2.0 - 3.0) * spread).collect()
    }

    /// Scale, shift, frequency and its inverse for each channel of a Snake.
    pub fn snake(&mut self, channels: usize) -> [Vec<f32>; 4] {
        let scale = self.floats(channels, 0.3).into_iter().map(|value| 1.0 + value).collect();
        let shift = self.floats(channels, 0.3);
        let alpha: Vec<f32> = self.floats(channels, 0.5).into_iter().map(f32::exp).collect();
        let inverse = alpha.iter().map(|alpha| 1.0 / alpha).collect();
        [scale, shift, alpha, inverse]
    }
}
