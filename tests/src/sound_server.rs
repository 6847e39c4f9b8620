//! A sound server of our own for a test, where one is installed.

use std::io::{self, Write};

use sostenuto_stress::real::SoundServer;

/// Starts a server whose device has `rate` and `channels`. Where none is installed, says what is skipped and why.
///
/// # Errors
/// It is installed, and does not start.
pub fn sound_server(rate: u32, channels: u16) -> io::Result<Option<SoundServer>> {
    unless_absent(SoundServer::start(rate, channels))
}

/// As [`sound_server`], with a device that takes samples of `format`, as the server calls it.
///
/// # Errors
/// As [`sound_server`].
pub fn sound_server_with(rate: u32, channels: u16, format: &'static str) -> io::Result<Option<SoundServer>> {
    unless_absent(SoundServer::start_with(rate, channels, format))
}

fn unless_absent(started: io::Result<SoundServer>) -> io::Result<Option<SoundServer>> {
    match started {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // Not through `println`, which the harness keeps to itself.
            let _ = writeln!(io::stderr(), "skipped: {error}");
            Ok(None)
        }
        started => started.map(Some),
    }
}
