//! Full stops that belong to a word and not to the sentence.

/// What a full stop means after the word before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The word is no abbreviation: the stop is the sentence's.
    Plain,
    /// Never the end of a sentence.
    Never,
    /// Not the end before a number.
    UnlessNumber,
    /// The end only before a word that begins sentences.
    BeforeSentence,
}

/// Abbreviations, in lower case, after which something always follows.
#[rustfmt::skip]
const NEVER: [&str; 37] = [
    "dr", "mr", "mrs", "ms", "mx", "messrs", "mme", "mlle", "prof", "gen", "col", "maj", "capt", "cmdr", "lt", "sgt",
    "adm", "rep", "sen", "gov", "pres", "rev", "hon", "fr", "mt", "vs", "e.g", "i.e", "cf", "viz", "ca", "approx",
    "sq", "cu", "fl", "hwy", "rte",
];

/// Abbreviations before a number; some are words as well, which end sentences.
#[rustfmt::skip]
const BEFORE_NUMBER: [&str; 33] = [
    "no", "nos", "fig", "figs", "p", "pp", "vol", "vols", "ch", "chap", "sec", "sect", "art", "eq", "ref", "jan",
    "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "sat", "sun", "apt", "ext", "ste", "c",
    "op",
];

/// Abbreviations that stand within sentences and at their end.
#[rustfmt::skip]
const WITHIN: [&str; 57] = [
    "st", "ave", "blvd", "rd", "inc", "ltd", "co", "corp", "jr", "sr", "esq", "etc", "al", "dept", "univ", "est",
    "bros", "ph.d", "m.d", "b.a", "m.a", "dec", "ff", "resp", "incl", "tel", "mon", "tue", "tues", "wed", "thu",
    "thur", "thurs", "fri", "v", "ft", "lb", "lbs", "oz", "yd", "yds", "mi", "hr", "hrs", "mins", "qt", "gal", "tsp",
    "tbsp", "avg", "govt", "assn", "calif", "mfg", "ed", "eds", "ver",
];

/// Words that begin sentences far more often than names.
#[rustfmt::skip]
const OPENERS: [&str; 56] = [
    "A", "After", "All", "Also", "Although", "An", "And", "As", "At", "Before", "But", "By", "Do", "Does", "Each", "Even",
    "For", "From", "He", "Her", "Here", "His", "How", "However", "I", "If", "In", "Is", "It", "Its", "Many", "Most", "My",
    "No", "Now", "On", "Once", "One", "Or", "Our", "She", "So", "Some", "That", "The", "Their", "Then", "There", "These",
    "They", "This", "We", "What", "When", "Why", "You",
];

/// What a full stop right after `text` means.
pub(crate) fn stop_after(text: &str) -> Stop {
    /// The longest abbreviation is looked for in so many of the last bytes.
    const REACH: usize = 24;
    let tail = &text[text.ceil_char_boundary(text.len().saturating_sub(REACH))..];
    let start = tail.rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '‘' | '—'));
    let word = tail[start.unwrap_or(0)..].trim_start_matches(|c: char| !c.is_alphanumeric());
    let alone = text.trim_start().len() == word.len();
    if alone && (1..=3).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit()) {
        return Stop::Never;
    }
    let mut letters = word.chars();
    if let (Some(initial), None) = (letters.next(), letters.next())
        && initial.is_uppercase()
    {
        return Stop::BeforeSentence;
    }
    let lower = word.to_lowercase();
    let lower = lower.as_str();
    if NEVER.contains(&lower) {
        Stop::Never
    } else if BEFORE_NUMBER.contains(&lower) {
        Stop::UnlessNumber
    } else if WITHIN.contains(&lower) || is_dotted(word) {
        Stop::BeforeSentence
    } else {
        Stop::Plain
    }
}

/// Single letters with stops between them, such as `U.S` and `p.m`.
fn is_dotted(word: &str) -> bool {
    word.contains('.')
        && word.split('.').all(|part| part.chars().count() == 1 && part.chars().all(char::is_alphabetic))
}

/// Whether `following` begins as sentences do; `None` while its first word is not complete.
///
/// A quotation mark or a digit says nothing and is taken for a beginning; a small letter never is one.
pub(crate) fn begins_sentence(following: &str, finished: bool) -> Option<bool> {
    const LONGEST_OPENER: usize = 8;
    match following.chars().next() {
        Some(first) if first.is_uppercase() => {}
        Some(first) => return Some(matches!(first, '"' | '“' | '‘' | '(')),
        None => return None,
    }
    match following.find(|c: char| !c.is_alphabetic()) {
        Some(end) => Some(OPENERS.contains(&&following[..end])),
        None if finished => Some(OPENERS.contains(&following)),
        None if following.len() > LONGEST_OPENER => Some(false),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_abbreviations_are_told_from_words() {
        assert_eq!(stop_after("I saw Dr"), Stop::Never);
        assert_eq!(stop_after("(e.g"), Stop::Never);
        assert_eq!(stop_after("see No"), Stop::UnlessNumber);
        assert_eq!(stop_after("in the U.S"), Stop::BeforeSentence);
        assert_eq!(stop_after("by J"), Stop::BeforeSentence);
        assert_eq!(stop_after("the end"), Stop::Plain);
        assert_eq!(stop_after("it was 12"), Stop::Plain);
        assert_eq!(stop_after("12"), Stop::Never);
    }

    #[test]
    fn only_a_complete_first_word_tells_a_beginning() {
        assert_eq!(begins_sentence("The", false), None);
        assert_eq!(begins_sentence("The ", false), Some(true));
        assert_eq!(begins_sentence("Theodore ", false), Some(false));
        assert_eq!(begins_sentence("army", false), Some(false));
        assert_eq!(begins_sentence("Rumpelstiltskin", false), Some(false));
    }

    #[test]
    fn every_opener_is_within_reach() {
        assert!(OPENERS.iter().all(|opener| opener.len() <= 8));
        assert!(OPENERS.is_sorted());
    }
}
