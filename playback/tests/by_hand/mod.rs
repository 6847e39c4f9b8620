//! A stream without threads: session, pump and callback, each called by hand.

#![expect(clippy::panic, reason = "in tests, a failure is one")]

use std::sync::Arc;
use std::time::Duration;

use rtrb::{Consumer, Producer, RingBuffer};
use sostenuto_playback::{
    Buffer, Chunk, ChunkRing, Content, Epoch, Format, Pump, PumpEvent, Renderer, SessionId, StreamId, Tag,
    Transport,
};

/// Samples of the largest chunk.
pub(crate) const LARGEST: usize = 2_400;

/// Both ends of a pump and its renderer.
pub(crate) struct ByHand {
    session: Producer<Chunk>,
    buffers: Consumer<Buffer>,
    pub(crate) transport: Arc<Transport>,
    pub(crate) pump: Pump,
    pub(crate) renderer: Renderer,
    pub(crate) now: Duration,
    pub(crate) epoch: Epoch,
    seq: u64,
    pub(crate) lent: usize,
}

impl ByHand {
    pub(crate) fn new(format: Format) -> Self {
        let (session, chunks) = RingBuffer::new(64);
        let (returns, buffers) = RingBuffer::new(128);
        let transport = Arc::new(Transport::default());
        let ring = ChunkRing { chunks, returns, taken: Arc::default() };
        let (pump, renderer) =
            Pump::new(vec![ring], Arc::clone(&transport), format).unwrap_or_else(|error| panic!("{error}"));
        let (now, epoch) = (Duration::ZERO, transport.epoch());
        Self { session, buffers, transport, pump, renderer, now, epoch, seq: 0, lent: 0 }
    }

    /// Sends a fragment, if there is room, and takes back the buffers that were returned.
    pub(crate) fn speak(&mut self, samples: usize, sample: impl Fn(usize) -> f32) {
        let buffer = Buffer { samples: (0..samples).map(sample).collect(), marks: Vec::new() };
        if self.send(Content::Audio, buffer) {
            self.lent += 1;
        }
        self.take_back();
    }

    /// Ends the utterance.
    pub(crate) fn end(&mut self, utterance: u64) {
        self.send(Content::End { utterance }, Buffer::default());
    }

    /// Stops the stream; what is sent afterwards is of the new epoch.
    pub(crate) fn stop(&mut self) {
        (self.epoch, self.seq) = (self.transport.stop(), 0);
    }

    /// Lets the pump work and the time go by. Returns what it told.
    pub(crate) fn step(&mut self, time: Duration) -> Vec<PumpEvent> {
        self.pump.step(self.now);
        self.now += time;
        std::iter::from_fn(|| self.pump.next_event()).collect()
    }

    /// Counts the buffers that came back.
    pub(crate) fn take_back(&mut self) {
        while self.buffers.pop().is_ok() {
            self.lent -= 1;
        }
    }

    fn send(&mut self, content: Content, buffer: Buffer) -> bool {
        let tag = Tag { stream: StreamId(0), epoch: self.epoch, seq: self.seq };
        let chunk = Chunk {
            tag,
            session: SessionId(0),
            part: 0,
            last: true,
            content,
            buffer,
            pause: 0,
            promised: None,
        };
        let sent = self.session.push(chunk).is_ok();
        self.seq += u64::from(sent);
        sent
    }
}
