//! The position clock: which frame left the sink when.

use std::time::Duration;

use crate::sync::{AtomicU64, Ordering, fence, spin_loop};

/// A pair of frame count and time that one thread publishes and others read without a lock.
///
/// A sequence lock (Boehm, "Can seqlocks get along with programming language memory models?", MSPC 2012): the
/// writer never waits, a reader repeats while the writer is at work.
#[derive(Debug, Default)]
pub struct PositionClock {
    version: AtomicU64,
    frames: AtomicU64,
    nanos: AtomicU64,
}

/// A reading of the position clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Frames of audio that had left the ring.
    pub frames: u64,
    /// When the frame after them is heard, on the pump's clock.
    pub at: Duration,
}

impl PositionClock {
    /// Publishes a reading. One thread only; wait-free.
    pub fn publish(&self, position: Position) {
        let version = self.version.load(Ordering::Relaxed);
        self.version.store(version + 1, Ordering::Relaxed);
        fence(Ordering::Release);
        self.frames.store(position.frames, Ordering::Relaxed);
        self.nanos.store(position.at.as_nanos() as u64, Ordering::Relaxed);
        self.version.store(version + 2, Ordering::Release);
    }

    /// The last reading, or `None` before the first.
    pub fn read(&self) -> Option<Position> {
        loop {
            let before = self.version.load(Ordering::Acquire);
            if before == 0 {
                return None;
            }
            let frames = self.frames.load(Ordering::Relaxed);
            let nanos = self.nanos.load(Ordering::Relaxed);
            fence(Ordering::Acquire);
            if before.is_multiple_of(2) && self.version.load(Ordering::Relaxed) == before {
                return Some(Position { frames, at: Duration::from_nanos(nanos) });
            }
            spin_loop();
        }
    }
}

impl Position {
    /// When `frame` is or was heard, at `rate` frames per second, if nothing interrupts the sound in between.
    pub fn time_of(&self, frame: u64, rate: u32) -> Duration {
        let span = |frames: u64| Duration::from_secs_f64(frames as f64 / f64::from(rate));
        if frame >= self.frames {
            self.at + span(frame - self.frames)
        } else {
            self.at.saturating_sub(span(self.frames - frame))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::AtomicBool;
    use std::sync::Arc;

    #[test]
    fn nothing_is_known_before_the_first_reading() {
        assert_eq!(PositionClock::default().read(), None);
    }

    #[test]
    fn times_run_both_ways_from_a_reading() {
        let position = Position { frames: 480, at: Duration::from_millis(100) };
        assert_eq!(position.time_of(960, 48_000), Duration::from_millis(110));
        assert_eq!(position.time_of(0, 48_000), Duration::from_millis(90));
    }

    #[test]
    fn a_reader_never_sees_half_a_reading() {
        let clock = Arc::new(PositionClock::default());
        let done = Arc::new(AtomicBool::new(false));
        let reader = {
            let (clock, done) = (Arc::clone(&clock), Arc::clone(&done));
            std::thread::spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    if let Some(position) = clock.read() {
                        assert_eq!(position.frames, position.at.as_nanos() as u64);
                    }
                }
            })
        };
        for n in 0..200_000 {
            clock.publish(Position { frames: n, at: Duration::from_nanos(n) });
        }
        done.store(true, Ordering::Relaxed);
        reader.join().unwrap();
    }
}
