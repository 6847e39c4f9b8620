//! What the sessions did, as somebody tells who stands beside them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::thinned::Thinned;
use crate::Fragment;

/// Fragments that are kept.
const MOST: usize = 4_000;

/// What the sessions did since the scenario began.
#[derive(Debug)]
pub(super) struct Ledger(Mutex<Entries>);

#[derive(Clone, Debug)]
struct Entries {
    fragments: Thinned<Fragment>,
    slack_s: Option<f64>,
    cost_s: f64,
    audio_s: f64,
    samples: u64,
    is_sure: bool,
}

/// All that is known of the fragments.
#[derive(Clone, Debug, Default)]
pub(super) struct Spoken {
    /// Each, or every n-th.
    pub(super) fragments: Vec<Fragment>,
    /// Synthesis seconds of all that were spoken.
    pub(super) cost_s: f64,
    /// Their seconds of audio.
    pub(super) audio_s: f64,
}

impl Default for Ledger {
    fn default() -> Self {
        Self(Mutex::new(Entries {
            fragments: Thinned::new(MOST),
            slack_s: None,
            cost_s: 0.0,
            audio_s: 0.0,
            samples: 0,
            is_sure: true,
        }))
    }
}

impl Ledger {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a fragment that a session is done with.
    pub(super) fn enter(&self, fragment: Fragment) {
        let mut entries = self.entries();
        if fragment.audio_s > 0.0 {
            entries.cost_s += fragment.cost_s;
            entries.audio_s += fragment.audio_s;
        }
        entries.slack_s = Some(fragment.slack_s);
        entries.fragments.push(fragment);
    }

    /// A session hands samples out, which are heard unless something goes wrong.
    pub(super) fn hand_out(&self, samples: usize) {
        self.entries().samples += samples as u64;
    }

    /// A fragment was interrupted: what the engine made of the samples that had been handed out nobody knows here.
    pub(super) fn lose_count(&self) {
        self.entries().is_sure = false;
    }

    /// Samples that were handed out and are to be heard; `None` where a fragment was interrupted.
    pub(super) fn samples(&self) -> Option<u64> {
        let entries = self.entries();
        entries.is_sure.then_some(entries.samples)
    }

    /// The slack of the last fragment.
    pub(super) fn slack_s(&self) -> Option<f64> {
        self.entries().slack_s
    }

    /// All that is known of the fragments.
    pub(super) fn spoken(&self) -> Spoken {
        let Entries { fragments, cost_s, audio_s, .. } = self.entries().clone();
        Spoken { fragments: fragments.into_vec(), cost_s, audio_s }
    }
}
