//! What can go wrong with assets, and what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::Digest;

/// Why an asset is not there.
#[derive(Debug, thiserror::Error)]
pub enum AssetError {
    /// The manifest cannot be used: correct it, or take the shipped one.
    #[error("the asset manifest is not valid: {reason}")]
    Manifest {
        /// What is wrong with it.
        reason: String,
    },
    /// No environment variable says where the cache is: set one.
    #[error("no folder for assets is known: set SOSTENUTO_HOME to a folder that can be written")]
    NoFolder,
    /// Nothing of this name is pinned for this platform: choose another name, or bring the library yourself.
    #[error(
        "no asset `{name}` is pinned for {} on {}: see `sostenuto assets list`; a runtime of your own can be named \
         in ORT_DYLIB_PATH",
        std::env::consts::OS,
        std::env::consts::ARCH
    )]
    NotPinned {
        /// The name asked for.
        name: String,
    },
    /// The file was never fetched: fetch it.
    #[error("`{name}` is not fetched yet ({}): run `sostenuto assets fetch`", path.display())]
    Missing {
        /// The entry's name.
        name: String,
        /// Where it belongs.
        path: PathBuf,
    },
    /// The file is not the pinned one: fetch it again.
    #[error("`{name}` is damaged ({}): run `sostenuto assets fetch` to replace it", path.display())]
    Damaged {
        /// The entry's name.
        name: String,
        /// Where it is.
        path: PathBuf,
    },
    /// No source had the file: restore the network or a registry client, or bring the file.
    #[error(
        "cannot fetch {file}: {}; check the network, or put the file into a folder and name it with --from",
        joined(tried)
    )]
    Unavailable {
        /// The file, relative to the cache.
        file: String,
        /// Each source that was tried, in order.
        tried: Vec<Attempt>,
    },
    /// The disk is full: make room, or move the cache.
    #[error(
        "the disk is full: fetching needs {needed} bytes free in {}; make room, or set SOSTENUTO_HOME to a folder on \
         another disk",
        folder.display()
    )]
    DiskFull {
        /// The cache.
        folder: PathBuf,
        /// Room that the rest of the fetch takes, packages on their way included.
        needed: u64,
    },
    /// The cache cannot be read or written: correct its permissions, or move it.
    #[error("cannot {action} {}: {source}; check its permissions, or set SOSTENUTO_HOME to another folder", path.display())]
    Io {
        /// What was tried: `read`, `write`, `lock`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

impl AssetError {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }
}

/// One source that did not have a file.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The source.
    pub source: String,
    /// Why it failed.
    pub cause: SourceError,
}

impl fmt::Display for Attempt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.source, self.cause)
    }
}

fn joined(tried: &[Attempt]) -> String {
    tried.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Why one source did not have a file; the next one is tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The folder holds no such file.
    #[error("the file is not there")]
    NotThere,
    /// The folder's file cannot be read.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    /// The server refused.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// No answer, or the transfer broke off; what came is kept for the next time.
    #[error("{cause} ({got} of {expected} bytes are there)")]
    Transfer {
        /// What the connection said.
        cause: String,
        /// Bytes of the file that are there.
        got: u64,
        /// Bytes of the file.
        expected: u64,
    },
    /// The source has a file of another length.
    #[error("the source has {got} bytes where {expected} are expected")]
    WrongSize {
        /// Bytes that the manifest pins.
        expected: u64,
        /// Bytes that the source has, or has sent so far.
        got: u64,
    },
    /// The source has another file; what came was deleted.
    #[error("wrong content for {file}: SHA-256 expected {expected}, got {got}")]
    WrongDigest {
        /// The file, relative to the cache.
        file: String,
        /// The digest that the manifest pins.
        expected: Digest,
        /// The digest of what came.
        got: Digest,
    },
    /// The registry client is not installed.
    #[error("`{program}` is not installed")]
    ClientMissing {
        /// The programs looked for.
        program: String,
    },
    /// The registry client failed.
    #[error("{program} failed: {line}")]
    ClientFailed {
        /// The program that ran.
        program: String,
        /// What it said last.
        line: String,
    },
    /// The package that came does not hold the file.
    #[error("the package cannot be used: {0}")]
    Package(String),
}

/// What no source can help against.
#[derive(Debug)]
pub(super) enum Trouble {
    /// No room.
    DiskFull,
    /// Anything else.
    Other(AssetError),
}

impl Trouble {
    /// A failure of our own file operation.
    pub(crate) fn io(action: &'static str, path: &Path, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Other(AssetError::io(action, path, error)),
        }
    }

    /// As it is told to the caller; `needed` bytes had to fit into `folder`.
    pub(super) fn told(self, folder: &Path, needed: u64) -> AssetError {
        match self {
            Self::DiskFull => AssetError::DiskFull { folder: folder.to_owned(), needed },
            Self::Other(error) => error,
        }
    }
}

/// How an attempt ends early.
#[derive(Debug)]
pub(super) enum Failure {
    /// The next source may do.
    Source(SourceError),
    /// No source will do.
    Ours(Trouble),
}

impl Failure {
    /// A failure of our own file operation.
    pub(crate) fn io(action: &'static str, path: &Path, error: io::Error) -> Self {
        Self::Ours(Trouble::io(action, path, error))
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Ours(trouble)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unavailable_file_names_each_source_with_its_cause() {
        let attempt = |source: &str, cause| Attempt { source: source.to_owned(), cause };
        let error = AssetError::Unavailable {
            file: "models/x.onnx".to_owned(),
            tried: vec![
                attempt("https://example.org/x", SourceError::Status(404)),
                attempt("pip x==1", SourceError::ClientMissing { program: "python3".to_owned() }),
            ],
        };
        assert_eq!(
            error.to_string(),
            "cannot fetch models/x.onnx: https://example.org/x: the server answered with status 404; pip x==1: \
             `python3` is not installed; check the network, or put the file into a folder and name it with --from"
        );
    }

    #[test]
    fn a_full_disk_is_told_apart_from_other_failures() {
        let of = |kind: io::ErrorKind| Trouble::io("write", Path::new("x"), kind.into());
        assert!(matches!(of(io::ErrorKind::StorageFull), Trouble::DiskFull));
        assert!(matches!(of(io::ErrorKind::QuotaExceeded), Trouble::DiskFull));
        assert!(matches!(of(io::ErrorKind::PermissionDenied), Trouble::Other(AssetError::Io { .. })));
    }
}
