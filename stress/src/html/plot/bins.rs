//! Values counted by their size.

/// How many values lie in a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// The range's lower edge.
    pub from: f64,
    /// Its upper edge.
    pub to: f64,
    /// Values in it.
    pub count: u64,
}

/// `values` in at most `count` bins that are equally wide. What is no number is passed over.
pub fn linear_bins(values: &[f64], count: usize) -> Vec<Bin> {
    let Some((low, high)) = extent(values.iter().copied().filter(|v| super::svg::is_drawable(*v))) else {
        return Vec::new();
    };
    if high - low < (low.abs().max(high.abs()) * 1e-9).max(1e-12) {
        return one(low, low.abs().max(1.0) * 0.02, values);
    }
    let width = (high - low) / count.max(1) as f64;
    let edge = |n: usize| low + n as f64 * width;
    let place = |value: f64| ((value - low) / width) as usize;
    counted(values.iter().copied(), count.max(1), edge, place)
}

/// `values` above 0 in at most `count` bins that are equally wide on a logarithmic axis.
pub fn log_bins(values: &[f64], count: usize) -> Vec<Bin> {
    let logs: Vec<f64> = values.iter().filter(|v| **v >= 1e-12).map(|v| v.ln()).collect();
    let bins = linear_bins(&logs, count);
    bins.into_iter().map(|bin| Bin { from: bin.from.exp(), to: bin.to.exp(), ..bin }).collect()
}

fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |range, value| {
        Some(range.map_or((value, value), |(low, high): (f64, f64)| (low.min(value), high.max(value))))
    })
}

/// All values are the same one.
fn one(value: f64, around: f64, values: &[f64]) -> Vec<Bin> {
    let count = values.iter().filter(|v| super::svg::is_drawable(**v)).count() as u64;
    vec![Bin { from: value - around, to: value + around, count }]
}

fn counted(
    values: impl Iterator<Item = f64>,
    count: usize,
    edge: impl Fn(usize) -> f64,
    place: impl Fn(f64) -> usize,
) -> Vec<Bin> {
    let mut bins: Vec<Bin> = (0..count).map(|n| Bin { from: edge(n), to: edge(n + 1), count: 0 }).collect();
    for value in values.filter(|value| super::svg::is_drawable(*value)) {
        // The largest value lies on the last bin's upper edge.
        bins[place(value).min(count - 1)].count += 1;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_counted_once() {
        let bins = linear_bins(&[0.0, 1.0, 2.0, 3.0, 10.0, f64::NAN], 5);
        assert_eq!(bins.iter().map(|bin| bin.count).collect::<Vec<_>>(), [2, 2, 0, 0, 1]);
        assert_eq!((bins[0].from, bins[4].to), (0.0, 10.0));
        let bins = log_bins(&[1.0, 9.0, 11.0, 100.0, 0.0], 2);
        assert_eq!(bins.iter().map(|bin| bin.count).collect::<Vec<_>>(), [2, 2]);
    }

    #[test]
    fn one_value_has_one_bin_and_none_has_none() {
        assert_eq!(linear_bins(&[], 5), []);
        let bins = linear_bins(&[4.0, 4.0], 5);
        assert_eq!((bins.len(), bins[0].count), (1, 2));
        assert!(bins[0].from < 4.0 && bins[0].to > 4.0);
    }
}
