//! What every chunk carries, so that it can be ordered and, after a stop, be told from newer ones.

/// One ordered listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u32);

/// One of the sessions that make a stream's chunks, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u8);

/// Generation of a stream: a stop begins the next one.
///
/// It may wrap: nothing of an epoch survives two billion stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Epoch(pub u32);

impl Epoch {
    /// Whether it came before `other`, by serial number arithmetic (RFC 1982).
    pub fn is_before(self, other: Self) -> bool {
        (self.0.wrapping_sub(other.0) as i32) < 0
    }
}

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
