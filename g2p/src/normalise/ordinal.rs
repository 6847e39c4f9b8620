//! Numbers that say which: `1st`, `21st`, `1,000th`, `3º`.

use crate::normalise::number::{Number, is_digit};
use crate::normalise::place::Place;
use crate::normalise::quantity::range;
use crate::normalise::{Reading, numerals};

const ENDINGS: [&str; 12] = ["st", "nd", "rd", "th", "ST", "ND", "RD", "TH", "ˢᵗ", "ⁿᵈ", "ʳᵈ", "ᵗʰ"];

/// Reads digits with the ending of an ordinal, whichever ending it is.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let text = place.rest();
    if !text.starts_with(is_digit) {
        return None;
    }
    let number = Number::scan(text).filter(|number| number.fraction.is_none() && number.whole.len() <= 18)?;
    let rest = &text[number.len..];
    let len = ENDINGS.into_iter().find(|ending| rest.starts_with(ending)).map(str::len).or_else(|| {
        // In Spanish and Italian names; the degree sign that looks alike is a unit.
        rest.chars().next().filter(|c| matches!(c, 'ª' | 'º')).map(char::len_utf8)
    })?;
    let end = place.at() + number.len + len;
    let letter = text[number.len..].starts_with('º') && place.from(end).starts_with(['C', 'F']);
    if !place.ends_word(end.min(place.at() + number.len + len)) && !rest[len..].starts_with('s') || letter {
        return None;
    }
    let mut words = numerals::ordinal(&numerals::cardinal(&number.whole));
    let mut end = end;
    if place.from(end).starts_with('s') {
        words.push('s');
        end += 1;
        if !place.ends_word(end) {
            return None;
        }
    }
    if let Some((last, close)) = until(place, end) {
        return Some(Reading { end: close, words: format!("{words} to {last}") });
    }
    // "The 19th-century house" is two words.
    let hyphen = place.from(end).strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    Some(Reading { end: end + usize::from(hyphen), words })
}

/// The second of two ordinals with a dash between, `5th-7th`, and where it ends.
fn until(place: &Place, end: usize) -> Option<(String, usize)> {
    let len = range(place.from(end))?;
    let text = place.from(end + len);
    let number = Number::scan(text).filter(|number| number.fraction.is_none() && number.whole.len() <= 18)?;
    let ending = ENDINGS.into_iter().find(|ending| text[number.len..].starts_with(ending))?;
    let close = end + len + number.len + ending.len();
    place.ends_word(close).then(|| (numerals::ordinal(&numerals::cardinal(&number.whole)), close))
}

#[cfg(test)]
mod tests {
    use crate::normalise::assert_said;

    #[test]
    fn ordinals_are_read_as_said() {
        assert_said(&[
            ("The 1st one.", "The first one."),
            ("The 2nd, the 3rd.", "The second, the third."),
            ("His 4th try.", "His fourth try."),
            ("The 5TH time.", "The fifth time."),
            ("The 11th hour.", "The eleventh hour."),
            ("The 12th man.", "The twelfth man."),
            ("The 13th floor.", "The thirteenth floor."),
            ("The 20th time.", "The twentieth time."),
            ("The 21st century.", "The twenty first century."),
            ("The 22nd of May.", "The twenty second of May."),
            ("The 33rd degree.", "The thirty third degree."),
            ("The 40th day.", "The fortieth day."),
            ("The 99th percentile.", "The ninety ninth percentile."),
            ("The 100th day.", "The one hundredth day."),
            ("The 101st.", "The one hundred first."),
            ("The 112th.", "The one hundred twelfth."),
            ("The 1,000th visitor.", "The one thousandth visitor."),
            ("The 1000000th.", "The one millionth."),
            ("A 19th-century house.", "A nineteenth century house."),
            ("Two 5ths of it.", "Two fifths of it."),
            ("The 3ª time.", "The third time."),
            ("The 3º time.", "The third time."),
            ("The 1ˢᵗ time.", "The first time."),
            ("On 42nd Street.", "On forty second Street."),
            ("The 8th, 9th and 10th.", "The eighth, ninth and tenth."),
            ("It is the 1st.", "It is the first."),
            ("The 5th-7th grades.", "The fifth to seventh grades."),
        ]);
    }
}
