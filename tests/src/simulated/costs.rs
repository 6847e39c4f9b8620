//! What fragments cost a simulated session, and how long they sound.

use serde::Deserialize;

use crate::Scatter;

/// Recorded by `cost_trace` of the benchmarks.
const FAST: &str = include_str!("../../traces/fast-2.jsonl");
const QUALITY: [&str; 2] =
    [include_str!("../../traces/quality-1.jsonl"), include_str!("../../traces/quality-2.jsonl")];

#[derive(Deserialize)]
struct Line {
    tokens: usize,
    seconds: f64,
    audio_s: f64,
}

/// Costs of one fragment after the other: a line through the tokens, times a ratio that varies.
#[derive(Clone, Debug)]
pub struct Costs {
    c0_s: f64,
    c1_s: f64,
    /// Actual over expected cost, and seconds of audio to a token.
    ratios: Vec<(f64, f64)>,
    next: usize,
}

impl Costs {
    /// Those of the small model as recorded.
    pub fn fast() -> Self {
        Self::recorded(&[FAST])
    }

    /// Those of the large model: as recorded, but scaled, the machine being as fast as `rtf` seconds to a second of
    /// audio on average.
    pub fn quality(rtf: f64) -> Self {
        let recorded = Self::recorded(&QUALITY);
        let lines: Vec<Line> = QUALITY.iter().flat_map(|trace| lines(trace)).collect();
        let (seconds, audio_s) =
            lines.iter().fold((0.0, 0.0), |sum, line| (sum.0 + line.seconds, sum.1 + line.audio_s));
        let factor = rtf * audio_s / seconds;
        Self { c0_s: recorded.c0_s * factor, c1_s: recorded.c1_s * factor, ..recorded }
    }

    /// `c0_s` seconds and `c1_s` more for each token, off by up to the share `spread` to either side.
    pub fn scattered(seed: u64, c0_s: f64, c1_s: f64, spread: f64) -> Self {
        let mut scatter = Scatter::new(seed);
        let mut around = || 1.0 + spread * (2.0 * scatter.share() - 1.0);
        let ratios = (0..97).map(|_| (around(), 0.056 * around())).collect();
        Self { c0_s, c1_s, ratios, next: 0 }
    }

    fn recorded(traces: &[&str]) -> Self {
        let mut ratios = Vec::new();
        let mut all: Vec<[f64; 2]> = Vec::new();
        for trace in traces {
            let lines = lines(trace);
            // What other programs took from the machine differs between the traces, so each has a line of its own.
            let [c0, c1] = fit(&lines);
            all.push([c0, c1]);
            ratios.extend(lines.iter().map(|line| {
                let tokens = line.tokens as f64;
                (line.seconds / (c0 + c1 * tokens), line.audio_s / tokens)
            }));
        }
        let mean = |n: usize| all.iter().map(|line| line[n]).sum::<f64>() / all.len() as f64;
        Self { c0_s: mean(0), c1_s: mean(1), ratios, next: 0 }
    }

    /// Seconds of work and of audio of the next fragment, which has `tokens` tokens.
    pub fn next(&mut self, tokens: usize) -> (f64, f64) {
        let (ratio, per_token) = self.ratios[self.next % self.ratios.len()];
        self.next += 1;
        ((self.c0_s + self.c1_s * tokens as f64) * ratio, per_token * tokens as f64)
    }
}

fn lines(trace: &str) -> Vec<Line> {
    trace.lines().skip(1).filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The line of least squares, its height at no tokens being no less than the cost of one.
fn fit(lines: &[Line]) -> [f64; 2] {
    let count = lines.len() as f64;
    let mean = |value: fn(&Line) -> f64| lines.iter().map(value).sum::<f64>() / count;
    let (tokens, seconds) = (mean(|line| line.tokens as f64), mean(|line| line.seconds));
    let both = mean(|line| line.tokens as f64 * line.seconds) - tokens * seconds;
    let c1 = both / (mean(|line| (line.tokens as f64).powi(2)) - tokens * tokens);
    [(seconds - c1 * tokens).max(c1), c1]
}
