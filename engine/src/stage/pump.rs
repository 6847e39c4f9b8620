//! Stage 3's thread: drives a pump and its sink.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use sostenuto_playback::{Drive, MonotonicClock, Pump, PumpEvent, Sink, SinkError, Wake};

use super::{LONGEST_SLEEP, rest};
use crate::meters::add_time;
use crate::shared::StreamShared;
use crate::speech::{SpeechEvent, closed};
use crate::waker::Waker;

/// How often a sink with a clock of its own is asked for errors.
const HEALTH_CHECK: Duration = Duration::from_millis(50);

pub(crate) struct PumpStage {
    pub(crate) shared: Arc<StreamShared>,
    pub(crate) pump: Pump,
    pub(crate) sink: Box<dyn Sink>,
    pub(crate) clock: MonotonicClock,
    pub(crate) dispatch: Waker,
}

impl PumpStage {
    /// Runs until the stream is closed or its sink fails, then closes the sink.
    pub(crate) fn run(mut self) -> Result<(), SinkError> {
        let driven = self.drive();
        let sink_closed = self.sink.close();
        let result = driven.and(sink_closed);
        let failed = |error: &SinkError| SpeechEvent::Failed { reason: error.to_string() };
        self.shared.end_all(&result.as_ref().err().map_or_else(closed, failed));
        result
    }

    fn drive(&mut self) -> Result<(), SinkError> {
        loop {
            let now = self.clock.now();
            let started = Instant::now();
            // In this order a stop that the sink carries out is told in the same round.
            let drive = self.sink.drive(now)?;
            self.follow_device(drive, now)?;
            let step = self.pump.step(now);
            if step.progressed {
                add_time(&self.shared.meters.pump_ns, started.elapsed());
                self.dispatch.wake();
            }
            self.publish_stats();
            while let Some(event) = self.pump.next_event() {
                self.tell(event);
            }
            if self.is_over() {
                return Ok(());
            }
            if step.progressed && drive == Drive::WhenFilled {
                continue;
            }
            self.sleep(now, step.wake, drive);
        }
    }

    /// Suspends the pump where the sink has lost its device, and has it go on where there is one again.
    fn follow_device(&mut self, drive: Drive, now: Duration) -> Result<(), SinkError> {
        match drive {
            Drive::Suspended { heard } => self.pump.suspend(heard),
            Drive::Reopened(format) => {
                let renderer = self.pump.resume(format, now)?;
                self.sink.start(renderer)?;
            }
            Drive::At(_) | Drive::WhenFilled | Drive::OwnClock => {}
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        let nothing_left = self.pump.is_drained() && self.shared.current().is_none();
        self.pump.is_abandoned() || self.shared.closing.load(Ordering::Acquire) && nothing_left
    }

    fn sleep(&self, now: Duration, wake: Wake, drive: Drive) {
        let by_pump = match wake {
            Wake::At(time) => Some(time),
            Wake::OnInput => None,
        };
        let by_sink = match drive {
            Drive::At(time) => Some(time),
            Drive::OwnClock => Some(now + HEALTH_CHECK),
            Drive::Suspended { .. } | Drive::Reopened(_) => Some(now),
            Drive::WhenFilled => None,
        };
        let Some(until) = by_pump.into_iter().chain(by_sink).min() else { return rest() };
        let left = until.saturating_sub(self.clock.now()).min(LONGEST_SLEEP);
        if !left.is_zero() {
            std::thread::park_timeout(left);
        }
    }

    fn tell(&self, event: PumpEvent) {
        match event {
            PumpEvent::Audible { at } => {
                if let Some(utterance) = self.shared.current() {
                    utterance.tell(SpeechEvent::Audible { ttfa: at.saturating_sub(utterance.accepted) });
                }
            }
            PumpEvent::Mark { index, frames, .. } => {
                if let Some(utterance) = self.shared.current() {
                    utterance.marks.lock().unwrap_or_else(PoisonError::into_inner).hear(index, frames);
                }
            }
            PumpEvent::Finished { utterance } => self.shared.finish(utterance),
            PumpEvent::Stopped { epoch } => self.shared.stop_before(epoch),
        }
    }

    fn publish_stats(&self) {
        let stats = self.pump.stats();
        let meters = &self.shared.meters;
        meters.speech_samples.store(stats.speech_samples, Ordering::Relaxed);
        meters.pause_samples.store(stats.pause_samples, Ordering::Relaxed);
        meters.stale_chunks.store(stats.stale_chunks, Ordering::Relaxed);
        meters.gaps.store(stats.gaps, Ordering::Relaxed);
        meters.out_of_order.store(stats.late_chunks + stats.duplicate_chunks, Ordering::Relaxed);
        meters.starvations.store(stats.starvations, Ordering::Relaxed);
    }
}
