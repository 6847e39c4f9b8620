//! What a scenario's listeners are told, and when, as cues of the simulator.

use sostenuto_engine::g2p::{Boundary, Clause};
use sostenuto_simulator::{Cue, Scatter, text};

use super::seeds::scatter_for;
use crate::{Fault, Scenario, TextSource};

/// Seconds of speech to a token, pauses counted, at least.
const SECONDS_TO_TOKEN: f64 = 0.056;
/// The shortest article, in seconds.
const SHORTEST_ARTICLE: f64 = 4.0;
/// The longest book that is begun again after a stop, in seconds.
const LONGEST_BOOK: f64 = 600.0;

/// What the listener `stream` is told, one thing after the other, and what breaks in on that.
///
/// After the seconds of the scenario no text goes on and none begins; what was read before is heard to its end.
pub(crate) fn scripts(scenario: &Scenario, stream: usize) -> (Vec<Cue>, Vec<Cue>) {
    let breaks = breaks(scenario, stream);
    let beginnings = breaks.len() + refused_seconds(scenario);
    (texts(scenario, stream, beginnings), breaks)
}

/// Texts that last for the whole scenario, at least one more than `beginnings`, because each may be cut short by one.
fn texts(scenario: &Scenario, stream: usize, beginnings: usize) -> Vec<Cue> {
    let mut scatter = scatter_for(scenario.seed, "text", stream);
    let seconds = scenario.sim_seconds * scenario.speech.rate;
    // A second or two between them; where they are stopped they go on a moment later.
    let gap = if stops(scenario) { 0.2 } else { 1.0 };
    match &scenario.text {
        TextSource::Article => {
            let longest = (seconds / 6.0).clamp(20.0, 600.0);
            let (mut script, mut total) = (Vec::new(), 0.0);
            while total < seconds || script.len() <= beginnings {
                // Lengths spread evenly in their logarithm, as those of texts roughly do.
                let long = SHORTEST_ARTICLE * (longest / SHORTEST_ARTICLE).powf(scatter.share());
                let tokens = (long / SECONDS_TO_TOKEN) as usize;
                script.push(Cue::Then(gap * (1.0 + scatter.share()), text(scatter.number(), tokens, 'a')));
                total += long;
            }
            script
        }
        TextSource::Book => {
            let book = |scatter: &mut Scatter, seconds: f64| {
                Cue::Then(0.5, text(scatter.number(), (seconds / SECONDS_TO_TOKEN) as usize, 'a'))
            };
            let mut script = vec![book(&mut scatter, seconds)];
            script.extend((0..beginnings).map(|_| book(&mut scatter, seconds.min(LONGEST_BOOK))));
            script
        }
        TextSource::Typing { tokens_per_s } => {
            // Answers of ten to forty seconds, with a pause between in which a question is asked.
            let count = (seconds / 10.0) as usize + beginnings + 1;
            let answer = |_| {
                let tokens = 180 + scatter.below(540);
                Cue::ThenType(
                    gap * (1.0 + scatter.share()),
                    text(scatter.number(), tokens, 'a'),
                    *tokens_per_s,
                )
            };
            (0..count).map(answer).collect()
        }
        TextSource::Words { per_s } => {
            let count = (scenario.sim_seconds * per_s) as usize;
            let mut word_at = |n: usize| (n as f64 + 0.2 + 0.6 * scatter.share()) / per_s;
            let moments: Vec<f64> = (0..count.max(1)).map(&mut word_at).collect();
            moments.into_iter().map(|at| Cue::Say(at, word(scatter.number()))).collect()
        }
        TextSource::Mixed { .. } => {
            // A sentence lasts a second or more.
            let count = seconds as usize + beginnings + 1;
            (0..count).map(|_| Cue::Then(0.3, sentence(scatter.number()))).collect()
        }
    }
}

/// Whether texts are stopped before they are over.
fn stops(scenario: &Scenario) -> bool {
    scenario.faults.iter().any(|fault| matches!(fault, Fault::StopStorm { .. } | Fault::BargeIn { .. }))
}

/// A word of three to ten phonemes.
fn word(seed: u64) -> Vec<Clause> {
    let long = 3 + Scatter::new(seed).below(8);
    let mut clauses = text(seed, 1, 'a');
    clauses.truncate(1);
    for clause in &mut clauses {
        clause.phonemes = "a".repeat(long);
        clause.words.truncate(1);
        clause.words.iter_mut().for_each(|word| word.phonemes = 0..long);
        clause.source = 0..long;
        clause.boundary = Boundary::Sentence;
    }
    clauses
}

fn sentence(seed: u64) -> Vec<Clause> {
    let mut clauses = text(seed, 1, 'a');
    let ends = clauses.iter().position(|clause| clause.boundary >= Boundary::Sentence);
    clauses.truncate(ends.map_or(clauses.len(), |end| end + 1));
    clauses
}

fn breaks(scenario: &Scenario, stream: usize) -> Vec<Cue> {
    let Scenario { seed, sim_seconds, speech, faults, .. } = scenario;
    let mut cues = vec![Cue::Close(*sim_seconds)];
    if speech.rate != 1.0 {
        cues.push(Cue::Rate(0.0, speech.rate as f32));
    }
    for (n, fault) in faults.iter().enumerate() {
        let mut scatter = scatter_for(*seed, "breaks", stream << 16 | n);
        match *fault {
            Fault::StopStorm { every_s } => {
                cues.extend(storm(&mut scatter, every_s, *sim_seconds).map(|(at, _)| Cue::Stop(at)));
            }
            Fault::BargeIn { every_s } => {
                let cue = |(at, seed): (f64, u64)| Cue::BargeIn(at, sentence(seed));
                cues.extend(storm(&mut scatter, every_s, *sim_seconds).map(cue));
            }
            _ => {}
        }
    }
    cues.sort_by(|a, b| a.at().total_cmp(&b.at()));
    cues
}

/// Moments before `end`, `every` seconds apart on average and at least half of that, each with a number of its own.
fn storm(scatter: &mut Scatter, every: f64, end: f64) -> impl Iterator<Item = (f64, u64)> {
    let mut at = 0.0;
    std::iter::from_fn(move || {
        at += every * (0.5 + scatter.share());
        Some((at, scatter.number()))
    })
    .take_while(move |&(at, _)| at < end)
}

/// For how many seconds utterances may be refused, rounded up: what is refused is not said again.
fn refused_seconds(scenario: &Scenario) -> usize {
    let seconds = |fault: &Fault| match fault {
        Fault::MemoryLimit { for_s, .. } => for_s.min(scenario.sim_seconds).ceil() as usize + 1,
        _ => 0,
    };
    scenario.faults.iter().map(seconds).sum()
}
