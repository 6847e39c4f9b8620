//! Points this process at a sound server. Unsafe lives here: the environment belongs to the whole process.

use std::ffi::OsString;

use super::sound_server::SoundServer;

/// Where `PulseAudio`'s clients look for their server.
const SERVER: &str = "PULSE_SERVER";
/// What they show to be let in.
const COOKIE: &str = "PULSE_COOKIE";

/// This process looks for its sound at a server of ours until this is dropped.
#[derive(Debug)]
pub(super) struct Pointed {
    before: [(&'static str, Option<OsString>); 2],
}

impl Pointed {
    /// Points this process at `server`. To be called before the engine starts and dropped after it has ended.
    pub(super) fn at(server: &SoundServer) -> Self {
        let before = [SERVER, COOKIE].map(|name| (name, std::env::var_os(name)));
        set(SERVER, Some(server.address().into()));
        set(COOKIE, Some(server.cookie().into()));
        Self { before }
    }
}

fn set(name: &str, value: Option<OsString>) {
    // SAFETY: Rust's own readers of the environment share a lock with these calls. What could read it beside them is C
    // code that calls `getenv`: of the libraries of this program those are the sound library and the runtime, which the
    // engine's threads call, and there are none before it starts and after it has ended.
    unsafe {
        match value {
            Some(value) => std::env::set_var(name, value),
            None => std::env::remove_var(name),
        }
    }
}

impl Drop for Pointed {
    fn drop(&mut self) {
        for (name, value) in &mut self.before {
            set(name, value.take());
        }
    }
}
