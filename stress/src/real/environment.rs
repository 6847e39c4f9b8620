//! Points this process at a sound server. Unsafe lives here: the environment belongs to the whole process.

use std::ffi::OsString;

use super::sound_server::SoundServer;

/// Where `PulseAudio`'s clients look for their server.
const SERVER: &str = "PULSE_SERVER";

/// This process looks for its sound at a server of ours until this is dropped.
#[derive(Debug)]
pub(super) struct Pointed {
    before: Option<OsString>,
}

impl Pointed {
    /// Points this process at `server`. To be called before the engine starts and dropped after it has ended.
    pub(super) fn at(server: &SoundServer) -> Self {
        let before = std::env::var_os(SERVER);
        // SAFETY: Rust's own readers of the environment share a lock with this call. What could read it beside them is
        // C code that calls `getenv`: of the libraries of this program those are the sound library and the runtime,
        // which the engine's threads call, and there are none before it starts.
        unsafe { std::env::set_var(SERVER, server.address()) };
        Self { before }
    }
}

impl Drop for Pointed {
    fn drop(&mut self) {
        // SAFETY: as above; the engine's threads have ended.
        unsafe {
            match self.before.take() {
                Some(before) => std::env::set_var(SERVER, before),
                None => std::env::remove_var(SERVER),
            }
        }
    }
}
