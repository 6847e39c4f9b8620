//! What `say --stats` writes.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use sostenuto_engine::playback::Format;
use sostenuto_engine::{
    Engine, MemoryByPart, Outcome, Policy, SessionStats, StageReport, StreamStats, peak_rss_mb,
};

use crate::exit::Failure;

/// One utterance, measured.
#[derive(Serialize)]
pub(crate) struct Stats {
    /// Milliseconds from accepting the utterance to its first audible sample (above -60 dBFS) leaving the sink.
    ttfa_ms: Option<f64>,
    /// Milliseconds from the first line of the program, when arguments were not read yet, to that same sample.
    process_to_audio_ms: Option<f64>,
    #[serde(flatten)]
    stream: StreamStats,
    policy: Policy,
    sessions: Vec<SessionStats>,
    sink_rate: u32,
    sink_channels: u16,
    dropped_symbols: u64,
    threads: Vec<StageReport>,
    memory: Option<MemoryByPart>,
    peak_rss_mb: Option<f64>,
}

impl Stats {
    /// `accepted_after`: how long the program had run when the utterance was accepted.
    pub(crate) fn new(
        engine: &Engine,
        outcome: &Outcome,
        accepted_after: Duration,
        stream: &StreamStats,
        sink: Format,
    ) -> Self {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        Self {
            ttfa_ms: outcome.ttfa.map(ms),
            process_to_audio_ms: outcome.ttfa.map(|ttfa| ms(accepted_after + ttfa)),
            stream: *stream,
            policy: engine.policy(),
            sessions: engine.session_stats(),
            sink_rate: sink.rate,
            sink_channels: sink.channels,
            dropped_symbols: outcome.dropped_symbols,
            threads: engine.stage_reports(),
            memory: engine.memory(),
            peak_rss_mb: peak_rss_mb(),
        }
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let json = serde_json::to_string_pretty(self)? + "\n";
        std::fs::write(path, json)
            .map_err(|error| Failure::failed(format_args!("cannot write {}: {error}", path.display())))
    }
}
