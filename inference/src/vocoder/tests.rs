//! The vocoder against the formula, computed slowly and in double precision over the whole signal at once.

use std::f64::consts::{PI, TAU};

use super::*;

/// A fragment with voiced and unvoiced stretches, and levels and phases that wander.
struct Example {
    spectra: [Vec<f32>; 5],
    f0: Vec<f32>,
}

impl Example {
    fn new(frames: usize) -> Self {
        let spectrum = |offset: f32, swing: f32, rate: f32| {
            let value = |i: usize| {
                let (bin, frame) = ((i / frames) as f32, (i % frames) as f32);
                offset + swing * (rate * bin + 0.37 * frame).sin() - 0.004 * bin
            };
            (0..BINS * frames).map(value).collect::<Vec<f32>>()
        };
        let voiced = |frame: usize| frame % 13 > 4;
        let f0 = |frame: usize| if voiced(frame) { 180.0 + 3.0 * frame as f32 } else { 0.0 };
        Self {
            spectra: [
                spectrum(-1.0, 2.0, 0.11),
                spectrum(0.0, 1.5, 0.05),
                spectrum(-3.0, 1.0, 0.23),
                spectrum(-2.0, 1.0, 0.07),
                spectrum(0.5, 6.0, 0.19),
            ],
            f0: (0..frames).map(f0).collect(),
        }
    }

    fn frames(&self) -> Frames<'_> {
        let [harmonic, theta, noise, residual, phi] = &self.spectra;
        Frames { harmonic, theta, noise, residual, phi, f0: &self.f0 }
    }
}

fn vocoded(frames: &Frames<'_>, seed: u64) -> Vec<f32> {
    let (mut vocoder, mut signal) = (Vocoder::new(), Vec::new());
    vocoder.begin(seed);
    while vocoder.advance(frames, &mut signal) {}
    signal
}

fn hann(i: usize) -> f64 {
    0.5 - 0.5 * (TAU * i as f64 / LENGTH as f64).cos()
}

/// The pulse train: every harmonic on its own.
fn reference_pulses(f0: &[f32]) -> Vec<f64> {
    let mut phase = 0.0_f64;
    let at = |frame: isize| f64::from(f0[frame.clamp(0, f0.len() as isize - 1) as usize]);
    (0..f0.len() * HOP)
        .map(|n| {
            let position = (n as f64 + 0.5) / HOP as f64 - 0.5;
            let frame = position.floor();
            let hz =
                at(frame as isize) * (1.0 - (position - frame)) + at(frame as isize + 1) * (position - frame);
            phase += hz.max(40.0) / 24_000.0;
            if hz <= 40.0 {
                return 0.0;
            }
            let harmonics = (11_000.0 / hz).floor() as usize;
            (1..=harmonics).map(|h| (TAU * phase * h as f64).cos()).sum()
        })
        .collect()
}

