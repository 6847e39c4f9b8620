//! How long the host's callbacks take, and how late they come.

use std::time::Duration;

use crate::sync::{AtomicU64, Ordering};

/// Buckets of an octave: neighbours differ by at most an eighth.
const PER_OCTAVE: u64 = 8;
const PER_OCTAVE_BITS: u32 = PER_OCTAVE.ilog2();
/// Buckets in all: up to 2^34 ns, 17 s.
const BUCKETS: usize = 256;

/// Times of the callbacks so far; see [`Transport::callback_times`](crate::Transport::callback_times).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallbackTimes {
    /// From the beginning of a callback to its end.
    pub duration: Quantiles,
    /// How much later than the last one's frames asked for a callback began; zero where it was early.
    pub lateness: Quantiles,
}

/// What a histogram tells. Quantiles are at most an eighth above the truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quantiles {
    /// How many times were counted.
    pub count: u64,
    /// Half were at most this long.
    pub p50: Duration,
    /// 99 of 100 were at most this long.
    pub p99: Duration,
    /// 999 of 1,000 were at most this long.
    pub p99_9: Duration,
    /// The longest, exactly.
    pub max: Duration,
}

/// Counts times in buckets that grow with them. One thread counts, wait-free; any may read meanwhile.
#[derive(Debug)]
pub(crate) struct Histogram {
    /// As many as [`BUCKETS`].
    buckets: Box<[AtomicU64]>,
    max_ns: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        let buckets = (0..BUCKETS).map(|_| AtomicU64::default()).collect();
        Self { buckets, max_ns: AtomicU64::default() }
    }
}

impl Histogram {
    /// Counts a time. One thread only.
    pub(crate) fn count(&self, time: Duration) {
        let ns = time.as_nanos() as u64;
        // No read-modify-write: there is no other writer.
        let add = |to: &AtomicU64| to.store(to.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        add(&self.buckets[bucket(ns)]);
        if ns > self.max_ns.load(Ordering::Relaxed) {
            self.max_ns.store(ns, Ordering::Relaxed);
        }
    }

    /// How many times lie up to each edge and above the edge before it; edges without any are left out.
    pub(crate) fn counts(&self) -> Vec<(Duration, u64)> {
        let buckets = self.buckets.iter().enumerate();
        let counts = buckets.map(|(place, count)| (upper_edge(place), count.load(Ordering::Relaxed)));
        counts.filter(|&(_, count)| count > 0).map(|(ns, count)| (Duration::from_nanos(ns), count)).collect()
    }

    /// What was counted so far.
    pub(crate) fn quantiles(&self) -> Quantiles {
        let counts: Vec<u64> = self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).collect();
        let max = Duration::from_nanos(self.max_ns.load(Ordering::Relaxed));
        let count = counts.iter().sum::<u64>();
        let quantile = |per_mille: u64| {
            let rank = (count * per_mille).div_ceil(1_000);
            let mut below = 0;
            let place = counts.iter().position(|&n| {
                below += n;
                n > 0 && below >= rank
            });
            place.map_or(Duration::ZERO, |place| Duration::from_nanos(upper_edge(place)).min(max))
        };
        Quantiles { count, p50: quantile(500), p99: quantile(990), p99_9: quantile(999), max }
    }
}

/// Buckets are one nanosecond wide at first, and twice as wide each octave from the second on.
fn bucket(ns: u64) -> usize {
    let octave = ns.max(PER_OCTAVE).ilog2() - PER_OCTAVE_BITS;
    let place = (u64::from(octave) * PER_OCTAVE + (ns >> octave)) as usize;
    place.min(BUCKETS - 1)
}

/// The longest time of a bucket, in nanoseconds.
fn upper_edge(bucket: usize) -> u64 {
    let octave = (bucket as u64 / PER_OCTAVE).saturating_sub(1);
    ((bucket as u64 - octave * PER_OCTAVE + 1) << octave) - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_counted_is_nothing_told() {
        assert_eq!(Histogram::default().quantiles(), Quantiles::default());
    }

    #[test]
    fn quantiles_are_those_of_what_was_counted() {
        let histogram = Histogram::default();
        (1..=1_000).for_each(|us| histogram.count(Duration::from_micros(us)));
        let told = histogram.quantiles();
        assert_eq!((told.count, told.max), (1_000, Duration::from_millis(1)));
        for (quantile, us) in [(told.p50, 500.0), (told.p99, 990.0), (told.p99_9, 999.0)] {
            let ratio = quantile.as_secs_f64() * 1e6 / us;
            assert!((1.0..=1.125).contains(&ratio), "{quantile:?} for {us} us");
        }
    }

    #[test]
    fn counts_are_told_by_the_edges_above_them() {
        let histogram = Histogram::default();
        for ns in [5, 5, 900] {
            histogram.count(Duration::from_nanos(ns));
        }
        let counts = histogram.counts();
        assert_eq!(counts[0], (Duration::from_nanos(5), 2));
        assert!(counts[1].0 >= Duration::from_nanos(900) && counts[1].1 == 1 && counts.len() == 2);
    }

    proptest! {
        #[test]
        fn a_time_lies_in_its_bucket_and_no_other(ns in 0u64..16_000_000_000) {
            let place = bucket(ns);
            prop_assert!(ns <= upper_edge(place));
            prop_assert!(place == 0 || ns > upper_edge(place - 1));
            prop_assert!(upper_edge(place) <= ns + ns / 8);
        }
    }
}
