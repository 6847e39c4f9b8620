//! Variants of Kokoro's graph side by side: size, time to load, speed, and how far each speaks from the float graph.
//!
//! Speeds are ratios inside one run: in every round each variant speaks the same sentence once, so that whatever else the
//! machine does befalls all of them.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::graph::agreement::{Agreement, Spoken};
use crate::{
    DEFAULT_VOICE, Fragment, Kokoro, Models, ModelsError, Prosody, SAMPLE_RATE, SessionError, SessionKind,
    Variant,
};

/// "The quick brown fox jumps over the lazy dog, and the dog did not even wake up."
const SENTENCE: &str =
    "ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps ˈOvəɹ ðə lˈAzi dˈɔɡ, ænd ðə dˈɔɡ dˈɪd nˌɑt ˈivən wˈAk ˌʌp.";

/// What is compared, and how often.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The variants, each made where it is not there yet.
    pub variants: Vec<Variant>,
    /// How often each speaks per number of threads, after once to warm up.
    pub rounds: usize,
    /// Numbers of threads.
    pub threads: Vec<usize>,
}

/// What was measured of one variant.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Measured {
    /// Which one.
    pub variant: Variant,
    /// Its file.
    pub path: PathBuf,
    /// The size of its file.
    pub bytes: u64,
    /// How long it takes to load, in s, the shortest of one load per number of threads.
    pub load: f64,
    /// How fast it speaks.
    pub speeds: Vec<Speed>,
    /// How far it speaks from the float graph.
    pub agreement: Agreement,
    /// What it said.
    #[serde(skip)]
    pub samples: Vec<f32>,
}

/// How fast a variant speaks: seconds of work per second of audio.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Speed {
    /// On so many threads.
    pub threads: usize,
    /// In the best round.
    pub best: f64,
    /// In the middle one.
    pub median: f64,
}

/// Compares as `plan` says; `progress` is told what is done next.
///
/// # Errors
/// A variant cannot be made, loaded or run.
pub fn compare(
    models: &Models,
    plan: &Plan,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Measured>, ModelsError> {
    let runtime = models.runtime()?;
    let voice = models.voice(DEFAULT_VOICE, SessionKind::Quality)?;
    let fragment = Fragment { phonemes: SENTENCE.into(), voice, prosody: Prosody::default(), seed: 0 };
    let reference = {
        progress("float: what the others are held against");
        let mut session = Kokoro::load(&runtime, &models.graph(Variant::Float)?, most(&plan.threads))?;
        Spoken::by(&mut session, &fragment).map_err(SessionError::from)?
    };
    let mut measured = Vec::new();
    for &variant in &plan.variants {
        progress(&format!("{variant}: the graph"));
        let path = models.graph(variant)?;
        let unreadable = |source| SessionError::Unreadable { path: path.clone(), source };
        let bytes = std::fs::metadata(&path).map_err(unreadable)?.len();
        let mut session = Kokoro::load(&runtime, &path, most(&plan.threads))?;
        let spoken = Spoken::by(&mut session, &fragment).map_err(SessionError::from)?;
        let agreement = reference.agreement(&spoken);
        let samples = spoken.samples;
        measured.push(Measured {
            variant,
            path,
            bytes,
            load: f64::INFINITY,
            speeds: vec![],
            agreement,
            samples,
        });
    }
    for &threads in &plan.threads {
        let mut sessions = Vec::new();
        for row in &mut measured {
            progress(&format!("{}: loading for {threads} threads", row.variant));
            let start = Instant::now();
            let mut session = Kokoro::load(&runtime, &row.path, threads)?;
            row.load = row.load.min(start.elapsed().as_secs_f64());
            Spoken::by(&mut session, &fragment).map_err(SessionError::from)?;
            sessions.push((session, Vec::new()));
        }
        for round in 0..plan.rounds.max(1) {
            progress(&format!("{threads} threads, round {}", round + 1));
            for (session, times) in &mut sessions {
                let start = Instant::now();
                let spoken = Spoken::by(session, &fragment).map_err(SessionError::from)?;
                times.push((start.elapsed(), spoken.samples.len()));
            }
        }
        for (row, (_, times)) in measured.iter_mut().zip(&sessions) {
            row.speeds.push(speed(threads, times));
        }
    }
    Ok(measured)
}

fn most(threads: &[usize]) -> usize {
    threads.iter().copied().max().unwrap_or(1)
}

fn speed(threads: usize, times: &[(Duration, usize)]) -> Speed {
    let mut ratios: Vec<f64> = times
        .iter()
        .map(|(taken, samples)| taken.as_secs_f64() * f64::from(SAMPLE_RATE) / (*samples).max(1) as f64)
        .collect();
    ratios.sort_by(f64::total_cmp);
    let at = |index: usize| ratios.get(index).copied().unwrap_or(f64::NAN);
    Speed { threads, best: at(0), median: at(ratios.len() / 2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_work_over_audio_best_and_in_the_middle() {
        let times = [3, 1, 2].map(|seconds| (Duration::from_secs(seconds), 2 * SAMPLE_RATE as usize));
        assert_eq!(speed(2, &times), Speed { threads: 2, best: 0.5, median: 1.0 });
    }
}
