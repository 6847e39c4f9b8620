//! Tokens that the lexicon does not hold whole: names, identifiers, numbers with letters, symbols.
//!
//! A token is taken apart into words, digits and symbols; each part is looked up, spelled, named, or left to the
//! [`UnknownWord`] behind the seam.

use std::ops::Range;
use std::sync::{Arc, Weak};

use misaki_rs::fallback::{Fallback, FallbackError};
use misaki_rs::{G2P, Lexicon};

use crate::unknown_word::UnknownWord;
use crate::{derivation, latin, symbol_names};

/// Stands in the phonemes for what could not be pronounced; outside the vocabulary, so that it is counted.
pub(crate) const UNPRONOUNCED: char = '❓';

/// The longest part that is looked up or sounded as one word, in letters.
const MAX_WORD: usize = 32;

/// The most digits that are read as one number; more are read one by one.
const MAX_NUMBER: usize = 15;

/// So many of one symbol in a row are a rule or an ornament and not said.
const ORNAMENT: usize = 3;

const DIGITS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/// What a part of a compound is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Word,
    Number,
    Symbol,
    /// Hyphens, underscores, quotes and brackets, which part words and have no sound.
    Silent,
}

/// Pronounces compounds with a pronouncer's lexicon; it is that pronouncer's fallback itself.
pub(crate) struct Compound {
    pronouncer: Weak<G2P>,
    unknown: Arc<dyn UnknownWord>,
}

impl Compound {
    pub(crate) fn new(pronouncer: Weak<G2P>, unknown: Arc<dyn UnknownWord>) -> Self {
        Self { pronouncer, unknown }
    }
}

impl Fallback for Compound {
    fn phonemize(&self, token: &str) -> Result<String, FallbackError> {
        let Some(pronouncer) = self.pronouncer.upgrade() else { return Ok(UNPRONOUNCED.to_string()) };
        Ok(pronounce(&pronouncer, self.unknown.as_ref(), token))
    }
}

/// The phonemes of a token that is not in the lexicon; [`UNPRONOUNCED`] once for every part without any.
pub(crate) fn pronounce(pronouncer: &G2P, unknown: &dyn UnknownWord, token: &str) -> String {
    // A bare number comes here only when the pronouncer could not read it: asking again would never end.
    let with_context = !token.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
    let speaker = Speaker { pronouncer, unknown, with_context };
    let parts = parts(token);
    let mut out = String::new();
    let mut last = Kind::Silent;
    for (range, kind) in parts {
        if last == Kind::Number && token[range.clone()].eq("s") {
            out = speaker.lexicon().append_s(&out);
            last = kind;
            continue;
        }
        let said = speaker.part(token, &range, kind);
        if said.is_empty() {
            continue;
        }
        if !(out.is_empty() || last == Kind::Word && kind == Kind::Word) {
            out.push(' ');
        }
        out.push_str(&said);
        last = kind;
    }
    one_primary_stress(&out)
}

/// The phonemes of every part of a run that is too long for anything but a walk from part to part.
pub(crate) fn pronounce_parts<'a>(
    pronouncer: &'a G2P,
    unknown: &'a dyn UnknownWord,
    run: &'a str,
) -> impl Iterator<Item = (Range<usize>, String)> + 'a {
    let speaker = Speaker { pronouncer, unknown, with_context: false };
    parts(run).into_iter().map(move |(range, kind)| {
        let said = speaker.part(run, &range, kind);
        (range, said)
    })
}

