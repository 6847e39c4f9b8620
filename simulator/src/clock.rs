//! Virtual time, and who is woken when.

use std::time::Duration;

/// No alarm.
const NEVER: Duration = Duration::MAX;

/// A clock that goes on to the next alarm. Each of those who live by it has one alarm; who is woken at the same moment
/// is woken in order of number, so that everything happens the same way every time.
#[derive(Clone, Debug)]
pub struct SimClock {
    now: Duration,
    alarms: Vec<Duration>,
}

impl SimClock {
    /// A clock at zero with `alarms` alarms, none of them set.
    pub fn new(alarms: usize) -> Self {
        Self { now: Duration::ZERO, alarms: vec![NEVER; alarms] }
    }

    /// The time.
    pub fn now(&self) -> Duration {
        self.now
    }

    /// The time in seconds.
    pub fn seconds(&self) -> f64 {
        self.now.as_secs_f64()
    }

    /// Sets the alarm `alarm` to `at`, whatever it was set to; what is past is now.
    pub fn set(&mut self, alarm: usize, at: Duration) {
        self.alarms[alarm] = at.max(self.now);
    }

    /// Takes the alarm `alarm` back.
    pub fn clear(&mut self, alarm: usize) {
        self.alarms[alarm] = NEVER;
    }

    /// Sets the alarm `alarm` to `at`, unless it is set to an earlier moment: so a sleeper is woken.
    pub fn wake(&mut self, alarm: usize, at: Duration) {
        self.set(alarm, at.min(self.alarms[alarm]));
    }

    /// Goes on to the next alarm and takes it back. `None` where none is set.
    pub fn advance(&mut self) -> Option<usize> {
        let (alarm, &at) = self.alarms.iter().enumerate().min_by_key(|&(_, at)| at)?;
        if at == NEVER {
            return None;
        }
        self.now = at;
        self.alarms[alarm] = NEVER;
        Some(alarm)
    }
}

/// The first moment of the clock that is not before one given in seconds; what no clock can show is never.
pub(crate) fn at(seconds: f64) -> Duration {
    let moment = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(NEVER);
    // Rounded to the nearest nanosecond it may be too early: who then looks whether it is time would look for ever.
    if moment.as_secs_f64() < seconds { moment.saturating_add(Duration::from_nanos(1)) } else { moment }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_ring_in_order_of_time_and_then_of_number() {
        let mut clock = SimClock::new(3);
        for (alarm, seconds) in [(0, 2.0), (2, 1.0), (1, 1.0)] {
            clock.set(alarm, at(seconds));
        }
        let rung: Vec<_> =
            std::iter::from_fn(|| clock.advance().map(|alarm| (alarm, clock.seconds()))).collect();
        assert_eq!(rung, [(1, 1.0), (2, 1.0), (0, 2.0)]);
    }

    #[test]
    fn who_is_woken_sleeps_no_longer_and_time_never_goes_back() {
        let mut clock = SimClock::new(2);
        clock.set(0, at(5.0));
        clock.wake(0, at(9.0));
        clock.wake(1, at(3.0));
        assert_eq!((clock.advance(), clock.seconds()), (Some(1), 3.0));
        clock.wake(0, at(1.0));
        assert_eq!((clock.advance(), clock.seconds()), (Some(0), 3.0));
        assert_eq!(clock.advance(), None);
        clock.set(1, at(f64::INFINITY));
        assert_eq!(clock.advance(), None);
    }

    #[test]
    fn a_moment_has_come_when_its_alarm_rings() {
        let mut moment = 1e-4;
        while moment < 1e5 {
            assert!((0.0..2e-9).contains(&(at(moment).as_secs_f64() - moment)), "{moment}");
            moment *= 1.000_7;
        }
    }
}
