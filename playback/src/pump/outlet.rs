//! The way out of the pump: from 24 kHz samples to frames in the hard ring.

use std::time::Duration;

use rtrb::Consumer;

use crate::chunk::ChunkMark;
use crate::hard_ring::HardRing;
use crate::position::Position;
use crate::resample::Resample;
use crate::{Format, PumpEvent, SinkError};

/// Samples at [`CHUNK_RATE`](crate::CHUNK_RATE) moved at once.
pub(super) const BLOCK: usize = 240;
/// Capacity of the hard ring in seconds; what is kept in it is the level, see [`Outlet::new`].
const RING_SECONDS: f64 = 0.25;
/// Least level that the pump keeps in the hard ring: it covers the lateness of an ordinary thread.
const LEVEL_SECONDS: f64 = 0.06;

/// Resamples into the hard ring, and keeps the time line of what was written there.
pub(super) struct Outlet {
    resample: Resample,
    ring: HardRing,
    rate: u32,
    /// Frames that are kept in the ring.
    pub(super) level: usize,
}

impl Outlet {
    /// The level of the hard ring is three periods of the sink, at least 60 ms; the ring holds 250 ms or twice the
    /// level.
    pub(super) fn new(format: Format) -> Result<(Self, Consumer<f32>), SinkError> {
        let resample = Resample::new(format.rate)
            .map_err(|error| SinkError::Unsupported { what: format!("{} Hz: {error}", format.rate) })?;
        let frames = |seconds: f64| (seconds * f64::from(format.rate)).ceil() as usize;
        let level = frames(LEVEL_SECONDS).max(3 * format.period as usize);
        let capacity = frames(RING_SECONDS).max(2 * level) + resample.output_bound(2 * BLOCK);
        let (ring, samples) = HardRing::new(capacity, format.rate);
        Ok((Self { resample, ring, rate: format.rate, level }, samples))
    }

    /// Whether the level is not reached and a block more has room.
    pub(super) fn wants_more(&self) -> bool {
        // Two blocks, because the end of an utterance flushes the resampler.
        self.ring.len() < self.level && self.ring.fits(self.resample.output_bound(2 * BLOCK))
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

    /// When there may be something to tell, where the sink has got to `position`.
    pub(super) fn time_of_next_event(&self, position: Position) -> Option<Duration> {
        self.ring.timeline.time_of_next(position)
    }

    /// How long so many frames last.
    pub(super) fn time_of(&self, frames: u64) -> Duration {
        Duration::from_secs_f64(frames as f64 / f64::from(self.rate))
    }
}
