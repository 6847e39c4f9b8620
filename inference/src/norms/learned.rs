//! Sums over fragments, and the plane through them.

use super::Shape;
use crate::generator::{STATISTICS, Statistics};

/// Tokens that count as much as a whole fragment of silence: this brings both variables to about the same spread.
const TOKENS_PER_UNIT: f64 = 1000.0;
/// Longer fragments are taken to be so long: what length does to the norms ends there. Measured on fragments of 300 tokens,
/// not learned from: error of the deviations 0.020 without the length, 0.015 with it, and where two such fragments were
/// among forty sentences 0.017 without this limit and 0.015 with it.
const LONGEST: usize = 180;
/// How much the slopes are held down: as much as this sum of squared distances from the mean would, seen with no slope
/// at all. Forty sentences of 5 to 38 words have 0.17 in the share of silence and 0.1 in the length.
const RIDGE: f64 = 0.01;
/// Fragments that a fit is made from, at the least. Measured for one voice on thirty other sentences: with 8 of forty
/// the error is up to 1.5 times that with all of them, with 20 at most 1.08 times.
pub const ENOUGH: u64 = 20;
/// The least standard deviation of the share of silence over the fragments of a fit: without it there is no telling
/// the slope from the scatter. Measured as above: twenty sentences that spread by 0.018 predict others with twice the
/// error, by 0.030 with 1.1 times.
pub const LEAST_SPREAD: f64 = 0.02;
/// What is this far outside of what was learned from is taken for the nearest that is inside.
const MARGIN: f64 = 0.02;

/// The two variables of a fragment.
fn variables(shape: Shape) -> [f64; 2] {
    [f64::from(shape.share), shape.tokens.min(LONGEST) as f64 / TOKENS_PER_UNIT]
}

/// What was measured over the fragments of one voice, summed up: enough to lay a plane through every channel, however
/// many fragments there were.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    pub(super) count: u64,
    /// Of the variables: sums, sums of products (first by first, first by second, second by second), least and most.
    pub(super) sums: [f64; 2],
    pub(super) products: [f64; 3],
    pub(super) least: [f64; 2],
    pub(super) most: [f64; 2],
    pub(super) mean: Sums,
    /// Of the logarithms of the deviations.
    pub(super) log: Sums,
}

/// Sums of one statistic over the fragments; `[STATISTICS]` each.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sums {
    pub(super) plain: Vec<f64>,
    /// Times the first and the second variable.
    pub(super) by: [Vec<f64>; 2],
}

impl Sums {
    fn new() -> Self {
        let zeros = || vec![0.0; STATISTICS];
        Self { plain: zeros(), by: [zeros(), zeros()] }
    }

    fn add(&mut self, variables: [f64; 2], values: impl Iterator<Item = f64>) {
        let [first, second] = &mut self.by;
        let sums = self.plain.iter_mut().zip(first.iter_mut().zip(second));
        for ((plain, (first, second)), value) in sums.zip(values) {
            *plain += value;
            *first += value * variables[0];
            *second += value * variables[1];
        }
    }

    fn join(&mut self, other: &Self) {
        let [first, second] = &mut self.by;
        for (sums, others) in [(&mut self.plain, &other.plain), (first, &other.by[0]), (second, &other.by[1])]
        {
            sums.iter_mut().zip(others).for_each(|(sum, other)| *sum += other);
        }
    }
}

impl Learned {
    /// Nothing learned yet.
    pub fn new() -> Self {
        Self {
            count: 0,
            sums: [0.0; 2],
            products: [0.0; 3],
            least: [f64::MAX; 2],
            most: [0.0; 2],
            mean: Sums::new(),
            log: Sums::new(),
        }
    }

    /// Adds a fragment. Returns whether it counts: one with a statistic that is not a number, or a deviation that is
    /// none, is left out.
    pub fn add(&mut self, shape: Shape, measured: &Statistics) -> bool {
        let is_good = shape.share.is_finite()
            && measured.mean.len() == STATISTICS
            && measured.deviation.len() == STATISTICS
            && measured.mean.iter().all(|mean| mean.is_finite())
            && measured.deviation.iter().all(|deviation| deviation.is_normal() && *deviation > 0.0);
        if !is_good {
            return false;
        }
        let x = variables(shape);
        self.count += 1;
        for (n, x) in x.into_iter().enumerate() {
            self.sums[n] += x;
            self.least[n] = self.least[n].min(x);
            self.most[n] = self.most[n].max(x);
        }
        for (sum, product) in self.products.iter_mut().zip([x[0] * x[0], x[0] * x[1], x[1] * x[1]]) {
            *sum += product;
        }
        self.mean.add(x, measured.mean.iter().copied().map(f64::from));
        self.log.add(x, measured.deviation.iter().map(|&deviation| f64::from(deviation).ln()));
        true
    }

