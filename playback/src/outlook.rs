//! What the dispatcher promises playback of the audio that is still to come.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Until when what waits in playback must last so that nothing which follows it is late.
///
/// It stays true while chunks come in: what is taken in beyond [`taken`](Self::taken) is what was promised, and makes
/// up for no more than that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// The moment, on the engine's clock, in whole microseconds.
    pub must_last_until: Duration,
    /// Seconds of audio of this epoch, at the tempo at which they were made, that playback is taken to have got.
    pub taken: f64,
    /// Whether it helps to begin later: not where audio is made more slowly than it is played and nobody knows how
    /// much is to come.
    pub waiting_helps: bool,
}

impl Outlook {
    /// Seconds by which what follows comes sooner than it is needed, where `played` seconds of the epoch's audio have
    /// been heard at `now` and the rest is heard at `rate`. Below zero something is going to be late.
    pub fn slack(&self, now: Duration, played: f64, rate: f64) -> f64 {
        let lasts = (self.taken - played) / rate;
        lasts - (self.must_last_until.as_secs_f64() - now.as_secs_f64())
    }
}

/// The outlook as the dispatcher last gave it. One thread writes.
///
/// Its two words are not read as one. The moment is written first and read last, so a reader may see a moment that is
/// newer than the seconds taken, never the reverse: what comes in meanwhile then counts for nothing, and the reader
/// is too careful until it looks again.
#[derive(Debug, Default)]
pub(crate) struct OutlookCell {
    /// Microseconds times two, and one more where waiting helps; 0 where nothing follows.
    until: AtomicU64,
    /// The bits of an `f64`.
    taken: AtomicU64,
}

impl OutlookCell {
    pub(crate) fn set(&self, outlook: Option<Outlook>) {
        let Some(Outlook { must_last_until, taken, waiting_helps }) = outlook else {
            self.until.store(0, Ordering::Release);
            return;
        };
        // Zero would mean that nothing follows.
        let micros = (must_last_until.as_micros() as u64).max(1);
        self.until.store(micros << 1 | u64::from(waiting_helps), Ordering::Release);
        self.taken.store(taken.to_bits(), Ordering::Release);
    }

    pub(crate) fn get(&self) -> Option<Outlook> {
        let taken = f64::from_bits(self.taken.load(Ordering::Acquire));
        let until = self.until.load(Ordering::Acquire);
        (until > 0).then(|| Outlook {
            must_last_until: Duration::from_micros(until >> 1),
            taken,
            waiting_helps: until & 1 == 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlook() -> Outlook {
        Outlook { must_last_until: Duration::from_millis(2_500), taken: 1.75, waiting_helps: false }
    }

    #[test]
    fn what_is_set_is_read_and_nothing_is_to_come_unless_something_is_set() {
        let cell = OutlookCell::default();
        assert_eq!(cell.get(), None);
        for waiting_helps in [false, true] {
            let outlook = Outlook { waiting_helps, ..outlook() };
            cell.set(Some(outlook));
            assert_eq!(cell.get(), Some(outlook));
        }
        cell.set(None);
        assert_eq!(cell.get(), None);
    }

    #[test]
    fn slack_is_what_lasts_longer_than_it_must_and_stays_while_it_is_played() {
        let slack = |at_ms, played| outlook().slack(Duration::from_millis(at_ms), played, 1.0);
        assert!((slack(1_000, 0.0) - 0.25).abs() < 1e-9);
        assert!((slack(1_500, 0.5) - 0.25).abs() < 1e-9);
        assert!((slack(1_500, 0.0) - 0.75).abs() < 1e-9, "a second that nothing is played in is won");
    }

    #[test]
    fn at_twice_the_rate_it_lasts_half_as_long() {
        assert!((outlook().slack(Duration::from_secs(2), 0.75, 2.0) - 0.0).abs() < 1e-9);
    }
}
