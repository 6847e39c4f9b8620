//! The cross between numbers, and behind one: `10x faster`, `4x4`, `3 × 4`.

use crate::normalise::math::is_operator;
use crate::normalise::number::{Number, is_digit};
use crate::normalise::place::Place;
use crate::normalise::{Reading, measure, quantity};

/// `3x`, `10x faster`, `2×`: "three times"; before a noun "ten X".
pub(super) fn times(place: &Place) -> Option<Reading> {
    let quantity = quantity::Quantity::scan(place, place.at())?;
    let sign = place.from(quantity.end).chars().next().filter(|c| matches!(c, 'x' | 'X' | '×'))?;
    let end = quantity.end + sign.len_utf8();
    if !place.ends_word(end) {
        return by(place, end, &quantity.words);
    }
    let described = measure::describes(place, end) && !place.next_word(end).ends_with("er");
    let said = if described {
        "X"
    } else if quantity.one {
        "time"
    } else {
        "times"
    };
    Some(Reading { end, words: format!("{} {said}", quantity.words) })
}

/// `3 x 4`, and `3 × 4` before a noun: the sign between two sides.
pub(super) fn across(place: &Place) -> Option<Reading> {
    let sign = place.here().filter(|c| matches!(c, 'x' | '×'))?;
    let end = place.at() + sign.len_utf8();
    let left = place.before().strip_suffix(' ')?.ends_with(is_digit);
    let side = Number::scan(place.from(end).strip_prefix(' ')?)?;
    let close = end + 1 + side.len;
    let reckoned = place.from(close).trim_start().starts_with(is_operator);
    let sides = !reckoned && (sign == 'x' || measure::noun_after(place, close));
    (left && (sides || sign == 'x'))
        .then(|| Reading { end, words: (if sides { "by" } else { "times" }).to_owned() })
}

/// `4x4`, `2×4`: "four by four".
fn by(place: &Place, at: usize, first: &str) -> Option<Reading> {
    let mut words = first.to_owned();
    let mut at = at;
    loop {
        let side = Number::scan(place.from(at))?;
        words = format!("{words} by {}", side.words());
        at += side.len;
        match place.char_at(at) {
            Some(sign @ ('x' | 'X' | '×')) => at += sign.len_utf8(),
            _ => break,
        }
    }
    place.ends_word(at).then_some(Reading { end: at, words })
}