    /// Adds what was learned from other fragments.
    pub(super) fn join(&mut self, other: &Self) {
        self.count += other.count;
        for n in 0..2 {
            self.sums[n] += other.sums[n];
            self.least[n] = self.least[n].min(other.least[n]);
            self.most[n] = self.most[n].max(other.most[n]);
        }
        for (sum, other) in self.products.iter_mut().zip(other.products) {
            *sum += other;
        }
        self.mean.join(&other.mean);
        self.log.join(&other.log);
    }

    /// Fragments learned from.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The standard deviation of the share of silence over the fragments.
    pub fn spread(&self) -> f64 {
        (self.scatter()[0] / self.count.max(1) as f64).sqrt()
    }

    /// Whether there are [enough](ENOUGH) fragments, over a [spread](LEAST_SPREAD) of shares.
    pub fn is_enough(&self) -> bool {
        self.count >= ENOUGH && self.spread() >= LEAST_SPREAD
    }

    /// As `products`, of the distances from the mean.
    fn scatter(&self) -> [f64; 3] {
        let (count, [s, n], [ss, sn, nn]) = (self.count.max(1) as f64, self.sums, self.products);
        [(ss - s * s / count).max(0.0), sn - s * n / count, (nn - n * n / count).max(0.0)]
    }

    /// The plane through what was learned; `None` before it [is enough](Self::is_enough).
    ///
    /// Ridge regression on two centred variables: "Ridge Regression: Biased Estimation for Nonorthogonal Problems",
    /// Hoerl and Kennard, 1970.
    pub fn fit(&self) -> Option<Fit> {
        if !self.is_enough() {
            return None;
        }
        let count = self.count as f64;
        let centre = self.sums.map(|sum| sum / count);
        let [ss, sn, nn] = self.scatter();
        let (ss, nn) = (ss + RIDGE, nn + RIDGE);
        // Positive: both squares are held above the square of what they share.
        let determinant = ss * nn - sn * sn;
        let plane = |sums: &Sums| {
            let mut plane = Plane::new();
            for (channel, sum) in sums.plain.iter().enumerate() {
                let [s, n] = [0, 1].map(|of| sums.by[of][channel] - centre[of] * sum);
                plane.level[channel] = (sum / count) as f32;
                plane.slopes[0][channel] = ((s * nn - n * sn) / determinant) as f32;
                plane.slopes[1][channel] = ((n * ss - s * sn) / determinant) as f32;
            }
            plane
        };
        Some(Fit {
            centre: centre.map(|x| x as f32),
            lowest: self.least.map(|x| (x - MARGIN) as f32),
            highest: self.most.map(|x| (x + MARGIN) as f32),
            mean: plane(&self.mean),
            log: plane(&self.log),
        })
    }
}

impl Default for Learned {
    fn default() -> Self {
        Self::new()
    }
}

/// Mean and logarithm of the deviation of every channel as planes over share of silence and length.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Where the planes have their level.
    pub(super) centre: [f32; 2],
    /// The planes end here.
    pub(super) lowest: [f32; 2],
    pub(super) highest: [f32; 2],
    pub(super) mean: Plane,
    pub(super) log: Plane,
}

/// One statistic of every channel; `[STATISTICS]` each.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plane {
    pub(super) level: Vec<f32>,
    pub(super) slopes: [Vec<f32>; 2],
}

impl Plane {
    pub(super) fn new() -> Self {
        let zeros = || vec![0.0; STATISTICS];
        Self { level: zeros(), slopes: [zeros(), zeros()] }
    }

    /// The statistic of every channel `away` from the centre.
    fn at(&self, away: [f32; 2]) -> impl Iterator<Item = f32> {
        let slopes = self.slopes[0].iter().zip(&self.slopes[1]);
        let at =
            move |(level, (share, length)): (&f32, (&f32, &f32))| level + share * away[0] + length * away[1];
        self.level.iter().zip(slopes).map(at)
    }
}

impl Fit {
    /// Whether fragments with about this share of silence were learned from.
    pub fn holds(&self, shape: Shape) -> bool {
        (self.lowest[0]..=self.highest[0]).contains(&shape.share)
    }

    /// The statistics of a fragment, as [`predict`](Self::predict) writes them.
    pub fn norms(&self, shape: Shape) -> Statistics {
        let mut statistics = Statistics::new();
        self.predict(shape, &mut statistics);
        statistics
    }

