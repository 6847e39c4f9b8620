//! The way into the hard ring: volume, peak safety, and the count of frames.

use std::time::Duration;

use rtrb::{Consumer, Producer, RingBuffer};

use crate::limiter::Limiter;
use crate::timeline::Timeline;
use crate::volume::Volume;

/// First sample that counts as audible: -60 dBFS.
const AUDIBLE: f32 = 0.001;

/// The writing end of the hard ring, at the sink's rate.
#[derive(Debug)]
pub(crate) struct HardRing {
    ring: Producer<f32>,
    volume: Volume,
    limiter: Limiter,
    /// Frames written so far.
    written: u64,
    /// What happens at them.
    pub(crate) timeline: Timeline,
}

impl HardRing {
    /// A ring for `frames` frames at `rate`, and what is held back for them, with its reading end.
    pub(crate) fn new(frames: usize, rate: u32) -> (Self, Consumer<f32>) {
        let (volume, limiter, timeline) = (Volume::new(rate), Limiter::new(rate), Timeline::new(rate));
        let (ring, reading) = RingBuffer::new(frames + limiter.delay());
        (Self { ring, volume, limiter, written: 0, timeline }, reading)
    }

    /// Begins a new ring for `frames` frames at `rate`, of which the first is frame `begin`, and gives what has not been
    /// told the numbers that `number` finds for its frames. Returns the ring's reading end.
    pub(crate) fn renew(
        &mut self,
        frames: usize,
        rate: u32,
        begin: u64,
        number: impl Fn(u64) -> u64,
    ) -> Consumer<f32> {
        (self.volume, self.limiter) = (Volume::new(rate), Limiter::new(rate));
        let (ring, reading) = RingBuffer::new(frames + self.limiter.delay());
        (self.ring, self.written) = (ring, begin);
        self.timeline.renumber(rate, number);
        reading
    }

    /// Frames that wait in the ring.
    pub(crate) fn len(&self) -> usize {
        self.ring.buffer().capacity() - self.ring.slots()
    }

    /// Whether `frames` more fit, and what is held back for them.
    pub(crate) fn fits(&self, frames: usize) -> bool {
        self.ring.slots() >= frames + self.limiter.delay()
    }

    /// Frames written so far.
    pub(crate) const fn written(&self) -> u64 {
        self.written
    }

    /// Writes frames at `volume`. What does not fit is lost: see [`fits`](Self::fits).
    pub(crate) fn push(&mut self, frames: &[f32], volume: f32, now: Duration) {
        let Self { ring, volume: gain, limiter, written, timeline } = self;
        let mut put = |frames: &[f32]| write(ring, written, timeline, now, frames);
        gain.push(volume, frames, &mut |frames| limiter.push(frames, &mut put));
    }

    /// Writes what is held back: the utterance is over.
    pub(crate) fn flush(&mut self, now: Duration) {
        let Self { ring, limiter, written, timeline, .. } = self;
        limiter.flush(&mut |frames| write(ring, written, timeline, now, frames));
    }

    /// Forgets what is held back, and everything that has not been told: a stop.
    pub(crate) fn stop(&mut self) {
        self.limiter.reset();
        self.timeline.clear(self.written);
    }
}

/// Writes frames to the ring and looks for the first audible one.
fn write(
    ring: &mut Producer<f32>,
    written: &mut u64,
    timeline: &mut Timeline,
    now: Duration,
    frames: &[f32],
) {
    if timeline.seeks_audible()
        && let Some(first) = frames.iter().position(|sample| sample.abs() > AUDIBLE)
    {
        timeline.hear(*written + first as u64, now);
    }
    let (pushed, _) = ring.push_partial_slice(frames);
    *written += pushed.len() as u64;
}
