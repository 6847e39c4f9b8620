//! What `say --stats` writes.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use sostenuto_engine::inference::SessionKind;
use sostenuto_engine::playback::Format;
use sostenuto_engine::{
    Engine, MemoryByPart, Outcome, Policy, SessionStats, StageReport, StreamStats, peak_rss_mb,
};

use crate::exit::Failure;
use crate::sessions::SpeaksAs;

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
    sessions: Vec<Session>,
    sink_rate: u32,
    sink_channels: u16,
    dropped_symbols: u64,
    threads: Vec<StageReport>,
    memory: Option<MemoryByPart>,
    peak_rss_mb: Option<f64>,
}

/// A session, and for the quality session what runs it.
#[derive(Serialize)]
struct Session {
    #[serde(flatten)]
    stats: SessionStats,
    #[serde(flatten)]
    speaks_as: Option<SpeaksAs>,
}

impl Session {
    /// All of them, where the quality session speaks so.
    fn all(stats: Vec<SessionStats>, quality: Option<SpeaksAs>) -> Vec<Self> {
        let is_quality = |stats: &SessionStats| stats.session == SessionKind::Quality.name();
        let session = |stats| Self { speaks_as: quality.filter(|_| is_quality(&stats)), stats };
        stats.into_iter().map(session).collect()
    }
}

impl Stats {
    /// `quality`: what runs the quality session; `accepted_after`: how long the program had run when the utterance was
    /// accepted.
    pub(crate) fn new(
        engine: &Engine,
        quality: Option<SpeaksAs>,
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
            sessions: Session::all(engine.session_stats(), quality),
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

#[cfg(test)]
mod tests {
    use sostenuto_engine::SessionState;

    use super::*;

    fn stats(session: &'static str) -> SessionStats {
        SessionStats {
            session,
            state: SessionState::Ready,
            provider: Some("cpu".to_owned()),
            fallbacks: 0,
            memory_mb: 1.0,
            ready_ms: Some(2.0),
            fragments: 3,
            timeouts: 0,
            taken_over: 0,
            cost_ms: 4.0,
            cost_per_token_ms: 5.0,
            residual_q95: 1.0,
        }
    }

    #[test]
    fn the_quality_session_tells_its_form_and_norms_and_the_fast_one_neither() {
        let quality = SpeaksAs { form: "native", norms: Some("auto") };
        let all = |quality| {
            let sessions = Session::all(vec![stats("fast"), stats("quality")], quality);
            serde_json::to_value(sessions).unwrap()
        };
        let told = all(Some(quality));
        assert_eq!((&told[1]["form"], &told[1]["norms"]), (&"native".into(), &"auto".into()));
        assert_eq!(told[1]["fragments"], 3);
        assert!(told[0].get("form").is_none() && told[0]["session"] == "fast");
        assert!(all(None)[1].get("form").is_none(), "it is not loaded yet");
    }
}
