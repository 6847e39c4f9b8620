//! Files made from assets.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::cache::remember;
use super::error::Trouble;
use super::lock::Lock;
use super::partial::sync_folder_of;
use super::stamp::{Stamp, forget};
use super::{AssetError, Cache, Digest};

const PREFIX: &str = ".making-";
/// What a file takes on the disk that has no content yet: a block.
const SMALLEST: u64 = 4096;

impl Cache {
    /// Where the file `name` made from the asset with digest `source` belongs, whether it is there or not.
    ///
    /// `name` is a bare file name, and says how the file is made: when the making changes, so does the name.
    pub fn derived_path(&self, source: Digest, name: &str) -> PathBuf {
        self.folder().join("derived").join(source.to_string()).join(name)
    }

    /// The file `name` made from the asset with digest `source`; `make` gives its content where it is not there yet.
    ///
    /// The file gets its name only once it is whole and on the disk. Of two processes that want the same file one
    /// makes it and the other waits.
    ///
    /// # Errors
    /// - Those of `make`; then nothing is written.
    /// - [`AssetError::DiskFull`], [`AssetError::Io`] when the cache cannot take it.
    pub fn derive<E: From<AssetError>>(
        &self,
        source: Digest,
        name: &str,
        make: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<PathBuf, E> {
        self.derive_where(source, name, Path::is_file, make, |_, _| ())
    }

    /// As [`derive`](Self::derive); and records what the file is, so that one that was changed since is made anew,
    /// with a line in the log.
    ///
    /// # Errors
    /// As [`derive`](Self::derive).
    pub fn derive_recorded<E: From<AssetError>>(
        &self,
        source: Digest,
        name: &str,
        make: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<PathBuf, E> {
        let path = self.derived_path(source, name);
        if path.is_file() && !is_as_recorded(&path) {
            tracing::warn!(path = %path.display(), "changed since it was made: making it anew");
        }
        self.derive_where(source, name, is_as_recorded, make, |path, content| {
            if let Ok(digest) = Digest::of(content) {
                remember(path, digest);
            }
        })
    }

    /// Gives the file `name` made from the asset with digest `source` another content, whether it was there or not.
    ///
    /// Whoever reads it meanwhile finds the old content or the new one, whole. While `make` runs no other process changes
    /// the file, so it may go by what the file holds.
    ///
    /// # Errors
    /// [`AssetError::DiskFull`], [`AssetError::Io`] when the cache cannot take it; the old content stays.
    pub fn renew_derived(
        &self,
        source: Digest,
        name: &str,
        make: impl FnOnce(&Path) -> Vec<u8>,
    ) -> Result<(), AssetError> {
        let (path, folder) = (self.derived_path(source, name), self.derived_path(source, ""));
        let _lock = Lock::take(&folder.join(".lock"), || {
            tracing::info!(path = %path.display(), "another process writes beside this file, waiting for it");
        })
        .map_err(|trouble| trouble.told(&folder, SMALLEST))?;
        renew(&folder, &path, &make(&path))
    }

    /// As [`renew_derived`](Self::renew_derived), but waits for no other process: it may be making a model. Returns whether
    /// it was done.
    ///
    /// # Errors
    /// As [`renew_derived`](Self::renew_derived).
    pub fn try_renew_derived(
        &self,
        source: Digest,
        name: &str,
        make: impl FnOnce(&Path) -> Vec<u8>,
    ) -> Result<bool, AssetError> {
        let (path, folder) = (self.derived_path(source, name), self.derived_path(source, ""));
        let lock =
            Lock::try_take(&folder.join(".lock")).map_err(|trouble| trouble.told(&folder, SMALLEST))?;
        if lock.is_some() {
            renew(&folder, &path, &make(&path))?;
        }
        Ok(lock.is_some())
    }

    /// The file that [`derive_recorded`](Self::derive_recorded) made, where it is there and was not changed since.
    pub fn recorded(&self, source: Digest, name: &str) -> Option<PathBuf> {
        Some(self.derived_path(source, name)).filter(|path| is_as_recorded(path))
    }

    /// Deletes derived files of `source` by their names, and their records; those that cannot be are left.
    pub fn delete_derived(&self, source: Digest, is_unwanted: impl Fn(&str) -> bool) {
        for item in fs::read_dir(self.derived_path(source, "")).into_iter().flatten().flatten() {
            if item.file_name().to_str().is_some_and(&is_unwanted) {
                forget(&item.path());
                if let Err(error) = fs::remove_file(item.path()) {
                    tracing::debug!(path = %item.path().display(), %error, "not deleted");
                }
            }
        }
    }

    fn derive_where<E: From<AssetError>>(
        &self,
        source: Digest,
        name: &str,
        is_good: impl Fn(&Path) -> bool,
        make: impl FnOnce() -> Result<Vec<u8>, E>,
        made: impl FnOnce(&Path, &[u8]),
    ) -> Result<PathBuf, E> {
        let path = self.derived_path(source, name);
        let folder = self.derived_path(source, "");
        if is_good(&path) {
            return Ok(path);
        }
        let _lock = Lock::take(&folder.join(".lock"), || {
            tracing::info!(path = %path.display(), "another process makes this file, waiting for it");
        })
        .map_err(|trouble| trouble.told(&folder, SMALLEST))?;
        if is_good(&path) {
            return Ok(path);
        }
        let content = make()?;
        renew(&folder, &path, &content)?;
        made(&path, &content);
        Ok(path)
    }
}

fn is_as_recorded(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| Stamp::digest(path, &metadata).is_some())
}

/// As [`write_whole`], with what went wrong as it is told.
fn renew(folder: &Path, path: &Path, content: &[u8]) -> Result<(), AssetError> {
    write_whole(folder, path, content)
        .map_err(|error| Trouble::io("write", path, error).told(folder, content.len() as u64))
}

/// Writes into a new file of `folder`, and renames it to `path` once it is on the disk.
fn write_whole(folder: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    delete_left_overs(folder)?;
    let mut file = tempfile::Builder::new().prefix(PREFIX).tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_folder_of(path);
    Ok(())
}

/// Deletes what processes that were killed have left; the caller holds the folder's lock.
fn delete_left_overs(folder: &Path) -> io::Result<()> {
    for item in fs::read_dir(folder)? {
        let item = item?;
        if item.file_name().to_string_lossy().starts_with(PREFIX) {
            fs::remove_file(item.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn source() -> Digest {
        Digest::of(&b"abc"[..]).unwrap()
    }

    fn making(content: &[u8]) -> impl FnOnce() -> Result<Vec<u8>, AssetError> {
        let content = content.to_vec();
        || Ok(content)
    }

    #[test]
    fn a_file_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let path = cache.derive(source(), "float.onnx", making(b"first")).unwrap();
        assert_eq!(path, cache.derived_path(source(), "float.onnx"));
        let again = cache.derive(source(), "float.onnx", making(b"second")).unwrap();
        assert_eq!(fs::read(again).unwrap(), b"first");
    }

    #[test]
    fn a_failed_making_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let failed = cache.derive(source(), "x", || Err(AssetError::NoFolder));
        assert!(matches!(failed, Err(AssetError::NoFolder)));
        assert!(!cache.derived_path(source(), "x").exists());
    }

    #[test]
    fn what_a_killed_process_left_is_deleted_and_never_used() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let half = cache.derived_path(source(), ".making-half");
        fs::create_dir_all(half.parent().unwrap()).unwrap();
        fs::write(&half, b"ha").unwrap();
        let path = cache.derive(source(), "x", making(b"whole")).unwrap();
        assert_eq!(fs::read(path).unwrap(), b"whole");
        assert!(!half.exists());
    }

    #[test]
    fn a_recorded_file_is_made_anew_once_it_was_changed() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let path = cache.derive_recorded(source(), "x", making(b"first")).unwrap();
        assert_eq!(cache.recorded(source(), "x"), Some(path.clone()));
        assert_eq!(
            fs::read(cache.derive_recorded(source(), "x", making(b"second")).unwrap()).unwrap(),
            b"first"
        );
        fs::write(&path, b"cut").unwrap();
        assert_eq!(cache.recorded(source(), "x"), None);
        assert_eq!(
            fs::read(cache.derive_recorded(source(), "x", making(b"third")).unwrap()).unwrap(),
            b"third"
        );
    }

