//! Speech without end for a pump, in parts that are recycled; now and then it comes too late.

use std::f32::consts::TAU;
use std::sync::Arc;
use std::time::Duration;

use rtrb::{Consumer, Producer, RingBuffer};
use sostenuto_engine::playback::{
    Buffer, CHUNK_RATE, Chunk, ChunkRing, Content, Format, Pump, Renderer, SessionId, SinkError, StreamId,
    Tag, Transport,
};

/// Samples of a part: 50 ms.
const PART: usize = CHUNK_RATE as usize / 20;
/// Seconds that wait in playback while it comes in time.
const AHEAD_SECONDS: f64 = 0.2;
/// How often it comes too late.
const CYCLE: Duration = Duration::from_millis(2_500);
/// From then on in each cycle nothing comes: what waits is played, and then the ring is short.
const LATE_FROM: Duration = Duration::from_millis(2_100);
const SLOTS: usize = 32;
/// A low voice: its fundamental in hertz, and how loud its overtones are.
const PITCH: f32 = 110.0;
const OVERTONES: [f32; 5] = [0.25, 0.12, 0.08, 0.05, 0.03];

/// Speaks into a pump's ring.
pub(crate) struct Talk {
    chunks: Producer<Chunk>,
    returns: Consumer<Buffer>,
    transport: Arc<Transport>,
    seq: u64,
    /// One second; the pitch goes into it without a rest, so it may be repeated.
    voice: Vec<f32>,
}

impl Talk {
    /// Speech, the pump that it goes to, and the renderer that plays it at `format`.
    pub(crate) fn new(format: Format) -> Result<(Self, Pump, Renderer), SinkError> {
        let (chunks, chunks_out) = RingBuffer::new(SLOTS);
        let (returns_in, returns) = RingBuffer::new(2 * SLOTS);
        let transport = Arc::new(Transport::default());
        let ring = ChunkRing { chunks: chunks_out, returns: returns_in, taken: Arc::default() };
        let (pump, renderer) = Pump::new(vec![ring], Arc::clone(&transport), format)?;
        let sample = |n: u32| {
            let phase = TAU * PITCH * n as f32 / CHUNK_RATE as f32;
            OVERTONES.iter().zip(1..).map(|(level, k)| level * (phase * k as f32).sin()).sum()
        };
        let voice = (0..CHUNK_RATE).map(sample).collect();
        Ok((Self { chunks, returns, transport, seq: 0, voice }, pump, renderer))
    }

    /// Sends what is to wait in playback at `now`.
    pub(crate) fn speak(&mut self, now: Duration) {
        if now.as_nanos() % CYCLE.as_nanos() >= LATE_FROM.as_nanos() {
            return;
        }
        let on_its_way = self.chunks.buffer().capacity() - self.chunks.slots();
        let mut ahead = self.transport.seconds_waiting() + on_its_way as f64 * seconds(PART);
        while ahead < AHEAD_SECONDS && !self.chunks.is_full() {
            let mut buffer = self.returns.pop().unwrap_or_default();
            let from = self.seq as usize * PART % self.voice.len();
            buffer.samples.extend_from_slice(&self.voice[from..from + PART]);
            let tag = Tag { stream: StreamId(0), epoch: self.transport.epoch(), seq: self.seq };
            let (session, content) = (SessionId(0), Content::Audio);
            let chunk =
                Chunk { tag, session, part: 0, last: true, content, buffer, pause: 0, promised: None };
            // It is not full, and nobody else fills it.
            let _ = self.chunks.push(chunk);
            self.seq += 1;
            ahead += seconds(PART);
        }
    }
}

fn seconds(samples: usize) -> f64 {
    samples as f64 / f64::from(CHUNK_RATE)
}
