//! The program in a folder of its own.

use std::path::Path;

use tempfile::TempDir;

use crate::{Program, Ran, Watchdog, fetched};

/// A folder of its own for a test, and the program that runs in it.
pub struct Desk {
    /// The program.
    pub program: Program,
    folder: TempDir,
    _watchdog: Watchdog,
}

impl Desk {
    /// A desk with nothing on it.
    ///
    /// # Panics
    /// Where the program cannot be built.
    #[allow(clippy::new_without_default, clippy::unwrap_used, reason = "a test fails by panicking")]
    pub fn new() -> Self {
        let (program, folder) = (Program::built().unwrap(), tempfile::tempdir().unwrap());
        Self { program, folder, _watchdog: Watchdog::over("the program") }
    }

    /// A desk for tests that speak with the fast session, or `None` where it is not fetched.
    pub fn with_fast_session() -> Option<Self> {
        let all = [fetched("onnxruntime"), fetched("kokoro-distilled-heart")];
        all.iter().all(Option::is_some).then(Self::new)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the program with `arguments` in the folder, with `input` on its standard input.
    ///
    /// # Panics
    /// Where it cannot be run.
    #[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    pub fn run(&self, arguments: &[&str], input: &[u8]) -> Ran {
        self.program.run(self.path(), arguments, input).unwrap()
    }

    /// What stands in the file `name` of the folder.
    ///
    /// # Panics
    /// Where it cannot be read.
    #[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// What stands there as JSON.
    ///
    /// # Panics
    /// Where it is none.
    #[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    pub fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }
}
