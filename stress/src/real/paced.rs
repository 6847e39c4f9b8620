//! Real time without hardware, with everything that can go wrong with a device.

use std::sync::Arc;
use std::time::Duration;

use sostenuto_engine::playback::{Drive, Format, MonotonicClock, Renderer, Sink, SinkError, Transport};

use super::course::Course;
use super::ear::Block;
use super::seat::Seat;
use super::timetable::Timetable;
use crate::{Fault, FaultKind};

/// What it is fed with before a fault changes it: what the models produce, 10 ms at once.
pub(super) const FORMAT: Format = Format { rate: 24_000, channels: 1, period: 240 };

/// A device that goes away, or asks for something else, at a moment of the scenario.
#[derive(Clone, Copy, Debug)]
struct Leave {
    fault: FaultKind,
    at_s: f64,
    for_s: f64,
    /// Frames that it asks for afterwards.
    period: Option<u32>,
}

enum State {
    Playing(Box<Renderer>),
    /// Until this time, on the engine's clock.
    Away(Duration),
    /// Waits for a renderer.
    Idle,
}

/// Renders a period each time that one has passed, lets a listener hear it, and goes wrong as a scenario says.
pub(super) struct Paced {
    format: Format,
    clock: MonotonicClock,
    transport: Arc<Transport>,
    course: Arc<Course>,
    seat: Arc<Seat>,
    timetable: Timetable,
    leaves: Vec<Leave>,
    drifts: bool,
    block: Vec<f32>,
    state: State,
}

impl Paced {
    /// A sink whose listener sits at `seat`, and in which those of `faults` fire that a device can have.
    pub(super) fn new(
        clock: MonotonicClock,
        transport: Arc<Transport>,
        course: Arc<Course>,
        seat: Arc<Seat>,
        faults: &[Fault],
        seed: u64,
    ) -> Self {
        let leave = |fault: &Fault| {
            let (at_s, for_s, period) = match *fault {
                Fault::DeviceLoss { at_s, for_s } => (at_s, for_s, None),
                Fault::PeriodChange { at_s, frames } => (at_s, 0.0, Some(frames.max(1))),
                _ => return None,
            };
            Some(Leave { fault: fault.kind(), at_s, for_s, period })
        };
        let mut leaves: Vec<Leave> = faults.iter().filter_map(leave).collect();
        // The next one is the last.
        leaves.sort_by(|a, b| b.at_s.total_cmp(&a.at_s));
        Self {
            format: FORMAT,
            timetable: Timetable::new(clock.now().as_secs_f64(), faults, seed),
            clock,
            transport,
            course,
            seat,
            leaves,
            drifts: faults.iter().any(|fault| fault.kind() == FaultKind::ClockDrift),
            block: vec![0.0; FORMAT.period as usize],
            state: State::Idle,
        }
    }

    /// The leave that is due.
    fn leave(&mut self) -> Option<Leave> {
        let at_s = self.course.seconds()?;
        if std::mem::take(&mut self.drifts) {
            self.course.fire(FaultKind::ClockDrift);
        }
        self.leaves.pop_if(|leave| leave.at_s <= at_s)
    }

    fn render(&mut self, renderer: &mut Renderer, due_s: f64) {
        let begun = self.clock.now();
        renderer.begun(begun);
        let rendered = renderer.render(&mut self.block);
        renderer.ended(self.clock.now());
        // What is asked for ahead of time waits in the device.
        let leaves = begun.max(Duration::from_secs_f64(due_s));
        renderer.publish(leaves + self.format.time_of(rendered.frames as u64));
        let (samples, rate) = (self.block.as_slice(), self.format.rate);
        let (frames, state) = (rendered.frames, rendered.state);
        self.seat.hear(Block { samples, rate, begun, leaves, frames, state });
    }

    fn period_s(&self) -> f64 {
        f64::from(self.format.period) / f64::from(self.format.rate)
    }
}

impl Sink for Paced {
    fn format(&self) -> Format {
        self.format
    }

    fn is_real_time(&self) -> bool {
        true
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), SinkError> {
        self.timetable.restart(self.clock.now().as_secs_f64());
        self.state = State::Playing(Box::new(renderer));
        Ok(())
    }

    fn drive(&mut self, now: Duration) -> Result<Drive, SinkError> {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Playing(mut renderer) => {
                if let Some(Leave { fault, for_s, period, .. }) = self.leave() {
                    self.course.fire(fault);
                    self.seat.count_loss(fault);
                    drop(renderer);
                    self.format.period = period.unwrap_or(self.format.period);
                    self.block.resize(self.format.period as usize, 0.0);
                    self.state = State::Away(now + Duration::from_secs_f64(for_s));
                    // Whatever was rendered has been heard.
                    let heard = self.transport.position.read().map_or(0, |position| position.frames);
                    return Ok(Drive::Suspended { heard });
                }
                while self.timetable.next().comes_s <= now.as_secs_f64() {
                    self.render(&mut renderer, self.timetable.next().due_s);
                    let at_s = self.course.seconds();
                    if let Some(fault) = self.timetable.advance(self.period_s(), at_s) {
                        self.course.fire(fault);
                    }
                }
                self.state = State::Playing(renderer);
                Ok(Drive::At(Duration::from_secs_f64(self.timetable.next().comes_s)))
            }
            State::Away(back) if now < back => {
                self.state = State::Away(back);
                Ok(Drive::At(back))
            }
            State::Away(_) => Ok(Drive::Reopened(self.format)),
            State::Idle => Ok(Drive::OwnClock),
        }
    }

    fn close(&mut self) -> Result<(), SinkError> {
        self.state = State::Idle;
        Ok(())
    }
}
