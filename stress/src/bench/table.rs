//! A report as it is read on a terminal.

use std::fmt::Write;

use super::{Comparison, Pace, Regression, Report, TextReport};
use crate::table::{Side, Table};

/// `report` in lines of text: what was measured, a table for each text, and how it stands beside earlier runs.
pub fn table(report: &Report) -> String {
    let mut out = head_lines(report).join("\n") + "\n";
    for text in &report.texts {
        rows(&mut out, text);
    }
    if report.texts.is_empty() {
        out.push_str("nothing was measured to its end\n");
    }
    if let Some(comparison) = &report.comparison {
        out.push('\n');
        for line in comparison_lines(comparison) {
            out.push_str(&line.text);
            out.push('\n');
        }
    }
    out
}

/// What was measured.
pub(super) fn head_lines(report: &Report) -> Vec<String> {
    let configuration = &report.configuration;
    let pace = match configuration.pace {
        Pace::Freewheel => "as fast as possible",
        Pace::Stream => "in real time",
    };
    let streams = match configuration.concurrency {
        1 => String::new(),
        n => format!(", {n} streams at once"),
    };
    let asked = |name: &str| configuration.sessions.iter().find(|session| session.session == name);
    let sessions = report.sessions.iter().map(|session| {
        let threads = asked(&session.session).map(|asked| format!(" with {} threads", asked.threads));
        let provider =
            session.provider.as_ref().map(|provider| format!(" on {provider}")).unwrap_or_default();
        let ready = session
            .ready_ms
            .map_or_else(|| ", not loaded".to_owned(), |ms| format!(", ready after {ms:.0} ms"));
        format!("{} session{provider}{}{ready}", session.session, threads.unwrap_or_default())
    });
    let mut lines = vec![
        format!(
            "{}, {} cores; ONNX Runtime {}",
            configuration.cpu, configuration.cores, configuration.runtime
        ),
        format!(
            "{} speaks {}, {pace}, in blocks of {} ms{streams}",
            configuration.voice, configuration.policy, configuration.chunk_ms
        ),
    ];
    lines.extend(sessions);
    lines
}

fn rows(out: &mut String, text: &TextReport) {
    let trials = text.trials.len();
    let times = if trials == 1 { "once".to_owned() } else { format!("{trials} times") };
    let _ = writeln!(out, "\n{}, {} characters, spoken {times} after a warm-up", text.name, text.characters);
    let numbers = ["p50", "p95", "p99", "samples"].map(|name| (name, Side::Right));
    let mut table = Table::new(&[&[("", Side::Left)], &numbers[..]].concat());
    for (metric, percentiles) in &text.summary {
        let [p95, p99] = percentiles.is_largest().map(|largest| if largest { " *" } else { "  " });
        table.row([
            metric.label().to_owned(),
            metric.told(percentiles.p50) + "  ",
            metric.told(percentiles.p95) + p95,
            metric.told(percentiles.p99) + p99,
            percentiles.samples.to_string(),
        ]);
    }
    out.push_str(&table.text("  "));
    if text.summary.values().any(|percentiles| percentiles.is_largest()[1]) {
        out.push_str("  * the largest: there are fewer than 20 samples (p95) or 100 (p99)\n");
    }
}

/// A line of what is said beside earlier runs.
pub(super) struct Line {
    pub(super) text: String,
    /// It begins to tell of a text that got worse.
    pub(super) is_worse: bool,
}

/// How each text stands beside earlier runs.
pub(super) fn comparison_lines(comparison: &Comparison) -> Vec<Line> {
    let mut lines = Vec::new();
    for text in &comparison.texts {
        let (name, earlier) = (&text.text, text.earlier);
        let is_worse = !text.regressions.is_empty();
        let told = match (text.enough, is_worse) {
            (false, _) => format!("{name}: too few earlier runs to compare with ({earlier})"),
            (true, false) => format!("{name}: no worse than the last {earlier} runs"),
            (true, true) => {
                format!(
                    "{name}: worse than the last {earlier} runs by more than {:.2} times",
                    comparison.over
                )
            }
        };
        lines.push(Line { text: told, is_worse });
        lines.extend(
            text.regressions.iter().map(|worse| Line { text: regression_line(worse), is_worse: false }),
        );
    }
    lines
}

fn regression_line(worse: &Regression) -> String {
    let (metric, ratio) = (worse.metric, worse.ratio());
    let ratio = if ratio.is_finite() { format!("{ratio:.2} times") } else { "there was none".to_owned() };
    format!("  {} {}, was {}: {ratio}", metric.label(), metric.told(worse.now), metric.told(worse.before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report::tests::report;
    use crate::bench::{Judged, Metric};

    #[test]
    fn a_metric_has_a_line_and_a_percentile_of_few_samples_a_star() {
        let table = table(&report());
        let line = table.lines().find(|line| line.trim_start().starts_with("TTFA")).unwrap();
        assert_eq!(
            line.split_whitespace().collect::<Vec<_>>().join(" "),
            "TTFA 20.0 ms 30.0 ms * 30.0 ms * 3"
        );
        assert!(table.contains("short, 65 characters, spoken 3 times after a warm-up"), "{table}");
        assert!(table.lines().all(|line| line == line.trim_end()), "{table}");
    }

    #[test]
    fn what_got_worse_is_told_with_how_much() {
        let mut report = report();
        let regressions = vec![
            Regression { metric: Metric::TtfaMs, now: 20.0, before: 10.0 },
            Regression { metric: Metric::Underruns, now: 1.0, before: 0.0 },
        ];
        let judged = |regressions| Judged { text: "short".to_owned(), earlier: 7, enough: true, regressions };
        report.comparison = Some(Comparison { last: 10, over: 1.25, texts: vec![judged(regressions)] });
        let told = table(&report);
        assert!(told.contains("short: worse than the last 7 runs by more than 1.25 times\n"), "{told}");
        assert!(told.contains("TTFA 20.0 ms, was 10.0 ms: 2.00 times\n"), "{told}");
        assert!(told.contains("underruns 1, was 0: there was none\n"), "{told}");
        report.comparison = Some(Comparison { last: 10, over: 1.25, texts: vec![judged(Vec::new())] });
        assert!(table(&report).contains("short: no worse than the last 7 runs\n"));
    }
}
