//! The arguments of `sostenuto stress`.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::args::{Reading, parse_duration};
use crate::session_args::SessionArgs;

#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Stress {
    #[command(subcommand)]
    pub(crate) command: Option<StressCommand>,

    #[command(flatten)]
    pub(crate) run: StressRun,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StressCommand {
    /// List the scenarios and the profiles that come with the program.
    List {
        /// Print the file of this scenario or profile, to make one's own from.
        name: Option<String>,
    },
    /// Compare two reports; exit 1 where the second is worse beyond the tolerance.
    Compare {
        /// The report to compare with.
        before: PathBuf,
        /// The report to judge.
        after: PathBuf,
        #[command(flatten)]
        tolerance: Tolerance,
    },
    /// Keep a report as this machine's baseline, or compare one with it.
    Baseline {
        #[command(subcommand)]
        command: BaselineCommand,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Keep this report as the baseline, in the place of the one before.
    Keep {
        /// A report of `stress --json`.
        report: PathBuf,
    },
    /// Compare this report with the baseline; exit 1 where it is worse beyond the tolerance.
    Compare {
        /// A report of `stress --json`.
        report: PathBuf,
        #[command(flatten)]
        tolerance: Tolerance,
    },
    /// Tell where the baseline is, and what is in it.
    Show,
}

#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Tolerance {
    /// By which share a timing may be worse before that counts; any rise of what must not happen counts.
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = parse_share)]
    pub(crate) tolerance: f64,
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct StressRun {
    /// Scenarios by their names (`sostenuto stress list`), or TOML files of your own; all that come with the program,
    /// unless given. `swarm` draws faults at random from each seed.
    #[arg(value_name = "SCENARIO|FILE.toml")]
    pub(crate) scenarios: Vec<String>,

    /// Run on a virtual clock: hours in seconds, and the same every time. This is so unless --real is given.
    #[arg(long, conflicts_with = "real")]
    pub(crate) sim: bool,

    /// Run on this machine, by the clock on the wall.
    #[arg(long)]
    pub(crate) real: bool,

    /// What must be reached: stable, low-latency, battery, invariants, or a TOML file of your own. Stable unless given;
    /// invariants for a swarm.
    #[arg(long, value_name = "NAME|FILE.toml")]
    pub(crate) profile: Option<String>,

    /// Run with this seed in the place of the scenario's own.
    #[arg(long, value_name = "N", conflicts_with = "seeds")]
    pub(crate) seed: Option<u64>,

    /// Run once with each of these seeds, the last not among them; `swarm` unless scenarios are given.
    #[arg(long, value_name = "A..B", value_parser = parse_seeds)]
    pub(crate) seeds: Option<Seeds>,

    /// Run each scenario for so long, such as 90s, 20m or 2h, in the place of its own length.
    #[arg(long, value_name = "TIME", value_parser = parse_time, conflicts_with = "soak")]
    pub(crate) length: Option<Duration>,

    /// Run for so long on this machine, and tell whether memory grows; `steady-book` unless scenarios are
    /// given.
    #[arg(long, value_name = "TIME", value_parser = parse_time, conflicts_with_all = ["sim", "seeds"])]
    pub(crate) soak: Option<Duration>,

    /// Write the report, as `sostenuto stress compare` reads it.
    #[arg(long, value_name = "FILE.json")]
    pub(crate) json: Option<PathBuf>,

    /// Write the report as one page for a browser, which needs no network.
    #[arg(long, value_name = "FILE.html")]
    pub(crate) html: Option<PathBuf>,

    /// Tell only of what failed, and how all of it ended.
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Let tones of the cost that the scenario gives its machine stand in for the models: what is judged is everything
    /// else.
    #[arg(long)]
    pub(crate) tone: bool,

    #[command(flatten)]
    pub(crate) sessions: SessionArgs,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Seeds one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seeds(pub(crate) Range<u64>);

fn parse_seeds(text: &str) -> Result<Seeds, String> {
    let range = text.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    range
        .filter(|range| !range.is_empty())
        .map(Seeds)
        .ok_or_else(|| "seeds are two whole numbers, the second above the first: 0..100".to_owned())
}

fn parse_time(text: &str) -> Result<Duration, String> {
    let (number, factor) = match text.as_bytes().last() {
        Some(b's') => (&text[..text.len() - 1], 1.0),
        Some(b'm') => (&text[..text.len() - 1], 60.0),
        Some(b'h') => (&text[..text.len() - 1], 3_600.0),
        _ => (text, 1.0),
    };
    parse_duration(number)
        .ok()
        .and_then(|duration| Duration::try_from_secs_f64(duration.as_secs_f64() * factor).ok())
        .ok_or_else(|| {
            "a length of time is a number above 0 with s, m or h behind it: 90s, 20m, 2h".to_owned()
        })
}

fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share: &f64| share.is_finite() && *share >= 0.0);
    share.ok_or_else(|| "a tolerance is a share such as 0.1, at least 0".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_a_range_whose_end_is_left_out() {
        assert_eq!(parse_seeds("0..100"), Ok(Seeds(0..100)));
        for wrong in ["", "7", "..", "1..", "5..5", "9..3", "-1..3", "a..b"] {
            assert!(parse_seeds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_length_of_time_is_in_seconds_minutes_or_hours() {
        let seconds = |text| parse_time(text).map(|time| time.as_secs_f64());
        assert_eq!(
            (seconds("90"), seconds("90s"), seconds("1.5m"), seconds("2h")),
            (Ok(90.0), Ok(90.0), Ok(90.0), Ok(7_200.0))
        );
        for wrong in ["", "h", "-1s", "0m", "2d", "1e300h", "π"] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
    }
}
