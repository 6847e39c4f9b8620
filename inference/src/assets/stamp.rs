//! The record beside a file that saves hashing it again.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::Digest;

/// The digest that a file had when it had this length and this time of change.
///
/// Trusts the file system's clock: a file rewritten with other content, the same length and its old time of change
/// is not noticed. A full check is [`Cache::verify`](super::Cache::verify).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    digest: Digest,
    bytes: u64,
    changed_ns: u128,
}

impl Stamp {
    fn new(digest: Digest, metadata: &Metadata) -> io::Result<Self> {
        let changed = metadata.modified()?.duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
        Ok(Self { digest, bytes: metadata.len(), changed_ns: changed.as_nanos() })
    }

    /// Records that the file at `path` has `digest`.
    pub(super) fn write(path: &Path, digest: Digest) -> io::Result<()> {
        let stamp = Self::new(digest, &fs::metadata(path)?)?;
        fs::write(beside(path), format!("{} {} {}\n", stamp.digest, stamp.bytes, stamp.changed_ns))
    }

    /// The recorded digest of the file at `path`; `None` when there is no record, or the file was changed since.
    pub(super) fn digest(path: &Path, metadata: &Metadata) -> Option<Digest> {
        let stamp = Self::parse(&fs::read_to_string(beside(path)).ok()?)?;
        (Self::new(stamp.digest, metadata).ok()? == stamp).then_some(stamp.digest)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.strip_suffix('\n')?.split(' ');
        let stamp = Self {
            digest: words.next()?.parse().ok()?,
            bytes: words.next()?.parse().ok()?,
            changed_ns: words.next()?.parse().ok()?,
        };
        words.next().is_none().then_some(stamp)
    }
}

/// Deletes the record of the file at `path`, if there is one.
pub(super) fn forget(path: &Path) {
    // A record that stays is void without its file.
    let _ = fs::remove_file(beside(path));
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".verified");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file_of(content: &[u8]) -> (tempfile::TempDir, PathBuf, Digest) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, content).unwrap();
        (folder, path, Digest::of(content).unwrap())
    }

    fn recorded(path: &Path) -> Option<Digest> {
        Stamp::digest(path, &fs::metadata(path).unwrap())
    }

    #[test]
    fn is_remembered_while_the_file_stays_as_it_was() {
        let (_folder, path, digest) = file_of(b"abc");
        assert_eq!(recorded(&path), None);
        Stamp::write(&path, digest).unwrap();
        assert_eq!(recorded(&path), Some(digest));
    }

    #[test]
    fn is_void_once_the_file_changes() {
        let (_folder, path, digest) = file_of(b"abc");
        Stamp::write(&path, digest).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(UNIX_EPOCH + std::time::Duration::from_secs(1)).unwrap();
        assert_eq!(recorded(&path), None);
    }

    #[test]
    fn half_a_record_counts_as_none() {
        let (_folder, path, digest) = file_of(b"abc");
        Stamp::write(&path, digest).unwrap();
        let text = fs::read_to_string(beside(&path)).unwrap();
        for length in 0..text.len() {
            fs::write(beside(&path), &text[..length]).unwrap();
            assert_eq!(recorded(&path), None, "{length} bytes");
        }
    }
}
