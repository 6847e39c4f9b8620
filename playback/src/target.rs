//! How much is kept in the hard ring. Pure.

use std::time::Duration;

use crate::histogram::Histogram;

/// The level that a stream begins with, in seconds, as `WebRTC`'s jitter buffer does (`kStartDelayMs`).
const START: f64 = 0.08;
/// More is never kept, in seconds, but for a sink whose own period is longer.
const MOST: f64 = 0.25;
/// Less is never kept, in seconds: a thread of ordinary priority is this late now and then, however quiet the
/// machine has been. A level costs no latency at the beginning and none at a stop.
const LEAST: f64 = 0.04;
/// By how much it falls at most, in seconds a second.
const DECAY: f64 = 0.001;
/// Of a bucket, in seconds.
const WIDTH: f64 = 0.005;
/// As many as [`MOST`] takes.
const BUCKETS: usize = 50;
/// A memory of about 500 steps of the pump, some 15 s.
const MEMORY: f64 = 0.998;
/// Which share of what happens the level covers.
const QUANTILE: f64 = 0.99;

/// The target level of the hard ring: a period, and what pump and callbacks were late.
///
/// `T = clamp(P + Q_0.99(lateness of the pump) + Q_0.99(burst of callbacks), 2 P, 250 ms)`, at least 40 ms. It rises
/// at once, by a bucket more each time that the ring was short, and falls by 1 ms a second.
#[derive(Clone, Debug)]
pub struct RingTarget {
    period: f64,
    lateness: Histogram,
    bursts: Histogram,
    target: f64,
    at: Option<Duration>,
}

impl RingTarget {
    /// For a sink that asks for `period` seconds at once.
    pub fn new(period: f64) -> Self {
        let histogram = Histogram::new(BUCKETS, WIDTH, MEMORY);
        let mut target =
            Self { period, lateness: histogram.clone(), bursts: histogram, target: START, at: None };
        target.target = target.within(START);
        target
    }

    /// The longest target for a sink of that `period`, in seconds.
    pub fn longest(period: f64) -> f64 {
        MOST.max(2.0 * period)
    }

    /// Takes note that the pump was so many seconds later than it wanted.
    pub fn note_lateness(&mut self, seconds: f64) {
        self.lateness.update(seconds);
    }

    /// Takes note that callbacks took so many seconds of audio more than had passed, and than a period.
    pub fn note_burst(&mut self, seconds: f64) {
        self.bursts.update(seconds);
    }

    /// Takes note that the ring was short though the pump had filled it.
    pub fn note_short(&mut self) {
        self.target = self.within(self.target + WIDTH);
    }

    /// The target at `now`, in seconds.
    pub fn at(&mut self, now: Duration) -> f64 {
        let passed = self.at.map_or(Duration::ZERO, |at| now.saturating_sub(at)).as_secs_f64();
        self.at = Some(now);
        let wanted = self.wanted();
        self.target = wanted.max(self.target - DECAY * passed);
        self.target
    }

    /// The target as it was when it was last asked for at a time, in seconds.
    pub const fn seconds(&self) -> f64 {
        self.target
    }

    fn wanted(&self) -> f64 {
        let quantile =
            |histogram: &Histogram| if histogram.is_fresh() { 0.0 } else { histogram.quantile(QUANTILE) };
        self.within(self.period + quantile(&self.lateness) + quantile(&self.bursts))
    }

    fn within(&self, seconds: f64) -> f64 {
        seconds.clamp(LEAST.max(2.0 * self.period), Self::longest(self.period).max(LEAST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn it_begins_at_80_ms_and_falls_by_a_millisecond_a_second() {
        let mut target = RingTarget::new(0.01);
        assert!((target.at(at(0.0)) - 0.08).abs() < 1e-9);
        assert!((target.at(at(10.0)) - 0.07).abs() < 1e-9);
        assert!((target.at(at(500.0)) - LEAST).abs() < 1e-9);
    }

    #[test]
    fn it_rises_at_once_with_what_happens() {
        let mut target = RingTarget::new(0.01);
        target.at(at(100.0));
        target.note_lateness(0.1);
        assert!((target.at(at(100.0)) - 0.115).abs() < 1e-9, "a period and a bucket's edge");
        target.note_burst(0.03);
        assert!((target.at(at(100.0)) - 0.15).abs() < 1e-9);
        target.note_short();
        assert!((target.at(at(100.0)) - 0.155).abs() < 1e-9);
    }

    #[test]
    fn a_sink_with_long_periods_gets_two_of_them() {
        assert!((RingTarget::new(0.2).at(at(0.0)) - 0.4).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn it_stays_within_its_bounds_falls_slowly_and_is_at_least_what_was_asked(
            noted in prop::collection::vec((0_u8..3, any::<f64>(), 0.0..2.0), 1..100), period in 0.001..0.3,
        ) {
            let mut target = RingTarget::new(period);
            let (mut now, mut before) = (0.0, target.at(at(0.0)));
            for (what, seconds, passed) in noted {
                match what {
                    0 => target.note_lateness(seconds),
                    1 => target.note_burst(seconds),
                    _ => target.note_short(),
                }
                now += passed;
                let value = target.at(at(now));
                prop_assert!(value >= 2.0 * period - 1e-9 && value <= MOST.max(2.0 * period) + 1e-9);
                prop_assert!(value >= before - DECAY * passed - 1e-9, "{before} to {value} in {passed}");
                prop_assert!(value >= target.wanted() - 1e-9);
                before = value;
            }
        }
    }
}
