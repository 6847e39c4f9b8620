//! English prose to phonemes.
//!
//! The algorithm is that of the Python package misaki, version 0.9.4 (hexgrad, Apache-2.0), which the phonemes that
//! Kokoro was trained on come from: spaCy's tokens and tags, two lexicons, and rules for what they lack. The data of
//! the lexicons and of the tokenizer come from the crate `misaki-rs`; the code here is our own, bounded in time and
//! memory whatever the text holds.

mod chunk;
mod compound;
mod dense;
#[cfg(target_arch = "x86_64")]
mod dense_avx2;
mod derivation;
pub(crate) mod endings;
mod fixed;
mod homograph;
mod lexicon;
mod lone_symbol;
mod memo;
mod number;
mod readable;
mod reader;
mod resolve;
mod special;
mod stress;
mod subtokens;
mod tag_free;
mod tagger;
mod token;
mod transcript;
mod words;

use std::ops::Range;
use std::sync::Arc;

use chunk::Chunker;
use compound::Compound;
use fixed::Fixed;
use lexicon::Lexicon;
use readable::{Readable, Stretch};
use reader::Reader;
use tagger::{Features, Tagger};
use token::Token;
use transcript::Transcript;

use crate::language::Language;
use crate::letter_to_sound::LetterToSound;
use crate::phonemizer::{Phonemizer, Pronunciation};
use crate::pronouncer::{Given, Pronouncer};
use crate::unknown_word::UnknownWord;
use crate::user_lexicon::{UserLexicon, UserWords};
use crate::version::version;

/// Stands in the phonemes for what could not be pronounced; outside the vocabulary, so that it is counted.
const UNPRONOUNCED: char = '❓';

/// Where the pronunciation goes beyond that of misaki.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Readings of words such as "lead" and "bow" are chosen by the words around them, where these tell.
    pub homographs: bool,
    /// What misaki swallows or runs together is said: symbols that stand alone, digits that were tagged as marks,
    /// numbers with a hyphen between them.
    pub complete: bool,
}

impl Options {
    /// Exactly what misaki says, faults and all; to compare with it.
    pub const LIKE_MISAKI: Self = Self { homographs: false, complete: false };
}

impl Default for Options {
    fn default() -> Self {
        Self { homographs: true, complete: true }
    }
}

/// The phonemes that Kokoro was trained on, for one dialect of English.
///
/// Whole sentences should go in, because parts of speech choose between readings. What was cut, tagged and sounded
/// once is kept in bounded memory, so the second sentence is cheaper than the first.
pub struct English {
    language: Language,
    options: Options,
    lexicon: Lexicon,
    user: Option<UserWords>,
    user_version: u64,
    unknown: Option<Arc<dyn UnknownWord>>,
    chunker: Chunker,
    tagger: Tagger,
    /// Whether sentences are tagged that sound the same without; to prove that they do.
    always_tag: bool,
}

impl English {
    /// Loads the lexicons of `language`: some hundred milliseconds, so do it once, away from any thread that must not
    /// wait. Words that they do not hold are sounded by [`LetterToSound`].
    pub fn load(language: Language) -> Self {
        Self {
            language,
            options: Options::default(),
            lexicon: Lexicon::load(language),
            user: None,
            user_version: 0,
            unknown: Some(Arc::new(LetterToSound::new(language))),
            chunker: Chunker::new(),
            tagger: Tagger::new(),
            always_tag: false,
        }
    }

    /// With `unknown` for the words that the lexicons do not hold.
    #[must_use]
    pub fn with_unknown_word(self, unknown: Arc<dyn UnknownWord>) -> Self {
        Self { unknown: Some(unknown), ..self }
    }

    /// With nothing for words that the lexicons do not hold: they are left out and counted.
    #[must_use]
    pub fn without_unknown_words(self) -> Self {
        Self { unknown: None, ..self }
    }

    /// With the entries of a user's own lexicon, which go before all others but [given](Given) phonemes.
    #[must_use]
    pub fn with_user_lexicon(self, user: &UserLexicon) -> Self {
        Self { user: Some(user.words(self.language)), user_version: user.version(), ..self }
    }

    /// With other options than the default.
    #[must_use]
    pub fn with_options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// The dialect.
    pub const fn language(&self) -> Language {
        self.language
    }

