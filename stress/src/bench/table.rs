//! A report as it is read on a terminal.

use std::fmt::Write;

use super::{Comparison, Pace, Report, TextReport};
use crate::table::{Side, Table};

/// `report` in lines of text: what was measured, a table for each text, and how it stands beside earlier runs.
pub fn table(report: &Report) -> String {
    let mut out = String::new();
    head(&mut out, report);
    for text in &report.texts {
        rows(&mut out, text);
    }
    if report.texts.is_empty() {
        out.push_str("nothing was measured to its end\n");
    }
    if let Some(comparison) = &report.comparison {
        compared(&mut out, comparison);
    }
    out
}

fn head(out: &mut String, report: &Report) {
    let configuration = &report.configuration;
    let pace = match configuration.pace {
        Pace::Freewheel => "as fast as possible",
        Pace::Stream => "in real time",
    };
    let streams = match configuration.concurrency {
        1 => String::new(),
        n => format!(", {n} streams at once"),
    };
    let sessions: Vec<String> = configuration
        .sessions
        .iter()
        .map(|session| {
            format!("{} on {} with {} threads", session.session, session.provider, session.threads)
        })
        .collect();
    // Writing into a string does not fail.
    let _ = writeln!(
        out,
        "{}, {} cores; {}: {}; voice {}",
        configuration.cpu,
        configuration.cores,
        configuration.policy,
        sessions.join(", "),
        configuration.voice
    );
    let _ = writeln!(out, "blocks of {} ms, {pace}{streams}", configuration.chunk_ms);
    for session in &report.sessions {
        let ready =
            session.ready_ms.map_or_else(|| "not loaded".to_owned(), |ms| format!("loaded after {ms:.0} ms"));
        let _ = writeln!(out, "{} session {ready}", session.session);
    }
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

fn compared(out: &mut String, comparison: &Comparison) {
    out.push('\n');
    for text in &comparison.texts {
        let _ = match (text.enough, text.regressions.is_empty()) {
            (false, _) => {
                writeln!(out, "{}: {} earlier runs are too few to compare with", text.text, text.earlier)
            }
            (true, true) => {
                writeln!(out, "{}: no worse than the last {} runs", text.text, text.earlier)
            }
            (true, false) => writeln!(
                out,
                "{}: worse than the last {} runs by more than {:.2} times:",
                text.text, text.earlier, comparison.over
            ),
        };
        for worse in &text.regressions {
            let (metric, ratio) = (worse.metric, worse.ratio());
            let _ = writeln!(
                out,
                "  {} {}, was {}: {}",
                metric.label(),
                metric.told(worse.now),
                metric.told(worse.before),
                if ratio.is_finite() { format!("{ratio:.2} times") } else { "there was none".to_owned() }
            );
        }
    }
}
