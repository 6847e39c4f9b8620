//! ONNX Runtime: loaded once per process, and the settings that every session is built with.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use ort::environment::{Environment, ThreadManager};
use ort::logging::LogLevel;
use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};

use crate::SessionError;

/// The ONNX Runtime that this process runs on. Clones are the same runtime; it stays loaded until the process ends.
#[derive(Clone, Debug)]
pub struct Runtime {
    environment: Environment,
    path: PathBuf,
}

/// Keeps the environment alive: the runtime allows one per process and no second one after it.
static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);

impl Runtime {
    /// Loads the library at `path`, or returns the runtime that was loaded from there before.
    ///
    /// # Errors
    /// The library is missing, is not ONNX Runtime, or is older than 1.24; or this process already runs on another.
    pub fn load(path: &Path) -> Result<Self, SessionError> {
        let library = |reason: String| SessionError::Library { path: path.into(), reason };
        let path = path.canonicalize().map_err(|e| library(e.to_string()))?;
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = loaded.as_ref() {
            return if runtime.path == path {
                Ok(runtime.clone())
            } else {
                Err(SessionError::LibraryConflict { loaded: runtime.path.clone(), asked: path })
            };
        }
        let builder = ort::init_from(&path).map_err(|e| library(e.to_string()))?;
        let environment = builder
            .with_name("sostenuto")
            .with_telemetry(false)
            .with_logger(Arc::new(log))
            .build()
            .map_err(|e| library(e.to_string()))?;
        environment.set_log_level(LogLevel::Warning);
        let runtime = Self { environment, path };
        *loaded = Some(runtime.clone());
        Ok(runtime)
    }

    /// The library's version as its file name tells it, such as `1.30.0`; `None` where the name has none. The
    /// library's own number is not within reach of the binding, which only compares it with the least it needs.
    pub fn version(&self) -> Option<&str> {
        version_in(self.path.file_name()?.to_str()?)
    }

    /// How the library was built, in its own words.
    pub fn build(&self) -> &'static str {
        ort::info()
    }

    /// Where the library was loaded from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A session on the CPU whose worker threads are called `session-NAME-1` and so on. `threads` counts the thread
    /// that calls the session.
    ///
    /// Operators run one after the other: neither graph has branches worth a second pool. Idle workers sleep instead
    /// of spinning, because they share the machine with the audio callback. Memory patterns are off: they are
    /// remembered per input shape, and hardly two fragments have the same (measured: no difference in processor time).
    /// Denormals are flushed to zero in the workers. Weights in fewer bits are made float when the graph is loaded, not
    /// on every run.
    pub(crate) fn session(
        &self,
        name: &'static str,
        threads: usize,
        model: Model<'_>,
    ) -> Result<Session, ort::Error> {
        let mut builder = SessionBuilder::new(&self.environment)?
            .with_log_level(LogLevel::Warning)?
            .with_intra_threads(threads.max(1))?
            .with_inter_threads(1)?
            .with_parallel_execution(false)?
            .with_intra_op_spinning(false)?
            .with_inter_op_spinning(false)?
            .with_memory_pattern(false)?
            .with_flush_to_zero()?
            .with_quant_qdq(false)?
            .with_optimization_level(GraphOptimizationLevel::All)?
            .with_thread_manager(NamedThreads { name, started: Mutex::new(0) })?;
        match model {
            Model::File(path) => builder.commit_from_file(path),
            Model::Bytes(bytes) => builder.commit_from_memory(bytes),
        }
    }
}

/// Where a session's graph comes from.
#[derive(Clone, Copy)]
pub(crate) enum Model<'a> {
    /// A file; it may be large.
    File(&'a Path),
    /// The file's content.
    Bytes(&'a [u8]),
}

/// The dotted number in `libonnxruntime.so.1.30.0` or `libonnxruntime.1.30.0.dylib`.
fn version_in(file_name: &str) -> Option<&str> {
    let start = file_name.find(|c: char| c.is_ascii_digit())?;
    let rest = &file_name[start..];
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    Some(rest[..end].trim_end_matches('.'))
}

/// Passes the runtime's messages on. Its errors are told to the caller as well, as an `Err`, an interrupt among them,
/// so here they are details.
fn log(level: LogLevel, category: &str, _id: &str, location: &str, message: &str) {
    if level == LogLevel::Warning {
        tracing::warn!(target: "onnxruntime", category, location, "{message}");
    } else {
        tracing::debug!(target: "onnxruntime", category, location, "{message}");
    }
}

/// Starts a session's worker threads under the session's name.
struct NamedThreads {
    name: &'static str,
    started: Mutex<usize>,
}

impl ThreadManager for NamedThreads {
    type Thread = JoinHandle<()>;

    fn create(&self, work: impl FnOnce() + Send + 'static) -> ort::Result<Self::Thread> {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        *started += 1;
        let name = format!("session-{}-{started}", self.name);
        std::thread::Builder::new().name(name).spawn(work).map_err(ort::Error::wrap)
    }

    fn join(thread: Self::Thread) -> ort::Result<()> {
        thread.join().map_err(|_| ort::Error::new("a worker thread panicked"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_file_name_of_every_platform() {
        assert_eq!(version_in("libonnxruntime.so.1.30.0"), Some("1.30.0"));
        assert_eq!(version_in("libonnxruntime.1.30.0.dylib"), Some("1.30.0"));
        assert_eq!(version_in("onnxruntime.dll"), None);
    }

    #[test]
    fn a_missing_library_is_an_error_that_tells_what_to_do() {
        let error = Runtime::load(Path::new("/nowhere/libonnxruntime.so")).unwrap_err().to_string();
        assert!(error.starts_with("cannot load ONNX Runtime from /nowhere/libonnxruntime.so: "), "{error}");
        assert!(error.ends_with("fetch the assets, or name another library"), "{error}");
    }
}
