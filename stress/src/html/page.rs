//! The whole page.

use std::fmt::Write as _;

use super::plot::escaped;
use super::{document, index, section};
use crate::{Figure, Report};

/// `report` as one page: what came of it, the machine, an index of all runs, and every run with its plots. Runs that
/// held are folded up.
pub fn page(report: &Report) -> String {
    let mut body = head(report);
    body.push_str(&index::index(report));
    body.push_str(
        "<h2 id=\"runs\">Runs</h2>\n<p class=\"buttons\"><button data-open=\"all\" hidden>open all</button>\
         <button data-open=\"failed\" hidden>only failed</button>\
         <button data-open=\"none\" hidden>close all</button></p>\n",
    );
    body.push_str("<p class=\"faint\">A run that failed is open, one that held is folded up.</p>\n");
    for (number, judged) in report.suites.iter().enumerate() {
        body.push_str(&section::section(number, judged));
    }
    document("Sostenuto stress report", &body)
}

fn head(report: &Report) -> String {
    let total = report.suites.len();
    let held = report.suites.iter().filter(|judged| judged.verdict.passed).count();
    let outcome = match (held, total) {
        (_, 0) => "No runs".to_owned(),
        (held, total) if held == total => format!("All {total} runs hold"),
        (held, total) => format!("{} of {total} runs fail", total - held),
    };
    let class = if report.passed() { "outcome" } else { "outcome fail" };
    let mut out = format!(
        "<header class=\"{class}\">\n<h1>{outcome}</h1>\n<p class=\"faint\">Sostenuto stress report, made {}, version \
         {}</p>\n</header>\n<div class=\"tiles\">\n",
        escaped(&report.made),
        escaped(&report.version)
    );
    for (value, what) in tiles(report) {
        let _ = writeln!(out, "<div class=\"tile\"><b>{}</b><span>{what}</span></div>", escaped(&value));
    }
    let machine = &report.machine;
    let memory = match machine.memory_mb {
        0 => "not told by the system".to_owned(),
        mb => format!("{:.1} GB", mb as f64 / 1000.0),
    };
    let _ = write!(
        out,
        "</div>\n<h2>Machine</h2>\n<dl>\n<dt>processor</dt><dd>{}</dd>\n<dt>cores</dt><dd>{}</dd>\n\
         <dt>memory</dt><dd>{memory}</dd>\n<dt>system</dt><dd>{}</dd>\n\
         <dt>command</dt><dd><code>{}</code></dd>\n</dl>\n",
        escaped(&machine.cpu),
        machine.cores,
        escaped(&machine.os),
        escaped(&report.command)
    );
    out
}

/// The numbers at the top, each with what it is.
fn tiles(report: &Report) -> Vec<(String, &'static str)> {
    let values =
        |figure: Figure| report.suites.iter().filter_map(move |j| j.run.figures.get(&figure).copied());
    let told = |figure: Figure, value: Option<f64>| {
        value.map_or_else(|| "\u{2013}".to_owned(), |value| figure.unit().tell(value))
    };
    let sum = |figure| told(figure, values(figure).reduce(|a, b| a + b));
    let worst = |figure| told(figure, values(figure).reduce(f64::max));
    let heard: f64 = report.suites.iter().map(|judged| judged.run.audio_s).sum();
    let fired: u64 = report.suites.iter().flat_map(|j| &j.run.fired).map(|fired| fired.count).sum();
    vec![
        (crate::digits::duration(heard), "of speech heard"),
        (crate::digits::grouped(fired as f64), "faults fired"),
        (sum(Figure::Underruns), "engine underruns"),
        (sum(Figure::Interruptions), "interruptions"),
        (sum(Figure::StaleSamples), "stale samples"),
        (worst(Figure::TtfaP95Ms), "TTFA p95, worst run"),
        (worst(Figure::StopP99Ms), "stop to silence p99, worst run"),
    ]
}
