//! Whether a run is worse than those before it. Pure: no clock, no file.

use serde::{Deserialize, Serialize};

use super::{Entry, Medians, Metric, Percentiles};

/// With fewer earlier runs than this nothing is said, unless fewer were asked for: one odd run decides nothing.
const FEWEST: usize = 3;

/// How a run stands beside earlier ones.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    /// So many earlier runs at most are looked at.
    pub last: usize,
    /// How many times as much of a metric is too much.
    pub over: f64,
    /// What each text was held against.
    pub texts: Vec<Judged>,
}

/// How a text stands beside earlier runs.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Judged {
    /// The text's name.
    pub text: String,
    /// Earlier runs of the same text on the same machine in the same configuration, of those looked at.
    pub earlier: usize,
    /// Whether they were enough to judge by.
    pub enough: bool,
    /// Metrics that got worse.
    pub regressions: Vec<Regression>,
}

/// A metric that got worse.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Regression {
    /// Which.
    pub metric: Metric,
    /// Its median now.
    pub now: f64,
    /// The median of the earlier runs' medians.
    pub before: f64,
}

impl Comparison {
    /// Every metric that got worse, with the name of its text.
    pub fn regressions(&self) -> impl Iterator<Item = (&str, &Regression)> {
        self.texts.iter().flat_map(|text| text.regressions.iter().map(|worse| (text.text.as_str(), worse)))
    }
}

impl Regression {
    /// How many times as much it is; infinite where there was none before.
    pub fn ratio(&self) -> f64 {
        self.now / self.before
    }
}

/// Holds `now` against the `last` runs of `earlier`, the oldest first, of each text in the same configuration. A metric
/// got worse where its median is more than `over` times the median of theirs.
pub fn compare(now: &Entry, earlier: &[Entry], last: usize, over: f64) -> Comparison {
    let alike: Vec<&Entry> =
        earlier.iter().filter(|entry| entry.configuration == now.configuration).collect();
    let texts = now.texts.iter().map(|text| {
        let same = |entry: &&Entry| {
            entry
                .texts
                .iter()
                .find(|before| before.name == text.name && before.digest == text.digest)
                .cloned()
        };
        let before: Vec<Medians> = alike.iter().rev().filter_map(same).take(last).collect();
        let enough = before.len() >= FEWEST.min(last).max(1);
        let regressions = if enough { worse(text, &before, over) } else { Vec::new() };
        Judged { text: text.name.clone(), earlier: before.len(), enough, regressions }
    });
    Comparison { last, over, texts: texts.collect() }
}

