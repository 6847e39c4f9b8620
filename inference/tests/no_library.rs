//! In a process of its own, because a process that runs on a library refuses any other before it looks at it.

#[expect(dead_code, reason = "the tests of the sessions use the rest")]
mod cache;

use sostenuto_inference::{Runtime, SessionError};

#[test]
fn a_file_that_is_no_library_is_an_error_and_leaves_the_process_free_to_load_another() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"not a library").unwrap();
    for _ in 0..2 {
        assert!(matches!(Runtime::load(file.path()), Err(SessionError::Library { .. })));
    }
    if let Some(library) = cache::runtime() {
        assert!(Runtime::load(&library).is_ok());
    }
}
