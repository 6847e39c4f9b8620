//! ONNX Runtime: loaded once per process, and the settings that every session is built with.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use ort::environment::{Environment, ThreadManager};
use ort::ep::CPU;
use ort::logging::LogLevel;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};

use crate::assets::Digest;
use crate::loaded::Loaded;
use crate::mapped::Mapped;
use crate::{SessionError, SessionOptions};

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

    /// What tells this library from others: its version where that is known, else a digest of how it was built.
    pub fn identity(&self) -> String {
        let of_build =
            || Digest::of(self.build().as_bytes()).map_or_else(|_| String::new(), |d| d.to_string());
        self.version().map_or_else(|| of_build().chars().take(16).collect(), str::to_owned)
    }

    /// How the library was built, in its own words.
    pub fn build(&self) -> &'static str {
        ort::info()
    }

    /// Where the library was loaded from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A session whose worker threads are called `session-NAME-1` and so on.
    pub(crate) fn session(
        &self,
        name: &'static str,
        options: &SessionOptions,
        model: Model<'_>,
    ) -> Result<Loaded, ort::Error> {
        commit(self.builder(name, options)?, model)
    }

    /// As [`session`](Self::session); and saves the graph as the runtime has optimised it, in the runtime's own
    /// format, at `path`, which ends in `.ort`.
    pub(crate) fn save_optimised(
        &self,
        name: &'static str,
        options: &SessionOptions,
        model: Model<'_>,
        path: &Path,
    ) -> Result<Loaded, ort::Error> {
        commit(self.builder(name, options)?.with_optimized_model_path(path)?, model)
    }

    /// Operators run one after the other: neither graph has branches worth a second pool. Idle workers sleep instead
    /// of spinning, because they share the machine with the audio callback. Memory patterns are off: they are
    /// remembered per input shape, and hardly two fragments have the same (measured: no difference in processor time).
    /// Denormals are flushed to zero in the workers.
    fn builder(&self, name: &'static str, options: &SessionOptions) -> Result<SessionBuilder, ort::Error> {
        let threads = options.threads.max(1);
        let mut providers: Vec<_> =
            options.provider.registration(threads).map_err(ort::Error::wrap)?.into_iter().collect();
        providers.push(CPU::default().with_arena_allocator(options.memory.arena).build());
        Ok(SessionBuilder::new(&self.environment)?
            .with_log_level(LogLevel::Warning)?
            .with_intra_threads(threads)?
            .with_inter_threads(1)?
            .with_parallel_execution(false)?
            .with_intra_op_spinning(false)?
            .with_inter_op_spinning(false)?
            .with_memory_pattern(false)?
            .with_flush_to_zero()?
            .with_prepacking(options.memory.prepack)?
            .with_quant_qdq(false)?
            .with_optimization_level(GraphOptimizationLevel::All)?
            .with_execution_providers(providers)?
            .with_thread_manager(NamedThreads { name, started: Mutex::new(0) })?)
    }
}

/// Where a session's graph comes from.
pub(crate) enum Model<'a> {
    /// A file; it may be large.
    File(&'a Path),
    /// The file's content.
    Bytes(&'a [u8]),
    /// A graph that [`Runtime::save_optimised`] saved: read where it lies, weights included.
    Optimised(Mapped),
}

fn commit(mut builder: SessionBuilder, model: Model<'_>) -> Result<Loaded, ort::Error> {
    match model {
        Model::File(path) => builder.commit_from_file(path).map(Loaded::owning),
        Model::Bytes(bytes) => builder.commit_from_memory(bytes).map(Loaded::owning),
        Model::Optimised(graph) => {
            // Without these the runtime copies the file, and then every weight. With them it reads from `graph`, which
            // `Loaded` keeps for as long as the session lives.
            let session = builder
                .with_config_entry("session.use_ort_model_bytes_directly", "1")?
                .with_config_entry("session.use_ort_model_bytes_for_initializers", "1")?
                .commit_from_memory(&graph)?;
            // What the runtime has laid out anew is not read from the file again.
            graph.let_pages_go();
            Ok(Loaded::reading(session, graph))
        }
    }
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
