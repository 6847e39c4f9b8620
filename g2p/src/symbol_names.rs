//! What single symbols are called.

/// Symbols and the words that name them, as said when the symbol stands where a word would.
const NAMES: [(char, &str); 37] = [
    ('=', "equals"),
    ('+', "plus"),
    ('*', "asterisk"),
    ('/', "slash"),
    ('\\', "backslash"),
    ('&', "and"),
    ('%', "percent"),
    ('#', "hash"),
    ('@', "at"),
    ('<', "less than"),
    ('>', "greater than"),
    ('^', "caret"),
    ('~', "tilde"),
    ('|', "bar"),
    ('$', "dollar"),
    ('£', "pound"),
    ('€', "euro"),
    ('¥', "yen"),
    ('₹', "rupee"),
    ('¢', "cents"),
    ('°', "degrees"),
    ('×', "times"),
    ('÷', "divided by"),
    ('±', "plus or minus"),
    ('≠', "not equal to"),
    ('≤', "at most"),
    ('≥', "at least"),
    ('≈', "about"),
    ('§', "section"),
    ('©', "copyright"),
    ('®', "registered"),
    ('™', "trademark"),
    ('µ', "micro"),
    ('½', "one half"),
    ('¼', "one quarter"),
    ('¾', "three quarters"),
    ('²', "squared"),
];

/// The English name of `symbol`, one or more words.
pub(crate) fn name(symbol: char) -> Option<&'static str> {
    NAMES.iter().find(|&&(s, _)| s == symbol).map(|&(_, name)| name)
}

#[cfg(test)]
pub(crate) fn all() -> impl Iterator<Item = (char, &'static str)> {
    NAMES.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_symbol_has_two_names() {
        for (symbol, given) in all() {
            assert_eq!(name(symbol), Some(given));
        }
        assert_eq!(name('a'), None);
    }
}
