//! A session policy's name in files.

use serde::{Deserialize, Deserializer};
use sostenuto_engine::Policy;

/// Reads a policy by its name.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Policy, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}
