//! The table as bars.

use std::fmt::Write as _;

use sostenuto_stress::html::plot::{Axis, Bar, BarChart, Colour, STYLE};

use crate::report::{Report, Row};
use crate::table::STOCK;

/// RTF and time to first audio, one bar for each row, as a file of its own.
pub(crate) fn svg(report: &Report) -> String {
    let charts = [
        chart(
            "seconds of work to a second of speech, 5 s sentence",
            report,
            |row| row.rtf,
            |rtf| format!("{rtf:.3}"),
        ),
        chart(
            "milliseconds to the first audio, 15 words",
            report,
            |row| row.first_ms[0],
            |ms| format!("{ms:.0} ms"),
        ),
    ];
    let mut top = 0.0;
    let mut body = String::new();
    for chart in charts {
        // Renderers differ in how large an `svg` within an `svg` is; a group has no size.
        let Some((head, content)) = chart.split_once('>') else { continue };
        let _ = write!(
            body,
            "<g class=\"plot\" transform=\"translate(0 {top})\">{}</g>",
            content.trim_end_matches("</svg>")
        );
        let height = height_of(head);
        top += height + 12.0;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {top}\" width=\"{WIDTH}\" height=\"{top}\">\
         <style>{STYLE}</style><rect width=\"100%\" height=\"100%\" style=\"fill: var(--paper)\"/>{body}</svg>\n"
    )
}

const WIDTH: f64 = 860.0;
/// Who takes so many times as long as the stock runtime on one thread is named below and has no bar, which would leave
/// none to the others.
const MOST: f64 = 3.0;

fn chart(
    title: &str,
    report: &Report,
    value: impl Fn(&Row) -> Option<f64>,
    label: impl Fn(f64) -> String,
) -> String {
    let most = report.rows.iter().filter(|row| row.peer == STOCK).filter_map(&value).fold(f64::NAN, f64::max);
    let (near, far): (Vec<&Row>, Vec<&Row>) = report
        .rows
        .iter()
        .partition(|row| value(row).is_none_or(|value| value.is_nan() || value <= MOST * most));
    let mut far: Vec<&str> = far.iter().map(|row| row.peer.as_str()).collect();
    far.dedup();
    let title =
        if far.is_empty() { title.to_owned() } else { format!("{title} (beyond it: {})", far.join(", ")) };
    let bars = near.into_iter().filter_map(|row| {
        let value = value(row)?;
        let threads =
            if row.threads == 0 { "as it comes".to_owned() } else { format!("{} thr.", row.threads) };
        let colour = match row.peer.as_str() {
            STOCK => Colour::Grey,
            _ if row.title.starts_with("Sostenuto") => Colour::Blue,
            _ => Colour::Orange,
        };
        Some(Bar {
            name: format!("{}, {threads}", row.peer),
            value,
            spread: None,
            label: label(value),
            colour,
        })
    });
    BarChart::new(&title, Axis::linear(&title), bars.collect()).sized(WIDTH).svg()
}

/// The height that the view box in a chart's first tag tells.
fn height_of(head: &str) -> f64 {
    let view = head.split_once("viewBox=\"").and_then(|(_, rest)| rest.split_once('"'));
    view.and_then(|(view, _)| view.rsplit(' ').next()?.parse().ok()).unwrap_or(400.0)
}
