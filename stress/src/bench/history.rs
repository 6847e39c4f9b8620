//! A file of runs, one to a line.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Entry, SCHEMA};

/// The runs of a file, the oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The runs.
    pub entries: Vec<Entry>,
    /// Lines that are no runs, or those of a newer program: a run that lost its power leaves half a line.
    pub unreadable: usize,
}

/// Why a history cannot be kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// Name another file, or let this one be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Name another file, or let this one be written.
    #[error("cannot write {}: {source}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl History {
    /// Reads the file at `path`; one that is not there holds no runs.
    ///
    /// # Errors
    /// [`HistoryError::Unreadable`].
    pub fn read(path: &Path) -> Result<Self, HistoryError> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(Self::parse(&String::from_utf8_lossy(&bytes))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(HistoryError::Unreadable { path: path.to_owned(), source }),
        }
    }

    fn parse(text: &str) -> Self {
        let mut history = Self::default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match serde_json::from_str::<Entry>(line) {
                Ok(entry) if entry.schema == SCHEMA => history.entries.push(entry),
                _ => history.unreadable += 1,
            }
        }
        history
    }

    /// Appends `entry` to the file at `path`, which is made where it is not there, with the folder around it.
    ///
    /// # Errors
    /// [`HistoryError::Unwritable`].
    pub fn append(path: &Path, entry: &Entry) -> Result<(), HistoryError> {
        let write = || {
            let mut line = serde_json::to_string(entry)?;
            line.push('\n');
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            if ends_in_a_line(path)? {
                line.insert(0, '\n');
            }
            // In one call, so that two runs that end together leave two lines.
            OpenOptions::new().create(true).append(true).open(path)?.write_all(line.as_bytes())
        };
        write().map_err(|source| HistoryError::Unwritable { path: path.to_owned(), source })
    }
}

/// Whether the last line of the file at `path` was cut off.
fn ends_in_a_line(path: &Path) -> std::io::Result<bool> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(bytes.last().is_some_and(|&byte| byte != b'\n')),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::regression::tests::entry;

    #[test]
    fn runs_are_read_back_in_the_order_in_which_they_were_appended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/history.jsonl");
        assert_eq!(History::read(&path).unwrap(), History::default());
        let (first, second) = (entry(100.0), entry(200.0));
        History::append(&path, &first).unwrap();
        History::append(&path, &second).unwrap();
        assert_eq!(History::read(&path).unwrap().entries, [first, second]);
    }

    #[test]
    fn half_a_line_and_a_newer_programs_line_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        let newer = Entry { schema: SCHEMA + 1, ..entry(1.0) };
        std::fs::write(&path, format!("{}\n{{\"schema\":1,", serde_json::to_string(&newer).unwrap()))
            .unwrap();
        History::append(&path, &entry(2.0)).unwrap();
        let history = History::read(&path).unwrap();
        assert_eq!((history.entries, history.unreadable), (vec![entry(2.0)], 2));
    }

    #[test]
    fn a_folder_is_no_history() {
        let folder = tempfile::tempdir().unwrap();
        let error = History::read(folder.path()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot read {}: ", folder.path().display())), "{error}");
        let error = History::append(folder.path(), &entry(1.0)).unwrap_err().to_string();
        assert!(error.starts_with("cannot write "), "{error}");
    }
}