    #[test]
    fn a_renewed_file_has_the_later_content_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let path = cache.derived_path(source(), "x");
        for content in ["first", "second"] {
            cache.renew_derived(source(), "x", |_| content.into()).unwrap();
            assert_eq!(fs::read(&path).unwrap(), content.as_bytes());
        }
        let longer = |path: &Path| [fs::read(path).unwrap(), b" and third".to_vec()].concat();
        assert!(cache.try_renew_derived(source(), "x", longer).unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"second and third");
        let held = Lock::take(&cache.derived_path(source(), ".lock"), || ()).unwrap();
        assert!(!cache.try_renew_derived(source(), "x", |_| vec![]).unwrap());
        drop(held);
        assert_eq!(fs::read(&path).unwrap(), b"second and third");
        let left = fs::read_dir(cache.derived_path(source(), "")).unwrap().flatten();
        assert!(!left.map(|item| item.file_name()).any(|name| name.to_string_lossy().starts_with(PREFIX)));
    }

    #[test]
    fn only_what_is_unwanted_is_deleted_with_its_record() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        for name in ["a-1", "a-2"] {
            cache.derive_recorded(source(), name, making(b"x")).unwrap();
        }
        cache.delete_derived(source(), |name| name == "a-1");
        assert_eq!(cache.recorded(source(), "a-1"), None);
        assert!(cache.recorded(source(), "a-2").is_some());
        let left = fs::read_dir(cache.derived_path(source(), "")).unwrap().flatten();
        assert!(!left.map(|item| item.file_name()).any(|name| name.to_string_lossy().starts_with("a-1")));
    }

    #[test]
    fn two_that_want_the_same_file_make_it_once() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let made = AtomicUsize::new(0);
        let want = || {
            cache.derive(source(), "x", || {
                made.fetch_add(1, Ordering::SeqCst);
                Ok::<_, AssetError>(b"x".to_vec())
            })
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(want)).collect();
            for thread in threads {
                thread.join().unwrap().unwrap();
            }
        });
        assert_eq!(made.load(Ordering::SeqCst), 1);
    }
}
