//! What became better or worse between two reports.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::table::{Side, Table};
use crate::told::mode;
use crate::{Figure, Figures, Judged, Mode, Report, Unit};

/// What became better or worse between two reports.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    /// By how much a timing may rise before it counts, as a share.
    pub tolerance: f64,
    /// The runs that both have.
    pub pairs: Vec<Pair>,
    /// Runs that only the first has.
    pub only_before: Vec<RunKey>,
    /// Runs that only the second has.
    pub only_after: Vec<RunKey>,
    /// Where the two machines differ: `cpu: A, then B`.
    pub machine: Vec<String>,
}

/// What makes two runs the same one.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunKey {
    /// The scenario's name.
    pub scenario: String,
    /// Its seed.
    pub seed: u64,
    /// Where it ran.
    pub mode: Mode,
}

/// One run, before and after.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Pair {
    /// Which.
    pub run: RunKey,
    /// Whether it passed then.
    pub passed_before: bool,
    /// Whether it passes now.
    pub passed_after: bool,
    /// Every figure that either has.
    pub changes: Vec<Change>,
}

/// One figure, before and after.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// Which.
    pub figure: Figure,
    /// What it was; nothing where it was not measured.
    pub before: Option<f64>,
    /// What it is.
    pub after: Option<f64>,
    /// `after` to `before`; nothing where either is missing or `before` is 0.
    pub ratio: Option<f64>,
    /// What that means.
    pub trend: Trend,
}

/// What a change means. Of all figures less is better.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trend {
    /// It fell by more than the tolerance.
    Better,
    /// Within the tolerance, or too little to matter.
    Same,
    /// It rose by more than the tolerance.
    Worse,
    /// One of the two did not measure it.
    Unknown,
}

/// Compares two reports, run by run. `tolerance` is a share: at 0.1 a timing may rise by a tenth. Counts may not rise
/// at all in a simulation, which is the same every time; on a machine they may rise by the tolerance.
pub fn compare(before: &Report, after: &Report, tolerance: f64) -> Comparison {
    let mut pairs = Vec::new();
    let mut only_before = Vec::new();
    // One that was run several times is held against the run of the same turn.
    let mut left: Vec<&Judged> = after.suites.iter().collect();
    for old in &before.suites {
        let key = key_of(old);
        match left.iter().position(|judged| key_of(judged) == key) {
            Some(at) => pairs.push(pair(key, old, left.remove(at), tolerance)),
            None => only_before.push(key),
        }
    }
    let only_after = left.into_iter().map(key_of).collect();
    Comparison { tolerance, pairs, only_before, only_after, machine: machines(before, after) }
}

impl Comparison {
    /// Whether any figure became worse or any run that passed fails now.
    pub fn regressed(&self) -> bool {
        self.pairs.iter().any(Pair::regressed)
    }

    /// It as text: what changed, run by run, and the sum. Figures that stayed the same are counted and not listed.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing into a string cannot fail.
        for difference in &self.machine {
            let _ = writeln!(out, "another machine: {difference}");
        }
        let mut table = Table::new(&[
            ("run", Side::Left),
            ("figure", Side::Left),
            ("before", Side::Right),
            ("after", Side::Right),
            ("ratio", Side::Right),
            ("", Side::Left),
        ]);
        for pair in &self.pairs {
            for change in pair.changes.iter().filter(|change| change.trend != Trend::Same) {
                table.row(change.cells(&pair.run));
            }
            if pair.passed_before != pair.passed_after {
                let word = |passed| crate::told::word(passed).to_owned();
                let trend = if pair.passed_after { Trend::Better } else { Trend::Worse };
                let cells =
                    [word(pair.passed_before), word(pair.passed_after), String::new(), trend.word().into()];
                table.row([pair.run.text(), "verdict".to_owned()].into_iter().chain(cells));
            }
        }
        if !table.is_empty() {
            out.push_str(&table.text(""));
            out.push('\n');
        }
        for (keys, which) in [(&self.only_before, "first"), (&self.only_after, "second")] {
            for key in keys {
                let _ = writeln!(out, "only in the {which}: {}", key.text());
            }
        }
        let count = |trend| {
            self.pairs.iter().flat_map(|pair| &pair.changes).filter(|change| change.trend == trend).count()
        };
        let runs =
            if self.pairs.len() == 1 { "1 run".to_owned() } else { format!("{} runs", self.pairs.len()) };
        let _ = writeln!(
            out,
            "{runs} compared: {} worse, {} better, {} the same within {} %",
            count(Trend::Worse) + self.pairs.iter().filter(|pair| pair.fails_now()).count(),
            count(Trend::Better),
            count(Trend::Same),
            crate::digits::significant(self.tolerance * 100.0, 3)
        );
        out
    }
}

