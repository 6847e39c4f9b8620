//! Stretches of a sentence whose phonemes are settled before any rule is asked.

use std::ops::Range;

use super::endings;
use super::readable::Readable;
use super::token::{Sound, Token};
use crate::pronouncer::Given;
use crate::reason::Reason;
use crate::user_lexicon::UserWords;

/// Given phonemes and phrases of the user's lexicon, in order, each said once.
pub(super) struct Fixed<'a> {
    places: Vec<Place<'a>>,
    /// The first place that is not yet behind.
    next: usize,
}

struct Place<'a> {
    /// Bytes of the readable text.
    range: Range<usize>,
    phonemes: &'a str,
    reason: Reason,
    said: bool,
}

impl<'a> Fixed<'a> {
    pub(super) fn new(readable: &Readable, given: &'a [Given], user: Option<&'a UserWords>) -> Self {
        let ranges = readable.given.iter().cloned();
        let mut places: Vec<Place<'a>> = ranges
            .zip(given)
            .map(|(range, given)| Place {
                range,
                phonemes: &given.phonemes,
                reason: Reason::Given,
                said: false,
            })
            .collect();
        if let Some(user) = user.filter(|user| user.has_phrases()) {
            let phrases = phrases(readable.text(), user, &places);
            places.extend(phrases);
            places.sort_by_key(|place| place.range.start);
        }
        Self { places, next: 0 }
    }

    /// Cuts tokens where a settled stretch begins or ends, and makes one token with its sound of each stretch.
    pub(super) fn settle<'t>(
        &mut self,
        tokens: Vec<Token<'t>>,
        whole: &'t str,
        british: bool,
    ) -> Vec<Token<'t>> {
        if self.places.is_empty() {
            return tokens;
        }
        let mut settled: Vec<Token<'t>> = Vec::with_capacity(tokens.len());
        let mut open = None;
        for token in tokens {
            let mut at = token.range.start;
            while at < token.range.end {
                let place = self.place(at);
                let inside = place.filter(|&place| self.places[place].range.start <= at);
                let bound = match (inside, place) {
                    (Some(place), _) => self.places[place].range.end,
                    (None, Some(place)) => self.places[place].range.start,
                    (None, None) => usize::MAX,
                };
                let end = bound.min(token.range.end);
                let spaced = end == token.range.end && token.spaced;
                if let Some(last) = settled.last_mut().filter(|_| inside.is_some() && inside == open) {
                    last.range.end = end;
                    last.spaced = spaced;
                } else if let Some(last) = settled.last_mut().filter(|last| open.is_some() && !last.spaced)
                    && matches!(&whole[at..end], "'s" | "’s")
                    && let Some(sound) = last.sound.as_mut()
                    && let Some(phonemes) = endings::s(&sound.phonemes, british)
                {
                    sound.phonemes = phonemes;
                    last.range.end = end;
                    last.spaced = spaced;
                } else {
                    let mut part = Token::new(&whole[at..end], at..end, token.tag, spaced);
                    part.sound = inside.map(|place| self.say(place));
                    settled.push(part);
                }
                open = inside;
                at = end;
            }
        }
        settled
    }

    /// The sound of the settled stretch that lies over `part`, if one does; without phonemes if it was said.
    pub(super) fn over(&mut self, part: &Range<usize>) -> Option<Sound> {
        let place = self.place(part.start).filter(|&place| self.places[place].range.start < part.end)?;
        Some(self.say(place))
    }

    /// Symbols of stretches that had nothing in the text to stand for.
    pub(super) fn unsaid(&self) -> usize {
        let unsaid = self.places.iter().filter(|place| !place.said);
        unsaid.map(|place| place.phonemes.chars().filter(|c| !c.is_whitespace()).count()).sum()
    }

    /// The first place that ends after `at`; positions only grow.
    fn place(&mut self, at: usize) -> Option<usize> {
        while self.places.get(self.next).is_some_and(|place| place.range.end <= at) {
            self.next += 1;
        }
        (self.next < self.places.len()).then_some(self.next)
    }

    fn say(&mut self, place: usize) -> Sound {
        let place = &mut self.places[place];
        let phonemes = if place.said { "" } else { place.phonemes };
        place.said = true;
        Sound::new(phonemes, place.reason)
    }
}

/// The phrases of the user's lexicon that stand in `text` outside the places that are taken.
fn phrases<'a>(text: &str, user: &'a UserWords, taken: &[Place<'a>]) -> Vec<Place<'a>> {
    let mut found = Vec::new();
    let mut before = ' ';
    let mut free = 0;
    let mut taken = taken.iter().map(|place| &place.range).peekable();
    for (at, c) in text.char_indices() {
        let begins = !before.is_alphanumeric() || !c.is_alphanumeric();
        before = c;
        while taken.next_if(|range| range.end <= at).is_some() {}
        if at < free || !begins || c == ' ' {
            continue;
        }
        if let Some((length, phonemes)) = user.phrase(&text[at..])
            && taken.peek().is_none_or(|range| at + length <= range.start)
        {
            free = at + length;
            found.push(Place { range: at..free, phonemes, reason: Reason::UserLexicon, said: false });
        }
    }
    found
}
