//! A file on its way into the cache.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::cache::remember;
use super::error::Failure;
use super::{Cache, Digest, Entry, Progress, SourceError};

/// The beginning of an entry's file, kept as `.partial` beside its place.
///
/// Hashed while it is written. It takes its place only in [`finish`](Partial::finish), whole and with the right
/// digest. Every source gives the same bytes, so one may go on where another broke off.
pub(super) struct Partial<'a> {
    entry: &'a Entry,
    target: PathBuf,
    path: PathBuf,
    file: File,
    hasher: Sha256,
    len: u64,
}

impl<'a> Partial<'a> {
    /// Opens what an earlier run left, or begins anew.
    pub(super) fn resume(cache: &Cache, entry: &'a Entry) -> Result<Self, Failure> {
        let target = cache.path(entry);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(|error| Failure::io("make", folder, error))?;
        }
        let mut path = target.clone().into_os_string();
        path.push(".partial");
        let path = PathBuf::from(path);
        let file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|error| Failure::io("write", &path, error))?;
        let mut partial = Self { entry, target, path, file, hasher: Sha256::new(), len: 0 };
        partial.read_what_is_there()?;
        Ok(partial)
    }

    /// Begins anew, whatever an earlier run left.
    pub(super) fn fresh(cache: &Cache, entry: &'a Entry) -> Result<Self, Failure> {
        let mut partial = Self::resume(cache, entry)?;
        partial.restart()?;
        Ok(partial)
    }

    /// The entry whose file this is to be.
    pub(super) fn entry(&self) -> &'a Entry {
        self.entry
    }

    /// Bytes that are there.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Drops what is there.
    pub(super) fn restart(&mut self) -> Result<(), Failure> {
        if self.len > 0 {
            self.file.set_len(0).map_err(|error| Failure::io("write", &self.path, error))?;
            self.file.seek(SeekFrom::Start(0)).map_err(|error| Failure::io("write", &self.path, error))?;
        }
        self.hasher = Sha256::new();
        self.len = 0;
        Ok(())
    }

    /// Adds everything that `source` gives.
    ///
    /// # Errors
    /// A failing `source` gives [`SourceError::Transfer`], one that gives too much [`SourceError::WrongSize`].
    pub(super) fn append(
        &mut self,
        mut source: impl Read,
        progress: &mut dyn Progress,
    ) -> Result<(), Failure> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let count = match source.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.broken(error.to_string()).into()),
            };
            if self.len + count as u64 > self.entry.bytes {
                let got = self.len + count as u64;
                self.restart()?;
                return Err(SourceError::WrongSize { expected: self.entry.bytes, got }.into());
            }
            self.file.write_all(&buffer[..count]).map_err(|error| Failure::io("write", &self.path, error))?;
            self.hasher.update(&buffer[..count]);
            self.len += count as u64;
            progress.advanced(self.entry, self.len);
        }
    }

    /// A transfer that broke off where this file ends now.
    pub(super) fn broken(&self, cause: String) -> SourceError {
        SourceError::Transfer { cause, got: self.len, expected: self.entry.bytes }
    }

    /// Gives the file its place in the cache, if it is the pinned one, and deletes it if it is another.
    ///
    /// # Errors
    /// [`SourceError::Transfer`] when bytes are still missing, [`SourceError::WrongDigest`] for other content.
    pub(super) fn finish(self) -> Result<(), Failure> {
        if self.len < self.entry.bytes {
            return Err(self.broken("the transfer ended early".to_owned()).into());
        }
        let Self { entry, target, path, file, hasher, .. } = self;
        let got = Digest::from_hasher(hasher);
        if got != entry.sha256 {
            drop(file);
            fs::remove_file(&path).map_err(|error| Failure::io("delete", &path, error))?;
            let file = entry.file.clone();
            return Err(SourceError::WrongDigest { file, expected: entry.sha256, got }.into());
        }
        file.sync_all().map_err(|error| Failure::io("write", &path, error))?;
        drop(file);
        fs::rename(&path, &target).map_err(|error| Failure::io("replace", &target, error))?;
        sync_folder_of(&target);
        remember(&target, got);
        Ok(())
    }

    /// Leaves the file for a later source or run, unless nothing has come yet.
    pub(super) fn set_aside(self) {
        let Self { path, file, len, .. } = self;
        drop(file);
        if len == 0
            && let Err(error) = fs::remove_file(&path)
        {
            tracing::debug!(path = %path.display(), %error, "empty file not deleted");
        }
    }

    fn read_what_is_there(&mut self) -> Result<(), Failure> {
        let there = self.file.metadata().map_err(|error| Failure::io("read", &self.path, error))?.len();
        self.len = there;
        if there > self.entry.bytes {
            return self.restart();
        }
        let mut buffer = vec![0; 1 << 16];
        let mut left = there;
        while left > 0 {
            let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            self.file
                .read_exact(&mut buffer[..most])
                .map_err(|error| Failure::io("read", &self.path, error))?;
            self.hasher.update(&buffer[..most]);
            left -= most as u64;
        }
        Ok(())
    }
}

