//! How much of something: a number with its sign, a fraction, or a range of two.

use crate::normalise::fraction;
use crate::normalise::number::{Number, is_digit};
use crate::normalise::place::Place;

/// What stands before a unit, a currency or a percent sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quantity {
    /// Where it ends, in bytes of the text.
    pub(super) end: usize,
    pub(super) words: String,
    /// Whether it counts one thing, or a part of one.
    pub(super) one: bool,
    /// Whether it is one plain number without a sign.
    pub(super) plain: Option<Number>,
}

impl Quantity {
    /// The quantity that begins at `at`.
    pub(super) fn scan(place: &Place, at: usize) -> Option<Self> {
        let (sign, len) = sign(place, at).unwrap_or_default();
        let mut quantity = Self::value(place, at + len)?;
        if let Some((end, second)) = range(place.from(quantity.end)).and_then(|len| {
            let second = Self::value(place, quantity.end + len)?;
            Some((second.end, second.words))
        }) && range(place.from(end)).is_none()
            && !is_reckoned(place, at, end)
        {
            quantity =
                Self { end, words: format!("{} to {second}", quantity.words), one: false, plain: None };
        }
        if !sign.is_empty() {
            quantity.words = format!("{sign} {}", quantity.words);
            quantity.plain = None;
        }
        Some(quantity)
    }

    /// One number or fraction without a sign.
    fn value(place: &Place, at: usize) -> Option<Self> {
        let text = place.from(at);
        let listed = matches!(place.char_before(at), Some('/' | '⁄'));
        if let Some((words, len, one)) = fraction::scan(text).filter(|_| !listed) {
            return Some(Self { end: at + len, words, one, plain: None });
        }
        let number = Number::scan(text)?;
        if number.whole.len() > 1 && number.whole.starts_with('0') && number.fraction.is_none() {
            return None;
        }
        let end = at + number.len;
        Some(Self { end, words: number.words(), one: number.is_one(), plain: Some(number) })
    }
}

/// Whether signs of reckoning show that the dash inside the range up to `end` takes away.
fn is_reckoned(place: &Place, at: usize, end: usize) -> bool {
    let sign = |c: char| matches!(c, '=' | '+' | '×' | '÷' | '≈');
    let before = place.text_before(at).trim_end();
    place.from(end).trim_start().starts_with(sign) || before.ends_with(sign)
}

/// How the sign at `at` is said, and its bytes; a hyphen is one only where a word could not go on.
pub(super) fn sign(place: &Place, at: usize) -> Option<(&'static str, usize)> {
    let text = place.from(at);
    let sign = text.chars().next()?;
    if text.strip_prefix("+/-").is_some_and(|rest| rest.starts_with(is_digit)) {
        return place.char_before(at).is_none_or(char::is_whitespace).then_some(("plus or minus", 3));
    }
    let name = match sign {
        '-' | '−' | '–' => "minus",
        '+' => "plus",
        '±' => "plus or minus",
        _ => return None,
    };
    let rest = &text[sign.len_utf8()..];
    let space = usize::from(sign == '±' && rest.starts_with(' '));
    let rest = &rest[space..];
    let number = rest.strip_prefix('.').unwrap_or(rest).starts_with(is_digit)
        || rest.starts_with(['$', '£', '€', '¥', '½', '¼', '¾']);
    let opens = match place.char_before(at) {
        None => true,
        Some(before) => {
            before.is_whitespace()
                || matches!(before, '(' | '[' | '{' | '=' | '<' | '>' | '"' | '“' | '‘' | '$')
        }
    };
    (number && (opens || sign == '±')).then_some((name, sign.len_utf8() + space))
}

/// The bytes of what stands between the two numbers of a range: `-`, `–`, and these with spaces.
pub(super) fn range(text: &str) -> Option<usize> {
    ["-", "–", "—", "‑", " - ", " – ", " — "].into_iter().find_map(|dash| {
        let rest = text.strip_prefix(dash)?;
        let number =
            rest.strip_prefix('.').unwrap_or(rest).starts_with(|c| is_digit(c) || fraction::is_vulgar(c));
        number.then_some(dash.len())
    })
}
