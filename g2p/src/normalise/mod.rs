//! English text as it is said: numbers, dates, units, abbreviations, symbols and names of things become words.
//!
//! Three passes, each with a span map: [`clean`] makes one form of every character, the [classes](CLASSES) read
//! what is not a word, and [`letters`] joins letters that are said by name. What comes out reads to itself:
//! normalising it again changes nothing.

use std::ops::Range;

use crate::language::Language;
use crate::span_map::SpanMap;

mod cardinal;
mod clean;
mod currency;
mod date;
mod decimal;
mod fraction;
mod letters;
mod math;
mod measure;
mod number;
mod numerals;
mod ordinal;
mod phone;
mod place;
mod power;
mod product;
mod quantity;
mod rewriting;
mod roman;
mod time;
mod unit;
mod unit_names;
mod year;

use place::Place;
use rewriting::Rewriting;

/// The classes of what is read by rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A whole number: `1,234`, `-40`, `007`.
    Cardinal,
    /// A sum of money: `$3.2 billion`, `20€`.
    Currency,
    /// A date: `2019-10-12`, `Jan. 5th`.
    Date,
    /// A decimal, a percentage, a version: `3.5%`, `2.0.1`.
    Decimal,
    /// A fraction or a ratio: `1/2`, `16:9`.
    Fraction,
    /// What is reckoned: `x > 5`, `mc²`.
    Math,
    /// A number that says which: `21st`.
    Ordinal,
    /// A telephone number.
    Phone,
    /// A Roman numeral: `Chapter IV`.
    Roman,
    /// A time: `9:05`, `5pm`.
    Time,
    /// A number with a unit: `16GB`.
    Unit,
    /// A year, a decade, an era: `1984`, `1990s`.
    Year,
    /// Letters said by their names: `P M`, `U.S.`.
    Letters,
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
const CLASSES: [(Rule, Class); 13] = [
    (Rule::Date, date::read),
    (Rule::Phone, phone::read),
    (Rule::Fraction, fraction::ratio),
    (Rule::Time, time::read),
    (Rule::Currency, currency::read),
    (Rule::Roman, roman::read),
    (Rule::Year, year::read),
    (Rule::Unit, unit::read),
    (Rule::Decimal, decimal::read),
    (Rule::Fraction, fraction::read),
    (Rule::Ordinal, ordinal::read),
    (Rule::Math, math::read),
    (Rule::Cardinal, cardinal::read),
];

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
                place.go_past(reading.end);
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

/// Asserts of each text that it is said, in American English, as given beside it.
#[cfg(test)]
fn assert_said(cases: &[(&str, &str)]) {
    assert_said_in(Language::EnUs, cases);
}

/// Asserts of each text that it is said as given beside it, and that what is said reads to itself.
#[cfg(test)]
fn assert_said_in(language: Language, cases: &[(&str, &str)]) {
    let normaliser = Normaliser { language, emoji: Emoji::default() };
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(text, said)| {
            let normalised = normaliser.normalise(text).text;
            let again = normaliser.normalise(&normalised).text;
            let right = normalised == letters::join(said).text && again == normalised;
            (!right)
                .then(|| format!("{text}\n  expected {said}\n  got      {normalised}\n  again    {again}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