    /// Writes the statistics of a fragment over `statistics`. A share or a length outside of those that were learned
    /// from is taken for the nearest that is inside.
    pub fn predict(&self, shape: Shape, statistics: &mut Statistics) {
        let x = variables(shape);
        let away = [0, 1].map(|n| (x[n] as f32).clamp(self.lowest[n], self.highest[n]) - self.centre[n]);
        statistics.mean.iter_mut().zip(self.mean.at(away)).for_each(|(out, mean)| *out = mean);
        statistics.deviation.iter_mut().zip(self.log.at(away)).for_each(|(out, log)| *out = log.exp());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(share: f32, tokens: usize) -> Shape {
        Shape { share, tokens, is_ordinary: true }
    }

    /// A fragment whose means are `3 + 2 s + n` and whose deviations are `exp(-1 + 4 s - n)`, n in thousands, and a
    /// little off.
    fn fragment(shape: Shape, off: f32) -> Statistics {
        let (share, length) = (shape.share, shape.tokens as f32 / 1000.0);
        Statistics {
            mean: vec![3.0 + 2.0 * share + length + off; STATISTICS],
            deviation: vec![(-1.0 + 4.0 * share - length - off).exp(); STATISTICS],
        }
    }

    fn learned(shapes: impl Iterator<Item = Shape>) -> Learned {
        let mut learned = Learned::new();
        for (n, shape) in shapes.enumerate() {
            let off = if n % 2 == 0 { 0.001 } else { -0.001 };
            assert!(learned.add(shape, &fragment(shape, off)));
        }
        learned
    }

    fn shares(count: usize, from: f32, to: f32) -> impl Iterator<Item = Shape> {
        (0..count).map(move |n| shape(from + (to - from) * n as f32 / (count - 1) as f32, 60))
    }

    fn predicted(learned: &Learned, shape: Shape) -> (f32, f32) {
        let mut statistics = Statistics::new();
        learned.fit().unwrap().predict(shape, &mut statistics);
        let last = STATISTICS - 1;
        assert_eq!(statistics.mean[0].to_bits(), statistics.mean[last].to_bits());
        (statistics.mean[0], statistics.deviation[last])
    }

    #[test]
    fn a_plane_is_found_again() {
        let learned = learned((0..400).map(|n| shape(0.1 + 0.3 * (n % 20) as f32 / 19.0, 20 + n % 160)));
        for shape in [shape(0.1, 20), shape(0.2, 170), shape(0.37, 100)] {
            let ((mean, deviation), wanted) = (predicted(&learned, shape), fragment(shape, 0.0));
            assert!((mean - wanted.mean[0]).abs() < 2e-3, "{shape:?}: {mean}");
            assert!((deviation / wanted.deviation[0] - 1.0).abs() < 3e-3, "{shape:?}: {deviation}");
        }
    }

    #[test]
    fn the_planes_end_just_outside_of_what_was_seen() {
        let learned = learned((0..40).map(|n| shape(0.1 + 0.2 * (n % 8) as f32 / 7.0, 20 + 3 * n)));
        let same = |a, b| predicted(&learned, a) == predicted(&learned, b);
        assert!(same(shape(0.33, 60), shape(0.9, 60)) && !same(shape(0.31, 60), shape(0.32, 60)));
        assert!(same(shape(0.0, 60), shape(0.08, 60)));
        assert!(same(shape(0.2, 157), shape(0.2, 510)) && !same(shape(0.2, 140), shape(0.2, 150)));
        let fit = learned.fit().unwrap();
        let holds = |share| fit.holds(shape(share, 500));
        assert!(holds(0.09) && holds(0.31) && !holds(0.33) && !holds(f32::NAN));
    }

    #[test]
    fn a_paragraph_counts_as_a_long_sentence() {
        let mut learned = learned(shares(40, 0.1, 0.3));
        let before = learned.clone();
        let long = shape(0.2, 500);
        assert!(learned.add(long, &fragment(shape(0.2, LONGEST), 0.0)));
        assert_ne!(learned, before);
        assert_eq!(predicted(&learned, long), predicted(&learned, shape(0.2, LONGEST)));
    }

    #[test]
    fn a_few_fragments_or_shares_that_are_all_alike_are_not_enough() {
        assert!(learned(shares(19, 0.1, 0.3)).fit().is_none());
        assert!(learned(shares(20, 0.1, 0.3)).fit().is_some());
        let alike = learned(shares(200, 0.2, 0.22));
        assert!(alike.spread() < LEAST_SPREAD && alike.fit().is_none());
    }

    #[test]
    fn few_fragments_close_together_have_a_gentle_slope() {
        let learned = learned(shares(20, 0.1, 0.18));
        let rise = predicted(&learned, shape(0.18, 60)).0 - predicted(&learned, shape(0.1, 60)).0;
        assert!(rise > 0.0 && rise < 0.12, "{rise}");
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        let mut learned = Learned::new();
        let ordinary = shape(0.2, 60);
        for spoilt in [f32::NAN, f32::INFINITY] {
            let mut statistics = fragment(ordinary, 0.0);
            statistics.mean[7] = spoilt;
            assert!(!learned.add(ordinary, &statistics));
        }
        let mut statistics = fragment(ordinary, 0.0);
        statistics.deviation[8] = 0.0;
        assert!(!learned.add(ordinary, &statistics));
        assert!(!learned.add(shape(f32::NAN, 60), &fragment(ordinary, 0.0)));
        assert_eq!(learned, Learned::new());
    }
}