/// Cuts `token` into parts, in order and without a gap.
fn parts(token: &str) -> Vec<(Range<usize>, Kind)> {
    let mut parts: Vec<(Range<usize>, Kind)> = Vec::new();
    let mut characters = token.char_indices().peekable();
    let mut before = ' ';
    let mut letters = 0;
    while let Some((start, c)) = characters.next() {
        let after = characters.peek().map_or(' ', |&(_, next)| next);
        let range = start..start + c.len_utf8();
        let in_word = parts.last().is_some_and(|(_, kind)| *kind == Kind::Word);
        let in_number = parts.last().is_some_and(|(_, kind)| *kind == Kind::Number);
        let apostrophe = matches!(c, '\'' | '’') && in_word && after.is_alphabetic();
        let point = matches!(c, '.' | ',') && in_number && before.is_ascii_digit() && after.is_ascii_digit();
        let kind = match c {
            c if c.is_alphabetic() && symbol_names::name(c).is_none() || apostrophe => Kind::Word,
            c if c.is_ascii_digit() || point => Kind::Number,
            '-' | '_' | '–' | '—' | '\'' | '’' | '‘' | '"' | '“' | '”' | '(' | ')' | '[' | ']' | '{'
            | '}' | ',' | ';' | ':' | '!' | '?' | '`' => Kind::Silent,
            _ => Kind::Symbol,
        };
        let hump = c.is_uppercase()
            && (before.is_lowercase() || !before.is_lowercase() && in_word && after.is_lowercase());
        let joins = match kind {
            Kind::Word => in_word && !hump && letters < MAX_WORD,
            Kind::Number => in_number,
            Kind::Symbol => c == before,
            Kind::Silent => parts.last().is_some_and(|(_, kind)| *kind == Kind::Silent),
        };
        match parts.last_mut().filter(|_| joins) {
            Some((open, _)) => open.end = range.end,
            None => parts.push((range, kind)),
        }
        letters = if joins { letters + 1 } else { 1 };
        before = c;
    }
    parts
}

struct Speaker<'a> {
    pronouncer: &'a G2P,
    unknown: &'a dyn UnknownWord,
    /// Whether numbers may be read by the pronouncer itself, which costs about a millisecond each.
    with_context: bool,
}

impl Speaker<'_> {
    fn lexicon(&self) -> &Lexicon {
        &self.pronouncer.lexicon
    }

    fn part(&self, token: &str, range: &Range<usize>, kind: Kind) -> String {
        let text = &token[range.clone()];
        match kind {
            Kind::Word => self.word(text),
            Kind::Number => self.number(text),
            Kind::Symbol => self.symbol(token, range),
            Kind::Silent => String::new(),
        }
    }

    fn word(&self, text: &str) -> String {
        let text = text.replace('’', "'");
        if let Some(owner) = text.strip_suffix("'s").filter(|owner| !owner.is_empty()) {
            return self.lexicon().append_s(&self.word(owner));
        }
        // The O of O'Brien is not the o' of o'clock.
        let text = text.trim_end_matches('\'').to_owned();
        if let Some(known) = self.known(&text) {
            return known;
        }
        let mut plain = String::with_capacity(text.len());
        let mut lost = 0;
        for letter in text.chars().filter(|&c| c != '\'') {
            lost += usize::from(!latin::fold(letter, &mut plain));
        }
        let mut said = if plain == text { None } else { self.known(&plain) }
            .or_else(|| self.derived(&plain))
            .or_else(|| self.two_words(&plain))
            .or_else(|| self.unknown.pronounce(&plain))
            .unwrap_or_else(|| self.spelled(&plain));
        said.extend(std::iter::repeat_n(UNPRONOUNCED, lost));
        said
    }

    /// A word that the lexicon holds, also by its stem.
    fn known(&self, text: &str) -> Option<String> {
        let shouted = text == text.to_uppercase();
        let tag = if text.starts_with(char::is_uppercase) && !shouted { "NNP" } else { "NN" };
        let stress = self.lexicon().cap_stresses;
        let stress = if text == text.to_lowercase() {
            None
        } else if shouted {
            Some(stress.1)
        } else {
            Some(stress.0)
        };
        self.lexicon().get_word(text, tag, stress, None).map(|(phonemes, _)| phonemes)
    }

    /// A word made of a known one and an ending or a beginning.
    fn derived(&self, plain: &str) -> Option<String> {
        let british = self.lexicon().lang == misaki_rs::Language::EnglishGB;
        derivation::derive(&plain.to_lowercase(), british, &|stem| {
            self.lexicon().in_gold(stem).then(|| self.known(stem)).flatten()
        })
    }

    /// Two words of the best lexicon written as one, as in "filesystem".
    fn two_words(&self, plain: &str) -> Option<String> {
        const SHORTEST: usize = 4;
        let last = plain.len().checked_sub(SHORTEST)?;
        let lower = plain.to_lowercase();
        (SHORTEST..=last).rev().find_map(|middle| {
            let (first, second) = lower.split_at_checked(middle)?;
            if !(self.lexicon().in_gold(first) && self.lexicon().in_gold(second)) {
                return None;
            }
            let second = self.lexicon().apply_stress(&self.known(second)?, Some(-0.5));
            Some(self.known(first)? + &second)
        })
    }

    fn spelled(&self, plain: &str) -> String {
        self.lexicon()
            .lookup(&plain.to_uppercase(), "NNP", None, None)
            .map_or_else(|| UNPRONOUNCED.to_string(), |(phonemes, _)| phonemes)
    }

    fn number(&self, text: &str) -> String {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if self.with_context
            && digits <= MAX_NUMBER
            && let Ok((phonemes, _)) = self.pronouncer.g2p(text)
        {
            return phonemes.trim().to_owned();
        }
        let digits = text.bytes().filter(u8::is_ascii_digit);
        let names: Vec<String> = digits.map(|digit| self.named(DIGITS[usize::from(digit - b'0')])).collect();
        names.join(" ")
    }

    /// A symbol by its name; at the edge of a token the marks of markup are silent.
    fn symbol(&self, token: &str, range: &Range<usize>) -> String {
        let text = &token[range.clone()];
        let Some(symbol) = text.chars().next() else { return String::new() };
        let count = text.chars().count();
        let at_edge = range.start == 0 || range.end == token.len();
        let whole = range.len() == token.len();
        if symbol == '.' {
            return if at_edge || count > 1 { String::new() } else { self.named("dot") };
        }
        if !whole && at_edge && matches!(symbol, '*' | '~' | '|' | '\\' | '<' | '>' | '$') {
            return String::new();
        }
        match symbol_names::name(symbol) {
            Some(name) if count < ORNAMENT => vec![self.named(name); count].join(" "),
            _ => UNPRONOUNCED.to_string(),
        }
    }

    fn named(&self, name: &str) -> String {
        let words: Vec<String> = name.split(' ').map(|word| self.word(word)).collect();
        words.join(" ")
    }
}

