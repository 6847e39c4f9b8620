//! Wakes a stage that sleeps because it had nothing to do.

use std::sync::Arc;
use std::sync::OnceLock;
use std::thread::{self, Thread};

/// Wakes one thread; may be handed around before that thread exists.
///
/// A wake is never lost: one that comes while the thread is awake makes its next sleep end at once. The device's
/// callback must not use it: waking a sleeper is a system call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waker {
    thread: Arc<OnceLock<Thread>>,
}

impl Waker {
    /// Makes the calling thread the one that is woken.
    pub(crate) fn adopt_current_thread(&self) {
        // Only the thread that owns the waker calls this, once.
        let _ = self.thread.set(thread::current());
    }

    /// Ends the thread's sleep, or its next one.
    pub(crate) fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }
}
