//! The short-time Fourier transform and its inverse, a frame at a time.
//!
//! Hann window of 1200 samples, hop 300, frame k centred on sample 300 k. Outside the signal stands its mirror image
//! (forwards) or nothing (backwards, where the sum of the squared windows is divided out).

use std::sync::Arc;

use realfft::num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::{BINS, HOP, LENGTH};

/// Hops that a window spans.
const SPAN: usize = LENGTH / HOP;

/// The periodic Hann window.
fn window() -> Vec<f32> {
    let hann = |i: usize| 0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / LENGTH as f64).cos();
    (0..LENGTH).map(|i| hann(i) as f32).collect()
}

/// Signal to spectra.
pub(super) struct Analysis {
    transform: Arc<dyn RealToComplex<f32>>,
    /// Scaled so that a cosine of unit amplitude comes out as one.
    window: Vec<f32>,
    frame: Vec<f32>,
    scratch: Vec<Complex32>,
}

impl Analysis {
    pub(super) fn new() -> Self {
        let transform = RealFftPlanner::new().plan_fft_forward(LENGTH);
        let scale = 4.0 / LENGTH as f32;
        Self {
            window: window().iter().map(|w| w * scale).collect(),
            frame: transform.make_input_vec(),
            scratch: transform.make_scratch_vec(),
            transform,
        }
    }

    /// Writes the spectrum of frame `frame` of `signal`, and returns whether there is any: the signal may be silent
    /// there, and then `spectrum` is left alone.
    ///
    /// `length` is that of the whole signal; `signal` must hold it up to the frame's last sample.
    pub(super) fn frame(
        &mut self,
        signal: &[f32],
        length: usize,
        frame: usize,
        spectrum: &mut [Complex32],
    ) -> bool {
        let first = (frame * HOP) as isize - (LENGTH / 2) as isize;
        if first >= 0 && first as usize + LENGTH <= length {
            self.frame.copy_from_slice(&signal[first as usize..first as usize + LENGTH]);
        } else {
            for (i, sample) in self.frame.iter_mut().enumerate() {
                *sample = signal[mirrored(first + i as isize, length)];
            }
        }
        if self.frame.iter().all(|&s| s == 0.0) {
            return false;
        }
        for (sample, w) in self.frame.iter_mut().zip(&self.window) {
            *sample *= w;
        }
        let done = self.transform.process_with_scratch(&mut self.frame, spectrum, &mut self.scratch);
        debug_assert!(done.is_ok(), "all three buffers were made by the transform");
        true
    }
}

/// The sample that stands at `index` of a signal mirrored at its first and last sample.
fn mirrored(index: isize, length: usize) -> usize {
    let last = length.saturating_sub(1) as isize;
    if last == 0 {
        return 0;
    }
    let within = index.rem_euclid(2 * last);
    within.min(2 * last - within) as usize
}

/// Spectra to signal, by overlap and add. A hop of the signal is done once the two frames after it came.
pub(super) struct Resynthesis {
    transform: Arc<dyn ComplexToReal<f32>>,
    /// Scaled to undo the transform's factor.
    window: Vec<f32>,
    squared: Vec<f32>,
    frame: Vec<f32>,
    scratch: Vec<Complex32>,
    /// The hops that later frames still add to, the oldest first.
    open: Vec<f32>,
}

impl Resynthesis {
    pub(super) fn new() -> Self {
        let transform = RealFftPlanner::new().plan_fft_inverse(LENGTH);
        let window = window();
        Self {
            squared: window.iter().map(|w| w * w).collect(),
            window: window.iter().map(|w| w / LENGTH as f32).collect(),
            frame: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            open: vec![0.0; LENGTH],
            transform,
        }
    }

    /// Forgets the frames of an earlier signal.
    pub(super) fn begin(&mut self) {
        self.open.fill(0.0);
    }

