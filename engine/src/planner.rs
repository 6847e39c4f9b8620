//! Joins clauses into the fragments that a session speaks at once. Pure: no clock, no thread, no model.

use std::collections::VecDeque;
use std::ops::Range;

use sostenuto_g2p::{Boundary, Clause, ClauseMark, Word};

use crate::cut::cut;
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

/// A fragment as planned: what to speak, where it comes from, and how the text breaks after it.
///
/// It is never of more than one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Vocabulary symbols, at most [`MAX_TOKENS`](sostenuto_g2p::vocabulary::MAX_TOKENS).
    pub phonemes: String,
    /// The boundary that follows.
    pub boundary: Boundary,
    /// Bytes in the source text, counted from the first byte of the utterance.
    pub source: Range<usize>,
    /// Whether a sentence begins with it; else it goes on with the sentence of the fragment before.
    pub begins_sentence: bool,
    /// In order.
    pub words: Vec<PlannedWord>,
    /// The points that the text names, in order.
    pub marks: Vec<PlannedMark>,
}

/// A word of the text, in a fragment: what a word mark is made of.
///
/// Words that were read out of one stretch of the text, such as a number, are one here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedWord {
    /// Bytes in the source text, counted from the first byte of the utterance.
    pub source: Range<usize>,
    /// Bytes in [`Planned::phonemes`].
    pub phonemes: Range<usize>,
}

/// A point that the text names, in a fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedMark {
    /// As the text names it.
    pub name: String,
    /// It stands before this one of [`Planned::words`]; after the last where there is no such word.
    pub word: usize,
}

impl Planned {
    fn append(&mut self, clause: Clause) {
        if !self.phonemes.is_empty() {
            self.phonemes.push(' ');
        }
        let start = self.phonemes.len();
        self.phonemes.push_str(&clause.phonemes);
        self.boundary = clause.boundary;
        self.source.end = clause.source.end;
        let mut marks = clause.marks.into_iter().peekable();
        for (n, word) in clause.words.into_iter().enumerate() {
            let marked = self.mark_before(&mut marks, n);
            self.append_word(word, start, marked);
        }
        self.mark_before(&mut marks, usize::MAX);
    }

    /// Takes the marks up to before word `n` of their clause. Returns whether there were any.
    fn mark_before(
        &mut self,
        marks: &mut std::iter::Peekable<impl Iterator<Item = ClauseMark>>,
        n: usize,
    ) -> bool {
        let count = self.marks.len();
        while let Some(ClauseMark { name, .. }) = marks.next_if(|mark| mark.word <= n) {
            self.marks.push(PlannedMark { name, word: self.words.len() });
        }
        self.marks.len() > count
    }

    /// Appends a word of a clause whose phonemes begin at `start`; one that stands for the same text as the word
    /// before goes on with it, unless a mark stands between.
    fn append_word(&mut self, word: Word, start: usize, marked: bool) {
        let Word { source, phonemes, .. } = word;
        let phonemes = phonemes.start + start..phonemes.end + start;
        match self.words.last_mut() {
            Some(last) if last.source == source && !marked => last.phonemes.end = phonemes.end,
            _ => self.words.push(PlannedWord { source, phonemes }),
        }
    }
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
    in_sentence: bool,
}

impl Planner {
    /// A planner for the beginning of an utterance.
    pub fn new(budget: Budget) -> Self {
        Self { budget, allowed: budget.opening, clauses: VecDeque::new(), in_sentence: false }
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
        self.next_within(last, self.allowed)
    }

    /// As [`next`](Self::next), within another budget than what was planned before allows.
    pub fn next_within(&mut self, last: bool, budget: usize) -> Option<Planned> {
        let count = self.count(last, budget)?;
        let planned = self.take(count);
        self.allowed = (self.allowed * self.budget.growth).min(self.budget.most);
        Some(planned)
    }

    /// How many tokens the fragment has that [`next_within`](Self::next_within) would give.
    pub fn peek(&mut self, last: bool, budget: usize) -> Option<usize> {
        let count = self.count(last, budget)?;
        Some(self.tokens(0, count))
    }

    /// How many tokens each of the next fragments has, `most` of them at most, as far as they are certain, if each is
    /// planned within `budget`.
    pub fn preview(&mut self, last: bool, budget: usize, most: usize) -> Vec<usize> {
        let (mut sizes, mut from) = (Vec::new(), 0);
        while sizes.len() < most {
            let left = self.clauses.len() - from;
            let Some(window) = self.window_from(from).or(last.then_some(left).filter(|&left| left > 0))
            else {
                break;
            };
            let count = join(&self.clauses.make_contiguous()[from..from + window], budget);
            sizes.push(self.tokens(from, count));
            from += count;
        }
        sizes
    }

    /// Cuts the next clause between two words if it has more than `tokens` tokens and that leaves enough on either side.
    /// Returns whether it did.
    pub fn cut(&mut self, tokens: usize) -> bool {
        let Some((first, second)) = self.clauses.front().and_then(|clause| cut(clause, tokens)) else {
            return false;
        };
        self.clauses[0] = second;
        self.clauses.push_front(first);
        true
    }

    /// The budget of the next fragment, in tokens, if nothing but what was planned before decides about it.
    pub fn allowed(&self) -> usize {
        self.allowed
    }

    fn count(&mut self, last: bool, budget: usize) -> Option<usize> {
        let window = self.window().or(last.then_some(self.clauses.len()).filter(|&count| count > 0))?;
        Some(join(&self.clauses.make_contiguous()[..window], budget))
    }

