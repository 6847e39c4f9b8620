//! Runs sessions against each other on this machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use sostenuto_inference::assets::AssetError;
use sostenuto_inference::{
    Chosen, DEFAULT_VOICE, Fragment, Models, ModelsError, Prosody, Provider, SessionKind, SessionOptions,
    SynthesisError, Synthesizer, Voice,
};

use super::{Calibration, Cost, CostPoint, Key, SessionSettings, Twin};

/// "The lamps along the river were lit one by one, and the water carried their light ..." in US English: fragments of
/// all lengths are cut from it.
const TEXT: &str = "ðə lˈæmps əlˈɔŋ ðə ɹˈɪvəɹ wɜɹ lˈɪt wˈʌn bI wˈʌn, ænd ðə wˈɔTəɹ kˈæɹid ðɛɹ lˈIt dˌWn tə ðə \
     sˈi, wˌɛɹ ðə lˈæst ʃˈɪps wɜɹ kˈʌmɪŋ hˈOm.";
/// Symbols of a clause, for everything that is not about length.
const CLAUSE: usize = 40;
/// Clauses that one session and two sessions speak.
const CLAUSES: usize = 6;
/// More threads must save this much, or fewer are taken: they leave cores to others.
const WORTH_A_THREAD: f64 = 0.97;

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thoroughness {
    /// The fewest runs that tell something.
    Quick,
    /// Enough to see through a machine that is not quite idle.
    Full,
}

impl Thoroughness {
    fn runs(self) -> usize {
        match self {
            Self::Quick => 2,
            Self::Full => 4,
        }
    }

    fn lengths(self) -> &'static [usize] {
        match self {
            Self::Quick => &[4, 25, 60],
            Self::Full => &[4, 12, 25, 50, 90],
        }
    }

    /// Every number of threads, or the ends of the range.
    fn threads(self, cores: usize) -> Vec<usize> {
        match self {
            Self::Quick if cores > 2 => vec![1, cores / 2, cores],
            _ => (1..=cores).collect(),
        }
    }
}

