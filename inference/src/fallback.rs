//! From the provider that was asked for to the first that speaks.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use crate::{Fragment, Provider, SynthesisError, Synthesizer};

/// How long a provider may take to load a session and speak the test fragment, before the next one is tried.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A test fragment whose loudest sample is below this was not spoken: -60 dBFS.
const SILENCE: f32 = 1e-3;

/// What came out of the test fragment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heard {
    /// The largest magnitude of a sample; NaN where one is not a number.
    pub peak: f32,
}

impl Heard {
    /// Speaks `fragment` to nobody and tells what would have been heard.
    ///
    /// # Errors
    /// Those of [`Synthesizer::synthesize`].
    pub fn from(session: &mut dyn Synthesizer, fragment: &Fragment) -> Result<Self, SynthesisError> {
        let mut peak = 0.0_f32;
        session.synthesize(fragment, &mut |part: &[f32]| {
            peak = part.iter().fold(peak, |peak, sample| {
                // `max` would drop a NaN.
                if peak.is_nan() || sample.is_nan() { f32::NAN } else { peak.max(sample.abs()) }
            });
        })?;
        Ok(Self { peak })
    }
}

/// Why a provider was passed over.
#[derive(Debug)]
pub enum Refusal<E> {
    /// It cannot be loaded, or does not run the model.
    Failed(E),
    /// It did not come back in time. The thread that waits for it is left behind.
    Hung {
        /// How long it was waited for.
        after: Duration,
    },
    /// It speaks what is not a number.
    NotANumber,
    /// It speaks, and nothing is heard.
    Silent,
}

impl<E: fmt::Display> fmt::Display for Refusal<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::Hung { after } => write!(f, "it did not load within {after:?}"),
            Self::NotANumber => f.write_str("it speaks samples that are not numbers"),
            Self::Silent => f.write_str("it speaks silence"),
        }
    }
}

/// Which provider a session runs on, and which ones were asked first.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ProviderReport {
    /// The one that speaks.
    pub used: Provider,
    /// Those that were tried before, and why each was passed over.
    pub refused: Vec<(Provider, String)>,
}

/// Every provider of a chain, and why it was passed over, in order.
pub type AllRefused<E> = Vec<(Provider, Refusal<E>)>;

/// Loads a session on the first of `providers` that speaks.
///
/// `load` loads a session and lets it speak a test fragment. A provider that fails, does not come back within
/// `patience`, or speaks silence or what is not a number is passed over with one line in the log. Each is tried on a
/// thread of its own, which is left behind when it hangs. The last one is not: it runs on the caller's thread and is
/// waited for, because there is nothing to fall back to.
///
/// # Errors
/// All were refused, or there was none; each with its reason, in order.
pub fn first_that_speaks<S, E, L>(
    providers: &[Provider],
    patience: Duration,
    load: L,
) -> Result<(S, ProviderReport), AllRefused<E>>
where
    S: Send + 'static,
    E: fmt::Display + Send + 'static,
    L: Fn(Provider) -> Result<(S, Heard), E> + Send + Sync + 'static,
{
    let load = Arc::new(load);
    let mut refused: AllRefused<E> = Vec::new();
    for (n, &provider) in providers.iter().enumerate() {
        let next = providers.get(n + 1);
        let tried = if next.is_some() { watched(provider, patience, &load) } else { judge(load(provider)) };
        match tried {
            Ok(session) => {
                let refused = refused.iter().map(|(p, r)| (*p, r.to_string())).collect();
                return Ok((session, ProviderReport { used: provider, refused }));
            }
            Err(refusal) => {
                if let Some(next) = next {
                    tracing::warn!("provider {provider} is not used: {refusal}; trying {next}");
                }
                refused.push((provider, refusal));
            }
        }
    }
    Err(refused)
}

/// Loads on a thread of its own, and waits no longer than `patience`.
fn watched<S, E, L>(provider: Provider, patience: Duration, load: &Arc<L>) -> Result<S, Refusal<E>>
where
    S: Send + 'static,
    E: fmt::Display + Send + 'static,
    L: Fn(Provider) -> Result<(S, Heard), E> + Send + Sync + 'static,
{
    let (done, result) = channel();
    let load_there = Arc::clone(load);
    let thread = std::thread::Builder::new().name(format!("load-{provider}")).spawn(move || {
        // Nobody listens once the patience is over.
        let _ = done.send(load_there(provider));
    });
    if thread.is_err() {
        // No thread to be had: better unwatched than not at all.
        return judge(load(provider));
    }
    match result.recv_timeout(patience) {
        Ok(loaded) => judge(loaded),
        // A thread that panicked has said so; to the session it is as one that never comes back.
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            Err(Refusal::Hung { after: patience })
        }
    }
}

