//! Logs: on standard error, where they cannot get into the data.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging: warnings, with one `-v` what happens, with two everything; `RUST_LOG` overrides.
pub(crate) fn start(verbose: u8) {
    let level = match verbose {
        0 => "warn,pulseaudio=off",
        1 => {
            "sostenuto=info,sostenuto_engine=info,sostenuto_inference=info,sostenuto_playback=info,sostenuto_g2p=info,warn"
        }
        _ => {
            "sostenuto=debug,sostenuto_engine=debug,sostenuto_inference=debug,sostenuto_playback=debug,sostenuto_g2p=debug,info"
        }
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
