//! A report as one page that needs nothing but a browser.

use std::fmt::Write as _;

use super::table::{comparison_lines, head_lines};
use super::{Comparison, Metric, Pace, Report, TextReport};
use crate::html::document;
use crate::html::plot::{Axis, Bar, BarChart, Chart, Colour, Layer, escaped, linear_bins};

/// Bars of a distribution, at most.
const BINS: usize = 24;
/// With fewer samples than this each is a dot.
const ENOUGH_FOR_BARS: usize = 20;
/// With more samples than this a single one would not be seen beside the rest on a linear axis.
const MANY: usize = 300;
/// Pixels that a plot is wide and high, where there are two in a row.
const SIZE: (f64, f64) = (520.0, 210.0);

/// `report` as a page: what was measured, how it stands beside earlier runs, and plots and a table for each text.
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
        body.push_str("<p class=\"empty\">Nothing was measured to its end.</p>");
    } else {
        overview(&mut body, report);
    }
    for text in &report.texts {
        of_text(&mut body, text, report.configuration.pace);
    }
    document("Sostenuto bench", &body)
}

/// The texts side by side.
fn overview(body: &mut String, report: &Report) {
    body.push_str("<h2>Texts side by side</h2><p class=\"faint\">");
    body.push_str("Bars are medians; thin lines go from the least to the most.</p><div class=\"plots\">");
    let bars = [
        (Metric::TtfaMs, "time to first audio", Colour::Blue),
        (Metric::Rtf, "synthesis seconds to a second of speech (RTF)", Colour::Green),
        (Metric::CpuPerAudioS, "CPU seconds to a second of audio", Colour::Purple),
        (Metric::PeakRssMb, "most memory resident", Colour::Grey),
    ];
    for (metric, title, colour) in bars {
        let bars: Vec<Bar> = report.texts.iter().filter_map(|text| bar(text, metric, colour)).collect();
        if !bars.is_empty() {
            let axis = Axis::linear(&with_unit(title, metric));
            figure(body, title, &BarChart::new(title, axis, bars).sized(SIZE.0).svg());
        }
    }
    body.push_str("</div>");
}

fn with_unit(name: &str, metric: Metric) -> String {
    if metric.unit().is_empty() { name.to_owned() } else { format!("{name} ({})", metric.unit()) }
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
        "<details class=\"run\" open><summary><b>{}</b> <span class=\"faint\">{} characters, {} trials</span>\
         </summary><div>",
        escaped(&text.name),
        text.characters,
        text.trials.len()
    );
    percentiles(body, text);
    body.push_str("<div class=\"plots\">");
    distribution(body, text, Metric::TtfaMs, "time to first audio", Colour::Blue);
    distribution(body, text, Metric::Rtf, "RTF", Colour::Green);
    if pace == Pace::Stream {
        distribution(body, text, Metric::BlockGapMs, "time between blocks", Colour::Orange);
    }
    stages(body, text);
    body.push_str("</div></div></details>");
}

fn percentiles(body: &mut String, text: &TextReport) {
    let heads = ["p50", "p95", "p99", "samples"].map(|head| format!("<th class=\"n\">{head}</th>"));
    let _ = write!(body, "<div class=\"scroll\"><table><tr><th></th>{}</tr>", heads.concat());
    for (metric, percentiles) in &text.summary {
        let [p95, p99] = percentiles.is_largest().map(|largest| if largest { " *" } else { "" });
        let cells = [
            metric.told(percentiles.p50),
            metric.told(percentiles.p95) + p95,
            metric.told(percentiles.p99) + p99,
            percentiles.samples.to_string(),
        ];
        let cells = cells.map(|cell| format!("<td class=\"n\">{cell}</td>")).concat();
        let _ = write!(body, "<tr><td>{}</td>{cells}</tr>", metric.label());
    }
    body.push_str("</table></div>");
    if text.summary.values().any(|percentiles| percentiles.is_largest()[1]) {
        body.push_str(
            "<p class=\"faint\">* the largest: there are fewer than 20 samples (p95) or 100 (p99)</p>",
        );
    }
}

/// How the samples of `metric` are spread: bars, or dots where there are few. Of very many the counts are on a
/// logarithmic axis, so that one that is late is seen beside thousands that are not.
fn distribution(body: &mut String, text: &TextReport, metric: Metric, name: &str, colour: Colour) {
    let samples = metric.samples(&text.trials);
    let Some(percentiles) = text.summary.get(&metric).filter(|_| !samples.is_empty()) else { return };
    let x = Axis::linear(&with_unit(name, metric));
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
    figure(body, name, &chart.with_all(lines).sized(SIZE.0, SIZE.1).svg());
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
    let chart = BarChart::new("time at work by stage", Axis::linear("time at work (ms)"), bars).sized(SIZE.0);
    figure(body, "time at work by stage", &chart.svg());
}

fn compared(body: &mut String, comparison: &Comparison) {
    let fail = if comparison.regressions().next().is_some() { " fail" } else { "" };
    let _ = write!(body, "<h2>Beside earlier runs</h2><div class=\"outcome{fail}\">");
    for line in comparison_lines(comparison) {
        let badge = if line.is_worse { "<span class=\"badge fail\">worse</span> " } else { "" };
        let _ = write!(body, "<p>{badge}{}</p>", escaped(&line.text));
    }
    body.push_str("</div>");
}

fn figure(body: &mut String, title: &str, plot: &str) {
    let title = escaped(title);
    let _ = write!(
        body,
        "<figure><figcaption><h3>{title}</h3></figcaption><div class=\"canvas\">{plot}</div></figure>"
    );
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
        for from_elsewhere in ["http://", "https://", " src=", "@import", "NaN"] {
            assert!(!page.contains(from_elsewhere), "{from_elsewhere}");
        }
    }

    #[test]
    fn a_name_cannot_break_out_of_the_page() {
        let mut report = report();
        report.texts[0].name = "<u>&".to_owned();
        let page = page(&report);
        assert!(!page.contains("<u>") && page.contains("&lt;u&gt;&amp;"));
    }

    #[test]
    fn a_report_of_nothing_says_so() {
        let page = page(&Report { texts: Vec::new(), interrupted: true, ..report() });
        assert!(page.contains("Nothing was measured to its end.") && page.contains("ended early"));
    }
}
