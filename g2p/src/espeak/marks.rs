//! Punctuation, which is kept from espeak-ng and put back into what it says.

use std::ops::Range;

/// Marks that part two phrases for espeak-ng.
const MARKS: &str = ";:,.!?¡¿—…\"«»“”(){}[]";

/// One stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    /// Words without a mark.
    Words(Range<usize>),
    /// Marks, with the white space around and between them.
    Marks(Range<usize>),
}

/// Cuts `text` into words and marks, in order and without a gap; no two stretches of a kind follow one another.
pub(super) fn stretches(text: &str) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut words = 0;
    let mut at = 0;
    while let Some(mark) = text[at..].find(|c| MARKS.contains(c)).map(|found| at + found) {
        let start = text[words..mark].trim_end().len() + words;
        let tail = text[mark..].trim_start_matches(|c: char| c.is_whitespace() || MARKS.contains(c));
        at = text.len() - tail.len();
        if start > words {
            stretches.push(Stretch::Words(words..start));
        }
        stretches.push(Stretch::Marks(start..at));
        words = at;
    }
    if words < text.len() {
        stretches.push(Stretch::Words(words..text.len()));
    }
    stretches
}

/// The mark as the models know it.
pub(super) fn known(mark: char) -> char {
    match mark {
        '«' => '“',
        '»' => '”',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(text: &str) -> Vec<&str> {
        let range = |stretch| match stretch {
            Stretch::Words(range) | Stretch::Marks(range) => range,
        };
        stretches(text).into_iter().map(|stretch| &text[range(stretch)]).collect()
    }

    #[test]
    fn marks_keep_the_space_around_them() {
        assert_eq!(cut("Où est-ce ? « Là », (ici)."), ["Où est-ce", " ? « ", "Là", " », (", "ici", ")."]);
        assert_eq!(cut("3.14"), ["3", ".", "14"]);
        assert_eq!(cut(" ... "), [" ... "]);
        assert_eq!(cut("  a "), ["  a "]);
        assert_eq!(cut(""), [""; 0]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_words_hold_no_mark(text in "[a-c .,«»()\n]{0,30}|.{0,30}") {
            let mut end = 0;
            for stretch in stretches(&text) {
                let (range, speaks) = match stretch {
                    Stretch::Words(range) => (range, true),
                    Stretch::Marks(range) => (range, false),
                };
                prop_assert_eq!(range.start, end);
                prop_assert!(!range.is_empty());
                prop_assert_ne!(speaks, text[range.clone()].contains(|c| MARKS.contains(c)));
                end = range.end;
            }
            prop_assert_eq!(end, text.len());
        }
    }
}
