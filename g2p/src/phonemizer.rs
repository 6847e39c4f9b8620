//! The seam behind which a sentence becomes phonemes.

use crate::clause::Word;

/// The phonemes of one sentence, with the spans that lead back to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub struct Pronunciation {
    /// Symbols of the [vocabulary](crate::vocabulary) only; words apart by single spaces, none at either end.
    pub phonemes: String,
    /// In order; several words may stand for the same bytes, as those that a number is read as. `source` counts bytes from the first byte of the sentence.
    pub words: Vec<Word>,
    /// Symbols of the sentence, or of its phonemes, that found no way into the vocabulary.
    pub dropped: usize,
    /// Whether it had been worked out before, and came out of a cache.
    #[serde(skip)]
    pub cached: bool,
}

/// Turns sentences into phonemes; shared by all streams of a language.
///
/// It never fails: what cannot be pronounced is left out and counted in [`Pronunciation::dropped`].
pub trait Phonemizer: Send + Sync {
    /// The pronunciation of one sentence, any length, any characters.
    ///
    /// The whole sentence is wanted, because part-of-speech context decides how some words are read.
    fn phonemize(&self, sentence: &str) -> Pronunciation;

    /// Loads what the first words did not need; to be called once, away from any thread that must not wait.
    fn warm(&self) {}
}
