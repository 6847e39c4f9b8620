//! Keeps the process within its memory: what to give up, and when to accept no more. Pure: time and what is resident
//! come in as numbers.

use std::time::Duration;

/// How much memory may be resident, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryLimits {
    soft: Option<u64>,
    hard: Option<u64>,
}

/// The two limits contradict each other: put the soft one at or below the hard one, and neither at zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryLimitsError {
    /// Soft comes before hard.
    #[error("the soft memory limit of {} MB is above the hard limit of {} MB", soft / 1_000_000, hard / 1_000_000)]
    Crossed {
        /// The soft limit in bytes.
        soft: u64,
        /// The hard limit in bytes.
        hard: u64,
    },
    /// Nothing runs in no memory; leave the limit out instead.
    #[error("a memory limit of 0 MB leaves no room for anything")]
    Zero,
}

impl MemoryLimits {
    /// Above `soft` bytes the engine gives up what it can do without; above `hard` it accepts no new utterance.
    ///
    /// # Errors
    /// A limit is zero, or `soft` is above `hard`.
    pub fn new(soft: Option<u64>, hard: Option<u64>) -> Result<Self, MemoryLimitsError> {
        match (soft, hard) {
            (Some(0), _) | (_, Some(0)) => Err(MemoryLimitsError::Zero),
            (Some(soft), Some(hard)) if soft > hard => Err(MemoryLimitsError::Crossed { soft, hard }),
            _ => Ok(Self { soft, hard }),
        }
    }

    /// Bytes above which the engine gives up what it can do without; the hard limit where only that was given.
    pub fn soft(self) -> Option<u64> {
        self.soft.or(self.hard)
    }

    /// Bytes above which no new utterance is accepted.
    pub fn hard(self) -> Option<u64> {
        self.hard
    }
}

/// What to do about memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing.
    Calm,
    /// The soft limit was crossed: warn, empty the caches, drop the twin session. Told once for each crossing.
    Shrink,
    /// Above the hard limit: refuse new utterances, and let what is being spoken be finished. Told each time.
    Refuse,
}

/// Decides from what is resident what to give up and what to refuse.
///
/// A limit is crossed when what is resident exceeds it, and left when that falls below nine tenths of it, so that
/// memory that hovers about a limit is not warned of again and again.
#[derive(Clone, Debug)]
pub struct Governor {
    limits: MemoryLimits,
    above_soft: bool,
    above_hard: bool,
    looked: Option<Duration>,
}

impl Governor {
    /// Time between two looks: one costs some tens of microseconds.
    pub const INTERVAL: Duration = Duration::from_secs(1);

    /// A governor of a process within its limits.
    pub const fn new(limits: MemoryLimits) -> Self {
        Self { limits, above_soft: false, above_hard: false, looked: None }
    }

    /// Whether it is time, at `now`, to look what is resident. Never where there is no limit.
    pub fn is_due(&self, now: Duration) -> bool {
        let limited = self.limits.soft().is_some();
        limited && self.looked.is_none_or(|looked| now.saturating_sub(looked) >= Self::INTERVAL)
    }

    /// Takes what is `resident`, in bytes, at `now`. Where both limits are crossed at once, [`Decision::Shrink`] comes
    /// first, and [`refuses`](Self::refuses) tells the other at once.
    pub fn observe(&mut self, resident: u64, now: Duration) -> Decision {
        self.looked = Some(now);
        let was_above_soft = self.above_soft;
        self.above_soft = is_above(self.limits.soft(), resident, self.above_soft);
        self.above_hard = is_above(self.limits.hard(), resident, self.above_hard);
        if self.above_soft && !was_above_soft {
            Decision::Shrink
        } else if self.above_hard {
            Decision::Refuse
        } else {
            Decision::Calm
        }
    }

    /// The hard limit, in bytes, while it is crossed: new utterances are refused.
    pub fn refuses(&self) -> Option<u64> {
        self.limits.hard().filter(|_| self.above_hard)
    }
}

