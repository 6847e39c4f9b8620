//! Models of what control, pump, renderer and dispatcher say to each other without a lock, checked by `loom` in every
//! order that the memory model allows. `scripts/loom.sh` runs them.

use std::sync::Arc;
use std::time::Duration;

use loom::thread;

use crate::orders::Orders;
use crate::position::{Position, PositionClock};
use crate::sync::{AtomicU32, AtomicU64, Ordering};
use crate::{Epoch, Transport};

/// The hard ring as far as its two ends see it, each frame marked with the epoch it is of. Its writer is one thread,
/// its reader another.
#[derive(Default)]
struct Ring {
    frames: [AtomicU32; 2],
    written: AtomicU64,
}

impl Ring {
    fn write(&self, epoch: Epoch) {
        let written = self.written.load(Ordering::Relaxed);
        self.frames[written as usize].store(epoch.0, Ordering::Relaxed);
        self.written.store(written + 1, Ordering::Release);
    }

    /// Frames of which `read` have been taken out.
    fn slots(&self, read: u64) -> usize {
        (self.written.load(Ordering::Acquire) - read) as usize
    }

    fn epoch_of(&self, frame: u64) -> Epoch {
        Epoch(self.frames[frame as usize].load(Ordering::Relaxed))
    }
}

/// Writes two frames, and before each looks for a stop and answers it, as `Pump::follow_epoch` does.
fn pump_two_frames(transport: &Transport, ring: &Ring) {
    let mut own = Epoch(0);
    for _ in 0..2 {
        let epoch = transport.epoch();
        if epoch != own {
            own = epoch;
            transport.set_due(false);
            transport.publish_flush(epoch, ring.written.load(Ordering::Relaxed));
        }
        ring.write(own);
    }
}

#[test]
fn a_frame_is_stale_exactly_when_it_is_older_than_the_epoch() {
    loom::model(|| {
        let (transport, ring) = (Arc::new(Transport::default()), Arc::new(Ring::default()));
        let pump = {
            let (transport, ring) = (Arc::clone(&transport), Arc::clone(&ring));
            thread::spawn(move || pump_two_frames(&transport, &ring))
        };
        let control = {
            let transport = Arc::clone(&transport);
            thread::spawn(move || transport.stop())
        };
        let orders = Orders::read(&transport, || ring.slots(0));
        let stale = orders.stale(0) as u64;
        let epochs = |frames: std::ops::Range<u64>| frames.map(|frame| ring.epoch_of(frame));
        assert!(
            epochs(0..stale).all(|epoch| epoch != orders.epoch),
            "a frame of the epoch would be thrown away"
        );
        assert!(
            epochs(stale..stale + orders.fresh(0) as u64).all(|epoch| epoch == orders.epoch),
            "an old frame"
        );
        pump.join().unwrap();
        control.join().unwrap();
    });
}

#[test]
fn who_sees_the_pause_ended_by_a_stop_sees_the_stop() {
    loom::model(|| {
        let transport = Arc::new(Transport::default());
        transport.set_paused(true);
        let control = {
            let transport = Arc::clone(&transport);
            thread::spawn(move || transport.stop())
        };
        let orders = Orders::read(&transport, || 0);
        assert!(orders.paused || orders.epoch == Epoch(1), "what was paused would be played");
        control.join().unwrap();
    });
}

#[test]
fn who_hears_that_nothing_is_due_any_more_finds_the_last_frame() {
    loom::model(|| {
        let (transport, ring) = (Arc::new(Transport::default()), Arc::new(Ring::default()));
        transport.set_due(true);
        let pump = {
            let (transport, ring) = (Arc::clone(&transport), Arc::clone(&ring));
            thread::spawn(move || {
                ring.write(Epoch(0));
                transport.set_due(false);
            })
        };
        let orders = Orders::read(&transport, || ring.slots(0));
        assert!(orders.due || orders.fresh(0) == 1, "the end of the utterance would be missed");
        pump.join().unwrap();
    });
}

#[test]
fn a_stop_is_carried_out_when_the_renderer_has_said_so_of_its_own_epoch_and_not_of_one_before() {
    loom::model(|| {
        let transport = Arc::new(Transport::default());
        let renderer = {
            let transport = Arc::clone(&transport);
            thread::spawn(move || {
                let epoch = transport.epoch();
                transport.publish_stopped(epoch);
                epoch
            })
        };
        let epoch = transport.stop();
        let is_stopped = transport.is_stopped();
        let answered = renderer.join().unwrap();
        assert!(!is_stopped || answered == epoch);
        assert_eq!(transport.is_stopped(), answered == epoch);
    });
}

#[test]
fn a_reading_of_the_position_clock_is_never_torn() {
    loom::model(|| {
        let clock = Arc::new(PositionClock::default());
        let reading = |n: u64| Position { frames: n, at: Duration::from_nanos(n) };
        clock.publish(reading(1));
        let sink = {
            let clock = Arc::clone(&clock);
            thread::spawn(move || clock.publish(reading(2)))
        };
        if let Some(position) = clock.read() {
            assert_eq!(position, reading(position.frames), "a torn reading");
            assert!(position.frames > 0);
        }
        sink.join().unwrap();
    });
}

#[test]
fn what_is_counted_as_taken_is_in_the_seconds_that_wait() {
    loom::model(|| {
        let transport = Arc::new(Transport::default());
        let taken = Arc::new(AtomicU64::default());
        let pump = {
            let (transport, taken) = (Arc::clone(&transport), Arc::clone(&taken));
            thread::spawn(move || {
                for chunks in 1..=2 {
                    // `Pump::take_in`.
                    transport.set_seconds_waiting(f64::from(chunks));
                    taken.fetch_add(1, Ordering::Release);
                }
            })
        };
        // The dispatcher asks for the credit first.
        let credit = taken.load(Ordering::Acquire);
        assert!(transport.seconds_waiting() >= credit as f64, "a chunk is counted nowhere");
        pump.join().unwrap();
    });
}
