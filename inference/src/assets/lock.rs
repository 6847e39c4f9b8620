//! Keeps a second process from fetching into the same cache at the same time.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use super::error::Trouble;

/// Held while this process changes the cache; the system frees it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock at `path`, making its folder; calls `waiting` once before it waits for another process.
    pub(super) fn take(path: &Path, waiting: impl FnOnce()) -> Result<Self, Trouble> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| Trouble::io("make", folder, error))?;
        }
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(|error| Trouble::io("open", path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                waiting();
                file.lock().map_err(|error| Trouble::io("lock", path, error))?;
            }
            Err(TryLockError::Error(error)) => return Err(Trouble::io("lock", path, error)),
        }
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc;

    #[test]
    fn the_second_says_that_it_waits_and_gets_the_lock_after_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/lock");
        let first = Lock::take(&path, || panic!("nobody else is there")).unwrap();
        let freed = AtomicBool::new(false);
        let (waits, waiting) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let _second = Lock::take(&path, move || waits.send(()).unwrap()).unwrap();
                assert!(freed.load(Ordering::SeqCst), "taken while the first held it");
            });
            waiting.recv().unwrap();
            freed.store(true, Ordering::SeqCst);
            drop(first);
        });
    }
}
