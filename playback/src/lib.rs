//! Stage 3 of Sostenuto: from tagged chunks to the listener.
//!
//! Two levels of buffer: a soft queue of chunks, owned by the [`Pump`], feeds a small hard ring of samples that the
//! [`Renderer`] reads inside the device's callback. The renderer never waits, allocates or calls the system; every
//! decision is the pump's.
//!
//! This crate knows nothing of text or models, and has no threads of its own but the one that closes a device.

mod callback_times;
mod chunk;
mod clock;
mod concealment;
mod error;
mod fade;
mod format;
mod hard_ring;
mod limiter;
mod missing;
#[cfg(all(test, loom))]
mod models;
mod orders;
mod position;
mod pump;
mod renderer;
mod reorder;
mod resample;
mod sink;
mod soft_queue;
mod sync;
mod tag;
mod timeline;
mod transport;
mod volume;

pub use callback_times::{CallbackTimes, Quantiles};
pub use chunk::{Buffer, CHUNK_RATE, Chunk, ChunkMark, Content};
pub use clock::MonotonicClock;
pub use error::SinkError;
pub use fade::FADE_SECONDS;
pub use format::Format;
pub use limiter::{CEILING, Limiter, limit};
pub use position::{Position, PositionClock};
pub use pump::{ChunkRing, Pump, PumpEvent, PumpStats, Step, Wake};
pub use renderer::{RenderState, Rendered, Renderer};
pub use reorder::{Refused, Reorder};
pub use resample::Resample;
pub use sink::{
    BlockWriter, Device, DeviceInfo, Discard, Drive, Encoding, Freewheel, Paced, Sink, Wav, WavBlocks,
    output_devices,
};
pub use soft_queue::{Block, SoftQueue};
pub use tag::{Epoch, SessionId, StreamId, Tag};
pub use transport::{RATE_RANGE, Transport};
pub use volume::VOLUME_RANGE;
