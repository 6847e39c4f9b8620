//! As fast as the pump can fill the ring: for files, measurements and tests.

use std::time::Duration;

use super::{BlockWriter, Discard, Drive, Sink};
use crate::{Format, Renderer, SinkError};

/// Renders whatever is in the ring, at once and without gaps: it has no clock, so it never runs short.
pub struct Freewheel<W = Discard> {
    format: Format,
    renderer: Option<Renderer>,
    block: Vec<f32>,
    writer: W,
}

impl Freewheel<Discard> {
    /// A freewheel sink of `format` that throws its samples away.
    pub fn new(format: Format) -> Self {
        Self::into_writer(format, Discard)
    }
}

impl<W: BlockWriter> Freewheel<W> {
    /// A freewheel sink of `format` that hands blocks of one period to `writer`.
    pub fn into_writer(format: Format, writer: W) -> Self {
        let samples = format.period.max(1) as usize * usize::from(format.channels.max(1));
        Self { format, renderer: None, block: vec![0.0; samples], writer }
    }
}

impl<W: BlockWriter> Sink for Freewheel<W> {
    fn format(&self) -> Format {
        self.format
    }

    fn is_real_time(&self) -> bool {
        false
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), SinkError> {
        self.renderer = Some(renderer);
        Ok(())
    }

    fn drive(&mut self, now: Duration) -> Result<Drive, SinkError> {
        let Some(renderer) = &mut self.renderer else { return Ok(Drive::WhenFilled) };
        let channels = usize::from(self.format.channels.max(1));
        let room = self.block.len() / channels;
        loop {
            // A stop is answered by rendering, frame by frame until nothing sounds: a larger slice would ask for more
            // than there is.
            let is_stopping = renderer.is_stopping();
            let frames = if is_stopping {
                usize::from(renderer.is_sounding())
            } else {
                renderer.available().min(room)
            };
            let rendered = renderer.render(&mut self.block[..frames * channels]);
            renderer.publish(now);
            if rendered.frames > 0 {
                self.writer.write(&self.block[..rendered.frames * channels])?;
            } else if !is_stopping {
                return Ok(Drive::WhenFilled);
            }
        }
    }

    fn close(&mut self) -> Result<(), SinkError> {
        self.renderer = None;
        self.writer.finish()
    }
}
