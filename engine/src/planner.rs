//! Joins clauses into the fragments that a session speaks at once. Pure: no clock, no thread, no model.

use std::collections::VecDeque;

use sostenuto_g2p::{Boundary, Clause};

use crate::join::join;

/// How large fragments may be, in tokens without pads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The opening fragment of an utterance: what it costs is what the listener waits.
    pub opening: usize,
    /// Each further fragment may be so many times the one before, which plays while it is made.
    pub growth: usize,
    /// No fragment is planned larger, whatever has been played.
    pub most: usize,
}

impl Default for Budget {
    /// About 2 s of speech first, then twice as much each time, up to a long sentence.
    fn default() -> Self {
        Self { opening: 32, growth: 2, most: 200 }
    }
}

/// A fragment as planned: what to speak and how the text breaks after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Vocabulary symbols, at most [`MAX_TOKENS`](sostenuto_g2p::vocabulary::MAX_TOKENS).
    pub phonemes: String,
    /// The boundary that follows.
    pub boundary: Boundary,
}

/// Joins the clauses of one utterance into fragments.
///
/// A fragment ends at the end of a sentence at the latest, so that a listener never waits for a sentence that has
/// not been written yet. Within a sentence the parts are balanced: one is not filled up to leave a short rest, which
/// would be spoken in another tempo. What is planned depends on the clauses alone and not on when they came.
#[derive(Clone, Debug)]
pub struct Planner {
    budget: Budget,
    allowed: usize,
    clauses: VecDeque<Clause>,
}

impl Planner {
    /// A planner for the beginning of an utterance.
    pub fn new(budget: Budget) -> Self {
        Self { budget, allowed: budget.opening, clauses: VecDeque::new() }
    }

    /// Appends the next clause of the utterance.
    pub fn push(&mut self, clause: Clause) {
        self.clauses.push_back(clause);
    }

    /// Whether it holds enough to plan the next fragment whatever follows, so that no more clauses are needed.
    pub fn is_full(&self) -> bool {
        self.window().is_some()
    }

    /// Whether every clause has been planned.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// The next fragment, or `None` while more clauses are needed to decide. After the `last` clause of the
    /// utterance was pushed nothing more is waited for.
    pub fn next(&mut self, last: bool) -> Option<Planned> {
        let window = self.window().or(last.then_some(self.clauses.len()).filter(|&count| count > 0))?;
        let count = join(&self.clauses.make_contiguous()[..window], self.allowed);
        let planned = self.take(count);
        self.allowed = (self.allowed * self.budget.growth).min(self.budget.most);
        Some(planned)
    }

    /// Forgets the utterance and begins the next one.
    pub fn restart(&mut self) {
        self.clauses.clear();
        self.allowed = self.budget.opening;
    }

    /// The clauses among which the next cut is made: those up to the end of the sentence, or, of a long sentence,
    /// those that just exceed the largest budget. `None` while more may belong to them.
    fn window(&self) -> Option<usize> {
        let ends = |clause: &Clause| clause.boundary >= Boundary::Sentence;
        (1..=self.clauses.len()).find(|&n| ends(&self.clauses[n - 1]) || self.tokens(n) > self.budget.most)
    }

    /// Tokens of the first `count` clauses, joined by spaces.
    fn tokens(&self, count: usize) -> usize {
        let spaces = count.saturating_sub(1);
        self.clauses.iter().take(count).map(Clause::tokens).sum::<usize>() + spaces
    }

    fn take(&mut self, count: usize) -> Planned {
        let mut phonemes = String::new();
        let mut boundary = Boundary::Word;
        for clause in self.clauses.drain(..count) {
            if !phonemes.is_empty() {
                phonemes.push(' ');
            }
            phonemes.push_str(&clause.phonemes);
            boundary = clause.boundary;
        }
        Planned { phonemes, boundary }
    }
}