    /// Adds frame `frame` of `frames`, and appends the hop that it completes, if any, to `signal`. Overwrites
    /// `spectrum`.
    pub(super) fn add(
        &mut self,
        spectrum: &mut [Complex32],
        frame: usize,
        frames: usize,
        signal: &mut Vec<f32>,
    ) {
        // The transform of a real signal has no imaginary part there.
        spectrum[0].im = 0.0;
        spectrum[BINS - 1].im = 0.0;
        let done = self.transform.process_with_scratch(spectrum, &mut self.frame, &mut self.scratch);
        debug_assert!(done.is_ok(), "all three buffers were made by the transform");
        for ((open, sample), w) in self.open.iter_mut().zip(&self.frame).zip(&self.window) {
            *open += sample * w;
        }
        if frame >= SPAN / 2 {
            self.complete(frame - SPAN / 2, frames, signal);
        }
        self.advance();
    }

    /// Appends the hops that are still open after the last of `frames` frames.
    pub(super) fn finish(&mut self, frames: usize, signal: &mut Vec<f32>) {
        for step in 0..SPAN / 2 {
            if let Some(hop) = (frames + step).checked_sub(SPAN / 2) {
                self.complete(hop, frames, signal);
            }
            self.advance();
        }
    }

    fn complete(&self, hop: usize, frames: usize, signal: &mut Vec<f32>) {
        // Hop h is under segment s of the window of frame h + 2 - s.
        let has = |s: usize| (hop + SPAN / 2).checked_sub(s).is_some_and(|frame| frame < frames);
        if (0..SPAN).all(has) {
            // Four Hann windows a quarter apart: their squares add up to 3/2 everywhere.
            signal.extend(self.open[..HOP].iter().map(|sample| sample * (2.0 / 3.0)));
        } else {
            signal.extend(self.open[..HOP].iter().enumerate().map(|(i, sample)| {
                let weight: f32 = (0..SPAN).filter(|&s| has(s)).map(|s| self.squared[s * HOP + i]).sum();
                sample / weight.max(1e-11)
            }));
        }
    }

    fn advance(&mut self) {
        self.open.copy_within(HOP.., 0);
        self.open[LENGTH - HOP..].fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(frames: usize) -> Vec<f32> {
        (0..frames * HOP).map(|i| (i as f32 * 0.21).sin() + 0.3 * (i as f32 * 0.017).cos()).collect()
    }

    #[test]
    fn the_inverse_gives_the_signal_back() {
        for frames in [1, 2, 3, 4, 5, 17] {
            let signal = signal(frames);
            let (mut analysis, mut resynthesis) = (Analysis::new(), Resynthesis::new());
            let mut spectrum = vec![Complex32::default(); BINS];
            let mut back = Vec::new();
            for frame in 0..frames {
                assert!(analysis.frame(&signal, signal.len(), frame, &mut spectrum));
                resynthesis.add(&mut spectrum, frame, frames, &mut back);
            }
            resynthesis.finish(frames, &mut back);
            assert_eq!(back.len(), signal.len());
            for (back, sample) in back.iter().zip(&signal) {
                // The analysis window carries the factor 4 / 1200.
                assert!((back * (LENGTH as f32 / 4.0) - sample).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn a_cosine_of_unit_amplitude_comes_out_as_one() {
        let signal: Vec<f32> =
            (0..6000).map(|i| (std::f32::consts::TAU * 40.0 * i as f32 / LENGTH as f32).cos()).collect();
        let mut spectrum = vec![Complex32::default(); BINS];
        assert!(Analysis::new().frame(&signal, signal.len(), 8, &mut spectrum));
        assert!((spectrum[40].norm() - 1.0).abs() < 1e-4);
        assert!(spectrum[50].norm() < 1e-4);
    }

    #[test]
    fn outside_the_signal_stands_its_mirror_image() {
        let indices: Vec<usize> = (-3..8).map(|i| mirrored(i, 5)).collect();
        assert_eq!(indices, [3, 2, 1, 0, 1, 2, 3, 4, 3, 2, 1]);
        assert_eq!(mirrored(-600, 1), 0);
    }

    #[test]
    fn silence_has_no_spectrum() {
        let mut spectrum = vec![Complex32::default(); BINS];
        assert!(!Analysis::new().frame(&[0.0; 3000], 3000, 4, &mut spectrum));
    }
}