impl RunKey {
    /// It in a few words: `stalls (sim, seed 7)`.
    pub fn text(&self) -> String {
        format!("{} ({}, seed {})", self.scenario, mode(self.mode), self.seed)
    }
}

impl Pair {
    fn regressed(&self) -> bool {
        let worse = self.changes.iter().any(|change| change.trend == Trend::Worse);
        worse || self.fails_now()
    }

    fn fails_now(&self) -> bool {
        self.passed_before && !self.passed_after
    }
}

impl Change {
    fn cells(&self, run: &RunKey) -> [String; 6] {
        let unit = self.figure.unit();
        let tell = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| unit.tell(value));
        let ratio = self.ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
        let trend = self.trend.word().to_owned();
        [run.text(), self.figure.title().to_owned(), tell(self.before), tell(self.after), ratio, trend]
    }
}

impl Trend {
    /// It in a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Same => "same",
            Self::Worse => "WORSE",
            Self::Unknown => "not measured in both",
        }
    }
}

fn key_of(judged: &Judged) -> RunKey {
    let run = &judged.run;
    RunKey { scenario: run.scenario.name.clone(), seed: run.scenario.seed, mode: run.mode }
}

fn pair(run: RunKey, before: &Judged, after: &Judged, tolerance: f64) -> Pair {
    let (old, new): (&Figures, &Figures) = (&before.run.figures, &after.run.figures);
    let is_judged = |figure| after.verdict.not_measured.contains(&figure);
    let figures: BTreeSet<Figure> = old.keys().chain(new.keys()).copied().collect();
    let changes = figures.into_iter().map(|figure| {
        let (before, after) = (old.get(&figure).copied(), new.get(&figure).copied());
        let both = before.zip(after);
        Change {
            figure,
            before,
            after,
            ratio: both.filter(|(before, _)| *before != 0.0).map(|(before, after)| after / before),
            trend: match both {
                Some(both) => trend(figure, run.mode, both, tolerance),
                // What has a limit and is told no more may hide anything.
                None if before.is_some() && is_judged(figure) => Trend::Worse,
                None => Trend::Unknown,
            },
        }
    });
    let changes = changes.collect();
    Pair { run, passed_before: before.verdict.passed, passed_after: after.verdict.passed, changes }
}

/// What it means that `figure` went from one value to the other.
fn trend(figure: Figure, mode: Mode, (before, after): (f64, f64), tolerance: f64) -> Trend {
    let share = if must_not_rise(figure) && mode == Mode::Sim { 0.0 } else { tolerance.max(0.0) };
    let margin = (share * before.abs()).max(least(figure));
    match after - before {
        rise if rise > margin => Trend::Worse,
        rise if rise < -margin => Trend::Better,
        _ => Trend::Same,
    }
}

/// Whether it counts what goes wrong. What playback does to go on, and what an hour would have of it, only comes near that.
fn must_not_rise(figure: Figure) -> bool {
    let goes_on =
        [Figure::InsertedSamples, Figure::RemovedSamples, Figure::ReorderDepth, Figure::Starvations];
    figure.unit() == Unit::Count && !goes_on.contains(&figure)
}

