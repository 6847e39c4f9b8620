//! The events of one utterance between the stages that tell them and those who read them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::speech_event::{Heard, NoEvent, SpeechEvent};

/// A bounded queue of events, and two that are remembered: the first sound and the end.
///
/// Telling never waits for a reader: where there is no room, the oldest event is let go. The lock is held for as long
/// as an event takes to be put in or taken out, and by nobody who waits. Each event is read once; what is remembered
/// can be waited for by any number of threads, which take nothing from those who read.
#[derive(Debug)]
pub(crate) struct EventQueue {
    state: Mutex<State>,
    told: Condvar,
}

#[derive(Debug)]
struct State {
    unread: VecDeque<Heard>,
    most: usize,
    missed: u64,
    ttfa: Option<Duration>,
    end: Option<Heard>,
    end_was_read: bool,
    has_reader: bool,
}

impl EventQueue {
    /// A queue in which `most` events may wait, at least one, and the end beside them.
    pub(crate) fn new(most: usize) -> Self {
        let most = most.max(1);
        let state = State {
            unread: VecDeque::with_capacity(most),
            most,
            missed: 0,
            ttfa: None,
            end: None,
            end_was_read: false,
            has_reader: true,
        };
        Self { state: Mutex::new(state), told: Condvar::new() }
    }

    /// Tells of an event; after an end, of nothing more. Returns whether another had to be let go for it.
    pub(crate) fn tell(&self, heard: Heard) -> bool {
        let mut state = self.state();
        let missed = state.tell(heard);
        drop(state);
        self.told.notify_all();
        missed
    }

    /// Keeps nothing for a reader from now on.
    pub(crate) fn let_go(&self) {
        let mut state = self.state();
        state.has_reader = false;
        state.unread.clear();
    }

    /// The oldest event that was not read; waits for one until `until`, or for ever.
    pub(crate) fn next(&self, until: Option<Instant>) -> Result<Heard, NoEvent> {
        self.wait(until, State::next).unwrap_or(Err(NoEvent::NotYet))
    }

    /// The oldest event that was not read, if there is one now.
    pub(crate) fn try_next(&self) -> Result<Heard, NoEvent> {
        self.state().next().unwrap_or(Err(NoEvent::NotYet))
    }

    /// Waits for the end, until `until` or for ever.
    pub(crate) fn wait_for_end(&self, until: Option<Instant>) -> Option<SpeechEvent> {
        self.wait(until, |state| state.end.as_ref().map(|end| end.event.clone()))
    }

    /// Waits for the first sound or an end without one; gives the TTFA, if there is one.
    pub(crate) fn wait_for_sound(&self) -> Option<Duration> {
        self.wait(None, |state| (state.ttfa.is_some() || state.end.is_some()).then_some(state.ttfa)).flatten()
    }

    /// The TTFA, once there is one.
    pub(crate) fn ttfa(&self) -> Option<Duration> {
        self.state().ttfa
    }

    /// Events that were let go unread.
    pub(crate) fn missed(&self) -> u64 {
        self.state().missed
    }

