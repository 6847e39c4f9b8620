//! Real time without hardware.

use std::time::Duration;

use super::{BlockWriter, Discard, Drive, Sink};
use crate::{Format, Renderer, SinkError};

/// Renders one period each time that one has passed, as a sound card would.
///
/// It is driven, so it is as late as its driver. After a stall it renders every period that it missed, as a card
/// would have played them: what the ring lacks then is counted as an underrun.
pub struct Paced<W = Discard> {
    format: Format,
    renderer: Option<Renderer>,
    block: Vec<f32>,
    writer: W,
    started: Option<Duration>,
    periods: u64,
}

impl Paced<Discard> {
    /// A paced sink of `format` that throws its samples away.
    pub fn new(format: Format) -> Self {
        Self::into_writer(format, Discard)
    }
}

impl<W: BlockWriter> Paced<W> {
    /// A paced sink of `format` that hands every period to `writer`, the silence of underruns included.
    pub fn into_writer(format: Format, writer: W) -> Self {
        let samples = format.period.max(1) as usize * usize::from(format.channels.max(1));
        Self { format, renderer: None, block: vec![0.0; samples], writer, started: None, periods: 0 }
    }

    fn due(&self, started: Duration) -> Duration {
        let frames = self.periods * u64::from(self.format.period.max(1));
        started + Duration::from_secs_f64(frames as f64 / f64::from(self.format.rate))
    }
}

impl<W: BlockWriter> Sink for Paced<W> {
    fn format(&self) -> Format {
        self.format
    }

    fn is_real_time(&self) -> bool {
        true
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), SinkError> {
        self.renderer = Some(renderer);
        Ok(())
    }

    fn drive(&mut self, now: Duration) -> Result<Drive, SinkError> {
        let started = *self.started.get_or_insert(now);
        let Some(mut renderer) = self.renderer.take() else { return Ok(Drive::OwnClock) };
        let mut result = Ok(());
        while result.is_ok() && self.due(started) <= now {
            let at = self.due(started);
            renderer.begun(now);
            let rendered = renderer.render(&mut self.block);
            renderer.publish(at + self.format.time_of(rendered.frames as u64));
            self.periods += 1;
            result = self.writer.write(&self.block);
        }
        self.renderer = Some(renderer);
        result.map(|()| Drive::At(self.due(started)))
    }

    fn close(&mut self) -> Result<(), SinkError> {
        self.renderer = None;
        self.writer.finish()
    }
}
