//! How far predictions were off: a histogram that forgets. Pure.

/// Width of a bucket, as the logarithm of a ratio: 2 %.
const WIDTH: f64 = 0.02;
/// Ratios from 1/4 to 4; what is further off counts as just as far.
const BUCKETS: usize = 140;
/// Lower edge of the first bucket.
const LOWEST: f64 = -WIDTH * (BUCKETS / 2) as f64;

/// What is kept of the old at each update once there is plenty of it: a memory of about 33 updates.
pub(super) const MEMORY: f64 = 0.97;
/// For how many updates the distribution that it starts with counts.
const PRIOR_UPDATES: f64 = 2.0;

/// The distribution of `ln(actual / predicted)`, older values counting ever less.
///
/// As the delay histogram of `WebRTC`'s jitter buffer: at each update every share is multiplied with `f` and `1 - f` added to
/// the bucket hit; `f` starts small and grows as `1 - 2 / (n + 1)`, so that what was learnt while there was
/// little to go by is soon forgotten. Here the distribution it starts with counts as two updates.
#[derive(Clone, Debug)]
pub(super) struct Residuals {
    shares: [f64; BUCKETS],
    updates: f64,
}

impl Residuals {
    /// Residuals of which only a guess at their standard deviation is known: a normal distribution.
    pub(super) fn new(deviation: f64) -> Self {
        let mut shares = [0.0; BUCKETS];
        for (bucket, share) in shares.iter_mut().enumerate() {
            let residual = LOWEST + WIDTH * (bucket as f64 + 0.5);
            *share = (-0.5 * (residual / deviation).powi(2)).exp();
        }
        let sum: f64 = shares.iter().sum();
        for share in &mut shares {
            *share /= sum;
        }
        Self { shares, updates: PRIOR_UPDATES }
    }

    /// Takes the next residual, and keeps at most the share `memory`, 0 to 1, of what it knew.
    pub(super) fn update(&mut self, residual: f64, memory: f64) {
        let keep = (1.0 - 2.0 / (self.updates + 1.0)).min(memory);
        self.updates += 1.0;
        for share in &mut self.shares {
            *share *= keep;
        }
        let bucket = ((residual - LOWEST) / WIDTH).clamp(0.0, (BUCKETS - 1) as f64) as usize;
        self.shares[bucket] += 1.0 - keep;
    }

    /// The residual that the share `probability`, 0 to 1, of them does not exceed: a bucket's upper edge.
    pub(super) fn quantile(&self, probability: f64) -> f64 {
        let mut below = 0.0;
        let full = self.shares.iter().position(|share| {
            below += share;
            below >= probability
        });
        LOWEST + WIDTH * (full.unwrap_or(BUCKETS - 1) + 1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_starts_with_the_quantiles_of_a_normal_distribution() {
        let residuals = Residuals::new(0.2);
        assert!((residuals.quantile(0.5) - 0.0).abs() <= WIDTH);
        assert!((residuals.quantile(0.95) - 0.2 * 1.645).abs() <= WIDTH);
        assert!((residuals.quantile(0.05) + 0.2 * 1.645).abs() <= WIDTH);
    }

    #[test]
    fn the_quantile_is_that_of_what_was_seen() {
        let mut residuals = Residuals::new(0.2);
        for n in 0..400 {
            // Each hundredth of 0 to 1 once, scattered.
            residuals.update(f64::from(n * 37 % 100) / 100.0, 0.995);
        }
        for probability in [0.1, 0.5, 0.95] {
            let quantile = residuals.quantile(probability);
            assert!((quantile - probability).abs() <= 0.05, "{probability}: {quantile}");
        }
    }

    #[test]
    fn what_it_started_with_is_forgotten_in_ten_updates() {
        let mut residuals = Residuals::new(0.5);
        (0..10).for_each(|_| residuals.update(0.0, MEMORY));
        assert!(residuals.quantile(0.95) <= WIDTH);
    }

    proptest! {
        #[test]
        fn the_shares_stay_a_distribution(
            seen in prop::collection::vec((any::<f64>(), 0.0..1.0), 0..200), deviation in 0.01..2.0,
        ) {
            let mut residuals = Residuals::new(deviation);
            for (residual, memory) in seen {
                residuals.update(residual, memory);
                let sum: f64 = residuals.shares.iter().sum();
                prop_assert!((sum - 1.0).abs() < 1e-9 && residuals.shares.iter().all(|&share| share >= 0.0));
                prop_assert!(residuals.quantile(0.05) <= residuals.quantile(0.95));
                prop_assert!(residuals.quantile(0.95) <= -LOWEST);
            }
        }
    }
}
