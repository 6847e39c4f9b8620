//! The soft queue: chunks in order, given out block by block.

use std::collections::VecDeque;

use crate::chunk::{CHUNK_RATE, Chunk, ChunkMark, Content};

/// What comes next out of the queue.
#[derive(Debug, PartialEq)]
pub enum Block<'a> {
    /// Samples at [`CHUNK_RATE`].
    Audio(&'a [f32]),
    /// So many samples of silence: a pause after a fragment.
    Silence(usize),
    /// Nothing is ready.
    Empty,
}

/// Chunks that wait to be played.
///
/// The pause after a fragment follows its last part at once, so that it is as long as the text asks for, whenever
/// the next fragment comes.
#[derive(Debug)]
pub struct SoftQueue {
    chunks: VecDeque<Chunk>,
    offset: usize,
    pause: usize,
    samples: u64,
    /// Whether the marks of the first chunk have been given out.
    marked: bool,
}

impl SoftQueue {
    /// An empty queue with room for `capacity` chunks before it grows.
    pub fn new(capacity: usize) -> Self {
        Self { chunks: VecDeque::with_capacity(capacity), offset: 0, pause: 0, samples: 0, marked: false }
    }

    /// Appends a chunk.
    pub fn push(&mut self, chunk: Chunk) {
        self.samples += chunk.samples();
        self.chunks.push_back(chunk);
    }

    /// Seconds of audio and pauses that wait.
    pub fn seconds(&self) -> f64 {
        self.samples as f64 / f64::from(CHUNK_RATE)
    }

    /// Seconds of pauses that wait.
    pub fn pause_seconds(&self) -> f64 {
        let waiting: u64 = self.chunks.iter().map(|chunk| u64::from(chunk.pause)).sum();
        (self.pause as u64 + waiting) as f64 / f64::from(CHUNK_RATE)
    }

    /// Whether the end of an utterance waits.
    pub fn holds_end(&self) -> bool {
        self.chunks.iter().any(|chunk| matches!(chunk.content, Content::End { .. }))
    }

    /// Stretches the pause that is next by `factor`, at least 1. Returns the samples put in.
    pub fn stretch_pause(&mut self, factor: f64) -> usize {
        let stretched = (self.pause as f64 * factor) as usize;
        let inserted = stretched.saturating_sub(self.pause);
        self.pause += inserted;
        self.samples += inserted as u64;
        inserted
    }

    /// The marks of the chunk whose turn it is, once: before its first sample and after every pause before it. Call
    /// it before [`SoftQueue::retire`] and [`SoftQueue::next`].
    pub fn marks(&mut self) -> &[ChunkMark] {
        match self.chunks.front() {
            Some(chunk) if self.pause == 0 && !self.marked => {
                self.marked = true;
                &chunk.buffer.marks
            }
            _ => &[],
        }
    }

    /// Takes out a chunk whose samples, and every pause before it, have been given out. Call it until it has none,
    /// then [`SoftQueue::next`].
    pub fn retire(&mut self) -> Option<Chunk> {
        let front = self.chunks.front()?;
        if self.pause > 0 || self.offset < front.buffer.samples.len() {
            return None;
        }
        self.offset = 0;
        self.marked = false;
        self.pause = front.pause as usize;
        self.chunks.pop_front()
    }

