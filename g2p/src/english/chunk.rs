//! What stands between two spaces, cut into tokens as spaCy cuts it.

use std::sync::Arc;

use misaki_rs::norms::norm_of;
use misaki_rs::spacy_tagger::{debug_features, hash_string};
use misaki_rs::spacy_tokenizer::SpacyTokenizer;

use super::memo::Memo;
use super::tagger::Features;

/// Chunks that are kept with their tokens.
const KEPT: usize = 8192;

/// A token of a chunk.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Bytes of the chunk that it takes, counted from the end of the piece before.
    pub(super) length: usize,
    features: Features,
}

impl Piece {
    /// What the tagger sees of the token, `spaced` if a space follows it.
    pub(super) fn features(&self, spaced: bool) -> Features {
        let [norm, prefix, suffix, shape, _, blank] = self.features;
        [norm, prefix, suffix, shape, u64::from(spaced), blank]
    }
}

/// Cuts chunks into tokens; spaCy's rules look at one chunk at a time, so each distinct one is cut once.
///
/// The time of one new chunk grows faster than its length: the caller bounds it.
pub(super) struct Chunker {
    tokenizer: SpacyTokenizer,
    kept: Memo<String, Arc<[Piece]>>,
}

impl Chunker {
    pub(super) fn new() -> Self {
        Self { tokenizer: SpacyTokenizer::new(), kept: Memo::new(KEPT) }
    }

    /// The tokens of `chunk`, which has no white space; together they are the chunk.
    pub(super) fn pieces(&self, chunk: &str) -> Arc<[Piece]> {
        self.kept.get(chunk, || self.cut(chunk))
    }

    fn cut(&self, chunk: &str) -> Arc<[Piece]> {
        let tokens = self.tokenizer.tokenize(chunk);
        let piece = |text: &str, norm: Option<String>| {
            let norm = norm.unwrap_or_else(|| norm_of(text, hash_string));
            Piece { length: text.len(), features: debug_features(text, &norm, false) }
        };
        let whole: usize = tokens.iter().map(|token| token.text.len()).sum();
        if whole != chunk.len() {
            return Arc::new([piece(chunk, None)]);
        }
        tokens.into_iter().map(|token| piece(&token.text, token.norm)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(chunk: &str) -> Vec<&str> {
        let mut rest = chunk;
        Chunker::new()
            .pieces(chunk)
            .iter()
            .map(|piece| {
                let (token, after) = rest.split_at(piece.length);
                rest = after;
                token
            })
            .collect()
    }

    #[test]
    fn marks_and_clitics_are_tokens_of_their_own() {
        assert_eq!(cut("(don't,"), ["(", "do", "n't", ","]);
        assert_eq!(cut("Kokoro’s"), ["Kokoro", "’s"]);
        assert_eq!(cut("well-known."), ["well", "-", "known", "."]);
    }

    #[test]
    fn letters_between_dots_stay_whole() {
        for whole in ["U.S.", "K.T.V", "x.y.z", "P.M"] {
            assert_eq!(cut(whole), [whole]);
        }
    }
}
