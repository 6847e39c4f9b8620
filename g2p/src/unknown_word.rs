//! The seam behind which words outside the lexicon are pronounced.

use crate::reason::Reason;

/// Pronounces one word that the lexicon does not hold.
pub trait UnknownWord: Send + Sync {
    /// The phonemes of `word`, which consists of ASCII letters, with one primary stress.
    ///
    /// `None` where the word cannot be spoken as a word; it is then spelled.
    fn pronounce(&self, word: &str) -> Option<String>;

    /// What the words that it pronounced are marked with.
    fn reason(&self) -> Reason {
        Reason::Rules
    }

    /// Whether it reads a whole token, with digits and punctuation, and not only a word of letters.
    fn reads_anything(&self) -> bool {
        false
    }
}