    /// Forgets the utterance and begins the next one.
    pub fn restart(&mut self) {
        self.clauses.clear();
        self.allowed = self.budget.opening;
        self.in_sentence = false;
    }

    /// The clauses among which the next cut is made: those up to the end of the sentence, or, of a long sentence,
    /// those that just exceed the largest budget. `None` while more may belong to them.
    fn window(&self) -> Option<usize> {
        self.window_from(0)
    }

    /// As [`window`](Self::window), the first `from` clauses having been taken.
    fn window_from(&self, from: usize) -> Option<usize> {
        let ends = |n: usize| self.clauses[from + n - 1].boundary >= Boundary::Sentence;
        (1..=self.clauses.len() - from).find(|&n| ends(n) || self.tokens(from, n) > self.budget.most)
    }

    /// Tokens of `count` clauses from the clause `from` on, joined by spaces.
    fn tokens(&self, from: usize, count: usize) -> usize {
        let spaces = count.saturating_sub(1);
        self.clauses.iter().skip(from).take(count).map(Clause::tokens).sum::<usize>() + spaces
    }

    fn take(&mut self, count: usize) -> Planned {
        let start = self.clauses.front().map_or(0, |clause| clause.source.start);
        let mut planned = Planned {
            phonemes: String::new(),
            boundary: Boundary::Word,
            source: start..start,
            begins_sentence: !self.in_sentence,
            words: Vec::new(),
            marks: Vec::new(),
        };
        for clause in self.clauses.drain(..count) {
            planned.append(clause);
        }
        self.in_sentence = planned.boundary < Boundary::Sentence;
        planned
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
    fn a_preview_is_what_is_planned_within_the_same_budget_and_ends_where_more_text_may_count() {
        use Boundary::{Comma, Sentence};
        let mut planner = planner(&[(20, Comma), (20, Comma), (20, Comma), (9, Sentence), (30, Comma)]);
        let seen = planner.preview(false, 32, 8);
        let next = |planner: &mut Planner| planner.next_within(false, 32).map(|p| p.phonemes.chars().count());
        let planned: Vec<usize> = std::iter::from_fn(|| next(&mut planner)).collect();
        assert_eq!((&seen, seen.len()), (&planned, 3));
        assert!(planner.preview(false, 32, 8).is_empty());
        assert_eq!(planner.preview(true, 32, 8), [30]);
        assert!(planner.preview(true, 32, 0).is_empty());
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

    /// A clause of words that sound as they are written, of the text from `from` on.
    fn spoken(text: &str, from: usize, marks: &[(&str, usize)], boundary: Boundary) -> Clause {
        let mut end = 0;
        let words = text.split(' ').map(|word| {
            let range = end..end + word.len();
            end += word.len() + 1;
            Word { source: range.start + from..range.end + from, phonemes: range, reason: Reason::Lexicon }
        });
        Clause {
            source: from..from + text.len(),
            phonemes: text.to_owned(),
            words: words.collect(),
            marks: marks.iter().map(|&(name, word)| ClauseMark { name: name.into(), word }).collect(),
            boundary,
        }
    }

    #[test]
    fn words_lead_from_the_fragment_to_the_text() {
        let mut planner = planner(&[]);
        planner.push(spoken("so it was,", 10, &[], Boundary::Comma));
        planner.push(spoken("and is", 22, &[], Boundary::Sentence));
        let planned = planner.next(true).unwrap();
        assert_eq!((planned.phonemes.as_str(), planned.source.clone()), ("so it was, and is", 10..28));
        let words: Vec<_> = planned
            .words
            .iter()
            .map(|word| (&planned.phonemes[word.phonemes.clone()], word.source.clone()))
            .collect();
        let expected = [("so", 10..12), ("it", 13..15), ("was,", 16..20), ("and", 22..25), ("is", 26..28)];
        assert_eq!(words, expected);
    }

    #[test]
    fn words_that_stand_for_one_stretch_of_the_text_are_one() {
        let mut clause = spoken("nineteen eighty now", 0, &[], Boundary::Sentence);
        clause.words[0].source = 0..4;
        clause.words[1].source = 0..4;
        let mut planner = planner(&[]);
        planner.push(clause);
        let words = planner.next(true).unwrap().words;
        assert_eq!(words[0], PlannedWord { source: 0..4, phonemes: 0..15 });
        assert_eq!(words.len(), 2);
    }

    #[test]
    fn marks_stand_before_the_words_of_the_fragment() {
        let mut planner = planner(&[]);
        planner.push(spoken("so it was,", 0, &[("a", 1), ("b", 3)], Boundary::Comma));
        planner.push(spoken("and is", 11, &[("c", 0), ("d", 2), ("e", 2)], Boundary::Sentence));
        let marks: Vec<_> = planner.next(true).unwrap().marks.into_iter().map(|m| (m.name, m.word)).collect();
        let expected = [("a", 1), ("b", 3), ("c", 3), ("d", 5), ("e", 5)];
        assert_eq!(marks, expected.map(|(name, word)| (name.to_owned(), word)));
    }

    #[test]
    fn only_the_first_fragment_of_a_sentence_begins_it() {
        use Boundary::{Comma, Sentence};
        let mut planner = planner(&[(30, Comma), (60, Comma), (60, Sentence), (9, Sentence)]);
        let begins: Vec<_> =
            std::iter::from_fn(|| planner.next(true)).map(|planned| planned.begins_sentence).collect();
        assert_eq!(begins, [true, false, false, true]);
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
