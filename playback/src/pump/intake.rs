//! The way into the pump: from the sessions' rings, in any order, to the soft queue, in order.

use std::sync::Arc;

use rtrb::{Consumer, Producer};

use crate::chunk::{Buffer, Chunk, Content};
use crate::reorder::{Refused, Reorder};
use crate::sabotage::Bug;
use crate::soft_queue::SoftQueue;
use crate::sync::{AtomicU64, Ordering};

/// The pump's ends of the rings between one session and one stream.
pub struct ChunkRing {
    /// From the session.
    pub chunks: Consumer<Chunk>,
    /// Back to the session.
    pub returns: Producer<Buffer>,
    /// Chunks taken out so far, so that others than the session know how much room there is.
    pub taken: Arc<AtomicU64>,
}

/// What became of the chunks that were taken in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct IntakeCounts {
    pub(super) stale: u64,
    pub(super) late: u64,
    pub(super) duplicate: u64,
    pub(super) gaps: u64,
    /// Most fragments that have waited for an earlier one at once.
    pub(super) depth: u64,
}

/// The rings, the chunks that wait for an earlier one, and the queue of those whose turn it is.
pub(super) struct Intake {
    /// In order of their sessions.
    rings: Vec<ChunkRing>,
    reorder: Reorder,
    pub(super) queue: SoftQueue,
    pub(super) counts: IntakeCounts,
}

impl Intake {
    pub(super) fn new(rings: Vec<ChunkRing>) -> Self {
        let chunks = rings.iter().map(|ring| ring.chunks.buffer().capacity()).sum();
        let (reorder, queue) = (Reorder::new(chunks), SoftQueue::new(chunks));
        Self { rings, reorder, queue, counts: IntakeCounts::default() }
    }

    /// The next chunk of the ring `ring`, or `None` when it is empty. It must be counted as [`taken`](Self::taken).
    pub(super) fn pop(&mut self, ring: usize) -> Option<Chunk> {
        self.rings[ring].chunks.pop().ok()
    }

    /// Counts a chunk of the ring `ring` as taken.
    pub(super) fn taken(&mut self, ring: usize) {
        self.rings[ring].taken.fetch_add(1, Ordering::Release);
    }

    pub(super) fn rings(&self) -> usize {
        self.rings.len()
    }

    /// Puts a chunk of the current epoch in its place, and queues what is next in order. Returns how many samples, pauses
    /// counted, were queued.
    pub(super) fn put_in_order(&mut self, chunk: Chunk) -> u64 {
        match self.reorder.insert(chunk) {
            Ok(()) => {}
            Err(Refused::Late(chunk)) => {
                self.counts.late += 1;
                self.give_back(chunk);
            }
            Err(Refused::Duplicate(chunk) | Refused::Full(chunk)) => {
                self.counts.duplicate += 1;
                self.give_back(chunk);
            }
        }
        let mut queued = 0;
        while let Some(chunk) = self.reorder.pop() {
            self.counts.gaps += u64::from(chunk.content == Content::Gap);
            queued += chunk.samples();
            self.queue.push(chunk);
        }
        self.counts.depth = self.counts.depth.max(self.reorder.fragments() as u64);
        queued
    }

    /// Sends back a chunk of an epoch that was stopped.
    pub(super) fn drop_stale(&mut self, chunk: Chunk) {
        self.counts.stale += 1;
        self.give_back(chunk);
    }

    /// Begins an epoch: everything that waits goes back where it came from.
    pub(super) fn restart(&mut self) {
        let Self { rings, reorder, queue, counts } = self;
        for chunk in reorder.restart().chain(queue.clear()) {
            counts.stale += 1;
            give_back(rings, chunk);
        }
    }

    pub(super) fn give_back(&mut self, chunk: Chunk) {
        give_back(&mut self.rings, chunk);
    }

    /// Whether every ring is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.rings.iter().all(|ring| ring.chunks.is_empty())
    }

    /// Whether every chunk taken in has left the queue, and none waits in a ring.
    pub(super) fn is_drained(&self) -> bool {
        self.is_empty() && self.queue.seconds() == 0.0 && self.reorder.depth() == 0
    }

    /// Whether those who make chunks are gone, so that no more will come.
    pub(super) fn is_abandoned(&self) -> bool {
        self.rings.iter().all(|ring| ring.chunks.is_abandoned()) && self.is_empty()
    }
}

/// Sends a chunk's buffer back; where nobody takes it, it is freed here, on the pump's thread.
fn give_back(rings: &mut [ChunkRing], chunk: Chunk) {
    let Some(ring) = rings.get_mut(usize::from(chunk.session.0)) else { return };
    if chunk.buffer.is_lent() {
        let mut buffer = chunk.buffer;
        buffer.samples.clear();
        buffer.marks.clear();
        if Bug::LeakBuffer.is_planted() {
            std::mem::forget(buffer);
        } else {
            drop(ring.returns.push(buffer));
        }
    }
}
