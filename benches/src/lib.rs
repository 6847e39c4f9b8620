//! What several benchmarks of Sostenuto share: a session that is watched, the machine's load, and rows with bars.

pub mod bars;
pub mod machine;
pub mod watched;

/// Why a benchmark cannot go on: it says so and ends.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
