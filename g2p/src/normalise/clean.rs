//! One form of every character.

use std::ops::Range;

use crate::span_map::SpanMap;

/// The text with control characters removed and white space made single spaces.
pub(super) fn clean(text: &str) -> (String, SpanMap) {
    let mut clean = String::with_capacity(text.len());
    let mut map = SpanMap::default();
    for (at, c) in text.char_indices() {
        let source = at..at + c.len_utf8();
        if is_no_break(c) && parts_thousands(text, source.clone()) {
            clean.push(',');
            map.replace(1, source);
        } else if c.is_whitespace() {
            if !clean.ends_with(' ') {
                clean.push(' ');
                map.replace(1, source);
            }
        } else if !c.is_control() {
            clean.push(c);
            map.copy(source);
        }
    }
    (clean, map)
}

/// Whether `c` is a space that is set inside numbers.
fn is_no_break(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{2009}' | '\u{202f}')
}

/// Whether the space at `at` stands between a digit and a group of three, as in `1 234`.
fn parts_thousands(text: &str, at: Range<usize>) -> bool {
    let after = text[at.end..].bytes().take_while(u8::is_ascii_digit).take(4).count();
    let before = text[..at.start].bytes().rev().take_while(u8::is_ascii_digit).take(4).count();
    after == 3 && (1..=3).contains(&before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_inside_numbers_part_thousands_and_others_part_words() {
        for (text, expected) in [
            ("1\u{202f}234\u{a0}567", "1,234,567"),
            ("page\u{a0}5", "page 5"),
            ("2020\u{a0}100", "2020 100"),
            ("5\u{a0}12", "5 12"),
            ("a \n b", "a b"),
        ] {
            assert_eq!(clean(text).0, expected);
        }
    }
}
