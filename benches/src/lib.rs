//! What several benchmarks of Sostenuto share: a session that is watched, the machine and its load, rows with bars,
//! and counts of what is too much to keep.

pub mod bars;
pub mod histogram;
pub mod machine;
pub mod unsafe_fma;
pub mod watched;

/// Why a benchmark cannot go on: it says so and ends.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
