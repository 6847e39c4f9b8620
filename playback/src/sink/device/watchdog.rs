//! Tells a device that is alive from one that has fallen silent without a word.

use std::time::Duration;

/// How long a device may take for its first callback: some servers wake hardware up first.
const FIRST_CALLBACK: Duration = Duration::from_secs(2);
/// Periods that a host may miss before it counts as gone, however long they are.
const MISSED_PERIODS: u32 = 8;

/// Watches the count of callbacks.
///
/// A server that is frozen, a device that is suspended or was taken away tell nothing: the callbacks cease, and that is
/// all. Only time counts in which the watchdog itself was asked regularly, so that a process that was held up does
/// not blame its device.
#[derive(Debug)]
pub(super) struct Watchdog {
    limit: Duration,
    callbacks: u64,
    quiet_since: Duration,
    asked: Duration,
}

impl Watchdog {
    /// A watchdog for a device that was opened at `now`, and may be quiet for `limit` or some periods of `period`.
    pub(super) fn new(limit: Duration, period: Duration, now: Duration) -> Self {
        Self { limit: limit.max(period * MISSED_PERIODS), callbacks: 0, quiet_since: now, asked: now }
    }

    /// Whether the device, which has called back `callbacks` times, is alive at `now`.
    pub(super) fn is_alive(&mut self, callbacks: u64, now: Duration) -> bool {
        let held_up = now.saturating_sub(self.asked) > self.limit / 2;
        self.asked = now;
        if callbacks != self.callbacks || held_up {
            self.callbacks = callbacks;
            self.quiet_since = now;
        }
        let limit = if callbacks == 0 { self.limit.max(FIRST_CALLBACK) } else { self.limit };
        now.saturating_sub(self.quiet_since) <= limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_millis(200);
    const PERIOD: Duration = Duration::from_millis(10);

    /// The first moment, asked every `step` up to three seconds, at which a device counts as gone that calls back every
    /// period until `silent_from`.
    fn gone_at(silent_from: u64, step: usize, limit: Duration, period: Duration) -> Option<u64> {
        let mut watchdog = Watchdog::new(limit, period, Duration::ZERO);
        let callbacks = |now: u64| now.min(silent_from) / period.as_millis() as u64;
        (0..3_000).step_by(step).find(|&now| !watchdog.is_alive(callbacks(now), Duration::from_millis(now)))
    }

    #[test]
    fn a_device_that_falls_silent_is_gone_after_the_limit_and_no_sooner() {
        assert_eq!(gone_at(1_000, 5, LIMIT, PERIOD), Some(1_205));
        assert_eq!(gone_at(3_000, 5, LIMIT, PERIOD), None);
    }

    #[test]
    fn long_periods_have_a_longer_limit() {
        assert_eq!(gone_at(1_000, 50, LIMIT, Duration::from_millis(100)), Some(1_850));
    }

    #[test]
    fn the_first_callback_may_take_its_time() {
        assert_eq!(gone_at(0, 5, LIMIT, PERIOD), Some(2_005));
    }

    #[test]
    fn whoever_was_held_up_itself_does_not_blame_the_device() {
        let mut watchdog = Watchdog::new(LIMIT, PERIOD, Duration::ZERO);
        assert!(watchdog.is_alive(7, Duration::from_millis(50)));
        assert!(watchdog.is_alive(7, Duration::from_secs(5)));
        assert!(watchdog.is_alive(7, Duration::from_millis(5_090)));
    }
}
