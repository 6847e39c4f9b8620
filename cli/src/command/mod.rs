//! One file per command.

pub(crate) mod assets;
pub(crate) mod bench;
pub(crate) mod calibrate;
mod dnsmos;
pub(crate) mod doctor;
mod learn;
pub(crate) mod models;
pub(crate) mod phonemize;
pub(crate) mod render;
pub(crate) mod say;
pub(crate) mod stress;
pub(crate) mod voices;

use sostenuto_engine::inference::Models;
use sostenuto_engine::inference::assets::Cache;

use crate::exit::Failure;

/// The models in the user's cache.
fn models() -> Result<Models, Failure> {
    Ok(Models::new(Cache::of_user()?)?)
}
