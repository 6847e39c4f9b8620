//! What a homograph sees of its sentence.

use crate::english::tagger::Tag;
use crate::english::token::Token;

/// Tokens to either side within which a word can be a cue.
const REACH: usize = 10;

/// Words that say the tense or mood of the verb after them, and stand at most a few words before it.
const REACH_OF_AUXILIARY: usize = 4;

/// The words of a sentence in lower case, with their tags.
pub(super) struct Words {
    words: Vec<String>,
    tags: Vec<Tag>,
}

/// The words of a sentence, seen from one of them.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    all: &'a Words,
    at: usize,
}

impl Words {
    pub(super) fn new(tokens: &[Token<'_>]) -> Self {
        let lower = |token: &Token<'_>| token.text.to_lowercase().replace('’', "'");
        Self {
            words: tokens.iter().map(lower).collect(),
            tags: tokens.iter().map(|token| token.tag).collect(),
        }
    }

    pub(super) const fn seen_from(&self, at: usize) -> Scene<'_> {
        Scene { all: self, at }
    }
}

impl Scene<'_> {
    /// The word `distance` places on, or back where it is negative; nothing beyond the ends.
    pub(super) fn word(&self, distance: isize) -> &str {
        let at = self.at.checked_add_signed(distance);
        at.and_then(|at| self.all.words.get(at)).map_or("", String::as_str)
    }

    /// Its tag.
    pub(super) fn tag(&self, distance: isize) -> &str {
        self.at.checked_add_signed(distance).and_then(|at| self.all.tags.get(at)).copied().unwrap_or_default()
    }

    /// Whether the next word is one of `words`, which stand with single spaces between them.
    pub(super) fn before(&self, words: &str) -> bool {
        is_one_of(self.word(1), words)
    }

    /// Whether the last word is one of `words`.
    pub(super) fn after(&self, words: &str) -> bool {
        is_one_of(self.word(-1), words)
    }

    /// Whether one of `words` stands somewhere around.
    pub(super) fn near(&self, words: &str) -> bool {
        let around = self.at.saturating_sub(REACH)..(self.at + REACH + 1).min(self.all.words.len());
        around.filter(|&i| i != self.at).any(|i| is_one_of(&self.all.words[i], words))
    }

    /// Whether one of `words` stands among the `reach` words before.
    pub(super) fn soon_after(&self, words: &str, reach: isize) -> bool {
        (1..=reach).any(|distance| is_one_of(self.word(-distance), words))
    }

    /// Whether one of `words` stands among the `reach` words after.
    pub(super) fn soon_before(&self, words: &str, reach: isize) -> bool {
        (1..=reach).any(|distance| is_one_of(self.word(distance), words))
    }

    /// Whether another word of the sentence has one of the tags.
    pub(super) fn elsewhere(&self, tags: &[Tag]) -> bool {
        self.all.tags.iter().enumerate().any(|(i, tag)| i != self.at && tags.contains(tag))
    }

    /// The nearest auxiliary before, with nothing but adverbs, pronouns and names between.
    pub(super) fn auxiliary(&self) -> Option<&str> {
        const AUXILIARIES: &str = "to do does did will would 'll can could ca wo may might must shall should let \
                                   have has had 've having be been being is are was were get gets got 's 'd";
        for distance in 1..=REACH_OF_AUXILIARY as isize {
            let word = self.word(-distance);
            if is_one_of(word, AUXILIARIES) {
                return Some(word);
            }
            let tag = self.tag(-distance);
            let passes =
                matches!(tag, "RB" | "PRP" | "NNP" | "NNS" | "DT" | "PRP$") || tag == "NN" && distance < 3;
            if !passes {
                return None;
            }
        }
        None
    }

    /// Whether it stands first in the sentence, but for quotation marks and "please".
    pub(super) fn begins(&self) -> bool {
        (0..self.at).all(|i| {
            let word = &self.all.words[i];
            is_one_of(word, "please then now and so just") || !word.contains(char::is_alphanumeric)
        })
    }

    /// Whether nothing but a mark follows.
    pub(super) fn ends(&self) -> bool {
        !self.word(1).contains(char::is_alphanumeric)
    }

    /// Whether an article, an adjective or an owner stands before, as before a noun.
    pub(super) fn is_determined(&self) -> bool {
        matches!(self.tag(-1), "DT" | "JJ" | "JJR" | "JJS" | "PRP$" | "POS" | "CD" | "WP$" | "PDT")
    }

    /// Whether it follows a word that asks for the plain form of a verb.
    pub(super) fn is_infinitive(&self) -> bool {
        self.after("to will would can could must should shall may might 'll not n't please let's cannot ca wo did do does")
            || self.after("'s me him us them you") && self.soon_after("let make made help", 2)
    }

    /// Whether a pronoun in the nominative stands before.
    pub(super) fn has_subject(&self) -> bool {
        self.after("i you he she it we they who")
    }
}

fn is_one_of(word: &str, words: &str) -> bool {
    !word.is_empty() && words.split(' ').any(|one| one == word)
}
