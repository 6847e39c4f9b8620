//! A sentence's pronunciation cut into clauses.

use std::ops::Range;

use crate::clause::{Boundary, Clause, Word};
use crate::phonemizer::Pronunciation;
use crate::vocabulary::MAX_TOKENS;

/// A shorter rest of a sentence, in words, is not worth a clause of its own.
const SHORTEST_TAIL: usize = 2;

/// Cuts the pronunciation of `sentence` at its marks, and at words where a clause is too long for a session.
///
/// The clauses come in order; `offset` is the place of the sentence in the utterance, and `last` the boundary after
/// the last clause. A sentence without any word has no clause. Where one word alone has more than [`MAX_TOKENS`],
/// it belongs to the clause that it begins in.
pub fn cut(sentence: &str, pronunciation: &Pronunciation, offset: usize, last: Boundary) -> Vec<Clause> {
    let Pronunciation { phonemes, words, .. } = pronunciation;
    if words.is_empty() {
        return Vec::new();
    }
    let mut cuts = marks(phonemes, words);
    cuts.push(Cut { end: phonemes.len(), next: phonemes.len(), boundary: last });
    let mut clauses = Vec::with_capacity(cuts.len());
    let mut start = 0;
    let mut source = 0;
    for cut in fit(phonemes, cuts) {
        let inside = |word: &&Word| (start..cut.next).contains(&word.phonemes.start);
        let own: Vec<&Word> = words.iter().filter(inside).collect();
        let next = words.iter().find(|word| word.phonemes.start >= cut.next);
        let reached = own.last().map_or(source, |word| word.source.end);
        let (end, next_source) = match next {
            // Both clauses may say words of one stretch that a rule rewrote.
            Some(next) if next.source.start < reached => (reached, next.source.start),
            Some(next) => gap(sentence, reached..next.source.start),
            None => (sentence.len(), sentence.len()),
        };
        clauses.push(Clause {
            source: source + offset..end + offset,
            phonemes: phonemes[start..cut.end].to_owned(),
            words: own.into_iter().map(|word| placed(word, start..cut.end, offset)).collect(),
            marks: Vec::new(),
            boundary: cut.boundary,
        });
        start = cut.next;
        source = next_source;
    }
    clauses
}

/// A place between two clauses, in bytes of the phonemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cut {
    /// Where the clause before ends.
    end: usize,
    /// Where the clause after begins.
    next: usize,
    boundary: Boundary,
}

/// The places at which marks part the sentence, but not right before its end.
fn marks(phonemes: &str, words: &[Word]) -> Vec<Cut> {
    let words_from = |at: usize| words.len() - words.partition_point(|word| word.phonemes.start < at);
    let mut cuts: Vec<Cut> = Vec::new();
    let mut start = 0;
    for (at, c) in phonemes.char_indices() {
        let (end, next) = match c {
            ' ' => (at, at + 1),
            // A dash needs no space to part two words.
            '—' if !phonemes[at + c.len_utf8()..].starts_with([' ', '”', ')']) => {
                (at + c.len_utf8(), at + c.len_utf8())
            }
            _ => continue,
        };
        let Some(boundary) = strength(&phonemes[start..end], &phonemes[next..]) else { continue };
        let own_words = words_from(start) - words_from(next);
        if own_words > 0 && words_from(next) >= SHORTEST_TAIL {
            cuts.push(Cut { end, next, boundary });
            start = next;
        }
    }
    cuts
}

/// How strongly the marks between `before` and `after` part them, if they do.
fn strength(before: &str, after: &str) -> Option<Boundary> {
    let bracket = after.starts_with('(') || before.ends_with(')');
    match before.trim_end_matches(['”', '"', ')']).chars().next_back() {
        Some(';' | ':' | '—' | '…' | '.' | '!' | '?') => Some(Boundary::Clause),
        _ if after.starts_with('—') => None,
        Some(',') => Some(Boundary::Comma),
        _ if bracket => Some(Boundary::Comma),
        _ => None,
    }
}

