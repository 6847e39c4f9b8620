//! What a scenario led to.

use serde::{Deserialize, Serialize};

use crate::{Figures, Fired, Scenario, Series};

/// Where a scenario is run.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// On a virtual clock, with sessions that are numbers: the same every time.
    Sim,
    /// On this machine, by its own clock.
    Real,
}

/// What a scenario led to, before it is judged.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Run {
    /// What was run, as it was run.
    pub scenario: Scenario,
    /// Where.
    pub mode: Mode,
    /// Seconds of the scenario that passed.
    pub seconds: f64,
    /// Seconds of speech that were heard.
    pub audio_s: f64,
    /// The faults that were asked for, and how often each fired.
    pub fired: Vec<Fired>,
    /// What was reached.
    pub figures: Figures,
    /// What happened over time.
    pub series: Series,
    /// What a reader should know: what could not be done here, and why.
    pub notes: Vec<String>,
}
