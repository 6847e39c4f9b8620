//! How much waits to be heard, smoothed. Pure.

use std::time::Duration;

/// Between two steps of the filter, in seconds.
const STEP: f64 = 0.01;

/// A low-pass filter of the buffer level.
///
/// That of `WebRTC`'s jitter buffer (`buffer_level_filter.cc`): every 10 ms `L <- a L + (1 - a) L_raw`, the slower the
/// higher the target; what is put in by stretching is added at once, so that it is not put in twice.
#[derive(Clone, Copy, Debug, Default)]
pub struct LevelFilter {
    level: f64,
    at: Option<Duration>,
}

impl LevelFilter {
    /// Takes note that the level is `raw` seconds at `now`, the target being `target` seconds.
    pub fn note(&mut self, now: Duration, raw: f64, target: f64) {
        let Some(before) = self.at.replace(now) else {
            self.level = raw;
            return;
        };
        let a: f64 = match (target * 1e3) as u64 {
            0..=20 => 251.0 / 256.0,
            21..=60 => 252.0 / 256.0,
            61..=140 => 253.0 / 256.0,
            _ => 254.0 / 256.0,
        };
        let kept = a.powf(now.saturating_sub(before).as_secs_f64() / STEP);
        self.level = kept * self.level + (1.0 - kept) * raw;
    }

    /// Takes note that `seconds` were put in.
    pub fn insert(&mut self, seconds: f64) {
        self.level += seconds;
    }

    /// The level, in seconds.
    pub const fn seconds(&self) -> f64 {
        self.level
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_follows_a_jump_in_part_and_ends_there() {
        let mut filter = LevelFilter::default();
        filter.note(Duration::ZERO, 1.0, 0.08);
        filter.note(Duration::from_millis(10), 3.0, 0.08);
        assert!((filter.seconds() - (1.0 + 2.0 * 3.0 / 256.0)).abs() < 1e-9);
        filter.note(Duration::from_mins(1), 3.0, 0.08);
        assert!((filter.seconds() - 3.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn it_is_never_negative_and_never_above_what_was_there(
            levels in prop::collection::vec((0_u64..1_000, 0.0..20.0), 1..50), target in 0.0..0.3,
        ) {
            let mut filter = LevelFilter::default();
            let (mut now, mut highest) = (Duration::ZERO, 0.0_f64);
            for (millis, raw) in levels {
                now += Duration::from_millis(millis);
                highest = highest.max(raw);
                filter.note(now, raw, target);
                prop_assert!(filter.seconds() >= 0.0 && filter.seconds() <= highest + 1e-9);
            }
        }
    }
}
