//! A sink that renders on a thread of its own, as a sound system does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use sostenuto_playback::{BlockWriter, Drive, Format, Freewheel, MonotonicClock, Renderer, Sink, SinkError};

/// How long it sleeps when the ring is empty.
const NAP: Duration = Duration::from_micros(50);

/// A freewheel sink that its own thread drives, so that renderer, pump and control meet in as many ways as a device
/// makes possible. It never renders more than there is: its listener reads every sample.
pub struct Callback<W> {
    format: Format,
    clock: MonotonicClock,
    freewheel: Option<Freewheel<W>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<(), SinkError>>>,
}

impl<W: BlockWriter + 'static> Callback<W> {
    /// A sink of `format` that hands what it renders to `writer`.
    pub fn new(format: Format, clock: MonotonicClock, writer: W) -> Self {
        let freewheel = Some(Freewheel::into_writer(format, writer));
        Self { format, clock, freewheel, ended: Arc::default(), thread: None }
    }
}

impl<W: BlockWriter + 'static> Sink for Callback<W> {
    fn format(&self) -> Format {
        self.format
    }

    fn is_real_time(&self) -> bool {
        false
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), SinkError> {
        let Some(mut freewheel) = self.freewheel.take() else { return Ok(()) };
        freewheel.start(renderer)?;
        let (clock, ended) = (self.clock, Arc::clone(&self.ended));
        let call = move || {
            while !ended.load(Ordering::Acquire) {
                freewheel.drive(clock.now())?;
                std::thread::sleep(NAP);
            }
            freewheel.close()
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
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(SinkError::Lost { reason: "the callback's thread ended early".into() }),
            None => Ok(()),
        }
    }
}

impl<W> Drop for Callback<W> {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
    }
}
