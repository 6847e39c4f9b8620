//! One file per command.

pub mod assets;
pub mod doctor;
pub mod phonemize;
pub mod say;
pub mod voices;

use sostenuto_engine::inference::Models;
use sostenuto_engine::inference::assets::Cache;

use crate::exit::Failure;

/// The models in the user's cache.
fn models() -> Result<Models, Failure> {
    Ok(Models::new(Cache::of_user()?)?)
}
