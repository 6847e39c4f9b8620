//! All runs in a table, and what concealment cost each of them.

use std::fmt::Write as _;

use super::charts::figure;
use super::plot::{Axis, Chart, Colour, Layer, escaped};
use crate::told::{failing, mode, word};
use crate::{Figure, Judged, Report};

/// The columns of figures.
const COLUMNS: [(Figure, &str); 7] = [
    (Figure::TtfaP95Ms, "TTFA p95"),
    (Figure::StopP99Ms, "stop p99"),
    (Figure::Underruns, "underruns"),
    (Figure::Interruptions, "interr."),
    (Figure::ConcealedMs, "concealed"),
    (Figure::AddedDelayMs, "delay"),
    (Figure::Rtf, "RTF"),
];

/// Where the section of the run with this number is.
pub(super) fn anchor(number: usize) -> String {
    format!("run-{}", number + 1)
}

pub(super) fn index(report: &Report) -> String {
    let mut out = String::from(
        "<h2 id=\"index\">Index</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th></th><th>scenario</th><th>mode</th>\
         <th class=\"n\">seed</th><th class=\"n\">length</th>",
    );
    for (_, head) in COLUMNS {
        let _ = write!(out, "<th class=\"n\">{head}</th>");
    }
    out.push_str("<th class=\"n\">faults</th><th>why</th></tr></thead>\n<tbody>\n");
    for (number, judged) in report.suites.iter().enumerate() {
        row(&mut out, number, judged);
    }
    out.push_str("</tbody></table></div>\n");
    if let Some(chart) = price(report) {
        let _ = writeln!(out, "<h2>The price of going on</h2>\n<div class=\"alone\">{chart}</div>");
    }
    out
}

fn row(out: &mut String, number: usize, judged: &Judged) {
    let run = &judged.run;
    let passed = judged.verdict.passed;
    let class = if passed { "" } else { "fail" };
    let _ = write!(
        out,
        "<tr class=\"{class}\"><td><span class=\"badge {class}\">{}</span></td><td><a href=\"#{}\">{}</a></td><td>{}</td>\
         <td class=\"n\">{}</td><td class=\"n\">{}</td>",
        word(passed),
        anchor(number),
        escaped(&run.scenario.name),
        mode(run.mode),
        run.scenario.seed,
        crate::digits::duration(run.seconds)
    );
    for (figure, _) in COLUMNS {
        let value = run.figures.get(&figure).map(|value| figure.unit().tell(*value));
        let _ = write!(out, "<td class=\"n\">{}</td>", value.as_deref().unwrap_or("\u{2013}"));
    }
    let fired: u64 = run.fired.iter().map(|fired| fired.count).sum();
    let _ = writeln!(
        out,
        "<td class=\"n\">{}</td><td class=\"why\">{}</td></tr>",
        crate::digits::grouped(fired as f64),
        escaped(&failing(judged))
    );
}

/// Added delay against concealed time, a dot to a run; nothing where fewer than two runs measured both.
fn price(report: &Report) -> Option<String> {
    let points = |passed: bool| -> Vec<(f64, f64)> {
        let judged = report.suites.iter().filter(|judged| judged.verdict.passed == passed);
        let point = |judged: &Judged| {
            let figures = &judged.run.figures;
            let concealed = figures.get(&Figure::ConcealedMs)?;
            let minutes = judged.run.audio_s / 60.0;
            (minutes > 0.0).then_some((concealed / minutes, *figures.get(&Figure::AddedDelayMs)?))
        };
        judged.filter_map(point).collect()
    };
    let (held, failed) = (points(true), points(false));
    if held.len() + failed.len() < 2 {
        return None;
    }
    let chart = Chart::new(
        "Added delay of every run against what was concealed in a minute of speech",
        Axis::linear("concealed in a minute of speech (ms)").from_zero(),
        Axis::linear("added delay, mean (ms)").from_zero(),
    )
    .with(Layer::Dots { name: "held".into(), colour: Colour::Green, points: held })
    .with(Layer::Dots { name: "failed".into(), colour: Colour::Red, points: failed });
    Some(figure(
        "Added delay against concealed time",
        "A dot to a run. Speech that is never late costs delay, speech that is never delayed breaks off: the nearer to \
         the corner the better.",
        Some(&chart),
        "",
        "",
    ))
}
