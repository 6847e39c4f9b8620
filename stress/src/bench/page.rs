//! A report as one page that needs nothing but a browser.

use std::fmt::Write as _;

use super::table::{comparison_lines, head_lines};
use super::{Comparison, Metric, Pace, Report, TextReport};
use crate::html::plot::{Axis, Bar, BarChart, Chart, Colour, Layer, STYLE, escaped, linear_bins};

/// Bars of a distribution, at most.
const BINS: usize = 24;
/// With fewer samples than this each is a dot.
const ENOUGH_FOR_BARS: usize = 20;
/// With more samples than this a single one would not be seen beside the rest on a linear axis.
const MANY: usize = 300;

/// `report` as a page: what was measured, plots, a table for each text, and how it stands beside earlier runs.
pub fn page(report: &Report) -> String {
    let mut body = String::new();
    // Writing into a string cannot fail.
    let _ = write!(
        body,
        "<h1>Sostenuto bench</h1><p class=\"faint\">{}, version {}{}</p>",
        escaped(&report.at),
        escaped(&report.version),
        if report.interrupted { ", ended early" } else { "" }
    );
    for line in head_lines(report) {
        let _ = write!(body, "<p>{}</p>", escaped(&line));
    }
    if let Some(comparison) = &report.comparison {
        compared(&mut body, comparison);
    }
    if report.texts.is_empty() {
        body.push_str("<p>Nothing was measured to its end.</p>");
    } else {
        overview(&mut body, report);
    }
    for text in &report.texts {
        of_text(&mut body, text, report.configuration.pace);
    }
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Sostenuto bench</title>\
         <style>{STYLE}{}</style></head><body><main>{body}</main></body></html>\n",
        include_str!("page.css")
    )
}

/// The texts side by side.
fn overview(body: &mut String, report: &Report) {
    body.push_str("<h2>Texts side by side</h2>");
    body.push_str("<p class=\"faint\">Bars are medians, thin lines go from the fastest to the slowest.</p>");
    body.push_str("<div class=\"cards\">");
    let bars = [
        (Metric::TtfaMs, "time to first audio (ms)", Colour::Blue),
        (Metric::Rtf, "RTF: synthesis seconds to a second of speech", Colour::Green),
        (Metric::CpuPerAudioS, "CPU seconds to a second of audio", Colour::Purple),
        (Metric::PeakRssMb, "most memory resident (MB)", Colour::Grey),
    ];
    for (metric, title, colour) in bars {
        let bars: Vec<Bar> = report.texts.iter().filter_map(|text| bar(text, metric, colour)).collect();
        if !bars.is_empty() {
            card(body, title, &BarChart::new(title, Axis::linear(metric.unit()), bars).sized(480.0).svg());
        }
    }
    body.push_str("</div>");
}

fn bar(text: &TextReport, metric: Metric, colour: Colour) -> Option<Bar> {
    let percentiles = text.summary.get(&metric)?;
    let least = metric.samples(&text.trials).into_iter().fold(f64::INFINITY, f64::min);
    Some(Bar {
        name: text.name.clone(),
        value: percentiles.p50,
        spread: Some((least, percentiles.max)),
        label: metric.told(percentiles.p50),
        colour,
    })
}

/// All that is known of a text.
fn of_text(body: &mut String, text: &TextReport, pace: Pace) {
    let _ = write!(
        body,
        "<h2>{}</h2><p class=\"faint\">{} characters, {} trials</p><div class=\"cards\">",
        escaped(&text.name),
        text.characters,
        text.trials.len()
    );
    card(body, "Percentiles", &percentiles(text));
    distribution(body, text, Metric::TtfaMs, "time to first audio", Colour::Blue);
    distribution(body, text, Metric::Rtf, "RTF", Colour::Green);
    if pace == Pace::Stream {
        distribution(body, text, Metric::BlockGapMs, "time between blocks", Colour::Orange);
    }
    stages(body, text);
    body.push_str("</div>");
}

