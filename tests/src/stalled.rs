//! A sink that renders nothing until it is let go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sostenuto_playback::{BlockWriter, Drive, Format, Freewheel, Sink};

use crate::Driven;

/// Lets a [`stalled`] sink go.
#[derive(Clone, Debug, Default)]
pub struct Stall {
    released: Arc<AtomicBool>,
}

impl Stall {
    /// From now on the sink renders.
    pub fn release(&self) {
        self.released.store(true, Ordering::Release);
    }
}

/// A listener who takes nothing, as a device does that hangs; a freewheel sink into `writer` once `stall` is released.
pub fn stalled<W: BlockWriter>(format: Format, stall: Stall, writer: W) -> impl Sink {
    Driven::new(format, writer, move |freewheel: &mut Freewheel<W>, now| {
        if stall.released.load(Ordering::Acquire) { freewheel.drive(now) } else { Ok(Drive::OwnClock) }
    })
}
