//! The clause: what stage 1 hands to stage 2.

use std::ops::Range;

use crate::reason::Reason;

/// How strongly the text breaks after a clause, weakest first.
///
/// The order is the order of preference when clauses are joined or cut, and it decides the pause that playback
/// puts between two fragments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Boundary {
    /// Between two words: no pause of its own.
    Word,
    /// A comma, or a bracket.
    Comma,
    /// A semicolon, a colon or a dash.
    Clause,
    /// The end of a sentence.
    Sentence,
    /// The end of a paragraph.
    Paragraph,
}

/// One word of a clause: where it stands in the source text and which phonemes it became.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub struct Word {
    /// Bytes in the source text, counted from the first byte of the utterance; on character boundaries. Words
    /// that were read out of one stretch, such as a number, all stand for the whole of it.
    pub source: Range<usize>,
    /// Bytes in [`Clause::phonemes`]; on character boundaries, without the space that follows.
    pub phonemes: Range<usize>,
    /// Where the phonemes came from.
    pub reason: Reason,
}

/// A point of the text that its writer has named.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub struct ClauseMark {
    /// As its writer named it.
    pub name: String,
    /// It stands before this word of the clause; after the last where there is no such word.
    pub word: usize,
}

/// The phonemes of one clause, with the spans that lead back to the text.
///
/// `phonemes` holds symbols of the [vocabulary](crate::vocabulary) only. Closing punctuation belongs to the clause
/// it closes; the space between two clauses belongs to neither.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Clause {
    /// Bytes in the source text, counted from the first byte of the utterance.
    pub source: Range<usize>,
    /// One vocabulary symbol per token.
    pub phonemes: String,
    /// In order, spans monotone and without overlap.
    pub words: Vec<Word>,
    /// In order.
    pub marks: Vec<ClauseMark>,
    /// The strength of the boundary after this clause.
    pub boundary: Boundary,
}

impl Clause {
    /// Tokens that this clause costs in a session, without the two pads.
    pub fn tokens(&self) -> usize {
        self.phonemes.chars().count()
    }
}
