//! What a bench found, as a file.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use sostenuto_engine::calibration::Key;
use sostenuto_engine::{Engine, SessionStats};

use super::process::host;
use super::{Comparison, Measured, Metric, Pace, Percentiles, Plan, Speaker, Trial};
use crate::utc::rfc3339;

/// The version of what [`Report`] and [`Entry`](super::Entry) look like in files. It goes up when a field changes its
/// name or meaning; a new field leaves it as it is.
pub const SCHEMA: u32 = 1;

/// What a bench found.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The program's version.
    pub version: String,
    /// When it ended, in UTC: `2026-11-21T17:04:40Z`.
    pub at: String,
    /// What was measured.
    pub configuration: Configuration,
    /// The sessions, when all was over.
    pub sessions: Vec<SessionReady>,
    /// How often each text was to be spoken and counted.
    pub trials: u32,
    /// Whether it was ended before that.
    pub interrupted: bool,
    /// What was found.
    pub texts: Vec<TextReport>,
    /// How it stands beside earlier runs, where that was asked for.
    pub comparison: Option<Comparison>,
}

/// What was measured: two runs can be held side by side where all of it is the same.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Configuration {
    /// The machine's name.
    pub host: String,
    /// Its processor.
    pub cpu: String,
    /// Cores that the process may use.
    pub cores: usize,
    /// The version of ONNX Runtime.
    pub runtime: String,
    /// SHA-256 of the quality session's model.
    pub quality_model: String,
    /// SHA-256 of the fast session's model.
    pub fast_model: String,
    /// Which sessions spoke: `quality`, `fast`, `hybrid` or `twin`.
    pub policy: String,
    /// As they were asked for, and came.
    pub sessions: Vec<SessionSetting>,
    /// The voice, or blend.
    pub voice: String,
    /// How texts were read, as a BCP 47 tag.
    pub language: String,
    /// Tempo.
    pub speed: f32,
    /// How fast audio was taken.
    pub pace: Pace,
    /// Milliseconds of audio that left at once.
    pub chunk_ms: u32,
    /// Streams that spoke at once.
    pub concurrency: u32,
}

/// What a session was asked for, and came as.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SessionSetting {
    /// `quality` or `fast`.
    pub session: String,
    /// Where it was to run.
    pub provider: String,
    /// With how many threads.
    pub threads: usize,
    /// What ran the quality session: `stock`, `native` or `native-int8`; nothing where it was not loaded, and in reports
    /// of before there was a choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// How a native form was to normalise: `exact`, `predicted` or `auto`; nothing in reports of before there was a
    /// choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub norms: Option<String>,
}

/// What became of a session.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SessionReady {
    /// `quality` or `fast`.
    pub session: String,
    /// Where it ran in the end; `None` where it could not be loaded.
    pub provider: Option<String>,
    /// Milliseconds from the engine's start until it could speak.
    pub ready_ms: Option<f64>,
    /// Fragments that it spoke, warm-up included.
    pub fragments: u64,
    /// Fragments that were taken from it because it was late.
    pub taken_over: u64,
}

/// What was found of a text.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TextReport {
    /// The preset's name, or the file's.
    pub name: String,
    /// By which two runs know that they spoke the same text.
    pub digest: String,
    /// How long it is.
    pub characters: usize,
    /// Percentiles over all trials and streams. What was not measured is not there.
    pub summary: BTreeMap<Metric, Percentiles>,
    /// Every trial that was counted.
    pub trials: Vec<Trial>,
}

impl Configuration {
    /// The configuration of `plan` on this machine, with an engine that speaks by `policy` with `sessions`.
    pub fn new(
        key: Key,
        policy: String,
        sessions: Vec<SessionSetting>,
        speaker: &Speaker,
        plan: &Plan,
    ) -> Self {
        let Key { cpu, cores, runtime, quality, fast } = key;
        Self {
            host: host(),
            cpu,
            cores,
            runtime,
            quality_model: quality,
            fast_model: fast,
            policy,
            sessions,
            voice: speaker.voice.name().to_owned(),
            language: speaker.language.to_string(),
            speed: speaker.prosody.speed,
            pace: plan.pace,
            chunk_ms: plan.chunk.as_millis() as u32,
            concurrency: plan.concurrency,
        }
    }
}

