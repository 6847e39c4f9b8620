//! The way out of the pump: from 24 kHz samples to frames in the hard ring.

use std::time::Duration;

use rtrb::Consumer;

use crate::chunk::ChunkMark;
use crate::hard_ring::HardRing;
use crate::position::Position;
use crate::resample::Resample;
use crate::target::RingTarget;
use crate::{Format, PumpEvent, SinkError};

/// Samples at [`CHUNK_RATE`](crate::CHUNK_RATE) moved at once.
pub(super) const BLOCK: usize = 240;

/// Resamples into the hard ring, and keeps the time line of what was written there.
pub(super) struct Outlet {
    resample: Resample,
    ring: HardRing,
    rate: u32,
    /// Frames down to which the ring may run.
    target: usize,
}

impl Outlet {
    /// The ring holds half as much again as the longest target.
    pub(super) fn new(format: Format) -> Result<(Self, Consumer<f32>), SinkError> {
        let resample = Resample::new(format.rate)
            .map_err(|error| SinkError::Unsupported { what: format!("{} Hz: {error}", format.rate) })?;
        let frames = |seconds: f64| (seconds * f64::from(format.rate)).ceil() as usize;
        let period = f64::from(format.period) / f64::from(format.rate.max(1));
        let longest = frames(RingTarget::longest(period));
        let capacity = longest + longest / 2 + resample.output_bound(2 * BLOCK);
        let (ring, samples) = HardRing::new(capacity, format.rate);
        Ok((Self { resample, ring, rate: format.rate, target: longest }, samples))
    }

    /// Keeps `frames` frames in the ring: it is filled to half as much again, and is to be filled before it holds less.
    pub(super) fn set_target(&mut self, frames: usize) {
        self.target = frames;
    }

    /// Frames that are kept in the ring.
    pub(super) const fn target(&self) -> usize {
        self.target
    }

    /// Whether less than half as much again as the target is there, and a block more has room.
    pub(super) fn wants_more(&self) -> bool {
        // Two blocks, because the end of an utterance flushes the resampler.
        self.ring.len() < self.target + self.target / 2
            && self.ring.fits(self.resample.output_bound(2 * BLOCK))
    }

    /// Notes the marks of a chunk of which no sample has been pushed.
    pub(super) fn mark(&mut self, marks: &[ChunkMark], now: Duration) {
        self.ring.timeline.mark(marks, now);
    }

    /// Writes samples of speech.
    pub(super) fn speak(&mut self, samples: &[f32], volume: f32, now: Duration) {
        let Self { resample, ring, .. } = self;
        ring.timeline.speak(samples.len());
        resample.push(samples, &mut |frames| ring.push(frames, volume, now));
    }

    /// Writes up to [`BLOCK`] samples of a pause.
    pub(super) fn pause(&mut self, samples: usize, volume: f32, now: Duration) {
        let Self { resample, ring, .. } = self;
        ring.timeline.pause(samples);
        resample.push(&[0.0; BLOCK][..samples], &mut |frames| ring.push(frames, volume, now));
    }

    /// Writes what is held back: all of `utterance` was pushed.
    pub(super) fn end(&mut self, utterance: u64, volume: f32, now: Duration) {
        let Self { resample, ring, .. } = self;
        resample.flush(&mut |frames| ring.push(frames, volume, now));
        ring.flush(now);
        ring.timeline.end(utterance, ring.written(), now);
    }

    /// Forgets what is held back, and everything that has not been told. Returns the first frame of what follows.
    pub(super) fn stop(&mut self) -> u64 {
        self.resample.reset();
        self.ring.stop();
        self.ring.written()
    }

    /// Frames that wait in the ring.
    pub(super) fn len(&self) -> usize {
        self.ring.len()
    }

    /// Seconds that wait in the ring.
    pub(super) fn seconds(&self) -> f64 {
        self.ring.len() as f64 / f64::from(self.rate)
    }

    /// The next thing that the listener has experienced at `now`, where the sink has got to `position`.
    pub(super) fn next_event(&mut self, position: Position, now: Duration) -> Option<PumpEvent> {
        self.ring.timeline.next(position, now)
    }

    /// Seconds until there may be something to tell, `left` frames having left the ring.
    pub(super) fn next_event_in(&self, left: u64) -> Option<Duration> {
        self.ring.timeline.frames_to_next(left).map(|frames| self.time_of(frames))
    }

    /// How long so many frames last.
    pub(super) fn time_of(&self, frames: u64) -> Duration {
        Duration::from_secs_f64(frames as f64 / f64::from(self.rate))
    }
}