fn is_above(limit: Option<u64>, resident: u64, was_above: bool) -> bool {
    limit.is_some_and(|limit| resident > if was_above { limit - limit / 10 } else { limit })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SOFT: u64 = 800;
    const HARD: u64 = 1_000;

    fn governor() -> Governor {
        Governor::new(MemoryLimits::new(Some(SOFT), Some(HARD)).unwrap())
    }

    fn decisions(governor: &mut Governor, resident: &[u64]) -> Vec<Decision> {
        let seconds = (0..).map(Duration::from_secs);
        resident.iter().zip(seconds).map(|(&bytes, now)| governor.observe(bytes, now)).collect()
    }

    #[test]
    fn limits_that_contradict_each_other_are_not_taken() {
        let crossed = MemoryLimits::new(Some(2_000_000), Some(1_000_000)).unwrap_err();
        assert_eq!(crossed.to_string(), "the soft memory limit of 2 MB is above the hard limit of 1 MB");
        assert_eq!(MemoryLimits::new(None, Some(0)), Err(MemoryLimitsError::Zero));
        assert!(MemoryLimits::new(Some(5), Some(5)).is_ok());
    }

    #[test]
    fn the_soft_limit_is_told_once_for_each_crossing() {
        use Decision::{Calm, Shrink};
        let resident = [700, 801, 850, 790, 810, 730, 810, 719, 810];
        let expected = [Calm, Shrink, Calm, Calm, Calm, Calm, Calm, Calm, Shrink];
        assert_eq!(decisions(&mut governor(), &resident), expected);
    }

    #[test]
    fn utterances_are_refused_until_a_tenth_below_the_hard_limit() {
        use Decision::{Calm, Refuse, Shrink};
        let resident = [900, 1_001, 950, 901, 900, 1_000];
        let expected = [Shrink, Refuse, Refuse, Refuse, Calm, Calm];
        assert_eq!(decisions(&mut governor(), &resident), expected);
    }

    #[test]
    fn both_limits_at_once_shrink_first_and_refuse_already() {
        let mut governor = governor();
        assert_eq!(governor.observe(2_000, Duration::ZERO), Decision::Shrink);
        assert_eq!(governor.refuses(), Some(HARD));
        assert_eq!(governor.observe(2_000, Duration::from_secs(1)), Decision::Refuse);
        assert_eq!(governor.observe(100, Duration::from_secs(2)), Decision::Calm);
        assert_eq!(governor.refuses(), None);
    }

    #[test]
    fn a_hard_limit_alone_shrinks_when_it_is_crossed() {
        let mut governor = Governor::new(MemoryLimits::new(None, Some(HARD)).unwrap());
        assert_eq!(decisions(&mut governor, &[1_000, 1_001]), [Decision::Calm, Decision::Shrink]);
    }

    #[test]
    fn it_looks_once_a_second_and_never_without_a_limit() {
        let mut governor = governor();
        assert!(governor.is_due(Duration::ZERO));
        governor.observe(1, Duration::ZERO);
        assert!(!governor.is_due(Duration::from_millis(999)));
        assert!(governor.is_due(Duration::from_secs(1)));
        assert!(!Governor::new(MemoryLimits::default()).is_due(Duration::from_secs(9)));
    }

    proptest! {
        #[test]
        fn between_two_shrinks_the_memory_was_below_nine_tenths(
            resident in prop::collection::vec(0_u64..1_500, 0..200),
        ) {
            let mut governor = governor();
            let mut may_shrink = true;
            for (bytes, decision) in resident.iter().zip(decisions(&mut governor, &resident)) {
                may_shrink |= *bytes <= SOFT - SOFT / 10;
                prop_assert!(decision != Decision::Shrink || may_shrink && *bytes > SOFT);
                may_shrink &= decision != Decision::Shrink;
            }
        }

        #[test]
        fn above_the_hard_limit_it_always_refuses_and_below_nine_tenths_never(
            resident in prop::collection::vec(0_u64..1_500, 0..200),
        ) {
            let mut governor = governor();
            for bytes in resident {
                governor.observe(bytes, Duration::ZERO);
                prop_assert!(bytes <= HARD || governor.refuses().is_some());
                prop_assert!(bytes > HARD - HARD / 10 || governor.refuses().is_none());
            }
        }
    }
}