/// Makes a rename outlive a power cut, where folders can be synchronised; the digest is checked again otherwise.
pub(super) fn sync_folder_of(path: &Path) {
    if let Some(Err(error)) = path.parent().map(|folder| File::open(folder).and_then(|file| file.sync_all()))
    {
        tracing::debug!(path = %path.display(), %error, "folder not synchronised");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::error::Trouble;
    use crate::assets::{Manifest, Silent, State};

    fn abc() -> Entry {
        let text = "[[entry]]\nname = \"abc\"\nversion = \"1\"\nset = \"minimal\"\nfile = \"models/abc\"\nbytes = 3\n\
             sha256 = \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"\nlicence = \"MIT\"\n\
             source = [{ kind = \"https\", url = \"https://example.org/abc\" }]\n";
        Manifest::parse(text).unwrap().entries()[0].clone()
    }

    fn source_error(result: Result<(), Failure>) -> SourceError {
        match result {
            Err(Failure::Source(error)) => error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_one_source_began_another_ends() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, entry) = (Cache::at(folder.path()).unwrap(), abc());
        let mut partial = Partial::resume(&cache, &entry).unwrap();
        partial.append(&b"ab"[..], &mut Silent).unwrap();
        assert!(matches!(source_error(partial.finish()), SourceError::Transfer { got: 2, expected: 3, .. }));
        assert_eq!(cache.state(&entry).unwrap(), State::Missing, "half a file has no name");

        let mut partial = Partial::resume(&cache, &entry).unwrap();
        assert_eq!(partial.len(), 2);
        partial.append(&b"c"[..], &mut Silent).unwrap();
        partial.finish().unwrap();
        assert_eq!(cache.state(&entry).unwrap(), State::Present);
        assert!(!folder.path().join("models/abc.partial").exists());
    }

    #[test]
    fn wrong_content_is_deleted_and_told() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, entry) = (Cache::at(folder.path()).unwrap(), abc());
        let mut partial = Partial::resume(&cache, &entry).unwrap();
        partial.append(&b"abd"[..], &mut Silent).unwrap();
        let error = source_error(partial.finish());
        let got = Digest::of(&b"abd"[..]).unwrap();
        assert_eq!(
            error,
            SourceError::WrongDigest { file: "models/abc".to_owned(), expected: entry.sha256, got }
        );
        assert!(!folder.path().join("models/abc.partial").exists());
        assert_eq!(cache.state(&entry).unwrap(), State::Missing);
    }

    #[test]
    fn a_source_that_gives_too_much_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, entry) = (Cache::at(folder.path()).unwrap(), abc());
        let mut partial = Partial::resume(&cache, &entry).unwrap();
        let error = source_error(partial.append(&b"abcd"[..], &mut Silent));
        assert_eq!(error, SourceError::WrongSize { expected: 3, got: 4 });
        assert_eq!(partial.len(), 0);
    }

    #[test]
    fn a_partial_longer_than_the_file_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, entry) = (Cache::at(folder.path()).unwrap(), abc());
        fs::create_dir(folder.path().join("models")).unwrap();
        fs::write(folder.path().join("models/abc.partial"), b"of an older version").unwrap();
        assert_eq!(Partial::resume(&cache, &entry).unwrap().len(), 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_not_the_sources_fault() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, entry) = (Cache::at(folder.path()).unwrap(), abc());
        fs::create_dir(folder.path().join("models")).unwrap();
        std::os::unix::fs::symlink("/dev/full", folder.path().join("models/abc.partial")).unwrap();
        let mut partial = Partial::resume(&cache, &entry).unwrap();
        let result = partial.append(&b"abc"[..], &mut Silent);
        assert!(matches!(result, Err(Failure::Ours(Trouble::DiskFull))), "{result:?}");
    }
}
