//! Spectra of a recording, and how far two recordings are apart bin by bin.

use realfft::RealFftPlanner;
use realfft::num_complex::Complex32;

/// Samples per spectrum: 43 ms.
pub(super) const LENGTH: usize = 1024;
/// Samples from one spectrum to the next.
const HOP: usize = 300;
/// Bins of a spectrum.
pub(super) const BINS: usize = LENGTH / 2 + 1;
/// Bins this far below the loudest count as silence, in dB.
const FLOOR: f32 = -100.0;
/// Frames whose energy is this far below that of the loudest are pauses, in dB.
const PAUSE: f32 = -40.0;

/// The energy of every bin in every frame, Hann-windowed.
pub(super) fn spectra(samples: &[f32]) -> Vec<[f32; BINS]> {
    let transform = RealFftPlanner::<f32>::new().plan_fft_forward(LENGTH);
    let (mut frame, mut spectrum) = (transform.make_input_vec(), transform.make_output_vec());
    let mut frames = Vec::with_capacity(samples.len() / HOP);
    for window in samples.windows(LENGTH).step_by(HOP) {
        for (i, (to, from)) in frame.iter_mut().zip(window).enumerate() {
            *to = from * (std::f32::consts::PI * i as f32 / LENGTH as f32).sin().powi(2);
        }
        let done = transform.process(&mut frame, &mut spectrum);
        debug_assert!(done.is_ok(), "both buffers were made by the transform");
        let mut energies = [0.0; BINS];
        energies.iter_mut().zip(spectrum.iter().map(Complex32::norm_sqr)).for_each(|(to, from)| *to = from);
        frames.push(energies);
    }
    frames
}

/// The log-spectral distance of `found` from `reference` in dB: of each frame in which `reference` speaks the root mean
/// square over its bins, and of those the mean. `None` where the recordings differ in length, or nobody speaks.
///
/// Harsher than an ear: bins between the harmonics count as much as those that are heard.
///
/// Source: "Distance Measures for Speech Processing", Gray and Markel, 1976.
pub fn log_spectral_distance(reference: &[f32], found: &[f32]) -> Option<f32> {
    if reference.len() != found.len() {
        return None;
    }
    let (reference, found) = (spectra(reference), spectra(found));
    let loudest_bin = reference.iter().flatten().copied().fold(0.0, f32::max);
    let energy = |frame: &[f32; BINS]| frame.iter().sum::<f32>();
    let loudest_frame = reference.iter().map(energy).fold(0.0, f32::max);
    let level = |energy: f32| (10.0 * (energy / loudest_bin).log10()).max(FLOOR);
    let (count, sum) = reference
        .iter()
        .zip(&found)
        .filter(|(frame, _)| 10.0 * (energy(frame) / loudest_frame).log10() > PAUSE)
        .map(|(a, b)| {
            let squares: f32 = a.iter().zip(b).map(|(&a, &b)| (level(a) - level(b)).powi(2)).sum();
            (squares / BINS as f32).sqrt()
        })
        .fold((0_u32, 0.0_f32), |(count, sum), distance| (count + 1, sum + distance));
    (count > 0).then(|| sum / count as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(level: f32) -> Vec<f32> {
        (0..12_000_u32).map(|i| level * ((i.wrapping_mul(2_654_435_761) >> 16) as f32 - 32_768.0)).collect()
    }

    #[test]
    fn equal_recordings_are_no_distance_apart_and_a_gain_of_6_db_is_6_db() {
        assert_eq!(log_spectral_distance(&noise(1.0), &noise(1.0)), Some(0.0));
        let apart = log_spectral_distance(&noise(1.0), &noise(0.5)).unwrap();
        assert!((apart - 6.02).abs() < 0.05, "{apart}");
    }

    #[test]
    fn pauses_do_not_count() {
        let mut reference = noise(1.0);
        reference[6000..].fill(0.0);
        let mut found = reference.clone();
        found[8000..].fill(1.0);
        assert_eq!(log_spectral_distance(&reference, &found), Some(0.0));
    }

    #[test]
    fn another_length_or_silence_cannot_be_compared() {
        assert_eq!(log_spectral_distance(&noise(1.0), &noise(1.0)[1..]), None);
        assert_eq!(log_spectral_distance(&noise(0.0), &noise(1.0)), None);
    }
}
