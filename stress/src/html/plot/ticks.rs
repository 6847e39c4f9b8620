//! Where an axis has its numbers.

use crate::digits::grouped;

/// More ticks than this are never given, whatever the range.
const MOST: usize = 40;

/// The multiples of 1, 2 or 5 times a power of ten from `from` to `to`, about `count` of them, with their step.
///
/// # Panics
/// Never. A range that is empty has no ticks.
pub(super) fn linear(from: f64, to: f64, count: usize) -> (Vec<f64>, f64) {
    let span = to - from;
    if !span.is_finite() || span <= 0.0 {
        return (Vec::new(), 1.0);
    }
    let rough = span / count.max(1) as f64;
    let power = 10.0_f64.powf(rough.log10().floor());
    let step = match rough / power {
        share if share <= 1.0 => power,
        share if share <= 2.0 => 2.0 * power,
        share if share <= 5.0 => 5.0 * power,
        _ => 10.0 * power,
    };
    // A hair of slack, so that an end that is a multiple up to rounding has its tick.
    let (first, last) = ((from / step - 1e-6).ceil(), (to / step + 1e-6).floor());
    let ticks = (0..MOST).map(|n| first + n as f64).take_while(|n| *n <= last).map(|n| n * step).collect();
    (ticks, step)
}

/// The powers of ten from `from` to `to`, which are above 0; where those are fewer than three, 2 and 5 times them too.
pub(super) fn logarithmic(from: f64, to: f64) -> Vec<f64> {
    let (first, last) = (from.log10().floor() as i32, to.log10().ceil() as i32);
    let within = |value: &f64| *value >= from * (1.0 - 1e-9) && *value <= to * (1.0 + 1e-9);
    let powers: Vec<f64> = (first..=last).map(|exponent| 10.0_f64.powi(exponent)).filter(within).collect();
    if powers.len() < 3 {
        let parts =
            (first..=last).flat_map(|exponent| [1.0, 2.0, 5.0].map(|part| part * 10.0_f64.powi(exponent)));
        return parts.filter(within).collect();
    }
    // Every second or third power where there are many.
    let every = powers.len().div_ceil(9);
    powers.into_iter().step_by(every).collect()
}

/// `value` at an axis whose ticks are `step` apart: as many places as the step has.
pub(super) fn label(value: f64, step: f64) -> String {
    let places = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
    if places == 0 {
        return grouped(value);
    }
    let text = format!("{value:.places$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| matches!(c, '0' | '.')) => rest.to_owned(),
        Some(rest) => format!("\u{2212}{rest}"),
        None => text,
    }
}

/// `value` at a logarithmic axis: `0.01`, `100`, `10k`, `2M`.
pub(super) fn log_label(value: f64) -> String {
    let short = |value: f64, unit: &str| format!("{}{unit}", crate::digits::significant(value, 2));
    match value {
        v if v >= 1e9 => short(v / 1e9, "G"),
        v if v >= 1e6 => short(v / 1e6, "M"),
        v if v >= 1e4 => short(v / 1e3, "k"),
        v if v >= 1e-5 => short(v, ""),
        v => format!("{v:e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_numbers_within_the_range() {
        assert_eq!(linear(0.0, 10.0, 5), (vec![0.0, 2.0, 4.0, 6.0, 8.0, 10.0], 2.0));
        assert_eq!(linear(-0.3, 0.9, 4).0.len(), 2);
        assert_eq!(linear(3.0, 3.0, 5).0, Vec::<f64>::new());
        let (ticks, step) = linear(0.0, 0.3, 3);
        assert_eq!(
            ticks.iter().map(|tick| label(*tick, step)).collect::<Vec<_>>(),
            ["0.0", "0.1", "0.2", "0.3"]
        );
    }

    #[test]
    fn a_short_logarithmic_axis_has_ticks_between_the_powers() {
        assert_eq!(logarithmic(10.0, 100.0), [10.0, 20.0, 50.0, 100.0]);
        assert_eq!(logarithmic(1.0, 1e4), [1.0, 10.0, 100.0, 1e3, 1e4]);
        assert!(logarithmic(1e-12, 1e12).len() <= 10);
    }

    #[test]
    fn labels_are_short() {
        assert_eq!(label(-0.0, 0.1), "0.0");
        assert_eq!(label(-1.5, 0.5), "\u{2212}1.5");
        assert_eq!(label(12_000.0, 2_000.0), "12,000");
        assert_eq!(log_label(10_000.0), "10k");
        assert_eq!(log_label(0.01), "0.01");
        assert_eq!(log_label(2e6), "2M");
    }
}