    fn prose(&self, readable: &Readable, range: Range<usize>, fixed: &mut Fixed<'_>, out: &mut Transcript) {
        let whole = readable.text();
        let mut tokens = fixed.settle(self.tokens(whole, range), whole, self.lexicon.british);
        if self.options.homographs {
            homograph::choose(&mut tokens, self.lexicon.british, self.user.as_ref());
        }
        let mut words = words::group(tokens, whole, self.options.complete);
        let unknown = self.unknown.as_deref();
        let complete = self.options.complete;
        let reader = Reader { lexicon: &self.lexicon, user: self.user.as_ref(), unknown, complete };
        reader.read(&mut words, whole);
        if let Some(unknown) = unknown.filter(|_| self.options.complete) {
            lone_symbol::name_all(&mut words, &Compound { lexicon: &self.lexicon, unknown, complete });
        }
        for word in &words {
            let (Some(first), Some(last)) = (word.parts.first(), word.parts.last()) else { continue };
            let sound = reader::sound(word);
            let source = readable.source(first.range.start..last.range.end);
            out.say(source, &sound.phonemes, sound.reason, last.spaced);
        }
    }

    /// The tokens of a stretch of prose with their tags, or with others that serve as well.
    fn tokens<'t>(&self, whole: &'t str, range: Range<usize>) -> Vec<Token<'t>> {
        let (mut tokens, features) = self.cut(whole, range);
        let needed = self.always_tag || self.options.homographs && tokens.iter().any(homograph::is_one);
        if needed || !tag_free::settle(&mut tokens, &self.lexicon) {
            for (token, tag) in tokens.iter_mut().zip(self.tagger.tag(&features)) {
                token.tag = tag;
            }
        }
        tokens
    }

    /// The tokens of a stretch of prose, and what the tagger sees of them.
    fn cut<'t>(&self, whole: &'t str, range: Range<usize>) -> (Vec<Token<'t>>, Vec<Features>) {
        let mut tokens = Vec::new();
        let mut features = Vec::new();
        let mut at = range.start;
        for chunk in whole[range.clone()].split(' ') {
            let pieces = self.chunker.pieces(chunk);
            let end = at + chunk.len();
            for piece in pieces.iter() {
                let token = at..at + piece.length;
                at = token.end;
                let spaced = at == end && end < range.end;
                features.push(piece.features(spaced));
                tokens.push(Token::new(&whole[token.clone()], token, "", spaced));
            }
            at = end + 1;
        }
        (tokens, features)
    }

    /// Says a run that is too long for prose part by part.
    fn tangle(&self, readable: &Readable, range: Range<usize>, fixed: &mut Fixed<'_>, out: &mut Transcript) {
        let run = &readable.text()[range.clone()];
        let Some(unknown) = self.unknown.as_deref() else { return out.lose(run.chars().count()) };
        for (part, sound) in (Compound { lexicon: &self.lexicon, unknown, complete: true }).walk(run) {
            let part = part.start + range.start..part.end + range.start;
            let sound = fixed.over(&part).unwrap_or(sound);
            out.say(readable.source(part), &sound.phonemes, sound.reason, true);
        }
    }
}

impl Pronouncer for English {
    fn pronounce(&self, text: &str, given: &[Given]) -> Pronunciation {
        let readable = Readable::new(text, given);
        let mut fixed = Fixed::new(&readable, given, self.user.as_ref());
        let mut out = Transcript::default();
        for stretch in readable.stretches() {
            match stretch {
                Stretch::Prose(range) => self.prose(&readable, range, &mut fixed, &mut out),
                Stretch::Tangle(range) => self.tangle(&readable, range, &mut fixed, &mut out),
            }
            out.space();
        }
        out.lose(readable.dropped + fixed.unsaid());
        out.finish()
    }

    fn warm(&self) {
        self.lexicon.silvers();
        self.tagger.network();
    }

    fn version(&self) -> u64 {
        let unknown = self.unknown.as_ref().map(|unknown| unknown.reason().to_string()).unwrap_or_default();
        let options = format!("{:?}", self.options);
        let user = self.user_version.to_string();
        version(&[self.language.tag(), &unknown, &options, &user])
    }
}

impl Phonemizer for English {
    fn phonemize(&self, sentence: &str) -> Pronunciation {
        self.pronounce(sentence, &[])
    }
}

#[cfg(test)]
mod tests;
