//! Why a scenario cannot be used.

use std::path::PathBuf;

/// Why a scenario cannot be used. `origin` is the file, or the name of what is shipped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// The file cannot be read: look at its name and its rights.
    #[error("cannot read the scenario {}: {error}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is not TOML.
    #[error("{origin}, line {line}: {reason}")]
    Syntax {
        /// Where it is from.
        origin: String,
        /// Counted from 1.
        line: usize,
        /// What was expected.
        reason: String,
    },
    /// A field is not there, is not known, or is of another kind.
    #[error("{origin}: {field}: {reason}")]
    Field {
        /// Where it is from.
        origin: String,
        /// Which.
        field: String,
        /// What was expected.
        reason: String,
    },
    /// A value is out of its range.
    #[error("{origin}: {field} is {value}; it must be {expected}")]
    Value {
        /// Where it is from.
        origin: String,
        /// Of which field.
        field: String,
        /// What was given.
        value: String,
        /// What can be given.
        expected: String,
    },
    /// There is no such scenario.
    #[error("there is no scenario '{name}'; a file ends in .toml, and shipped are {}", shipped.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        shipped: Vec<&'static str>,
    },
    /// A scenario extends itself: take one of the links out.
    #[error("a scenario extends itself: {}", chain.join(" -> "))]
    Cycle {
        /// Each extends the next; the last is the first again.
        chain: Vec<String>,
    },
}
