//! A sink that renders nothing until it is let go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sostenuto_playback::{BlockWriter, Drive, Format, Freewheel, Renderer, Sink, SinkError};

/// Lets a [`Stalled`] sink go.
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

/// A listener who takes nothing, as a device does that hangs; once released, a freewheel sink.
pub struct Stalled<W> {
    freewheel: Freewheel<W>,
    stall: Stall,
}

impl<W: BlockWriter> Stalled<W> {
    /// A sink that renders into `writer` once `stall` is released.
    pub fn new(format: Format, stall: Stall, writer: W) -> Self {
        Self { freewheel: Freewheel::into_writer(format, writer), stall }
    }
}

impl<W: BlockWriter> Sink for Stalled<W> {
    fn format(&self) -> Format {
        self.freewheel.format()
    }

    fn is_real_time(&self) -> bool {
        false
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), SinkError> {
        self.freewheel.start(renderer)
    }

    fn drive(&mut self, now: Duration) -> Result<Drive, SinkError> {
        if self.stall.released.load(Ordering::Acquire) {
            self.freewheel.drive(now)
        } else {
            Ok(Drive::OwnClock)
        }
    }

    fn close(&mut self) -> Result<(), SinkError> {
        self.freewheel.close()
    }
}
