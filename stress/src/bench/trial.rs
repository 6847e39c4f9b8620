//! What one time of speaking took.

use serde::{Deserialize, Serialize};
use sostenuto_engine::StageTimes;
use sostenuto_engine::StreamStats;

use super::Gaps;

/// One time that a text was spoken, on all streams at once.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Trial {
    /// What came of each stream.
    pub streams: Vec<Heard>,
    /// The most memory that was resident, in megabytes (10^6 bytes): during the trial where the system can tell, else
    /// since the process began. `None` where it tells neither.
    pub peak_rss_mb: Option<f64>,
    /// Seconds of all cores that the process used to a second of audio; `None` where the system does not tell.
    pub cpu_per_audio_s: Option<f64>,
}

/// What came of one stream.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Heard {
    /// From accepting the utterance to its first audible sample (above -60 dBFS) leaving the sink, in milliseconds. On
    /// a freewheel sink that is when the block which holds it is handed over. `None` where nothing was audible.
    pub ttfa_ms: Option<f64>,
    /// From accepting the utterance to its end, in seconds. It ends after its last sound, before the pause that closes
    /// it is over.
    pub total_s: f64,
    /// Seconds of audio, pauses included.
    pub audio_s: f64,
    /// Synthesis seconds to a second of speech.
    pub rtf: f64,
    /// Milliseconds that stage 1, text to phonemes, was at work.
    pub g2p_ms: f64,
    /// Milliseconds that stage 2, phonemes to audio, was at work.
    pub inference_ms: f64,
    /// Milliseconds that stage 3, from chunks to the sink, was at work.
    pub pump_ms: f64,
    /// Fragments that were spoken.
    pub fragments: u64,
    /// Fragments that could not be spoken.
    pub failed_fragments: u64,
    /// Times that the hard ring was short while audio was due.
    pub underruns: u64,
    /// Concealed stretches of at least 150 ms.
    pub interruptions: u64,
    /// The time between blocks, where they leave in real time.
    pub gaps: Option<Gaps>,
}

impl Heard {
    /// What a stream that spoke one utterance counted.
    pub(super) fn of(stats: &StreamStats, ttfa_ms: Option<f64>, total_s: f64, gaps: Option<Gaps>) -> Self {
        let StageTimes { g2p_ms, inference_ms, pump_ms } = stats.stages;
        Self {
            ttfa_ms,
            total_s,
            audio_s: stats.audio_s,
            rtf: stats.rtf,
            g2p_ms,
            inference_ms,
            pump_ms,
            fragments: stats.fragments,
            failed_fragments: stats.failed_fragments,
            underruns: stats.underruns,
            interruptions: stats.interruptions,
            gaps,
        }
    }
}

impl Trial {
    /// Seconds of audio of all streams.
    pub fn audio_s(&self) -> f64 {
        self.streams.iter().map(|heard| heard.audio_s).sum()
    }
}
