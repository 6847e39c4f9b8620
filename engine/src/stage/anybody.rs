//! Whether any session speaks.

use std::sync::atomic::{AtomicBool, Ordering};

/// Told by the dispatcher, so that no session does what can wait while another speaks: they share the processor.
#[derive(Default)]
pub(crate) struct Anybody {
    speaks: AtomicBool,
}

impl Anybody {
    /// Notes whether any session is at a fragment. That one will be is noted before it is given any.
    pub(crate) fn note(&self, speaks: bool) {
        self.speaks.store(speaks, Ordering::Release);
    }

    /// Whether any session is at a fragment.
    pub(crate) fn speaks(&self) -> bool {
        self.speaks.load(Ordering::Acquire)
    }
}
