//! As fast as the pump can fill the ring: for files, measurements and tests.

use std::time::Duration;

use super::{BlockWriter, Discard, Drive, Sink};
use crate::renderer::FADE_SECONDS;
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
        loop {
            let mut frames = renderer.available().min(self.block.len() / channels);
            if renderer.is_stopping() {
                // A stop is answered by rendering, even when nothing is left to render.
                frames = frames.max((FADE_SECONDS * self.format.rate as f32).ceil() as usize + 1);
                self.block.resize(self.block.len().max(frames * channels), 0.0);
            } else if frames == 0 {
                return Ok(Drive::WhenFilled);
            }
            let block = &mut self.block[..frames * channels];
            let rendered = renderer.render(block);
            renderer.publish(now);
            self.writer.write(&block[..rendered.frames * channels])?;
        }
    }

    fn close(&mut self) -> Result<(), SinkError> {
        self.renderer = None;
        self.writer.finish()
    }
}
