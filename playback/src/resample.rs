//! From the models' 24 kHz to the device's rate, without a seam between chunks.

use audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Async, Fft, FixedAsync, FixedSync, Indexing, Resampler, ResamplerConstructionError,
    SincInterpolationParameters, WindowFunction,
};

use crate::CHUNK_RATE;

/// Input frames per step: 10 ms, the delay that resampling adds at most to the look-ahead of the pump.
const BLOCK: usize = 240;

/// The same where little delay matters most; 3.3 ms.
const SHORT_BLOCK: usize = 80;
/// Taps of the best filter.
const SINC_LENGTH: usize = 512;

/// How well and how cheaply 24 kHz becomes the device's rate.
///
/// | | 1 kHz at 44.1 and 48 kHz: SNR | 10 kHz at 48 kHz: SNR | 10 kHz at 16 kHz: rejection | -3 dB at 48 kHz | held back | cost of a second at 48 kHz |
/// | --- | --- | --- | --- | --- | --- | --- |
/// | fast | 137, 137 dB | 134 dB | 143 dB | 9.70 kHz | 1.7 ms | 0.17 ms |
/// | balanced | 138, 141 dB | 140 dB | 143 dB | 11.20 kHz | 5.0 ms | 0.18 ms |
/// | best | 137, 139 dB | 140 dB | 132 dB | 11.60 kHz | 10.7 ms | 36 ms |
///
/// Measured by the example `resampled` on one core (Zen 4) that others used too: compare the costs with each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResampleQuality {
    /// A short filter, by FFT: the least delay, and a little dull.
    Fast,
    /// A longer filter, by FFT.
    #[default]
    Balanced,
    /// A windowed sinc of 512 taps: bright up to the highest frequencies, and dear.
    Best,
}

/// A streaming resampler of mono audio whose state lasts over chunks.
///
/// The delay of its filter is taken off at the start, so that output and input agree in time to half an output frame.
/// At 24 kHz samples pass through untouched.
pub struct Resample {
    filter: Option<Box<dyn Resampler<f32> + Send>>,
    /// Output frames by which the filter is late.
    delay: usize,
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
    pub fn new(rate: u32, quality: ResampleQuality) -> Result<Self, ResamplerConstructionError> {
        let filter = if rate == CHUNK_RATE { None } else { Some(filter(rate, quality)?) };
        let out = vec![0.0; filter.as_ref().map_or(0, |filter| filter.output_frames_max())];
        let delay = filter.as_ref().map_or(0, |filter| delay(filter.as_ref(), quality));
        let capacity = filter.as_ref().map_or(0, |filter| filter.input_frames_max());
        Ok(Self {
            filter,
            delay,
            rate,
            pending: Vec::with_capacity(capacity),
            out,
            skip: delay,
            input_frames: 0,
            output_frames: 0,
        })
    }

    /// Output frames that `input` more frames may give at most.
    pub fn output_bound(&self, input: usize) -> usize {
        match &self.filter {
            None => input,
            Some(filter) => {
                let steps = (self.pending.len() + input) / filter.input_frames_next().max(1) + 1;
                steps * self.out.len()
            }
        }
    }

    /// Resamples `input`, handing out what is ready.
    pub fn push(&mut self, mut input: &[f32], put: &mut impl FnMut(&[f32])) {
        self.input_frames += input.len() as u64;
        let Some(needed) = self.filter.as_ref().map(|filter| filter.input_frames_next()) else {
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
        if let Some(needed) = self.filter.as_ref().map(|filter| filter.input_frames_next()) {
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
        if let Some(filter) = &mut self.filter {
            filter.reset();
            self.skip = self.delay;
        }
    }

    /// One block through the filter, up to output frame `end`.
    fn step(&mut self, end: u64, put: &mut impl FnMut(&[f32])) {
        let Some(filter) = &mut self.filter else { return };
        let frames = self.pending.len();
        let capacity = self.out.len();
        let written = {
            let input = InterleavedSlice::new(&self.pending, 1, frames);
            let output = InterleavedSlice::new_mut(&mut self.out, 1, capacity);
            match (input, output) {
                (Ok(input), Ok(mut output)) => filter
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

/// A filter from [`CHUNK_RATE`] to `rate`.
fn filter(
    rate: u32,
    quality: ResampleQuality,
) -> Result<Box<dyn Resampler<f32> + Send>, ResamplerConstructionError> {
    let fft = |block| -> Result<Box<dyn Resampler<f32> + Send>, ResamplerConstructionError> {
        Ok(Box::new(Fft::new(CHUNK_RATE as usize, rate as usize, block, 1, FixedSync::Input)?))
    };
    Ok(match quality {
        ResampleQuality::Fast => fft(SHORT_BLOCK)?,
        ResampleQuality::Balanced => fft(BLOCK)?,
        ResampleQuality::Best => {
            let sinc = SincInterpolationParameters::new(SINC_LENGTH, WindowFunction::BlackmanHarris2);
            let ratio = f64::from(rate) / f64::from(CHUNK_RATE);
            Box::new(Async::new_sinc(ratio, 1.0, &sinc, BLOCK, 1, FixedAsync::Input)?)
        }
    })
}

/// Output frames by which `filter` is late, to the nearest.
fn delay(filter: &dyn Resampler<f32>, quality: ResampleQuality) -> usize {
    match quality {
        ResampleQuality::Fast | ResampleQuality::Balanced => filter.output_delay(),
        // It steps on before it writes: one output frame less than half its length.
        ResampleQuality::Best => (SINC_LENGTH as f64 / 2.0 * filter.resample_ratio() - 1.0).round() as usize,
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

    const QUALITIES: [ResampleQuality; 3] =
        [ResampleQuality::Fast, ResampleQuality::Balanced, ResampleQuality::Best];

    fn resample(input: &[f32], rate: u32, quality: ResampleQuality, cuts: usize) -> Vec<f32> {
        let mut resample = Resample::new(rate, quality).unwrap();
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
        for quality in QUALITIES {
            assert_eq!(resample(&input, CHUNK_RATE, quality, 77), input);
        }
    }

    #[test]
    fn a_sine_stays_the_same_sine_at_common_rates_without_delay() {
        for (quality, rate) in
            QUALITIES.into_iter().flat_map(|q| [8_000, 16_000, 44_100, 48_000, 96_000].map(|r| (q, r)))
        {
            let out = resample(&sine(24_000, CHUNK_RATE), rate, quality, 1_000);
            assert_eq!(out.len(), rate as usize, "{quality:?} at {rate} Hz");
            let expected = sine(rate as usize, rate);
            let edge = rate as usize / 50;
            let worst = out[edge..out.len() - edge]
                .iter()
                .zip(&expected[edge..])
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f32::max);
            let half_a_frame = TAU * 440.0 / rate as f32 / 2.0;
            assert!(worst < 2e-3 + half_a_frame, "{worst}, {quality:?} at {rate} Hz");
        }
    }

    #[test]
    fn a_rate_of_zero_is_an_error() {
        for quality in QUALITIES {
            assert!(Resample::new(0, quality).is_err());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_output_does_not_depend_on_how_the_input_was_cut(
            cuts in 1usize..2_000,
            frames in 1usize..6_000,
            quality in prop::sample::select(QUALITIES.to_vec()),
        ) {
            let input = sine(frames, CHUNK_RATE);
            let whole = resample(&input, 44_100, quality, usize::MAX);
            prop_assert_eq!(whole.len(), frames * 147 / 80);
            prop_assert_eq!(resample(&input, 44_100, quality, cuts), whole);
        }
    }
}
