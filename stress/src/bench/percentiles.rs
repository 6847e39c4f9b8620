//! What lies at or below which part of the samples.

use serde::{Deserialize, Serialize};

/// The nearest-rank percentiles of some samples: each is one of them.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Percentiles {
    /// How many samples stand behind them. Of fewer than 20 the 95th percentile is the largest, of fewer than 100 the
    /// 99th too.
    pub samples: usize,
    /// Half are at or below: the median.
    pub p50: f64,
    /// 95 of 100 are.
    pub p95: f64,
    /// 99 of 100 are.
    pub p99: f64,
    /// All are.
    pub max: f64,
}

impl Percentiles {
    /// Those of `samples`, whatever their order; `None` of none.
    pub fn of(samples: &[f64]) -> Option<Self> {
        let mut sorted = samples.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let &max = sorted.last()?;
        let at = |percent: usize| sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1];
        Some(Self { samples: sorted.len(), p50: at(50), p95: at(95), p99: at(99), max })
    }

    /// Whether the 95th and 99th percentiles are no more than the largest sample.
    pub fn is_largest(&self) -> [bool; 2] {
        [self.samples < 20, self.samples < 100]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let hundred: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        let all = Percentiles::of(&hundred).unwrap();
        assert_eq!((all.samples, all.p50, all.p95, all.p99, all.max), (100, 50.0, 95.0, 99.0, 100.0));
        assert_eq!(all.is_largest(), [false, false]);
    }

    #[test]
    fn of_few_samples_the_high_ones_are_the_largest() {
        let few = Percentiles::of(&[3.0, 1.0, 2.0, 5.0, 4.0]).unwrap();
        assert_eq!((few.samples, few.p50, few.p95, few.p99), (5, 3.0, 5.0, 5.0));
        assert_eq!(few.is_largest(), [true, true]);
        let twenty: Vec<f64> = (1..=20).map(f64::from).collect();
        let twenty = Percentiles::of(&twenty).unwrap();
        assert_eq!((twenty.p95, twenty.p99, twenty.is_largest()), (19.0, 20.0, [false, true]));
        assert_eq!(Percentiles::of(&[7.0]).unwrap().p50, 7.0);
        assert_eq!(Percentiles::of(&[]), None);
    }
}