/// A change up to this is noise or nothing that anyone notices, whatever the ratio.
fn least(figure: Figure) -> f64 {
    match figure.unit() {
        _ if matches!(figure, Figure::CallbackTimeP99Us | Figure::CallbackTimeP999Us) => 2.0,
        Unit::Count => 0.0,
        // A period of a device's callback is ten times as long as a millisecond.
        Unit::PerHour | Unit::Milliseconds => 1.0,
        Unit::Microseconds => 20.0,
        Unit::Ratio => 0.002,
        // Allocators give back what they please.
        Unit::Megabytes => 5.0,
        Unit::MegabytesPerHour => 2.0,
    }
}

fn machines(before: &Report, after: &Report) -> Vec<String> {
    let (a, b) = (&before.machine, &after.machine);
    let cores = (a.cores.to_string(), b.cores.to_string());
    [("cpu", &a.cpu, &b.cpu), ("cores", &cores.0, &cores.1), ("os", &a.os, &b.os)]
        .into_iter()
        .filter(|(_, a, b)| a != b)
        .map(|(part, a, b)| format!("{part}: {a}, then {b}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::report;

    /// The report with `figure` of its first run (real) or third (sim) at `value`.
    fn with(run: usize, figure: Figure, value: f64) -> Report {
        let mut report = report();
        report.suites[run].run.figures.insert(figure, value);
        report
    }

    fn trend_of(run: usize, figure: Figure, before: f64, after: f64) -> Trend {
        let comparison = compare(&with(run, figure, before), &with(run, figure, after), 0.1);
        let change = comparison.pairs[run].changes.iter().find(|change| change.figure == figure).unwrap();
        assert_eq!(comparison.regressed(), change.trend == Trend::Worse);
        change.trend
    }

    #[test]
    fn a_report_has_not_regressed_from_itself() {
        let comparison = compare(&report(), &report(), 0.0);
        assert_eq!(comparison.pairs.len(), 3);
        assert!(!comparison.regressed());
        assert!(comparison.text().starts_with("3 runs compared: 0 worse, 0 better"), "{}", comparison.text());
    }

    #[test]
    fn timings_have_a_tolerance_and_a_floor() {
        assert_eq!(trend_of(0, Figure::TtfaP95Ms, 300.0, 329.0), Trend::Same);
        assert_eq!(trend_of(0, Figure::TtfaP95Ms, 300.0, 331.0), Trend::Worse);
        assert_eq!(trend_of(0, Figure::TtfaP95Ms, 300.0, 269.0), Trend::Better);
        assert_eq!(trend_of(0, Figure::StopP99Ms, 0.1, 0.9), Trend::Same);
    }

    #[test]
    fn counts_may_not_rise_in_a_simulation() {
        assert_eq!(trend_of(2, Figure::Underruns, 100.0, 101.0), Trend::Worse);
        assert_eq!(trend_of(0, Figure::Underruns, 100.0, 101.0), Trend::Same);
        assert_eq!(trend_of(0, Figure::StaleSamples, 0.0, 1.0), Trend::Worse);
    }

    #[test]
    fn what_only_one_measured_is_told_and_is_no_regression() {
        let comparison = compare(&report(), &with(0, Figure::Underruns, 3.0), 0.1);
        assert!(!comparison.regressed());
        assert!(comparison.text().contains("not measured in both"), "{}", comparison.text());
    }

    #[test]
    fn runs_are_paired_by_name_seed_and_mode() {
        let mut after = report();
        after.suites[1].run.scenario.seed = 8;
        let comparison = compare(&report(), &after, 0.1);
        assert_eq!(comparison.only_before[0].text(), "frozen (real, seed 7)");
        assert_eq!(comparison.only_after[0].text(), "frozen (real, seed 8)");
        assert!(comparison.text().contains("only in the second: frozen (real, seed 8)"));
    }

    #[test]
    fn a_run_that_passed_and_fails_has_regressed() {
        let mut after = report();
        after.suites[0].verdict.passed = false;
        after.machine.cpu = "B".into();
        let comparison = compare(&report(), &after, 0.1);
        assert!(comparison.regressed());
        let text = comparison.text();
        assert!(text.contains("verdict    pass   FAIL         WORSE"), "{text}");
        assert!(text.contains("another machine: cpu: A <processor>, then B"), "{text}");
    }
}
