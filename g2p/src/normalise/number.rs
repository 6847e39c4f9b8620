//! A number as it is written: digits, separators, a decimal point.

use crate::normalise::numerals;

/// One number without a sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// Bytes that it takes.
    pub(super) len: usize,
    /// The digits before the point without separators; empty in `.5`.
    pub(super) whole: String,
    /// The digits after the point.
    pub(super) fraction: Option<String>,
}

impl Number {
    /// The number that `text` begins with; `None` for one with two points, as of a version.
    pub(super) fn scan(text: &str) -> Option<Self> {
        let (whole, mut len) = grouped(text);
        let after = digits(text[len..].strip_prefix('.').unwrap_or_default());
        let fraction = (!after.is_empty()).then(|| after.to_owned());
        if fraction.is_some() {
            len += 1 + after.len();
            let dotted = text[len..].strip_prefix('.').is_some_and(|rest| rest.starts_with(is_digit));
            if dotted {
                return None;
            }
        }
        (len > 0 && (!whole.is_empty() || fraction.is_some())).then_some(Self { len, whole, fraction })
    }

    /// "one thousand two hundred", "three point one four", "point five".
    pub(super) fn words(&self) -> String {
        let whole = if self.whole.is_empty() { String::new() } else { numerals::cardinal(&self.whole) };
        match &self.fraction {
            Some(digits) => format!("{whole} point {}", numerals::each(digits)).trim_start().to_owned(),
            None => whole,
        }
    }

    /// Whether it is exactly one.
    pub(super) fn is_one(&self) -> bool {
        self.whole == "1" && self.fraction.is_none()
    }

    /// Its value where it is whole and small.
    pub(super) fn value(&self) -> Option<u32> {
        self.fraction.is_none().then(|| self.whole.parse().ok()).flatten()
    }
}

/// The digits that `text` begins with.
pub(super) fn digits(text: &str) -> &str {
    &text[..text.find(|c: char| !is_digit(c)).unwrap_or(text.len())]
}

pub(super) fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// The whole number that `text` begins with, without its separators, and the bytes that it takes.
///
/// `1,234,567`, the Indian `12,34,567`, the Swiss `1'234'567` and `1 234 567`; a plain space parts thousands only twice or more.
fn grouped(text: &str) -> (String, usize) {
    let first = digits(text);
    if first.is_empty() || first.len() > 3 || first.starts_with('0') {
        return (first.to_owned(), first.len());
    }
    for (separator, size, least) in [(',', 3, 1), (',', 2, 1), (' ', 3, 2), ('\'', 3, 1), ('’', 3, 1)] {
        let mut whole = first.to_owned();
        let mut len = first.len();
        let mut groups = 0;
        let mut last = 0;
        while let Some(rest) = text[len..].strip_prefix(separator) {
            let group = digits(rest).len();
            if group != size && group != 3 || last == 3 && size == 2 {
                break;
            }
            whole.push_str(&rest[..group]);
            len += separator.len_utf8() + group;
            groups += 1;
            last = group;
        }
        let goes_on = text[len..].starts_with(is_digit)
            || text[len..].strip_prefix(separator).is_some_and(|rest| rest.starts_with(is_digit));
        if groups >= least && last == 3 && !goes_on {
            return (whole, len);
        }
    }
    (first.to_owned(), first.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_and_points_are_seen() {
        for (text, whole, fraction, len) in [
            ("1,234.56 a", "1234", Some("56"), 8),
            ("1,234,567,", "1234567", None, 9),
            ("12,34,567", "1234567", None, 9),
            ("1 234 567 x", "1234567", None, 9),
            ("1 234 x", "1", None, 1),
            ("1,2,3", "1", None, 1),
            ("5. Next", "5", None, 1),
            (".5", "", Some("5"), 2),
        ] {
            let number = Number::scan(text).unwrap();
            assert_eq!(number.whole, whole, "{text}");
            assert_eq!((number.fraction.as_deref(), number.len), (fraction, len), "{text}");
        }
        assert_eq!(Number::scan("2.0.1"), None);
        assert_eq!(Number::scan("."), None);
    }
}
