//! Variants of Kokoro's graph and the native forms side by side: size, time to load, speed, and how far each speaks from
//! the float graph.
//!
//! Speeds are ratios inside one run: in every round each variant speaks the same sentence once, so that whatever else the
//! machine does befalls all of them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

use crate::graph::agreement::{Agreement, Spoken};
use crate::kernels::Isa;
use crate::loading::test_fragment;
use crate::native::NativeSource;
use crate::{
    DEFAULT_VOICE, Form, Kokoro, Models, ModelsError, Runtime, SAMPLE_RATE, SessionError, SessionKind,
    SessionOptions, Synthesizer, Trim, UnknownVariant, Variant,
};

/// "The quick brown fox jumps over the lazy dog, and the dog did not even wake up."
const SENTENCE: &str =
    "ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps ˈOvəɹ ðə lˈAzi dˈɔɡ, ænd ðə dˈɔɡ dˈɪd nˌɑt ˈivən wˈAk ˌʌp.";

/// Something that speaks as Kokoro.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The runtime, by this variant of the graph.
    Graph(Variant),
    /// The runtime and our own generator.
    Native,
    /// As [`Native`](Self::Native), in integers; where the processor has products of them.
    NativeInt8,
}

impl Speaker {
    /// Every variant, and the native forms that speak here.
    pub fn all() -> impl Iterator<Item = Self> {
        let int8 = Isa::best().has_int8().then_some(Self::NativeInt8);
        Variant::ALL.into_iter().map(Self::Graph).chain([Self::Native]).chain(int8)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Graph(variant) => variant.name(),
            Self::Native => Form::Native.name(),
            Self::NativeInt8 => Form::NativeInt8.name(),
        }
    }
}

impl fmt::Display for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Speaker {
    type Err = UnknownVariant;

    fn from_str(name: &str) -> Result<Self, UnknownVariant> {
        let native = [Self::Native, Self::NativeInt8].into_iter().find(|native| native.name() == name);
        native.map_or_else(|| name.parse().map(Self::Graph), Ok)
    }
}

impl serde::Serialize for Speaker {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What is compared, and how often.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Who speaks, from files that are made where they are not there yet.
    pub speakers: Vec<Speaker>,
    /// How often each speaks per number of threads, after once to warm up.
    pub rounds: usize,
    /// Numbers of threads.
    pub threads: Vec<usize>,
}

/// What was measured of one speaker.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Measured {
    /// Which one.
    #[serde(rename = "variant")]
    pub speaker: Speaker,
    /// Its files.
    pub paths: Vec<PathBuf>,
    /// Their size.
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

/// How fast one speaks: seconds of work per second of audio.
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
/// One cannot be made, loaded or run.
pub fn compare(
    models: &Models,
    plan: &Plan,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Measured>, ModelsError> {
    let runtime = models.runtime()?;
    let fragment = test_fragment(SENTENCE, &models.voice(DEFAULT_VOICE, SessionKind::Quality)?);
    let reference = {
        progress("float: what the others are held against");
        let mut session = load(models, &runtime, Speaker::Graph(Variant::Float), most(&plan.threads))?;
        Spoken::by(session.as_mut(), &fragment).map_err(SessionError::from)?
    };
    let mut measured = Vec::new();
    for &speaker in &plan.speakers {
        progress(&format!("{speaker}: its files"));
        let mut session = load(models, &runtime, speaker, most(&plan.threads))?;
        let spoken = Spoken::by(session.as_mut(), &fragment).map_err(SessionError::from)?;
        let paths = match speaker {
            Speaker::Graph(variant) => vec![models.graph(variant)?],
            Speaker::Native | Speaker::NativeInt8 => NativeSource::of(models)?.paths(),
        };
        let bytes = paths.iter().map(|path| size(path)).sum::<Result<u64, SessionError>>()?;
        let agreement = reference.agreement(&spoken);
        let (load, samples) = (f64::INFINITY, spoken.samples);
        measured.push(Measured { speaker, paths, bytes, load, speeds: vec![], agreement, samples });
    }
    for &threads in &plan.threads {
        let mut sessions = Vec::new();
        for row in &mut measured {
            progress(&format!("{}: loading for {threads} threads", row.speaker));
            let start = Instant::now();
            let mut session = load(models, &runtime, row.speaker, threads)?;
            row.load = row.load.min(start.elapsed().as_secs_f64());
            Spoken::by(session.as_mut(), &fragment).map_err(SessionError::from)?;
            sessions.push((session, Vec::new()));
        }
        for round in 0..plan.rounds.max(1) {
            progress(&format!("{threads} threads, round {}", round + 1));
            for (session, times) in &mut sessions {
                let start = Instant::now();
                let spoken = Spoken::by(session.as_mut(), &fragment).map_err(SessionError::from)?;
                times.push((start.elapsed(), spoken.samples.len()));
            }
        }
        for (row, (_, times)) in measured.iter_mut().zip(&sessions) {
            row.speeds.push(speed(threads, times));
        }
    }
    Ok(measured)
}

/// A session that does not trim.
fn load(
    models: &Models,
    runtime: &Runtime,
    speaker: Speaker,
    threads: usize,
) -> Result<Box<dyn Synthesizer>, ModelsError> {
    Ok(match speaker {
        Speaker::Graph(variant) => {
            let mut session = Kokoro::load(runtime, &models.graph(variant)?, threads)?;
            session.set_trim(Trim::Off);
            Box::new(session)
        }
        Speaker::Native | Speaker::NativeInt8 => {
            let form = if speaker == Speaker::Native { Form::Native } else { Form::NativeInt8 };
            let options = SessionOptions { form: Some(form), ..SessionOptions::on_cpu(threads) };
            let mut session = NativeSource::of(models)?.open(&options)?;
            session.set_trim(Trim::Off);
            Box::new(session)
        }
    })
}

fn size(path: &Path) -> Result<u64, SessionError> {
    let metadata = std::fs::metadata(path);
    metadata
        .map(|metadata| metadata.len())
        .map_err(|source| SessionError::Unreadable { path: path.into(), source })
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
    fn every_speaker_is_found_by_its_name() {
        for speaker in Speaker::all() {
            assert_eq!(speaker.to_string().parse(), Ok(speaker));
        }
        assert!("stock".parse::<Speaker>().is_err());
    }

    #[test]
    fn speed_is_work_over_audio_best_and_in_the_middle() {
        let times = [3, 1, 2].map(|seconds| (Duration::from_secs(seconds), 2 * SAMPLE_RATE as usize));
        assert_eq!(speed(2, &times), Speed { threads: 2, best: 0.5, median: 1.0 });
    }
}
