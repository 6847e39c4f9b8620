//! No more points than a screen can show.

/// A line's `points`, already in pixels, of which every column of one pixel keeps the first, the lowest, the highest
/// and the last: what is drawn is the same, however many hours were sampled.
pub(super) fn line(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept = Vec::new();
    let mut rest = points;
    while let Some(&(x, _)) = rest.first() {
        let column = x.floor();
        let length = rest.iter().take_while(|(x, _)| x.floor() == column).count();
        let (here, later) = rest.split_at(length.max(1));
        rest = later;
        if here.len() <= 4 {
            kept.extend_from_slice(here);
            continue;
        }
        let at = |better: fn(f64, f64) -> bool| {
            (1..here.len()).fold(0, |best, n| if better(here[n].1, here[best].1) { n } else { best })
        };
        let mut places = [0, at(|a, b| a < b), at(|a, b| a > b), here.len() - 1];
        places.sort_unstable();
        for (n, place) in places.iter().enumerate() {
            if n == 0 || places[n - 1] != *place {
                kept.push(here[*place]);
            }
        }
    }
    kept
}

/// Dots, already in pixels, without those that lie on another one to a pixel and a half.
pub(super) fn dots(points: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut taken = std::collections::HashSet::new();
    points.filter(|(x, y)| taken.insert(((x / 1.5).round() as i64, (y / 1.5).round() as i64))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_its_peaks() {
        let points: Vec<_> = (0..10_000)
            .map(|n| (f64::from(n) / 100.0, if n == 5_050 { 99.0 } else { f64::from(n % 7) }))
            .collect();
        let kept = line(&points);
        assert!(kept.len() <= 400, "{}", kept.len());
        assert!(kept.contains(&(50.5, 99.0)));
        assert_eq!((kept.first(), kept.last()), (points.first(), points.last()));
    }

    #[test]
    fn a_short_line_is_left_as_it_is() {
        let points = [(0.0, 1.0), (0.5, 2.0), (9.0, 3.0)];
        assert_eq!(line(&points), points);
        assert_eq!(line(&[]), []);
    }

    #[test]
    fn dots_on_top_of_each_other_are_one() {
        assert_eq!(dots([(1.0, 1.0), (1.1, 1.1), (9.0, 9.0)].into_iter()).len(), 2);
    }
}
