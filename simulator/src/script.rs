//! What is said to a simulated listener, and when.

use sostenuto_g2p::{Boundary, Clause, Reason, Word};

use crate::Scatter;

/// Symbols that a token of text stands for: English runs at about four characters to a token of a language model.
const SYMBOLS_TO_TOKEN: f64 = 4.0;

/// A moment of a script.
#[derive(Clone, Debug)]
pub enum Cue {
    /// From this moment on, in seconds, an utterance of these clauses is there to be spoken.
    Say(f64, Vec<Clause>),
    /// So many seconds after all that was said before has been heard, an utterance of these clauses is there.
    Then(f64, Vec<Clause>),
    /// From this moment on, in seconds, these clauses are typed, at so many tokens of text a second.
    Type(f64, Vec<Clause>, f64),
    /// As [`Then`](Self::Then), but the clauses are typed from then on, at so many tokens of text a second.
    ThenType(f64, Vec<Clause>, f64),
    /// At this moment, in seconds, all that is not yet heard is taken back.
    Stop(f64),
    /// At this moment, in seconds, all that is not yet heard is taken back, and an utterance of these clauses is there.
    BargeIn(f64, Vec<Clause>),
    /// At this moment, in seconds, the text that is being read ends where it is, and none is begun any more; what was
    /// read is still heard.
    Close(f64),
    /// At this moment, in seconds, the sound is held where it is.
    Pause(f64),
    /// At this moment, in seconds, it goes on.
    Resume(f64),
    /// From this moment on, in seconds, speech is played at this rate.
    Rate(f64, f32),
    /// At this moment, in seconds, everything is over, whatever has not been said.
    End(f64),
}

impl Cue {
    /// When it comes, in seconds, or how long after all before it.
    pub fn at(&self) -> f64 {
        match self {
            Self::Say(at, _)
            | Self::Then(at, _)
            | Self::Type(at, ..)
            | Self::ThenType(at, ..)
            | Self::Stop(at)
            | Self::BargeIn(at, _)
            | Self::Close(at)
            | Self::Pause(at)
            | Self::Resume(at)
            | Self::Rate(at, _)
            | Self::End(at) => *at,
        }
    }
}

/// When each of `clauses` is there that are typed from `at` on, at `rate` tokens of text a second.
pub(crate) fn typed(at: f64, clauses: Vec<Clause>, rate: f64) -> impl Iterator<Item = (f64, Clause)> {
    let mut written = 0.0;
    clauses.into_iter().map(move |clause| {
        written += clause.phonemes.chars().count() as f64 + 1.0;
        (at + written / SYMBOLS_TO_TOKEN / rate, clause)
    })
}

/// Articles one after the other, `seconds` in all or a few more at about 60 ms to a token: notices of a sentence,
/// paragraphs, and texts of up to ten minutes, each a second or two after the one before.
pub fn articles(seed: u64, seconds: f64) -> Vec<Cue> {
    let mut scatter = Scatter::new(seed);
    let (mut script, mut total) = (Vec::new(), 0.0);
    while total < seconds {
        // Lengths spread evenly in their logarithm, as those of texts roughly do.
        let long = 4.0 * 150.0_f64.powf(scatter.share());
        let tokens = (long / 0.06) as usize;
        script.push(Cue::Then(1.0 + scatter.share(), text(scatter.number(), tokens, 'a')));
        total += long;
    }
    script
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
