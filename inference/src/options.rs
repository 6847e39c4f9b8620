//! What a session is built with.

use crate::norms::NormsChoice;
use crate::{Form, Provider, SessionKind, native};

/// How a session runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionOptions {
    /// Threads, the one that calls the session included; at least one.
    pub threads: usize,
    /// Where the session runs if it can; else it [falls back](Provider::chain).
    pub provider: Provider,
    /// What runs the quality session on the CPU; `None` for what was found to be the fastest on this machine.
    pub form: Option<Form>,
    /// How it uses memory.
    pub memory: MemoryOptions,
    /// Which norms it speaks with, where it has a choice.
    pub norms: NormsChoice,
}

impl SessionOptions {
    /// On the CPU with `threads` threads, the runtime's memory as it is by default, and every fragment's own norms: what
    /// it says does not change with what was learned.
    pub fn on_cpu(threads: usize) -> Self {
        let (provider, memory) = (Provider::Cpu, MemoryOptions::default());
        Self { threads, provider, form: None, memory, norms: NormsChoice::Exact }
    }

    /// On the CPU with a thread for each of its cores.
    pub fn on_all_cores() -> Self {
        Self::on_cpu(std::thread::available_parallelism().map_or(1, usize::from))
    }

    /// The most parts that a session of `kind` with these options hands a fragment out in.
    pub fn max_parts(&self, kind: SessionKind) -> usize {
        let may_stream = kind == SessionKind::Quality
            && self.provider == Provider::Cpu
            && self.form != Some(Form::Stock)
            && self.norms != NormsChoice::Exact;
        if may_stream { native::MOST_PARTS } else { kind.max_parts() }
    }
}

/// How a session uses memory.
///
/// The defaults are the least that stays level. Measured on a busy 2-core x86-64 machine with ONNX Runtime 1.30 over
/// 200 fragments whose lengths keep changing (quality: 5 to 34 tokens), in MiB that are the process's own (what it maps
/// from files, 27 and 270, can be dropped by the system at any time), and in processor seconds per second of audio:
///
/// | options | fast, after 200 | fast, at most, files included | fast, time | quality, after 200 | quality, at most, files included | quality, time |
/// | --- | --- | --- | --- | --- | --- | --- |
/// | default | 36 | 64 | 0.0094 | 164 | 434 | 0.68 |
/// | `arena: false` | 24 to 37 | 74 | 0.0109 | 120 to 179 | 782 | 0.77 |
/// | `shrink: true` | 55 to 59 | 102 | 0.0098 | not measured | | |
/// | `prepack: false` | 31 | 62 | 0.0098 | 72 against 163 after 8 | | 0.74 to 0.77 against 0.73 to 0.74 |
///
/// With the arena, memory is where it will stay after the first fifty fragments. How the arena grows is not a choice:
/// the binding has none for the CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryOptions {
    /// Keep what a run took for the next one, instead of giving it back to the system's allocator at once.
    pub arena: bool,
    /// Give back what the arena holds after every run; nothing without an arena.
    pub shrink: bool,
    /// Lay weights out anew for this processor, where the runtime has a faster layout.
    pub prepack: bool,
}

impl Default for MemoryOptions {
    fn default() -> Self {
        Self { arena: true, shrink: false, prepack: true }
    }
}
