//! From values to pixels.

/// From values to pixels, along one axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    is_log: bool,
    start_px: f64,
    end_px: f64,
}

impl Scale {
    /// `from` comes to lie at `start_px` and `to` at `end_px`. `from < to`, and both above 0 where it is logarithmic.
    pub(super) fn new((from, to): (f64, f64), is_log: bool, (start_px, end_px): (f64, f64)) -> Self {
        Self { from, to, is_log, start_px, end_px }
    }

    /// Where `value` lies; beyond the ends, at the ends. What a logarithmic axis has no place for lies at its start.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = if self.is_log {
            (value.max(self.from) / self.from).ln() / (self.to / self.from).ln()
        } else {
            (value - self.from) / (self.to - self.from)
        };
        let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        self.start_px + share * (self.end_px - self.start_px)
    }

    /// The first and the last value.
    pub(super) fn range(&self) -> (f64, f64) {
        (self.from, self.to)
    }

    /// Whether `value` is on the axis.
    pub(super) fn holds(&self, value: f64) -> bool {
        value >= self.from && value <= self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lie_where_they_should() {
        let linear = Scale::new((0.0, 10.0), false, (100.0, 0.0));
        assert_eq!((linear.at(0.0), linear.at(5.0), linear.at(99.0)), (100.0, 50.0, 0.0));
        let log = Scale::new((1.0, 100.0), true, (0.0, 200.0));
        assert!((log.at(10.0) - 100.0).abs() < 1e-9);
        assert_eq!((log.at(0.0), log.at(-3.0), log.at(f64::NAN)), (0.0, 0.0, 0.0));
    }
}
