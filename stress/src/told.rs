//! Runs and reports as plain text, readable without colour.

use std::fmt::Write as _;

use crate::digits::duration;
use crate::table::{Side, Table};
use crate::{Check, Judged, Mode, Report};

/// Whether a run held, in a word.
pub fn word(passed: bool) -> &'static str {
    if passed { "pass" } else { "FAIL" }
}

/// One run in a line: `pass  stalls          sim  seed 7   10 min, 9 min 30 s heard, stable`.
pub fn run_line(judged: &Judged) -> String {
    let Judged { run, verdict, .. } = judged;
    let mode = mode(run.mode);
    format!(
        "{}  {:<24} {mode:<4}  seed {:<6}  {}, {} heard, {}",
        word(verdict.passed),
        run.scenario.name,
        run.scenario.seed,
        duration(run.seconds),
        duration(run.audio_s),
        failing(judged)
    )
}

/// One run in full: every check, what was not measured, faults, notes, and the command that repeats it.
pub fn run_text(judged: &Judged) -> String {
    let Judged { run, verdict, memory_slope, repeat } = judged;
    let mut out = format!(
        "{}: {} ({}, seed {}, {}, profile {})\n",
        run.scenario.name,
        word(verdict.passed),
        mode(run.mode),
        run.scenario.seed,
        duration(run.seconds),
        verdict.profile
    );
    let mut table = Table::new(&[
        ("", Side::Left),
        ("figure", Side::Left),
        ("reached", Side::Right),
        ("at most", Side::Right),
    ]);
    // What failed is what is looked for.
    let order = verdict.failures().chain(verdict.checks.iter().filter(|check| check.passed));
    for Check { figure, limit, reached, passed } in order {
        let unit = figure.unit();
        table.row([word(*passed).into(), figure.title().into(), unit.tell(*reached), unit.tell(*limit)]);
    }
    out.push_str(&table.text("  "));
    let mut say = |text: String| {
        // Writing into a string cannot fail.
        let _ = writeln!(out, "  {text}");
    };
    if let Some(slope) = memory_slope {
        say(format!(
            "memory: {:+.2} MB/h, with 95 % confidence between {:+.2} and {:+.2}",
            slope.mb_per_hour, slope.low, slope.high
        ));
    }
    if !verdict.not_measured.is_empty() {
        let names: Vec<_> = verdict.not_measured.iter().map(|figure| figure.title()).collect();
        say(format!("not measured here, not judged: {}", names.join(", ")));
    }
    for fired in &run.fired {
        let never = if fired.count == 0 { ": it was asked for and never happened" } else { "" };
        say(format!("fault {} fired {}{never}", fired.fault.name(), times(fired.count)));
    }
    if run.audio_s <= 0.0 {
        say("nothing was heard, which proves nothing".to_owned());
    }
    for kind in verdict.never_fired.iter().filter(|kind| run.fired.iter().all(|f| f.fault != **kind)) {
        say(format!("fault {} was asked for and never happened", kind.name()));
    }
    for note in &run.notes {
        say(format!("note: {note}"));
    }
    say(format!("again: {repeat}"));
    out
}

/// The sum in a line: `40 runs: 39 pass, 1 FAIL (frozen seed 7)`.
pub fn sum_line(report: &Report) -> String {
    let failed: Vec<String> = report
        .suites
        .iter()
        .filter(|judged| !judged.verdict.passed)
        .map(|judged| format!("{} seed {}", judged.run.scenario.name, judged.run.scenario.seed))
        .collect();
    let runs = match report.suites.len() {
        1 => "1 run".to_owned(),
        count => format!("{count} runs"),
    };
    let passed = report.suites.len() - failed.len();
    match failed.len() {
        0 => format!("{runs}: {passed} pass"),
        count => format!("{runs}: {passed} pass, {count} FAIL ({})", failed.join(", ")),
    }
}

/// Why a run failed, in a few words; how many checks it passed where it held.
pub(crate) fn failing(judged: &Judged) -> String {
    let verdict = &judged.verdict;
    let mut why: Vec<String> = verdict
        .failures()
        .map(|check| {
            let unit = check.figure.unit();
            format!("{} {} > {}", check.figure.title(), unit.tell(check.reached), unit.tell(check.limit))
        })
        .collect();
    why.extend(verdict.never_fired.iter().map(|kind| format!("{} never fired", kind.name())));
    if judged.run.audio_s <= 0.0 {
        why.push("nothing was heard".to_owned());
    }
    if why.is_empty() && !verdict.passed && !verdict.checks.is_empty() {
        why.push("a figure is no number".to_owned());
    }
    match (why.is_empty(), verdict.checks.len()) {
        (false, _) => why.join("; "),
        (true, 0) => "nothing was measured that has a limit".to_owned(),
        (true, 1) => "1 check".to_owned(),
        (true, count) => format!("{count} checks"),
    }
}

pub(crate) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Sim => "sim",
        Mode::Real => "real",
    }
}

pub(crate) fn times(count: u64) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::report;

    #[test]
    fn a_run_that_failed_says_why_and_how_to_repeat_it() {
        let report = report();
        let text = run_text(&report.suites[1]);
        for part in [
            "frozen: FAIL (real, seed 7, 10 min, profile stable)",
            "\n  FAIL  lost samples",
            "fault freeze fired never: it was asked for and never happened",
            "not measured here, not judged: engine underruns per hour",
            "note: stress-ng is not installed",
            "with 95 % confidence between",
            "again: sostenuto stress frozen --seed 7",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert!(text.lines().all(|line| !line.ends_with(' ')));
    }
}
