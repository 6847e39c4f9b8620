//! What goes wrong with chunks between a session and playback, on purpose.

use sostenuto_playback::Tag;

/// What becomes of a chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChunkFate {
    /// It is sent.
    #[default]
    Sent,
    /// It is lost.
    Dropped,
    /// It is sent twice, where there is room.
    Twice,
    /// It is sent after the one that follows it; what ends a fragment is sent at once.
    AfterNext,
}

/// Decides what becomes of the chunks that sessions send, to find out what playback makes of it. Asked on the sessions'
/// threads.
pub trait ChunkFaults: Send + Sync {
    /// What becomes of the part of the fragment `tag`; `last`: it ends the fragment.
    fn fate(&self, tag: Tag, part: u32, last: bool) -> ChunkFate;
}
