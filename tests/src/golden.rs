//! What came out before, to compare with what comes out now.

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Compares `value` with the file `golden/NAME.json`, or writes it there where `SOSTENUTO_GOLDEN` is `write`.
///
/// # Panics
/// Where they differ, or where there is no such file.
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
pub fn assert_golden<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &str, value: &T) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(format!("{name}.json"));
    if std::env::var_os("SOSTENUTO_GOLDEN").is_some_and(|value| value == "write") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, serde_json::to_string_pretty(value).unwrap() + "\n").unwrap();
    }
    let golden: T = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(*value, golden, "{name}: what happens has changed");
}
