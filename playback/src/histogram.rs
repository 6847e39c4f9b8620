//! How late things were: a histogram that forgets. Pure.

/// A histogram of durations, older values counting ever less.
///
/// The delay histogram of `WebRTC`'s jitter buffer (`modules/audio_coding/neteq/histogram.cc`): at each update every
/// share is multiplied with `f` and `1 - f` added to the bucket hit. `f` begins as `1 - 2 / (n + 1)` at the n-th
/// update, so that the shares it starts with, halving from bucket to bucket, are soon forgotten.
#[derive(Clone, Debug)]
pub struct Histogram {
    shares: Vec<f64>,
    /// Of a bucket, in seconds.
    width: f64,
    memory: f64,
    updates: f64,
}

impl Histogram {
    /// `buckets` buckets (at least one) of `width` seconds, which keeps at most the share `memory` of what it knew at
    /// each update: 0.983 remembers about 59 of them.
    pub fn new(buckets: usize, width: f64, memory: f64) -> Self {
        let mut shares: Vec<f64> = (1..=buckets.max(1) as i32).map(|n| 0.5_f64.powi(n)).collect();
        let sum: f64 = shares.iter().sum();
        for share in &mut shares {
            *share /= sum;
        }
        Self { shares, width, memory, updates: 0.0 }
    }

    /// Takes the next value, in seconds. Below zero is zero; above the last bucket is in it; no number is passed over.
    pub fn update(&mut self, seconds: f64) {
        if seconds.is_nan() {
            return;
        }
        self.updates += 1.0;
        let keep = (1.0 - 2.0 / (self.updates + 1.0)).clamp(0.0, self.memory);
        for share in &mut self.shares {
            *share *= keep;
        }
        let last = self.shares.len() - 1;
        let bucket = (seconds.max(0.0) / self.width).min(last as f64) as usize;
        self.shares[bucket] += 1.0 - keep;
    }

    /// Whether it knows no more than it started with.
    pub fn is_fresh(&self) -> bool {
        self.updates == 0.0
    }

    /// The seconds that the share `probability`, 0 to 1, of the values does not exceed: a bucket's upper edge.
    pub fn quantile(&self, probability: f64) -> f64 {
        let mut below = 0.0;
        let full = self.shares.iter().position(|share| {
            below += share;
            // The sum of all shares is 1 but for rounding.
            below >= probability - 1e-9
        });
        (full.unwrap_or(self.shares.len() - 1) + 1) as f64 * self.width
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_value_counts_for_more_than_what_it_started_with() {
        let mut histogram = Histogram::new(100, 0.02, 0.983);
        assert!(histogram.is_fresh());
        histogram.update(0.5);
        assert!((histogram.quantile(0.95) - 0.52).abs() < 1e-9);
    }

    #[test]
    fn the_quantile_is_that_of_what_was_seen_lately() {
        let mut histogram = Histogram::new(100, 0.02, 0.983);
        (0..400).for_each(|n| histogram.update(f64::from(n * 37 % 100) / 100.0));
        assert!((histogram.quantile(0.5) - 0.5).abs() <= 0.06, "{}", histogram.quantile(0.5));
        (0..400).for_each(|_| histogram.update(0.1));
        assert!((histogram.quantile(0.95) - 0.12).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn a_larger_share_never_has_a_smaller_quantile_and_the_shares_stay_a_distribution(
            seen in prop::collection::vec(any::<f64>(), 0..200), low in 0.0..1.0, high in 0.0..1.0,
        ) {
            let mut histogram = Histogram::new(50, 0.005, 0.99);
            for value in seen {
                histogram.update(value);
            }
            let (low, high) = if low <= high { (low, high) } else { (high, low) };
            prop_assert!(histogram.quantile(low) <= histogram.quantile(high));
            prop_assert!(histogram.quantile(0.0) > 0.0 && histogram.quantile(1.0) <= 0.25 + 1e-9);
            prop_assert!((histogram.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
    }
}
