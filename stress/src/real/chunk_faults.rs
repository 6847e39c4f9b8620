//! Chunks that go astray between sessions and playback.

use std::sync::{Arc, Mutex, PoisonError};

use sostenuto_engine::playback::Tag;
use sostenuto_engine::{ChunkFate, ChunkFaults};
use sostenuto_simulator::Scatter;

use super::course::Course;
use crate::{Fault, FaultKind};

/// Decides by chance which chunks go astray.
pub(super) struct Astray {
    course: Arc<Course>,
    shares: Shares,
    scatter: Mutex<Scatter>,
}

/// Of the chunks, from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Shares {
    dropped: f64,
    duplicated: f64,
    reordered: f64,
}

impl Astray {
    /// What `faults` say of chunks; `None` where they say nothing.
    pub(super) fn new(faults: &[Fault], seed: u64, course: Arc<Course>) -> Option<Self> {
        let mut shares = Shares::default();
        for fault in faults {
            match *fault {
                Fault::DroppedChunks { share } => shares.dropped += share,
                Fault::DuplicatedChunks { share } => shares.duplicated += share,
                Fault::ReorderedChunks { share } => shares.reordered += share,
                _ => {}
            }
        }
        let scatter = Mutex::new(Scatter::new(seed));
        (shares != Shares::default()).then_some(Self { course, shares, scatter })
    }
}

impl Shares {
    /// What becomes of a chunk that chance gives this number, from 0 to below 1; `last`: it ends its fragment, and no
    /// other can overtake it.
    fn fate(self, chance: f64, last: bool) -> (ChunkFate, Option<FaultKind>) {
        let reordered = if last { 0.0 } else { self.reordered };
        if chance < self.dropped {
            (ChunkFate::Dropped, Some(FaultKind::DroppedChunks))
        } else if chance < self.dropped + self.duplicated {
            (ChunkFate::Twice, Some(FaultKind::DuplicatedChunks))
        } else if chance < self.dropped + self.duplicated + reordered {
            (ChunkFate::AfterNext, Some(FaultKind::ReorderedChunks))
        } else {
            (ChunkFate::Sent, None)
        }
    }
}

impl ChunkFaults for Astray {
    fn fate(&self, _tag: Tag, _part: u32, last: bool) -> ChunkFate {
        if self.course.seconds().is_none() {
            return ChunkFate::Sent;
        }
        let chance = self.scatter.lock().unwrap_or_else(PoisonError::into_inner).share();
        let (fate, fired) = self.shares.fate(chance, last);
        if let Some(fault) = fired {
            self.course.fire(fault);
        }
        fate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_has_one_fate_and_the_last_of_a_fragment_is_never_overtaken() {
        let shares = Shares { dropped: 0.1, duplicated: 0.2, reordered: 0.3 };
        let fate = |chance, last| shares.fate(chance, last).0;
        let fates = [0.05, 0.25, 0.55, 0.65].map(|chance| fate(chance, false));
        assert_eq!(fates, [ChunkFate::Dropped, ChunkFate::Twice, ChunkFate::AfterNext, ChunkFate::Sent]);
        assert_eq!(fate(0.55, true), ChunkFate::Sent);
    }

    #[test]
    fn without_such_faults_nobody_is_asked() {
        assert!(Astray::new(&[Fault::NanFragments { share: 1.0 }], 1, Arc::new(Course::new(&[]))).is_none());
    }
}
