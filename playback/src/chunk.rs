//! The unit that reaches playback: the audio of one part of a fragment.

use crate::Tag;

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

/// One part of a fragment, in order of [`Tag::seq`] and `part`.
///
/// The buffer is lent: playback sends it back through its return ring when it has been played.
#[derive(Debug)]
pub struct Chunk {
    /// The fragment.
    pub tag: Tag,
    /// Place in the fragment, counted from 0 without holes.
    pub part: u32,
    /// Whether this is the fragment's last part; always true for a [`Content::Gap`] and a [`Content::End`].
    pub last: bool,
    /// Audio or what stands in its place.
    pub content: Content,
    /// Mono samples at [`CHUNK_RATE`]; empty for a gap or an end.
    pub samples: Vec<f32>,
    /// Silence that follows the last part, in samples at [`CHUNK_RATE`].
    pub pause: u32,
}

impl Chunk {
    /// Place in the stream's order.
    pub(crate) fn place(&self) -> (u64, u32) {
        (self.tag.seq, self.part)
    }
}
