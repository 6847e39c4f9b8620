//! Complex Gaussian noise of unit variance per component, the same for a frame whatever was drawn before it.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::BINS;
use super::elementary::{ln, sin_cos_turns};

/// The noise of one fragment: that of frame k depends on the seed and k only.
pub(super) struct Noise {
    generator: ChaCha8Rng,
    bytes: Box<[u8; BINS * 8]>,
}

impl Noise {
    pub(super) fn new(seed: u64) -> Self {
        Self { generator: ChaCha8Rng::seed_from_u64(seed), bytes: Box::new([0; BINS * 8]) }
    }

    /// Starts over with another seed.
    pub(super) fn reseed(&mut self, seed: u64) {
        self.generator = ChaCha8Rng::seed_from_u64(seed);
    }

    /// Writes the noise of frame `frame`, real and imaginary parts, a value per bin.
    ///
    /// Box and Muller's transform: two uniform numbers are the length and the angle of a Gaussian vector. With 24
    /// bits for the length, it ends at 5.8 standard deviations.
    pub(super) fn frame(&mut self, frame: usize, re: &mut [f32; BINS], im: &mut [f32; BINS]) {
        self.generator.set_stream(frame as u64);
        self.generator.set_word_pos(0);
        self.generator.fill_bytes(self.bytes.as_mut_slice());
        let (words, _) = self.bytes.as_chunks::<8>();
        for ((word, re), im) in words.iter().zip(re).zip(im) {
            let word = u64::from_le_bytes(*word);
            let length = (-2.0 * ln(uniform(word as u32))).sqrt();
            let (sine, cosine) = sin_cos_turns(uniform((word >> 32) as u32));
            *re = length * cosine;
            *im = length * sine;
        }
    }
}

/// A number above 0 and up to 1, in steps of 2^-24.
#[inline]
fn uniform(word: u32) -> f32 {
    const STEP: f32 = 1.0 / 16_777_216.0;
    // Signed, because the conversion from signed integers is the one that processors do in vectors.
    ((word >> 8).cast_signed() + 1) as f32 * STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(seed: u64, frames: impl IntoIterator<Item = usize>) -> Vec<f32> {
        let mut noise = Noise::new(seed);
        let (mut re, mut im) = ([0.0; BINS], [0.0; BINS]);
        let mut all = Vec::new();
        for frame in frames {
            noise.frame(frame, &mut re, &mut im);
            all.extend(re.iter().chain(&im));
        }
        all
    }

    #[test]
    fn a_frames_noise_does_not_depend_on_what_was_drawn_before() {
        assert_eq!(drawn(7, [5]), drawn(7, [0, 9, 5])[4 * BINS..]);
        assert_ne!(drawn(7, [5]), drawn(7, [6]));
        assert_ne!(drawn(7, [5]), drawn(8, [5]));
    }

    #[test]
    fn both_components_are_gaussian_with_unit_variance() {
        let all = drawn(1, 0..400);
        let count = all.len() as f64;
        let moment = |power: i32| all.iter().map(|&v| f64::from(v).powi(power)).sum::<f64>() / count;
        assert!(moment(1).abs() < 0.01, "mean {}", moment(1));
        assert!((moment(2) - 1.0).abs() < 0.01, "variance {}", moment(2));
        assert!(moment(3).abs() < 0.03, "skew {}", moment(3));
        assert!((moment(4) - 3.0).abs() < 0.06, "kurtosis {}", moment(4));
        let frames = all.chunks_exact(2 * BINS);
        let product: f64 = frames
            .flat_map(|frame| {
                let (re, im) = frame.split_at(BINS);
                re.iter().zip(im).map(|(&a, &b)| f64::from(a * b))
            })
            .sum();
        assert!((2.0 * product / count).abs() < 0.01, "covariance");
    }
}
