//! Whether a listener who runs dry does so for want of text. Pure: time comes in as a number.

use std::time::Duration;

/// Follows how long sessions were idle for want of a stream's text.
///
/// A fragment whose text came so much too late could have been done by as much sooner. So long, from the moment that its
/// text is there, its listener still waits for the text that was wanting; what is longer is for want of speed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Starvation {
    since: Option<Duration>,
    until: Duration,
}

impl Starvation {
    /// Takes note at `now` whether it `lacks_text`: there is nothing to speak although nothing is being spoken. Returns
    /// whether the listener is to blame nobody but who writes, if nothing is left to be heard.
    pub fn note(&mut self, now: Duration, lacks_text: bool) -> bool {
        if lacks_text {
            self.since.get_or_insert(now);
            return true;
        }
        if let Some(since) = self.since.take() {
            self.until = now + now.saturating_sub(since);
        }
        now < self.until
    }

    /// Forgets everything: what follows has nothing to do with it.
    pub fn restart(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn text_that_came_late_is_to_blame_for_as_long_as_it_was_late() {
        let mut starvation = Starvation::default();
        assert!(!starvation.note(at(1.0), false), "nothing was late");
        assert!(starvation.note(at(2.0), true) && starvation.note(at(2.5), true));
        assert!(starvation.note(at(2.7), false), "it was 0.7 s late");
        assert!(starvation.note(at(3.3), false) && !starvation.note(at(3.5), false));
    }

    #[test]
    fn what_belongs_to_another_utterance_is_forgotten() {
        let mut starvation = Starvation::default();
        starvation.note(at(0.0), true);
        starvation.restart();
        assert!(!starvation.note(at(9.0), false));
    }
}
