//! What a session is built with.

use crate::Provider;

/// How a session runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionOptions {
    /// Threads, the one that calls the session included; at least one.
    pub threads: usize,
    /// Where the session runs if it can; else it [falls back](Provider::chain).
    pub provider: Provider,
    /// How it uses memory.
    pub memory: MemoryOptions,
}

impl SessionOptions {
    /// On the CPU with `threads` threads, and the runtime's memory as it is by default.
    pub fn on_cpu(threads: usize) -> Self {
        Self { threads, provider: Provider::Cpu, memory: MemoryOptions::default() }
    }
}

/// How a session uses memory.
///
/// The defaults were chosen by measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryOptions {
    /// Keep what a run took for the next one, instead of giving it back to the system's allocator at once.
    pub arena: bool,
    /// Give back what the arena holds after every run.
    pub shrink: bool,
    /// Lay weights out anew for this processor, where the runtime has a faster layout.
    pub prepack: bool,
}

impl Default for MemoryOptions {
    fn default() -> Self {
        Self { arena: true, shrink: false, prepack: true }
    }
}
