//! What goes wrong, on purpose.

use serde::{Deserialize, Serialize};

/// Something that goes wrong on purpose. Moments and lengths are in seconds of the scenario unless the name says
/// otherwise; a `share` is from 0 to 1.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// Every fragment takes `factor` times as long for a while.
    SlowInference {
        /// How many times as long.
        factor: f64,
        /// From when.
        #[serde(default)]
        at_s: f64,
        /// For how long.
        for_s: f64,
    },
    /// Fragments take `factor` times as long in runs (Gilbert-Elliott, one step to a fragment).
    Stalls {
        /// Of the fragments.
        share: f64,
        /// How many times as long.
        factor: f64,
        /// Fragments in a run, on average.
        run: f64,
    },
    /// The quality session, or the only one, does nothing, not even obey, for a while.
    Freeze {
        /// From when.
        at_s: f64,
        /// For how long.
        for_s: f64,
    },
    /// Fragments that cannot be spoken.
    FailedFragments {
        /// Of the fragments.
        share: f64,
    },
    /// Fragments whose samples are not numbers.
    NanFragments {
        /// Of the fragments.
        share: f64,
    },
    /// Chunks that are lost on their way to playback.
    DroppedChunks {
        /// Of the chunks.
        share: f64,
    },
    /// Chunks that come twice.
    DuplicatedChunks {
        /// Of the chunks.
        share: f64,
    },
    /// Chunks that come after the one that follows.
    ReorderedChunks {
        /// Of the chunks.
        share: f64,
    },
    /// The sink takes nothing for a while, and goes on where it was.
    ConsumerStall {
        /// How often: once in so many seconds.
        every_s: f64,
        /// For how long.
        for_s: f64,
    },
    /// Callbacks come late, and the time is made up for at once.
    LateCallback {
        /// How often: once in so many seconds.
        every_s: f64,
        /// By how much.
        by_s: f64,
    },
    /// So many callbacks come at once, those that are missed before them, and then some ahead of time.
    CallbackBurst {
        /// How often: once in so many seconds.
        every_s: f64,
        /// How many.
        callbacks: u32,
    },
    /// The device is gone for a while.
    DeviceLoss {
        /// From when.
        at_s: f64,
        /// For how long.
        for_s: f64,
    },
    /// The device asks for so many frames at once from now on.
    PeriodChange {
        /// When.
        at_s: f64,
        /// Frames.
        frames: u32,
    },
    /// The device's second is too long.
    ClockDrift {
        /// By so many millionths.
        ppm: f64,
    },
    /// Everything is taken back, again and again; the text goes on a moment later.
    StopStorm {
        /// How often: once in so many seconds, on average.
        every_s: f64,
    },
    /// Everything is taken back, and something else is said at once.
    BargeIn {
        /// How often: once in so many seconds, on average.
        every_s: f64,
    },
    /// Resident memory goes over the hard limit for a while; utterances are refused.
    MemoryLimit {
        /// From when.
        at_s: f64,
        /// For how long.
        for_s: f64,
    },
    /// The sound server dies, and is there again.
    ServerKill {
        /// When.
        at_s: f64,
        /// For how long it is gone.
        for_s: f64,
    },
}

/// A fault's name.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is told at the fault of the same name")]
pub enum FaultKind {
    SlowInference,
    Stalls,
    Freeze,
    FailedFragments,
    NanFragments,
    DroppedChunks,
    DuplicatedChunks,
    ReorderedChunks,
    ConsumerStall,
    LateCallback,
    CallbackBurst,
    DeviceLoss,
    PeriodChange,
    ClockDrift,
    StopStorm,
    BargeIn,
    MemoryLimit,
    ServerKill,
}

impl FaultKind {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::SlowInference,
        Self::Stalls,
        Self::Freeze,
        Self::FailedFragments,
        Self::NanFragments,
        Self::DroppedChunks,
        Self::DuplicatedChunks,
        Self::ReorderedChunks,
        Self::ConsumerStall,
        Self::LateCallback,
        Self::CallbackBurst,
        Self::DeviceLoss,
        Self::PeriodChange,
        Self::ClockDrift,
        Self::StopStorm,
        Self::BargeIn,
        Self::MemoryLimit,
        Self::ServerKill,
    ];

    /// As it stands in files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::SlowInference => "slow-inference",
            Self::Stalls => "stalls",
            Self::Freeze => "freeze",
            Self::FailedFragments => "failed-fragments",
            Self::NanFragments => "nan-fragments",
            Self::DroppedChunks => "dropped-chunks",
            Self::DuplicatedChunks => "duplicated-chunks",
            Self::ReorderedChunks => "reordered-chunks",
            Self::ConsumerStall => "consumer-stall",
            Self::LateCallback => "late-callback",
            Self::CallbackBurst => "callback-burst",
            Self::DeviceLoss => "device-loss",
            Self::PeriodChange => "period-change",
            Self::ClockDrift => "clock-drift",
            Self::StopStorm => "stop-storm",
            Self::BargeIn => "barge-in",
            Self::MemoryLimit => "memory-limit",
            Self::ServerKill => "server-kill",
        }
    }
}

impl Fault {
    /// Its name.
    pub fn kind(&self) -> FaultKind {
        match self {
            Self::SlowInference { .. } => FaultKind::SlowInference,
            Self::Stalls { .. } => FaultKind::Stalls,
            Self::Freeze { .. } => FaultKind::Freeze,
            Self::FailedFragments { .. } => FaultKind::FailedFragments,
            Self::NanFragments { .. } => FaultKind::NanFragments,
            Self::DroppedChunks { .. } => FaultKind::DroppedChunks,
            Self::DuplicatedChunks { .. } => FaultKind::DuplicatedChunks,
            Self::ReorderedChunks { .. } => FaultKind::ReorderedChunks,
            Self::ConsumerStall { .. } => FaultKind::ConsumerStall,
            Self::LateCallback { .. } => FaultKind::LateCallback,
            Self::CallbackBurst { .. } => FaultKind::CallbackBurst,
            Self::DeviceLoss { .. } => FaultKind::DeviceLoss,
            Self::PeriodChange { .. } => FaultKind::PeriodChange,
            Self::ClockDrift { .. } => FaultKind::ClockDrift,
            Self::StopStorm { .. } => FaultKind::StopStorm,
            Self::BargeIn { .. } => FaultKind::BargeIn,
            Self::MemoryLimit { .. } => FaultKind::MemoryLimit,
            Self::ServerKill { .. } => FaultKind::ServerKill,
        }
    }
}

/// How often a fault fired.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Fired {
    /// Which.
    pub fault: FaultKind,
    /// How often. A fault that was asked for and never fired fails the run.
    pub count: u64,
    /// When, in seconds: the first thousand.
    pub at_s: Vec<f64>,
}
