//! The table as bars.

use sostenuto_stress::html::plot::{Axis, Bar, BarChart, Colour, STYLE};

use crate::report::{Report, Row};

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
        let height = height_of(&chart);
        // The style's own size is that of a page.
        let placed = format!("<svg y=\"{top}\" style=\"width: {WIDTH}px; height: {height}px\" ");
        body.push_str(&chart.replacen("<svg ", &placed, 1));
        top += height + 12.0;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {top}\" width=\"{WIDTH}\" height=\"{top}\">\
         <style>{STYLE}</style><rect width=\"100%\" height=\"100%\" style=\"fill: var(--paper)\"/>{body}</svg>\n"
    )
}

const WIDTH: f64 = 860.0;

fn chart(
    title: &str,
    report: &Report,
    value: impl Fn(&Row) -> Option<f64>,
    label: impl Fn(f64) -> String,
) -> String {
    let bars = report.rows.iter().filter_map(|row| {
        let value = value(row)?;
        let threads =
            if row.threads == 0 { "as it comes".to_owned() } else { format!("{} thr.", row.threads) };
        let colour = match row.peer {
            "ort" => Colour::Grey,
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
    BarChart::new(title, Axis::linear(title), bars.collect()).sized(WIDTH).svg()
}

/// The height that the chart's own view box tells.
fn height_of(chart: &str) -> f64 {
    let view = chart.split_once("viewBox=\"").and_then(|(_, rest)| rest.split_once('"'));
    view.and_then(|(view, _)| view.rsplit(' ').next()?.parse().ok()).unwrap_or(400.0)
}
