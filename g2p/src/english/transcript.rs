//! A pronunciation in the making.

use std::ops::Range;

use super::UNPRONOUNCED;
use super::words::is_mark;
use crate::clause::Word;
use crate::phonemizer::Pronunciation;
use crate::reason::Reason;
use crate::vocabulary;

/// Collects the sounds of a sentence: in the vocabulary only, white space single.
#[derive(Default)]
pub(super) struct Transcript {
    pronunciation: Pronunciation,
    /// Whether the next sound stands apart from the last.
    space: bool,
    /// Whether a word was left out since the last sound.
    gap: bool,
}

impl Transcript {
    /// Adds the phonemes of one word, whose bytes of the source are `source`.
    pub(super) fn say(&mut self, source: Range<usize>, phonemes: &str, reason: Reason, spaced: bool) {
        let Pronunciation { phonemes: out, words, dropped, .. } = &mut self.pronunciation;
        let mut sounds: Option<Range<usize>> = None;
        for symbol in phonemes.chars() {
            if symbol.is_whitespace() {
                self.space = true;
            } else if vocabulary::token_id(symbol).is_some() {
                // A mark does not keep the place of what stood before it and could not be said.
                if self.space && !out.is_empty() && !(self.gap && closes(symbol)) {
                    out.push(' ');
                }
                self.space = false;
                self.gap = false;
                let start = out.len();
                out.push(symbol);
                if symbol.is_alphabetic() {
                    sounds = Some(sounds.map_or(start, |sounds| sounds.start)..out.len());
                }
            } else {
                *dropped += 1;
                self.gap |= symbol == UNPRONOUNCED;
            }
        }
        self.space |= spaced;
        if let Some(phonemes) = sounds {
            words.push(Word { source, phonemes, reason });
        }
    }

    /// Parts what comes next from what was said.
    pub(super) const fn space(&mut self) {
        self.space = true;
    }

    /// Counts symbols that could not be said.
    pub(super) const fn lose(&mut self, count: usize) {
        self.pronunciation.dropped += count;
    }

    pub(super) fn finish(self) -> Pronunciation {
        self.pronunciation
    }
}

/// Marks that stand close to the word before them.
fn closes(symbol: char) -> bool {
    is_mark(symbol) && !matches!(symbol, '“' | '—' | '"') || symbol == ')'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_vocabulary_comes_through_and_spaces_are_single() {
        let mut transcript = Transcript::default();
        transcript.space();
        transcript.say(0..1, " ˈA❓ ", Reason::Lexicon, true);
        transcript.say(2..3, "", Reason::Lexicon, true);
        transcript.say(4..5, "bˈi.", Reason::Letters, true);
        let said = transcript.finish();
        assert_eq!((said.phonemes.as_str(), said.dropped), ("ˈA bˈi.", 1));
        assert_eq!(said.words[1], Word { source: 4..5, phonemes: 4..8, reason: Reason::Letters });
    }

    #[test]
    fn a_mark_closes_up_after_what_was_left_out() {
        let mut transcript = Transcript::default();
        transcript.say(0..1, "ˈA", Reason::Lexicon, true);
        transcript.say(2..3, "❓", Reason::Lexicon, true);
        transcript.say(4..5, ".", Reason::Lexicon, false);
        assert_eq!(transcript.finish().phonemes, "ˈA.");
    }
}