/// Leaves the last primary stress of every unspaced stretch and makes the ones before it secondary.
fn one_primary_stress(phonemes: &str) -> String {
    let stretch = |stretch: &str| match stretch.rsplit_once('ˈ') {
        Some((before, after)) => before.replace('ˈ', "ˌ") + "ˈ" + after,
        None => stretch.to_owned(),
    };
    phonemes.split(' ').map(stretch).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(token: &str) -> Vec<(&str, Kind)> {
        parts(token).into_iter().map(|(range, kind)| (&token[range], kind)).collect()
    }

    #[test]
    fn a_token_falls_into_words_numbers_and_symbols() {
        use Kind::{Number, Silent, Symbol, Word};
        assert_eq!(kinds("24-bit"), [("24", Number), ("-", Silent), ("bit", Word)]);
        assert_eq!(kinds("v1.0"), [("v", Word), ("1.0", Number)]);
        assert_eq!(kinds("a==b"), [("a", Word), ("==", Symbol), ("b", Word)]);
        assert_eq!(kinds("libc.a"), [("libc", Word), (".", Symbol), ("a", Word)]);
        assert_eq!(kinds("O'Brien's"), [("O'", Word), ("Brien's", Word)]);
    }

    #[test]
    fn humps_begin_words() {
        let words: Vec<_> = kinds("parseHTTPRequest").into_iter().map(|(text, _)| text).collect();
        assert_eq!(words, ["parse", "HTTP", "Request"]);
    }

    #[test]
    fn words_without_end_are_cut() {
        assert!(parts(&"a".repeat(10_000)).iter().all(|(range, _)| range.len() <= MAX_WORD));
    }

    #[test]
    fn only_the_last_primary_stress_of_a_compound_stays() {
        assert_eq!(one_primary_stress("ˈɔdɪˈO tˈu"), "ˌɔdɪˈO tˈu");
    }
}
