//! A sound device whose losses are counted from outside.

use std::sync::Arc;
use std::time::Duration;

use sostenuto_engine::playback::{Device, Drive, Format, Renderer, Sink, SinkError};

use super::seat::Seat;
use crate::FaultKind;

/// A sound device, and the seat of its listener.
pub(super) struct Plugged {
    device: Device,
    seat: Arc<Seat>,
}

impl Plugged {
    /// Counts the losses of `device` at `seat`.
    pub(super) fn new(device: Device, seat: Arc<Seat>) -> Self {
        Self { device, seat }
    }
}

impl Sink for Plugged {
    fn format(&self) -> Format {
        self.device.format()
    }

    fn is_real_time(&self) -> bool {
        self.device.is_real_time()
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), SinkError> {
        self.device.start(renderer)
    }

    fn drive(&mut self, now: Duration) -> Result<Drive, SinkError> {
        let drive = self.device.drive(now)?;
        if matches!(drive, Drive::Suspended { .. }) {
            self.seat.count_loss(FaultKind::DeviceLoss);
        }
        Ok(drive)
    }

    fn close(&mut self) -> Result<(), SinkError> {
        self.device.close()
    }
}
