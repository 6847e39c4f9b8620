//! Where a scenario's samples go.

use serde::{Deserialize, Serialize};

/// Where samples go. A simulation puts a clock in the place of any of them.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SinkKind {
    /// Real time without hardware.
    #[default]
    Paced,
    /// A sound device.
    Device {
        /// Its name; the default one where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// A sound server of the scenario's own, with a null sink: it may be stopped and killed. Needs `PulseAudio`.
    Server,
}
