//! Phonemes that the user wrote.

use std::ops::Range;

use crate::clause::{Boundary, Clause, Word};
use crate::reason::Reason;
use crate::vocabulary::{MAX_TOKENS, token_id};

/// The phonemes hold a symbol that the models do not know: remove it or write it differently.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown phoneme '{}' at character {position} (byte {byte})", symbol.escape_debug())]
pub struct UnknownPhoneme {
    /// The first symbol outside the vocabulary.
    pub symbol: char,
    /// Its place in characters, counted from 1.
    pub position: usize,
    /// Its place in bytes, counted from 0.
    pub byte: usize,
}

/// Turns phonemes as a user wrote them into clauses, cut at spaces where they are too long for a session.
///
/// Words are the groups between white space; `source` spans are bytes of `phonemes`.
///
/// # Errors
///
/// [`UnknownPhoneme`] for the first symbol that is neither white space nor in the vocabulary.
pub fn given_phonemes(phonemes: &str) -> Result<Vec<Clause>, UnknownPhoneme> {
    let unknown = |&(_, (_, c)): &(usize, (usize, char))| !c.is_whitespace() && token_id(c).is_none();
    if let Some((index, (byte, symbol))) = phonemes.char_indices().enumerate().find(unknown) {
        return Err(UnknownPhoneme { symbol, position: index + 1, byte });
    }
    let mut clauses: Vec<Clause> = Vec::new();
    for source in groups(phonemes) {
        let text = &phonemes[source.clone()];
        let symbols = text.chars().count();
        if let Some(clause) = clauses.last_mut().filter(|clause| clause.tokens() + 1 + symbols <= MAX_TOKENS)
        {
            clause.phonemes.push(' ');
            append(clause, text, source);
        } else {
            let (phonemes, words) = (String::new(), Vec::new());
            let (source_of_all, boundary) = (source.clone(), Boundary::Word);
            let mut clause = Clause { source: source_of_all, phonemes, words, marks: Vec::new(), boundary };
            append(&mut clause, text, source);
            clauses.push(clause);
        }
    }
    if let Some(last) = clauses.last_mut() {
        last.boundary = Boundary::Sentence;
    }
    Ok(clauses)
}

fn append(clause: &mut Clause, text: &str, source: Range<usize>) {
    let start = clause.phonemes.len();
    clause.phonemes.push_str(text);
    clause.source.end = source.end;
    let phonemes = start..clause.phonemes.len();
    clause.words.push(Word { source, phonemes, reason: Reason::Given });
}

/// The groups between white space, those that no session could take cut to [`MAX_TOKENS`] symbols.
fn groups(phonemes: &str) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let mut start = 0;
    let mut symbols = 0;
    for (at, c) in phonemes.char_indices() {
        if c.is_whitespace() || symbols == MAX_TOKENS {
            if at > start {
                groups.push(start..at);
            }
            start = if c.is_whitespace() { at + c.len_utf8() } else { at };
            symbols = 0;
        }
        symbols += usize::from(!c.is_whitespace());
    }
    if start < phonemes.len() {
        groups.push(start..phonemes.len());
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn groups_become_words_with_their_bytes() {
        let clauses = given_phonemes(" həlˈO,\t wˈɜɹld! ").unwrap();
        assert_eq!(clauses.len(), 1);
        assert_eq!(clauses[0].phonemes, "həlˈO, wˈɜɹld!");
        assert_eq!(clauses[0].boundary, Boundary::Sentence);
        assert_eq!(clauses[0].words[0].source, 1..9);
        assert_eq!(clauses[0].words[1], Word { source: 11..21, phonemes: 9..19, reason: Reason::Given });
    }

    #[test]
    fn the_first_unknown_symbol_is_named_with_its_place() {
        let error = given_phonemes("həl❓g").unwrap_err();
        assert_eq!(error, UnknownPhoneme { symbol: '❓', position: 4, byte: 4 });
        assert_eq!(error.to_string(), "unknown phoneme '❓' at character 4 (byte 4)");
    }

    #[test]
    fn nothing_gives_no_clause() {
        assert_eq!(given_phonemes(" \n"), Ok(Vec::new()));
    }

    proptest! {
        #[test]
        fn no_clause_is_too_long_and_nothing_is_lost(phonemes in "([aˈʃ]{1,90}|[bɹ]{500,700})( {1,2}[aˈʃ]{1,90}){0,30}") {
            let clauses = given_phonemes(&phonemes).unwrap();
            let mut end = 0;
            for clause in &clauses {
                prop_assert!(clause.tokens() <= MAX_TOKENS && clause.source.start >= end);
                for word in &clause.words {
                    prop_assert_eq!(&phonemes[word.source.clone()], &clause.phonemes[word.phonemes.clone()]);
                }
                end = clause.source.end;
            }
            let symbols: usize = clauses.iter().flat_map(|c| c.phonemes.chars()).filter(|&c| c != ' ').count();
            prop_assert_eq!(symbols, phonemes.chars().filter(|&c| c != ' ').count());
        }
    }
}
