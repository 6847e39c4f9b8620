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

/// What becomes of a point, a comma or a colon between two digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// It parts two phrases, as in misaki.
    Parted,
    /// It belongs to the number, which espeak-ng then reads as one.
    Whole,
}

/// Cuts `text` into words and marks, in order and without a gap; no two stretches of a kind follow one another.
pub(super) fn stretches(text: &str, numbers: Numbers) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut words = 0;
    let mut at = 0;
    while let Some(mark) = text[at..].find(|c| MARKS.contains(c)).map(|found| at + found) {
        if numbers == Numbers::Whole && is_in_number(text, mark) {
            at = mark + 1;
            continue;
        }
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

/// Whether the mark at byte `at` stands between two digits.
fn is_in_number(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at(at);
    after.starts_with(['.', ',', ':'])
        && before.ends_with(|c: char| c.is_numeric())
        && after[1..].starts_with(|c: char| c.is_numeric())
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

    fn cut(text: &str, numbers: Numbers) -> Vec<&str> {
        let range = |stretch| match stretch {
            Stretch::Words(range) | Stretch::Marks(range) => range,
        };
        stretches(text, numbers).into_iter().map(|stretch| &text[range(stretch)]).collect()
    }

    #[test]
    fn marks_keep_the_space_around_them() {
        let cut = |text| cut(text, Numbers::Parted);
        assert_eq!(cut("Où est-ce ? « Là », (ici)."), ["Où est-ce", " ? « ", "Là", " », (", "ici", ")."]);
        assert_eq!(cut("3.14"), ["3", ".", "14"]);
        assert_eq!(cut(" ... "), [" ... "]);
        assert_eq!(cut("  a "), ["  a "]);
        assert_eq!(cut(""), [""; 0]);
    }

    #[test]
    fn a_number_may_stay_whole() {
        let cut = |text| cut(text, Numbers::Whole);
        assert_eq!(cut("1.234,50 a las 10:30."), ["1.234,50 a las 10:30", "."]);
        assert_eq!(cut("a.5, 3.é 1;2"), ["a", ".", "5", ", ", "3", ".", "é 1", ";", "2"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_words_hold_no_mark(text in "[a-c1 .,«»()\n]{0,30}|.{0,30}") {
            let whole: usize = stretches(&text, Numbers::Whole)
                .into_iter()
                .map(|stretch| match stretch { Stretch::Words(range) | Stretch::Marks(range) => range.len() })
                .sum();
            prop_assert_eq!(whole, text.len());
            let mut end = 0;
            for stretch in stretches(&text, Numbers::Parted) {
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
