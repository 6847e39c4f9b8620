//! Where a clause is cut that is too long for what is ahead of its listener. Pure.

use sostenuto_g2p::{Boundary, Clause, ClauseMark, Word};

use crate::join::SHORTEST_TAIL;

/// The two parts of `clause`, the first of at most `tokens` tokens, cut between two words; `None` where it is no longer
/// than that, or a part would have fewer than [`SHORTEST_TAIL`] words.
pub fn cut(clause: &Clause, tokens: usize) -> Option<(Clause, Clause)> {
    if clause.tokens() <= tokens {
        return None;
    }
    let words = &clause.words;
    let fits = |at: &usize| clause.phonemes[..words[at - 1].phonemes.end].chars().count() <= tokens;
    // Words that stand for one stretch of the text belong together.
    let parts = |at: &usize| words[at - 1].source.end <= words[*at].source.start;
    let last = words.len().checked_sub(SHORTEST_TAIL)?;
    let at = (SHORTEST_TAIL..=last).filter(fits).rfind(parts)?;
    let start = words[at].phonemes.start;
    // What stands between the words, such as a quotation mark, goes with the first.
    let (head, tail) = (clause.phonemes[..start].trim_end(), &clause.phonemes[start..]);
    let moved = |word: &Word| Word {
        source: word.source.clone(),
        phonemes: word.phonemes.start - start..word.phonemes.end - start,
        reason: word.reason,
    };
    let (before, after): (Vec<_>, Vec<_>) = clause.marks.iter().cloned().partition(|mark| mark.word < at);
    let after = after.into_iter().map(|mark| ClauseMark { word: mark.word - at, ..mark });
    let first = Clause {
        source: clause.source.start..words[at - 1].source.end,
        phonemes: head.to_owned(),
        words: words[..at].to_vec(),
        marks: before,
        boundary: Boundary::Word,
    };
    let second = Clause {
        source: words[at].source.start..clause.source.end,
        phonemes: tail.to_owned(),
        words: words[at..].iter().map(moved).collect(),
        marks: after.collect(),
        boundary: clause.boundary,
    };
    Some((first, second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sostenuto_g2p::Reason;

    /// A clause of `count` words of four letters, with a mark before the word `mark`.
    fn clause(count: usize, mark: usize) -> Clause {
        let word = |n: usize| {
            let range = 5 * n..5 * n + 4;
            Word { source: range.start + 100..range.end + 100, phonemes: range, reason: Reason::Lexicon }
        };
        Clause {
            source: 100..100 + 5 * count,
            phonemes: vec!["mama"; count].join(" "),
            words: (0..count).map(word).collect(),
            marks: vec![ClauseMark { name: "m".into(), word: mark }],
            boundary: Boundary::Comma,
        }
    }

    #[test]
    fn it_is_cut_after_the_last_word_that_fits() {
        let (first, second) = cut(&clause(12, 7), 33).unwrap();
        assert_eq!((first.tokens(), first.boundary), (29, Boundary::Word));
        assert_eq!((second.tokens(), second.boundary), (29, Boundary::Comma));
        assert_eq!((first.source, second.source), (100..129, 130..160));
        assert_eq!((first.marks.len(), second.marks[0].word), (0, 1));
        assert_eq!(second.words[0].phonemes, 0..4);
    }

    #[test]
    fn what_fits_and_what_would_leave_too_few_words_is_not_cut() {
        assert_eq!(cut(&clause(12, 0), 59), None);
        assert_eq!(cut(&clause(12, 0), 18), None);
        assert_eq!(cut(&clause(7, 0), 25), None);
    }

    #[test]
    fn words_that_stand_for_one_stretch_of_the_text_stay_together() {
        let mut clause = clause(12, 0);
        clause.words[4].source = clause.words[5].source.clone();
        let (first, _) = cut(&clause, 25).unwrap();
        assert_eq!(first.words.len(), 4);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_each_part_is_long_enough(
            count in 0_usize..60, mark in 0_usize..70, tokens in 0_usize..300,
        ) {
            let clause = clause(count, mark);
            if let Some((first, second)) = cut(&clause, tokens) {
                prop_assert!(first.tokens() <= tokens);
                prop_assert!(first.words.len() >= SHORTEST_TAIL && second.words.len() >= SHORTEST_TAIL);
                prop_assert_eq!(format!("{} {}", first.phonemes, second.phonemes), clause.phonemes);
                prop_assert_eq!(first.words.len() + second.words.len(), count);
                prop_assert_eq!(first.marks.len() + second.marks.len(), 1);
                for (word, part) in [&first, &second].into_iter().flat_map(|p| p.words.iter().map(move |w| (w, p))) {
                    prop_assert_eq!(&part.phonemes[word.phonemes.clone()], "mama");
                }
            }
        }
    }
}
