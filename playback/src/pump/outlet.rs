//! The way out of the pump: from 24 kHz samples, stretched and resampled, to frames in the hard ring.

use std::time::Duration;

use rtrb::Consumer;

use super::replay::{Again, Replay};
use crate::chunk::{CHUNK_RATE, ChunkMark};
use crate::hard_ring::HardRing;
use crate::position::Position;
use crate::resample::{Resample, ResampleQuality};
use crate::stretch::{Piece, Stretch};
use crate::target::RingTarget;
use crate::{Format, PumpEvent, RATE_RANGE, SinkError};

/// Samples at [`CHUNK_RATE`](crate::CHUNK_RATE) moved at once.
pub(super) const BLOCK: usize = 240;

/// Most by which speech is slowed down to last: more is heard.
pub(super) const MOST_SLOW_DOWN: f32 = 1.1;

/// How fast samples go out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tempo {
    /// As the listener asked for: 2 is twice as fast. Within [`RATE_RANGE`].
    pub(super) rate: f32,
    /// How many times as long speech is made, on top of that, so that it lasts: 1 to [`MOST_SLOW_DOWN`].
    pub(super) slow_down: f32,
}

impl Tempo {
    /// Samples of speech that become one.
    fn of_speech(self) -> f64 {
        f64::from(self.rate) / f64::from(self.slow_down.clamp(1.0, MOST_SLOW_DOWN))
    }
}

/// Stretches and resamples into the hard ring, and keeps the time line of what was written there.
pub(super) struct Outlet {
    stretch: Stretch,
    resample: Resample,
    ring: HardRing,
    rate: u32,
    quality: ResampleQuality,
    /// Frames down to which the ring may run.
    target: usize,
    /// Samples that were put in, and left out, to change the tempo.
    pub(super) inserted: u64,
    pub(super) removed: u64,
    replay: Replay,
    /// Nobody reads the ring.
    is_suspended: bool,
}

impl Outlet {
    /// The ring holds half as much again as the longest target, and what may come at once on top.
    pub(super) fn new(format: Format, quality: ResampleQuality) -> Result<(Self, Consumer<f32>), SinkError> {
        let stretch = Stretch::new();
        let (resample, target, capacity) = dimensions(format, quality, &stretch)?;
        let (ring, samples) = HardRing::new(capacity, format.rate);
        let outlet = Self {
            stretch,
            resample,
            ring,
            rate: format.rate,
            quality,
            target,
            inserted: 0,
            removed: 0,
            replay: Replay::new(format.rate),
            is_suspended: false,
        };
        Ok((outlet, samples))
    }

    /// Writes no more into the ring, of which nobody has heard frame `heard` and what follows it.
    pub(super) fn suspend(&mut self, heard: u64) {
        self.is_suspended = true;
        self.replay.rewind(heard);
    }

    /// Makes a ring for `format`, which begins with what has not been heard. Returns the first frame of it.
    pub(super) fn resume(&mut self, format: Format) -> Result<(Consumer<f32>, u64), SinkError> {
        let (resample, target, capacity) = dimensions(format, self.quality, &self.stretch)?;
        let (begin, before) = self.replay.renumber(format.rate);
        let samples =
            self.ring.renew(capacity, format.rate, begin, |frame| self.replay.renumbered(frame, &before));
        (self.resample, self.target, self.rate) = (resample, target, format.rate);
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
        !self.is_suspended
            && self.ring.len() < self.target + self.target / 2
            && self.ring.fits(self.resample.output_bound(burst(&self.stretch)))
    }

    /// Notes the marks of a chunk of which no sample has been pushed.
    pub(super) fn mark(&mut self, marks: &[ChunkMark], now: Duration) {
        self.ring.timeline.mark(marks, now);
    }

    /// Writes up to [`BLOCK`] samples of speech.
    pub(super) fn speak(&mut self, samples: &[f32], tempo: Tempo, volume: f32, now: Duration) {
        self.ring.timeline.speak(samples.len(), tempo.of_speech());
        self.push(samples, tempo.of_speech(), volume, now);
    }

    /// Writes up to [`BLOCK`] samples of a pause.
    pub(super) fn pause(&mut self, samples: usize, tempo: Tempo, volume: f32, now: Duration) {
        self.ring.timeline.pause(samples, f64::from(tempo.rate));
        self.push(&[0.0; BLOCK][..samples], f64::from(tempo.rate), volume, now);
    }

    fn push(&mut self, samples: &[f32], ratio: f64, volume: f32, now: Duration) {
        let Self { stretch, resample, ring, replay, inserted, removed, .. } = self;
        stretch.push(samples, ratio, &mut |piece| {
            count(piece, inserted, removed);
            write(piece, resample, ring, replay, volume, now);
        });
    }

