//! Labels beside lines that run from top to bottom, in rows, so that none lies on another.

use super::svg::width_of;

/// A label, and where it ended up.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Placed {
    /// Which of the labels that were given.
    pub(super) index: usize,
    /// Its left end in pixels.
    pub(super) x: f64,
    /// Its row, from the top.
    pub(super) row: usize,
}

/// Gives each of `labels` (where it belongs, and its text) a row in which it is free, right of where it belongs or left
/// of it where there is no room before `right`.
pub(super) fn placed(labels: &[(f64, &str)], left: f64, right: f64) -> Vec<Placed> {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|a, b| labels[*a].0.total_cmp(&labels[*b].0));
    let mut rows: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut out = Vec::new();
    for index in order {
        let (at, text) = labels[index];
        let width = width_of(text);
        let x = if at + 4.0 + width > right { at - 4.0 - width } else { at + 4.0 }.max(left);
        let is_free = |row: &Vec<(f64, f64)>| row.iter().all(|(from, to)| x > *to || x + width < *from);
        let row = rows.iter().position(is_free).unwrap_or(rows.len());
        if row == rows.len() {
            rows.push(Vec::new());
        }
        rows[row].push((x - 8.0, x + width + 8.0));
        out.push(Placed { index, x, row });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_would_lie_on_each_other_have_rows_of_their_own() {
        let rows: Vec<usize> =
            placed(&[(10.0, "p50 80 ms"), (20.0, "p95 90 ms"), (300.0, "p99 200 ms")], 0.0, 600.0)
                .into_iter()
                .map(|label| label.row)
                .collect();
        assert_eq!(rows, [0, 1, 0]);
    }

    #[test]
    fn a_label_at_the_right_edge_is_left_of_its_line() {
        let label = &placed(&[(590.0, "limit 20 ms")], 0.0, 600.0)[0];
        assert!(label.x + width_of("limit 20 ms") < 590.0);
    }
}
