//! A run in a line of its history.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Configuration, Metric, Report};

/// What is remembered of a run.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Entry {
    /// [`SCHEMA`](super::SCHEMA).
    pub schema: u32,
    /// The program's version.
    pub version: String,
    /// When it ended, in UTC: `2026-11-21T17:04:40Z`.
    pub at: String,
    /// What was measured.
    pub configuration: Configuration,
    /// What was found of each text.
    pub texts: Vec<Medians>,
}

/// What is remembered of a text.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Medians {
    /// The preset's name, or the file's.
    pub name: String,
    /// By which two runs know that they spoke the same text.
    pub digest: String,
    /// How often it was spoken.
    pub trials: usize,
    /// The median of each metric of which more is worse.
    pub medians: BTreeMap<Metric, f64>,
}

impl From<&Report> for Entry {
    fn from(report: &Report) -> Self {
        let texts = report.texts.iter().map(|text| {
            let judged = text.summary.iter().filter(|(metric, _)| metric.is_judged());
            Medians {
                name: text.name.clone(),
                digest: text.digest.clone(),
                trials: text.trials.len(),
                medians: judged.map(|(&metric, percentiles)| (metric, percentiles.p50)).collect(),
            }
        });
        Self {
            schema: report.schema,
            version: report.version.clone(),
            at: report.at.clone(),
            configuration: report.configuration.clone(),
            texts: texts.collect(),
        }
    }
}
