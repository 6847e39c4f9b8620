//! Stage 1 of Sostenuto: text to phonemes.

pub mod clause;
pub mod vocabulary;

pub use clause::{Boundary, Clause, Word};