/// The whole signal path by its definition: direct sums, no streaming, no approximation. Only the noise is taken from
/// the same place.
fn reference(frames: &Frames<'_>, seed: u64) -> Vec<f64> {
    let count = frames.f0.len();
    let length = count * HOP;
    let pulses = reference_pulses(frames.f0);
    let roots: Vec<(f64, f64)> = (0..LENGTH).map(|i| (TAU * i as f64 / LENGTH as f64).sin_cos()).collect();
    let mut noise = Noise::new(seed);
    let (mut noise_re, mut noise_im) = ([0.0; BINS], [0.0; BINS]);
    let (mut signal, mut weight) = (vec![0.0; length + 2 * LENGTH], vec![0.0; length + 2 * LENGTH]);
    for frame in 0..count {
        noise.frame(frame, &mut noise_re, &mut noise_im);
        let windowed: Vec<f64> = (0..LENGTH)
            .map(|i| {
                let index = (frame * HOP + i) as i64 - (LENGTH / 2) as i64;
                let last = length as i64 - 1;
                let index = if index < 0 { -index } else { index };
                let index = if index > last { 2 * last - index } else { index };
                pulses[index as usize] * hann(i) / 300.0
            })
            .collect();
        let spectrum: Vec<(f64, f64)> = (0..BINS)
            .map(|bin| {
                let at = |of: &[f32]| f64::from(of[bin * count + frame]);
                let (mut pulse_re, mut pulse_im) = (0.0, 0.0);
                for (i, sample) in windowed.iter().enumerate() {
                    let (sine, cosine) = roots[bin * i % LENGTH];
                    pulse_re += sample * cosine;
                    pulse_im -= sample * sine;
                }
                let (sine, cosine) = (PI * at(frames.theta).tanh()).sin_cos();
                let harmonic = at(frames.harmonic).min(7.0).exp();
                let noise = at(frames.noise).min(7.0).exp();
                let residual = at(frames.residual).min(7.0).exp();
                let (free_sine, free_cosine) = at(frames.phi).sin_cos();
                let re = harmonic * (cosine * pulse_re - sine * pulse_im)
                    + noise * f64::from(noise_re[bin])
                    + residual * free_cosine;
                let im = harmonic * (cosine * pulse_im + sine * pulse_re)
                    + noise * f64::from(noise_im[bin])
                    + residual * free_sine;
                (re, if bin == 0 || bin == BINS - 1 { 0.0 } else { im })
            })
            .collect();
        for i in 0..LENGTH {
            let sum: f64 = spectrum
                .iter()
                .enumerate()
                .map(|(bin, (re, im))| {
                    let (sine, cosine) = roots[bin * i % LENGTH];
                    let mirror = if bin == 0 || bin == BINS - 1 { 1.0 } else { 2.0 };
                    mirror * (re * cosine - im * sine)
                })
                .sum();
            signal[frame * HOP + i] += sum / LENGTH as f64 * hann(i);
            weight[frame * HOP + i] += hann(i) * hann(i);
        }
    }
    (LENGTH / 2..LENGTH / 2 + length).map(|n| signal[n] / weight[n].max(1e-11)).collect()
}

#[test]
fn the_signal_is_what_the_formula_says() {
    let example = Example::new(37);
    let frames = example.frames();
    let (signal, reference) = (vocoded(&frames, 11), reference(&frames, 11));
    assert_eq!(signal.len(), reference.len());
    let power: f64 = reference.iter().map(|r| r * r).sum();
    let error: f64 = signal.iter().zip(&reference).map(|(&s, r)| (f64::from(s) - r).powi(2)).sum();
    let ratio = 10.0 * (power / error).log10();
    println!("vocoder against the formula: {ratio:.1} dB");
    assert!(ratio > 60.0, "{ratio:.1} dB");
}

#[test]
fn the_seed_alone_decides_the_noise() {
    let example = Example::new(20);
    let frames = example.frames();
    assert_eq!(vocoded(&frames, 1), vocoded(&frames, 1));
    assert_ne!(vocoded(&frames, 1), vocoded(&frames, 2));
}

#[test]
fn a_vocoder_that_was_used_or_broken_off_before_gives_the_same_samples() {
    let (long, short) = (Example::new(40), Example::new(20));
    let (mut vocoder, mut signal) = (Vocoder::new(), Vec::new());
    vocoder.begin(3);
    vocoder.advance(&long.frames(), &mut signal);
    signal.clear();
    vocoder.begin(5);
    while vocoder.advance(&short.frames(), &mut signal) {}
    assert_eq!(signal, vocoded(&short.frames(), 5));
}

#[test]
fn what_is_no_number_reaches_the_signal() {
    for spectrum in 0..5 {
        let mut example = Example::new(20);
        let voiced_frame = 8;
        example.spectra[spectrum][100 * 20 + voiced_frame] = f32::NAN;
        let signal = vocoded(&example.frames(), 1);
        assert!(signal.iter().any(|s| s.is_nan()), "spectrum {spectrum}");
    }
}