fn worse(now: &Medians, before: &[Medians], over: f64) -> Vec<Regression> {
    let regression = |(&metric, &now): (&Metric, &f64)| {
        let earlier: Vec<f64> = before.iter().filter_map(|run| run.medians.get(&metric).copied()).collect();
        let before = Percentiles::of(&earlier)?.p50;
        (metric.is_judged() && now > before * over).then_some(Regression { metric, now, before })
    };
    now.medians.iter().filter_map(regression).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::bench::{Configuration, Pace, SCHEMA};

    /// A run in which half of the utterances of `short` were heard within so many milliseconds.
    pub(in crate::bench) fn entry(ttfa_ms: f64) -> Entry {
        Entry {
            schema: SCHEMA,
            version: "0.1.0".to_owned(),
            at: "2026-11-21T17:04:40Z".to_owned(),
            configuration: Configuration {
                host: "desk".to_owned(),
                cpu: "processor".to_owned(),
                cores: 2,
                runtime: "1.30".to_owned(),
                quality_model: "q".to_owned(),
                fast_model: "f".to_owned(),
                policy: "fast".to_owned(),
                sessions: Vec::new(),
                voice: "af_heart".to_owned(),
                language: "en-US".to_owned(),
                speed: 1.0,
                pace: Pace::Freewheel,
                chunk_ms: 50,
                concurrency: 1,
            },
            texts: vec![Medians {
                name: "short".to_owned(),
                digest: "d".to_owned(),
                trials: 5,
                medians: [(Metric::TtfaMs, ttfa_ms), (Metric::Rtf, 0.5), (Metric::AudioS, 4.0)].into(),
            }],
        }
    }

    fn earlier(ttfa_ms: &[f64]) -> Vec<Entry> {
        ttfa_ms.iter().copied().map(entry).collect()
    }

    fn found(comparison: &Comparison) -> Vec<(Metric, f64, f64)> {
        comparison.regressions().map(|(_, worse)| (worse.metric, worse.now, worse.before)).collect()
    }

    #[test]
    fn a_median_beyond_the_ratio_is_a_regression_and_one_at_it_is_none() {
        let history = earlier(&[90.0, 100.0, 110.0]);
        assert_eq!(found(&compare(&entry(125.1), &history, 10, 1.25)), [(Metric::TtfaMs, 125.1, 100.0)]);
        assert_eq!(found(&compare(&entry(125.0), &history, 10, 1.25)), []);
        assert_eq!(found(&compare(&entry(10.0), &history, 10, 1.25)), []);
    }

    #[test]
    fn one_odd_run_among_the_earlier_ones_decides_nothing() {
        let history = earlier(&[100.0, 9_000.0, 100.0, 100.0, 1.0]);
        assert_eq!(found(&compare(&entry(120.0), &history, 10, 1.25)), []);
        assert_eq!(found(&compare(&entry(130.0), &history, 10, 1.25)).len(), 1);
    }

    #[test]
    fn only_the_last_runs_are_looked_at() {
        let history = earlier(&[100.0, 100.0, 100.0, 200.0, 200.0, 200.0]);
        let comparison = compare(&entry(210.0), &history, 3, 1.25);
        assert_eq!((found(&comparison), comparison.texts[0].earlier), (Vec::new(), 3));
        assert_eq!(found(&compare(&entry(210.0), &history, 6, 1.25)).len(), 1);
    }

    #[test]
    fn too_few_earlier_runs_are_said_to_be_too_few() {
        let comparison = compare(&entry(500.0), &earlier(&[100.0, 100.0]), 10, 1.25);
        let text = &comparison.texts[0];
        assert_eq!((text.earlier, text.enough, text.regressions.len()), (2, false, 0));
        let asked_for = compare(&entry(500.0), &earlier(&[100.0, 100.0]), 1, 1.25);
        assert_eq!((asked_for.texts[0].earlier, found(&asked_for).len()), (1, 1));
        assert!(!compare(&entry(500.0), &[], 1, 1.25).texts[0].enough);
    }

    #[test]
    fn another_machine_configuration_or_text_is_not_compared() {
        let now = entry(500.0);
        let changes: [fn(&mut Entry); 4] = [
            |entry| entry.configuration.host = "other".to_owned(),
            |entry| entry.configuration.policy = "quality".to_owned(),
            |entry| entry.configuration.concurrency = 4,
            |entry| entry.texts[0].digest = "e".to_owned(),
        ];
        for change in changes {
            let mut history = earlier(&[100.0; 5]);
            history.iter_mut().for_each(change);
            assert_eq!(compare(&now, &history, 10, 1.25).texts[0].earlier, 0);
        }
        let mut newer = earlier(&[100.0; 5]);
        for entry in &mut newer {
            entry.version = "0.2.0".to_owned();
        }
        assert_eq!(found(&compare(&now, &newer, 10, 1.25)).len(), 1, "versions are what is compared");
    }

    #[test]
    fn what_never_happened_before_is_a_regression_when_it_does() {
        let with = |underruns: f64| {
            let mut entry = entry(100.0);
            entry.texts[0].medians.insert(Metric::Underruns, underruns);
            entry
        };
        let history = vec![with(0.0); 3];
        assert_eq!(found(&compare(&with(0.0), &history, 10, 1.25)), []);
        assert_eq!(found(&compare(&with(1.0), &history, 10, 1.25)), [(Metric::Underruns, 1.0, 0.0)]);
    }

    #[test]
    fn more_audio_is_no_regression() {
        let mut longer = entry(100.0);
        longer.texts[0].medians.insert(Metric::AudioS, 40.0);
        assert_eq!(found(&compare(&longer, &earlier(&[100.0; 3]), 10, 1.25)), []);
    }
}
