//! The arguments of `sostenuto bench`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;
use sostenuto_stress::bench::{Pace, Preset};

use crate::args::Reading;
use crate::session_args::SessionArgs;
use crate::speaking::Speaking;

/// Earlier runs that a run is held against, unless told.
const LAST: usize = 10;
/// How many times as much of a metric is too much, unless told.
const OVER: f64 = 1.25;

#[derive(Debug, Parser)]
pub(crate) struct Bench {
    /// What is spoken: short (a sentence), medium (a message), long (some paragraphs), article. All of them unless
    /// given, or unless there is a --text.
    #[arg(value_name = "short|medium|long|article")]
    pub(crate) presets: Vec<Preset>,

    /// Speak this UTF-8 file; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) text: Vec<PathBuf>,

    /// In real time, as a listener hears it; else as fast as possible.
    #[arg(long)]
    pub(crate) stream: bool,

    /// How often each text is spoken and counted; once more before that, which is not.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) trials: u32,

    /// So many streams of the engine speak at once.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) concurrency: u32,

    /// Milliseconds of audio that leave at once.
    #[arg(long, value_name = "40|50|100", default_value = "50", value_parser = chunk_parser())]
    pub(crate) chunk_ms: u32,

    /// Starts the noise of the fast session: the same text and seed give the same samples.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,

    /// Write what was found, as JSON.
    #[arg(long, value_name = "FILE.json")]
    pub(crate) json: Option<PathBuf>,

    /// Write what was found, as one page with plots.
    #[arg(long, value_name = "FILE.html")]
    pub(crate) html: Option<PathBuf>,

    /// Append what was found to this file, as a line of JSON.
    #[arg(long, value_name = "FILE.jsonl")]
    pub(crate) history: Option<PathBuf>,

    /// Hold the medians against those of the last runs in the history (10 unless given) on this machine in the same
    /// configuration; exit with status 1 where one got worse.
    #[arg(long, value_name = "N", requires = "history", num_args = 0..=1, require_equals = true,
          default_missing_value = "10", value_parser = clap::value_parser!(u16).range(1..))]
    compare_last: Option<u16>,

    /// How many times as much is worse, above 1; 1.25 unless given. Compares, as --compare-last does.
    #[arg(long, value_name = "RATIO", requires = "history", value_parser = parse_over)]
    warn_over: Option<f64>,

    #[command(flatten)]
    pub(crate) sessions: SessionArgs,

    #[command(flatten)]
    pub(crate) speaking: Speaking,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

impl Bench {
    /// The presets that are spoken.
    pub(crate) fn presets(&self) -> &[Preset] {
        if self.presets.is_empty() && self.text.is_empty() { &Preset::ALL } else { &self.presets }
    }

    /// How fast audio is taken.
    pub(crate) fn pace(&self) -> Pace {
        if self.stream { Pace::Stream } else { Pace::Freewheel }
    }

    /// How much audio leaves at once.
    pub(crate) fn chunk(&self) -> Duration {
        Duration::from_millis(self.chunk_ms.into())
    }

    /// How many earlier runs to compare with, and from which ratio on to warn; `None` where nothing is compared.
    pub(crate) fn comparison(&self) -> Option<(usize, f64)> {
        (self.compare_last.is_some() || self.warn_over.is_some())
            .then(|| (self.compare_last.map_or(LAST, usize::from), self.warn_over.unwrap_or(OVER)))
    }
}

fn chunk_parser() -> impl clap::builder::TypedValueParser<Value = u32> {
    PossibleValuesParser::new(["40", "50", "100"]).try_map(|ms| ms.parse::<u32>())
}

fn parse_over(text: &str) -> Result<f64, String> {
    let ratio = text.parse::<f64>().ok().filter(|ratio| *ratio > 1.0 && ratio.is_finite());
    ratio.ok_or_else(|| "a ratio is a number above 1, such as 1.25".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bench(args: &[&str]) -> Result<Bench, String> {
        Bench::try_parse_from([&["bench"], args].concat()).map_err(|error| error.to_string())
    }

    #[test]
    fn without_arguments_every_preset_is_spoken_five_times_as_fast_as_possible() {
        let bench = bench(&[]).unwrap();
        assert_eq!(bench.presets(), Preset::ALL);
        assert_eq!((bench.trials, bench.concurrency, bench.pace()), (5, 1, Pace::Freewheel));
        assert_eq!((bench.chunk(), bench.comparison()), (Duration::from_millis(50), None));
    }

    #[test]
    fn what_is_named_is_all_that_is_spoken() {
        assert_eq!(bench(&["long", "short"]).unwrap().presets(), [Preset::Long, Preset::Short]);
        assert_eq!(bench(&["--text", "a.txt"]).unwrap().presets(), []);
        let both = bench(&["short", "--text", "a.txt", "--text", "b.txt"]).unwrap();
        assert_eq!((both.presets().len(), both.text.len()), (1, 2));
        assert!(bench(&["book"]).unwrap_err().contains("choose short, medium, long or article"));
    }

    #[test]
    fn a_chunk_has_one_of_three_lengths() {
        for (given, ms) in [("40", 40), ("50", 50), ("100", 100)] {
            assert_eq!(bench(&["--chunk-ms", given]).unwrap().chunk_ms, ms);
        }
        assert!(bench(&["--chunk-ms", "20"]).unwrap_err().contains("40, 50, 100"));
    }

    #[test]
    fn no_trial_no_stream_and_no_thread_are_refused() {
        for args in [["--trials", "0"], ["--concurrency", "0"], ["--threads", "0"]] {
            assert!(bench(&args).is_err(), "{args:?}");
        }
    }

    #[test]
    fn either_argument_compares_and_both_need_a_history() {
        let compared =
            |args: &[&str]| bench(&[&["--history", "h.jsonl"], args].concat()).unwrap().comparison();
        assert_eq!(compared(&[]), None);
        assert_eq!(compared(&["--compare-last"]), Some((10, 1.25)));
        assert_eq!(compared(&["--compare-last=3"]), Some((3, 1.25)));
        assert_eq!(compared(&["--warn-over", "1.1"]), Some((10, 1.1)));
        assert_eq!(compared(&["--compare-last=3", "--warn-over", "2"]), Some((3, 2.0)));
        assert!(bench(&["--compare-last"]).unwrap_err().contains("--history"));
        assert!(bench(&["--warn-over", "2"]).unwrap_err().contains("--history"));
        for ratio in ["1", "0.9", "inf", "NaN", "much"] {
            assert!(bench(&["--history", "h.jsonl", "--warn-over", ratio]).is_err(), "{ratio}");
        }
    }
}
