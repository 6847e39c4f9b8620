//! The distilled model's signal path: from the spectra that the network predicts to samples.
//!
//! ```text
//! E = STFT(pulses(f0))
//! S = exp(min(lh, 7)) exp(i pi tanh(theta)) E + exp(min(ln, 7)) Z + exp(min(lr, 7)) exp(i phi)
//! y = inverse STFT of S
//! ```
//!
//! Z is complex Gaussian noise of unit variance per component. A frame is 12.5 ms; window 1200, hop 300, at 24 kHz.
//!
//! Source: the description of the signal path that the distilled model was published with.

pub(crate) mod elementary;
mod noise;
mod pulses;
mod stft;

use std::f32::consts::TAU;

use realfft::num_complex::Complex32;

use elementary::{exp, sin_cos_turns, tanh};
use noise::Noise;
use pulses::Pulses;
use stft::{Analysis, Resynthesis};

/// Samples per frame.
pub(crate) const HOP: usize = 300;

/// Samples under a window.
const LENGTH: usize = 1200;

/// Bins of a spectrum.
pub(crate) const BINS: usize = LENGTH / 2 + 1;

/// Frames that are brought from the network's order into the vocoder's at a time: 16 floats are a cache line.
const BLOCK: usize = 16;

/// Log magnitudes end here.
const LOUDEST: f32 = 7.0;

/// The network's output for one fragment. The five spectra are `[BINS, frames]`, row by row; `f0` is `[frames]`, in
/// Hz, 0 where unvoiced.
#[derive(Clone, Copy)]
pub(crate) struct Frames<'a> {
    /// Log magnitude of the filter over the pulses.
    pub(crate) harmonic: &'a [f32],
    /// Its phase, before `pi tanh`.
    pub(crate) theta: &'a [f32],
    /// Log magnitude of the noise.
    pub(crate) noise: &'a [f32],
    /// Log magnitude of the part with free phase.
    pub(crate) residual: &'a [f32],
    /// Its phase, in radians.
    pub(crate) phi: &'a [f32],
    /// The fundamental frequency.
    pub(crate) f0: &'a [f32],
}

/// Turns frames into samples. Its buffers grow to the longest fragment met and are kept.
pub(crate) struct Vocoder {
    pulses: Pulses,
    train: Vec<f32>,
    analysis: Analysis,
    noise: Noise,
    resynthesis: Resynthesis,
    rows: Rows,
    spectrum: Vec<Complex32>,
    next: usize,
}

impl Vocoder {
    pub(crate) fn new() -> Self {
        Self {
            pulses: Pulses::default(),
            train: Vec::new(),
            analysis: Analysis::new(),
            noise: Noise::new(0),
            resynthesis: Resynthesis::new(),
            rows: Rows::default(),
            spectrum: vec![Complex32::default(); BINS],
            next: 0,
        }
    }

    /// Starts a fragment.
    pub(crate) fn begin(&mut self, seed: u64) {
        self.pulses = Pulses::default();
        self.train.clear();
        self.noise.reseed(seed);
        self.resynthesis.begin();
        self.next = 0;
    }

    /// Takes the next block of `frames`, the same at every call since [`begin`](Self::begin), and appends the samples
    /// that are then done to `signal`. Returns whether any frames are left; the samples of a fragment are `HOP` times
    /// its frames.
    pub(crate) fn advance(&mut self, frames: &Frames<'_>, signal: &mut Vec<f32>) -> bool {
        let count = frames.f0.len();
        let block = BLOCK.min(count - self.next);
        self.rows.gather(frames, self.next, block);
        for row in 0..block {
            self.frame(frames.f0, row, signal);
        }
        if self.next == count {
            self.resynthesis.finish(count, signal);
        }
        self.next < count
    }

    fn frame(&mut self, f0: &[f32], row: usize, signal: &mut Vec<f32>) {
        let (frame, frames) = (self.next, f0.len());
        // A frame reaches half a window ahead, and the mirror image before the first sample one sample further.
        while self.train.len() < (frame * HOP + LENGTH / 2 + 1).min(frames * HOP) {
            self.pulses.extend(f0, self.train.len() / HOP, &mut self.train);
        }
        self.rows.shape_noise(row, &mut self.noise, frame);
        self.rows.add_residual(row);
        if self.analysis.frame(&self.train, frames * HOP, frame, &mut self.spectrum) {
            self.rows.add_harmonics(row, &self.spectrum);
        }
        for ((bin, &re), &im) in self.spectrum.iter_mut().zip(&self.rows.re).zip(&self.rows.im) {
            *bin = Complex32 { re, im };
        }
        self.resynthesis.add(&mut self.spectrum, frame, frames, signal);
        self.next += 1;
    }
}

type Row = [f32; BINS];

/// A block of frames, each with its bins next to each other, and the spectrum in the making. Real and imaginary parts
/// are apart, and each term has its own loop, so that the loops become vector code.
struct Rows {
    harmonic: Vec<Row>,
    theta: Vec<Row>,
    noise: Vec<Row>,
    residual: Vec<Row>,
    phi: Vec<Row>,
    re: Row,
    im: Row,
}

impl Default for Rows {
    fn default() -> Self {
        let empty = || vec![[0.0; BINS]; BLOCK];
        Self {
            harmonic: empty(),
            theta: empty(),
            noise: empty(),
            residual: empty(),
            phi: empty(),
            re: [0.0; BINS],
            im: [0.0; BINS],
        }
    }
}

impl Rows {
    fn gather(&mut self, frames: &Frames<'_>, first: usize, block: usize) {
        let columns = [
            (frames.harmonic, &mut self.harmonic),
            (frames.theta, &mut self.theta),
            (frames.noise, &mut self.noise),
            (frames.residual, &mut self.residual),
            (frames.phi, &mut self.phi),
        ];
        for (from, to) in columns {
            for (bin, column) in from.chunks_exact(frames.f0.len()).enumerate() {
                for (row, &value) in to.iter_mut().zip(&column[first..first + block]) {
                    row[bin] = value;
                }
            }
        }
    }

    fn shape_noise(&mut self, row: usize, noise: &mut Noise, frame: usize) {
        noise.frame(frame, &mut self.re, &mut self.im);
        for ((re, im), &level) in self.re.iter_mut().zip(&mut self.im).zip(&self.noise[row]) {
            let magnitude = magnitude(level);
            *re *= magnitude;
            *im *= magnitude;
        }
    }

    fn add_residual(&mut self, row: usize) {
        let terms = self.residual[row].iter().zip(&self.phi[row]);
        for ((re, im), (&level, &phi)) in self.re.iter_mut().zip(&mut self.im).zip(terms) {
            let magnitude = magnitude(level);
            let (sine, cosine) = sin_cos_turns(phi * (1.0 / TAU));
            *re += magnitude * cosine;
            *im += magnitude * sine;
        }
    }

    fn add_harmonics(&mut self, row: usize, pulses: &[Complex32]) {
        let terms = self.harmonic[row].iter().zip(&self.theta[row]).zip(pulses);
        for ((re, im), ((&level, &theta), pulse)) in self.re.iter_mut().zip(&mut self.im).zip(terms) {
            let magnitude = magnitude(level);
            let (sine, cosine) = sin_cos_turns(0.5 * tanh(theta));
            *re += magnitude * (cosine * pulse.re - sine * pulse.im);
            *im += magnitude * (cosine * pulse.im + sine * pulse.re);
        }
    }
}

#[inline]
fn magnitude(level: f32) -> f32 {
    exp(if level > LOUDEST { LOUDEST } else { level })
}

#[cfg(test)]
mod tests;
