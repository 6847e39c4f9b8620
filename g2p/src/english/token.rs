//! Tokens on their way to phonemes, and the words that they make up.

use std::borrow::Cow;
use std::ops::Range;

use super::tagger::Tag;
use crate::reason::Reason;

/// Phonemes and where they came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sound {
    pub(super) phonemes: String,
    pub(super) reason: Reason,
}

impl Sound {
    pub(super) fn new(phonemes: impl Into<String>, reason: Reason) -> Self {
        Self { phonemes: phonemes.into(), reason }
    }

    /// A mark, or nothing: no word.
    pub(super) fn mark(phonemes: impl Into<String>) -> Self {
        Self::new(phonemes, Reason::Lexicon)
    }
}

/// A stretch of the text without white space inside.
#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub(super) text: Cow<'a, str>,
    /// Bytes of the readable text.
    pub(super) range: Range<usize>,
    pub(super) tag: Tag,
    /// Whether a space follows.
    pub(super) spaced: bool,
    /// Whether it is the first of its word.
    pub(super) head: bool,
    /// Read in place of the text.
    pub(super) alias: Option<&'static str>,
    /// The sign of the currency that it counts.
    pub(super) currency: Option<char>,
    /// A space stands before its phonemes although none is in the text.
    pub(super) apart: bool,
    pub(super) sound: Option<Sound>,
}

impl<'a> Token<'a> {
    pub(super) fn new(text: &'a str, range: Range<usize>, tag: Tag, spaced: bool) -> Self {
        Self {
            text: Cow::Borrowed(text),
            range,
            tag,
            spaced,
            head: true,
            alias: None,
            currency: None,
            apart: false,
            sound: None,
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        self.alias.is_none() && self.sound.is_none()
    }

    pub(super) fn phonemes(&self) -> &str {
        self.sound.as_ref().map_or("", |sound| &sound.phonemes)
    }
}

/// Tokens with no space between them that are looked up together; `whole` is the text that they stand in.
pub(super) fn joined<'a>(tokens: &[Token<'a>], whole: &'a str) -> Option<Token<'a>> {
    let (first, last) = (tokens.first()?, tokens.last()?);
    let range = first.range.start..last.range.end;
    // A character between two tokens that neither took is not part of the word.
    let gapless = tokens.windows(2).all(|pair| pair[0].range.end == pair[1].range.start);
    let text = if gapless {
        Cow::Borrowed(&whole[range.clone()])
    } else {
        Cow::Owned(tokens.iter().map(|token| &*token.text).collect())
    };
    let mut head = Token::new("", range, weightiest(tokens).tag, last.spaced);
    head.text = text;
    head.head = first.head;
    head.currency = tokens.iter().filter_map(|token| token.currency).max();
    head.apart = first.apart;
    Some(head)
}

/// The first of the tokens with the most letters, capitals counted twice.
fn weightiest<'t, 'a>(tokens: &'t [Token<'a>]) -> &'t Token<'a> {
    let weight = |token: &Token<'_>| -> usize {
        token.text.chars().map(|c| if c.is_uppercase() { 2 } else { 1 }).sum()
    };
    let mut best = (&tokens[0], weight(&tokens[0]));
    for token in &tokens[1..] {
        let weight = weight(token);
        if weight > best.1 {
            best = (token, weight);
        }
    }
    best.0
}

/// What a word knows of the sounds after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Context {
    /// Whether the next sound is a vowel; `None` before a pause.
    pub(super) vowel: Option<bool>,
    /// Whether the next word is "to".
    pub(super) to: bool,
}
