//! What is said to a simulated listener, and when.

use sostenuto_g2p::{Boundary, Clause, Reason, Word};

use crate::Scatter;

/// A moment of a script.
#[derive(Clone, Debug)]
pub enum Cue {
    /// From this moment on, in seconds, an utterance of these clauses is there to be spoken.
    Say(f64, Vec<Clause>),
    /// At this moment, in seconds, all that is not yet heard is taken back.
    Stop(f64),
}

impl Cue {
    pub(super) fn at(&self) -> f64 {
        match self {
            Self::Say(at, _) | Self::Stop(at) => *at,
        }
    }
}

/// Sentences of one to four clauses with 8 to 70 tokens each, `tokens` or a few more in all, every token `symbol`.
pub fn text(seed: u64, tokens: usize, symbol: char) -> Vec<Clause> {
    let mut scatter = Scatter::new(seed);
    let (mut clauses, mut from) = (Vec::new(), 0);
    while from < tokens {
        let in_sentence = 1 + scatter.below(4);
        for n in 1..=in_sentence {
            let size = 8 + scatter.below(63);
            let boundary = match (n == in_sentence, scatter.below(8)) {
                (true, 0) => Boundary::Paragraph,
                (true, _) => Boundary::Sentence,
                (false, 0..6) => Boundary::Comma,
                (false, _) => Boundary::Clause,
            };
            clauses.push(clause(from, size, boundary, symbol));
            from += size + 1;
        }
    }
    clauses
}

fn clause(from: usize, size: usize, boundary: Boundary, symbol: char) -> Clause {
    // A word in five symbols, a space being one of them.
    let phonemes: String = (0..size).map(|n| if n % 5 == 4 { ' ' } else { symbol }).collect();
    let words = (0..size).step_by(5).map(|at| {
        let end = (at + 4).min(size);
        Word { source: from + at..from + end, phonemes: at..end, reason: Reason::Lexicon }
    });
    Clause { source: from..from + size, words: words.collect(), phonemes, marks: Vec::new(), boundary }
}
