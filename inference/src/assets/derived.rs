//! Files made from assets.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::Trouble;
use super::lock::Lock;
use super::partial::sync_folder_of;
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
        let path = self.derived_path(source, name);
        let folder = self.derived_path(source, "");
        if path.is_file() {
            return Ok(path);
        }
        let _lock = Lock::take(&folder.join(".lock"), || {
            tracing::info!(path = %path.display(), "another process makes this file, waiting for it");
        })
        .map_err(|trouble| trouble.told(&folder, SMALLEST))?;
        if path.is_file() {
            return Ok(path);
        }
        let content = make()?;
        write_whole(&folder, &path, &content)
            .map_err(|error| Trouble::io("write", &path, error).told(&folder, content.len() as u64))?;
        Ok(path)
    }
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
