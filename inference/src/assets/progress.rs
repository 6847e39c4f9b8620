//! What a fetch tells while it is at work.

use std::path::Path;

use super::Entry;

/// Whoever draws a fetch for the user.
///
/// Called on the thread that fetches, in order: [`planned`](Progress::planned) once, then for each entry
/// [`started`](Progress::started), any number of [`advanced`](Progress::advanced), and
/// [`finished`](Progress::finished); notes may come at any time. Every method does nothing unless it is written.
pub trait Progress {
    /// `files` files of `bytes` bytes in all are missing.
    fn planned(&mut self, files: usize, bytes: u64) {
        let _ = (files, bytes);
    }

    /// `entry` is being fetched.
    fn started(&mut self, entry: &Entry) {
        let _ = entry;
    }

    /// `bytes` of `entry` are there now, of [`Entry::bytes`]; fewer than before when a source had to start again.
    fn advanced(&mut self, entry: &Entry, bytes: u64) {
        let _ = (entry, bytes);
    }

    /// `entry` is in the cache.
    fn finished(&mut self, entry: &Entry) {
        let _ = entry;
    }

    /// Something the user may want to know: one line.
    fn note(&mut self, line: &str) {
        let _ = line;
    }

    /// Another process is fetching into the same cache; this one waits until `lock` is free.
    fn waiting(&mut self, lock: &Path) {
        let _ = lock;
    }
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {}
