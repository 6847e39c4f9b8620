//! What else keeps the machine busy.

use serde::{Deserialize, Serialize};

/// What else keeps the machine busy while a scenario runs.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Load {
    /// Threads that compute without a pause.
    pub cpu_hogs: u32,
    /// Each hog stays on one core, in turn.
    pub pinned: bool,
    /// What fills memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<MemoryPressure>,
    /// Arguments for `stress-ng`, which is run where it is installed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stress_ng: Vec<String>,
}

/// Memory that is taken and touched again and again.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MemoryPressure {
    /// Megabytes (10^6 bytes).
    pub mb: u64,
}
