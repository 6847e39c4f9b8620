//! One form of every character.

use crate::span_map::SpanMap;

/// The text with control characters removed and white space made single spaces.
pub(super) fn clean(text: &str) -> (String, SpanMap) {
    let mut clean = String::with_capacity(text.len());
    let mut map = SpanMap::default();
    for (at, c) in text.char_indices() {
        let source = at..at + c.len_utf8();
        if c.is_whitespace() {
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
