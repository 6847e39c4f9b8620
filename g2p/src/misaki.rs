//! English pronunciation by the `misaki-rs` crate, guarded.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use misaki_rs::{G2P, MToken};

use crate::alignment::Walk;
use crate::clause::Word;
use crate::compound::{self, Compound, UNPRONOUNCED};
use crate::guard::{Readable, Stretch};
use crate::language::Language;
use crate::letter_to_sound::LetterToSound;
use crate::phonemizer::{Phonemizer, Pronunciation};
use crate::reason::Reason;
use crate::unknown_word::UnknownWord;
use crate::{symbol_names, vocabulary};

/// The phonemes that Kokoro was trained on, for one dialect of English.
///
/// Part-of-speech tags choose between readings, so whole sentences should go in. Words outside the lexicon go to
/// [`LetterToSound`]. The cost is about a millisecond per word, and linear in the text whatever it holds.
pub struct Misaki {
    pronouncer: Arc<G2P>,
    unknown: Arc<dyn UnknownWord>,
}

impl Misaki {
    /// Loads the lexicon and the tagger of `language`: some hundred milliseconds and about 100 MB, so do it once,
    /// away from any thread that must not wait.
    pub fn load(language: Language) -> Self {
        Self::with_unknown_word(language, Arc::new(LetterToSound::new(language)))
    }

    /// Loads as [`load`](Self::load) does, with `unknown` for the words that the lexicon does not hold.
    pub fn with_unknown_word(language: Language, unknown: Arc<dyn UnknownWord>) -> Self {
        let dialect = match language {
            Language::EnGb => misaki_rs::Language::EnglishGB,
            _ => misaki_rs::Language::EnglishUS,
        };
        let pronouncer = Arc::new_cyclic(|pronouncer| {
            let compound = Compound::new(pronouncer.clone(), Arc::clone(&unknown));
            G2P::with_fallback(dialect, Some(Box::new(compound)))
        });
        Self { pronouncer, unknown }
    }

    fn tokens(&self, prose: &str) -> Option<Vec<MToken>> {
        let spoken = catch_unwind(AssertUnwindSafe(|| self.pronouncer.g2p(prose)));
        spoken.ok()?.ok().map(|(_, tokens)| tokens)
    }

    /// Speaks prose as a whole, or word by word without the offender where the pronouncer breaks down on it.
    fn prose(&self, prose: &str, say: &mut impl FnMut(Range<usize>, &str, bool)) {
        if let Some(tokens) = self.tokens(prose) {
            return self.speak(prose, &tokens, say);
        }
        tracing::warn!(
            bytes = prose.len(),
            "the pronouncer broke down on a sentence: it is read word by word"
        );
        let mut start = 0;
        for word in prose.split(' ') {
            let end = start + word.len();
            if let Some(tokens) = self.tokens(word) {
                self.speak(word, &tokens, &mut |range, phonemes, spaced| {
                    say(range.start + start..range.end + start, phonemes, spaced);
                });
                say(end..end, "", true);
            } else {
                let lost: String = word.chars().map(|_| UNPRONOUNCED).collect();
                say(start..end, &lost, true);
            }
            start = end + 1;
        }
    }

    /// Says the tokens of `text` one by one: its bytes, the phonemes, and whether a space follows.
    fn speak(&self, text: &str, tokens: &[MToken], say: &mut impl FnMut(Range<usize>, &str, bool)) {
        let mut walk = Walk::new(text);
        let mut rest = tokens;
        let mut before = " ";
        while let Some((token, after)) = rest.split_first() {
            // The dots of an ellipsis come as one token each.
            let dots = rest.iter().take_while(|t| t.text == ".").count();
            let closed = rest.iter().take(dots).take_while(|t| t.whitespace.is_empty()).count();
            let taken = if dots > 1 { dots.min(closed + 1) } else { 1 };
            if taken > 1 {
                let range = walk.step(&".".repeat(taken));
                say(range, &".".repeat(taken), !rest[taken - 1].whitespace.is_empty());
            } else {
                let range = walk.step(&token.text);
                let spaced = !token.whitespace.is_empty();
                let next = after.first().map_or("", |next| next.text.as_str());
                let alone = next != token.text && before == " " && (spaced || next.is_empty());
                match self.symbol(token, next, alone) {
                    Some(name) => say(range, &format!(" {name} "), spaced),
                    None => say(range, token.phonemes.as_deref().unwrap_or(&self.pronouncer.unk), spaced),
                }
            }
            before = if rest[taken - 1].whitespace.is_empty() { "" } else { " " };
            rest = &rest[taken..];
        }
    }

