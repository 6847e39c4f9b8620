//! How much later than at the earliest speech is heard.

/// Follows the fragments of a listener: each could be heard when the one before it is over, and the first of an
/// utterance, or after its writer let it starve, as soon as it came. What is later is start gate, concealment and
/// inserted time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Delay {
    origin: Option<Origin>,
    last: Option<Last>,
    /// Seconds for which the sound was held.
    held: f64,
    held_since: Option<f64>,
}

#[derive(Clone, Copy, Debug)]
struct Origin {
    utterance: usize,
    /// When the fragment that is heard next can be heard at the earliest, in seconds, had nothing been held.
    earliest: f64,
    held: f64,
    starvations: u64,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    fragment: usize,
    heard: f64,
}

impl Delay {
    /// The fragment that was heard last.
    pub(crate) fn last(&self) -> Option<usize> {
        self.last.map(|last| last.fragment)
    }

    /// The sound is held at `at`.
    pub(crate) fn hold(&mut self, at: f64) {
        self.held_since.get_or_insert(at);
    }

    /// It goes on at `at`.
    pub(crate) fn go_on(&mut self, at: f64) {
        self.held += self.held_since.take().map_or(0.0, |since| at - since);
    }

    /// A stop: what follows has nothing before it.
    pub(crate) fn restart(&mut self) {
        (self.origin, self.last) = (None, None);
    }

    /// `fragment` begins to leave the device at `heard`, having come at `came`, after one that lasted `before`
    /// seconds; the device was not there for `absent` seconds so far, and there was no text `starvations` times.
    /// Returns by how many seconds that is later than it could be.
    #[expect(clippy::too_many_arguments, reason = "all of it is what a moment of hearing is")]
    pub(crate) fn hear(
        &mut self,
        fragment: usize,
        utterance: usize,
        came: f64,
        heard: f64,
        before: f64,
        absent: f64,
        starvations: u64,
    ) -> f64 {
        let held = self.held + absent;
        let goes_on = |origin: &Origin| origin.utterance == utterance && origin.starvations == starvations;
        let next = self.origin.filter(goes_on).map(|o| Origin { earliest: o.earliest + before, ..o });
        // What was heard before it is over first.
        let over = self.last.map_or(0.0, |last| last.heard + before);
        let origin = next.unwrap_or(Origin { utterance, earliest: came.max(over), held, starvations });
        self.origin = Some(origin);
        self.last = Some(Last { fragment, heard });
        heard - origin.earliest - (held - origin.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_the_gate_is_late_to_its_end_and_what_is_concealed_from_there_on() {
        let mut delay = Delay::default();
        let first = delay.hear(0, 0, 1.0, 1.3, 0.0, 0.0, 0);
        let second = delay.hear(1, 0, 2.0, 3.3, 2.0, 0.0, 0);
        let after_concealment = delay.hear(2, 0, 6.0, 6.2, 2.0, 0.0, 0);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(close(first, 0.3) && close(second, 0.3) && close(after_concealment, 1.2));
        let next_utterance = delay.hear(3, 1, 7.0, 8.2, 2.0, 0.0, 0);
        assert!(close(next_utterance, 0.0), "{next_utterance}");
    }

    #[test]
    fn what_is_held_or_not_yet_written_is_not_late() {
        let mut delay = Delay::default();
        delay.hear(0, 0, 1.0, 1.0, 0.0, 0.0, 0);
        delay.hold(1.5);
        delay.go_on(4.5);
        let paused = delay.hear(1, 0, 2.0, 6.0, 2.0, 0.0, 0);
        let device_was_away = delay.hear(2, 0, 2.0, 9.0, 2.0, 1.0, 0);
        let starved = delay.hear(3, 0, 20.0, 20.0, 2.0, 1.0, 1);
        assert_eq!([paused, device_was_away, starved], [0.0; 3]);
    }
}
