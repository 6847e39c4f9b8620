//! Readings of one spelling, told apart by the words around it.

use super::lexicon::Lexicon;
use super::token::Token;

/// Sets the sound of words whose neighbours tell which reading is meant.
pub(super) fn choose(_tokens: &mut [Token<'_>], _lexicon: &Lexicon) {}
