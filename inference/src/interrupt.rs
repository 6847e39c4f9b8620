//! Ends an inference that is running, from another thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

type Hook = Box<dyn Fn(bool) + Send>;

/// A switch that stops the fragment a session is working on.
///
/// One per session, shared by the session and whoever may stop it. A session tells it how to end its running
/// inference with [`Interrupt::on_change`], looks at [`Interrupt::is_raised`] between parts, and answers a raised
/// interrupt with [`SynthesisError::Interrupted`](crate::SynthesisError::Interrupted). It stays raised until
/// [`Interrupt::clear`], so the owner decides which fragment a stop is meant for. It does not wait for the session
/// to notice.
#[derive(Clone, Default)]
pub struct Interrupt {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    raised: AtomicBool,
    hook: Mutex<Option<Hook>>,
}

impl Interrupt {
    /// An interrupt that is not raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what else happens when the interrupt is raised (`true`) or cleared (`false`), for a runtime that has
    /// its own means to end a run.
    pub fn on_change(&self, hook: impl Fn(bool) + Send + 'static) {
        *self.shared.hook.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(hook));
    }

    /// Asks the session to drop what it is doing.
    pub fn raise(&self) {
        self.set(true);
    }

    /// Takes the request back, before the next fragment starts.
    pub fn clear(&self) {
        self.set(false);
    }

    /// Whether the running fragment is to be dropped.
    pub fn is_raised(&self) -> bool {
        self.shared.raised.load(Ordering::Acquire)
    }

    fn set(&self, raised: bool) {
        // Held over both steps, so that a raise and a clear at the same time leave flag and runtime in agreement.
        let hook = self.shared.hook.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.raised.store(raised, Ordering::Release);
        if let Some(hook) = hook.as_ref() {
            hook(raised);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn stays_raised_until_it_is_cleared() {
        let interrupt = Interrupt::new();
        let seen_by_session = interrupt.clone();
        interrupt.raise();
        assert!(seen_by_session.is_raised());
        interrupt.clear();
        assert!(!seen_by_session.is_raised());
    }

    #[test]
    fn tells_the_runtime_about_every_change() {
        let interrupt = Interrupt::new();
        let raises = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&raises);
        interrupt.on_change(move |raised| {
            counted.fetch_add(usize::from(raised), Ordering::Relaxed);
        });
        interrupt.raise();
        interrupt.clear();
        interrupt.raise();
        assert_eq!(raises.load(Ordering::Relaxed), 2);
    }
}
