//! A place in a sentence, and what stands around it.

use crate::language::Language;
use crate::normalise::{Emoji, Normaliser};

/// How many bytes before a place and after it a class may look at, so that reading stays linear.
const REACH: usize = 256;

/// Where a class is asked to read, with the sentence around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    text: &'a str,
    at: usize,
    /// Where what was read last ends.
    read: usize,
    normaliser: Normaliser,
}

impl<'a> Place<'a> {
    /// The beginning of `text`.
    pub(super) fn new(text: &'a str, normaliser: Normaliser) -> Self {
        Self { text, at: 0, read: 0, normaliser }
    }

    /// Moves to `at`, a character boundary.
    pub(super) fn go(&mut self, at: usize) {
        self.at = at;
    }

    /// Moves to `end`, where what was read here ends.
    pub(super) fn go_past(&mut self, end: usize) {
        self.read = end;
        self.at = end;
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn language(&self) -> Language {
        self.normaliser.language
    }

    pub(super) fn emoji(&self) -> Emoji {
        self.normaliser.emoji
    }

    /// The character here.
    pub(super) fn here(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// The text from here on, as far as a class may look.
    pub(super) fn rest(&self) -> &'a str {
        self.from(self.at)
    }

    /// The text from `at` on, as far as a class may look; empty past the end.
    pub(super) fn from(&self, at: usize) -> &'a str {
        self.text.get(at..self.text.ceil_char_boundary(at.saturating_add(REACH))).unwrap_or_default()
    }

    /// The text before this place, as far as a class may look.
    pub(super) fn before(&self) -> &'a str {
        self.text_before(self.at)
    }

    /// The character right before this place.
    pub(super) fn previous(&self) -> Option<char> {
        self.before().chars().next_back()
    }

    /// Whether a hyphen here joins a word to what stands before.
    pub(super) fn joins_word(&self) -> bool {
        self.rest().strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphabetic))
    }

    /// The word that ends before this place, with nothing but white space between; empty where there is none.
    pub(super) fn previous_word(&self) -> &'a str {
        let before = self.before().trim_end();
        let start = before
            .rfind(|c: char| !is_word(c))
            .map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8));
        &before[start..]
    }

    /// The word that begins behind `end`, with nothing but white space between; empty where there is none.
    pub(super) fn next_word(&self, end: usize) -> &'a str {
        let after = self.from(end).trim_start();
        &after[..after.find(|c: char| !is_word(c)).unwrap_or(after.len())]
    }

    /// The character at `at`.
    pub(super) fn char_at(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }

    /// The text before `at`, as far as a class may look.
    pub(super) fn text_before(&self, at: usize) -> &'a str {
        &self.text[self.text.floor_char_boundary(at.saturating_sub(REACH))..at]
    }

    /// The character right before `at`.
    pub(super) fn char_before(&self, at: usize) -> Option<char> {
        self.text.get(..at)?.chars().next_back()
    }

    /// Whether no letter or digit goes on at `at`.
    pub(super) fn ends_word(&self, at: usize) -> bool {
        !self.char_at(at).is_some_and(|c| c.is_alphanumeric() || c == '_')
    }

    /// Whether nothing but marks and white space follows from `at` on.
    pub(super) fn ends_sentence(&self, at: usize) -> bool {
        let rest = self.from(at);
        rest.len() < REACH && !rest.contains(char::is_alphanumeric)
    }

    /// Behind the full stop of an abbreviation at `at`; before it where it also ends the sentence.
    pub(super) fn past_stop(&self, at: usize) -> usize {
        let stop = self.char_at(at) == Some('.') && !self.ends_sentence(at);
        at + usize::from(stop)
    }

    /// Whether a class may begin to read here: anywhere but inside a word that nothing was read of.
    pub(super) fn may_begin(&self) -> bool {
        let here = self.here().is_some_and(char::is_alphanumeric);
        !here || self.at == self.read || !self.previous().is_some_and(char::is_alphanumeric)
    }
}

/// Whether `c` may stand inside a word.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '’')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, at: usize) -> Place<'_> {
        let mut place = Place::new(text, Normaliser::default());
        place.go(at);
        place
    }

    #[test]
    fn the_words_around_a_place_are_seen() {
        let place = place("about 20 kg of it", 6);
        assert_eq!((place.previous_word(), place.next_word(8)), ("about", "kg"));
        assert!(place.rest().starts_with("20 kg"));
    }

    #[test]
    fn marks_part_words() {
        let place = place("yes, 20, no", 5);
        assert_eq!((place.previous_word(), place.next_word(7)), ("", ""));
    }

    #[test]
    fn nothing_begins_inside_a_word() {
        assert!(!place("x86", 1).may_begin() && place("x86", 0).may_begin() && place("x_86", 2).may_begin());
    }
}