/// The pause after a fragment at tempo 1, in seconds, silence to silence.
///
/// The models book 14 to 22 units of 25 ms for punctuation and the final pad, most of which is trimmed; these give
/// it back in the proportions of read speech.
pub fn pause_seconds(boundary: Boundary) -> f32 {
    match boundary {
        Boundary::Word => 0.0,
        Boundary::Comma => 0.18,
        Boundary::Clause => 0.25,
        Boundary::Sentence => 0.4,
        Boundary::Paragraph => 0.8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sostenuto_g2p::vocabulary::MAX_TOKENS;
    use sostenuto_g2p::{Reason, Word};

    fn clause(tokens: usize, boundary: Boundary) -> Clause {
        let word = Word { source: 0..0, phonemes: 0..0, reason: Reason::Lexicon };
        // About one word in five symbols, as in English.
        let (phonemes, words) = ("a".repeat(tokens), vec![word; tokens.div_ceil(5)]);
        Clause { source: 0..0, phonemes, words, marks: Vec::new(), boundary }
    }

    fn planner(clauses: &[(usize, Boundary)]) -> Planner {
        let mut planner = Planner::new(Budget::default());
        for &(tokens, boundary) in clauses {
            planner.push(clause(tokens, boundary));
        }
        planner
    }

    fn sizes(planner: &mut Planner) -> Vec<usize> {
        std::iter::from_fn(|| planner.next(true)).map(|p| p.phonemes.chars().count()).collect()
    }

    #[test]
    fn the_opening_is_small_and_what_follows_grows() {
        use Boundary::{Comma, Sentence};
        let mut planner =
            planner(&[(20, Comma), (20, Comma), (20, Comma), (20, Comma), (20, Comma), (20, Sentence)]);
        assert_eq!(sizes(&mut planner), [20, 62, 41]);
    }

    #[test]
    fn a_fragment_never_goes_past_the_end_of_a_sentence() {
        let mut planner = planner(&[(5, Boundary::Sentence), (5, Boundary::Sentence)]);
        assert_eq!(sizes(&mut planner), [5, 5]);
    }

    #[test]
    fn short_clauses_are_spoken_together() {
        let mut planner = planner(&[(6, Boundary::Comma), (6, Boundary::Comma), (6, Boundary::Sentence)]);
        assert_eq!(sizes(&mut planner), [20]);
    }

    #[test]
    fn nothing_is_planned_while_the_sentence_may_go_on() {
        let mut planner = planner(&[(6, Boundary::Comma)]);
        assert_eq!(planner.next(false), None);
        planner.push(clause(6, Boundary::Sentence));
        assert_eq!(planner.next(false).map(|p| p.phonemes.len()), Some(13));
    }

    #[test]
    fn the_boundary_of_the_last_clause_follows_the_fragment() {
        let mut planner = planner(&[(6, Boundary::Comma), (6, Boundary::Paragraph)]);
        assert_eq!(planner.next(true).map(|p| p.boundary), Some(Boundary::Paragraph));
    }

    fn boundaries() -> impl Strategy<Value = Boundary> {
        use Boundary::{Clause, Comma, Paragraph, Sentence, Word};
        prop::sample::select(vec![Word, Comma, Clause, Sentence, Paragraph])
    }

    proptest! {
        #[test]
        fn every_clause_is_spoken_once_in_order_and_no_fragment_is_too_long(
            clauses in prop::collection::vec((1usize..=MAX_TOKENS, boundaries()), 1..40),
        ) {
            let mut planner = Planner::new(Budget::default());
            let mut expected = String::new();
            for (n, &(tokens, boundary)) in clauses.iter().enumerate() {
                let phonemes = char::from(b'a' + (n % 26) as u8).to_string().repeat(tokens);
                expected.push_str(&phonemes);
                planner.push(Clause { phonemes, ..clause(0, boundary) });
            }
            let planned: Vec<_> = std::iter::from_fn(|| planner.next(true)).collect();
            prop_assert!(planned.iter().all(|p| p.phonemes.chars().count() <= MAX_TOKENS));
            let spoken: String = planned.into_iter().map(|p| p.phonemes).collect();
            prop_assert_eq!(spoken.replace(' ', ""), expected);
        }

        #[test]
        fn the_plan_does_not_depend_on_when_the_clauses_came(
            clauses in prop::collection::vec((1usize..80, boundaries()), 1..40),
        ) {
            let mut at_once = planner(&clauses);
            let at_once: Vec<_> = std::iter::from_fn(|| at_once.next(true)).collect();
            let mut one_by_one = planner(&[]);
            let mut planned = Vec::new();
            for &(tokens, boundary) in &clauses {
                one_by_one.push(clause(tokens, boundary));
                planned.extend(std::iter::from_fn(|| one_by_one.next(false)));
            }
            planned.extend(std::iter::from_fn(|| one_by_one.next(true)));
            prop_assert_eq!(planned, at_once);
        }
    }
}
