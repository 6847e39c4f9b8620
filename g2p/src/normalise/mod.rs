//! English text as it is said: numbers, dates, units, abbreviations, symbols and names of things become words.
//!
//! Four passes, each with a span map: [`clean`] makes one form of every character, the [classes](CLASSES) read
//! what is not a word, [`script`] leaves out what English cannot read, and [`letters`] joins letters that are said
//! by name. They are made again until nothing changes, for the words of one class may hold what is another's (the
//! name of an emoji, the text of a link). So what comes out reads to itself: normalising it again changes nothing.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

use crate::language::Language;
use crate::numerals;
use crate::span_map::SpanMap;

mod abbreviation_table;
mod abbreviations;
mod address;
mod cardinal;
pub(crate) mod clean;
mod currency;
mod date;
mod decimal;
mod emoji;
mod fraction;
mod identifier;
mod letters;
mod markup;
mod math;
mod measure;
mod name_parts;
mod number;
mod ordinal;
mod path;
mod phone;
mod place;
mod power;
mod product;
mod quantity;
mod repetition;
mod rewriting;
mod roman;
mod script;
mod shouting;
mod spelling;
mod symbols;
mod time;
mod unit;
mod unit_names;
mod year;

use place::Place;
use rewriting::{Rewriting, Rewritten};

/// The classes of what is read by rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A whole number: `1,234`, `-40`, `007`.
    Cardinal,
    /// A mark that shapes the text on its page: `*bold*`, `<b>`, `&amp;`.
    Markup,
    /// A web or mail address, a domain, a file name, a handle or a hashtag.
    Address,
    /// A path in a file system, or the option of a command.
    Path,
    /// An emoji, by its name.
    Emoji,
    /// A name in a program, or of a product with digits in it: `get_user()`, `C++`, `H100`.
    Identifier,
    /// `Dr.`, `etc.`, `No. 5`.
    Abbreviation,
    /// A word in capitals that is no acronym.
    Shouting,
    /// A sign that stands for a word, or a mark that was repeated.
    Symbol,
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

impl Rule {
    /// Whether it reads numbers, which stand apart from the words that hyphens join to them.
    const fn is_of_numbers(self) -> bool {
        matches!(
            self,
            Self::Cardinal
                | Self::Ordinal
                | Self::Decimal
                | Self::Fraction
                | Self::Unit
                | Self::Currency
                | Self::Year
        )
    }
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
    /// Stretches of `text` that a rule wrote, in the order in which they begin, with the rule; one lies inside another
    /// where what a rule wrote was read again.
    pub rules: Vec<(Range<usize>, Rule)>,
    /// Characters that were left out: emoji that were not to be said, other scripts, signs without a name.
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
const CLASSES: &[(Rule, Class)] = &[
    (Rule::Markup, markup::read),
    (Rule::Date, date::read),
    (Rule::Phone, phone::read),
    (Rule::Address, address::read),
    (Rule::Path, path::read),
    (Rule::Emoji, emoji::read),
    (Rule::Fraction, fraction::ratio),
    (Rule::Time, time::read),
    (Rule::Currency, currency::read),
    (Rule::Abbreviation, abbreviations::read),
    (Rule::Roman, roman::read),
    (Rule::Year, year::read),
    (Rule::Unit, unit::read),
    (Rule::Decimal, decimal::read),
    (Rule::Fraction, fraction::read),
    (Rule::Ordinal, ordinal::read),
    (Rule::Math, math::read),
    (Rule::Identifier, identifier::read),
    (Rule::Cardinal, cardinal::read),
    (Rule::Shouting, shouting::read),
    (Rule::Symbol, symbols::read),
];

/// The most times that a sentence is read again; two are enough for all but tangles.
const MOST_ROUNDS: usize = 12;

impl Normaliser {
    /// The sentence as it is said, in time linear in its length.
    pub fn normalise(&self, sentence: &str) -> Normalised {
        let (text, map) = clean::clean(sentence);
        let (mut whole, mut dropped) = repetition::shorten(&text, map);
        for _ in 0..MOST_ROUNDS {
            let (read, silenced) = self.read(&whole.text);
            let (routed, foreign) = script::route(&read.text);
            let joined = letters::join(&routed.text);
            let cleaned = Rewritten::without_rules(clean::clean(&joined.text));
            dropped += silenced + foreign;
            let changed = cleaned.text != whole.text;
            whole = whole.then(read).then(routed).then(joined).then(cleaned);
            if !changed {
                break;
            }
        }
        Normalised { text: whole.text, map: whole.map, rules: whole.rules, dropped }
    }

