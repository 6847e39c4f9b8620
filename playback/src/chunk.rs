//! The unit that reaches playback: the audio of one part of a fragment.

use std::time::Duration;

use crate::{SessionId, Tag};

/// Samples per second of every chunk.
pub const CHUNK_RATE: u32 = 24_000;

/// What a chunk stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Audio of a part of the fragment.
    Audio,
    /// The fragment failed or was cancelled: nothing more of it will come. Keeps the order from waiting for it.
    Gap,
    /// Everything of an utterance has been sent. Takes a `seq` of its own.
    End {
        /// Which utterance, as its owner numbers them.
        utterance: u64,
    },
}

/// A named stretch of a part, which its listener is told of when it is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkMark {
    /// Samples from the first of the part to the mark.
    pub offset: u32,
    /// Samples that it lasts; 0 for a point. May reach into later parts.
    pub length: u32,
    /// Which it is, as the utterance's owner numbers its marks.
    pub index: u32,
}

/// What a chunk carries, lent by the session that made it.
#[derive(Debug, Default)]
pub struct Buffer {
    /// Mono samples at [`CHUNK_RATE`]; empty for a gap or an end.
    pub samples: Vec<f32>,
    /// In order of their offsets.
    pub marks: Vec<ChunkMark>,
}

impl Buffer {
    /// Room for `samples` samples and `marks` marks.
    pub fn with_capacity(samples: usize, marks: usize) -> Self {
        Self { samples: Vec::with_capacity(samples), marks: Vec::with_capacity(marks) }
    }

    /// Whether it holds memory that is worth sending back.
    pub(crate) fn is_lent(&self) -> bool {
        self.samples.capacity() > 0 || self.marks.capacity() > 0
    }
}

/// One part of a fragment, in order of [`Tag::seq`] and `part`.
///
/// The buffer is lent: playback sends it back to its session when it has been played.
#[derive(Debug)]
pub struct Chunk {
    /// The fragment.
    pub tag: Tag,
    /// Who made it.
    pub session: SessionId,
    /// Place in the fragment, counted from 0 without holes.
    pub part: u32,
    /// Whether this is the fragment's last part; always true for a [`Content::Gap`] and a [`Content::End`].
    pub last: bool,
    /// Audio or what stands in its place.
    pub content: Content,
    /// Samples and marks.
    pub buffer: Buffer,
    /// Silence that follows the last part, in samples at [`CHUNK_RATE`].
    pub pause: u32,
    /// When it was promised to come, on the engine's clock; `None` where nothing was promised.
    pub promised: Option<Duration>,
}

impl Chunk {
    /// Samples that it lasts, its pause counted.
    pub(crate) fn samples(&self) -> u64 {
        self.buffer.samples.len() as u64 + u64::from(self.pause)
    }

    /// Place in the stream's order.
    pub(crate) fn place(&self) -> (u64, u32) {
        (self.tag.seq, self.part)
    }
}
