//! From the last layer's rows to samples: magnitudes and phases, and the inverse transform with overlap.

use std::f32::consts::TAU;

use super::spectrum::{BINS, HOP, WINDOW};
use crate::kernels::{Dense, DenseJob, Isa, wide};
use crate::vocoder::elementary::{exp, sin_cos_turns, sin_turns};

/// Floats of a row of the last layer: the logarithm of each bin's magnitude, and what its phase is the sine of.
pub(crate) const SPECTRUM: usize = 2 * BINS;
/// The transform leaves the samples before this one, as many as half a window.
const LEAD: usize = WINDOW / 2;
/// What the sum over frames is multiplied by: a window's length for each step of a frame.
const GAIN: f32 = (WINDOW / HOP) as f32;

/// The inverse transform.
#[derive(Debug)]
pub(super) struct Inverse {
    isa: Isa,
    basis: Dense,
    window_sum: [f32; WINDOW],
}

/// Samples that frames to come will still add to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Overlap {
    frames: usize,
    pending: [f32; WINDOW],
}

impl Inverse {
    /// With a basis of `[22][20]`, and what the first samples are divided by.
    pub(super) fn new(isa: Isa, basis: &[f32], window_sum: &[f32]) -> Self {
        let mut own = [0.0; WINDOW];
        own.iter_mut().zip(window_sum).for_each(|(own, &value)| *own = value);
        Self { isa, basis: Dense::pack(isa, SPECTRUM, WINDOW, basis, &[0.0; WINDOW]), window_sum: own }
    }

    /// Frames that have to be added until the first `samples` samples are done.
    pub(super) fn frames_for(samples: usize) -> usize {
        (samples + LEAD).div_ceil(HOP)
    }

    /// Turns `rows`, which it changes, into frames of [`WINDOW`] samples each.
    pub(super) fn waves(&self, rows: &mut [f32], waves: &mut [f32]) {
        wide(self.isa, || turn(rows));
        self.basis.run(DenseJob { input: rows, step: SPECTRUM, out: waves });
    }

    /// Adds frames and appends the samples that are done: [`HOP`] for each frame, less those before the first, and
    /// after the `last` frame of the fragment those that no other frame follows.
    pub(super) fn overlap(&self, overlap: &mut Overlap, waves: &[f32], last: usize, samples: &mut Vec<f32>) {
        for wave in waves.chunks_exact(WINDOW) {
            overlap.pending.iter_mut().zip(wave).for_each(|(pending, value)| *pending += value);
            let done = if overlap.frames + 1 == last { WINDOW - LEAD } else { HOP };
            for n in 0..done {
                let place = overlap.frames * HOP + n;
                if place >= LEAD {
                    let sum = self.window_sum.get(place).copied().filter(|&sum| sum > f32::MIN_POSITIVE);
                    samples.push(overlap.pending[n] / sum.unwrap_or(1.0) * GAIN);
                }
            }
            overlap.pending.copy_within(HOP.., 0);
            overlap.pending[WINDOW - HOP..].fill(0.0);
            overlap.frames += 1;
        }
    }
}

/// Turns magnitudes and phases into real and imaginary parts.
#[expect(clippy::inline_always, reason = "to be compiled with the vectors of whom it is called by")]
#[inline(always)]
fn turn(rows: &mut [f32]) {
    for row in rows.chunks_exact_mut(SPECTRUM) {
        let (levels, phases) = row.split_at_mut(BINS);
        for (level, phase) in levels.iter_mut().zip(phases) {
            let magnitude = exp(*level);
            let (sine, cosine) = sin_cos_turns(sin_turns(*phase / TAU) / TAU);
            (*level, *phase) = (magnitude * cosine, magnitude * sine);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::spectrum::Spectrum;
    use super::*;

    #[test]
    fn a_fragment_has_as_many_samples_as_it_should_however_its_frames_come() {
        let basis: Vec<f32> = (0..SPECTRUM * WINDOW).map(|index| (index as f32 * 0.37).sin()).collect();
        let inverse = Inverse::new(Isa::Portable, &basis, &[0.5; WINDOW]);
        let frames = Spectrum::frames(300);
        let mut rows: Vec<f32> = (0..frames * SPECTRUM).map(|index| (index as f32 * 0.91).cos()).collect();
        let mut waves = vec![0.0; frames * WINDOW];
        inverse.waves(&mut rows, &mut waves);
        let mut whole = Vec::new();
        inverse.overlap(&mut Overlap::default(), &waves, frames, &mut whole);
        assert_eq!(whole.len(), 300);
        let (mut parts, mut overlap) = (Vec::new(), Overlap::default());
        for part in waves.chunks(7 * WINDOW) {
            inverse.overlap(&mut overlap, part, frames, &mut parts);
            let done = overlap.frames;
            assert!(done == frames || Inverse::frames_for(parts.len()) <= done);
        }
        assert_eq!(parts, whole);
    }
}
