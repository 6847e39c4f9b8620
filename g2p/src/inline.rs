//! Phonemes written into the text: `[Kokoro](/kˈOkəɹO/)`.

use std::borrow::Cow;
use std::ops::Range;

use crate::pronouncer::Given;
use crate::span_map::SpanMap;
use crate::vocabulary;

/// The longest markup, in bytes; anything longer is text.
const LONGEST: usize = 400;

/// A text without its markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inline<'a> {
    pub(crate) text: Cow<'a, str>,
    /// Leads from `text` to the text with the markup.
    pub(crate) map: SpanMap,
    /// What the markup gave to words of `text`.
    pub(crate) given: Vec<Given>,
    /// Symbols between the slashes that no model knows.
    pub(crate) dropped: usize,
}

/// Takes the markup out of `text`: the words stay, the phonemes are given to them.
///
/// Only `[words](/phonemes/)` is markup: there is a word, and at least one of its symbols is in the vocabulary.
pub(crate) fn take(text: &str) -> Inline<'_> {
    let mut plain = String::new();
    let mut map = SpanMap::default();
    let mut given = Vec::new();
    let mut dropped = 0;
    let mut copied = 0;
    let mut from = 0;
    while let Some(middle) = text[from..].find("](/").map(|at| from + at) {
        from = middle + 1;
        let Some((words, phonemes, end)) = markup(text, copied, middle) else { continue };
        let said: String =
            text[phonemes.clone()].chars().filter(|&c| vocabulary::token_id(c).is_some()).collect();
        if !said.contains(char::is_alphabetic) {
            continue;
        }
        dropped += text[phonemes].chars().count() - said.chars().count();
        plain.push_str(&text[copied..words.start - 1]);
        map.copy(copied..words.start - 1);
        let start = plain.len();
        plain.push_str(&text[words.clone()]);
        map.copy(words);
        given.push(Given { range: start..plain.len(), phonemes: said });
        copied = end;
        from = end;
    }
    if given.is_empty() {
        return Inline { text: Cow::Borrowed(text), map: SpanMap::identity(text.len()), given, dropped: 0 };
    }
    plain.push_str(&text[copied..]);
    map.copy(copied..text.len());
    Inline { text: Cow::Owned(plain), map, given, dropped }
}

/// The bytes of `text` that are markup and no words of it, in order.
pub(crate) fn markup_in(text: &str) -> Vec<Range<usize>> {
    let inline = take(text);
    let around = |given: &Given| {
        let words = inline.map.source(given.range.clone());
        let phonemes = words.end + "](/".len();
        let end = text[phonemes..].find("/)").map_or(text.len(), |len| phonemes + len + "/)".len());
        [words.start - 1..words.start, words.end..end]
    };
    inline.given.iter().flat_map(around).collect()
}

/// The words, the phonemes and the end of the markup whose `](/` is at `middle` and which begins at or after `from`.
fn markup(text: &str, from: usize, middle: usize) -> Option<(Range<usize>, Range<usize>, usize)> {
    let floor = text.ceil_char_boundary(from.max(middle.saturating_sub(LONGEST)));
    let words = floor + text[floor..middle].rfind('[')? + 1..middle;
    let start = middle + "](/".len();
    let reach = text.floor_char_boundary(text.len().min(start + LONGEST));
    let len = text[start..reach].find("/)")?;
    let sounds = text[words.clone()].contains(char::is_alphanumeric);
    (sounds && !text[start..start + len].contains(['[', '\n']))
        .then(|| (words, start..start + len, start + len + 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn taken(text: &str) -> (String, Vec<(String, String)>) {
        let inline = take(text);
        let given =
            inline.given.iter().map(|g| (inline.text[g.range.clone()].to_owned(), g.phonemes.clone()));
        (inline.text.to_string(), given.collect())
    }

    #[test]
    fn markup_is_taken_out_and_its_words_stay() {
        let (text, given) = taken("Say [Kokoro](/kˈOkəɹO/), [New York](/nuˈjɔɹk/)!");
        assert_eq!(text, "Say Kokoro, New York!");
        assert_eq!(given, [("Kokoro".into(), "kˈOkəɹO".into()), ("New York".into(), "nuˈjɔɹk".into())]);
    }

    #[test]
    fn words_lead_back_to_their_bytes() {
        let source = "Say [Kokoro](/kˈOkəɹO/) now";
        let inline = take(source);
        let at = inline.text.find("Kokoro").unwrap();
        assert_eq!(&source[inline.map.source(at..at + 6)], "Kokoro");
        let at = inline.text.find("now").unwrap();
        assert_eq!(&source[inline.map.source(at..at + 3)], "now");
    }

    #[test]
    fn markup_is_told_from_the_words_inside_it() {
        let text = "Say [Kokoro](/kˈOkəɹO/)[a](/ə/), [b](/b/)";
        let markup: Vec<_> = markup_in(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(markup, ["[", "](/kˈOkəɹO/)", "[", "](/ə/)", "[", "](/b/)"]);
        assert!(markup_in("plain [text]").is_empty());
    }

    #[test]
    fn what_is_no_markup_is_text() {
        for text in [
            "plain",
            "[a link](https://example.com)",
            "[path](/usr/bin) is",
            "[](/ə/)",
            "[x](//)",
            "[x](/12/)",
            "](/a/)",
            "[open](/ə",
        ] {
            assert_eq!(taken(text), (text.to_owned(), Vec::new()), "{text}");
        }
    }

    #[test]
    fn symbols_that_no_model_knows_are_left_out_and_counted() {
        let inline = take("[x](/ə❓/)");
        assert_eq!((inline.given[0].phonemes.as_str(), inline.dropped), ("ə", 1));
    }

    #[test]
    fn a_text_full_of_brackets_takes_no_more_than_one_look_at_each() {
        let text = "[](/".repeat(20_000);
        assert_eq!(take(&text).given, []);
    }

    proptest! {
        #[test]
        fn whatever_the_text_the_words_are_inside_it(text in r"(\[|\]|\(/|/\)|\]\(/|[a-zə❓ ]){0,40}") {
            let inline = take(&text);
            let mut last = 0;
            for Given { range, .. } in &inline.given {
                prop_assert!(range.start >= last && inline.text.get(range.clone()).is_some());
                last = range.end;
            }
            for (at, c) in inline.text.char_indices() {
                prop_assert_eq!(&text[inline.map.source(at..at + c.len_utf8())], c.to_string());
            }
        }
    }
}
