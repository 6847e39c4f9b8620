//! Text of any length in which no sentence is like the one before.

use std::fmt::Write;

use crate::Scatter;

const WHO: [&str; 16] = [
    "the gardener",
    "an old sailor",
    "my neighbour",
    "the youngest of the sisters",
    "a clerk from the harbour",
    "the doctor",
    "nobody in the village",
    "the train driver",
    "her uncle",
    "a stranger",
    "the librarian",
    "the woman with the lantern",
    "his former teacher",
    "the night watchman",
    "one of the twins",
    "the baker",
];
const DID: [&str; 20] = [
    "remembered",
    "painted",
    "sold",
    "carried home",
    "looked for",
    "wrote about",
    "hid",
    "repaired",
    "described",
    "gave away",
    "weighed",
    "watched",
    "asked for",
    "found",
    "photographed",
    "borrowed",
    "forgot",
    "drew",
    "burned",
    "praised",
];
const WHAT: [&str; 20] = [
    "a silver clock",
    "the broken gate",
    "three letters",
    "the smell of rain",
    "a map of the islands",
    "the last of the apples",
    "a green bicycle",
    "an unfinished bridge",
    "the winter accounts",
    "a box of matches",
    "the sound of the river",
    "two hundred candles",
    "the key to the cellar",
    "a half-eaten sandwich",
    "the stories of her childhood",
    "a telescope",
    "the price of copper",
    "every second chair",
    "the mountain road",
    "a photograph of the queen",
];
const WHEN: [&str; 16] = [
    "in the early morning",
    "before the bells rang",
    "on the third of March",
    "while it was snowing",
    "after the long war",
    "at a quarter past nine",
    "every Thursday",
    "in the year 1921",
    "without a word",
    "as the ships came in",
    "for 25 dollars",
    "under the walnut tree",
    "near the station",
    "once more",
    "against all advice",
    "with great care",
];
const JOIN: [&str; 8] = [", and ", ", but ", "; ", ", because ", ", although ", ": ", ", so ", ", while "];
const END: [&str; 5] = [". ", ". ", "! ", "? ", ".\n\n"];

/// Sentences of one to three clauses, at least `count` words of them and never more than a sentence over; the same
/// every time.
pub fn words(count: usize) -> String {
    let mut scatter = Scatter::new(1);
    let mut text = String::with_capacity(count * 7);
    let mut written = 0;
    while written < count {
        let start = text.len();
        for clause in 0..=scatter.below(3) {
            if clause > 0 {
                text.push_str(scatter.pick(&JOIN));
            }
            let (who, did) = (scatter.pick(&WHO), scatter.pick(&DID));
            let (what, when) = (scatter.pick(&WHAT), scatter.pick(&WHEN));
            // Writing to a string does not fail.
            let _ = write!(text, "{who} {did} {what} {when}");
        }
        if let Some(first) = text.get_mut(start..=start) {
            first.make_ascii_uppercase();
        }
        text.push_str(scatter.pick(&END));
        written += text[start..].split_whitespace().count();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_text_is_as_long_as_asked_and_hardly_repeats_a_sentence() {
        let text = words(10_000);
        let count = text.split_whitespace().count();
        assert!((10_000..10_060).contains(&count), "{count} words");
        let sentences: Vec<_> = text.split_inclusive(['.', '!', '?']).map(str::trim).collect();
        let different: HashSet<_> = sentences.iter().collect();
        assert!(different.len() * 100 > sentences.len() * 98, "{} of {}", different.len(), sentences.len());
        assert_eq!(words(10_000), text);
    }
}