/// Adds cuts so that no clause has more than [`MAX_TOKENS`] symbols.
fn fit(phonemes: &str, cuts: Vec<Cut>) -> Vec<Cut> {
    let mut fitting = Vec::with_capacity(cuts.len());
    let mut start = 0;
    for cut in cuts {
        while let Some((limit, over)) = phonemes[start..cut.end].char_indices().nth(MAX_TOKENS) {
            // A space right after the last symbol that fits still ends a clause that fits.
            let window = &phonemes[start..start + limit + over.len_utf8()];
            let (end, next) = match window.rfind(' ').filter(|&at| at > 0) {
                Some(at) => (start + at, start + at + 1),
                None => (start + limit, start + limit),
            };
            fitting.push(Cut { end, next, boundary: Boundary::Word });
            start = next;
        }
        fitting.push(cut);
        start = cut.next;
    }
    fitting
}

/// Where the source of one clause ends and that of the next begins, in the text between their words.
fn gap(sentence: &str, between: Range<usize>) -> (usize, usize) {
    let text = sentence.get(between.clone()).unwrap_or_default();
    match text.rfind(char::is_whitespace) {
        Some(at) => {
            let before = &text[..at];
            let after = text[at..].trim_start();
            (between.start + before.trim_end().len(), between.end - after.len())
        }
        None => (between.end.max(between.start), between.end.max(between.start)),
    }
}

