//! What happened beside the data: a row of ticks to each kind of event, above the plot.

use super::scale::Scale;
use super::svg::{Anchor, line, text, width_of};

/// Events of one kind.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Before the row.
    pub name: String,
    /// When, on the chart's x axis.
    pub at: Vec<f64>,
}

/// Pixels to a lane.
pub(super) const HEIGHT: f64 = 14.0;
/// So many events are also drawn through the plot, faintly; more would be a curtain.
const FEW: usize = 60;

/// Pixels that the names need.
pub(super) fn names_width(lanes: &[Lane]) -> f64 {
    lanes.iter().map(|lane| width_of(&lane.name)).fold(0.0, f64::max)
}

/// Draws the lanes from `top` on; `bottom` is the end of the plot below them.
pub(super) fn draw(out: &mut String, lanes: &[Lane], x: &Scale, left: f64, (top, bottom): (f64, f64)) {
    let below = top + HEIGHT * lanes.len() as f64;
    for (row, lane) in lanes.iter().enumerate() {
        let y = top + HEIGHT * row as f64;
        text(out, (left - 6.0, y + 10.0), "legend", Anchor::End, &lane.name);
        let mut columns: Vec<f64> =
            lane.at.iter().filter(|at| x.holds(**at)).map(|at| x.at(*at).round()).collect();
        columns.sort_by(f64::total_cmp);
        columns.dedup();
        let is_few = columns.len() <= FEW;
        for column in columns {
            line(out, (column, y + 2.0), (column, y + HEIGHT - 2.0), "event l-orange");
            if is_few {
                line(out, (column, below), (column, bottom), "hair l-orange");
            }
        }
    }
}
