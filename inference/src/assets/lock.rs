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
        let file = open(path)?;
        if !is_taken(&file, path)? {
            waiting();
            file.lock().map_err(|error| Trouble::io("lock", path, error))?;
        }
        Ok(Self { _file: file })
    }

    /// As [`take`](Self::take), or `None` where another process holds it.
    pub(super) fn try_take(path: &Path) -> Result<Option<Self>, Trouble> {
        let file = open(path)?;
        Ok(is_taken(&file, path)?.then_some(Self { _file: file }))
    }
}

fn open(path: &Path) -> Result<File, Trouble> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| Trouble::io("make", folder, error))?;
    }
    let options = File::options().create(true).truncate(false).write(true).open(path);
    options.map_err(|error| Trouble::io("open", path, error))
}

/// Takes the lock of a file where nobody has it. Returns whether it was taken.
fn is_taken(file: &File, path: &Path) -> Result<bool, Trouble> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(Trouble::io("lock", path, error)),
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
                assert!(Lock::try_take(&path).unwrap().is_none());
                let _second = Lock::take(&path, move || waits.send(()).unwrap()).unwrap();
                assert!(freed.load(Ordering::SeqCst), "taken while the first held it");
            });
            waiting.recv().unwrap();
            freed.store(true, Ordering::SeqCst);
            drop(first);
        });
        assert!(Lock::try_take(&path).unwrap().is_some());
    }
}
