//! What a device's callbacks share with the thread that watches over them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use cpal::ErrorKind;
use crossbeam_utils::atomic::AtomicCell;

use crate::Renderer;

/// Errors between two looks, without a callback in between, that mean that the device is gone: some hosts report a
/// dead server tens of thousands of times a second, and never as what it is.
const STORM: u64 = 100;

/// The renderer on loan to a device's callback, and the callback's signs of life.
///
/// Everything is an atomic: a callback never waits, allocates or frees here. Once the loan has been called in and the
/// renderer is back, a callback that still runs finds nothing to render, and touches nothing of the stream.
#[derive(Default)]
pub(super) struct Link {
    /// Empty while the callback is at work, before the renderer was lent, and after it was called in.
    renderer: AtomicCell<Option<Box<Renderer>>>,
    called_in: AtomicBool,
    callbacks: AtomicU64,
    /// Microseconds on the pump's clock.
    last_callback_us: AtomicU64,
    fatal: AtomicBool,
    errors: AtomicU64,
    xruns: AtomicU64,
    reroutes: AtomicU64,
}

// A lock in its place would make the callback wait.
const _: () = assert!(AtomicCell::<Option<Box<Renderer>>>::is_lock_free());

/// What the callbacks have said since they were last listened to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Signs {
    /// Callbacks so far.
    pub(super) callbacks: u64,
    /// Whether the host said that the stream is over, or complained so often that it must be.
    pub(super) is_over: bool,
    /// Xruns since the last look.
    pub(super) xruns: u64,
    /// Whether the host moved the stream to another device since the last look.
    pub(super) was_rerouted: bool,
}

impl Link {
    /// Lends the renderer to the callback.
    pub(super) fn lend(&self, renderer: Renderer) {
        self.renderer.store(Some(Box::new(renderer)));
    }

    /// Ends the loan: no callback takes the renderer again.
    pub(super) fn call_in(&self) {
        self.called_in.store(true, Ordering::SeqCst);
    }

    /// The renderer, once the callback has given it back; `None` while it is at work.
    pub(super) fn give_back(&self) -> Option<Box<Renderer>> {
        self.renderer.take()
    }

    /// Runs `render` with the renderer if it is there. On the callback's thread; wait-free.
    pub(super) fn with_renderer(&self, now: Duration, render: impl FnOnce(Option<&mut Renderer>)) {
        let renderer = if self.called_in.load(Ordering::SeqCst) { None } else { self.renderer.take() };
        match renderer {
            Some(mut renderer) => {
                render(Some(&mut renderer));
                // The cell is empty, so that nothing is freed.
                self.renderer.store(Some(renderer));
            }
            None => render(None),
        }
        self.last_callback_us.store(now.as_micros() as u64, Ordering::Relaxed);
        self.callbacks.fetch_add(1, Ordering::Release);
    }

    /// Takes note of an error. On any thread, the callback's included; wait-free.
    pub(super) fn note_error(&self, kind: ErrorKind) {
        match kind {
            ErrorKind::Xrun => _ = self.xruns.fetch_add(1, Ordering::Relaxed),
            ErrorKind::DeviceChanged => _ = self.reroutes.fetch_add(1, Ordering::Relaxed),
            ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated | ErrorKind::HostUnavailable => {
                self.fatal.store(true, Ordering::Relaxed);
            }
            // It plays on, if perhaps worse.
            ErrorKind::RealtimeDenied => {}
            _ => _ = self.errors.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// What has happened since the last look, at which there had been `callbacks`.
    pub(super) fn signs(&self, callbacks: u64) -> Signs {
        let now = self.callbacks.load(Ordering::Acquire);
        let errors = self.errors.swap(0, Ordering::Relaxed);
        let storms = errors >= STORM && now == callbacks;
        Signs {
            callbacks: now,
            is_over: self.fatal.load(Ordering::Relaxed) || storms,
            xruns: self.xruns.swap(0, Ordering::Relaxed),
            was_rerouted: self.reroutes.swap(0, Ordering::Relaxed) > 0,
        }
    }

    /// When the last callback was, on the pump's clock; zero before the first.
    pub(super) fn last_callback(&self) -> Duration {
        Duration::from_micros(self.last_callback_us.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::{Format, Transport};

    fn renderer() -> Renderer {
        let (_, ring) = rtrb::RingBuffer::new(16);
        Renderer::new(ring, Arc::new(Transport::default()), Format::NATIVE)
    }

    fn renders(link: &Link) -> bool {
        let mut had = false;
        link.with_renderer(Duration::from_millis(7), |renderer| had = renderer.is_some());
        had
    }

    #[test]
    fn a_callback_renders_while_the_renderer_is_lent_and_never_after_it_was_called_in() {
        let link = Link::default();
        assert!(!renders(&link));
        link.lend(renderer());
        assert!(renders(&link) && renders(&link));
        link.call_in();
        assert!(!renders(&link));
        assert!(link.give_back().is_some());
        assert!(link.give_back().is_none());
        assert_eq!((link.signs(0).callbacks, link.last_callback()), (4, Duration::from_millis(7)));
    }

    #[test]
    fn a_renderer_at_work_comes_back_when_it_is_done() {
        let link = Link::default();
        link.lend(renderer());
        link.with_renderer(Duration::ZERO, |renderer| {
            assert!(renderer.is_some());
            link.call_in();
            assert!(link.give_back().is_none());
        });
        assert!(link.give_back().is_some());
    }

    #[test]
    fn loans_that_end_while_callbacks_run_leave_one_renderer_and_no_callback_with_it() {
        for _ in 0..200 {
            let link = Arc::new(Link::default());
            link.lend(renderer());
            let callback = {
                let link = Arc::clone(&link);
                std::thread::spawn(move || (0..200).map(|_| renders(&link)).collect::<Vec<_>>())
            };
            link.call_in();
            let mut back = None;
            while back.is_none() {
                back = link.give_back();
                std::thread::yield_now();
            }
            let rendered = callback.join().unwrap();
            assert!(rendered.is_sorted_by(|before, after| before >= after), "{rendered:?}");
            assert!(link.give_back().is_none());
        }
    }

    #[test]
    fn xruns_are_counted_and_end_nothing() {
        let link = Link::default();
        link.note_error(ErrorKind::Xrun);
        link.note_error(ErrorKind::Xrun);
        link.note_error(ErrorKind::RealtimeDenied);
        let signs = link.signs(0);
        assert_eq!((signs.xruns, signs.is_over), (2, false));
        assert_eq!(link.signs(0).xruns, 0);
    }

    #[test]
    fn what_ends_a_stream_is_told_from_what_moves_it() {
        let link = Link::default();
        link.note_error(ErrorKind::DeviceChanged);
        assert_eq!(link.signs(0), Signs { was_rerouted: true, ..Signs::default() });
        for kind in [ErrorKind::DeviceNotAvailable, ErrorKind::StreamInvalidated, ErrorKind::HostUnavailable]
        {
            let link = Link::default();
            link.note_error(kind);
            assert!(link.signs(0).is_over);
        }
    }

    #[test]
    fn a_storm_of_errors_without_a_callback_ends_the_stream_and_one_beside_callbacks_does_not() {
        let link = Link::default();
        for _ in 0..80_000 {
            link.note_error(ErrorKind::BackendError);
        }
        assert!(link.signs(0).is_over);
        for _ in 0..80_000 {
            link.note_error(ErrorKind::BackendError);
        }
        renders(&link);
        assert!(!link.signs(0).is_over);
        link.note_error(ErrorKind::BackendError);
        assert!(!link.signs(1).is_over);
    }
}
