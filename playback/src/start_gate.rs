//! When an utterance begins to sound. Pure.

use std::time::Duration;

/// What the gate looks at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prospect {
    /// Seconds by which what follows would come sooner than it is needed if the utterance began now.
    pub slack: f64,
    /// Seconds of slack with which it is safe to begin.
    pub margin: f64,
    /// Whether it helps to begin later.
    pub waiting_helps: bool,
}

/// Holds the beginning of an utterance back until what follows it will be in time.
///
/// Waiting for `slack >= margin` is waiting for `B >= P* + T`, where `P*` is the pre-roll without which a later
/// fragment would be late and `T` the margin: each second of it is a second that the listener waits once, at the
/// beginning, instead of in the midst of a sentence.
#[derive(Clone, Copy, Debug)]
pub struct StartGate {
    most: Duration,
    closed_since: Option<Duration>,
    waited: Duration,
}

impl StartGate {
    /// Most that a listener waits unless told otherwise.
    pub const MOST: Duration = Duration::from_secs(3);

    /// A gate that holds nothing back for longer than `most`.
    pub const fn new(most: Duration) -> Self {
        Self { most, closed_since: None, waited: Duration::ZERO }
    }

    /// Whether an utterance of which something can be played begins at `now`. `None` where nothing is known to follow,
    /// or no listener waits: then there is nothing to wait for.
    pub fn opens(&mut self, now: Duration, prospect: Option<Prospect>) -> bool {
        let waited = self.closed_since.map_or(Duration::ZERO, |since| now.saturating_sub(since));
        let wants = prospect.is_some_and(|p| p.waiting_helps && p.slack < p.margin);
        if wants && waited < self.most {
            self.closed_since.get_or_insert(now);
            return false;
        }
        if self.closed_since.take().is_some() {
            self.waited += waited;
        }
        true
    }

    /// Forgets what it held back: a stop.
    pub fn forget(&mut self) {
        self.closed_since = None;
    }

    /// Whether it holds something back.
    pub const fn is_closed(&self) -> bool {
        self.closed_since.is_some()
    }

    /// How long it has held back what it let go since.
    pub const fn waited(&self) -> Duration {
        self.waited
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    const fn prospect(slack: f64) -> Prospect {
        Prospect { slack, margin: 0.1, waiting_helps: true }
    }

    #[test]
    fn it_opens_at_once_where_nothing_follows_or_waiting_is_no_use() {
        let mut gate = StartGate::new(StartGate::MOST);
        assert!(gate.opens(at(5.0), None));
        assert!(gate.opens(at(5.0), Some(prospect(0.1))));
        assert!(gate.opens(at(5.0), Some(Prospect { waiting_helps: false, ..prospect(-9.0) })));
        assert_eq!(gate.waited(), Duration::ZERO);
    }

    #[test]
    fn it_waits_for_the_margin_and_tells_how_long() {
        let mut gate = StartGate::new(StartGate::MOST);
        assert!(!gate.opens(at(1.0), Some(prospect(-0.4))) && gate.is_closed());
        assert!(!gate.opens(at(1.4), Some(prospect(0.0))));
        assert!(gate.opens(at(1.5), Some(prospect(0.1))) && !gate.is_closed());
        assert_eq!(gate.waited(), at(0.5));
    }

    proptest! {
        #[test]
        fn it_never_holds_anything_back_for_longer_than_the_most(
            slacks in prop::collection::vec(any::<f64>(), 1..60), most in 0.0..4.0,
        ) {
            let mut gate = StartGate::new(at(most));
            let mut first_asked = None;
            for (n, slack) in slacks.into_iter().enumerate() {
                let now = at(0.1 * n as f64);
                let asked = *first_asked.get_or_insert(now);
                if gate.opens(now, Some(prospect(slack))) {
                    first_asked = None;
                } else {
                    prop_assert!(now < asked + at(most));
                }
            }
        }
    }
}