/// Whether what was loaded speaks.
pub(crate) fn judge<S, E>(loaded: Result<(S, Heard), E>) -> Result<S, Refusal<E>> {
    match loaded {
        Err(error) => Err(Refusal::Failed(error)),
        Ok((_, Heard { peak })) if !peak.is_finite() => Err(Refusal::NotANumber),
        Ok((_, Heard { peak })) if peak < SILENCE => Err(Refusal::Silent),
        Ok((session, _)) => Ok(session),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Interrupt, PartSink, Prosody, Synthesis, Voice, Voices};

    /// Speaks one sample.
    struct Double(f32);

    impl Synthesizer for Double {
        fn name(&self) -> &'static str {
            "double"
        }

        fn interrupt(&self) -> Interrupt {
            Interrupt::new()
        }

        fn max_parts(&self, _tokens: usize) -> usize {
            1
        }

        fn voices(&self) -> Voices {
            Voices::Every
        }

        fn synthesize(
            &mut self,
            _fragment: &Fragment,
            parts: &mut dyn PartSink,
        ) -> Result<Synthesis, SynthesisError> {
            parts.put(&[0.0, self.0]);
            parts.put(&[0.0]);
            Ok(Synthesis::default())
        }
    }

    fn spoken(sample: f32) -> Result<(Double, Heard), String> {
        let fragment = Fragment {
            phonemes: "hə".into(),
            voice: Arc::new(Voice::named("af_heart")),
            prosody: Prosody::default(),
            seed: 0,
        };
        let mut session = Double(sample);
        let heard = Heard::from(&mut session, &fragment).map_err(|error| error.to_string())?;
        Ok((session, heard))
    }

    /// CUDA does what the test says, the CPU speaks.
    fn after(
        cuda: impl Fn() -> Result<(Double, Heard), String> + Send + Sync + 'static,
        patience: Duration,
    ) -> ProviderReport {
        let load = move |provider| if provider == Provider::Cpu { spoken(0.5) } else { cuda() };
        let (session, report) = first_that_speaks(&[Provider::Cuda, Provider::Cpu], patience, load)
            .map_err(|_| "all refused")
            .unwrap();
        assert_eq!(session.0, 0.5);
        report
    }

    fn fell_back(report: &ProviderReport) -> &str {
        assert_eq!(report.used, Provider::Cpu);
        assert_eq!(report.refused.len(), 1);
        assert_eq!(report.refused[0].0, Provider::Cuda);
        &report.refused[0].1
    }

    #[test]
    fn the_first_that_speaks_is_used_and_the_next_is_never_loaded() {
        let load = |provider| match provider {
            Provider::Cpu => Err("was asked".to_string()),
            _ => spoken(0.5),
        };
        let (_, report) = first_that_speaks(&[Provider::Cuda, Provider::Cpu], PATIENCE, load).ok().unwrap();
        assert_eq!(report, ProviderReport { used: Provider::Cuda, refused: Vec::new() });
    }

    #[test]
    fn a_missing_provider_falls_back_with_its_reason() {
        let report = after(|| Err("no such library".into()), PATIENCE);
        assert_eq!(fell_back(&report), "no such library");
    }

    #[test]
    fn a_provider_that_hangs_is_left_behind() {
        let hanging = || -> Result<(Double, Heard), String> {
            loop {
                std::thread::park();
            }
        };
        let report = after(hanging, Duration::from_millis(5));
        assert_eq!(fell_back(&report), "it did not load within 5ms");
    }

    #[test]
    fn a_provider_whose_load_panics_falls_back() {
        let report = after(|| std::panic::resume_unwind(Box::new("no")), PATIENCE);
        assert_eq!(report.used, Provider::Cpu);
    }

    #[test]
    fn a_provider_that_speaks_no_numbers_or_nothing_falls_back() {
        assert_eq!(
            fell_back(&after(|| spoken(f32::NAN), PATIENCE)),
            "it speaks samples that are not numbers"
        );
        assert_eq!(
            fell_back(&after(|| spoken(f32::INFINITY), PATIENCE)),
            "it speaks samples that are not numbers"
        );
        assert_eq!(fell_back(&after(|| spoken(0.0), PATIENCE)), "it speaks silence");
    }

    #[test]
    fn when_all_are_refused_each_reason_is_told_in_order() {
        let load = |provider| match provider {
            Provider::Cpu => spoken(0.0),
            other => Err(format!("no {other}")),
        };
        let chain = [Provider::TensorRt, Provider::Cuda, Provider::Cpu];
        let refused = first_that_speaks(&chain, PATIENCE, load).err().unwrap();
        let told: Vec<_> =
            refused.iter().map(|(provider, refusal)| format!("{provider}: {refusal}")).collect();
        assert_eq!(told, ["tensorrt: no tensorrt", "cuda: no cuda", "cpu: it speaks silence"]);
    }
}
