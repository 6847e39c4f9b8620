//! By how much what is heard is later than at the earliest.

use sostenuto_engine::StreamStats;
use sostenuto_engine::playback::{CHUNK_RATE, PumpStats};

/// Seconds by which a stream has been delayed so far: beginnings that were held back, samples that were put in more than
/// were left out, and what was concealed. At another rate than 1 samples are put in or left out to keep it, and tell
/// nothing; `rate`: frames a second of the sink.
pub(super) fn so_far(stats: &StreamStats, playback: &PumpStats, rate: u32, played_at: f32) -> f64 {
    let mut delay = playback.pre_roll_s + stats.concealed_frames as f64 / f64::from(rate.max(1));
    if played_at == 1.0 {
        let stretched = playback.inserted_samples as f64 - playback.removed_samples as f64;
        delay += stretched / f64::from(CHUNK_RATE);
    }
    delay
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_makes_speech_later_adds_up() {
        let stats = StreamStats { concealed_frames: 4_800, ..StreamStats::default() };
        let playback = PumpStats {
            pre_roll_s: 0.5,
            inserted_samples: 2_400,
            removed_samples: 1_200,
            ..PumpStats::default()
        };
        assert!((so_far(&stats, &playback, 48_000, 1.0) - 0.65).abs() < 1e-9);
        assert!((so_far(&stats, &playback, 48_000, 2.0) - 0.6).abs() < 1e-9);
    }
}
