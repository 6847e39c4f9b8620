//! How far apart two recordings of the same length are by ear: the distance of their log-mel spectra.

use super::spectra::{BINS, LENGTH, spectra};
use crate::SAMPLE_RATE;

/// Bands, evenly spaced in mel from 0 Hz to half the sample rate.
const BANDS: usize = 80;
/// What is this far below the loudest band counts as silence, in dB.
const FLOOR: f32 = -80.0;

/// How far apart two recordings are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Difference {
    /// Root mean square difference of the log-mel spectra, in dB.
    pub(crate) log_mel: f32,
    /// Mean of the difference: by how many dB the second is louder.
    pub(crate) level: f32,
}

/// The [`Difference::log_mel`] of [`difference`].
pub(crate) fn distance(reference: &[f32], found: &[f32]) -> Option<f32> {
    difference(reference, found).map(|difference| difference.log_mel)
}

/// How far `found` is from `reference`, over the frames in which `reference` speaks: those within 40 dB of its loudest.
/// `None` where the recordings differ in length, or nobody speaks. What is no number is as silence.
///
/// mel = 2595 log10(1 + f / 700): "Speech Communication: Human and Machine", O'Shaughnessy, 1987.
pub(crate) fn difference(reference: &[f32], found: &[f32]) -> Option<Difference> {
    if reference.len() != found.len() {
        return None;
    }
    let (mut a, mut b) = (bands(reference), bands(found));
    let loudest = a.iter().flatten().copied().fold(0.0, f32::max);
    if loudest == 0.0 {
        return None;
    }
    for level in a.iter_mut().chain(&mut b).flatten() {
        *level = (10.0 * (*level / loudest).log10()).max(FLOOR);
    }
    let speaks = |frame: &[f32; BANDS]| frame.iter().any(|&level| level > -40.0);
    let (count, sum, squares) = a
        .iter()
        .zip(&b)
        .filter(|(frame, _)| speaks(frame))
        .flat_map(|(a, b)| a.iter().zip(b))
        .fold((0_u32, 0.0_f32, 0.0_f32), |(count, sum, squares), (a, b)| {
            (count + 1, sum + (b - a), squares + (b - a) * (b - a))
        });
    let count = count.max(1) as f32;
    Some(Difference { log_mel: (squares / count).sqrt(), level: sum / count })
}

/// The energy of every band in every frame.
fn bands(samples: &[f32]) -> Vec<[f32; BANDS]> {
    let filters = filters();
    let of = |energies: [f32; BINS]| {
        filters.each_ref().map(|(first, weights)| {
            energies[*first..].iter().zip(weights).map(|(energy, weight)| energy * weight).sum()
        })
    };
    spectra(samples).into_iter().map(of).collect()
}

/// A triangle per band: its first bin and the weight of each bin from there.
fn filters() -> [(usize, Vec<f32>); BANDS] {
    let highest = 2595.0 * (1.0 + SAMPLE_RATE as f32 / 2.0 / 700.0).log10();
    let edge = |band: usize| {
        let mel = highest * band as f32 / (BANDS + 1) as f32;
        700.0 * (10_f32.powf(mel / 2595.0) - 1.0) * LENGTH as f32 / SAMPLE_RATE as f32
    };
    std::array::from_fn(|band| {
        let (low, centre, high) = (edge(band), edge(band + 1), edge(band + 2));
        let first = low.ceil() as usize;
        let last = (high.floor() as usize).min(LENGTH / 2);
        let weight = |bin: usize| {
            let bin = bin as f32;
            ((bin - low) / (centre - low)).min((high - bin) / (high - centre)).max(0.0)
        };
        (first, (first..=last).map(weight).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f32, level: f32) -> Vec<f32> {
        (0..12_000).map(|i| level * (std::f32::consts::TAU * hz * i as f32 / 24_000.0).sin()).collect()
    }

    #[test]
    fn equal_recordings_are_no_distance_apart_and_a_gain_of_6_db_is_6_db() {
        let noise: Vec<f32> = (0..12_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 16) as f32).collect();
        assert_eq!(distance(&noise, &noise), Some(0.0));
        let half: Vec<f32> = noise.iter().map(|sample| sample * 0.5).collect();
        let apart = distance(&noise, &half).unwrap();
        assert!((apart - 6.02).abs() < 0.05, "{apart}");
        let quieter = difference(&noise, &half).unwrap().level;
        assert!((quieter + 6.02).abs() < 0.05, "{quieter}");
    }

    #[test]
    fn another_pitch_is_far_apart() {
        assert!(distance(&tone(300.0, 1.0), &tone(2000.0, 1.0)).unwrap() > 10.0);
    }

    #[test]
    fn another_length_or_silence_cannot_be_compared() {
        assert_eq!(distance(&tone(300.0, 1.0), &tone(300.0, 1.0)[1..]), None);
        assert_eq!(distance(&tone(300.0, 0.0), &tone(300.0, 1.0)), None);
    }

    #[test]
    fn every_band_hears_something() {
        assert!(filters().iter().all(|(_, weights)| weights.iter().any(|&weight| weight > 0.0)));
    }
}
