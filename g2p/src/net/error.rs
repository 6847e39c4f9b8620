//! Why the net cannot be had.

use std::path::PathBuf;

/// What is wrong with a file of the net.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetError {
    /// Fetch the assets.
    #[error("{path} is missing: run `sostenuto assets fetch`", path = path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Look at the file's permissions, and at the disk.
    #[error("cannot read {path}: {source}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is broken: fetch it again.
    #[error("{path} is damaged ({reason}): remove it and run `sostenuto assets fetch`", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is broken.
        reason: &'static str,
    },
    /// The file is whole, but another model or another model's letters: give the paths of one net.
    #[error("{path} is not this net ({reason}): give the .onnx and .json of one net", path = path.display())]
    NotThisNet {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
}
