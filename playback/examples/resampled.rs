//! Measures the qualities of resampling, as the table of `ResampleQuality` gives them.
//!
//! ```sh
//! cargo run --release -p sostenuto-playback --example resampled
//! ```

use std::error::Error;
use std::f64::consts::TAU;
use std::time::Instant;

use sostenuto_playback::{CHUNK_RATE, Resample, ResampleQuality};

const QUALITIES: [ResampleQuality; 3] =
    [ResampleQuality::Fast, ResampleQuality::Balanced, ResampleQuality::Best];
/// What the pump pushes at once.
const BLOCK: usize = 240;
/// Seconds of each tone.
const SECONDS: usize = 2;
/// The cost is that of the fastest of so many runs.
const RUNS: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    println!(
        "| | 1 kHz at 44.1, 48 kHz: SNR | 10 kHz at 48 kHz: SNR | 10 kHz at 16 kHz: rejection | -3 dB at 48 kHz | held back at 48 kHz | cost per second, 48 kHz |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for quality in QUALITIES {
        let snr = |hertz: f64, rate: u32| -> Result<f64, Box<dyn Error>> {
            Ok(signal_to_noise(&middle(&resampled(&tone(hertz), rate, quality)?), hertz, rate))
        };
        let alias = level(&middle(&resampled(&tone(10_000.0), 16_000, quality)?));
        let mut edge = 12_000.0;
        while amplitude(&middle(&resampled(&tone(edge), 48_000, quality)?), edge, 48_000).0 < 0.5_f64.sqrt() {
            edge -= 50.0;
        }
        println!(
            "| `{quality:?}` | {:.0}, {:.0} dB | {:.0} dB | {:.0} dB | {:.2} kHz | {:.1} ms | {:.0} µs |",
            snr(1_000.0, 44_100)?,
            snr(1_000.0, 48_000)?,
            snr(10_000.0, 48_000)?,
            -20.0 * (alias / 0.5_f64.sqrt()).log10(),
            edge / 1_000.0,
            held_back(quality)? * 1e3,
            cost(quality)? * 1e6,
        );
    }
    Ok(())
}

/// A tone of full scale.
fn tone(hertz: f64) -> Vec<f32> {
    let sample = |n: usize| (TAU * hertz * n as f64 / f64::from(CHUNK_RATE)).sin() as f32;
    (0..SECONDS * CHUNK_RATE as usize).map(sample).collect()
}

fn resampled(input: &[f32], rate: u32, quality: ResampleQuality) -> Result<Vec<f32>, Box<dyn Error>> {
    let mut resample = Resample::new(rate, quality)?;
    let mut out = Vec::with_capacity(input.len() * rate as usize / CHUNK_RATE as usize);
    for block in input.chunks(BLOCK) {
        resample.push(block, &mut |frames| out.extend_from_slice(frames));
    }
    resample.flush(&mut |frames| out.extend_from_slice(frames));
    Ok(out)
}

/// Away from where the tone begins and ends.
fn middle(samples: &[f32]) -> Vec<f32> {
    samples[samples.len() / 4..samples.len() * 3 / 4].to_vec()
}

fn level(samples: &[f32]) -> f64 {
    (samples.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>() / samples.len() as f64).sqrt()
}

/// Amplitude of the tone of `hertz` in `samples`, and the sine and cosine that it is made of: the least squares fit,
/// over whole periods.
fn amplitude(samples: &[f32], hertz: f64, rate: u32) -> (f64, f64, f64) {
    let (mut sine, mut cosine) = (0.0, 0.0);
    for (n, &sample) in samples.iter().enumerate() {
        let (s, c) = (TAU * hertz * n as f64 / f64::from(rate)).sin_cos();
        sine += f64::from(sample) * s;
        cosine += f64::from(sample) * c;
    }
    let scale = 2.0 / samples.len() as f64;
    ((scale * sine).hypot(scale * cosine), scale * sine, scale * cosine)
}

/// Decibels of the tone over everything else.
fn signal_to_noise(samples: &[f32], hertz: f64, rate: u32) -> f64 {
    let (amplitude, sine, cosine) = amplitude(samples, hertz, rate);
    let rest: Vec<f32> = samples
        .iter()
        .enumerate()
        .map(|(n, &sample)| {
            let (s, c) = (TAU * hertz * n as f64 / f64::from(rate)).sin_cos();
            (f64::from(sample) - sine * s - cosine * c) as f32
        })
        .collect();
    20.0 * (amplitude / 2.0_f64.sqrt() / level(&rest)).log10()
}

/// Seconds of a second of input that have not come out at its end.
fn held_back(quality: ResampleQuality) -> Result<f64, Box<dyn Error>> {
    let mut resample = Resample::new(48_000, quality)?;
    let mut frames = 0;
    resample.push(&tone(440.0)[..CHUNK_RATE as usize], &mut |ready| frames += ready.len());
    Ok(1.0 - frames as f64 / 48_000.0)
}

/// Seconds of work for a second of input.
fn cost(quality: ResampleQuality) -> Result<f64, Box<dyn Error>> {
    let input = tone(440.0);
    let mut least = f64::MAX;
    for _ in 0..RUNS {
        let started = Instant::now();
        resampled(&input, 48_000, quality)?;
        least = least.min(started.elapsed().as_secs_f64() / SECONDS as f64);
    }
    Ok(least)
}