    /// Takes up to `most` samples.
    pub fn next(&mut self, most: usize) -> Block<'_> {
        if self.pause > 0 {
            let silence = self.pause.min(most);
            self.pause -= silence;
            self.samples -= silence as u64;
            return Block::Silence(silence);
        }
        let from = self.offset;
        match self.chunks.front() {
            Some(chunk) if from < chunk.buffer.samples.len() => {
                let audio = &chunk.buffer.samples[from..chunk.buffer.samples.len().min(from + most)];
                self.offset += audio.len();
                self.samples -= audio.len() as u64;
                Block::Audio(audio)
            }
            _ => Block::Empty,
        }
    }

    /// Empties the queue; the chunks come back, so that their buffers can be returned.
    pub fn clear(&mut self) -> impl Iterator<Item = Chunk> + '_ {
        self.offset = 0;
        self.pause = 0;
        self.samples = 0;
        self.marked = false;
        self.chunks.drain(..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Buffer, Epoch, SessionId, StreamId, Tag};

    fn chunk(seq: u64, samples: &[f32], pause: u32) -> Chunk {
        let tag = Tag { stream: StreamId(1), epoch: Epoch(0), seq };
        let buffer = Buffer { samples: samples.to_vec(), marks: Vec::new() };
        let session = SessionId(0);
        Chunk { tag, session, part: 0, last: true, content: Content::Audio, buffer, pause, promised: None }
    }

    #[test]
    fn a_pause_follows_its_fragment_and_the_next_fragment_follows_the_pause() {
        let mut queue = SoftQueue::new(4);
        queue.push(chunk(0, &[0.1, 0.2, 0.3], 5));
        queue.push(chunk(1, &[0.4], 0));
        assert_eq!(queue.next(2), Block::Audio(&[0.1, 0.2]));
        assert!(queue.retire().is_none());
        assert_eq!(queue.next(2), Block::Audio(&[0.3]));
        assert_eq!(queue.retire().map(|c| c.tag.seq), Some(0));
        assert!(queue.retire().is_none());
        assert_eq!(queue.next(4), Block::Silence(4));
        assert_eq!(queue.next(4), Block::Silence(1));
        assert_eq!(queue.next(4), Block::Audio(&[0.4]));
        assert_eq!(queue.retire().map(|c| c.tag.seq), Some(1));
        assert_eq!(queue.next(4), Block::Empty);
        assert_eq!(queue.seconds(), 0.0);
    }

    #[test]
    fn a_stretched_pause_is_longer_and_the_next_one_is_as_it_was() {
        let mut queue = SoftQueue::new(4);
        queue.push(chunk(0, &[0.1], 10));
        queue.push(chunk(1, &[0.2], 10));
        assert!((queue.pause_seconds() - 20.0 / 24_000.0).abs() < 1e-9);
        assert_eq!(queue.next(9), Block::Audio(&[0.1]));
        queue.retire();
        assert_eq!(queue.stretch_pause(1.5), 5);
        assert_eq!(queue.next(99), Block::Silence(15));
        assert_eq!(queue.next(9), Block::Audio(&[0.2]));
        queue.retire();
        assert_eq!(queue.stretch_pause(1.0), 0);
        assert_eq!(queue.next(99), Block::Silence(10));
        assert_eq!(queue.seconds(), 0.0);
    }

    #[test]
    fn the_marks_of_a_chunk_come_once_and_after_the_pause_before_it() {
        let mark = |index| ChunkMark { offset: 1, length: 0, index };
        let mut queue = SoftQueue::new(4);
        for (seq, samples) in [(0, 2), (1, 0), (2, 2)] {
            let mut chunk = chunk(seq, &vec![0.1; samples], if seq == 0 { 3 } else { 0 });
            chunk.buffer.marks.push(mark(seq as u32));
            queue.push(chunk);
        }
        assert_eq!(queue.marks(), [mark(0)]);
        assert_eq!(queue.marks(), []);
        queue.next(4);
        assert!(queue.retire().is_some());
        assert_eq!(queue.marks(), []);
        assert_eq!(queue.next(4), Block::Silence(3));
        assert_eq!(queue.marks(), [mark(1)]);
        assert!(queue.retire().is_some());
        assert_eq!(queue.marks(), [mark(2)]);
    }

    #[test]
    fn clearing_gives_every_buffer_back_and_leaves_no_time() {
        let mut queue = SoftQueue::new(4);
        queue.push(chunk(0, &[0.1; 10], 7));
        queue.push(chunk(1, &[0.1; 10], 7));
        queue.next(4);
        assert_eq!(queue.clear().count(), 2);
        assert_eq!(queue.seconds(), 0.0);
        assert_eq!(queue.next(4), Block::Empty);
    }
}
