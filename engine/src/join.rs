//! Where a fragment ends among the clauses that are known. Pure: no clock, no thread, no model.

use sostenuto_g2p::vocabulary::MAX_TOKENS;
use sostenuto_g2p::{Boundary, Clause};

/// A shorter rest, in words, is not left to a fragment of its own: it would be spoken in another tempo.
pub const SHORTEST_TAIL: usize = 4;

/// How many of `clauses` the next fragment takes, for a budget in tokens without pads.
///
/// It ends at the strongest boundary near the size that parts the clauses evenly. It stays within the budget unless
/// that would leave a tail of fewer than [`SHORTEST_TAIL`] words, and within [`MAX_TOKENS`] unless the first clause
/// alone has more. Where a tail can only be avoided past [`MAX_TOKENS`], it is left. 0 only of no clauses.
pub fn join(clauses: &[Clause], budget: usize) -> usize {
    let sizes = joined_sizes(clauses);
    let Some(&whole) = sizes.last() else { return 0 };
    let parts = whole.div_ceil(budget.max(1)).max(1);
    let ideal = whole as f64 / parts as f64;
    // A stronger boundary makes up for a distance of a quarter of the ideal size.
    let cost = |&count: &usize| {
        let strength = match clauses[count - 1].boundary {
            Boundary::Word => 0.0,
            Boundary::Comma => 1.0,
            Boundary::Clause => 2.0,
            Boundary::Sentence | Boundary::Paragraph => 3.0,
        };
        (sizes[count - 1] as f64 - ideal).abs() / ideal - strength / 4.0
    };
    let tails = tails(clauses);
    let whole_tail = |&count: &usize| tails[count - 1] == 0 || tails[count - 1] >= SHORTEST_TAIL;
    let cheapest = |limit: usize, count_tails: bool| {
        (1..=clauses.len())
            .filter(|&count| sizes[count - 1] <= limit.min(MAX_TOKENS))
            .filter(|count| !count_tails || whole_tail(count))
            .min_by(|a, b| cost(a).total_cmp(&cost(b)))
    };
    cheapest(budget, true)
        .or_else(|| cheapest(MAX_TOKENS, true))
        .or_else(|| cheapest(budget, false))
        .unwrap_or(1)
}

/// Tokens of the first clauses joined by spaces: of one, of two, and so on.
fn joined_sizes(clauses: &[Clause]) -> Vec<usize> {
    let mut size = 0;
    let sizes = clauses.iter().enumerate().map(|(n, clause)| {
        size += clause.tokens() + usize::from(n > 0);
        size
    });
    sizes.collect()
}

/// Words that are left after the first clauses: after one, after two, and so on.
fn tails(clauses: &[Clause]) -> Vec<usize> {
    let mut left: usize = clauses.iter().map(|clause| clause.words.len()).sum();
    let tails = clauses.iter().map(|clause| {
        left -= clause.words.len();
        left
    });
    tails.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Boundary::{Comma, Sentence, Word as AtWord};
    use proptest::prelude::*;
    use sostenuto_g2p::{Reason, Word};

    /// Clauses of so many words of four letters.
    fn clauses(sizes: &[(usize, Boundary)]) -> Vec<Clause> {
        let clause = |&(words, boundary): &(usize, Boundary)| {
            let word = |n: usize| Word {
                source: 5 * n..5 * n + 4,
                phonemes: 5 * n..5 * n + 4,
                reason: Reason::Lexicon,
            };
            Clause {
                source: 0..5 * words,
                phonemes: vec!["mama"; words].join(" "),
                words: (0..words).map(word).collect(),
                marks: Vec::new(),
                boundary,
            }
        };
        sizes.iter().map(clause).collect()
    }

    #[test]
    fn clauses_that_fit_are_joined_whole() {
        assert_eq!(join(&clauses(&[(2, Comma), (2, Comma), (3, Sentence)]), 60), 3);
        assert_eq!(join(&[], 60), 0);
    }

    #[test]
    fn parts_are_balanced_and_not_filled_up() {
        assert_eq!(join(&clauses(&[(5, Comma), (5, Comma), (5, Comma), (5, Sentence)]), 80), 2);
    }

    #[test]
    fn a_stronger_boundary_near_the_budget_wins() {
        let near = clauses(&[(6, Boundary::Clause), (2, Comma), (5, Comma), (4, Sentence)]);
        assert_eq!(join(&near, 60), 1);
    }

    #[test]
    fn no_tail_of_a_few_words_is_left() {
        assert_eq!(join(&clauses(&[(6, Comma), (6, Comma), (3, Sentence)]), 60), 1);
        // Within the budget either cut would leave a tail, so the fragment goes past it.
        assert_eq!(join(&clauses(&[(6, Comma), (3, Sentence)]), 30), 2);
    }

    #[test]
    fn the_limit_of_the_models_comes_before_everything() {
        let long = clauses(&[(100, AtWord), (2, AtWord), (1, Sentence)]);
        assert_eq!(long[0].tokens(), 499);
        assert_eq!(join(&long, 1_000), 2);
    }

    fn boundaries() -> impl Strategy<Value = Boundary> {
        prop::sample::select(vec![AtWord, Comma, Boundary::Clause, Sentence, Boundary::Paragraph])
    }

    proptest! {
        #[test]
        fn whatever_the_clauses_the_promises_hold(
            sizes in prop::collection::vec((1_usize..60, boundaries()), 1..12),
            budget in 0_usize..600,
        ) {
            let clauses = clauses(&sizes);
            let count = join(&clauses, budget);
            prop_assert!((1..=clauses.len()).contains(&count));
            let size = joined_sizes(&clauses)[count - 1];
            prop_assert!(size <= MAX_TOKENS);
            let tail = tails(&clauses)[count - 1];
            if (1..SHORTEST_TAIL).contains(&tail) {
                let avoidable = (1..=clauses.len()).any(|n| {
                    let left = tails(&clauses)[n - 1];
                    joined_sizes(&clauses)[n - 1] <= MAX_TOKENS && (left == 0 || left >= SHORTEST_TAIL)
                });
                prop_assert!(!avoidable, "a tail of {} words", tail);
            }
        }
    }
}
