//! Where the words of a fragment are in its samples. Pure: no clock, no thread, no model.

use std::ops::Range;

use sostenuto_g2p::vocabulary::is_spoken;
use sostenuto_inference::Timing;

/// Samples by which both models sound a symbol before its place in the durations: 75 ms, three of their units, whatever
/// the tempo.
///
/// Kokoro's published pipeline takes the same three units off when it gives words their times. Over ten sentences and
/// 132 words, marks without it stood a median of 80 ms after the starts that forced alignment finds, in both sessions; with it
/// the median is 5 ms, and that of the errors without their signs 15 ms (fast) and 20 ms (quality).
pub const EARLY: usize = 1_800;

/// A stretch of a fragment's audio, in samples from the first that the session hands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// Samples before it.
    pub offset: usize,
    /// Samples in it.
    pub length: usize,
}

impl Stretch {
    /// The part of it inside the first `samples`.
    #[must_use]
    pub fn within(self, samples: usize) -> Self {
        let offset = self.offset.min(samples);
        Self { offset, length: self.length.min(samples - offset) }
    }

    /// The first sample after it.
    pub fn end(self) -> usize {
        self.offset + self.length
    }
}

/// Where each of `words`, given as bytes of `phonemes`, is in the audio of the fragment `phonemes`.
///
/// A word lasts from its first spoken symbol to the end of its last: the marks that open and close it do not count.
/// Nothing lies before the first sample handed out, or after the last of the durations. What is trimmed at the end is
/// not known yet when a fragment begins, so that its last word may reach beyond the audio: [`Stretch::within`].
///
/// Gives nothing where the session does not tell durations. Allocates nothing.
pub fn fragment_marks<'a>(
    words: impl IntoIterator<Item = Range<usize>> + 'a,
    phonemes: &'a str,
    timing: Timing<'a>,
) -> impl Iterator<Item = Stretch> + 'a {
    let told = timing.durations.len() == phonemes.chars().count() + 2;
    let locate = move |word: Range<usize>| {
        let spoken = spoken(phonemes, word);
        let start = samples_before(spoken.start, phonemes, timing.durations);
        let end = samples_before(spoken.end, phonemes, timing.durations);
        let offset = start.saturating_sub(timing.trimmed_lead);
        Stretch { offset, length: end.saturating_sub(timing.trimmed_lead) - offset }
    };
    words.into_iter().take_while(move |_| told).map(locate)
}

/// `word` without the marks at its ends; all of it where nothing else is in it.
fn spoken(phonemes: &str, word: Range<usize>) -> Range<usize> {
    let text = phonemes.get(word.clone()).unwrap_or_default();
    let core = text.trim_matches(|symbol| !is_spoken(symbol));
    if core.is_empty() {
        return word;
    }
    let start = word.start + text.find(core).unwrap_or_default();
    start..start + core.len()
}

/// Samples of the model before the symbol at byte `at` sounds: those of the opening pad and of every symbol before it,
/// less [`EARLY`].
fn samples_before(at: usize, phonemes: &str, durations: &[u32]) -> usize {
    let symbols = phonemes.char_indices().take_while(|&(byte, _)| byte < at).count();
    let before: usize = durations.iter().take(1 + symbols).map(|&duration| duration as usize).sum();
    before.saturating_sub(EARLY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PHONEMES: &str = "“həl, ðɛɹ.”";
    // pad, “, h, ə, l, comma, space, ð, ɛ, ɹ, stop, ”, pad
    const DURATIONS: [u32; 13] = [EARLY as u32 + 1_000, 100, 10, 20, 30, 200, 50, 5, 6, 7, 300, 40, 2_000];

    fn words() -> [Range<usize>; 2] {
        let space = PHONEMES.find(' ').unwrap();
        [0..space, space + 1..PHONEMES.len()]
    }

    fn stretches(trimmed_lead: usize) -> Vec<Stretch> {
        fragment_marks(words(), PHONEMES, Timing { durations: &DURATIONS, trimmed_lead }).collect()
    }

    #[test]
    fn a_word_lasts_from_its_first_sound_to_its_last() {
        let expected = [Stretch { offset: 1_100, length: 60 }, Stretch { offset: 1_410, length: 18 }];
        assert_eq!(stretches(0), expected);
    }

    #[test]
    fn offsets_count_from_the_first_sample_handed_out() {
        assert_eq!(stretches(1_100)[0], Stretch { offset: 0, length: 60 });
        // The cut went into the word.
        assert_eq!(stretches(1_120)[0], Stretch { offset: 0, length: 40 });
        assert_eq!(stretches(1_120)[1], Stretch { offset: 290, length: 18 });
    }

    #[test]
    fn a_session_that_does_not_tell_durations_gives_no_marks() {
        let timing = Timing { durations: &[], trimmed_lead: 0 };
        assert_eq!(fragment_marks(words(), PHONEMES, timing).count(), 0);
    }

    #[test]
    fn a_stretch_is_cut_to_the_audio_that_there_is() {
        let stretch = Stretch { offset: 10, length: 5 };
        assert_eq!(stretch.within(20), stretch);
        assert_eq!(stretch.within(12), Stretch { offset: 10, length: 2 });
        assert_eq!(stretch.within(4), Stretch { offset: 4, length: 0 });
    }

    proptest! {
        #[test]
        fn stretches_follow_one_another_inside_the_audio(
            text in "[“(]?[həl]{1,5}[,.”]{0,2}( [“(]?[həl]{1,5}[,.”]{0,2}){0,8}",
            units in prop::collection::vec(0_u32..20, 80),
            trimmed_lead in 0_usize..3_000,
        ) {
            let mut at = 0;
            let words: Vec<_> = text.split(' ').map(|word| {
                let range = at..at + word.len();
                at = range.end + 1;
                range
            }).collect();
            let durations: Vec<u32> =
                units[..text.chars().count() + 2].iter().map(|units| units * 600).collect();
            let handed_out =
                durations.iter().map(|&d| d as usize).sum::<usize>().saturating_sub(trimmed_lead);
            let timing = Timing { durations: &durations, trimmed_lead };
            let stretches: Vec<_> = fragment_marks(words.clone(), &text, timing).collect();
            prop_assert_eq!(stretches.len(), words.len());
            prop_assert!(stretches.windows(2).all(|pair| pair[0].end() <= pair[1].offset));
            prop_assert!(stretches.iter().all(|stretch| stretch.end() <= handed_out));
        }
    }
}