    /// Waits until `look` finds something; `None` where it does not before `until`.
    fn wait<T>(&self, until: Option<Instant>, mut look: impl FnMut(&mut State) -> Option<T>) -> Option<T> {
        let mut state = self.state();
        loop {
            if let Some(found) = look(&mut state) {
                return Some(found);
            }
            state = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self.told.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return None,
                Some(left) => self.told.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&mut self, heard: Heard) -> bool {
        if self.end.is_some() {
            return false;
        }
        if heard.event.is_last() {
            self.end = Some(heard);
            return false;
        }
        if let SpeechEvent::Audible { ttfa } = heard.event {
            self.ttfa = Some(ttfa);
        }
        if !self.has_reader {
            return false;
        }
        let missed = self.unread.len() == self.most;
        if missed {
            self.unread.pop_front();
            self.missed += 1;
        }
        self.unread.push_back(heard);
        missed
    }

    /// The next event or that there is none any more; `None` while there is none yet.
    fn next(&mut self) -> Option<Result<Heard, NoEvent>> {
        if let Some(heard) = self.unread.pop_front() {
            return Some(Ok(heard));
        }
        let end = self.end.clone()?;
        Some(if std::mem::replace(&mut self.end_was_read, true) { Err(NoEvent::Over) } else { Ok(end) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marks::{Mark, MarkKind};
    use proptest::prelude::*;

    fn heard(event: SpeechEvent, ms: u64) -> Heard {
        Heard { event, at: Duration::from_millis(ms) }
    }

    fn word(n: u64) -> Heard {
        heard(SpeechEvent::Mark(Mark { kind: MarkKind::Word, text: 0..1, samples: n..n + 1 }), n)
    }

    /// The number of a word, or `None` for the end.
    fn number(heard: &Heard) -> Option<u64> {
        match &heard.event {
            SpeechEvent::Mark(mark) => Some(mark.samples.start),
            _ => None,
        }
    }

    #[test]
    fn the_oldest_are_let_go_and_counted_and_the_end_still_arrives() {
        let queue = EventQueue::new(3);
        let missed = (0..10).filter(|&n| queue.tell(word(n))).count();
        assert!(!queue.tell(heard(SpeechEvent::Finished, 99)));
        let read: Vec<_> = std::iter::from_fn(|| queue.try_next().ok()).collect();
        assert_eq!(read.iter().map(number).collect::<Vec<_>>(), [Some(7), Some(8), Some(9), None]);
        assert_eq!((missed, queue.missed()), (7, 7));
        assert_eq!(queue.try_next(), Err(NoEvent::Over));
    }

    #[test]
    fn nothing_follows_an_end_and_there_is_one() {
        let queue = EventQueue::new(4);
        assert_eq!(queue.try_next(), Err(NoEvent::NotYet));
        queue.tell(heard(SpeechEvent::Stopped, 5));
        queue.tell(heard(SpeechEvent::Finished, 6));
        queue.tell(word(7));
        assert_eq!(queue.next(None), Ok(heard(SpeechEvent::Stopped, 5)));
        assert_eq!(queue.next(None), Err(NoEvent::Over));
        assert_eq!(queue.wait_for_end(None), Some(SpeechEvent::Stopped));
        assert_eq!(queue.wait_for_sound(), None);
    }

    #[test]
    fn a_time_that_is_over_is_not_waited_for() {
        let queue = EventQueue::new(4);
        let now = Some(Instant::now());
        assert_eq!((queue.next(now), queue.wait_for_end(now)), (Err(NoEvent::NotYet), None));
    }

    #[test]
    fn waiting_for_the_end_takes_nothing_from_those_who_read() {
        let queue = EventQueue::new(4);
        let ttfa = Duration::from_millis(40);
        std::thread::scope(|scope| {
            let ends: Vec<_> = (0..3).map(|_| scope.spawn(|| queue.wait_for_end(None))).collect();
            let sound = scope.spawn(|| queue.wait_for_sound());
            let read = scope.spawn(|| std::iter::from_fn(|| queue.next(None).ok()).count());
            queue.tell(heard(SpeechEvent::Audible { ttfa }, 1));
            assert_eq!(sound.join().unwrap(), Some(ttfa));
            queue.tell(word(2));
            queue.tell(heard(SpeechEvent::Finished, 3));
            assert_eq!(read.join().unwrap(), 3);
            for end in ends {
                assert_eq!(end.join().unwrap(), Some(SpeechEvent::Finished));
            }
        });
    }

    #[test]
    fn readers_share_the_events_and_all_learn_of_the_end() {
        let queue = EventQueue::new(1_000);
        let read: usize = std::thread::scope(|scope| {
            let count = || std::iter::from_fn(|| queue.next(None).ok()).count();
            let readers: Vec<_> = (0..4).map(|_| scope.spawn(count)).collect();
            (0..500).for_each(|n| assert!(!queue.tell(word(n))));
            queue.tell(heard(SpeechEvent::Finished, 500));
            readers.into_iter().map(|reader| reader.join().unwrap()).sum()
        });
        assert_eq!((read, queue.missed()), (501, 0));
    }

    #[test]
    fn without_a_reader_nothing_is_kept_or_missed() {
        let queue = EventQueue::new(1);
        queue.let_go();
        assert!((0..5).all(|n| !queue.tell(word(n))));
        assert_eq!((queue.missed(), queue.try_next()), (0, Err(NoEvent::NotYet)));
    }

    proptest! {
        #[test]
        fn what_is_read_is_in_order_and_with_what_was_missed_all_that_was_told(
            most in 1_usize..5, moves in prop::collection::vec(any::<bool>(), 0..60),
        ) {
            let queue = EventQueue::new(most);
            let (mut told, mut read) = (0, Vec::new());
            for tells in moves {
                if tells {
                    queue.tell(word(told));
                    told += 1;
                } else {
                    read.extend(queue.try_next().ok().as_ref().and_then(number));
                }
            }
            read.extend(std::iter::from_fn(|| queue.try_next().ok()).filter_map(|heard| number(&heard)));
            prop_assert!(read.is_sorted_by(|a, b| a < b));
            prop_assert_eq!(read.len() as u64 + queue.missed(), told);
        }
    }
}
