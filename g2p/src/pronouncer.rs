//! The seam behind which prose becomes phonemes.

use std::ops::Range;

use crate::phonemizer::Pronunciation;

/// Phonemes that a stretch of the text must have, whatever a lexicon says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Bytes of the text, on character boundaries; a word, or several.
    pub range: Range<usize>,
    /// Symbols of the [vocabulary](crate::vocabulary).
    pub phonemes: String,
}

/// Pronounces the prose of one language; shared by all streams.
///
/// It never fails: what cannot be pronounced is left out and counted in [`Pronunciation::dropped`].
pub trait Pronouncer: Send + Sync {
    /// The pronunciation of one sentence; spans in [`Pronunciation::words`] are bytes of `text`.
    ///
    /// `given` is in order and without overlap. The time is linear in the length of `text`, whatever it holds.
    fn pronounce(&self, text: &str, given: &[Given]) -> Pronunciation;

    /// Loads what the first words did not need, so that later ones do not wait for it either.
    fn warm(&self) {}

    /// Tells pronouncers apart that may pronounce the same text differently, across processes: another language,
    /// lexicon, option or release gives another version.
    fn version(&self) -> u64;
}
