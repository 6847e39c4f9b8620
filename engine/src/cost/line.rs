//! A line `c0 + c1 n`, learnt while it is used. Pure.

/// How much the prior's level counts, in observations: so little that a prior ten times off does no harm.
const LEVEL_WEIGHT: f64 = 0.01;
/// How much the proportion of the prior's coefficients counts: fragments of one size alone do not tell the two apart,
/// and then it decides.
const SHAPE_WEIGHT: f64 = 0.1;

/// Recursive least squares with forgetting, of two coefficients that are never negative.
///
/// At each observation `A <- f A + x x'`, `b <- f b + z x`, and the coefficients solve `(A + w I) c = b + w m 1`:
/// exponentially weighted least squares in its information form (Haykin, Adaptive Filter Theory, chapter 10), with a
/// ridge of weight `w` towards the prior times the factor `m` that by itself fits best. Neither is ever forgotten.
/// Everything is in units of the prior `p0 + p1 n`: `x = (p0, p1 n) / (p0 + p1 n)`, `z = y / (p0 + p1 n)`, and the
/// coefficients are factors of `p0` and `p1`. So an error counts by its ratio to the whole, as errors of durations
/// do, and the two coefficients are of one magnitude.
#[derive(Clone, Debug)]
pub(super) struct Line {
    prior: [f64; 2],
    /// `A`, which is symmetric: its first element, the one beside it, and its last.
    moments: [f64; 3],
    targets: [f64; 2],
    factors: [f64; 2],
}

impl Line {
    /// A line that nothing was observed of. Both coefficients of the prior are positive.
    pub(super) const fn new(prior: [f64; 2]) -> Self {
        Self { prior, moments: [0.0; 3], targets: [0.0; 2], factors: [1.0; 2] }
    }

    /// `c0` and `c1`.
    pub(super) fn coefficients(&self) -> [f64; 2] {
        [self.prior[0] * self.factors[0], self.prior[1] * self.factors[1]]
    }

    /// The line at `n`.
    pub(super) fn at(&self, n: f64) -> f64 {
        let [c0, c1] = self.coefficients();
        c0 + c1 * n
    }

    /// Learns that the value at `n` was `y`, and keeps the share `memory`, 0 to 1, of what it knew.
    pub(super) fn observe(&mut self, n: f64, y: f64, memory: f64) {
        let unit = self.prior[0] + self.prior[1] * n;
        let x = [self.prior[0] / unit, self.prior[1] * n / unit];
        let z = y / unit;
        let rows = [x[0] * x[0], x[0] * x[1], x[1] * x[1]];
        self.moments = std::array::from_fn(|i| memory * self.moments[i] + rows[i]);
        self.targets = std::array::from_fn(|i| memory * self.targets[i] + z * x[i]);
        self.factors = self.solve();
    }

    /// The factor of the whole prior that fits best.
    fn level(&self) -> f64 {
        let weight = self.moments[0] + 2.0 * self.moments[1] + self.moments[2];
        (self.targets[0] + self.targets[1] + LEVEL_WEIGHT) / (weight + LEVEL_WEIGHT)
    }

    /// The factors that fit best among those that are not negative. Where the best of all has a negative one, the best
    /// allowed has zero in its place.
    fn solve(&self) -> [f64; 2] {
        let ridge = SHAPE_WEIGHT * self.level();
        let targets = self.targets.map(|target| target + ridge);
        let (first, both, second) =
            (self.moments[0] + SHAPE_WEIGHT, self.moments[1], self.moments[2] + SHAPE_WEIGHT);
        let determinant = first * second - both * both;
        let best = [
            (second * targets[0] - both * targets[1]) / determinant,
            (first * targets[1] - both * targets[0]) / determinant,
        ];
        match best {
            [c0, _] if c0 < 0.0 => [0.0, targets[1] / second],
            [_, c1] if c1 < 0.0 => [targets[0] / first, 0.0],
            _ => best,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_found_from_a_prior_that_is_ten_times_off() {
        let mut line = Line::new([0.05, 0.01]);
        for n in [20.0, 80.0, 10.0, 150.0, 40.0, 60.0] {
            line.observe(n, 0.5 + 0.1 * n, 0.97);
        }
        for n in [10.0, 100.0, 300.0] {
            assert!((line.at(n) / (0.5 + 0.1 * n) - 1.0).abs() < 0.02, "{}", line.at(n));
        }
    }

    #[test]
    fn fragments_of_one_size_leave_both_coefficients_in_proportion() {
        let mut line = Line::new([0.1, 0.01]);
        (0..10_000).for_each(|_| line.observe(10.0, 0.4, 0.97));
        let [c0, c1] = line.coefficients();
        assert!((c0 - 0.2).abs() < 0.002 && (c1 - 0.02).abs() < 0.000_2, "{c0} {c1}");
    }

    proptest! {
        /// The loss is convex: where no step from a point makes it smaller, the point is its minimum.
        #[test]
        fn it_is_the_best_fit_among_lines_without_negative_coefficients(
            seen in prop::collection::vec((1.0..510.0, 0.01..20.0), 1..30), memory in 0.7..1.0,
        ) {
            let prior = [0.1, 0.02];
            let mut line = Line::new(prior);
            for &(n, y) in &seen {
                line.observe(n, y, memory);
            }
            let level = line.level();
            let loss = |factors: [f64; 2]| {
                let ridge: f64 = factors.iter().map(|factor| SHAPE_WEIGHT * (factor - level).powi(2)).sum();
                let fit = seen.iter().rev().enumerate().map(|(age, &(n, y))| {
                    let unit = prior[0] + prior[1] * n;
                    let value = prior[0] * factors[0] + prior[1] * factors[1] * n;
                    memory.powi(age as i32) * ((value - y) / unit).powi(2)
                });
                ridge + fit.sum::<f64>()
            };
            let found = line.factors;
            let least = loss(found);
            prop_assert!(found.iter().all(|&factor| factor >= 0.0));
            for step in [1e-3, 0.1, 1.0] {
                for (first, second) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0), (1.0, -1.0), (-1.0, 1.0)] {
                    let other = [found[0] + step * first, found[1] + step * second].map(|factor| factor.max(0.0));
                    prop_assert!(loss(other) >= least - 1e-9 * least.max(1.0));
                }
            }
        }
    }
}
