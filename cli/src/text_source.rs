//! What there is to say, and the files that it is read from.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::exit::Failure;
use crate::utf8_pieces::ReadError;

/// What to say, for every command that speaks.
#[derive(Debug, clap::Args)]
pub(crate) struct What {
    /// What to say; where nothing else tells, text is read from standard input.
    #[arg(conflicts_with_all = ["file", "phonemes"])]
    pub(crate) text: Option<String>,

    /// Speak this UTF-8 file; `-` is standard input.
    #[arg(long, value_name = "F", conflicts_with = "phonemes")]
    pub(crate) file: Option<PathBuf>,

    /// Speak these phonemes instead of text.
    #[arg(long, value_name = "P")]
    pub(crate) phonemes: Option<String>,
}

/// Opens a file that holds text.
pub(crate) fn open_file(path: &Path) -> Result<File, Failure> {
    let cannot = |reason: &dyn std::fmt::Display| {
        Failure::usage(format_args!("cannot read {}: {reason}", path.display()))
    };
    let file = File::open(path).map_err(|error| cannot(&error))?;
    match file.metadata() {
        Ok(metadata) if metadata.is_dir() => Err(cannot(&"it is a folder")),
        _ => Ok(file),
    }
}

/// Why the text called `name` cannot be read to its end.
pub(crate) fn unreadable(name: &str, error: &ReadError) -> Failure {
    match error {
        ReadError::NotUtf8 { offset } => Failure::usage(format_args!("{name} is not UTF-8: byte {offset}")),
        ReadError::Io(error) => Failure::usage(format_args!("cannot read {name}: {error}")),
    }
}
