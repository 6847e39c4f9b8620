//! From the models' 24 kHz to the device's rate, without a seam between chunks.

use audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler, ResamplerConstructionError};

use crate::CHUNK_RATE;

/// Input frames per step: 10 ms, the delay that resampling adds at most to the look-ahead of the pump.
const BLOCK: usize = 240;

/// A streaming resampler of mono audio whose state lasts over chunks.
///
/// The delay of its filter is taken off at the start, so that output and input agree in time to half an output frame.
/// At 24 kHz samples pass through untouched.
pub struct Resample {
    fft: Option<Fft<f32>>,
    rate: u32,
    pending: Vec<f32>,
    out: Vec<f32>,
    skip: usize,
    input_frames: u64,
    output_frames: u64,
}

impl Resample {
    /// A resampler from [`CHUNK_RATE`] to `rate`.
    ///
    /// # Errors
    /// When no resampler exists for the rate (0, say).
    pub fn new(rate: u32) -> Result<Self, ResamplerConstructionError> {
        let fft = if rate == CHUNK_RATE {
            None
        } else {
            Some(Fft::new(CHUNK_RATE as usize, rate as usize, BLOCK, 1, FixedSync::Input)?)
        };
        let out = vec![0.0; fft.as_ref().map_or(0, Resampler::output_frames_max)];
        let skip = fft.as_ref().map_or(0, Resampler::output_delay);
        let capacity = fft.as_ref().map_or(0, Resampler::input_frames_max);
        Ok(Self {
            fft,
            rate,
            pending: Vec::with_capacity(capacity),
            out,
            skip,
            input_frames: 0,
            output_frames: 0,
        })
    }

    /// Output frames that `input` more frames may give at most.
    pub fn output_bound(&self, input: usize) -> usize {
        match &self.fft {
            None => input,
            Some(fft) => {
                let steps = (self.pending.len() + input) / fft.input_frames_next().max(1) + 1;
                steps * self.out.len()
            }
        }
    }

    /// Resamples `input`, handing out what is ready.
    pub fn push(&mut self, mut input: &[f32], put: &mut impl FnMut(&[f32])) {
        self.input_frames += input.len() as u64;
        let Some(needed) = self.fft.as_ref().map(Resampler::input_frames_next) else {
            put(input);
            return;
        };
        while !input.is_empty() {
            let taken = (needed - self.pending.len()).min(input.len());
            self.pending.extend_from_slice(&input[..taken]);
            input = &input[taken..];
            if self.pending.len() == needed {
                self.step(u64::MAX, put);
            }
        }
    }

    /// Hands out what the filter still holds, so that the output ends where the input did.
    pub fn flush(&mut self, put: &mut impl FnMut(&[f32])) {
        if let Some(needed) = self.fft.as_ref().map(Resampler::input_frames_next) {
            let end = self.input_frames * u64::from(self.rate) / u64::from(CHUNK_RATE);
            while self.output_frames < end {
                self.pending.resize(needed, 0.0);
                self.step(end, put);
            }
        }
        self.reset();
    }

    /// Forgets everything that was pushed.
    pub fn reset(&mut self) {
        self.pending.clear();
        self.input_frames = 0;
        self.output_frames = 0;
        if let Some(fft) = &mut self.fft {
            fft.reset();
            self.skip = fft.output_delay();
        }
    }

    /// One block through the filter, up to output frame `end`.
    fn step(&mut self, end: u64, put: &mut impl FnMut(&[f32])) {
        let Some(fft) = &mut self.fft else { return };
        let frames = self.pending.len();
        let capacity = self.out.len();
        let written = {
            let input = InterleavedSlice::new(&self.pending, 1, frames);
            let output = InterleavedSlice::new_mut(&mut self.out, 1, capacity);
            match (input, output) {
                (Ok(input), Ok(mut output)) => fft
                    .process_into_buffer(&input, &mut output, None::<&Indexing>)
                    .map_or(0, |(_, written)| written),
                _ => 0,
            }
        };
        self.pending.clear();
        let skipped = self.skip.min(written);
        self.skip -= skipped;
        let left = usize::try_from(end.saturating_sub(self.output_frames)).unwrap_or(usize::MAX);
        let ready = &self.out[skipped..written];
        let ready = &ready[..ready.len().min(left)];
        self.output_frames += ready.len() as u64;
        if !ready.is_empty() {
            put(ready);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::f32::consts::TAU;

    fn sine(frames: usize, rate: u32) -> Vec<f32> {
        (0..frames).map(|n| (TAU * 440.0 * n as f32 / rate as f32).sin()).collect()
    }

    fn resample(input: &[f32], rate: u32, cuts: usize) -> Vec<f32> {
        let mut resample = Resample::new(rate).unwrap();
        let mut out = Vec::new();
        for piece in input.chunks(cuts) {
            resample.push(piece, &mut |ready| out.extend_from_slice(ready));
        }
        resample.flush(&mut |ready| out.extend_from_slice(ready));
        out
    }

    #[test]
    fn the_native_rate_passes_through_untouched() {
        let input = sine(1_000, CHUNK_RATE);
        assert_eq!(resample(&input, CHUNK_RATE, 77), input);
    }

    #[test]
    fn a_sine_stays_the_same_sine_at_common_rates_without_delay() {
        for rate in [8_000, 16_000, 44_100, 48_000, 96_000] {
            let out = resample(&sine(24_000, CHUNK_RATE), rate, 1_000);
            assert_eq!(out.len(), rate as usize, "at {rate} Hz");
            let expected = sine(rate as usize, rate);
            let edge = rate as usize / 50;
            let worst = out[edge..out.len() - edge]
                .iter()
                .zip(&expected[edge..])
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f32::max);
            let half_a_frame = TAU * 440.0 / rate as f32 / 2.0;
            assert!(worst < 2e-3 + half_a_frame, "{worst} at {rate} Hz");
        }
    }

    #[test]
    fn a_rate_of_zero_is_an_error() {
        assert!(Resample::new(0).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_output_does_not_depend_on_how_the_input_was_cut(cuts in 1usize..2_000, frames in 1usize..6_000) {
            let input = sine(frames, CHUNK_RATE);
            prop_assert_eq!(resample(&input, 48_000, cuts), resample(&input, 48_000, usize::MAX));
        }
    }
}
