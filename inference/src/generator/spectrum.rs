//! The short-time Fourier transform of the harmonic source, to the last bit as ONNX Runtime computes it.
//!
//! To the last bit, because the generator takes phases: where the source is silent most bins hold nothing but rounding,
//! and the angle of that is what the model has learned to make noise from. With a source
//! that is as exact but rounded otherwise every fifth phase was another, and the speech 36 dB from the stock graph's.
//!
//! Source: "A linear filtering approach to the computation of discrete Fourier transform", Bluestein, 1970, with a
//! radix-2 transform of 64 points, in the order of additions and with the tables of ONNX Runtime's operator `STFT`.

use std::f32::consts::PI;

use crate::kernels::{Isa, wide};

/// Samples of a frame.
pub(crate) const WINDOW: usize = 20;
/// Samples from one frame to the next.
pub(crate) const HOP: usize = 5;
/// Bins of a frame.
pub(super) const BINS: usize = WINDOW / 2 + 1;
/// Points of the transform that stands for the one of 20 points.
const POINTS: usize = 64;
const BITS: u32 = POINTS.trailing_zeros();
/// Frames that are transformed side by side.
const LANES: usize = 16;

type Lane = [f32; LANES];

/// A complex number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Complex {
    re: f32,
    im: f32,
}

impl Complex {
    fn at(angle: f32) -> Self {
        Self { re: angle.cos(), im: angle.sin() }
    }
}

/// Frame after frame of magnitudes and phases.
#[derive(Debug)]
pub(super) struct Spectrum {
    window: [f32; WINDOW],
    chirp: [Complex; WINDOW],
    /// The transform of the chirp.
    filter: [Complex; POINTS],
    /// `e^(-i 2 pi k / 64)` at the place that has the bits of `k` in reverse.
    roots: [Complex; POINTS],
}

/// What a transform works in.
#[derive(Debug)]
pub(super) struct Workspace {
    re: [Lane; POINTS],
    im: [Lane; POINTS],
    swapped_re: [Lane; POINTS],
    swapped_im: [Lane; POINTS],
}

impl Workspace {
    pub(super) fn new() -> Box<Self> {
        let zeros = [[0.0; LANES]; POINTS];
        Box::new(Self { re: zeros, im: zeros, swapped_re: zeros, swapped_im: zeros })
    }
}

impl Spectrum {
    /// With this window of [`WINDOW`] values; shorter ones are filled up with zeros.
    pub(super) fn new(window: &[f32]) -> Self {
        let mut own = [0.0; WINDOW];
        own.iter_mut().zip(window).for_each(|(own, &value)| *own = value);
        let mut roots = [Complex::default(); POINTS];
        let velocity = -(2.0 * PI) / POINTS as f32;
        for k in 0..POINTS {
            roots[reversed(k, BITS)] = Complex::at(k as f32 * velocity);
        }
        let mut chirp = [Complex::default(); WINDOW];
        for (n, chirp) in chirp.iter_mut().enumerate() {
            *chirp = Complex::at(-PI * n as f32 * n as f32 / WINDOW as f32);
        }
        let mut workspace = Workspace::new();
        for (n, chirp) in chirp.iter().enumerate() {
            let conjugate = Complex { re: chirp.re, im: -chirp.im };
            for place in [n, (POINTS - n) % POINTS] {
                workspace.re[place] = [conjugate.re; LANES];
                workspace.im[place] = [conjugate.im; LANES];
            }
        }
        let mut spectrum = Self { window: own, chirp, filter: [Complex::default(); POINTS], roots };
        spectrum.transform(&mut workspace);
        for (point, filter) in spectrum.filter.iter_mut().enumerate() {
            *filter = Complex { re: workspace.re[point][0], im: workspace.im[point][0] };
        }
        spectrum
    }

    /// Frames of a signal of so many samples.
    pub(super) fn frames(samples: usize) -> usize {
        samples / HOP + 1
    }

    /// Writes frames `first..` of `signal` into `out`: rows of [`BINS`] magnitudes and as many phases. The signal is
    /// mirrored at both ends.
    pub(super) fn rows(
        &self,
        isa: Isa,
        signal: &[f32],
        first: usize,
        out: &mut [f32],
        workspace: &mut Workspace,
    ) {
        wide(isa, || self.all_rows(signal, first, out, workspace));
    }

    #[expect(clippy::inline_always, reason = "to be compiled with the vectors of whom it is called by")]
    #[inline(always)]
    fn all_rows(&self, signal: &[f32], first: usize, out: &mut [f32], workspace: &mut Workspace) {
        for (block, out) in out.chunks_mut(LANES * 2 * BINS).enumerate() {
            let first = first + block * LANES;
            let frames = out.len() / (2 * BINS);
            for point in 0..POINTS {
                workspace.re[point] = [0.0; LANES];
                workspace.im[point] = [0.0; LANES];
            }
            for n in 0..WINDOW {
                for lane in 0..frames {
                    let windowed = mirrored(signal, (first + lane) * HOP + n) * self.window[n];
                    workspace.re[n][lane] = windowed * self.chirp[n].re;
                    workspace.im[n][lane] = windowed * self.chirp[n].im;
                }
            }
            self.transform(workspace);
            for point in 0..POINTS {
                let filter = self.filter[point];
                for lane in 0..LANES {
                    let (re, im) = (workspace.re[point][lane], workspace.im[point][lane]);
                    workspace.re[point][lane] = re * filter.re - im * filter.im;
                    workspace.im[point][lane] = re * filter.im + im * filter.re;
                }
            }
            // A second forward transform: the inverse one, backwards.
            self.transform(workspace);
            for bin in 0..BINS {
                let (point, chirp) = ((POINTS - bin) % POINTS, self.chirp[bin]);
                for lane in 0..frames {
                    let re = workspace.re[point][lane] / POINTS as f32;
                    let im = workspace.im[point][lane] / POINTS as f32;
                    let (re, im) = (re * chirp.re - im * chirp.im, re * chirp.im + im * chirp.re);
                    let row = &mut out[lane * 2 * BINS..][..2 * BINS];
                    row[bin] = (re * re + im * im).sqrt();
                    row[BINS + bin] = phase(re, im);
                }
            }
        }
    }

