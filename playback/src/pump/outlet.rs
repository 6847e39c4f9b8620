//! The way out of the pump: from 24 kHz samples to frames in the hard ring.

use std::time::Duration;

use rtrb::Consumer;

use super::replay::{Again, Replay};
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
    replay: Replay,
    /// Nobody reads the ring.
    is_suspended: bool,
}

impl Outlet {
    /// The level of the hard ring is three periods of the sink, at least 60 ms; the ring holds 250 ms or twice the
    /// level.
    pub(super) fn new(format: Format) -> Result<(Self, Consumer<f32>), SinkError> {
        let (resample, level, capacity) = dimensions(format)?;
        let (ring, samples) = HardRing::new(capacity, format.rate);
        let replay = Replay::new(format.rate);
        Ok((Self { resample, ring, rate: format.rate, level, replay, is_suspended: false }, samples))
    }

    /// Writes no more into the ring, of which nobody has heard frame `heard` and what follows it.
    pub(super) fn suspend(&mut self, heard: u64) {
        self.is_suspended = true;
        self.replay.rewind(heard);
    }

    /// Makes a ring for `format`, which begins with what has not been heard. Returns the first frame of it.
    pub(super) fn resume(&mut self, format: Format) -> Result<(Consumer<f32>, u64), SinkError> {
        let (resample, level, capacity) = dimensions(format)?;
        let (begin, before) = self.replay.renumber(format.rate);
        let samples =
            self.ring.renew(capacity, format.rate, begin, |frame| self.replay.renumbered(frame, &before));
        (self.resample, self.level, self.rate) = (resample, level, format.rate);
        self.is_suspended = false;
        Ok((samples, begin))
    }

    /// Writes a block of what has to be written again. Returns whether there was any.
    pub(super) fn write_again(&mut self, volume: f32, now: Duration) -> bool {
        let Self { resample, ring, replay, .. } = self;
        ring.timeline.set_writes_again(replay.is_of_the_past());
        let mut block = [0.0; BLOCK];
        let again = replay.take(&mut block);
        match again {
            None => {}
            Some(Again::Samples(samples)) => {
                resample.push(&block[..samples], &mut |frames| ring.push(frames, volume, now));
            }
            Some(Again::Seam) => {
                resample.flush(&mut |frames| ring.push(frames, volume, now));
                ring.flush(now);
            }
        }
        ring.timeline.set_writes_again(false);
        again.is_some()
    }

    /// Whether the level is not reached and a block more has room.
    pub(super) fn wants_more(&self) -> bool {
        // Two blocks, because the end of an utterance flushes the resampler.
        !self.is_suspended
            && self.ring.len() < self.level
            && self.ring.fits(self.resample.output_bound(2 * BLOCK))
    }

    /// Notes the marks of a chunk of which no sample has been pushed.
    pub(super) fn mark(&mut self, marks: &[ChunkMark], now: Duration) {
        self.ring.timeline.mark(marks, now);
    }

    /// Writes samples of speech.
    pub(super) fn speak(&mut self, samples: &[f32], volume: f32, now: Duration) {
        let Self { resample, ring, replay, .. } = self;
        ring.timeline.speak(samples.len());
        replay.keep(samples);
        resample.push(samples, &mut |frames| ring.push(frames, volume, now));
    }

    /// Writes up to [`BLOCK`] samples of a pause.
    pub(super) fn pause(&mut self, samples: usize, volume: f32, now: Duration) {
        let Self { resample, ring, replay, .. } = self;
        let silence = &[0.0; BLOCK][..samples];
        ring.timeline.pause(samples);
        replay.keep(silence);
        resample.push(silence, &mut |frames| ring.push(frames, volume, now));
    }

    /// Writes what is held back: all of `utterance` was pushed.
    pub(super) fn end(&mut self, utterance: u64, volume: f32, now: Duration) {
        let Self { resample, ring, .. } = self;
        resample.flush(&mut |frames| ring.push(frames, volume, now));
        ring.flush(now);
        ring.timeline.end(utterance, ring.written(), now);
        self.replay.end(self.ring.written());
    }

    /// Forgets what is held back, and everything that has not been told. Returns the first frame of what follows.
    pub(super) fn stop(&mut self) -> u64 {
        self.resample.reset();
        self.ring.stop();
        self.replay.stop(self.ring.written());
        self.ring.written()
    }

    /// Frames that wait in the ring; none where nobody reads it.
    pub(super) fn len(&self) -> usize {
        if self.is_suspended { 0 } else { self.ring.len() }
    }

    /// Whether nothing waits to be heard, in the ring or to be written again.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0 && !self.replay.has_more()
    }

    /// Whether nobody reads the ring.
    pub(super) const fn is_suspended(&self) -> bool {
        self.is_suspended
    }

    /// Seconds that wait in the ring or to be written again.
    pub(super) fn seconds(&self) -> f64 {
        self.len() as f64 / f64::from(self.rate) + self.replay.seconds()
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

/// The resampler to a sink of `format`, and the level and the capacity of its ring.
fn dimensions(format: Format) -> Result<(Resample, usize, usize), SinkError> {
    let resample = Resample::new(format.rate)
        .map_err(|error| SinkError::Unsupported { what: format!("{} Hz: {error}", format.rate) })?;
    let frames = |seconds: f64| (seconds * f64::from(format.rate)).ceil() as usize;
    let level = frames(LEVEL_SECONDS).max(3 * format.period as usize);
    let capacity = frames(RING_SECONDS).max(2 * level) + resample.output_bound(2 * BLOCK);
    Ok((resample, level, capacity))
}
