//! What stands between two spaces, cut into tokens as spaCy cuts it.

use std::sync::Arc;

use misaki_rs::norms::norm_of;
use misaki_rs::spacy_tagger::{debug_features, hash_string};
use misaki_rs::spacy_tokenizer::SpacyTokenizer;
use misaki_rs::spacy_tokenizer_data::EXCEPTIONS;

use super::memo::Memo;
use super::tagger::Features;

/// Chunks that are kept with their tokens, twice: about two megabytes.
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
        let piece = |text: &str, norm: Option<String>| {
            // The table means the "d" of "Id", which brings its norm with it; alone it is the letter.
            let plain = || if text == "d" { text.to_owned() } else { norm_of(text, hash_string) };
            let norm = norm.unwrap_or_else(plain);
            Piece { length: text.len(), features: debug_features(text, &norm, false) }
        };
        if let Some(letters) = plain_word(chunk) {
            let (word, mark) = chunk.split_at(letters);
            let mark = Some(mark).filter(|mark| !mark.is_empty());
            return std::iter::once(word).chain(mark).map(|text| piece(text, None)).collect();
        }
        let tokens = self.tokenizer.tokenize(chunk);
        let whole: usize = tokens.iter().map(|token| token.text.len()).sum();
        if whole != chunk.len() {
            return Arc::new([piece(chunk, None)]);
        }
        tokens.into_iter().map(|token| piece(&token.text, token.norm)).collect()
    }
}

/// The letters of a chunk that is a word, with no more than one mark after it, and that spaCy's rules for marks would
/// cut between the two; so most chunks need none of their expressions.
fn plain_word(chunk: &str) -> Option<usize> {
    let letters = chunk.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, mark) = chunk.split_at(letters);
    // A dot stays with a capital, as in "J."
    let cut = matches!(mark, "" | "," | ";" | "!" | "?")
        || mark == "." && word.ends_with(|c: char| c.is_ascii_lowercase());
    let excepted = |text: &str| EXCEPTIONS.binary_search_by_key(&text, |&(spelling, _)| spelling).is_ok();
    (letters > 0 && cut && !excepted(word) && !excepted(chunk)).then_some(letters)
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
    fn plain_words_are_cut_as_the_tokenizer_cuts_them() {
        let chunker = Chunker::new();
        let exceptions = EXCEPTIONS.iter().map(|&(spelling, _)| spelling);
        let words =
            "we word Word cannot dont Mr etc km US NASA x A al pm id Co jan v Inc gimme its ill I".split(' ');
        for word in words.chain(exceptions.filter(|word| word.bytes().all(|b| b.is_ascii_alphabetic()))) {
            for mark in ["", ",", ";", "!", "?", ".", ":", ".."] {
                let chunk = format!("{word}{mark}");
                let tokens = chunker.tokenizer.tokenize(&chunk);
                let lengths: Vec<usize> = tokens.iter().map(|token| token.text.len()).collect();
                let pieces: Vec<usize> = chunker.pieces(&chunk).iter().map(|piece| piece.length).collect();
                assert_eq!(pieces, lengths, "{chunk}");
            }
        }
    }

    #[test]
    fn letters_between_dots_stay_whole() {
        for whole in ["U.S.", "K.T.V", "x.y.z", "P.M"] {
            assert_eq!(cut(whole), [whole]);
        }
    }
}
