//! What is known of the sessions, for statistics.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionState {
    /// It is being loaded.
    Loading,
    /// It speaks, or is ready to.
    Ready,
    /// It was given up on: it does not let go of a fragment.
    Hanging,
    /// It could not be loaded.
    Failed,
}

/// What is known of a session.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SessionStats {
    /// `quality` or `fast`.
    pub session: &'static str,
    /// Where it stands.
    pub state: SessionState,
    /// The provider that runs it; `None` until it is loaded, or where it has none.
    pub provider: Option<String>,
    /// Providers that were passed over, because they were missing, hung or did not speak.
    pub fallbacks: u64,
    /// What loading it added to the resident memory, in megabytes (10^6 bytes).
    pub memory_mb: f64,
    /// Milliseconds from the engine's start until it was ready.
    pub ready_ms: Option<f64>,
    /// Fragments that it spoke.
    pub fragments: u64,
    /// Fragments that it was too slow for.
    pub timeouts: u64,
    /// Fragments that were taken from it, because it was late, and spoken by another session.
    pub taken_over: u64,
    /// What a fragment costs before its first token, in milliseconds, as learnt so far.
    pub cost_ms: f64,
    /// What a token costs, in milliseconds, as learnt so far.
    pub cost_per_token_ms: f64,
    /// How far the cost of a fragment goes beyond what is expected in one case of twenty, as a factor.
    pub residual_q95: f64,
}

impl SessionStats {
    /// Whether it is at a fragment that it will not let go of.
    pub(crate) fn hangs(&self) -> bool {
        self.state == SessionState::Hanging
    }
}

/// Where the dispatcher shows what it knows of the sessions.
#[derive(Debug, Default)]
pub(crate) struct SessionBoard {
    sessions: Mutex<Vec<SessionStats>>,
}

impl SessionBoard {
    /// A board of sessions that are being loaded.
    pub(crate) fn new(sessions: Vec<SessionStats>) -> Self {
        Self { sessions: Mutex::new(sessions) }
    }

    /// Shows what is known of session `index` now.
    pub(crate) fn show(&self, index: usize, stats: SessionStats) {
        if let Some(shown) = self.shown().get_mut(index) {
            *shown = stats;
        }
    }

    /// What is known of every session.
    pub(crate) fn read(&self) -> Vec<SessionStats> {
        self.shown().clone()
    }

    fn shown(&self) -> MutexGuard<'_, Vec<SessionStats>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
