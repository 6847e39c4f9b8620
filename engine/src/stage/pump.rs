//! Stage 3's thread: drives a pump and its sink.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sostenuto_playback::{Drive, MonotonicClock, Pump, PumpEvent, Sink, SinkError, Wake};

use super::{LONGEST_SLEEP, rest};
use crate::meters::{add, add_time};
use crate::shared::StreamShared;
use crate::speech::closed;
use crate::speech_event::SpeechEvent;
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
        self.shared.end_all(&result.as_ref().err().map_or_else(closed, failed), self.clock.now());
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
            self.shared.meters.publish(self.pump.stats());
            while let Some(event) = self.pump.next_event() {
                self.tell(event, now);
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

    /// Tells the owner of the utterance that is being heard what was noted at `now`.
    fn tell(&self, event: PumpEvent, now: Duration) {
        match event {
            PumpEvent::Audible { at } => {
                if let Some(utterance) = self.shared.current() {
                    let ttfa = at.saturating_sub(utterance.accepted);
                    self.count_missed(utterance.tell(SpeechEvent::Audible { ttfa }, at));
                }
            }
            PumpEvent::Mark { index, frames, at } => {
                if let Some(utterance) = self.shared.current()
                    && let Some(mark) = utterance.hear(index, frames)
                {
                    self.count_missed(utterance.tell(SpeechEvent::Mark(mark), at));
                }
            }
            PumpEvent::Finished { utterance } => self.shared.finish(utterance, now),
            PumpEvent::Stopped { epoch } => self.shared.stop_before(epoch, now),
        }
    }

    fn count_missed(&self, missed: bool) {
        add(&self.shared.meters.missed_events, u64::from(missed));
    }
}

impl Drop for PumpStage {
    /// Leaves nobody waiting, whatever ended the thread.
    fn drop(&mut self) {
        self.shared.end_all(&closed(), self.clock.now());
    }
}