    /// What to say for a symbol that the lexicon left without a sound.
    ///
    /// One that was tagged as punctuation is said only where it stands `alone`; elsewhere it is markup, silent and
    /// counted.
    fn symbol(&self, token: &MToken, next: &str, alone: bool) -> Option<String> {
        let silent = token.phonemes.as_deref().is_none_or(str::is_empty);
        let mut characters = token.text.chars();
        let (Some(symbol), None, true) = (characters.next(), characters.next(), silent) else { return None };
        let before_number = next.starts_with(|c: char| c.is_ascii_digit());
        if symbol.is_alphabetic() && symbol_names::name(symbol).is_none() {
            return Some(compound::pronounce(&self.pronouncer, self.unknown.as_ref(), &token.text));
        }
        let name = match symbol {
            '#' if before_number => "number",
            '$' | '£' | '€' if before_number => return None,
            _ => symbol_names::name(symbol)?,
        };
        if token.phonemes.is_some() && !alone && name != "number" {
            return Some(UNPRONOUNCED.to_string());
        }
        let words =
            name.split(' ').map(|word| compound::pronounce(&self.pronouncer, self.unknown.as_ref(), word));
        Some(words.collect::<Vec<_>>().join(" "))
    }

    fn tangle(&self, run: &str, say: &mut impl FnMut(Range<usize>, &str, bool)) {
        for (range, phonemes) in compound::pronounce_parts(&self.pronouncer, self.unknown.as_ref(), run) {
            say(range, &phonemes, true);
        }
    }
}

impl Phonemizer for Misaki {
    fn phonemize(&self, sentence: &str) -> Pronunciation {
        let readable = Readable::new(sentence);
        let mut transcript = Transcript::default();
        for stretch in readable.stretches() {
            let (Stretch::Prose(range) | Stretch::Tangle(range)) = &stretch;
            let text = &readable.text()[range.clone()];
            let mut say = |at: Range<usize>, phonemes: &str, spaced: bool| {
                let source = readable.source(at.start + range.start..at.end + range.start);
                transcript.say(source, phonemes, spaced);
            };
            match stretch {
                Stretch::Prose(_) => self.prose(text, &mut say),
                Stretch::Tangle(_) => self.tangle(text, &mut say),
            }
            transcript.space = true;
        }
        transcript.pronunciation.dropped += readable.dropped;
        transcript.pronunciation
    }
}

/// A pronunciation in the making.
#[derive(Default)]
struct Transcript {
    pronunciation: Pronunciation,
    /// Whether the next sound stands apart from the last.
    space: bool,
}

impl Transcript {
    /// Adds the phonemes of one token: in the vocabulary only, white space single, none before closing marks.
    fn say(&mut self, source: Range<usize>, phonemes: &str, spaced: bool) {
        let Pronunciation { phonemes: out, words, dropped } = &mut self.pronunciation;
        // Only a mark that stands alone clings to the word before; an ellipsis does not.
        let mark = !phonemes.contains(char::is_alphabetic) && !phonemes.starts_with("..");
        let mut first = None;
        let mut sounds = false;
        for symbol in phonemes.chars() {
            if symbol.is_whitespace() {
                self.space = true;
            } else if vocabulary::token_id(symbol).is_some() {
                if self.space && !out.is_empty() && !(mark && closes(symbol)) {
                    out.push(' ');
                }
                self.space = false;
                first.get_or_insert(out.len());
                out.push(symbol);
                sounds |= symbol.is_alphabetic();
            } else {
                *dropped += 1;
            }
        }
        self.space |= spaced;
        if let Some(first) = first.filter(|_| sounds) {
            words.push(Word { source, phonemes: first..out.len(), reason: Reason::Lexicon });
        }
    }
}

