//! Which fragment a session is speaking, so that a stop ends that one and no later one.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use sostenuto_inference::Interrupt;
use sostenuto_playback::{Epoch, StreamId};

/// A session as the threads see it that may have to interrupt it.
#[derive(Default)]
pub(crate) struct Running {
    state: Mutex<State>,
    /// There as soon as the session is.
    interrupt: OnceLock<Interrupt>,
    /// Parts of the fragment at hand that were sent.
    parts: AtomicU32,
    /// Why the fragment at hand was interrupted, where it was not a stop.
    reason: AtomicU8,
}

/// The fragment at hand has taken too long.
const TIMED_OUT: u8 = 1;
/// Another session speaks the fragment at hand.
const TAKEN_OVER: u8 = 2;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum State {
    #[default]
    Idle,
    Speaking(StreamId, Epoch),
    /// At work on something that can wait.
    Settling,
    /// The engine is gone: nothing is begun any more.
    Closed,
}

impl Running {
    /// The session is there, and ends what it does when `interrupt` is raised.
    pub(crate) fn ready(&self, interrupt: Interrupt) {
        // A session becomes ready once.
        let _ = self.interrupt.set(interrupt);
    }

    /// Interrupts the session if it speaks a fragment of `stream` older than `epoch`.
    pub(crate) fn stop(&self, stream: StreamId, epoch: Epoch) {
        if let State::Speaking(running, begun) = *self.state()
            && running == stream
            && begun.is_before(epoch)
        {
            self.raise();
        }
    }

    /// Interrupts the session if it speaks a fragment of `epoch` of `stream`: it has taken too long.
    pub(crate) fn time_out(&self, stream: StreamId, epoch: Epoch) {
        let state = self.state();
        if *state == State::Speaking(stream, epoch) {
            // What another session speaks it lets go of silently all the same.
            let _ = self.reason.compare_exchange(0, TIMED_OUT, Ordering::AcqRel, Ordering::Acquire);
            self.raise();
        }
    }

    /// Takes its fragment of `epoch` of `stream` away from the session, if it has sent nothing of that yet, and
    /// interrupts it. Returns whether another can speak the fragment: the session sends nothing of it from now on.
    pub(crate) fn take_over(&self, stream: StreamId, epoch: Epoch) -> bool {
        let state = self.state();
        let is_free = *state == State::Speaking(stream, epoch) && self.parts() == 0;
        if is_free {
            self.reason.store(TAKEN_OVER, Ordering::Release);
            self.raise();
        }
        is_free
    }

    /// Interrupts the session whatever it does, and lets no fragment begin from now on.
    pub(crate) fn close(&self) {
        *self.state() = State::Closed;
        self.raise();
    }

    /// Notes a fragment that begins, and lowers the interrupt for it. Returns whether it may begin.
    pub(crate) fn begin(&self, stream: StreamId, epoch: Epoch) -> bool {
        let mut state = self.state();
        if *state == State::Closed {
            return false;
        }
        *state = State::Speaking(stream, epoch);
        self.parts.store(0, Ordering::Release);
        self.reason.store(0, Ordering::Release);
        if let Some(interrupt) = self.interrupt.get() {
            interrupt.clear();
        }
        true
    }

    /// Notes that the session is about to do what can wait, and lowers the interrupt for it. Returns whether it may.
    /// Whoever gives it a fragment from now on calls [`want`](Self::want) after that, so a look for fragments
    /// after this call finds all that were given before.
    pub(crate) fn begin_settling(&self) -> bool {
        let mut state = self.state();
        if *state == State::Closed {
            return false;
        }
        *state = State::Settling;
        if let Some(interrupt) = self.interrupt.get() {
            interrupt.clear();
        }
        true
    }

    /// Interrupts the session if what it does can wait.
    pub(crate) fn want(&self) {
        // Held while it raises: a fragment that begins meanwhile is none of this.
        let state = self.state();
        if *state == State::Settling {
            self.raise();
        }
    }

    /// Interrupts the fragment that has just begun, on the session's own thread.
    pub(crate) fn give_up(&self) {
        self.raise();
    }

    /// Whether the engine is gone.
    pub(crate) fn is_closed(&self) -> bool {
        *self.state() == State::Closed
    }

    /// Whether the fragment at hand has taken too long.
    pub(crate) fn timed_out(&self) -> bool {
        self.reason.load(Ordering::Acquire) == TIMED_OUT
    }

    /// Whether another session speaks the fragment at hand.
    pub(crate) fn is_taken_over(&self) -> bool {
        self.reason.load(Ordering::Acquire) == TAKEN_OVER
    }

    pub(crate) fn end(&self) {
        let mut state = self.state();
        // What the next one has handed out is asked for before it begins.
        self.parts.store(0, Ordering::Release);
        if *state != State::Closed {
            *state = State::Idle;
        }
    }

    /// The number of the next part, which must be sent then; `None` where another session speaks the fragment.
    pub(crate) fn next_part(&self) -> Option<u32> {
        // Either the part is counted before the fragment is taken over or it is never sent.
        let _state = self.state();
        (!self.is_taken_over()).then(|| self.parts.fetch_add(1, Ordering::AcqRel))
    }

    /// Parts of the fragment at hand that were sent.
    pub(crate) fn parts(&self) -> u32 {
        self.parts.load(Ordering::Acquire)
    }

    fn raise(&self) {
        if let Some(interrupt) = self.interrupt.get() {
            interrupt.raise();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speaking() -> (Running, Interrupt) {
        let running = Running::default();
        let interrupt = Interrupt::new();
        running.ready(interrupt.clone());
        assert!(running.begin(StreamId(3), Epoch(1)));
        (running, interrupt)
    }

    #[test]
    fn a_stop_ends_an_older_fragment_of_its_own_stream_and_no_other() {
        let (running, interrupt) = speaking();
        running.stop(StreamId(4), Epoch(9));
        running.stop(StreamId(3), Epoch(1));
        assert!(!interrupt.is_raised());
        running.stop(StreamId(3), Epoch(2));
        assert!(interrupt.is_raised());
    }

    #[test]
    fn a_timeout_that_comes_late_does_not_end_the_next_fragment() {
        let (running, interrupt) = speaking();
        running.end();
        running.time_out(StreamId(3), Epoch(1));
        assert!(!interrupt.is_raised());
    }

    #[test]
    fn a_fragment_is_taken_over_before_its_first_part_and_sends_none_then() {
        let (running, interrupt) = speaking();
        assert!(running.take_over(StreamId(3), Epoch(1)) && interrupt.is_raised());
        running.time_out(StreamId(3), Epoch(1));
        assert!(running.next_part().is_none() && !running.timed_out());
        assert!(running.begin(StreamId(3), Epoch(1)));
        assert_eq!(running.next_part(), Some(0));
        assert!(!running.take_over(StreamId(3), Epoch(1)) && !running.is_taken_over());
    }

    #[test]
    fn what_can_wait_is_interrupted_by_a_fragment_and_a_fragment_by_none() {
        let (running, interrupt) = speaking();
        running.want();
        assert!(!interrupt.is_raised());
        running.end();
        assert!(running.begin_settling());
        running.want();
        assert!(interrupt.is_raised());
        assert!(running.begin(StreamId(3), Epoch(1)) && !interrupt.is_raised());
    }

    #[test]
    fn nothing_begins_once_the_engine_is_gone() {
        let (running, interrupt) = speaking();
        running.close();
        assert!(interrupt.is_raised() && running.is_closed());
        running.end();
        assert!(!running.begin(StreamId(3), Epoch(2)) && !running.begin_settling());
    }
}
