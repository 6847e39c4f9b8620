//! The plots of one run.

mod buffer;
mod cost;
mod distribution;
mod memory;

use super::plot::{Chart, escaped};
use crate::{Figure, Judged, Mode};

/// All plots of a run, as `figure` elements.
pub(super) fn charts(judged: &Judged) -> String {
    [
        buffer::waiting(judged),
        buffer::ring(judged),
        buffer::slack(judged),
        distribution::ttfa(judged),
        distribution::stop(judged),
        distribution::lateness(judged),
        cost::rtf(judged),
        memory::memory(judged),
        buffer::delay(judged),
    ]
    .concat()
}

/// A chart with its title and how to read it; where there is nothing to see, why.
pub(super) fn figure(title: &str, reading: &str, chart: Option<&Chart>, class: &str, absent: &str) -> String {
    let title = escaped(title);
    match chart.filter(|chart| !chart.is_empty()) {
        Some(chart) => format!(
            "<figure class=\"{class}\"><figcaption><h3>{title}</h3><span>{}</span></figcaption>\
             <div class=\"canvas\">{}</div></figure>\n",
            escaped(reading),
            chart.svg()
        ),
        None => format!(
            "<figure class=\"{class}\"><figcaption><h3>{title}</h3></figcaption><p class=\"empty\">{}</p></figure>\n",
            escaped(absent)
        ),
    }
}

/// Why there is nothing to see of what only a machine can show.
fn absent(judged: &Judged) -> &'static str {
    match judged.run.mode {
        Mode::Sim => "not measured in a simulation",
        Mode::Real => "nothing was measured",
    }
}

/// The limit that `figure` was held to.
fn limit(judged: &Judged, figure: Figure) -> Option<f64> {
    judged.verdict.checks.iter().find(|check| check.figure == figure).map(|check| check.limit)
}
