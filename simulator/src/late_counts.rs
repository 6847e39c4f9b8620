//! How many callbacks came how late.

/// Bins of a decade.
const PER_DECADE: usize = 20;
/// The first bin's upper edge is a microsecond, the last one's ten seconds.
const DECADES: usize = 7;

/// How many callbacks came how late, in bins that grow evenly in their logarithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateCounts {
    bins: Vec<u64>,
}

impl Default for LateCounts {
    fn default() -> Self {
        Self { bins: vec![0; PER_DECADE * DECADES + 1] }
    }
}

impl LateCounts {
    /// Counts one that came `late` seconds late; one ahead of its time is in time.
    pub(crate) fn add(&mut self, late: f64) {
        let bin = (late.max(1e-6) * 1e6).log10() * PER_DECADE as f64;
        // What is on an edge is below it, also where the logarithm is a little off.
        let bin = (bin - 1e-9).ceil().max(0.0) as usize;
        let last = self.bins.len() - 1;
        self.bins[bin.min(last)] += 1;
    }

    /// Adds those of `others`.
    pub fn append(&mut self, others: &Self) {
        for (bin, other) in self.bins.iter_mut().zip(&others.bins) {
            *bin += other;
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.bins.iter().sum()
    }

    /// The bins that hold any, each by its upper edge in seconds.
    pub fn bins(&self) -> impl Iterator<Item = (f64, u64)> {
        let edge = |bin: usize| 1e-6 * 10_f64.powf(bin as f64 / PER_DECADE as f64);
        self.bins.iter().enumerate().filter(|(_, count)| **count > 0).map(move |(n, &count)| (edge(n), count))
    }

    /// Seconds that a `share` of them, from 0 to 1, is at most late, to the upper edge of a bin; 0 where there are none.
    pub fn quantile(&self, share: f64) -> f64 {
        let wanted = share * self.count() as f64;
        let mut below = 0;
        let reached = |&(_, count): &(f64, u64)| {
            below += count;
            below as f64 >= wanted
        };
        self.bins().find(reached).map_or(0.0, |(edge, _)| edge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_them_is_at_most_so_late() {
        let mut counts = LateCounts::default();
        (0..99).for_each(|_| counts.add(0.000_9));
        counts.add(0.02);
        let mut twice = counts.clone();
        twice.append(&counts);
        assert_eq!(twice.count(), 200);
        let close = |a: f64, b: f64| (a - b).abs() < 0.13 * b;
        assert!(close(twice.quantile(0.99), 0.000_9) && close(twice.quantile(0.999), 0.02));
        assert_eq!(LateCounts::default().quantile(0.5), 0.0);
    }

    #[test]
    fn nobody_is_left_out() {
        let mut counts = LateCounts::default();
        for late in [-1.0, 0.0, 1e-6, 3.0, 1e3] {
            counts.add(late);
        }
        let counted: Vec<u64> = counts.bins().map(|bin| bin.1).collect();
        assert_eq!(counted, [3, 1, 1]);
    }
}
