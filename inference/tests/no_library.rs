//! A file that is not ONNX Runtime. In a process of its own: one that runs on a library takes no other.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use sostenuto_inference::{Runtime, SessionError};

#[test]
fn a_file_that_is_no_library_is_an_error_and_leaves_the_process_free_to_load_another() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"not a library").unwrap();
    for _ in 0..2 {
        assert!(matches!(Runtime::load(file.path()), Err(SessionError::Library { .. })));
    }
}
