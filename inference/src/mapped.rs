//! Files seen as memory.
//!
//! All of the crate's unsafe code for mapping files is here.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;

/// A file's content, mapped read-only: pages come from the disk when they are first read, are shared with every
/// process that maps the same file, and can be dropped by the system without being written anywhere.
///
/// It does not guard against another program that cuts the file short or writes into it while it is mapped; see
/// [`open`](Self::open).
pub(crate) struct Mapped(Mmap);

impl Mapped {
    /// Maps the file at `path`, which must be one that only ever gets its name once it is whole, and that nobody
    /// writes into afterwards: a file of the cache's `derived` folder.
    ///
    /// # Errors
    /// The file is not there, empty, or cannot be mapped.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        // SAFETY: the bytes must not change while they are borrowed. The mapping is read-only and private to this
        // type; this program replaces derived files by renaming a new file over them, which leaves the mapped one as
        // it is, and never writes into one that has its name. Whoever else can write into the user's cache could as
        // well replace the runtime's library, which lies there too and is executed.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self(map))
    }

    /// Lets the pages that were read so far go. They come back from the file, or from the system's cache of it, when
    /// they are read again.
    pub(crate) fn let_pages_go(&self) {
        // SAFETY: on a read-only mapping of a file nothing is lost: a page that was let go reads as the file does,
        // and the file does not change, as `open` argues.
        #[cfg(unix)]
        if let Err(error) = unsafe { self.0.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) } {
            tracing::debug!("pages of a mapped file were not let go: {error}");
        }
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_the_file_does_before_and_after_its_pages_were_let_go() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let content: Vec<u8> = (0..100_000_u32).map(|i| (i % 251) as u8).collect();
        std::fs::write(file.path(), &content).unwrap();
        let mapped = Mapped::open(file.path()).unwrap();
        assert!(*mapped == *content);
        mapped.let_pages_go();
        assert!(*mapped == *content);
    }

    #[test]
    fn stays_as_it_was_when_another_file_is_renamed_over_it() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&path, b"old").unwrap();
        std::fs::write(&other, b"new content").unwrap();
        let mapped = Mapped::open(&path).unwrap();
        if std::fs::rename(&other, &path).is_ok() {
            assert_eq!(*mapped, *b"old");
            assert_eq!(*Mapped::open(&path).unwrap(), *b"new content");
        }
    }
}
