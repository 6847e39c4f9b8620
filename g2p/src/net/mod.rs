//! The sound of a word that no lexicon holds, by a small net.
//!
//! A character transformer of 0.65 million weights reads the whole word at once and makes a few slots of each letter;
//! what stands in the slots, without blanks and repetitions, is the pronunciation (connectionist temporal
//! classification, Graves et al. 2006, with the best path for a decoder). The nets are those of the package hibari:
//! `oov.onnx` for American and `oov_gb.onnx` for British English, each with its letters and symbols beside it.
//!
//! It knows nothing of the sentence, of digits or of punctuation: give it single words.

mod error;
mod initialisers;
mod kernel;
mod matrix;
mod transformer;

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

pub use error::NetError;
use initialisers::{Broken, Initialisers};
use transformer::{Shape, Transformer};

use crate::reason::Reason;
use crate::unknown_word::UnknownWord;
use crate::{latin, vocabulary};

/// A word in capitals of so many letters and more is read as if it were in small ones.
///
/// The nets have seen few such words. Of 111 that no lexicon holds, the American one then sounds 77 as espeak-ng does
/// instead of 32, the British one 75 instead of 35; with shorter ones, most of them initials, it makes no difference.
const SHOUTED: usize = 5;

/// The letters and symbols of a net, as the file beside it tells them.
#[derive(serde::Deserialize)]
struct Alphabet {
    #[serde(rename = "in")]
    letters: Vec<char>,
    #[serde(rename = "out")]
    symbols: Vec<char>,
    slots: usize,
    maxlen: usize,
}

/// A net for the words of one dialect; about 0.2 ms a word, and 4 MB.
#[derive(Debug)]
pub struct Net {
    transformer: Transformer,
    /// Letters, counted from 1.
    letters: HashMap<char, usize>,
    /// What the symbols stand for, counted from 1; `None` for those outside the vocabulary.
    symbols: Vec<Option<char>>,
    longest: usize,
}

impl Net {
    /// Loads the weights (ONNX, float or dynamically quantised) and the alphabet (JSON) of a net.
    ///
    /// # Errors
    ///
    /// A file is missing, cannot be read, is damaged, or is not of this net.
    pub fn load(weights: &Path, alphabet: &Path) -> Result<Self, NetError> {
        let damaged = |path: &Path, reason| NetError::Damaged { path: path.into(), reason };
        let Alphabet { letters, symbols, slots, maxlen } =
            serde_json::from_slice(&read(alphabet)?).map_err(|error| match error.classify() {
                serde_json::error::Category::Data => {
                    NetError::NotThisNet { path: alphabet.into(), reason: error.to_string() }
                }
                _ => damaged(alphabet, "it is no JSON"),
            })?;
        let shape = Shape { letters: letters.len(), symbols: symbols.len(), slots, longest: maxlen };
        let file = Initialisers::read(&read(weights)?).map_err(|Broken(reason)| damaged(weights, reason))?;
        let transformer = Transformer::new(&file, shape)
            .map_err(|reason| NetError::NotThisNet { path: weights.into(), reason })?;
        let symbols = symbols.into_iter().map(|c| Some(c).filter(|&c| vocabulary::token_id(c).is_some()));
        Ok(Self {
            transformer,
            letters: letters.into_iter().zip(1..).collect(),
            symbols: symbols.collect(),
            longest: maxlen,
        })
    }

    /// The letters of `word` that the net knows, marks folded away where it knows the plain letter only.
    fn letters(&self, word: &str) -> Vec<usize> {
        let mut letters = Vec::with_capacity(word.len());
        for c in word.chars() {
            if let Some(&letter) = self.letters.get(&c) {
                letters.push(letter);
            } else if c.is_alphabetic() {
                let mut plain = String::new();
                latin::fold(c, &mut plain);
                letters.extend(plain.chars().filter_map(|c| self.letters.get(&c)));
            }
        }
        letters
    }

    /// What the slots say: repetitions collapsed, blanks dropped.
    fn spoken(&self, slots: &[usize]) -> String {
        let mut last = 0;
        let mut said = String::with_capacity(slots.len());
        for &slot in slots {
            if slot != last && slot > 0 {
                said.extend(self.symbols[slot - 1]);
            }
            last = slot;
        }
        said
    }
}

impl UnknownWord for Net {
    /// The case of the letters counts: the net knows that "US" is spelled and "us" is not. Words of five letters and
    /// more in nothing but capitals are read as if they were in small letters.
    ///
    /// Apostrophes and other marks are passed over. `None` for a word without a letter that the net knows, and for
    /// one longer than it was made for (24 letters).
    fn pronounce(&self, word: &str) -> Option<String> {
        let shouted = word.chars().filter(|c| c.is_uppercase()).count() >= SHOUTED
            && !word.chars().any(char::is_lowercase);
        let letters = if shouted { self.letters(&word.to_lowercase()) } else { self.letters(word) };
        if letters.is_empty() || letters.len() > self.longest {
            return None;
        }
        let said = tidy(&self.spoken(&self.transformer.slots(&letters)));
        Some(said).filter(|said| said.contains(char::is_alphabetic))
    }

    fn reason(&self) -> Reason {
        Reason::Net
    }
}

/// Takes out what the net learned from its teacher's markup: `(en)` where it changed languages, and spaces at the
/// ends or in a row.
fn tidy(said: &str) -> String {
    let mut flags = 0;
    let mut out = String::with_capacity(said.len());
    for c in said.chars() {
        match c {
            '(' => flags += 1,
            ')' => flags = 0,
            _ if flags > 0 => {}
            ' ' if out.is_empty() || out.ends_with(' ') => {}
            _ => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn read(path: &Path) -> Result<Vec<u8>, NetError> {
    fs::read(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => NetError::Missing { path: path.into() },
        _ => NetError::Unreadable { path: path.into(), source },
    })
}
