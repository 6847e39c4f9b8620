//! Why a word sounds as it does.

use std::fmt;

use serde::Serialize;

/// Where the phonemes of a word came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The lexicon of the language, directly or by its rules for endings.
    #[default]
    Lexicon,
    /// The user's own lexicon.
    UserLexicon,
    /// Phonemes that stand in the text: `[word](/phonemes/)`.
    Given,
    /// One of several readings of the spelling, chosen by the words around it.
    Homograph,
    /// A number read as a number.
    Number,
    /// Letters said by their names.
    Letters,
    /// A symbol said by its name.
    Symbol,
    /// A compound that was taken apart into words that are known.
    Compound,
    /// The net for words that no lexicon holds.
    Net,
    /// espeak-ng.
    Espeak,
    /// Rules from letters to sounds, where neither net nor espeak-ng is at hand.
    Rules,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
