//! A series that stays short however long it goes on.

/// Keeps every value at first, and every second of what it kept each time that it is full: always evenly spread.
#[derive(Clone, Debug)]
pub(super) struct Thinned<T> {
    kept: Vec<T>,
    most: usize,
    stride: u64,
    seen: u64,
}

impl<T> Thinned<T> {
    /// A series of at most `most` values.
    pub(super) fn new(most: usize) -> Self {
        Self { kept: Vec::new(), most: most.max(2), stride: 1, seen: 0 }
    }

    /// Takes the next value.
    pub(super) fn push(&mut self, value: T) {
        if self.seen.is_multiple_of(self.stride) {
            if self.kept.len() == self.most {
                let mut place = 0;
                self.kept.retain(|_| {
                    place += 1;
                    place % 2 == 1
                });
                self.stride *= 2;
            }
            if self.seen.is_multiple_of(self.stride) {
                self.kept.push(value);
            }
        }
        self.seen += 1;
    }

    /// What is left of it.
    pub(super) fn into_vec(self) -> Vec<T> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(count: u32, most: usize) -> Vec<u32> {
        let mut series = Thinned::new(most);
        (0..count).for_each(|value| series.push(value));
        series.into_vec()
    }

    #[test]
    fn a_short_series_is_kept_whole() {
        assert_eq!(kept(8, 8), (0..8).collect::<Vec<_>>());
    }

    #[test]
    fn a_long_one_is_evenly_spread_and_bounded() {
        for count in [9, 17, 1_000, 100_003] {
            let kept = kept(count, 8);
            assert!((4..=8).contains(&kept.len()), "{count}: {kept:?}");
            let step = kept[1] - kept[0];
            assert!(kept.windows(2).all(|pair| pair[1] - pair[0] == step), "{count}: {kept:?}");
        }
    }
}
