//! The seam behind which words outside the lexicon are pronounced.

/// Pronounces one word that the lexicon does not hold.
pub trait UnknownWord: Send + Sync {
    /// The phonemes of `word`, which consists of ASCII letters, with one primary stress.
    ///
    /// `None` where the word cannot be spoken as a word; it is then spelled.
    fn pronounce(&self, word: &str) -> Option<String>;
}
