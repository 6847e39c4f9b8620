//! Where the tests find the models. They skip, and say so, when the cache has none.

use std::path::PathBuf;

const RUNTIME: &str = "runtime/libonnxruntime.so.1.30.0";
const KOKORO_INT8: &str = "models/kokoro-v1.0.int8.onnx";
const DISTILLED: &str = "models/hibari.onnx";

/// The folder that `SOSTENUTO_HOME` names, else `~/.cache/sostenuto`.
fn home() -> Option<PathBuf> {
    let named = std::env::var_os("SOSTENUTO_HOME").map(PathBuf::from);
    named.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/sostenuto")))
}

/// The file called `name` in the cache.
fn find(name: &str) -> Option<PathBuf> {
    let path = home()?.join(name);
    if path.is_file() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
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
