//! Tokens that the lexicon does not hold whole: names, identifiers, numbers with letters, symbols.
//!
//! A token is taken apart into words, digits and symbols; each part is looked up, spelled, named, or left to the
//! [`UnknownWord`] behind the seam.

use std::ops::Range;

use super::lexicon::{self, Lexicon};
use super::token::{Context, Sound};
use super::{UNPRONOUNCED, derivation, endings, number, stress};
use crate::reason::Reason;
use crate::unknown_word::UnknownWord;
use crate::{latin, symbol_names};

/// The longest part that is looked up or sounded as one word, in letters.
const MAX_WORD: usize = 32;

/// So many of one symbol in a row are a rule or an ornament and not said.
const ORNAMENT: usize = 3;

/// What a part of a compound is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Word,
    Number,
    Symbol,
    /// Hyphens, underscores, quotes and brackets, which part words and have no sound.
    Silent,
}

/// Leaves every word to be spelled.
struct Speller;

impl UnknownWord for Speller {
    fn pronounce(&self, _: &str) -> Option<String> {
        None
    }
}

/// Pronounces compounds with a lexicon, and with something for the words that it does not hold.
#[derive(Clone, Copy)]
pub(super) struct Compound<'a> {
    pub(super) lexicon: &'a Lexicon,
    pub(super) unknown: &'a dyn UnknownWord,
    /// Whether to do better than the reference, which leaves all of a token that it does not know to espeak-ng.
    pub(super) complete: bool,
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

