//! How a fetch shows: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sostenuto_engine::inference::assets::{Entry, Progress};

/// Draws a bar on standard error.
pub(crate) struct Bar {
    bar: ProgressBar,
    done: u64,
}

/// Prints a line on standard error for each file.
pub(crate) struct Lines {
    files: usize,
    finished: usize,
}

/// The progress that suits standard error.
pub(crate) fn progress() -> Box<dyn Progress> {
    if std::io::stderr().is_terminal() {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:32} {bytes}/{total_bytes} {msg}") {
            bar.set_style(style);
        }
        Box::new(Bar { bar, done: 0 })
    } else {
        Box::new(Lines { files: 0, finished: 0 })
    }
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

impl Progress for Bar {
    fn planned(&mut self, _files: usize, bytes: u64) {
        self.bar.set_length(bytes);
    }

    fn started(&mut self, entry: &Entry) {
        self.bar.set_message(entry.name.clone());
    }

    fn advanced(&mut self, _entry: &Entry, bytes: u64) {
        self.bar.set_position(self.done + bytes);
    }

    fn finished(&mut self, entry: &Entry) {
        self.done += entry.bytes;
        self.bar.set_position(self.done);
        if Some(self.done) == self.bar.length() {
            self.bar.finish_and_clear();
        }
    }

    fn note(&mut self, line: &str) {
        self.bar.println(line);
    }

    fn waiting(&mut self, lock: &Path) {
        self.bar.println(format!("another process is fetching ({}); waiting for it", lock.display()));
    }
}

impl Progress for Lines {
    fn planned(&mut self, files: usize, bytes: u64) {
        self.files = files;
        eprintln!("fetching {files} files, {:.1} MB", megabytes(bytes));
    }

    fn finished(&mut self, entry: &Entry) {
        self.finished += 1;
        eprintln!("[{}/{}] {} {:.1} MB", self.finished, self.files, entry.name, megabytes(entry.bytes));
    }

    fn note(&mut self, line: &str) {
        eprintln!("{line}");
    }

    fn waiting(&mut self, lock: &Path) {
        eprintln!("another process is fetching ({}); waiting for it", lock.display());
    }
}