    /// Writes what is held back: all of `utterance` was pushed.
    pub(super) fn end(&mut self, utterance: u64, volume: f32, now: Duration) {
        let Self { stretch, resample, ring, replay, inserted, removed, .. } = self;
        stretch.flush(&mut |piece| {
            count(piece, inserted, removed);
            write(piece, resample, ring, replay, volume, now);
        });
        resample.flush(&mut |frames| ring.push(frames, volume, now));
        ring.flush(now);
        ring.timeline.end(utterance, ring.written(), now);
        self.replay.end(self.ring.written());
    }

    /// Forgets what is held back, and everything that has not been told. Returns the first frame of what follows.
    pub(super) fn stop(&mut self) -> u64 {
        self.stretch.reset();
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
    pub(super) fn ring_seconds(&self) -> f64 {
        self.len() as f64 / f64::from(self.rate) + self.replay.seconds()
    }

    /// Seconds that wait in the ring, or to be stretched into it, at a rate of `rate`.
    pub(super) fn seconds(&self, rate: f32) -> f64 {
        let held = self.stretch.pending() as f64 / f64::from(CHUNK_RATE) / f64::from(rate);
        self.ring_seconds() + held
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

/// The resampler to a sink of `format`, and the longest target and the capacity of its ring.
fn dimensions(
    format: Format,
    quality: ResampleQuality,
    stretch: &Stretch,
) -> Result<(Resample, usize, usize), SinkError> {
    let resample = Resample::new(format.rate, quality)
        .map_err(|error| SinkError::Unsupported { what: format!("{} Hz: {error}", format.rate) })?;
    let period = f64::from(format.period) / f64::from(format.rate.max(1));
    let target = (RingTarget::longest(period) * f64::from(format.rate)).ceil() as usize;
    let capacity = target + target / 2 + resample.output_bound(burst(stretch));
    Ok((resample, target, capacity))
}

/// Samples that may come out of `stretch` at once: those of two blocks, because the end of an utterance comes on top.
fn burst(stretch: &Stretch) -> usize {
    stretch.output_bound(2 * BLOCK, f64::from(*RATE_RANGE.start() / MOST_SLOW_DOWN))
}

fn count(piece: Piece<'_>, inserted: &mut u64, removed: &mut u64) {
    *inserted += piece.samples.len().saturating_sub(piece.input) as u64;
    *removed += piece.input.saturating_sub(piece.samples.len()) as u64;
}

fn write(
    piece: Piece<'_>,
    resample: &mut Resample,
    ring: &mut HardRing,
    replay: &mut Replay,
    volume: f32,
    now: Duration,
) {
    ring.timeline.stretch(piece.input, piece.samples.len());
    piece.samples.chunks(BLOCK).for_each(|block| replay.keep(block));
    resample.push(piece.samples, &mut |frames| ring.push(frames, volume, now));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pushes ten seconds through, so many blocks of speech and then as many of a pause, at `tempo`, and returns the
    /// samples that came of the speech and of the pauses, about.
    fn pushed(tempo: Tempo) -> (f64, f64) {
        let (mut outlet, mut frames) = Outlet::new(Format::NATIVE, ResampleQuality::default()).unwrap();
        let tone = |n: usize| 0.5 * (std::f32::consts::TAU * 150.0 * n as f32 / CHUNK_RATE as f32).sin();
        let speech: Vec<f32> = (0..5 * CHUNK_RATE as usize).map(tone).collect();
        let mut lengths = [0, 0];
        let mut take = |length: &mut usize| {
            while frames.pop().is_ok() {
                *length += 1;
            }
        };
        for block in speech.chunks(BLOCK) {
            outlet.speak(block, tempo, 1.0, Duration::ZERO);
            take(&mut lengths[0]);
        }
        for _ in speech.chunks(BLOCK) {
            outlet.pause(BLOCK, tempo, 1.0, Duration::ZERO);
            take(&mut lengths[1]);
        }
        outlet.end(0, 1.0, Duration::ZERO);
        take(&mut lengths[1]);
        let put_in = outlet.inserted as i64 - outlet.removed as i64;
        assert_eq!(lengths.iter().sum::<usize>() as i64, 10 * i64::from(CHUNK_RATE) + put_in);
        (lengths[0] as f64 / speech.len() as f64, lengths[1] as f64 / speech.len() as f64)
    }

    #[test]
    fn speech_is_slowed_down_on_top_of_the_rate_and_only_so_far_and_pauses_follow_the_rate() {
        for (rate, slow_down, speech, pauses) in [
            (1.0, 1.0, 1.0, 1.0),
            (1.0, 1.1, 1.1, 1.0),
            (2.0, 1.05, 0.525, 0.5),
            (0.5, 9.0, 2.2, 2.0),
            (4.0, 0.0, 0.25, 0.25),
        ] {
            let tempo = Tempo { rate, slow_down };
            let (spoken, paused) = pushed(tempo);
            // What is held back of the speech comes with the pauses.
            assert!((spoken - speech).abs() < 0.015, "{tempo:?}: {spoken}");
            assert!((paused - pauses).abs() < 0.015, "{tempo:?}: {paused}");
        }
    }
}
