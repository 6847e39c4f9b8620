//! What a share of some values is below.

/// The value that a `share` from 0 to 1 of `values` does not exceed, by the nearest rank; `None` where there are none.
pub fn percentile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_of_the_values_and_none_of_nothing() {
        let values: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        let at = |share| percentile(&values, share);
        assert_eq!([at(0.0), at(0.5), at(0.99), at(1.0)].map(Option::unwrap), [1.0, 100.0, 198.0, 200.0]);
        assert_eq!(percentile(&[], 0.5), None);
    }

    #[test]
    fn it_is_of_the_nearest_rank() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(percentile(&values, 0.5), Some(50.0));
        assert_eq!(percentile(&values, 0.99), Some(99.0));
        assert_eq!(percentile(&[7.0], 0.99), Some(7.0));
        assert_eq!(percentile(&[], 0.5), None);
    }
}
