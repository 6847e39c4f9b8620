//! Stage 3 of Sostenuto: from tagged chunks to the listener.
//!
//! Two levels of buffer: a soft queue of chunks, owned by the [`Pump`], feeds a small hard ring of samples that the
//! [`Renderer`] reads inside the device's callback. The renderer never waits, allocates or calls the system; every
//! decision is the pump's.
//!
//! This crate knows nothing of text or models, and has no threads of its own but those that open and close devices.

mod callback_times;
mod chunk;
mod clock;
mod concealment;
mod error;
mod fade;
mod format;
mod hard_ring;
mod histogram;
mod level;
mod levers;
mod limiter;
mod margin;
mod missing;
#[cfg(all(test, loom))]
mod models;
mod orders;
mod outlook;
mod position;
mod pump;
mod renderer;
mod reorder;
mod resample;
mod sabotage;
mod sink;
mod soft_queue;
mod start_gate;
mod stretch;
mod sync;
mod tag;
mod target;
mod timeline;
mod transport;
mod volume;

pub use callback_times::{CallbackTimes, Quantiles};
pub use chunk::{Buffer, CHUNK_RATE, Chunk, ChunkMark, Content};
pub use clock::MonotonicClock;
pub use error::SinkError;
pub use fade::FADE_SECONDS;
pub use format::Format;
pub use histogram::Histogram;
pub use level::LevelFilter;
pub use levers::{Factors, LONGEST_PAUSE, SLOWEST, levers};
pub use limiter::{CEILING, Limiter, limit};
pub use margin::ArrivalMargin;
pub use outlook::Outlook;
pub use position::{Position, PositionClock};
pub use pump::{ChunkRing, Pump, PumpEvent, PumpStats, Step, Wake};
pub use renderer::{RenderState, Rendered, Renderer};
pub use reorder::{Refused, Reorder};
pub use resample::{Resample, ResampleQuality};
#[cfg(feature = "sabotage")]
pub use sabotage::{Bug, UnknownBug};
pub use sink::{
    BlockWriter, Device, DeviceInfo, DeviceOptions, Discard, Drive, Encoding, Freewheel, KeepAlive, Paced,
    Period, Sink, Wav, WavBlocks, output_devices,
};
pub use soft_queue::{Block, SoftQueue};
pub use start_gate::{Prospect, StartGate};
pub use stretch::{Piece, Stretch};
pub use tag::{Epoch, SessionId, StreamId, Tag};
pub use target::RingTarget;
pub use transport::{RATE_RANGE, Transport};
pub use volume::VOLUME_RANGE;
