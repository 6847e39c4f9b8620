//! When to try again to open what could not be opened.

use std::time::Duration;

/// The wait after the first failure; each one after it is twice as long.
const FIRST: Duration = Duration::from_millis(50);
/// The longest wait: short enough that nobody who plugs a device in thinks of pressing a button.
const LONGEST: Duration = Duration::from_secs(1);

/// Tries at once, then after growing waits.
#[derive(Debug)]
pub(super) struct BackOff {
    next: Duration,
    wait: Duration,
}

impl BackOff {
    /// The first try is due `now`.
    pub(super) fn new(now: Duration) -> Self {
        Self { next: now, wait: FIRST }
    }

    /// Whether a try is due.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        now >= self.next
    }

    /// Notes that a try failed.
    pub(super) fn fail(&mut self, now: Duration) {
        self.next = now + self.wait;
        self.wait = (self.wait * 2).min(LONGEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_at_once_then_after_doubled_waits_and_never_cease() {
        let mut back_off = BackOff::new(Duration::ZERO);
        let mut tries = Vec::new();
        for now in (0..4_000).map(Duration::from_millis) {
            if back_off.is_due(now) {
                tries.push(now.as_millis());
                back_off.fail(now);
            }
        }
        assert_eq!(tries, [0, 50, 150, 350, 750, 1_550, 2_550, 3_550]);
    }
}
