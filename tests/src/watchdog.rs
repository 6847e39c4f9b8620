//! Turns a test that hangs into a test that fails.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// Far longer than any test takes: it tells a hang from a slow machine.
const PATIENCE: Duration = Duration::from_mins(3);

/// Ends the process with a message when it is not dropped in time.
#[derive(Debug)]
pub struct Watchdog {
    _alive: Sender<()>,
}

impl Watchdog {
    /// Watches over `what` until it is dropped.
    pub fn over(what: &'static str) -> Self {
        let (alive, watch) = channel();
        std::thread::spawn(move || {
            if watch.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                eprintln!("{what}: nothing happens any more after {} s", PATIENCE.as_secs());
                std::process::abort();
            }
        });
        Self { _alive: alive }
    }
}
