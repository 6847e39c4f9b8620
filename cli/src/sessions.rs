//! Which sessions a command speaks with.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use sostenuto_engine::cost::CostPrior;
use sostenuto_engine::inference::norms::NormsChoice;
use sostenuto_engine::inference::{Form, Models, ModelsError, Provider, SessionKind, SessionOptions};
use sostenuto_engine::{Calibration, LoadError, LoadedSession, Policy, SessionSpec, prior};

use crate::exit::Failure;
use crate::session_args::SessionArgs;

/// Tokens of an ordinary fragment, at which the spread of a calibrated cost is taken.
const ORDINARY: usize = 60;

/// The sessions of an engine that are loaded while it speaks, and what became of those that could not be.
pub(crate) struct Sessions {
    pub(crate) policy: Policy,
    /// Tokens of the opening fragment, where that was calibrated.
    pub(crate) opening: Option<usize>,
    models: Arc<Models>,
    voice: String,
    threads: Option<usize>,
    provider: Option<Provider>,
    form: Option<Form>,
    norms: NormsChoice,
    calibration: Option<Calibration>,
    /// What runs the quality session, once it is loaded.
    loaded: Arc<Mutex<Option<Form>>>,
    failed: Arc<Mutex<Option<ModelsError>>>,
}

/// What runs the quality session, and how it normalises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct SpeaksAs {
    /// `stock`, `native` or `native-int8`.
    pub(crate) form: &'static str,
    /// `exact`, `predicted` or `auto`; nothing where the runtime does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) norms: Option<&'static str>,
}

impl SpeaksAs {
    fn of(form: Form, norms: NormsChoice) -> Self {
        Self { form: form.name(), norms: (form != Form::Stock).then(|| norms.name()) }
    }
}

impl Sessions {
    /// The sessions for `voice` that the arguments ask for, or else the best there are: both where both models are
    /// there and speak the voice to a listener who waits, one otherwise.
    pub(crate) fn choose(models: Models, args: &SessionArgs, voice: &str, listener_waits: bool) -> Self {
        let calibration = if args.no_calibration { None } else { Calibration::here(&models) };
        let policy = match args.session {
            Some(Policy::Hybrid) if !models.has_fast(voice) => {
                tracing::info!(voice, "the voice has no fast model here; the quality session speaks alone");
                Policy::Quality
            }
            Some(Policy::Twin)
                if calibration.as_ref().is_some_and(|c| c.twin.ratio.is_some() && !c.twin.on) =>
            {
                tracing::info!("calibration found no gain in two sessions on this machine; one speaks alone");
                Policy::Quality
            }
            Some(policy) => policy,
            None => match models.best_session(voice) {
                SessionKind::Quality if listener_waits && models.has_fast(voice) => Policy::Hybrid,
                SessionKind::Quality => Policy::Quality,
                SessionKind::Fast => Policy::Fast,
            },
        };
        Self {
            policy,
            opening: calibration.as_ref().map(|calibration| calibration.opening_tokens),
            models: Arc::new(models),
            voice: voice.to_owned(),
            threads: args.threads.map(usize::from),
            provider: args.provider,
            form: args.form.asked(),
            norms: args.norms,
            calibration,
            loaded: Arc::default(),
            failed: Arc::default(),
        }
    }

    /// The models that the sessions are loaded from.
    pub(crate) fn models(&self) -> &Models {
        &self.models
    }

    /// The kind of session that decides which files the voice needs.
    pub(crate) fn voice_kind(&self) -> SessionKind {
        if self.policy == Policy::Fast { SessionKind::Fast } else { SessionKind::Quality }
    }

    /// Sees that the models are here, before anything is begun.
    pub(crate) fn require(&self) -> Result<(), ModelsError> {
        self.policy.kinds().iter().try_for_each(|&kind| self.models.require(kind, &self.voice))
    }

    /// What the engine is to load, the first to speak first.
    pub(crate) fn specs(&self) -> Vec<SessionSpec> {
        self.policy.kinds().iter().map(|&kind| self.spec(kind)).collect()
    }

    /// What each session is asked to run on.
    pub(crate) fn settings(&self) -> impl Iterator<Item = (SessionKind, SessionOptions)> {
        self.policy.kinds().iter().map(|&kind| (kind, self.options(kind)))
    }

    /// What runs the quality session and how it normalises, once it is loaded.
    pub(crate) fn speaks_as(&self) -> Option<SpeaksAs> {
        let form = *self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        form.map(|form| SpeaksAs::of(form, self.norms))
    }

    fn spec(&self, kind: SessionKind) -> SessionSpec {
        let (models, voice, options) = (Arc::clone(&self.models), self.voice.clone(), self.options(kind));
        let (loaded, failed) = (Arc::clone(&self.loaded), Arc::clone(&self.failed));
        SessionSpec {
            kind,
            max_parts: options.max_parts(kind),
            prior: self.prior(kind),
            load: Box::new(move || {
                let ready = models.load(kind, &voice, &options).map_err(|error| {
                    let told = LoadError::from(error.to_string());
                    *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    told
                })?;
                if kind == SessionKind::Quality {
                    *loaded.lock().unwrap_or_else(PoisonError::into_inner) = Some(ready.form);
                }
                Ok(LoadedSession::from(ready))
            }),
        }
    }

    /// As asked for; else as calibrated; else on the CPU with all its cores, which twins share.
    fn options(&self, kind: SessionKind) -> SessionOptions {
        let settled = self.calibration.as_ref().and_then(|calibration| calibration.session(kind));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = match (self.threads.or(settled.map(|s| s.threads)).unwrap_or(cores), self.policy) {
            (threads, Policy::Twin) => (threads / 2).max(1),
            (threads, _) => threads,
        };
        let provider = self.provider.or(settled.map(|s| s.provider)).unwrap_or(Provider::Cpu);
        SessionOptions { provider, form: self.form, norms: self.norms, ..SessionOptions::on_cpu(threads) }
    }

    /// What the session is taken to cost: as calibrated, unless it is now run otherwise.
    fn prior(&self, kind: SessionKind) -> CostPrior {
        let settled = self.calibration.as_ref().and_then(|calibration| calibration.session(kind));
        let as_asked = self.threads.is_none()
            && self.provider.is_none()
            && self.form.is_none()
            && self.policy != Policy::Twin;
        settled.filter(|_| as_asked).map_or(prior(kind), |settled| CostPrior {
            c0_s: settled.cost.c0_s,
            c1_s_per_token: settled.cost.c1_s_per_token,
            spread: settled.cost.spread_s / settled.cost.of(ORDINARY).max(1e-3),
        })
    }

    /// Why a session could not be loaded, if one could not.
    pub(crate) fn failure(&self) -> Option<Failure> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).take().map(Failure::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_native_form_has_norms_to_choose() {
        let of = |form| SpeaksAs::of(form, NormsChoice::Auto);
        assert_eq!(of(Form::Stock), SpeaksAs { form: "stock", norms: None });
        assert_eq!(of(Form::NativeInt8), SpeaksAs { form: "native-int8", norms: Some("auto") });
    }
}
