//! What a callback goes by.

use crate::{Epoch, Transport};

/// What control and pump have said, as the renderer finds it at the beginning of a callback.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Orders {
    pub(crate) due: bool,
    pub(crate) paused: bool,
    /// Frames in the ring.
    available: usize,
    pub(crate) epoch: Epoch,
    /// The epoch that the pump began last, and the frame at which it did.
    flushed: Epoch,
    flush_to: u64,
}

impl Orders {
    /// Reads each word once, in the only order in which they belong together. `slots` asks the ring how many frames
    /// it holds.
    ///
    /// 1. Whether audio is due, before the ring: the pump says that nothing is due any more after it has written the
    ///    last frame, so who is told so finds that frame; and what became due in between is not taken for missing.
    /// 2. The pause, before the epoch: a stop begins its epoch before it ends the pause, so who sees the pause ended
    ///    by it sees the stop, and plays nothing of what was paused.
    /// 3. The ring, before where the epoch begins: as long as the pump has not answered a stop, all that was counted is
    ///    older than the stop.
    /// 4. Where the epoch begins, before the epoch: who sees where one begins sees the stop that it answers, and does
    ///    not take the frame for that of an epoch before.
    pub(crate) fn read(transport: &Transport, slots: impl FnOnce() -> usize) -> Self {
        let due = transport.is_due();
        let paused = transport.is_paused();
        let available = slots();
        let (flushed, flush_to) = transport.flushed();
        let epoch = transport.epoch();
        Self { due, paused, available, epoch, flushed, flush_to }
    }

    /// How many of the frames in the ring are older than the epoch, `read` having been taken out before them.
    pub(crate) fn stale(&self, read: u64) -> usize {
        let in_ring = self.available as u64;
        if self.is_answered() { self.old(read) as usize } else { in_ring as usize }
    }

    /// How many of the stale frames are of the epoch that `sounds`, so that they may be heard while they fade. None
    /// once the pump has begun more than one since: where the first of them began is not known any more.
    pub(crate) fn fading(&self, read: u64, sounds: Epoch) -> usize {
        match self.flushed.0.wrapping_sub(sounds.0) {
            0 => self.stale(read),
            1 => self.old(read) as usize,
            _ => 0,
        }
    }

    /// How many are of the epoch.
    pub(crate) fn fresh(&self, read: u64) -> usize {
        self.available - self.stale(read)
    }

    /// Whether the pump has begun the epoch: before, nothing of it can be missing.
    pub(crate) const fn is_answered(&self) -> bool {
        self.flushed.0 == self.epoch.0
    }

    /// How many frames in the ring are older than the epoch that the pump began last.
    fn old(&self, read: u64) -> u64 {
        self.flush_to.saturating_sub(read).min(self.available as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_the_pump_answers_a_stop_everything_is_stale_and_after_it_what_lies_before_its_frame() {
        let transport = Transport::default();
        assert_eq!(Orders::read(&transport, || 100).stale(50), 0);
        let epoch = transport.stop();
        let orders = Orders::read(&transport, || 100);
        assert_eq!((orders.stale(50), orders.fresh(50), orders.is_answered()), (100, 0, false));
        transport.publish_flush(epoch, 80);
        let orders = Orders::read(&transport, || 100);
        assert_eq!((orders.stale(50), orders.fresh(50), orders.is_answered()), (30, 70, true));
        assert_eq!(orders.stale(90), 0);
    }

    #[test]
    fn only_frames_of_the_epoch_that_sounds_fade() {
        let transport = Transport::default();
        let sounds = transport.epoch();
        transport.stop();
        assert_eq!(Orders::read(&transport, || 100).fading(50, sounds), 100);
        transport.publish_flush(transport.epoch(), 80);
        transport.stop();
        let orders = Orders::read(&transport, || 100);
        assert_eq!((orders.stale(50), orders.fading(50, sounds)), (100, 30));
        transport.publish_flush(transport.epoch(), 90);
        let orders = Orders::read(&transport, || 100);
        assert_eq!((orders.stale(50), orders.fading(50, sounds)), (40, 0));
    }
}