fn percentiles(text: &TextReport) -> String {
    let mut table =
        String::from("<table><tr><th></th><th>p50</th><th>p95</th><th>p99</th><th>samples</th></tr>");
    for (metric, percentiles) in &text.summary {
        let [p95, p99] = percentiles.is_largest().map(|largest| if largest { "*" } else { "" });
        let _ = write!(
            table,
            "<tr><td>{}</td><td>{}</td><td>{}{p95}</td><td>{}{p99}</td><td>{}</td></tr>",
            metric.label(),
            metric.told(percentiles.p50),
            metric.told(percentiles.p95),
            metric.told(percentiles.p99),
            percentiles.samples
        );
    }
    table.push_str("</table>");
    if text.summary.values().any(|percentiles| percentiles.is_largest()[1]) {
        table.push_str("<p class=\"faint\">* the largest: fewer than 20 samples (p95) or 100 (p99)</p>");
    }
    table
}

/// How the samples of `metric` are spread: bars, or dots where there are few. Of very many the counts are on a
/// logarithmic axis, so that one that is late is seen beside thousands that are not.
fn distribution(body: &mut String, text: &TextReport, metric: Metric, name: &str, colour: Colour) {
    let samples = metric.samples(&text.trials);
    let Some(percentiles) = text.summary.get(&metric).filter(|_| !samples.is_empty()) else { return };
    let unit = if metric.unit().is_empty() { String::new() } else { format!(" ({})", metric.unit()) };
    let x = Axis::linear(&format!("{name}{unit}"));
    let about = format!("{name} of {}", text.name);
    let few = samples.len() < ENOUGH_FOR_BARS;
    let chart = if few {
        let points = samples.iter().enumerate().map(|(n, value)| (*value, n as f64 + 1.0)).collect();
        Chart::new(&about, x, Axis::linear("sample").from_zero()).with(Layer::Dots {
            name: String::new(),
            colour,
            points,
        })
    } else {
        let y = if samples.len() > MANY { Axis::log("count") } else { Axis::linear("count").from_zero() };
        let bins = linear_bins(&samples, BINS);
        Chart::new(&about, x, y).with(Layer::Bars { name: String::new(), colour, bins })
    };
    let lines = [("p50", percentiles.p50), ("p95", percentiles.p95), ("p99", percentiles.p99)];
    // With few samples the high percentiles are the largest of them, which is seen without a line.
    let lines = lines.into_iter().take(if few { 1 } else { 3 }).map(|(name, at)| Layer::Down {
        label: format!("{name} {}", metric.told(at)),
        colour: Colour::Grey,
        is_dashed: false,
        x: at,
    });
    card(body, name, &chart.with_all(lines).sized(480.0, 200.0).svg());
}

/// The time that each stage is at work.
fn stages(body: &mut String, text: &TextReport) {
    let stages = [Metric::G2pMs, Metric::InferenceMs, Metric::PumpMs];
    let bars: Vec<Bar> = stages
        .into_iter()
        .filter_map(|metric| {
            bar(text, metric, Colour::Purple).map(|bar| Bar { name: metric.label().into(), ..bar })
        })
        .collect();
    card(
        body,
        "time at work by stage",
        &BarChart::new("time by stage", Axis::linear("ms"), bars).sized(480.0).svg(),
    );
}

fn compared(body: &mut String, comparison: &Comparison) {
    body.push_str("<h2>Beside earlier runs</h2>");
    for line in comparison_lines(comparison) {
        let class = if line.is_worse { " class=\"worse\"" } else { "" };
        let _ = write!(body, "<p{class}>{}</p>", escaped(&line.text));
    }
}

fn card(body: &mut String, title: &str, content: &str) {
    let _ = write!(body, "<section class=\"card\"><h3>{}</h3>{content}</section>", escaped(title));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report::tests::report;

    #[test]
    fn a_page_has_a_plot_for_each_metric_and_loads_nothing() {
        let page = page(&report());
        // Three side by side; of the text time to first audio, RTF, blocks and stages.
        assert_eq!(page.matches("<svg").count(), 3 + 4);
        for from_elsewhere in ["http://", "https://", "<script", "src=", "@import", "NaN"] {
            assert!(!page.contains(from_elsewhere), "{from_elsewhere}");
        }
    }

    #[test]
    fn a_name_cannot_break_out_of_the_page() {
        let mut report = report();
        report.texts[0].name = "<b>&".to_owned();
        let page = page(&report);
        assert!(!page.contains("<b>") && page.contains("&lt;b&gt;&amp;"));
    }

    #[test]
    fn a_report_of_nothing_says_so() {
        let page = page(&Report { texts: Vec::new(), interrupted: true, ..report() });
        assert!(page.contains("Nothing was measured to its end.") && page.contains("ended early"));
    }
}
