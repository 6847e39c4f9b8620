//! What is to be run.

use serde::{Deserialize, Serialize};
use sostenuto_engine::Policy;

use crate::{Fault, Figures, Load, SinkKind, TextSource, policy};

/// What is to be run: what is spoken, with what, into what, under what, and what goes wrong.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Scenario {
    /// Its name: lower case, words joined by hyphens.
    pub name: String,
    /// What it is to show, in a sentence.
    #[serde(default)]
    pub about: String,
    /// How long it runs in a simulation, in seconds.
    pub sim_seconds: f64,
    /// How long it runs on a machine, in seconds.
    pub real_seconds: f64,
    /// Decides all that is left to chance.
    #[serde(default)]
    pub seed: u64,
    /// What is spoken.
    pub text: TextSource,
    /// By whom.
    #[serde(default)]
    pub speech: Speech,
    /// Into what.
    #[serde(default)]
    pub sink: SinkKind,
    /// Under what.
    #[serde(default)]
    pub load: Load,
    /// What goes wrong.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// The machine that a simulation takes the place of.
    #[serde(default)]
    pub machine: Machine,
    /// Where this scenario is judged otherwise than its profile says: what is to be reached at most.
    #[serde(default)]
    pub limits: Figures,
}

/// Who speaks.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Speech {
    /// Which sessions.
    #[serde(deserialize_with = "policy::deserialize")]
    pub policy: Policy,
    /// With which voice; the default one where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
    /// How fast it is played, from 0.5 to 4.
    pub rate: f64,
    /// How many listen at once, each to a text of its own.
    pub streams: u32,
}

impl Default for Speech {
    fn default() -> Self {
        Self { policy: Policy::default(), voice: None, rate: 1.0, streams: 1 }
    }
}

/// A machine that is a few numbers.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Machine {
    /// Cores that sessions and hogs share.
    pub cores: u32,
    /// RTF of the quality session at ordinary fragments.
    pub quality_rtf: f64,
    /// RTF of the fast session.
    pub fast_rtf: f64,
    /// How much costs scatter, as a share.
    pub spread: f64,
}

impl Default for Machine {
    /// Two cores on which Kokoro takes half of the time that it speaks for.
    fn default() -> Self {
        Self { cores: 2, quality_rtf: 0.5, fast_rtf: 0.03, spread: 0.1 }
    }
}
