//! The seam behind which words outside the lexicon are pronounced.

use crate::reason::Reason;

/// Pronounces one word that the lexicon does not hold.
pub trait UnknownWord: Send + Sync {
    /// The phonemes of `word`, with one primary stress.
    ///
    /// `word` consists of ASCII letters, unless the implementation [`reads_anything`](Self::reads_anything). `None`
    /// where it cannot be spoken as a word; it is then taken apart or spelled.
    fn pronounce(&self, word: &str) -> Option<String>;

    /// Where the phonemes come from: [`Net`](Reason::Net), [`Espeak`](Reason::Espeak) or [`Rules`](Reason::Rules).
    fn reason(&self) -> Reason {
        Reason::Rules
    }

    /// Whether [`pronounce`](Self::pronounce) takes whole tokens as they stand in the text, with digits, marks and
    /// symbols, and says them as words.
    ///
    /// Otherwise tokens are first taken apart into words, numbers and symbols.
    fn reads_anything(&self) -> bool {
        false
    }

    /// Lets go of the words that it remembers, if it remembers any.
    fn forget(&self) {}
}
