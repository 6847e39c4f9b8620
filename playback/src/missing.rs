//! The accounts of audio that was due and not there.

use crate::sync::{AtomicU64, Ordering};

/// Shortest concealed stretch that counts as an interruption, in seconds (W3C webrtc-stats, and `NetEq`).
const INTERRUPTION_SECONDS: f32 = 0.15;

/// Counters of what was missing. One thread writes, wait-free; any may read meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Missing {
    pub(crate) underruns: AtomicU64,
    pub(crate) underrun_frames: AtomicU64,
    pub(crate) concealed_frames: AtomicU64,
    pub(crate) silent_concealed_frames: AtomicU64,
    pub(crate) interruptions: AtomicU64,
    pub(crate) interruption_frames: AtomicU64,
}

/// Frames put in the place of audio, in one go of the renderer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filled {
    pub(crate) frames: usize,
    /// Of these, those of which the ring had none.
    pub(crate) lacking: usize,
    /// Of these, those that were silent.
    pub(crate) silent: usize,
}

/// A concealed stretch: from the first frame that is missing to the next that is not.
#[derive(Debug)]
pub(crate) struct Stretch {
    is_open: bool,
    frames: u64,
    interruption: u64,
}

impl Stretch {
    /// None yet, at `rate` frames per second.
    pub(crate) fn new(rate: u32) -> Self {
        let interruption = (INTERRUPTION_SECONDS * rate as f32).ceil() as u64;
        Self { is_open: false, frames: 0, interruption }
    }

    pub(crate) const fn is_open(&self) -> bool {
        self.is_open
    }

    /// Speech goes on, or is no longer due.
    pub(crate) fn close(&mut self) {
        (self.is_open, self.frames) = (false, 0);
    }

    /// Counts what was filled; opens the stretch if need be.
    pub(crate) fn grow(&mut self, filled: Filled, counts: &Missing) {
        let add = |to: &AtomicU64, count: u64| {
            if count > 0 {
                to.fetch_add(count, Ordering::Relaxed);
            }
        };
        let before = self.frames;
        self.frames += filled.frames as u64;
        add(&counts.underruns, u64::from(!self.is_open));
        add(&counts.underrun_frames, filled.lacking as u64);
        add(&counts.concealed_frames, filled.frames as u64);
        add(&counts.silent_concealed_frames, filled.silent as u64);
        if self.frames >= self.interruption {
            let is_new = before < self.interruption;
            add(&counts.interruptions, u64::from(is_new));
            add(&counts.interruption_frames, if is_new { self.frames } else { filled.frames as u64 });
        }
        self.is_open = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grow(stretch: &mut Stretch, counts: &Missing, frames: usize) {
        stretch.grow(Filled { frames, lacking: frames, silent: 0 }, counts);
    }

    #[test]
    fn a_stretch_is_one_underrun_and_from_150_ms_on_one_interruption_of_all_its_frames() {
        let (counts, mut stretch) = (Missing::default(), Stretch::new(1_000));
        let read = |of: &AtomicU64| of.load(Ordering::Relaxed);
        grow(&mut stretch, &counts, 100);
        grow(&mut stretch, &counts, 49);
        assert_eq!((read(&counts.underruns), read(&counts.interruptions)), (1, 0));
        grow(&mut stretch, &counts, 1);
        grow(&mut stretch, &counts, 30);
        assert_eq!((read(&counts.interruptions), read(&counts.interruption_frames)), (1, 180));
        stretch.close();
        grow(&mut stretch, &counts, 149);
        assert_eq!((read(&counts.underruns), read(&counts.interruptions)), (2, 1));
        assert_eq!(read(&counts.concealed_frames), 329);
    }
}