/// Marks that stand close to the word before them.
fn closes(symbol: char) -> bool {
    matches!(symbol, ',' | '.' | ';' | ':' | '!' | '?' | ')' | '”' | '…')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static US: LazyLock<Misaki> = LazyLock::new(|| Misaki::load(Language::EnUs));

    fn us(sentence: &str) -> String {
        US.phonemize(sentence).phonemes
    }

    fn spans<'a>(sentence: &'a str, pronunciation: &'a Pronunciation) -> Vec<(&'a str, &'a str)> {
        let words = pronunciation.words.iter();
        words.map(|w| (&sentence[w.source.clone()], &pronunciation.phonemes[w.phonemes.clone()])).collect()
    }

    #[test]
    fn a_sentence_becomes_phonemes_with_its_punctuation() {
        assert_eq!(us("Never tell a lie, unless it is absolutely convenient."), {
            "nˈɛvəɹ tˈɛl ɐ lˈI, ənlˈɛs ɪt ɪz ˈæbsəlˌutli kənvˈinjənt."
        });
    }

    #[test]
    fn every_word_leads_back_to_its_bytes() {
        let sentence = "  The café\u{301}s\u{a0}cost $5, don’t they?";
        let pronunciation = US.phonemize(sentence);
        let sources: Vec<_> = spans(sentence, &pronunciation).into_iter().map(|(source, _)| source).collect();
        assert_eq!(sources, ["The", "café\u{301}s", "cost", "5", "don’t", "they"]);
    }

    #[test]
    fn unknown_words_are_sounded_and_not_lost() {
        let pronunciation = US.phonemize("Kissinger met Chaligoj at Harvard.");
        assert_eq!(pronunciation.words.len(), 5);
        assert_eq!(pronunciation.dropped, 0);
    }

    #[test]
    fn the_words_that_make_the_pronouncer_panic_are_read() {
        for sentence in ["Sautéing the onions", "ski\u{2011}ing", "SAUTÉING", "appliquéing"] {
            let pronunciation = US.phonemize(sentence);
            assert_eq!(pronunciation.dropped, 0, "{sentence}");
            assert!(!pronunciation.words.is_empty(), "{sentence}");
        }
    }

    #[test]
    fn a_panic_costs_only_the_word_that_caused_it() {
        let mut said = Vec::new();
        US.prose("stop sautéing onions", &mut |range, phonemes, _| said.push((range, phonemes.to_owned())));
        said.retain(|(_, phonemes)| !phonemes.is_empty());
        assert_eq!(said.len(), 3);
        assert_eq!(said[1].0, 5..14);
        assert!(said[1].1.chars().all(|c| c == UNPRONOUNCED));
        assert_eq!(said[2].0, 15..21);
    }

    #[test]
    fn symbols_are_said_by_name() {
        assert!(us("x = y").contains("ˈikwᵊlz"), "{}", us("x = y"));
        for (symbol, _) in symbol_names::all() {
            let pronunciation = US.phonemize(&format!("left {symbol} right"));
            assert_eq!(pronunciation.dropped, 0, "{symbol}");
        }
    }

    #[test]
    fn digits_inside_a_compound_are_read_as_numbers() {
        assert_eq!(us("24-bit"), "twˈɛnti fˈɔɹ bˈɪt");
        assert!(us("zorb7 v2.5").contains("sˈɛvən"), "{}", us("zorb7 v2.5"));
    }

    #[test]
    fn a_possessive_of_an_unknown_name_keeps_its_ending() {
        assert!(us("Zorbank's").ends_with('s'), "{}", us("Zorbank's"));
        assert!(us("Blorgoth’s dog").contains("s dˈɔɡ"), "{}", us("Blorgoth’s dog"));
    }

    #[test]
    fn what_english_cannot_read_is_counted() {
        let pronunciation = US.phonemize("Say 東京 and \u{1f389}.");
        assert_eq!(pronunciation.dropped, 3);
        assert_eq!(pronunciation.words.len(), 2);
        assert!(US.phonemize("مرحبا").phonemes.is_empty());
        assert_eq!(US.phonemize("").dropped, 0);
    }

    #[test]
    fn nothing_of_a_run_without_spaces_is_lost() {
        let run = "aB".repeat(300);
        let pronunciation = US.phonemize(&run);
        assert_eq!(pronunciation.words.len(), 301);
        assert_eq!(pronunciation.words.last().unwrap().source.end, 600);
    }

    #[test]
    fn names_with_an_apostrophe_keep_both_parts() {
        assert_eq!(us("O'Brien's"), us("O Brien's").replacen(' ', "", 1).replacen('ˈ', "ˌ", 1));
    }

    #[test]
    fn dialects_differ() {
        let british = Misaki::load(Language::EnGb).phonemize("The Harvard car park.");
        assert_ne!(british.phonemes, us("The Harvard car park."));
        assert!(british.phonemes.contains('ː'), "{}", british.phonemes);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn any_text_gives_vocabulary_symbols_and_spans_in_order(
            sentence in prop_oneof![
                "(?s).{0,40}",
                "[a-zA-Z0-9'’éñ .,;:!?()\\[\\]/@#$%^&*_+=~<>-]{0,60}",
                "[A-Za-zéïöß]{1,8}(ing|s|ed|'s)? [a-z]{1,7}",
            ]
        ) {
            let spoken = US.phonemize(&sentence);
            prop_assert!(spoken.phonemes.chars().all(|c| vocabulary::token_id(c).is_some()));
            prop_assert!(!spoken.phonemes.contains("  ") && spoken.phonemes.trim() == spoken.phonemes);
            let (mut source, mut phonemes) = (0, 0);
            for word in &spoken.words {
                prop_assert!(word.source.start >= source && sentence.get(word.source.clone()).is_some());
                prop_assert!(word.phonemes.start >= phonemes && spoken.phonemes.get(word.phonemes.clone()).is_some());
                source = word.source.end;
                phonemes = word.phonemes.end;
            }
        }
    }
}
