//! How a thing that is counted is named: one or many, and before the noun that it describes.

use crate::normalise::place::Place;

/// Words that a noun phrase begins with.
const DETERMINERS: [&str; 17] = [
    "a", "an", "another", "any", "each", "every", "her", "his", "its", "my", "no", "our", "that", "the",
    "their", "this", "your",
];

/// Words that are no adjective between a determiner and a number: `a total of 5 km`.
const BREAKS: [&str; 26] = [
    "about", "and", "around", "at", "between", "by", "for", "from", "in", "is", "of", "or", "over", "than",
    "to", "was", "weighs", "with", "costs", "cost", "has", "had", "runs", "under", "good", "on",
];

/// Words after a measure that are no noun which it could describe.
const NO_NOUNS: &[&str] = &[
    "equals",
    "gives",
    "makes",
    "a",
    "about",
    "above",
    "after",
    "again",
    "ago",
    "all",
    "also",
    "although",
    "an",
    "and",
    "apart",
    "are",
    "around",
    "as",
    "at",
    "away",
    "back",
    "because",
    "before",
    "behind",
    "below",
    "between",
    "but",
    "by",
    "can",
    "could",
    "did",
    "do",
    "does",
    "down",
    "during",
    "each",
    "either",
    "every",
    "extra",
    "faster",
    "for",
    "from",
    "further",
    "had",
    "has",
    "have",
    "he",
    "here",
    "higher",
    "how",
    "i",
    "if",
    "in",
    "instead",
    "into",
    "is",
    "it",
    "just",
    "later",
    "left",
    "less",
    "longer",
    "lower",
    "may",
    "might",
    "more",
    "must",
    "near",
    "nor",
    "not",
    "now",
    "of",
    "off",
    "on",
    "once",
    "only",
    "or",
    "our",
    "out",
    "over",
    "per",
    "plus",
    "she",
    "shorter",
    "should",
    "since",
    "so",
    "still",
    "taller",
    "than",
    "that",
    "the",
    "their",
    "then",
    "there",
    "these",
    "they",
    "this",
    "through",
    "to",
    "today",
    "tomorrow",
    "tonight",
    "too",
    "towards",
    "under",
    "until",
    "up",
    "was",
    "we",
    "were",
    "when",
    "where",
    "which",
    "while",
    "who",
    "will",
    "with",
    "would",
    "yesterday",
    "you",
];

/// Things that are told by their measure even without an article: `10 oz steak`, `220V outlet`.
const MEASURED: &[&str] = &[
    "angle",
    "bend",
    "laptop",
    "pizza",
    "ruler",
    "tablet",
    "turn",
    "adapter",
    "bag",
    "battery",
    "beam",
    "board",
    "bottle",
    "box",
    "bulb",
    "cable",
    "camera",
    "can",
    "capacitor",
    "card",
    "charger",
    "chip",
    "circuit",
    "connection",
    "cylinder",
    "dash",
    "disk",
    "display",
    "dose",
    "drive",
    "drop",
    "engine",
    "fence",
    "fuse",
    "gap",
    "heater",
    "hike",
    "jar",
    "jump",
    "ladder",
    "lamp",
    "lens",
    "limit",
    "line",
    "link",
    "memory",
    "model",
    "module",
    "monitor",
    "motor",
    "outlet",
    "pack",
    "pipe",
    "plan",
    "pool",
    "putt",
    "race",
    "radius",
    "refresh",
    "resistor",
    "ride",
    "room",
    "rope",
    "round",
    "run",
    "screen",
    "sensor",
    "shift",
    "speed",
    "sprint",
    "steak",
    "stick",
    "stream",
    "swim",
    "tank",
    "timer",
    "video",
    "walk",
    "zone",
];

/// What something is counted in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Noun {
    pub(super) one: String,
    pub(super) many: String,
}

impl Noun {
    pub(super) fn new(one: &str, many: &str) -> Self {
        Self { one: one.to_owned(), many: many.to_owned() }
    }

    /// The form for one thing or many.
    pub(super) fn form(&self, one: bool) -> &str {
        if one { &self.one } else { &self.many }
    }
}

/// Whether what is read from the place to `end` describes the noun after it, as in `a 16GB stick`.
///
/// A word that can be a noun follows, and a determiner stands before it with at most one adjective between, or the
/// noun is of a thing that is told by its measure.
pub(super) fn describes(place: &Place, end: usize) -> bool {
    noun_after(place, end) && (is_determined(place) || MEASURED.contains(&place.next_word(end)))
}

/// Whether a determiner stands before the place: `a`, or `a` with one adjective.
pub(super) fn is_determined(place: &Place) -> bool {
    let previous = place.previous_word();
    if DETERMINERS.iter().any(|word| word.eq_ignore_ascii_case(previous)) {
        return true;
    }
    let before = place.before().trim_end();
    let before = before[..before.len() - previous.len()].trim_end();
    let article = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    !previous.is_empty()
        && previous.bytes().all(|b| b.is_ascii_lowercase())
        && !BREAKS.contains(&previous)
        && (article.eq_ignore_ascii_case("a") || article.eq_ignore_ascii_case("an"))
}

/// Whether a word that can be a noun follows `end` directly.
pub(super) fn noun_after(place: &Place, end: usize) -> bool {
    let after = place.from(end);
    let next = place.next_word(end);
    after.starts_with(' ') && next.starts_with(char::is_alphabetic) && !is_no_noun(next)
}

/// Whether `word` joins other words, so that no measure can describe it.
pub(super) fn is_no_noun(word: &str) -> bool {
    NO_NOUNS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether `word` is a noun for several things, as far as its form tells.
pub(super) fn is_plural(word: &str) -> bool {
    const WITHOUT_S: [&str; 12] = [
        "children", "dead", "feet", "fish", "men", "mice", "million", "people", "police", "sheep", "troops",
        "women",
    ];
    const WITH_S: [&str; 28] = [
        "always", "as", "begins", "brings", "comes", "does", "ends", "gets", "gives", "goes", "has", "is",
        "its", "makes", "marks", "means", "perhaps", "promises", "remains", "sees", "seems", "shows",
        "starts", "thus", "us", "versus", "was", "yes",
    ];
    let lower = word.bytes().all(|b| b.is_ascii_lowercase());
    let with_s = word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us");
    lower && (WITHOUT_S.contains(&word) || with_s && !WITH_S.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::Normaliser;

    #[test]
    fn a_measure_describes_the_noun_after_it_only_behind_a_determiner() {
        for (text, expected) in [
            ("a # stick", true),
            ("the # race", true),
            ("a new # stick", true),
            ("His # dive", true),
            ("it costs # today", false),
            ("a total of # sugar", false),
            ("the # and", false),
            ("a #, well", false),
            ("about # water", false),
        ] {
            let at = text.find('#').unwrap();
            let mut place = Place::new(text, Normaliser::default());
            place.go(at);
            assert_eq!(describes(&place, at + 1), expected, "{text}");
        }
    }

    #[test]
    fn plurals_are_known_by_their_form() {
        assert!(["pages", "people", "bytes"].into_iter().all(is_plural));
        assert!(!["is", "was", "glass", "page", "Olympics", "begins"].into_iter().any(is_plural));
    }
}
