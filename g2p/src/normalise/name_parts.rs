//! The words and numbers inside a name that was written as one: `parseHTTPRequest2`, `john99`.

use crate::normalise::numerals;
use crate::normalise::spelling;

/// Cuts `name` between letters and digits and where a capital begins a word: "getURL2" is "get", "URL", "2".
///
/// Whatever is neither letter nor digit parts words and belongs to none.
pub(super) fn parts(name: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    let mut characters = name.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let after = characters.peek().map(|&(_, c)| c);
        let begins = match before {
            None => false,
            Some(b) if !b.is_alphanumeric() || !c.is_alphanumeric() => true,
            Some(b) if b.is_numeric() != c.is_numeric() => true,
            Some(b) => {
                c.is_uppercase()
                    && (b.is_lowercase() || b.is_uppercase() && after.is_some_and(char::is_lowercase))
            }
        };
        if begins {
            parts.push(&name[start..at]);
            start = at;
        }
        before = Some(c);
    }
    parts.push(&name[start..]);
    parts.retain(|part| part.starts_with(char::is_alphanumeric));
    parts
}

/// The parts of `name` as they are said, words and letters and numbers.
pub(super) fn said(name: &str) -> String {
    let parts = parts(name);
    // Between words, an "A" is the article.
    let article = |at: usize| at > 0 && at + 1 < parts.len() && parts[at].eq_ignore_ascii_case("a");
    let said: Vec<String> =
        (0..parts.len()).map(|at| if article(at) { "a".to_owned() } else { part(parts[at]) }).collect();
    said.join(" ")
}

/// One part as it is said: digits as a number, letters as a word or apart.
pub(super) fn part(part: &str) -> String {
    if part.bytes().all(|b| b.is_ascii_digit()) { digits(part) } else { spelling::word_or_letters(part) }
}

/// Digits in a name: up to three as a number, four as a year, more one by one.
pub(super) fn digits(digits: &str) -> String {
    match digits.len() {
        1..=3 if !digits.starts_with('0') || digits.len() == 1 => numerals::cardinal(digits),
        4 if !digits.starts_with('0') => {
            digits.parse().map_or_else(|_| numerals::each(digits), numerals::year)
        }
        _ => numerals::each(digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_parts() {
        assert_eq!(parts("parseHTTPRequest2"), ["parse", "HTTP", "Request", "2"]);
        assert_eq!(parts("snake_case"), ["snake", "case"]);
        assert_eq!(parts("x86_64"), ["x", "86", "64"]);
        assert_eq!(parts("éclairÉpée"), ["éclair", "Épée"]);
        assert!(parts("").is_empty() && parts("__").is_empty());
    }

    #[test]
    fn parts_are_words_letters_and_numbers() {
        for (name, expected) in [
            ("ThisIsGreat", "this is great"),
            ("john99", "john ninety nine"),
            ("sha256", "sha two hundred fifty six"),
            ("css3", "C S S three"),
            ("es2015", "es twenty fifteen"),
            ("mp3", "M P three"),
            ("id007", "I D zero zero seven"),
        ] {
            assert_eq!(said(name), expected);
        }
    }
}
