//! Sentences that sound the same whatever their tags are, so that nobody needs to know them.

use super::lexicon::Lexicon;
use super::tagger::Tag;
use super::token::Token;

/// Gives the tokens tags that serve as well as the true ones, and returns true, if there are such.
///
/// Cautious: every token must be a word with one reading, with a space or a mark after it, or a mark that is
/// always tagged alike.
pub(super) fn settle(tokens: &mut [Token<'_>], lexicon: &Lexicon) -> bool {
    let free = (0..tokens.len()).all(|i| {
        let token = &tokens[i];
        let next = tokens.get(i + 1);
        if mark(&token.text).is_some() {
            let last = next.is_none();
            return i > 0
                && mark(&tokens[i - 1].text).is_none()
                && (last || token.text == "," && token.spaced);
        }
        let alone = token.spaced || next.is_none_or(|next| mark(&next.text).is_some());
        alone && token.text.bytes().all(|b| b.is_ascii_alphabetic()) && lexicon.has_one_reading(&token.text)
    });
    if free {
        for token in tokens {
            token.tag = mark(&token.text).unwrap_or("NN");
        }
    }
    free
}

/// The tag of a mark that has no other.
fn mark(text: &str) -> Option<Tag> {
    match text {
        "," => Some(","),
        "." | "?" | "!" => Some("."),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::english::tests::US;
    use crate::english::{English, Options};
    use crate::language::Language;
    use crate::phonemizer::Phonemizer;

    fn is_free(english: &English, sentence: &str) -> bool {
        let mut tokens = english.cut(sentence, 0..sentence.len()).0;
        super::settle(&mut tokens, &english.lexicon)
    }

    #[test]
    fn only_words_with_one_reading_are_free() {
        for free in ["The green garden", "Hello world.", "Wonderful, the weather changes!"] {
            assert!(is_free(&US, free), "{free}");
        }
        for bound in
            ["a house", "They record music.", "Chaligoj", "well-known", "It's fun", "FBI", "5 dogs", "(so)"]
        {
            assert!(!is_free(&US, bound), "{bound}");
        }
    }

    /// Sentences of words that are common, with one reading or with several.
    fn sentences() -> impl Iterator<Item = String> {
        let words = [
            "the", "house", "green", "to", "Hello", "world", "weather", "and", "Paris", "often", "water",
            "of", "very", "doctor", "Monday", "summer", "record", "Mary", "with", "apples", "walked",
            "running", "an",
        ];
        (0..400_usize).map(move |seed| {
            let length = 2 + seed % 9;
            let mut sentence = String::new();
            for i in 0..length {
                let number = (seed * 7919 + i * i * 104_729 + i * 31) % 1_000_003;
                sentence += words[number % words.len()];
                sentence += match number % 11 {
                    _ if i + 1 == length => [".", "!", "?", ""][seed % 4],
                    0 => ", ",
                    _ => " ",
                };
            }
            sentence
        })
    }

    #[test]
    fn free_sentences_sound_as_they_do_with_tags() {
        let tagged = English { always_tag: true, ..English::load(Language::EnUs) };
        let mut free = 0;
        for sentence in sentences().filter(|sentence| is_free(&US, sentence)) {
            free += 1;
            assert_eq!(US.phonemize(&sentence), tagged.phonemize(&sentence), "{sentence}");
        }
        assert!(free > 20, "{free}");
    }

    #[test]
    fn free_sentences_of_the_corpus_sound_as_they_do_with_tags() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/g2p/corpus.jsonl");
        let Ok(corpus) = std::fs::read_to_string(path) else {
            println!("skipped: no {path}");
            return;
        };
        for language in [Language::EnUs, Language::EnGb] {
            let english = English::load(language).with_options(Options::LIKE_MISAKI);
            let tagged =
                English { always_tag: true, ..English::load(language) }.with_options(Options::LIKE_MISAKI);
            let mut free = 0;
            for line in corpus.lines() {
                let entry: serde_json::Value = serde_json::from_str(line).unwrap();
                let text = entry["text"].as_str().unwrap();
                if !is_free(&english, text) {
                    continue;
                }
                free += 1;
                assert_eq!(english.phonemize(text), tagged.phonemize(text), "{text}");
            }
            println!("{language}: {free} of {} sentences need no tags", corpus.lines().count());
        }
    }
}
