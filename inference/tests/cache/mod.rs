//! Where the tests find the models. They skip, and say so, when the cache has none.

use std::io::Write;
use std::path::PathBuf;

const RUNTIME: &str = "runtime/libonnxruntime.so.1.30.0";
const KOKORO_INT8: &str = "models/kokoro-v1.0.int8.onnx";
const DISTILLED: &str = "models/hibari.onnx";

/// The user's cache on Linux. Unit tests include this file too, so it cannot ask `assets::Cache`.
fn home() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from);
    set("SOSTENUTO_HOME")
        .or_else(|| Some(set("XDG_CACHE_HOME")?.join("sostenuto")))
        .or_else(|| Some(set("HOME")?.join(".cache/sostenuto")))
}

/// The file called `name` in the cache.
fn find(name: &str) -> Option<PathBuf> {
    let path = home()?.join(name);
    if path.is_file() {
        return Some(path);
    }
    // Not through `println`, which the harness keeps to itself.
    let _ = writeln!(std::io::stderr(), "skipped: {} is not there", path.display());
    None
}

pub(crate) fn runtime() -> Option<PathBuf> {
    find(RUNTIME)
}

pub(crate) fn kokoro_int8() -> Option<PathBuf> {
    find(KOKORO_INT8)
}

pub(crate) fn distilled() -> Option<PathBuf> {
    find(DISTILLED)
}

pub(crate) fn voice(name: &str) -> Option<PathBuf> {
    find(&format!("voices/{name}.bin"))
}
