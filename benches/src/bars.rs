//! Figures beside the bars they are held to.

/// The value below which the part `q` of `values` lies, 0 to 1, by the nearest rank; 0 of none.
pub fn quantile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * q).round() as usize).copied().unwrap_or_default()
}

/// The middle one of `values`; 0 of none.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// Prints a figure, in `unit`.
pub fn figure(name: &str, value: f64, unit: &str) {
    println!("  {name:<52} {value:>10.3} {unit}");
}

/// Prints a figure, in `unit`, and whether it is not above the bar.
pub fn held(name: &str, value: f64, unit: &str, bar: f64) {
    let verdict = if value <= bar { "kept" } else { "MISSED" };
    println!("  {name:<52} {value:>10.3} {unit:<8} bar {bar:>8.3}  {verdict}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let values = [4.0, 1.0, 3.0, 2.0, 5.0];
        assert_eq!([quantile(&values, 0.0), median(&values), quantile(&values, 0.95)], [1.0, 3.0, 5.0]);
        assert_eq!(median(&[]), 0.0);
    }
}
