//! When blocks left the sink.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sostenuto_engine::playback::{BlockWriter, SinkError};

use super::Percentiles;

/// What can be heard: -60 dBFS.
const AUDIBLE: f32 = 1e-3;

/// A block that left the sink.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Left {
    at: Instant,
    audible: bool,
}

/// Notes when each block leaves, and throws it away.
#[derive(Clone, Debug, Default)]
pub(super) struct BlockLog {
    blocks: Arc<Mutex<Vec<Left>>>,
}

/// The time between blocks from the first that is audible to the last.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Gaps {
    /// Milliseconds from each block to the next, in order.
    #[serde(skip)]
    pub ms: Vec<f64>,
    /// Their percentiles; `None` where there are fewer than two blocks.
    pub percentiles: Option<Percentiles>,
    /// Blocks that left more than half a period later than they were due. They are due one period after the other,
    /// as those were that came earliest.
    pub late: u64,
}

impl BlockLog {
    /// A log with room for so many blocks.
    pub(super) fn with_room(blocks: usize) -> Self {
        Self { blocks: Arc::new(Mutex::new(Vec::with_capacity(blocks))) }
    }

    /// The gaps between the blocks so far, which are due a `period` apart.
    pub(super) fn gaps(&self, period: Duration) -> Gaps {
        let blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(first) = blocks.iter().position(|block| block.audible) else { return Gaps::default() };
        let last = blocks.iter().rposition(|block| block.audible).unwrap_or(first);
        let at: Vec<f64> = blocks[first..=last]
            .iter()
            .map(|left| (left.at - blocks[first].at).as_secs_f64() * 1e3)
            .collect();
        Gaps::between(&at, period.as_secs_f64() * 1e3)
    }
}

impl BlockWriter for BlockLog {
    fn write(&mut self, block: &[f32]) -> Result<(), SinkError> {
        let left = Left { at: Instant::now(), audible: block.iter().any(|sample| sample.abs() > AUDIBLE) };
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner).push(left);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}

impl Gaps {
    /// The gaps between blocks that left `at` these moments and were due a `period` apart, all in milliseconds.
    fn between(at: &[f64], period: f64) -> Self {
        let ms: Vec<f64> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let behind: Vec<f64> = at.iter().enumerate().map(|(n, at)| at - n as f64 * period).collect();
        let earliest = behind.iter().copied().fold(f64::INFINITY, f64::min);
        let late = behind.iter().filter(|&&behind| behind - earliest > period / 2.0).count() as u64;
        Self { percentiles: Percentiles::of(&ms), ms, late }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_late_by_when_it_was_due_and_not_by_the_one_before() {
        let steady = Gaps::between(&[0.0, 50.0, 101.0, 150.0], 50.0);
        assert_eq!((steady.late, steady.ms.as_slice()), (0, [50.0, 51.0, 49.0].as_slice()));
        // One is a period late, the next on time again: one late block, though two gaps are out of order.
        let once = Gaps::between(&[0.0, 50.0, 150.0, 150.5, 200.0], 50.0);
        assert_eq!((once.late, once.percentiles.unwrap().max), (1, 100.0));
        // The first is late and the rest is on time.
        assert_eq!(Gaps::between(&[40.0, 50.0, 100.0, 150.0], 50.0).late, 1);
    }

    #[test]
    fn silence_before_and_after_speech_is_no_gap() {
        let mut log = BlockLog::default();
        for block in [[0.0, 0.0], [0.0, 0.5], [0.0, 0.0], [0.5, 0.0], [0.0, 1e-4]] {
            log.write(&block).unwrap();
        }
        assert_eq!(log.gaps(Duration::from_millis(50)).ms.len(), 2);
        assert_eq!(BlockLog::default().gaps(Duration::from_millis(50)), Gaps::default());
    }
}