impl From<&SessionStats> for SessionReady {
    fn from(stats: &SessionStats) -> Self {
        Self {
            session: stats.session.to_owned(),
            provider: stats.provider.clone(),
            ready_ms: stats.ready_ms,
            fragments: stats.fragments,
            taken_over: stats.taken_over,
        }
    }
}

impl From<Measured> for TextReport {
    fn from(measured: Measured) -> Self {
        let Measured { text, trials } = measured;
        let summary = Metric::ALL.into_iter().filter_map(|metric| {
            let percentiles = Percentiles::of(&metric.samples(&trials))?;
            Some((metric, percentiles))
        });
        Self {
            digest: text.digest(),
            characters: text.text.chars().count(),
            summary: summary.collect(),
            name: text.name,
            trials,
        }
    }
}

impl Report {
    /// What `engine`, which ran by `plan`, was `measured` to do. `version` is the program's.
    pub fn new(
        version: &str,
        configuration: Configuration,
        plan: &Plan,
        engine: &Engine,
        measured: Vec<Measured>,
        interrupted: bool,
    ) -> Self {
        Self {
            schema: SCHEMA,
            version: version.to_owned(),
            at: rfc3339(SystemTime::now()),
            configuration,
            sessions: engine.session_stats().iter().map(SessionReady::from).collect(),
            trials: plan.trials,
            interrupted,
            texts: measured.into_iter().map(TextReport::from).collect(),
            comparison: None,
        }
    }

    /// Fragments that could not be spoken, in all trials together.
    pub fn failed_fragments(&self) -> u64 {
        let trials = self.texts.iter().flat_map(|text| &text.trials);
        trials.flat_map(|trial| &trial.streams).map(|heard| heard.failed_fragments).sum()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::bench::regression::tests::entry;
    use crate::bench::{BenchText, Gaps, Heard, Preset};

    /// A report of `short`, spoken three times in real time.
    pub(in crate::bench) fn report() -> Report {
        let trial = |ttfa_ms| {
            let gaps = Gaps { ms: vec![50.0; 20], percentiles: None, late: 0 };
            let heard = Heard {
                ttfa_ms: Some(ttfa_ms),
                audio_s: 4.0,
                rtf: 0.5,
                gaps: Some(gaps),
                ..Heard::default()
            };
            Trial { streams: vec![heard], peak_rss_mb: Some(100.0), cpu_per_audio_s: None }
        };
        let measured = Measured {
            text: BenchText::from(Preset::Short),
            trials: vec![trial(10.0), trial(30.0), trial(20.0)],
        };
        Report {
            schema: SCHEMA,
            version: "0.1.0".to_owned(),
            at: "2026-11-21T17:04:40Z".to_owned(),
            configuration: Configuration { pace: Pace::Stream, ..entry(1.0).configuration },
            sessions: Vec::new(),
            trials: 3,
            interrupted: false,
            texts: vec![TextReport::from(measured)],
            comparison: None,
        }
    }

    #[test]
    fn a_summary_holds_what_was_measured_and_nothing_else() {
        let report = report();
        let summary = &report.texts[0].summary;
        assert_eq!((summary[&Metric::TtfaMs].p50, summary[&Metric::BlockGapMs].samples), (20.0, 60));
        assert!(!summary.contains_key(&Metric::CpuPerAudioS));
    }

    #[test]
    fn a_report_is_read_back_from_its_file() {
        let mut report = report();
        let json = serde_json::to_string(&report).unwrap();
        assert!(json.starts_with("{\"schema\":1,"), "{json}");
        // Single gaps are told by their percentiles alone.
        let heard =
            report.texts.iter_mut().flat_map(|text| &mut text.trials).flat_map(|trial| &mut trial.streams);
        heard.filter_map(|heard| heard.gaps.as_mut()).for_each(|gaps| gaps.ms.clear());
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    }
}
