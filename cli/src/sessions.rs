//! Which sessions a command speaks with.

use std::sync::{Arc, Mutex, PoisonError};

use sostenuto_engine::inference::{Models, ModelsError, SessionKind};
use sostenuto_engine::{LoadError, Policy, SessionSpec, prior};

use crate::exit::Failure;

/// The sessions of an engine that are loaded while it speaks, and what became of those that could not be.
pub(crate) struct Sessions {
    pub(crate) policy: Policy,
    models: Arc<Models>,
    voice: String,
    threads: usize,
    failed: Arc<Mutex<Option<ModelsError>>>,
}

impl Sessions {
    /// The sessions for `voice`, as `asked` for, or else the best there are: both where both models are there and
    /// speak the voice to a listener who waits, one otherwise.
    pub(crate) fn choose(
        models: Models,
        asked: Option<Policy>,
        voice: &str,
        threads: usize,
        listener_waits: bool,
    ) -> Self {
        let policy = match asked {
            Some(Policy::Hybrid) if !models.has_fast(voice) => {
                tracing::info!(voice, "the voice has no fast model here; the quality session speaks alone");
                Policy::Quality
            }
            Some(policy) => policy,
            None => match models.best_session(voice) {
                SessionKind::Quality if listener_waits && models.has_fast(voice) => Policy::Hybrid,
                SessionKind::Quality => Policy::Quality,
                SessionKind::Fast => Policy::Fast,
            },
        };
        let failed = Arc::default();
        Self { policy, models: Arc::new(models), voice: voice.to_owned(), threads, failed }
    }

    /// The models that the sessions are loaded from.
    pub(crate) fn models(&self) -> &Models {
        &self.models
    }

    /// The kind of session that decides which files the voice needs.
    pub(crate) fn voice_kind(&self) -> SessionKind {
        if self.policy == Policy::Fast { SessionKind::Fast } else { SessionKind::Quality }
    }

    /// What the engine is to load, the first to speak first.
    pub(crate) fn specs(&self) -> Vec<SessionSpec> {
        let kinds: &[SessionKind] = match self.policy {
            Policy::Quality => &[SessionKind::Quality],
            Policy::Fast => &[SessionKind::Fast],
            Policy::Hybrid => &[SessionKind::Fast, SessionKind::Quality],
            Policy::Twin => &[SessionKind::Quality, SessionKind::Quality],
        };
        kinds.iter().map(|&kind| self.spec(kind)).collect()
    }

    fn spec(&self, kind: SessionKind) -> SessionSpec {
        let (models, voice, threads) = (Arc::clone(&self.models), self.voice.clone(), self.threads);
        let failed = Arc::clone(&self.failed);
        SessionSpec {
            kind,
            max_parts: kind.max_parts(),
            prior: prior(kind),
            load: Box::new(move |_| {
                models.session(kind, &voice, threads).map_err(|error| {
                    let told = LoadError::from(error.to_string());
                    *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    told
                })
            }),
        }
    }

    /// Why a session could not be loaded, if one could not.
    pub(crate) fn failure(&self) -> Option<Failure> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).take().map(Failure::from)
    }
}
