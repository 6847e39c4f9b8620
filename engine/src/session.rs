//! A session as its engine is told of it.

use sostenuto_inference::{ProviderReport, Ready, SessionKind, Synthesizer};

use crate::LoadError;
use crate::cost::CostPrior;

/// Loads a session, on the session's own thread.
pub type LoadSession = Box<dyn FnOnce() -> Result<LoadedSession, LoadError> + Send + 'static>;

/// A session that is ready to speak, and where it runs.
pub struct LoadedSession {
    /// The session.
    pub session: Box<dyn Synthesizer>,
    /// Which provider runs it, and which were passed over.
    pub report: Option<ProviderReport>,
}

impl From<Ready> for LoadedSession {
    fn from(ready: Ready) -> Self {
        Self { session: ready.session, report: Some(ready.report) }
    }
}

/// What a session is taken to cost until it has spoken: about what two threads of a server's cores take, on the slow
/// side, so that the first promises are kept.
pub fn prior(kind: SessionKind) -> CostPrior {
    match kind {
        SessionKind::Quality => CostPrior { c0_s: 0.1, c1_s_per_token: 0.045, spread: 0.25 },
        SessionKind::Fast => CostPrior { c0_s: 0.01, c1_s_per_token: 0.001, spread: 0.25 },
    }
}

/// A session that an engine is to have.
pub struct SessionSpec {
    /// The model that it runs.
    pub kind: SessionKind,
    /// The most parts that it hands a fragment out in.
    pub max_parts: usize,
    /// What is known of its cost before it has spoken.
    pub prior: CostPrior,
    /// Makes it ready to speak.
    pub load: LoadSession,
}

impl SessionSpec {
    /// A session that is ready.
    pub fn ready(kind: SessionKind, session: Box<dyn Synthesizer>) -> Self {
        let max_parts = session.max_parts(sostenuto_g2p::vocabulary::MAX_TOKENS);
        Self {
            kind,
            max_parts,
            prior: prior(kind),
            load: Box::new(|| Ok(LoadedSession { session, report: None })),
        }
    }
}