    /// The text with everything read that a class reads, and how many characters of emoji were silenced.
    fn read(self, text: &str) -> (Rewritten, usize) {
        let mut rewriting = Rewriting::default();
        let mut place = Place::new(text, self);
        let mut silenced = 0;
        let mut jumbled = 0;
        while let Some(c) = place.here() {
            if place.previous().is_none_or(char::is_whitespace) {
                jumbled = place.at() + jumble(&text[place.at()..]);
            }
            let read = (place.at() >= jumbled && place.may_begin()).then(|| {
                CLASSES.iter().find_map(|&(rule, read)| read(&place).map(|reading| (rule, reading)))
            });
            if let Some((rule, reading)) = read.flatten() {
                debug_assert!(reading.end > place.at());
                let source = place.at()..reading.end;
                if rule == Rule::Emoji && reading.words.is_empty() {
                    silenced += text[source.clone()].chars().filter(|c| !c.is_whitespace()).count();
                }
                rewriting.replace(&reading.words, source, rule);
                place.go_past(reading.end);
                if rule.is_of_numbers() && place.joins_word() {
                    rewriting.leave_out(place.at()..place.at() + 1);
                    place.go_past(place.at() + 1);
                }
            } else {
                rewriting.copy(c, place.at());
                place.go(place.at() + c.len_utf8());
            }
        }
        (rewriting.finish(), silenced)
    }
}

/// Bytes of the run without spaces that `text` begins with, where it is so long that it can only be machine's talk:
/// its parts are read one by one, but not understood. 0 for words, and for addresses, which may be long.
fn jumble(text: &str) -> usize {
    const LONGEST_WORD: usize = 300;
    let head = &text[..text.floor_char_boundary(LONGEST_WORD)];
    if head.contains(' ') || address::begins(text) {
        return 0;
    }
    let len = text.find(' ').unwrap_or(text.len());
    if len > LONGEST_WORD { len } else { 0 }
}

/// `text` as it is said, American, emoji named.
#[cfg(test)]
fn said(text: &str) -> String {
    Normaliser::default().normalise(text).text
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_rule_wrote_is_known_and_leads_back() {
        let text = "Email  john.doe@example.com at the U.S. office, PLEASE do.";
        let normalised = Normaliser::default().normalise(text);
        assert_eq!(normalised.text, "Email john dot doe at example dot com at the U.S office, please do.");
        let rules: Vec<_> = normalised
            .rules
            .iter()
            .map(|(range, rule)| (&text[normalised.map.source(range.clone())], *rule))
            .collect();
        assert_eq!(
            rules,
            [("john.doe@example.com", Rule::Address), ("U.S.", Rule::Letters), ("PLEASE", Rule::Shouting),]
        );
    }

    #[test]
    fn a_rule_is_known_though_a_later_round_changed_what_it_wrote() {
        let text = "See [the TV page](http://a.b) on /usr now";
        let normalised = Normaliser::default().normalise(text);
        assert_eq!(normalised.text, "See the TV page on slash U.S.R now");
        let rules: Vec<_> =
            normalised.rules.iter().map(|(range, rule)| (&normalised.text[range.clone()], *rule)).collect();
        assert_eq!(rules, [("slash U.S.R", Rule::Path)]);
    }

    #[test]
    fn emoji_and_scripts_that_are_not_said_are_counted() {
        let normaliser = Normaliser { emoji: Emoji::Dropped, ..Normaliser::default() };
        let normalised = normaliser.normalise("Nice 🎉🎊 work, 東京!");
        assert_eq!((normalised.text.as_str(), normalised.dropped), ("Nice work, !", 4));
        assert_eq!(Normaliser::default().normalise("Nice 🎉 work").dropped, 0);
    }
}
