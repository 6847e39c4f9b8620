//! What an axis says, and how far it goes.

use super::scale::Scale;
use super::ticks;

/// An axis: what it measures, and how.
#[derive(Clone, Debug)]
pub struct Axis {
    title: String,
    kind: Kind,
    from_zero: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Linear,
    Log,
    Time,
}

/// The numbers of an axis, with where they stand.
pub(super) struct Ticks {
    pub(super) title: String,
    pub(super) marks: Vec<(f64, String)>,
}

impl Axis {
    /// Equal steps. `title` has the unit: `slack (s)`.
    pub fn linear(title: &str) -> Self {
        Self { title: title.to_owned(), kind: Kind::Linear, from_zero: false }
    }

    /// Equal ratios, for values above 0.
    pub fn log(title: &str) -> Self {
        Self { title: title.to_owned(), kind: Kind::Log, from_zero: false }
    }

    /// Seconds, told in seconds, minutes or hours, whichever fits.
    pub fn time(title: &str) -> Self {
        Self { title: title.to_owned(), kind: Kind::Time, from_zero: false }
    }

    /// It begins at 0 (or below, where values do). Nothing changes on a logarithmic axis.
    #[must_use]
    pub fn from_zero(self) -> Self {
        Self { from_zero: true, ..self }
    }

    pub(super) fn is_log(&self) -> bool {
        self.kind == Kind::Log
    }

    /// Whether it has a place for `value`.
    pub(super) fn takes(&self, value: f64) -> bool {
        super::svg::is_drawable(value) && (!self.is_log() || value >= 1e-12)
    }

    /// How far it goes to hold `values`, and `wished` where that is not too far away: at most as far again.
    pub(super) fn range(
        &self,
        values: impl Iterator<Item = f64>,
        wished: impl Iterator<Item = f64>,
    ) -> (f64, f64) {
        let mut held = values.filter(|value| self.takes(*value)).peekable();
        let (mut from, mut to) = match held.peek() {
            Some(first) => (*first, *first),
            None => (1.0, 1.0),
        };
        for value in held {
            (from, to) = (from.min(value), to.max(value));
        }
        if self.from_zero && !self.is_log() {
            (from, to) = (from.min(0.0), to.max(0.0));
        }
        let reach = if self.is_log() { 0.0 } else { to - from };
        for value in wished.filter(|value| self.takes(*value)) {
            let near = if self.is_log() {
                value >= from / 30.0 && value <= to * 30.0
            } else {
                value >= from - reach && value <= to + reach
            };
            if near {
                (from, to) = (from.min(value), to.max(value));
            }
        }
        self.rounded(from, to)
    }

    /// The range to round numbers, and never an empty one.
    fn rounded(&self, from: f64, to: f64) -> (f64, f64) {
        if self.is_log() {
            let (from, to) = (from * 0.8, to * 1.25);
            return (from, to.max(from * 4.0));
        }
        // So little is nothing beside numbers of this size, and a float could not tell ticks apart.
        let least = (from.abs().max(to.abs()) * 1e-6).max(1e-9);
        let (from, to) = if to - from < least {
            let around = if to == 0.0 { 1.0 } else { (to.abs() * 0.1).max(least) };
            (if self.from_zero && from >= 0.0 { 0.0 } else { from - around }, to + around)
        } else {
            (from, to)
        };
        if self.kind == Kind::Time {
            return (from, to);
        }
        let (_, step) = ticks::linear(from, to, 5);
        let low = (from / step).floor() * step;
        let high = (to / step).ceil() * step;
        // A whole step of nothing at either end is too much.
        let low = if from - low > 0.75 * step { low + 0.5 * step } else { low };
        let high = if high - to > 0.75 * step { high - 0.5 * step } else { high };
        (low, high)
    }

    /// Its numbers over the range of `scale`, about `count` of them.
    pub(super) fn ticks(&self, scale: &Scale, count: usize) -> Ticks {
        let (from, to) = scale.range();
        match self.kind {
            Kind::Log => Ticks {
                title: self.title.clone(),
                marks: ticks::logarithmic(from, to).into_iter().map(|v| (v, ticks::log_label(v))).collect(),
            },
            Kind::Linear => {
                let (values, step) = ticks::linear(from, to, count);
                let marks = values.into_iter().map(|value| (value, ticks::label(value, step))).collect();
                Ticks { title: self.title.clone(), marks }
            }
            Kind::Time => {
                let (unit, seconds) = match to - from {
                    span if span <= 180.0 => ("s", 1.0),
                    span if span <= 10_800.0 => ("min", 60.0),
                    _ => ("h", 3_600.0),
                };
                let (values, step) = ticks::linear(from / seconds, to / seconds, count);
                let marks =
                    values.into_iter().map(|value| (value * seconds, ticks::label(value, step))).collect();
                Ticks { title: format!("{} ({unit})", self.title), marks }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(axis: &Axis, values: &[f64], wished: &[f64]) -> (f64, f64) {
        axis.range(values.iter().copied(), wished.iter().copied())
    }

    #[test]
    fn a_range_is_round_and_holds_all_values() {
        assert_eq!(range(&Axis::linear("x"), &[101.2, 108.9], &[]), (100.0, 110.0));
        assert_eq!(range(&Axis::linear("x").from_zero(), &[7.0, 8.9], &[]), (0.0, 10.0));
    }

    #[test]
    fn a_limit_that_is_far_away_does_not_squeeze_the_data() {
        let axis = Axis::linear("x").from_zero();
        assert_eq!(range(&axis, &[10.0], &[1_500.0]), (0.0, 10.0));
        assert_eq!(range(&axis, &[10.0], &[18.0]), (0.0, 20.0));
    }

    #[test]
    fn a_range_is_never_empty() {
        for values in
            [&[][..], &[0.0], &[5.0, 5.0], &[1e12, 1e12], &[f64::NAN, f64::INFINITY], &[-1e12, 1e12]]
        {
            for axis in [Axis::linear("x"), Axis::linear("x").from_zero(), Axis::log("x"), Axis::time("x")] {
                let (from, to) = range(&axis, values, &[]);
                assert!(from < to && from.is_finite() && to.is_finite(), "{axis:?} {values:?}: {from} {to}");
            }
        }
    }

    #[test]
    fn time_is_told_in_the_unit_that_fits() {
        for (seconds, title) in [(60.0, "time (s)"), (600.0, "time (min)"), (36_000.0, "time (h)")] {
            let scale = Scale::new((0.0, seconds), false, (0.0, 1.0));
            assert_eq!(Axis::time("time").ticks(&scale, 6).title, title);
        }
    }
}
