//! Whether predicted norms are good enough to speak with.

use crate::graph::mel;

/// The most that a fragment with predicted norms may be from the same one with its own, in dB of the log-mel spectrum
/// where somebody speaks.
pub const MOST_LOG_MEL: f32 = 2.2;
/// The most by which its level may differ, in dB.
pub const MOST_LEVEL: f32 = 1.5;

/// How far a fragment with predicted norms is from the same one with its own.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Figures {
    /// Root mean square difference of the log-mel spectra where somebody speaks, in dB.
    pub log_mel: f32,
    /// By how many dB it is louder; of fragments [together](Self::together) by how many their levels differ, louder or not.
    pub level: f32,
}

impl Figures {
    /// Compares two recordings of one fragment; `None` where they differ in length, or nobody speaks.
    pub fn of(exact: &[f32], predicted: &[f32]) -> Option<Self> {
        if predicted.iter().any(|sample| !sample.is_finite()) {
            // Lines that leave the range of numbers are as wrong as can be.
            return Some(Self { log_mel: f32::INFINITY, level: f32::INFINITY });
        }
        mel::difference(exact, predicted).map(|found| Self { log_mel: found.log_mel, level: found.level })
    }

    /// The mean over fragments; `None` without any. Their levels go in without their signs: one that is too loud does not
    /// make up for another that is too quiet.
    pub fn together(fragments: &[Self]) -> Option<Self> {
        let mean = |of: fn(&Self) -> f32| fragments.iter().map(of).sum::<f32>() / fragments.len() as f32;
        (!fragments.is_empty()).then(|| Self {
            log_mel: mean(|figures| figures.log_mel),
            level: mean(|figures| figures.level.abs()),
        })
    }

    /// Whether an ear would hardly tell.
    pub fn pass(&self) -> bool {
        self.log_mel <= MOST_LOG_MEL && self.level.abs() <= MOST_LEVEL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(level: f32) -> Vec<f32> {
        (0..12_000_u32).map(|i| level * ((i.wrapping_mul(2_654_435_761) >> 16) as f32 - 32_768.0)).collect()
    }

    #[test]
    fn the_same_passes_and_another_level_does_not() {
        assert!(Figures::of(&noise(1.0), &noise(1.0)).unwrap().pass());
        assert!(Figures::of(&noise(1.0), &noise(1.1)).unwrap().pass());
        let louder = Figures::of(&noise(1.0), &noise(1.26)).unwrap();
        assert!(!louder.pass() && (louder.level - 2.0).abs() < 0.05, "{louder:?}");
    }

    #[test]
    fn another_spectrum_at_the_same_level_does_not_pass() {
        let tone = |hz: f32| -> Vec<f32> {
            (0..12_000).map(|i| (std::f32::consts::TAU * hz * i as f32 / 24_000.0).sin()).collect()
        };
        let other = Figures::of(&tone(400.0), &tone(700.0)).unwrap();
        assert!(!other.pass() && other.log_mel > MOST_LOG_MEL, "{other:?}");
    }

    #[test]
    fn together_fragments_are_as_far_off_as_each_in_the_mean_whichever_way() {
        let of = |log_mel, level| Figures { log_mel, level };
        let all = [of(1.0, 3.0), of(2.0, -3.0), of(1.5, 0.0)];
        assert_eq!(Figures::together(&all), Some(of(1.5, 2.0)));
        assert!(!Figures::together(&all).unwrap().pass());
        assert_eq!(Figures::together(&[]), None);
    }

    #[test]
    fn what_is_no_number_does_not_pass_and_silence_cannot_be_judged() {
        let mut spoilt = noise(1.0);
        spoilt[100] = f32::NAN;
        assert!(!Figures::of(&noise(1.0), &spoilt).unwrap().pass());
        assert_eq!(Figures::of(&noise(0.0), &noise(0.0)), None);
        assert_eq!(Figures::of(&noise(1.0), &noise(1.0)[1..]), None);
    }
}
