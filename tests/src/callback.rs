//! A sink that renders on a thread of its own, as a sound system does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use sostenuto_playback::{BlockWriter, Drive, Format, MonotonicClock, Position, Renderer, Sink, SinkError};

/// Calls the renderer from its own thread, one period after the other without waiting for time to pass, so that
/// pump and renderer meet in as many ways as possible.
pub struct Callback<W> {
    format: Format,
    clock: MonotonicClock,
    writer: Option<W>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl<W: BlockWriter + 'static> Callback<W> {
    /// A sink of `format` that hands the frames rendered, without the silence between them, to `writer`.
    pub fn new(format: Format, clock: MonotonicClock, writer: W) -> Self {
        Self { format, clock, writer: Some(writer), ended: Arc::default(), thread: None }
    }
}

impl<W: BlockWriter + 'static> Sink for Callback<W> {
    fn format(&self) -> Format {
        self.format
    }

    fn is_real_time(&self) -> bool {
        false
    }

    fn start(&mut self, mut renderer: Renderer) -> Result<(), SinkError> {
        let Some(mut writer) = self.writer.take() else { return Ok(()) };
        let (clock, ended) = (self.clock, Arc::clone(&self.ended));
        let channels = usize::from(self.format.channels.max(1));
        let mut block = vec![0.0; self.format.period as usize * channels];
        let call = move || {
            while !ended.load(Ordering::Acquire) {
                let rendered = renderer.render(&mut block);
                let frames = rendered.position + rendered.frames as u64;
                renderer.publish(Position { frames, at: clock.now() });
                if rendered.frames == 0 {
                    std::thread::sleep(Duration::from_micros(100));
                } else if writer.write(&block[..rendered.frames * channels]).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("callback".into()).spawn(call);
        self.thread = Some(thread.map_err(|error| SinkError::NoDevice { reason: error.to_string() })?);
        Ok(())
    }

    fn drive(&mut self, _now: Duration) -> Result<Drive, SinkError> {
        Ok(Drive::OwnClock)
    }

    fn close(&mut self) -> Result<(), SinkError> {
        self.ended.store(true, Ordering::Release);
        match self.thread.take().map(JoinHandle::join) {
            Some(Err(_)) => Err(SinkError::Lost { reason: "the callback's thread ended early".into() }),
            _ => Ok(()),
        }
    }
}

impl<W> Drop for Callback<W> {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
    }
}