impl Compound<'_> {
    /// The phonemes of a token that is not in the lexicon; [`UNPRONOUNCED`] once for every part without any.
    pub(super) fn pronounce(&self, token: &str) -> Sound {
        let mut whole: Option<Sound> = None;
        let mut last = Kind::Silent;
        for (range, kind) in parts(token) {
            if let Some(number) =
                whole.as_mut().filter(|_| last == Kind::Number && token[range.clone()].eq("s"))
                && let Some(plural) = endings::s(&number.phonemes, self.lexicon.british)
            {
                number.phonemes = plural;
                last = kind;
                continue;
            }
            let said = self.part(token, &range, kind);
            if said.phonemes.is_empty() {
                continue;
            }
            whole = Some(match whole {
                None => said,
                Some(before) => {
                    let tight = self.complete && last == Kind::Word && kind == Kind::Word;
                    let space = if tight { "" } else { " " };
                    let reason = together(before.reason, said.reason);
                    Sound::new(before.phonemes + space + &said.phonemes, reason)
                }
            });
            last = kind;
        }
        let whole = whole.unwrap_or_else(|| Sound::mark(""));
        if self.complete { Sound::new(stress::keep_last(&whole.phonemes), whole.reason) } else { whole }
    }

    /// The phonemes of a token as the reference has them from espeak-ng: punctuation stays where it stands, what is
    /// between is said apart, and some symbols are silent.
    pub(super) fn between_marks(&self, token: &str) -> Sound {
        const MARKS: &str = ";:,.!?—…()";
        let mut whole: Option<Sound> = None;
        let mut push = |said: Sound| {
            whole = Some(match whole.take() {
                None => said,
                Some(before) => {
                    let reason = together(before.reason, said.reason);
                    Sound::new(before.phonemes + &said.phonemes, reason)
                }
            });
        };
        for stretch in token.split_inclusive(|c| MARKS.contains(c)) {
            let text = stretch.trim_end_matches(|c| MARKS.contains(c));
            let said: String =
                text.chars().filter(|c| !matches!(c, '<' | '>' | '|' | '^' | '[' | ']')).collect();
            if !said.is_empty() {
                push(self.pronounce(&said));
            }
            if text.len() < stretch.len() {
                push(Sound::mark(&stretch[text.len()..]));
            }
        }
        whole.unwrap_or_else(|| Sound::mark(""))
    }

    /// The sound of every part of a run that is too long for anything but a walk from part to part.
    ///
    /// Such a run is seldom language, so only its first unknown words are guessed at; the others are spelled.
    pub(super) fn walk<'t>(&'t self, run: &'t str) -> impl Iterator<Item = (Range<usize>, Sound)> + 't {
        const MOST_GUESSES: usize = 4;
        let mut guesses = 0;
        let speller = Compound { unknown: &Speller, ..*self };
        parts(run).into_iter().map(move |(range, kind)| {
            let compound = if guesses < MOST_GUESSES { self } else { &speller };
            let said = compound.part(run, &range, kind);
            guesses += usize::from(matches!(said.reason, Reason::Net | Reason::Espeak | Reason::Rules));
            (range, said)
        })
    }

    fn part(&self, token: &str, range: &Range<usize>, kind: Kind) -> Sound {
        let text = &token[range.clone()];
        match kind {
            Kind::Word => self.word(text),
            Kind::Number => number::read(self.lexicon, text, None, true).unwrap_or_else(lost),
            Kind::Symbol => self.symbol(token, range),
            Kind::Silent => Sound::mark(""),
        }
    }

    fn word(&self, text: &str) -> Sound {
        let text = text.replace('’', "'");
        if let Some(owner) = text.strip_suffix("'s").filter(|owner| !owner.is_empty()) {
            let mut owner = self.word(owner);
            if let Some(phonemes) = endings::s(&owner.phonemes, self.lexicon.british) {
                owner.phonemes = phonemes;
            }
            return owner;
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
        let guessed = || Some(Sound::new(self.unknown.pronounce(&plain)?, self.unknown.reason()));
        let mut said = if plain == text { None } else { self.known(&plain) }
            .or_else(|| has_no_vowel(&plain).then(|| self.spelled(&plain)))
            .or_else(|| if self.complete { None } else { guessed() })
            .or_else(|| self.derived(&plain))
            .or_else(|| self.two_words(&plain))
            .or_else(guessed)
            .unwrap_or_else(|| self.spelled(&plain));
        said.phonemes.extend(std::iter::repeat_n(UNPRONOUNCED, lost));
        said
    }

    /// A word that the lexicon holds, also by its stem.
    fn known(&self, text: &str) -> Option<Sound> {
        let shouted = lexicon::is_upper(text);
        let tag = if text.starts_with(char::is_uppercase) && !shouted { "NNP" } else { "NN" };
        self.lexicon.word(text, tag, lexicon::level(text), Context::default())
    }

    /// A word made of a known one and an ending or a beginning.
    fn derived(&self, plain: &str) -> Option<Sound> {
        let phonemes = derivation::derive(&plain.to_lowercase(), self.lexicon.british, &|stem| {
            self.lexicon.in_gold(stem).then(|| self.known(stem)).flatten().map(|sound| sound.phonemes)
        })?;
        Some(Sound::new(phonemes, Reason::Lexicon))
    }

    /// Two words of the best lexicon written as one, as in "filesystem".
    fn two_words(&self, plain: &str) -> Option<Sound> {
        const SHORTEST: usize = 4;
        let last = plain.len().checked_sub(SHORTEST)?;
        let lower = plain.to_lowercase();
        (SHORTEST..=last).rev().find_map(|middle| {
            let (first, second) = lower.split_at_checked(middle)?;
            if !(self.lexicon.in_gold(first) && self.lexicon.in_gold(second)) {
                return None;
            }
            let second = stress::set(&self.known(second)?.phonemes, -0.5);
            Some(Sound::new(self.known(first)?.phonemes + &second, Reason::Compound))
        })
    }

    fn spelled(&self, plain: &str) -> Sound {
        self.lexicon.letters(plain).filter(|sound| !sound.phonemes.is_empty()).unwrap_or_else(lost)
    }

    /// A symbol by its name; at the edge of a token the marks of markup are silent.
    fn symbol(&self, token: &str, range: &Range<usize>) -> Sound {
        let text = &token[range.clone()];
        let Some(symbol) = text.chars().next() else { return Sound::mark("") };
        let count = text.chars().count();
        let at_edge = range.start == 0 || range.end == token.len();
        let whole = range.len() == token.len();
        if symbol == '.' {
            return if at_edge || count > 1 { Sound::mark("") } else { self.named("dot", 1) };
        }
        if self.complete && !whole && at_edge && matches!(symbol, '*' | '~' | '|' | '\\' | '<' | '>' | '$') {
            return Sound::mark("");
        }
        match symbol_names::name(symbol) {
            Some(name) if count < ORNAMENT || !self.complete => self.named(name, count.min(ORNAMENT)),
            _ => lost(),
        }
    }

    /// The `name` of a symbol that stands `count` times.
    pub(super) fn named(&self, name: &str, count: usize) -> Sound {
        let words: Vec<String> = name.split(' ').map(|word| self.word(word).phonemes).collect();
        Sound::new(vec![words.join(" "); count].join(" "), Reason::Symbol)
    }
}

/// Whether no one could say `word` but by its letters.
fn has_no_vowel(word: &str) -> bool {
    /// Longer runs of consonants are no initials.
    const LONGEST: usize = 8;
    (2..=LONGEST).contains(&word.len())
        && !word.contains(['a', 'e', 'i', 'o', 'u', 'y', 'A', 'E', 'I', 'O', 'U', 'Y'])
}

/// What cannot be said.
fn lost() -> Sound {
    Sound::mark(UNPRONOUNCED)
}

/// The reason of a word with parts of two: what was guessed at comes first.
pub(super) fn together(one: Reason, other: Reason) -> Reason {
    let guess = |reason| matches!(reason, Reason::Net | Reason::Espeak | Reason::Rules);
    match (one, other) {
        _ if guess(one) => one,
        _ if guess(other) => other,
        (Reason::Number | Reason::Letters | Reason::Symbol, _) if one == other => one,
        _ => Reason::Compound,
    }
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
}
