//! How a bench is ended early.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sostenuto_engine::StreamControl;

/// Ends a bench early, from any thread: what is being spoken is stopped, and what was measured before stands.
#[derive(Clone, Default)]
pub struct Interrupt {
    pressed: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<StreamControl>>>,
}

impl Interrupt {
    /// Ends the bench.
    pub fn press(&self) {
        self.pressed.store(true, Ordering::Release);
        self.stop_streams();
    }

    /// Whether it was ended.
    pub fn was_pressed(&self) -> bool {
        self.pressed.load(Ordering::Acquire)
    }

    /// Stops these `streams` when it is ended, and those of before no more.
    pub(super) fn watch(&self, streams: Vec<StreamControl>) {
        *self.streams.lock().unwrap_or_else(PoisonError::into_inner) = streams;
    }

    /// Stops what is being spoken now.
    pub(super) fn stop_streams(&self) {
        let streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        streams.iter().for_each(StreamControl::stop);
    }
}
