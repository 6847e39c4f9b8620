//! Which bytes of a text every token of a pronouncer stands for.

use std::ops::Range;

/// How far ahead a token that is not where it should be is looked for, in bytes.
const REACH: usize = 80;

/// How many characters of the text a token may lack between two of its own.
const LOST: usize = 2;

/// Walks forward through a text, token by token.
///
/// A pronouncer's tokens follow the text in order, but now and then one has lost a character or gained one. The
/// walk never goes back, never leaves the text and always stands on a character boundary.
pub(crate) struct Walk<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The bytes of `token`, which is the next one.
    ///
    /// A token that is not there in one piece is looked for with characters missing; failing that it gets what is
    /// left of the word here.
    pub(crate) fn step(&mut self, token: &str) -> Range<usize> {
        let rest = &self.text[self.at..];
        let start = self.at + (rest.len() - rest.trim_start().len());
        let rest = &self.text[start..];
        let reach = rest.floor_char_boundary(REACH.saturating_add(token.len()));
        let range = if let Some(ahead) = rest[..reach].find(token) {
            start + ahead..start + ahead + token.len()
        } else {
            let word = rest.find(' ').unwrap_or(rest.len());
            start..start + torn(rest, token).unwrap_or(word)
        };
        self.at = range.end;
        range
    }
}

/// Bytes of `text` that begin it and hold `token` with at most [`LOST`] foreign characters before each of its own.
fn torn(text: &str, token: &str) -> Option<usize> {
    token.chars().try_fold(0, |at, c| {
        let (ahead, _) = text[at..].char_indices().take(LOST + 1).find(|&(_, there)| there == c)?;
        Some(at + ahead + c.len_utf8())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tokens_are_found_in_order() {
        let mut walk = Walk::new("the cat, the hat");
        let spans: Vec<_> = ["the", "cat", ",", "the", "hat"].map(|token| walk.step(token)).into();
        assert_eq!(spans, [0..3, 4..7, 7..8, 9..12, 13..16]);
    }

    #[test]
    fn a_lost_character_is_passed_over() {
        let mut walk = Walk::new("7'2 inches");
        assert_eq!((walk.step("7"), walk.step("2"), walk.step("inches")), (0..1, 2..3, 4..10));
    }

    #[test]
    fn a_token_that_lost_a_character_still_spans_it() {
        let mut walk = Walk::new("a3'A! so");
        assert_eq!((walk.step("a3A"), walk.step("!"), walk.step("so")), (0..4, 4..5, 6..8));
    }

    #[test]
    fn a_token_that_is_not_there_takes_the_word_that_is() {
        let mut walk = Walk::new("one two three");
        assert_eq!((walk.step("one"), walk.step("zwei"), walk.step("three")), (0..3, 4..7, 8..13));
    }

    proptest! {
        #[test]
        fn spans_are_monotone_and_on_boundaries(text in ".{0,60}", tokens in prop::collection::vec(".{0,5}", 0..20)) {
            let mut walk = Walk::new(&text);
            let mut last = 0;
            for token in tokens {
                let span = walk.step(&token);
                prop_assert!(span.start >= last && text.get(span.clone()).is_some());
                last = span.end;
            }
        }
    }
}
