//! The rings between a session, or the dispatcher, and a stream: real chunks on their way to playback, and what goes
//! wrong with them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rtrb::{Consumer, Producer, RingBuffer};
use sostenuto_playback::{Buffer, Chunk, ChunkMark, ChunkRing, Content, SessionId, Tag};

use crate::Scatter;

/// As many as the engine makes at the least.
const SLOTS: usize = 64;

/// What goes wrong with chunks, each a share from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Faults {
    /// Chunks that are lost on their way.
    pub dropped: f64,
    /// Chunks that come twice.
    pub duplicated: f64,
    /// Fragments whose end comes before their last samples.
    pub swapped: f64,
}

/// What went wrong with a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// It was lost.
    Dropped,
    /// It came twice.
    Duplicated,
    /// The end of its fragment came before it.
    Swapped,
}

/// What a chunk is, but for its samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) tag: Tag,
    pub(crate) number: u32,
    pub(crate) last: bool,
    pub(crate) content: Content,
    pub(crate) pause: u32,
    pub(crate) promised: Option<Duration>,
}

/// The end at which chunks are made.
pub(crate) struct Lane {
    session: SessionId,
    chunks: Producer<Chunk>,
    returns: Consumer<Buffer>,
    taken: Arc<AtomicU64>,
    /// Chunks sent, and those that there is room for on the account of fragments that are being spoken.
    pub(crate) sent: u64,
    faults: Faults,
    scatter: Scatter,
    held: Option<Chunk>,
    /// When something is sent, in seconds.
    pub(crate) now: f64,
    /// What went wrong, and when, in seconds.
    pub(crate) mishaps: Vec<(Mishap, f64)>,
    /// Buffers that were made.
    made: u64,
    /// Buffers that a fault took away.
    gone: u64,
}

impl Lane {
    /// Both ends of the rings of `session`, which sends a fragment in `chunks` chunks at the most.
    pub(crate) fn new(session: SessionId, chunks: usize, faults: Faults, seed: u64) -> (Self, ChunkRing) {
        let slots = SLOTS.max(chunks);
        let (chunks_in, chunks) = RingBuffer::new(slots);
        let (returns_in, returns) = RingBuffer::new(2 * slots);
        let taken = Arc::default();
        let ring = ChunkRing { chunks, returns: returns_in, taken: Arc::clone(&taken) };
        let (scatter, held) = (Scatter::new(seed), None);
        (
            Self {
                session,
                chunks: chunks_in,
                returns,
                taken,
                sent: 0,
                faults,
                scatter,
                held,
                now: 0.0,
                mishaps: Vec::new(),
                made: 0,
                gone: 0,
            },
            ring,
        )
    }

    /// Whether so many chunks more have room.
    pub(crate) fn has_room(&self, chunks: u64) -> bool {
        self.sent + chunks <= self.chunks.buffer().capacity() as u64 + self.taken()
    }

    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Acquire)
    }

    /// A buffer that has been played, or a new one. What has no samples needs none.
    pub(crate) fn buffer(&mut self) -> Buffer {
        self.returns.pop().unwrap_or_else(|_| {
            self.made += 1;
            Buffer::with_capacity(1, 1)
        })
    }

    /// Sends the last samples of a fragment, whose end follows at once. Returns how many chunks have arrived.
    pub(crate) fn send_before_end(&mut self, part: Part, buffer: Buffer) -> u64 {
        if !self.chances(self.faults.swapped) {
            return self.send(part, buffer);
        }
        self.mishaps.push((Mishap::Swapped, self.now));
        self.held = Some(self.chunk(part, buffer));
        0
    }

    /// Sends a chunk. Returns how many have arrived.
    pub(crate) fn send(&mut self, part: Part, buffer: Buffer) -> u64 {
        let chunk = self.chunk(part, buffer);
        if self.chances(self.faults.dropped) {
            self.mishaps.push((Mishap::Dropped, self.now));
            self.gone += u64::from(chunk.buffer.samples.capacity() > 0);
            return self.release();
        }
        let twice = self.chances(self.faults.duplicated).then(|| self.copy(&chunk));
        if twice.is_some() {
            self.mishaps.push((Mishap::Duplicated, self.now));
        }
        let mut arrived = self.push(chunk);
        arrived += twice.map_or(0, |chunk| self.push(chunk));
        arrived + self.release()
    }

    /// The buffers that have not come back. Those in the rings are on their way.
    pub(crate) fn buffers_missing(&mut self) -> i64 {
        let mut back = 0;
        while self.returns.pop().is_ok() {
            back += 1;
        }
        self.made as i64 - self.gone as i64 - back
    }

    /// Buffers that were made.
    pub(crate) fn buffers_made(&self) -> u64 {
        self.made
    }

    fn release(&mut self) -> u64 {
        self.held.take().map_or(0, |chunk| self.push(chunk))
    }

    fn push(&mut self, chunk: Chunk) -> u64 {
        match self.chunks.push(chunk) {
            Ok(()) => 1,
            Err(rtrb::PushError::Full(chunk)) => {
                self.gone += u64::from(chunk.buffer.samples.capacity() > 0);
                0
            }
        }
    }

    fn copy(&mut self, chunk: &Chunk) -> Chunk {
        let mut buffer = Buffer::default();
        if !chunk.buffer.samples.is_empty() {
            buffer = self.buffer();
            buffer.samples.extend_from_slice(&chunk.buffer.samples);
        }
        let Chunk { tag, part: number, last, content, pause, promised, .. } = *chunk;
        self.chunk(Part { tag, number, last, content, pause, promised }, buffer)
    }

    fn chunk(&self, part: Part, buffer: Buffer) -> Chunk {
        let Part { tag, number: part, last, content, pause, promised } = part;
        Chunk { tag, session: self.session, part, last, content, buffer, pause, promised }
    }

    fn chances(&mut self, share: f64) -> bool {
        share > 0.0 && self.scatter.share() < share
    }
}

/// The mark by which playback tells when a fragment begins to sound.
pub(crate) fn begin_mark(fragment: usize) -> ChunkMark {
    ChunkMark { offset: 0, length: 0, index: fragment as u32 }
}