/// One result, told as soon as it is there.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// A session that is not measured, and why.
    Skipped {
        /// Which one.
        session: SessionKind,
        /// Why not.
        reason: String,
    },
    /// A provider that the session does not run on, and why.
    Refused {
        /// Which session.
        session: SessionKind,
        /// Which provider.
        provider: Provider,
        /// Why not.
        reason: String,
    },
    /// Which form of the quality session was found to be the fastest that says the same.
    Form(Chosen),
    /// The best of some runs of one clause.
    Setting {
        /// Which session.
        session: SessionKind,
        /// Where it ran.
        provider: Provider,
        /// On how many threads.
        threads: usize,
        /// Loading and the test fragment, in seconds.
        load_s: f64,
        /// Inference, in seconds.
        seconds: f64,
        /// Inference over audio.
        rtf: f64,
    },
    /// One length, with the setting that was best.
    Length {
        /// Which session.
        session: SessionKind,
        /// Tokens, and the best of some runs.
        point: CostPoint,
    },
    /// One session with all threads against two with half each.
    Twin {
        /// Which session.
        session: SessionKind,
        /// What the one took for all clauses, in seconds.
        one_s: f64,
        /// What the two took.
        two_s: f64,
    },
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrateError {
    /// Fetch the assets.
    #[error("no session can be measured: {0}")]
    NoSession(String),
    /// The program was built with a broken manifest.
    #[error(transparent)]
    Asset(#[from] AssetError),
    /// A session failed in the middle.
    #[error(transparent)]
    Model(#[from] ModelsError),
    /// A session failed in the middle.
    #[error(transparent)]
    Synthesis(#[from] SynthesisError),
}

/// Measures everything, and tells each result to `tell` on the way.
///
/// The best of some runs is taken each time, because what disturbs a run only ever adds to it. Takes minutes; the
/// machine had better be otherwise idle.
///
/// # Errors
/// No session can be loaded, or one fails in the middle.
pub fn measure(
    models: &Models,
    thoroughness: Thoroughness,
    tell: &mut dyn FnMut(&Measured),
) -> Result<Calibration, CalibrateError> {
    let key = Key::here(models)?;
    let mut bench = Bench { models, thoroughness, cores: key.cores, tell };
    let (mut reasons, mut settled) = (Vec::new(), Vec::new());
    for kind in [SessionKind::Fast, SessionKind::Quality] {
        match bench.settle(kind) {
            Ok(result) => settled.push((kind, result)),
            Err(CalibrateError::Model(error)) => {
                (bench.tell)(&Measured::Skipped { session: kind, reason: error.to_string() });
                reasons.push(format!("{kind}: {error}"));
            }
            Err(error) => return Err(error),
        }
    }
    // The last one is the dearest, which decides when the next fragment is there.
    let Some((dearest, (settings, points))) = settled.last() else {
        return Err(CalibrateError::NoSession(reasons.join("; ")));
    };
    let twin = Twin::by(bench.twin(*dearest, settings)?);
    let of = |kind| settled.iter().find(|(k, _)| *k == kind).map(|(_, (settings, _))| *settings);
    Ok(Calibration {
        key,
        quality: of(SessionKind::Quality),
        fast: of(SessionKind::Fast),
        twin,
        opening_tokens: settings.cost.opening_tokens(points),
    })
}

type Settled = (SessionSettings, Vec<CostPoint>);

struct Bench<'a> {
    models: &'a Models,
    thoroughness: Thoroughness,
    cores: usize,
    tell: &'a mut dyn FnMut(&Measured),
}

impl Bench<'_> {
    /// The best setting of a session, and its cost.
    fn settle(&mut self, kind: SessionKind) -> Result<Settled, CalibrateError> {
        let voice = self.models.voice(DEFAULT_VOICE, kind)?;
        // Before the files are made, so that they are those of the form that speaks.
        if kind == SessionKind::Quality {
            let chosen = self.models.choose_form(true)?;
            (self.tell)(&Measured::Form(chosen));
        }
        // Made here, so that it does not count as loading.
        self.models.prepare(kind)?;
        let mut trials = Vec::new();
        for provider in Provider::built() {
            for threads in self.thoroughness.threads(self.cores) {
                let Some(seconds) = self.setting(kind, provider, threads, &voice)? else { break };
                trials.push((provider, threads, seconds));
            }
        }
        let Some((provider, threads)) = best(&trials) else {
            return Err(CalibrateError::NoSession(format!("{kind}: no provider runs it")));
        };
        let mut session = self.models.load(kind, DEFAULT_VOICE, &options(provider, threads))?.session;
        let (mut points, mut bests) = (Vec::new(), Vec::new());
        for &tokens in self.thoroughness.lengths() {
            let runs = runs(session.as_mut(), &voice, tokens, self.thoroughness.runs())?;
            points.extend_from_slice(&runs);
            let point = quickest(&runs);
            (self.tell)(&Measured::Length { session: kind, point });
            bests.push(point);
        }
        // The line through what each length takes undisturbed, the spread from all that happened.
        let cost = Cost::fit(&bests).zip(Cost::fit(&points));
        let Some((line, all)) = cost else {
            return Err(CalibrateError::NoSession(format!("{kind}: nothing was measured")));
        };
        let cost = Cost { spread_s: all.spread_s, ..line };
        Ok((SessionSettings { provider, threads, cost }, bests))
    }

    /// What one clause takes; `None` where the provider does not run the session.
    fn setting(
        &mut self,
        kind: SessionKind,
        provider: Provider,
        threads: usize,
        voice: &Arc<Voice>,
    ) -> Result<Option<f64>, CalibrateError> {
        let start = Instant::now();
        let ready = self.models.load(kind, DEFAULT_VOICE, &options(provider, threads))?;
        let load_s = start.elapsed().as_secs_f64();
        if ready.report.used != provider {
            let reason =
                ready.report.refused.into_iter().next().map_or_else(String::new, |(_, reason)| reason);
            (self.tell)(&Measured::Refused { session: kind, provider, reason });
            return Ok(None);
        }
        let mut session = ready.session;
        let point = quickest(&runs(session.as_mut(), voice, CLAUSE, self.thoroughness.runs())?);
        let (seconds, rtf) = (point.seconds, point.seconds / point.audio_s);
        (self.tell)(&Measured::Setting { session: kind, provider, threads, load_s, seconds, rtf });
        Ok(Some(seconds))
    }

    /// The total time of two sessions over that of one, for the same clauses.
    fn twin(&mut self, kind: SessionKind, settings: &SessionSettings) -> Result<Option<f64>, CalibrateError> {
        if self.cores < 2 {
            return Ok(None);
        }
        let voice = self.models.voice(DEFAULT_VOICE, kind)?;
        let load = |threads| {
            self.models
                .load(kind, DEFAULT_VOICE, &options(settings.provider, threads))
                .map(|ready| ready.session)
        };
        let mut one = [load(self.cores)?];
        let mut two = [load(self.cores / 2)?, load(self.cores.div_ceil(2))?];
        let (mut one_s, mut two_s) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..self.thoroughness.runs() / 2 {
            one_s = one_s.min(together(&mut one, &voice)?);
            two_s = two_s.min(together(&mut two, &voice)?);
        }
        (self.tell)(&Measured::Twin { session: kind, one_s, two_s });
        Ok(Some(two_s / one_s))
    }
}

fn options(provider: Provider, threads: usize) -> SessionOptions {
    SessionOptions { provider, ..SessionOptions::on_cpu(threads) }
}

fn fragment(voice: &Arc<Voice>, tokens: usize) -> Fragment {
    Fragment {
        phonemes: TEXT.chars().cycle().take(tokens).collect(),
        voice: Arc::clone(voice),
        prosody: Prosody::default(),
        seed: 0,
    }
}

fn runs(
    session: &mut dyn Synthesizer,
    voice: &Arc<Voice>,
    tokens: usize,
    count: usize,
) -> Result<Vec<CostPoint>, SynthesisError> {
    let fragment = fragment(voice, tokens);
    let run = |_| {
        let start = Instant::now();
        let synthesis = session.synthesize(&fragment, &mut |_: &[f32]| {})?;
        let seconds = start.elapsed().as_secs_f64();
        let samples: u32 = synthesis.durations.iter().sum();
        Ok(CostPoint {
            tokens,
            seconds,
            audio_s: f64::from(samples) / f64::from(sostenuto_inference::SAMPLE_RATE),
        })
    };
    (0..count).map(run).collect()
}

fn quickest(runs: &[CostPoint]) -> CostPoint {
    let nothing = CostPoint { tokens: 0, seconds: f64::INFINITY, audio_s: 0.0 };
    runs.iter().fold(nothing, |best, run| if run.seconds < best.seconds { *run } else { best })
}

/// How long `sessions` take for [`CLAUSES`] clauses of growing length, each taking the next when it is free.
fn together(sessions: &mut [Box<dyn Synthesizer>], voice: &Arc<Voice>) -> Result<f64, SynthesisError> {
    let next = AtomicUsize::new(0);
    let start = Instant::now();
    let work = |session: &mut Box<dyn Synthesizer>| -> Result<(), SynthesisError> {
        loop {
            let clause = next.fetch_add(1, Ordering::Relaxed);
            if clause >= CLAUSES {
                return Ok(());
            }
            session.synthesize(&fragment(voice, CLAUSE / 2 + clause * 4), &mut |_: &[f32]| {})?;
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = sessions.iter_mut().map(|session| scope.spawn(|| work(session))).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    Ok(start.elapsed().as_secs_f64())
}

/// The quickest of `trials` (provider, threads, seconds), or one with fewer threads that is hardly slower.
fn best(trials: &[(Provider, usize, f64)]) -> Option<(Provider, usize)> {
    let quickest = trials.iter().map(|trial| trial.2).fold(f64::INFINITY, f64::min);
    let good_enough = trials.iter().filter(|trial| trial.2 * WORTH_A_THREAD <= quickest);
    good_enough.min_by_key(|trial| trial.1).map(|trial| (trial.0, trial.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_saves_next_to_nothing_is_not_taken() {
        let trials = [(Provider::Cpu, 1, 1.0), (Provider::Cpu, 2, 0.6), (Provider::Cpu, 3, 0.59)];
        assert_eq!(best(&trials), Some((Provider::Cpu, 2)));
        assert_eq!(best(&[(Provider::Cpu, 1, 1.0), (Provider::Cuda, 1, 0.1)]), Some((Provider::Cuda, 1)));
        assert_eq!(best(&[]), None);
    }

    #[test]
    fn every_length_that_is_measured_can_be_spoken() {
        for &tokens in Thoroughness::Full.lengths() {
            let fragment = fragment(&Arc::new(Voice::named(DEFAULT_VOICE)), tokens);
            assert_eq!(fragment.phonemes.chars().count(), tokens);
            assert!(
                fragment.phonemes.chars().all(|symbol| sostenuto_g2p::vocabulary::token_id(symbol).is_some())
            );
        }
    }

    #[test]
    fn the_least_and_the_most_threads_are_always_tried() {
        for cores in 1..=9 {
            for thoroughness in [Thoroughness::Quick, Thoroughness::Full] {
                let threads = thoroughness.threads(cores);
                assert_eq!((threads.first(), threads.last()), (Some(&1), Some(&cores)));
            }
        }
    }
}
