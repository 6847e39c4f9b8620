//! Labels beside lines that run from top to bottom: in rows above the plot, so that no label lies on another, and no line,
//! which begins beside its label, runs through another label.

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

/// Pixels between a line and its label.
const BESIDE: f64 = 4.0;
/// Pixels between two labels.
const APART: f64 = 8.0;

/// Gives each of `labels` (where its line is, and its text) a side and a row. A label is right of its line, and left of
/// it where it would reach beyond `right` or over a line whose label is on the left.
pub(super) fn placed(labels: &[(f64, &str)], left: f64, right: f64) -> Vec<Placed> {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|a, b| labels[*a].0.total_cmp(&labels[*b].0));
    let (mut lefts, mut rights) = (Vec::new(), Vec::new());
    let mut end = right;
    for index in order.into_iter().rev() {
        let (at, text) = labels[index];
        if at + BESIDE + width_of(text) > end {
            lefts.push(index);
            end = at - BESIDE;
        } else {
            rights.push(index);
        }
    }
    // A line must begin below every label that lies over it: those on the left from the right on, then the others from
    // the left on.
    let mut out: Vec<Placed> = Vec::new();
    let lefts = lefts.into_iter().map(|index| (index, true));
    for (index, is_left) in lefts.chain(rights.into_iter().rev().map(|index| (index, false))) {
        let (at, text) = labels[index];
        let width = width_of(text);
        let x = if is_left { at - BESIDE - width } else { at + BESIDE }.max(left);
        let span = |placed: &Placed| (placed.x, placed.x + width_of(labels[placed.index].1));
        let above = out.iter().filter(|other| (span(other).0..=span(other).1).contains(&at));
        let mut row = above.map(|other| other.row + 1).max().unwrap_or(0);
        while out.iter().any(|o| o.row == row && x < span(o).1 + APART && span(o).0 < x + width + APART) {
            row += 1;
        }
        out.push(Placed { index, x, row });
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn labels_that_would_lie_on_each_other_have_rows_of_their_own() {
        let mut placed =
            placed(&[(10.0, "p50 80 ms"), (20.0, "p95 90 ms"), (300.0, "p99 200 ms")], 0.0, 600.0);
        placed.sort_by_key(|label| label.index);
        assert_eq!(placed.into_iter().map(|label| label.row).collect::<Vec<_>>(), [0, 1, 0]);
    }

    #[test]
    fn a_label_at_the_right_edge_is_left_of_its_line() {
        let label = &placed(&[(590.0, "limit 20 ms")], 0.0, 600.0)[0];
        assert!(label.x + width_of("limit 20 ms") < 590.0);
    }

    proptest! {
        #[test]
        fn no_label_lies_on_another_and_no_line_runs_through_one(
            lines in prop::collection::vec(200.0..600.0_f64, 0..8)
        ) {
            let text = "p99 at most 1,500 ms";
            let labels: Vec<(f64, &str)> = lines.iter().map(|at| (*at, text)).collect();
            let placed = placed(&labels, 0.0, 600.0);
            prop_assert_eq!(placed.len(), labels.len());
            for a in &placed {
                let (from, to) = (a.x, a.x + width_of(text));
                for b in placed.iter().filter(|b| b.index != a.index) {
                    prop_assert!(a.row != b.row || b.x > to || b.x + width_of(text) < from);
                    let line = labels[b.index].0;
                    prop_assert!(line < from || line > to || b.row > a.row, "{a:?} under {b:?} at {line}");
                }
            }
        }
    }
}
