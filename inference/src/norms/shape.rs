//! What of a fragment decides whether its norms can be predicted.

use std::ops::RangeInclusive;

use super::silence::{silent_share, words};
use crate::{Fragment, Prosody};

/// Shorter fragments are of another kind: a third to a half of them is silence. Predicted, phrases of one to three words
/// were 5 to 16 dB from their own norms' spectra, and they do not need it.
pub const FEWEST_WORDS: usize = 5;
/// Tempos at which fragments are like those at the voice's own. Log-mel distance of predicted sentences from exact ones,
/// mean of three: at the voice's own tempo 1.25 dB, at 0.8 1.28, at 1.25 1.54.
const SPEEDS: RangeInclusive<f32> = 0.8..=1.25;
/// Shifts of the pitch, in cents, likewise: at 100 cents 1.44 dB, at 300 up or down 1.83 and 1.94. Energy is another
/// matter: it is what the norms measure (at 0.8 of it 2.21 dB and 1.24 dB too quiet, at 1.3 3.20 and 2.40 too loud), so
/// only the voice's own is predicted.
const CENTS: RangeInclusive<f32> = -100.0..=100.0;

/// A fragment as the norms see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// The share of it in which nobody speaks.
    pub share: f32,
    /// Its symbols, pads not counted. The model's style goes by them.
    pub tokens: usize,
    /// Whether fragments like it are learned from, and may be predicted: [long enough](FEWEST_WORDS), and spoken [about as
    /// the voice is](is_predictable).
    pub is_ordinary: bool,
}

impl Shape {
    /// The shape of `fragment`, whose symbols and pads have `durations`, in any unit; `None` where these do not belong
    /// to it.
    pub fn of(fragment: &Fragment, durations: &[u32]) -> Option<Self> {
        let share = silent_share(&fragment.phonemes, durations)?;
        let is_ordinary = words(&fragment.phonemes) >= FEWEST_WORDS && is_predictable(fragment.prosody);
        Some(Self { share, tokens: durations.len().saturating_sub(2), is_ordinary })
    }
}

/// Whether fragments spoken like this are learned from, and may be predicted: at a tempo from 0.8 to 1.25, no more than
/// 100 cents higher or lower, with the voice's own energy.
pub fn is_predictable(prosody: Prosody) -> bool {
    SPEEDS.contains(&prosody.speed) && CENTS.contains(&prosody.pitch_cents) && prosody.energy == 1.0
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Voice;

    fn shape(phonemes: &str, prosody: Prosody) -> Shape {
        let voice = Arc::new(Voice::named("af_heart"));
        let fragment = Fragment { phonemes: phonemes.into(), voice, prosody, seed: 0 };
        Shape::of(&fragment, &vec![600; phonemes.chars().count() + 2]).unwrap()
    }

    #[test]
    fn five_words_about_as_the_voice_speaks_them_are_ordinary() {
        let plain = Prosody::default();
        assert_eq!(shape("a b c d e", plain), Shape { share: 2.0 / 11.0, tokens: 9, is_ordinary: true });
        assert!(!shape("a b c d.", plain).is_ordinary);
        assert!(shape("a b c d e", Prosody { speed: 1.2, pitch_cents: -50.0, ..plain }).is_ordinary);
        for other in [
            Prosody { energy: 0.9, ..plain },
            Prosody { pitch_cents: 200.0, ..plain },
            Prosody { speed: 0.7, ..plain },
        ] {
            assert!(!shape("a b c d e", other).is_ordinary, "{other:?}");
        }
    }
}
