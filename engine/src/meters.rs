//! What a stream counts, written by its stages and read by anybody.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use sostenuto_playback::{PumpStats, Quantiles};

/// Counters of one stream. Each has one writer; a reading is not a moment's exact picture.
#[derive(Debug, Default)]
pub(crate) struct Meters {
    pub(crate) clauses: AtomicU64,
    pub(crate) fragments: AtomicU64,
    pub(crate) failed_fragments: AtomicU64,
    pub(crate) timeouts: AtomicU64,
    pub(crate) parts: AtomicU64,
    pub(crate) g2p_ns: AtomicU64,
    pub(crate) sentences_cached: AtomicU64,
    pub(crate) sentences_pronounced: AtomicU64,
    pub(crate) inference_ns: AtomicU64,
    pub(crate) pump_ns: AtomicU64,
    pub(crate) synthesised_samples: AtomicU64,
    pub(crate) new_buffers: AtomicU64,
    pub(crate) buffer_bytes: AtomicU64,
    pub(crate) missed_events: AtomicU64,
    /// As the pump last told. Whoever holds the lock copies, and does nothing else.
    pump: Mutex<PumpStats>,
}

impl Meters {
    /// Takes in what the pump counts.
    pub(crate) fn publish(&self, stats: PumpStats) {
        *self.pump.lock().unwrap_or_else(PoisonError::into_inner) = stats;
    }

    /// What the pump counted, as it last told.
    pub(crate) fn pump(&self) -> PumpStats {
        *self.pump.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Memory that the stream's chunk buffers hold.
    pub(crate) fn buffer_bytes(&self) -> u64 {
        read(&self.buffer_bytes)
    }
}

/// Time that a stage was at work for a stream, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct StageTimes {
    /// Text to phonemes.
    pub g2p_ms: f64,
    /// Phonemes to audio.
    pub inference_ms: f64,
    /// Reorder, resampling and the sink's own work where it has no device.
    pub pump_ms: f64,
}

/// How long something takes, over and over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// How often.
    pub count: u64,
    /// Half of the times it was at most so long, in microseconds.
    pub p50_us: f64,
    /// 99 times of 100.
    pub p99_us: f64,
    /// 999 times of 1,000.
    pub p99_9_us: f64,
    /// The longest.
    pub max_us: f64,
}

impl From<Quantiles> for Spread {
    fn from(Quantiles { count, p50, p99, p99_9, max }: Quantiles) -> Self {
        let us = |time: Duration| time.as_secs_f64() * 1e6;
        Self { count, p50_us: us(p50), p99_us: us(p99), p99_9_us: us(p99_9), max_us: us(max) }
    }
}

/// A reading of a stream's counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct StreamStats {
    /// Seconds of audio put out, pauses included.
    pub audio_s: f64,
    /// Seconds of speech put out, without the pauses between fragments.
    pub speech_s: f64,
    /// Synthesis seconds per second of speech synthesised; 0 before there is any.
    pub rtf: f64,
    /// Clauses that left stage 1.
    pub clauses: u64,
    /// Sentences that stage 1 had read before and took from its cache, as a share of all; 0 before there is any.
    pub cache_hit_rate: f64,
    /// Sentences that stage 1 had to pronounce.
    pub sentences_pronounced: u64,
    /// Fragments that stage 2 spoke, failed ones not counted.
    pub fragments: u64,
    /// Fragments that stage 2 could not speak.
    pub failed_fragments: u64,
    /// Those of them that took too long.
    pub timeouts: u64,
    /// Parts in which fragments came.
    pub parts: u64,
    /// Time at work by stage.
    pub stages: StageTimes,
    /// Times that the hard ring was short while audio was due.
    pub underruns: u64,
    /// Frames of silence played because of it.
    pub underrun_frames: u64,
    /// Frames put in the place of audio after the hard ring was short.
    pub concealed_frames: u64,
    /// Concealed stretches of at least 150 ms.
    pub interruptions: u64,
    /// How long the host's callbacks take.
    pub callback_time: Spread,
    /// How late they come.
    pub callback_lateness: Spread,
    /// Samples put in to last longer, at 24 kHz.
    pub inserted_samples: u64,
    /// Samples left out to be faster, at 24 kHz.
    pub removed_samples: u64,
    /// Seconds of audio that wait to be heard, smoothed.
    pub level_s: f64,
    /// Seconds that are kept in the hard ring.
    pub target_s: f64,
    /// Most fragments that have waited for an earlier one at once.
    pub reorder_depth: u64,
    /// Times that the host told of an xrun.
    pub device_xruns: u64,
    /// Times that playback ran dry for want of text.
    pub starvations: u64,
    /// Seconds that it was dry for want of text.
    pub starved_s: f64,
    /// Fragments that playback had to skip.
    pub gaps: u64,
    /// Chunks thrown away because their epoch was stopped.
    pub stale_chunks: u64,
    /// Chunks refused because they came late or twice.
    pub out_of_order: u64,
    /// Events that were let go because an utterance's owner did not read them in time.
    pub missed_events: u64,
    /// Chunk buffers allocated; stays put once the stream is warm.
    pub buffers: u64,
    /// Memory that these hold, in megabytes (10^6 bytes).
    pub buffers_mb: f64,
}

pub(crate) fn add(counter: &AtomicU64, amount: u64) {
    counter.fetch_add(amount, Ordering::Relaxed);
}

pub(crate) fn add_time(counter: &AtomicU64, time: Duration) {
    add(counter, time.as_nanos() as u64);
}

pub(crate) fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
