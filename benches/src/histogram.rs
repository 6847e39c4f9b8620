//! Counts of durations, in room that does not grow with their number.

use std::time::Duration;

/// Parts of each octave: a value is known to 1 in 64.
const PARTS: u64 = 64;
/// Values below this, in nanoseconds, are kept as they are.
const EXACT: u64 = PARTS;
const OCTAVES: u64 = 64 - EXACT.trailing_zeros() as u64;

/// A histogram of durations whose bins grow with the value (log-linear, as that of `HdrHistogram`), and the largest.
#[derive(Clone, Debug)]
pub struct Histogram {
    bins: Vec<u64>,
    count: u64,
    most: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { bins: vec![0; (EXACT + OCTAVES * PARTS) as usize], count: 0, most: 0 }
    }
}

impl Histogram {
    /// Counts `value`.
    pub fn add(&mut self, value: Duration) {
        let nanos = value.as_nanos() as u64;
        self.bins[bin(nanos)] += 1;
        self.count += 1;
        self.most = self.most.max(nanos);
    }

    /// Values counted.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The largest value, in microseconds.
    pub fn most_us(&self) -> f64 {
        self.most as f64 / 1e3
    }

    /// The value at or below which the part `q` of all lies, 0 to 1, in microseconds: never less than it is, and more
    /// by 1 in 64 at most; 0 of none.
    pub fn quantile_us(&self, q: f64) -> f64 {
        let rank = ((self.count as f64 * q).ceil() as u64).clamp(1, self.count.max(1));
        let mut counted = 0;
        let reaches = |bin: &(usize, &u64)| {
            counted += *bin.1;
            counted >= rank
        };
        let bin = self.bins.iter().enumerate().find(reaches);
        bin.map_or(0.0, |(bin, _)| highest(bin as u64).min(self.most) as f64 / 1e3)
    }
}

fn bin(nanos: u64) -> usize {
    if nanos < EXACT {
        return nanos as usize;
    }
    let octave = u64::from(nanos.ilog2() - EXACT.ilog2());
    (EXACT + octave * PARTS + ((nanos >> octave) - PARTS)) as usize
}

/// The largest value of a bin.
fn highest(bin: u64) -> u64 {
    if bin < EXACT {
        return bin;
    }
    let (octave, part) = ((bin - EXACT) / PARTS, (bin - EXACT) % PARTS);
    // In this order, because the end of the last bin is the largest number there is.
    ((PARTS + part) << octave) + ((1 << octave) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_follow_one_another_without_a_hole() {
        for value in (0..100_000).chain([u64::MAX / 3, u64::MAX - 1, u64::MAX]) {
            let at = bin(value);
            assert!(value <= highest(at as u64), "{value}");
            assert!(at == 0 || highest(at as u64 - 1) < value, "{value}");
        }
    }

    #[test]
    fn quantiles_are_at_least_what_they_are_and_little_more() {
        let mut histogram = Histogram::default();
        for micros in 1..=1_000 {
            histogram.add(Duration::from_micros(micros));
        }
        for (q, exact) in [(0.5, 500.0), (0.99, 990.0), (0.999, 999.0), (1.0, 1_000.0)] {
            let told = histogram.quantile_us(q);
            assert!((exact..=exact * 65.0 / 64.0).contains(&told), "{q}: {told}");
        }
        assert_eq!((histogram.count(), histogram.most_us()), (1_000, 1_000.0));
        assert_eq!(Histogram::default().quantile_us(0.5), 0.0);
    }
}
