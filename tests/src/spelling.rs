//! A phonemizer that spells.

use sostenuto_g2p::vocabulary::token_id;
use sostenuto_g2p::{Phonemizer, Pronunciation, Reason, Word};

/// Pronounces each word as the characters of it that are in the vocabulary.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spelling;

impl Phonemizer for Spelling {
    fn phonemize(&self, sentence: &str) -> Pronunciation {
        let mut spelt = Pronunciation::default();
        let mut from = 0;
        for piece in sentence.split_inclusive(char::is_whitespace) {
            let text = piece.trim_end();
            let symbols: String = text.chars().filter(|&symbol| token_id(symbol).is_some()).collect();
            spelt.dropped += text.chars().count() - symbols.chars().count();
            if !symbols.is_empty() {
                if !spelt.phonemes.is_empty() {
                    spelt.phonemes.push(' ');
                }
                let start = spelt.phonemes.len();
                spelt.phonemes.push_str(&symbols);
                let phonemes = start..spelt.phonemes.len();
                spelt.words.push(Word { source: from..from + text.len(), phonemes, reason: Reason::Lexicon });
            }
            from += piece.len();
        }
        spelt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_spelt_and_what_has_no_symbol_is_counted() {
        let spelt = Spelling.phonemize("Ge 2 go,\thome.");
        assert_eq!((spelt.phonemes.as_str(), spelt.dropped), ("e o, home.", 3));
        assert_eq!(spelt.words[2], Word { source: 9..14, phonemes: 5..10, reason: Reason::Lexicon });
    }
}
