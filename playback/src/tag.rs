//! What every chunk carries, so that it can be ordered and, after a stop, be told from newer ones.

/// One ordered listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u32);

/// Generation of a stream: a stop begins the next one.
///
/// Only equality has a meaning. It may wrap: nothing of an epoch survives four billion stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Epoch(pub u32);

/// Names a fragment: whose it is, of which generation, and its place in the order of that generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tag {
    /// The listener.
    pub stream: StreamId,
    /// The generation in which the fragment was planned.
    pub epoch: Epoch,
    /// Place in the epoch, counted from 0 without holes.
    pub seq: u64,
}
