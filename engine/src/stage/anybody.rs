//! Whether any session speaks.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Told by the dispatcher, so that no session does what can wait while another speaks: they share the processor.
#[derive(Default)]
pub(crate) struct Anybody {
    speaks: AtomicBool,
    given: AtomicU64,
}

impl Anybody {
    /// Notes whether any session is at a fragment. That one will be is noted before it is given any.
    pub(crate) fn note(&self, speaks: bool) {
        self.speaks.store(speaks, Ordering::Release);
    }

    /// Notes that a session is about to be given a fragment.
    pub(crate) fn begins(&self) {
        self.given.fetch_add(1, Ordering::Relaxed);
        self.note(true);
    }

    /// How many fragments were given to all sessions: who looks now and then sees by it that one was spoken in between.
    pub(crate) fn given(&self) -> u64 {
        self.given.load(Ordering::Relaxed)
    }

    /// Whether any session is at a fragment.
    pub(crate) fn speaks(&self) -> bool {
        self.speaks.load(Ordering::Acquire)
    }
}