fn placed(word: &Word, clause: Range<usize>, offset: usize) -> Word {
    Word {
        source: word.source.start + offset..word.source.end + offset,
        phonemes: word.phonemes.start - clause.start..word.phonemes.end.min(clause.end) - clause.start,
        reason: word.reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::Reason;
    use proptest::prelude::*;

    /// A pronunciation in which every word sounds as it is written.
    fn spoken(sentence: &str) -> Pronunciation {
        let mut pronunciation = Pronunciation::default();
        let mut source = 0;
        for (i, word) in sentence.split(' ').enumerate() {
            if i > 0 {
                pronunciation.phonemes.push(' ');
            }
            let core = word.trim_matches(|c: char| !c.is_alphanumeric());
            if !core.is_empty() {
                let lead = word.find(core).unwrap();
                let start = pronunciation.phonemes.len() + lead;
                let source = source + lead;
                pronunciation.words.push(Word {
                    source: source..source + core.len(),
                    phonemes: start..start + core.len(),
                    reason: Reason::Lexicon,
                });
            }
            pronunciation.phonemes.push_str(word);
            source += word.len() + 1;
        }
        pronunciation
    }

    fn clauses(sentence: &str) -> Vec<(String, Boundary)> {
        let clauses = cut(sentence, &spoken(sentence), 0, Boundary::Sentence);
        for clause in &clauses {
            assert_eq!(&sentence[clause.source.clone()], clause.phonemes, "the source is what was said");
        }
        clauses.into_iter().map(|clause| (clause.phonemes, clause.boundary)).collect()
    }

    fn expected(clauses: &[(&str, Boundary)]) -> Vec<(String, Boundary)> {
        clauses.iter().map(|&(text, boundary)| (text.to_owned(), boundary)).collect()
    }

    #[test]
    fn marks_part_clauses_with_their_strength() {
        use Boundary::{Clause, Comma, Sentence};
        assert_eq!(
            clauses("we came, we saw; we won: then — at last — we ate (so it was) and we slept."),
            expected(&[
                ("we came,", Comma),
                ("we saw;", Clause),
                ("we won:", Clause),
                ("then —", Clause),
                ("at last —", Clause),
                ("we ate", Comma),
                ("(so it was)", Comma),
                ("and we slept.", Sentence),
            ])
        );
    }

    #[test]
    fn quotes_close_with_the_clause() {
        use Boundary::{Clause, Sentence};
        assert_eq!(
            clauses("“why not?” he asked."),
            expected(&[("“why not?”", Clause), ("he asked.", Sentence)])
        );
    }

    #[test]
    fn numbers_and_short_tails_are_not_cut() {
        assert_eq!(
            clauses("about 1,234 of 9:30 people, maybe."),
            [("about 1,234 of 9:30 people, maybe.".to_owned(), Boundary::Sentence)]
        );
    }

    #[test]
    fn a_sentence_without_words_has_no_clause() {
        assert!(
            cut(
                "...",
                &Pronunciation { phonemes: "...".into(), ..Default::default() },
                0,
                Boundary::Sentence
            )
            .is_empty()
        );
    }

    #[test]
    fn a_clause_too_long_for_a_session_is_cut_at_a_word() {
        let sentence = "some words ".repeat(100);
        let clauses = cut(sentence.trim(), &spoken(sentence.trim()), 0, Boundary::Sentence);
        assert!(clauses.len() >= 3);
        assert!(
            clauses.iter().all(|clause| clause.tokens() <= MAX_TOKENS && !clause.phonemes.starts_with(' '))
        );
        assert_eq!(clauses[0].boundary, Boundary::Word);
        assert_eq!(clauses.iter().map(|clause| clause.words.len()).sum::<usize>(), 200);
    }

    #[test]
    fn a_word_too_long_for_a_session_is_cut_all_the_same() {
        let word = "a".repeat(1_200);
        let clauses = cut(&word, &spoken(&word), 0, Boundary::Paragraph);
        assert_eq!(clauses.iter().map(Clause::tokens).collect::<Vec<_>>(), [510, 510, 180]);
    }

    #[test]
    fn a_stretch_that_is_said_in_two_clauses_belongs_to_both() {
        let sentence = "on 7/4/76 then";
        let word = |source: Range<usize>, phonemes| Word { source, phonemes, reason: Reason::Lexicon };
        let pronunciation = Pronunciation {
            phonemes: "ɔn ʤəlˈI fˈɔɹθ, sˈɛvənti sˈɪks ðˈɛn".to_owned(),
            words: vec![
                word(0..2, 0..3),
                word(3..9, 4..11),
                word(3..9, 12..19),
                word(3..9, 21..32),
                word(3..9, 33..39),
                word(10..14, 40..46),
            ],
            ..Pronunciation::default()
        };
        let clauses = cut(sentence, &pronunciation, 0, Boundary::Sentence);
        assert_eq!(clauses.iter().map(|c| c.source.clone()).collect::<Vec<_>>(), [0..9, 3..14]);
        for clause in &clauses {
            assert!(
                clause
                    .words
                    .iter()
                    .all(|w| w.source.start >= clause.source.start && w.source.end <= clause.source.end)
            );
        }
    }

    #[test]
    fn spans_count_from_the_beginning_of_the_utterance() {
        let sentence = "we came, we saw.";
        let clauses = cut(sentence, &spoken(sentence), 100, Boundary::Paragraph);
        assert_eq!((clauses[1].source.clone(), clauses[1].words[0].source.clone()), (109..116, 109..111));
        assert_eq!(clauses[1].words[0].phonemes, 0..2);
        assert_eq!(clauses[1].boundary, Boundary::Paragraph);
    }

    proptest! {
        #[test]
        fn clauses_hold_all_words_and_phonemes_in_order(sentence in "((é{120} ){6})?([aɛ]{1,6}|[(“]?[aɛ]{1,5}[,;:—…?!)”]{0,2}|—|[aɛ]{600})( ([aɛ]{1,6}|[(“]?[aɛ]{1,5}[,;:—…?!)”]{0,2}|—)){0,20}") {
            let pronunciation = spoken(&sentence);
            let clauses = cut(&sentence, &pronunciation, 7, Boundary::Sentence);
            let mut end = 7;
            for clause in &clauses {
                prop_assert!(clause.source.start >= end && clause.source.end <= sentence.len() + 7);
                prop_assert!(sentence.get(clause.source.start - 7..clause.source.end - 7).is_some());
                prop_assert!(clause.tokens() <= MAX_TOKENS);
                for word in &clause.words {
                    prop_assert!(clause.source.start <= word.source.start && word.source.end <= clause.source.end);
                    prop_assert!(clause.phonemes.get(word.phonemes.clone()).is_some());
                }
                end = clause.source.end;
            }
            prop_assert_eq!(clauses.iter().map(|c| c.words.len()).sum::<usize>(), pronunciation.words.len());
            if !clauses.is_empty() {
                let joined: String = clauses.iter().flat_map(|c| c.phonemes.chars()).filter(|&c| c != ' ').collect();
                prop_assert_eq!(joined, pronunciation.phonemes.replace(' ', ""));
            }
        }
    }
}
