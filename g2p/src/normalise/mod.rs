//! English text as it is said: numbers, dates, units, abbreviations, symbols and names of things become words.
//!
//! Three passes, each with a span map: [`clean`] makes one form of every character, the [classes](CLASSES) read
//! what is not a word, and [`letters`] joins letters that are said by name. What comes out reads to itself:
//! normalising it again changes nothing.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

use crate::language::Language;
use crate::span_map::SpanMap;

mod cardinal;
mod clean;
mod letters;
mod numerals;
mod place;
mod rewriting;

use place::Place;
use rewriting::Rewriting;

/// The classes of what is read by rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A whole number: `1,234`, `-40`, `007`.
    Cardinal,
    /// Letters said by their names: `P M`, `U.S.`.
    Letters,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// What becomes of emoji.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Emoji {
    /// Each is said by its name.
    #[default]
    Named,
    /// Left out, and counted.
    Dropped,
}

/// How a text is normalised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Normaliser {
    /// Decides between readings such as day and month in `10/12/2019`; one of the two kinds of English.
    pub language: Language,
    /// What becomes of emoji.
    pub emoji: Emoji,
}

/// A sentence as it is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Normalised {
    /// Words, marks, and spaces between them.
    pub text: String,
    /// Leads from `text` back to the sentence.
    pub map: SpanMap,
    /// Stretches of `text` that a rule wrote, in order, with the rule.
    pub rules: Vec<(Range<usize>, Rule)>,
    /// Characters that were left out: emoji that were not to be said.
    pub dropped: usize,
}

/// What one class makes of one place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reading {
    /// Where what was read ends, in bytes of the text; behind the place.
    end: usize,
    /// How it is said: words with single spaces between them, none at either end. Empty for what is silent.
    words: String,
}

/// Reads what begins at a place, or leaves it to the next class.
type Class = fn(&Place) -> Option<Reading>;

/// All classes, the most special first: the first that reads a place has it.
const CLASSES: [(Rule, Class); 1] = [(Rule::Cardinal, cardinal::read)];

impl Normaliser {
    /// The sentence as it is said, in time linear in its length.
    pub fn normalise(&self, sentence: &str) -> Normalised {
        let (text, cleaned) = clean::clean(sentence);
        let mut rewriting = Rewriting::default();
        let mut place = Place::new(&text, *self);
        while let Some(c) = place.here() {
            let read = place.may_begin().then(|| {
                CLASSES.iter().find_map(|&(rule, read)| read(&place).map(|reading| (rule, reading)))
            });
            if let Some((rule, reading)) = read.flatten() {
                debug_assert!(reading.end > place.at());
                rewriting.replace(&reading.words, place.at()..reading.end, rule);
                place.go(reading.end);
            } else {
                rewriting.copy(c, place.at());
                place.go(place.at() + c.len_utf8());
            }
        }
        let read = rewriting.finish();
        let joined = letters::join(&read.text);
        let map = cleaned.then(&read.map).then(&joined.map);
        let rules = letters::moved(&read.rules, &joined);
        Normalised { text: joined.text, map, rules, dropped: 0 }
    }
}