    /// Transforms what is in the workspace, in place.
    #[expect(clippy::inline_always, reason = "to be compiled with the vectors of whom it is called by")]
    #[inline(always)]
    fn transform(&self, workspace: &mut Workspace) {
        let Workspace { re, im, swapped_re, swapped_im } = workspace;
        for point in 0..POINTS {
            swapped_re[point] = re[reversed(point, BITS)];
            swapped_im[point] = im[reversed(point, BITS)];
        }
        std::mem::swap(re, swapped_re);
        std::mem::swap(im, swapped_im);
        for bits in 1..=BITS {
            let (size, middle) = (1 << bits, 1 << (bits - 1));
            for k in 0..middle {
                let (first, second) = (self.roots[reversed(k, bits)], self.roots[reversed(middle + k, bits)]);
                for even in (k..POINTS).step_by(size) {
                    let odd = even + middle;
                    for lane in 0..LANES {
                        let (even_re, even_im) = (re[even][lane], im[even][lane]);
                        let (odd_re, odd_im) = (re[odd][lane], im[odd][lane]);
                        re[even][lane] = even_re + (first.re * odd_re - first.im * odd_im);
                        im[even][lane] = even_im + (first.re * odd_im + first.im * odd_re);
                        re[odd][lane] = even_re + (second.re * odd_re - second.im * odd_im);
                        im[odd][lane] = even_im + (second.re * odd_im + second.im * odd_re);
                    }
                }
            }
        }
    }
}

/// The lowest `bits` bits of `index` in reverse.
fn reversed(index: usize, bits: u32) -> usize {
    index.reverse_bits() >> (usize::BITS - bits)
}

/// Sample `index` of the signal with half a window mirrored before and behind it.
fn mirrored(signal: &[f32], index: usize) -> f32 {
    let half = WINDOW / 2;
    let place = index.abs_diff(half);
    let last = signal.len() - 1;
    signal[if place > last { (2 * last).saturating_sub(place) } else { place }]
}

/// The angle as the graph spells it: an arc tangent, half a turn further left of the origin.
fn phase(re: f32, im: f32) -> f32 {
    let angle = (im / re).atan();
    if re < 0.0 { if im > 0.0 { angle + PI } else { angle - PI } } else { angle }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hann() -> Vec<f32> {
        (0..WINDOW).map(|n| 0.5 - 0.5 * (2.0 * PI * n as f32 / WINDOW as f32).cos()).collect()
    }

    #[test]
    fn a_frame_is_the_transform_of_its_windowed_samples() {
        let window = hann();
        let signal: Vec<f32> =
            (0..300).map(|t| (t as f32 * 0.7).sin() + 0.3 * (t as f32 * 0.11).cos()).collect();
        let frames = Spectrum::frames(signal.len());
        let mut out = vec![0.0; frames * 2 * BINS];
        Spectrum::new(&window).rows(Isa::best(), &signal, 0, &mut out, &mut Workspace::new());
        for frame in 2..frames - 2 {
            for bin in 0..BINS {
                let (mut re, mut im) = (0.0_f64, 0.0_f64);
                for n in 0..WINDOW {
                    let value = f64::from(signal[frame * HOP + n - WINDOW / 2] * window[n]);
                    let angle = -std::f64::consts::TAU * (bin * n) as f64 / WINDOW as f64;
                    re += value * angle.cos();
                    im += value * angle.sin();
                }
                let row = &out[frame * 2 * BINS..][..2 * BINS];
                assert!((f64::from(row[bin]) - re.hypot(im)).abs() < 2e-5);
                let (sine, cosine) = f64::from(row[BINS + bin]).sin_cos();
                let size = re.hypot(im);
                assert!((size * cosine - re).abs() < 2e-5 && (size * sine - im).abs() < 2e-5);
            }
        }
    }

    #[test]
    fn frames_are_the_same_wherever_a_call_begins() {
        let signal: Vec<f32> = (0..600).map(|t| (t as f32 * 0.3).sin()).collect();
        let spectrum = Spectrum::new(&hann());
        let frames = Spectrum::frames(signal.len());
        let mut whole = vec![0.0; frames * 2 * BINS];
        spectrum.rows(Isa::best(), &signal, 0, &mut whole, &mut Workspace::new());
        let mut part = vec![0.0; 37 * 2 * BINS];
        spectrum.rows(Isa::best(), &signal, 41, &mut part, &mut Workspace::new());
        assert_eq!(part, whole[41 * 2 * BINS..78 * 2 * BINS]);
    }
}
