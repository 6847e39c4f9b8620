//! Puts the chunks of one epoch back into order, whichever session finished first.

use std::collections::VecDeque;

use crate::Chunk;

/// Why a chunk was not taken in. Its buffer comes back with it.
#[derive(Debug)]
pub enum Refused {
    /// Its place in the order has already been played.
    Late(Chunk),
    /// A chunk of the same place is already waiting.
    Duplicate(Chunk),
    /// So many chunks wait for an earlier one that there is no room: the producer broke its promise.
    Full(Chunk),
}

/// Holds chunks until every earlier one is there.
///
/// Order is that of `(seq, part)`; the part marked `last` leads to the next `seq`. It neither waits nor gives up:
/// a fragment that never comes must be announced as a [`Content::Gap`](crate::Content::Gap), in the place of the
/// first part that it owes.
#[derive(Debug)]
pub struct Reorder {
    waiting: VecDeque<Chunk>,
    capacity: usize,
    next: (u64, u32),
}

impl Reorder {
    /// Room for `capacity` chunks that wait for an earlier one.
    pub fn new(capacity: usize) -> Self {
        Self { waiting: VecDeque::with_capacity(capacity), capacity, next: (0, 0) }
    }

    /// Takes a chunk in.
    ///
    /// # Errors
    /// The chunk comes back in a [`Refused`] that says why.
    pub fn insert(&mut self, chunk: Chunk) -> Result<(), Refused> {
        let place = chunk.place();
        if place < self.next {
            return Err(Refused::Late(chunk));
        }
        match self.waiting.binary_search_by(|held| held.place().cmp(&place)) {
            Ok(_) => Err(Refused::Duplicate(chunk)),
            Err(_) if self.waiting.len() == self.capacity => Err(Refused::Full(chunk)),
            Err(at) => {
                self.waiting.insert(at, chunk);
                Ok(())
            }
        }
    }

    /// The next chunk in order, or `None` while it is missing.
    pub fn pop(&mut self) -> Option<Chunk> {
        let first = self.waiting.front()?;
        if first.place() != self.next {
            return None;
        }
        let chunk = self.waiting.pop_front()?;
        self.next = if chunk.last { (chunk.tag.seq + 1, 0) } else { (chunk.tag.seq, chunk.part + 1) };
        Some(chunk)
    }

    /// Chunks that wait for an earlier one.
    pub fn depth(&self) -> usize {
        self.waiting.len()
    }

    /// Fragments that wait for an earlier one, in whole or in part.
    pub fn fragments(&self) -> usize {
        let seqs = || self.waiting.iter().map(|chunk| chunk.tag.seq);
        seqs().zip(seqs().skip(1)).filter(|(a, b)| a != b).count() + usize::from(!self.waiting.is_empty())
    }

    /// Begins an epoch; what waited comes back, so that its buffers can be returned.
    pub fn restart(&mut self) -> impl Iterator<Item = Chunk> + '_ {
        self.next = (0, 0);
        self.waiting.drain(..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Buffer, Content, Epoch, SessionId, StreamId, Tag};
    use proptest::prelude::*;

    fn chunk(seq: u64, part: u32, last: bool) -> Chunk {
        let tag = Tag { stream: StreamId(1), epoch: Epoch(0), seq };
        let (session, buffer) = (SessionId(0), Buffer::default());
        Chunk { tag, session, part, last, content: Content::Audio, buffer, pause: 0, promised: None }
    }

    fn drain(reorder: &mut Reorder) -> Vec<(u64, u32)> {
        std::iter::from_fn(|| reorder.pop()).map(|c| c.place()).collect()
    }

    #[test]
    fn a_later_fragment_waits_for_the_earlier_one() {
        let mut reorder = Reorder::new(8);
        reorder.insert(chunk(1, 0, true)).unwrap();
        assert_eq!(drain(&mut reorder), []);
        reorder.insert(chunk(0, 0, false)).unwrap();
        assert_eq!(drain(&mut reorder), [(0, 0)]);
        reorder.insert(chunk(0, 1, true)).unwrap();
        assert_eq!(drain(&mut reorder), [(0, 1), (1, 0)]);
    }

    #[test]
    fn fragments_that_wait_are_counted_once_however_many_parts_they_have() {
        let mut reorder = Reorder::new(8);
        assert_eq!(reorder.fragments(), 0);
        for (seq, part) in [(1, 0), (1, 1), (3, 0)] {
            reorder.insert(chunk(seq, part, false)).unwrap();
        }
        assert_eq!(reorder.fragments(), 2);
    }

    #[test]
    fn late_and_duplicate_chunks_come_back() {
        let mut reorder = Reorder::new(8);
        reorder.insert(chunk(0, 0, true)).unwrap();
        assert!(matches!(reorder.insert(chunk(0, 0, true)), Err(Refused::Duplicate(_))));
        drain(&mut reorder);
        assert!(matches!(reorder.insert(chunk(0, 0, true)), Err(Refused::Late(_))));
    }

    #[test]
    fn a_chunk_beyond_the_capacity_comes_back() {
        let mut reorder = Reorder::new(1);
        reorder.insert(chunk(1, 0, true)).unwrap();
        assert!(matches!(reorder.insert(chunk(2, 0, true)), Err(Refused::Full(_))));
    }

    #[test]
    fn an_epoch_begins_at_the_first_fragment_again() {
        let mut reorder = Reorder::new(8);
        reorder.insert(chunk(0, 0, true)).unwrap();
        drain(&mut reorder);
        reorder.insert(chunk(3, 0, true)).unwrap();
        assert_eq!(reorder.restart().count(), 1);
        reorder.insert(chunk(0, 0, true)).unwrap();
        assert_eq!(drain(&mut reorder), [(0, 0)]);
    }

    proptest! {
        #[test]
        fn every_chunk_comes_out_once_and_in_order_whatever_the_order_of_arrival(
            parts in prop::collection::vec(1u32..5, 1..12),
            keys in prop::collection::vec(any::<u64>(), 60),
        ) {
            let mut places = Vec::new();
            for (seq, &count) in parts.iter().enumerate() {
                places.extend((0..count).map(|part| (seq as u64, part, part + 1 == count)));
            }
            let expected: Vec<_> = places.iter().map(|&(seq, part, _)| (seq, part)).collect();
            let mut arrival: Vec<_> = places.into_iter().zip(keys).collect();
            arrival.sort_by_key(|&(_, key)| key);

            let mut reorder = Reorder::new(64);
            let mut seen = Vec::new();
            for ((seq, part, last), _) in arrival {
                prop_assert!(reorder.insert(chunk(seq, part, last)).is_ok());
                seen.extend(drain(&mut reorder));
            }
            prop_assert_eq!(seen, expected);
            prop_assert_eq!(reorder.depth(), 0);
        }
    }
}
