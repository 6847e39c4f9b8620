//! How fast a session works from moment to moment.

use crate::Scatter;

/// How many times as long as usual work takes, over time; for ever is infinite.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    /// Ends of stretches, in order, each with how slow it is; after the last the pace is as usual.
    stretches: Vec<(f64, f64)>,
}

impl Pace {
    /// As usual, but `factor` times as slow from `from` to `to`, in seconds.
    pub fn slow(from: f64, to: f64, factor: f64) -> Self {
        Self { stretches: vec![(from, 1.0), (to, factor)] }
    }

    /// As usual, but so many times as slow in each of `stretches`, which are a beginning and an end in seconds and a
    /// factor. Where some overlap, the factors multiply.
    pub fn slowed(stretches: &[(f64, f64, f64)]) -> Self {
        let mut edges: Vec<f64> = stretches.iter().flat_map(|&(from, to, _)| [from, to]).collect();
        edges.sort_by(f64::total_cmp);
        let slowness = |before: f64| {
            let over = stretches.iter().filter(|&&(from, to, _)| from < before && before <= to);
            over.map(|&(.., factor)| factor).product()
        };
        Self { stretches: edges.into_iter().map(|edge| (edge, slowness(edge))).collect() }
    }

    /// Nothing happens from `from` to `to`, in seconds, not even obeying an interrupt.
    pub fn frozen(from: f64, to: f64) -> Self {
        Self::slow(from, to, f64::INFINITY)
    }

    /// Stalls of `stall` seconds on average, `factor` times as slow, after `calm` seconds on average, for `seconds`.
    /// Two states with chances of leaving them that do not remember (Gilbert, "Capacity of a burst-noise channel",
    /// Bell System Technical Journal 39, 1960; Elliott 1963).
    pub fn stalls(seed: u64, seconds: f64, calm: f64, stall: f64, factor: f64) -> Self {
        let mut scatter = Scatter::new(seed);
        let (mut at, mut stretches) = (0.0, Vec::new());
        while at < seconds {
            for (mean, slowness) in [(calm, 1.0), (stall, factor)] {
                at -= mean * (1.0 - scatter.share()).ln();
                stretches.push((at, slowness));
            }
        }
        Self { stretches }
    }

    /// When `work` seconds at the usual pace are done that are begun at `at`.
    pub fn done(&self, at: f64, work: f64) -> f64 {
        let (mut at, mut left) = (at, work);
        for &(end, slowness) in &self.stretches {
            if end <= at {
                continue;
            }
            let needed = left * slowness;
            if at + needed <= end {
                return at + needed;
            }
            left -= (end - at) / slowness;
            at = end;
        }
        at + left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_as_long_as_the_stretches_that_it_falls_into_make_it() {
        let pace = Pace::slow(10.0, 16.0, 3.0);
        assert_eq!(pace.done(2.0, 4.0), 6.0);
        assert_eq!(pace.done(9.0, 2.0), 13.0);
        assert_eq!(pace.done(9.0, 4.0), 17.0);
        assert_eq!(Pace::frozen(10.0, 16.0).done(9.0, 4.0), 19.0);
    }

    #[test]
    fn where_stretches_overlap_their_factors_multiply() {
        let pace = Pace::slowed(&[(10.0, 20.0, 2.0), (14.0, 16.0, 3.0)]);
        assert_eq!(pace.done(9.0, 1.0), 10.0);
        // Two seconds' work in four, a third of a second's in two, two thirds in the rest.
        assert!((pace.done(10.0, 2.0 + 1.0 / 3.0 + 1.0) - 18.0).abs() < 1e-9);
        assert_eq!(pace.done(30.0, 1.0), 31.0);
        assert_eq!(Pace::slowed(&[]).done(3.0, 1.0), 4.0);
    }

    #[test]
    fn stalls_take_up_their_share_of_the_time() {
        let pace = Pace::stalls(5, 100_000.0, 9.0, 1.0, 3.0);
        // One second in ten gives a third.
        let done = pace.done(0.0, 50_000.0);
        assert!((done / 50_000.0 - 1.0 / (0.9 + 0.1 / 3.0)).abs() < 0.01, "{done}");
    }
}
