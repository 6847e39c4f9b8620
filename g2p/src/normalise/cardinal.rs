//! Whole numbers.

use crate::normalise::Reading;
use crate::normalise::numerals;
use crate::normalise::place::Place;

/// Reads `1234` and `1,234`.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let rest = place.rest();
    let len = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    (len > 0).then(|| Reading { end: place.at() + len, words: numerals::cardinal(&rest[..len]) })
}
