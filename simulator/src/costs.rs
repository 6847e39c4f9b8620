//! What fragments cost a simulated session, and how long they sound.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::Scatter;

/// Recorded by `cost_trace` of the benchmarks.
const FAST: &str = include_str!("../traces/fast-2.jsonl");
const QUALITY: [&str; 2] =
    [include_str!("../traces/quality-1.jsonl"), include_str!("../traces/quality-2.jsonl")];
/// Seconds of audio to a token, where nothing was recorded: as Kokoro speaks.
const AUDIO_TO_TOKEN: f64 = 0.056;

/// Why a cost trace cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The file cannot be read: look at its name and its rights.
    #[error("cannot read the cost trace {}: {error}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A line is not as `cost_trace` writes it.
    #[error("{}, line {line}: {error}; each line after the first needs tokens, seconds and audio_s", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Why.
        error: serde_json::Error,
    },
    /// It holds too little to tell a cost: at least two fragments of different sizes are needed.
    #[error("{}: needs fragments of at least two sizes, each with a positive cost and length", path.display())]
    TooLittle {
        /// Which file.
        path: PathBuf,
    },
}

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

    /// Those of the trace in the file at `path`, as `cost_trace` of the benchmarks writes it: JSON lines, of which the
    /// first tells of the machine.
    ///
    /// # Errors
    /// [`TraceError`] where there is none, or where it tells no cost.
    pub fn read(path: &Path) -> Result<Self, TraceError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| TraceError::Read { path: path.to_owned(), error })?;
        let mut costs = Vec::new();
        for (n, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty()) {
            let parsed: Line = serde_json::from_str(line).map_err(|error| TraceError::Line {
                path: path.to_owned(),
                line: n + 1,
                error,
            })?;
            costs.push(parsed);
        }
        let sizes = |line: &Line| line.tokens != costs.first().map_or(0, |first: &Line| first.tokens);
        let sane = |line: &Line| line.tokens > 0 && line.seconds > 0.0 && line.audio_s > 0.0;
        if !costs.iter().any(sizes) || !costs.iter().all(sane) {
            return Err(TraceError::TooLittle { path: path.to_owned() });
        }
        Ok(Self::recorded(&[&text]))
    }

    /// Those of a machine that takes `rtf` seconds to a second of audio, of which a tenth of a second is for any
    /// fragment however short; off by up to a tenth to either side.
    pub fn steady(seed: u64, rtf: f64) -> Self {
        Self::around(seed, rtf, 0.1)
    }

    /// As [`steady`](Self::steady), but off by up to the share `spread` to either side.
    pub fn around(seed: u64, rtf: f64, spread: f64) -> Self {
        // A fragment of 60 tokens, the usual size, costs what it should.
        let c0_s = (0.1 * rtf).min(0.1);
        let c1_s = rtf * AUDIO_TO_TOKEN - c0_s / 60.0;
        Self::scattered(seed, c0_s, c1_s, spread)
    }

    /// As they are, but all work takes `factor` times as long.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self { c0_s: self.c0_s * factor, c1_s: self.c1_s * factor, ..self }
    }

    /// `c0_s` seconds and `c1_s` more for each token, off by up to the share `spread` to either side.
    pub fn scattered(seed: u64, c0_s: f64, c1_s: f64, spread: f64) -> Self {
        let mut scatter = Scatter::new(seed);
        let mut around = || 1.0 + spread * (2.0 * scatter.share() - 1.0);
        let ratios = (0..97).map(|_| (around(), AUDIO_TO_TOKEN * around())).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, text: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("sostenuto-{}-{name}.jsonl", std::process::id()));
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn a_steady_machine_takes_its_share_of_the_audio() {
        for rtf in [0.1, 0.7, 1.2] {
            let mut costs = Costs::steady(1, rtf);
            let (work, audio) = (0..970)
                .map(|_| costs.next(60))
                .fold((0.0, 0.0), |sum, next| (sum.0 + next.0, sum.1 + next.1));
            assert!((work / audio - rtf).abs() < 0.05 * rtf, "{rtf}: {}", work / audio);
        }
    }

    #[test]
    fn a_trace_is_read_as_it_was_written() {
        let lines = "{\"machine\":\"x\"}\n{\"tokens\":10,\"seconds\":0.2,\"audio_s\":0.5}\n\
            {\"tokens\":110,\"seconds\":1.2,\"audio_s\":5.5}\n";
        let path = written("good", lines);
        let mut costs = Costs::read(&path).unwrap();
        let (seconds, audio_s) = costs.next(10);
        assert!((seconds - 0.2).abs() < 1e-9 && (audio_s - 0.5).abs() < 1e-9, "{seconds} {audio_s}");
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_trace_that_tells_no_cost_is_refused_with_its_line() {
        assert!(matches!(Costs::read(Path::new("no such file")), Err(TraceError::Read { .. })));
        let path = written("line", "{}\n{\"tokens\":10,\"seconds\":0.2,\"audio_s\":0.5}\n{}\n");
        assert!(matches!(Costs::read(&path), Err(TraceError::Line { line: 3, .. })));
        std::fs::remove_file(path).unwrap();
        let path = written("little", "{}\n{\"tokens\":10,\"seconds\":0.2,\"audio_s\":0.5}\n");
        assert!(matches!(Costs::read(&path), Err(TraceError::TooLittle { .. })));
        std::fs::remove_file(path).unwrap();
    }
}
