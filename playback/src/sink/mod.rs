//! Where samples go.

mod device;
mod freewheel;
mod paced;
mod wav;

use std::time::Duration;

pub use device::{Device, DeviceInfo, DeviceOptions, KeepAlive, Period, output_devices};
pub use freewheel::Freewheel;
pub use paced::Paced;
pub use wav::{Encoding, Wav, WavBlocks};

use crate::{Format, Renderer, SinkError};

/// When a sink wants to be driven again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drive {
    /// At this time.
    At(Duration),
    /// As soon as the pump has filled the ring again.
    WhenFilled,
    /// The sink has a clock of its own; drive it now and then to learn of errors.
    OwnClock,
    /// Nothing is rendered any more, and the renderer is gone: suspend the pump
    /// ([`Pump::suspend`](crate::Pump::suspend)). Told once; drive on.
    Suspended {
        /// Frames that have been heard for certain.
        heard: u64,
    },
    /// The sink can render again, in this format: start it with the renderer that
    /// [`Pump::resume`](crate::Pump::resume) makes.
    Reopened(Format),
}

/// A consumer of rendered samples.
///
/// A sink is opened, asked for its [`Format`], started with the renderer that a [`Pump`](crate::Pump) made for that
/// format, driven, and closed. It tells the stream's position clock what it has rendered and when that is heard.
pub trait Sink: Send {
    /// What the renderer must deliver.
    fn format(&self) -> Format;

    /// Whether a listener's clock drives it, so that its pump must not be late.
    fn is_real_time(&self) -> bool;

    /// Begins to render.
    ///
    /// # Errors
    /// [`SinkError`] says whether another sink, another format or another try may help.
    fn start(&mut self, renderer: Renderer) -> Result<(), SinkError>;

    /// Renders what is due at `now`. Never blocks.
    ///
    /// # Errors
    /// The sink goes no further; what was rendered before stands.
    fn drive(&mut self, now: Duration) -> Result<Drive, SinkError>;

    /// Ends rendering and finishes what was written.
    ///
    /// # Errors
    /// [`SinkError::File`] when the last bytes of a file cannot be written.
    fn close(&mut self) -> Result<(), SinkError>;
}

/// Takes the blocks of a sink that has no device behind it.
pub trait BlockWriter: Send {
    /// Takes one block of interleaved samples.
    ///
    /// # Errors
    /// [`SinkError::File`] when they cannot be kept.
    fn write(&mut self, block: &[f32]) -> Result<(), SinkError>;

    /// Finishes what was written.
    ///
    /// # Errors
    /// [`SinkError::File`] when the last bytes cannot be kept.
    fn finish(&mut self) -> Result<(), SinkError>;
}

/// Throws every block away: for measurements and tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discard;

impl BlockWriter for Discard {
    fn write(&mut self, _block: &[f32]) -> Result<(), SinkError> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}
