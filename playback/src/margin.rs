//! With how much slack it is safe to begin. Pure.

use crate::histogram::Histogram;

/// The margin before anything is known, in seconds.
const START: f64 = 0.08;
/// 100 buckets of 20 ms, a memory of about 59 chunks: `WebRTC`'s delay histogram.
const BUCKETS: usize = 100;
const WIDTH: f64 = 0.02;
const MEMORY: f64 = 0.983;
/// Which share of the chunks is in time with the margin.
const QUANTILE: f64 = 0.95;

/// How much later than promised chunks come, at most, 19 times out of 20.
///
/// The forgetting histogram of a jitter buffer, fed with what its sender promised in place of what a network did:
/// arrival minus promised arrival.
#[derive(Clone, Debug)]
pub struct ArrivalMargin {
    residuals: Histogram,
}

impl Default for ArrivalMargin {
    fn default() -> Self {
        Self { residuals: Histogram::new(BUCKETS, WIDTH, MEMORY) }
    }
}

impl ArrivalMargin {
    /// Takes note that a chunk came `seconds` after it was promised; below zero where it came before.
    pub fn note(&mut self, seconds: f64) {
        self.residuals.update(seconds);
    }

    /// The margin, in seconds.
    pub fn seconds(&self) -> f64 {
        if self.residuals.is_fresh() { START } else { self.residuals.quantile(QUANTILE) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_that_are_kept_need_one_bucket_and_late_ones_what_they_are_late() {
        let mut margin = ArrivalMargin::default();
        assert!((margin.seconds() - 0.08).abs() < 1e-9);
        margin.note(-0.5);
        assert!((margin.seconds() - 0.02).abs() < 1e-9);
        for n in 0..200 {
            margin.note(if n % 8 == 0 { 0.31 } else { -0.1 });
        }
        assert!((margin.seconds() - 0.32).abs() < 1e-9, "{}", margin.seconds());
    }
}
