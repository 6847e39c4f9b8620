//! A freewheel sink that is driven as a test wants.

use std::time::Duration;

use sostenuto_playback::{BlockWriter, Drive, Format, Freewheel, Renderer, Sink, SinkError};

/// Renders into a writer whenever its `drive` drives the freewheel sink that it is given.
pub struct Driven<W, F> {
    freewheel: Freewheel<W>,
    drive: F,
}

impl<W, F> Driven<W, F>
where
    W: BlockWriter,
    F: FnMut(&mut Freewheel<W>, Duration) -> Result<Drive, SinkError> + Send,
{
    /// A sink of `format` that hands what it renders to `writer`.
    pub fn new(format: Format, writer: W, drive: F) -> Self {
        Self { freewheel: Freewheel::into_writer(format, writer), drive }
    }
}

impl<W, F> Sink for Driven<W, F>
where
    W: BlockWriter,
    F: FnMut(&mut Freewheel<W>, Duration) -> Result<Drive, SinkError> + Send,
{
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
        (self.drive)(&mut self.freewheel, now)
    }

    fn close(&mut self) -> Result<(), SinkError> {
        self.freewheel.close()
    }
}
