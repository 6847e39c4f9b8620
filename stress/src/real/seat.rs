//! Where a stream's listener sits: what is known of a stream beside what it says of itself.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use sostenuto_engine::playback::{MonotonicClock, Transport};

use super::ear::{Block, Ear};
use crate::FaultKind;

/// One stream's listener.
#[derive(Debug)]
pub(super) struct Seat {
    /// Hears what leaves the sink; nobody does where the sink is a device.
    ear: Option<Ear>,
    stream: OnceLock<(MonotonicClock, Arc<Transport>)>,
    losses: AtomicU64,
    speaks: AtomicBool,
    /// What the delay is counted from, in seconds.
    delay_from: Mutex<f64>,
}

impl Seat {
    /// A seat at a sink that tells what leaves it, or at one that does not.
    pub(super) fn new(hears: bool) -> Self {
        let ear = hears.then(Ear::default);
        Self {
            ear,
            stream: OnceLock::new(),
            losses: AtomicU64::default(),
            speaks: AtomicBool::default(),
            delay_from: Mutex::default(),
        }
    }

    /// The stream has been opened.
    pub(super) fn sit_down(&self, clock: MonotonicClock, transport: Arc<Transport>) {
        let _ = self.stream.set((clock, transport));
    }

    /// Who hears what leaves the sink.
    pub(super) fn ear(&self) -> Option<&Ear> {
        self.ear.as_ref()
    }

    /// A block leaves the sink.
    pub(super) fn hear(&self, block: Block<'_>) {
        if let Some(ear) = &self.ear {
            ear.hear(block);
        }
    }

    /// The stream's transport, once it is open.
    pub(super) fn transport(&self) -> Option<&Transport> {
        self.stream.get().map(|(_, transport)| &**transport)
    }

    /// The engine's clock; zero before the stream is open.
    pub(super) fn now(&self) -> Duration {
        self.stream.get().map(|(clock, _)| clock.now()).unwrap_or_default()
    }

    /// Seconds of audio that wait; below zero, for how long nothing has waited though it was due.
    pub(super) fn slack_s(&self) -> f64 {
        let waiting = self.transport().map_or(0.0, Transport::seconds_waiting);
        let dry = self.ear().filter(|_| waiting == 0.0).and_then(|ear| ear.dry_for(self.now()));
        dry.map_or(waiting, |dry| -dry.as_secs_f64())
    }

    /// The sink has left its device. A change of its period is no loss.
    pub(super) fn count_loss(&self, fault: FaultKind) {
        self.losses.fetch_add(u64::from(fault != FaultKind::PeriodChange), Ordering::Relaxed);
    }

    /// How often the device was lost.
    pub(super) fn losses(&self) -> u64 {
        self.losses.load(Ordering::Relaxed)
    }

    /// Whether something was said that is not yet over.
    pub(super) fn is_speaking(&self) -> bool {
        self.speaks.load(Ordering::Relaxed)
    }

    /// Says so.
    pub(super) fn set_speaking(&self, speaks: bool) {
        self.speaks.store(speaks, Ordering::Relaxed);
    }

    /// Counts the added delay from `so_far` on: an utterance begins.
    pub(super) fn begin_delay(&self, so_far: f64) {
        *self.delay_from.lock().unwrap_or_else(PoisonError::into_inner) = so_far;
    }

    /// What has been added to the delay of the utterance at hand, in seconds, where it is `so_far` of all.
    pub(super) fn delay_s(&self, so_far: f64) -> f64 {
        (so_far - *self.delay_from.lock().unwrap_or_else(PoisonError::into_inner)).max(0.0)
    }
}
