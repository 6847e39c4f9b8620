//! Stage 3: from chunks in any order to samples in the hard ring.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rtrb::{Consumer, Producer};

use crate::chunk::{Buffer, Chunk, Content};
use crate::hard_ring::HardRing;
use crate::position::Position;
use crate::reorder::{Refused, Reorder};
use crate::resample::Resample;
use crate::soft_queue::{Block, SoftQueue};
use crate::{Epoch, Format, Renderer, SinkError, Transport};

/// Capacity of the hard ring in seconds; what is kept in it is the level, see [`Pump::new`].
const RING_SECONDS: f64 = 0.25;
/// Least level that the pump keeps in the hard ring: it covers the lateness of an ordinary thread.
const LEVEL_SECONDS: f64 = 0.06;
/// Seconds in the soft queue above which no more chunks are taken in, so that the stages before come to rest.
const HIGH_WATER_SECONDS: f64 = 10.0;
/// Samples at [`CHUNK_RATE`](crate::CHUNK_RATE) moved at once.
const BLOCK: usize = 240;
/// Longest sleep while something is owed to the listener.
const TICK: Duration = Duration::from_millis(5);

/// The pump's ends of the rings between one session and one stream.
pub struct ChunkRing {
    /// From the session.
    pub chunks: Consumer<Chunk>,
    /// Back to the session.
    pub returns: Producer<Buffer>,
    /// Chunks taken out so far, so that others than the session know how much room there is.
    pub taken: Arc<AtomicU64>,
}

/// What the listener experienced, at the time it did.
#[derive(Clone, Debug, PartialEq)]
pub enum PumpEvent {
    /// The first audible sample (above -60 dBFS) of an utterance left the sink.
    Audible {
        /// When, on the clock given to [`Pump::step`].
        at: Duration,
    },
    /// The first sample of a mark left the sink.
    Mark {
        /// As its chunk named it.
        index: u32,
        /// Where it is, counted from the first frame of the utterance, its pauses counted.
        frames: Range<u64>,
        /// When, on the clock given to [`Pump::step`].
        at: Duration,
    },
    /// The last sample of an utterance left the sink.
    Finished {
        /// As its [`Content::End`] named it.
        utterance: u64,
    },
    /// The stop that began this epoch has been carried out: silence, and nothing older is left anywhere.
    Stopped {
        /// The epoch that begins.
        epoch: Epoch,
    },
}

/// When to call [`Pump::step`] again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// At this time, or as soon as a chunk was pushed.
    At(Duration),
    /// As soon as a chunk was pushed or a stop called for; nothing happens by itself.
    OnInput,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When to step again.
    pub wake: Wake,
    /// Whether audio was moved or room was made, so that those who wait on this pump should look again.
    pub progressed: bool,
}

/// Counters of a pump.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PumpStats {
    /// Samples of speech put out, at [`CHUNK_RATE`](crate::CHUNK_RATE), pauses not counted.
    pub speech_samples: u64,
    /// Samples of pauses put out, at [`CHUNK_RATE`](crate::CHUNK_RATE).
    pub pause_samples: u64,
    /// Chunks dropped because they belonged to an epoch that was stopped.
    pub stale_chunks: u64,
    /// Chunks whose place had been played already.
    pub late_chunks: u64,
    /// Chunks whose place was taken.
    pub duplicate_chunks: u64,
    /// Fragments that failed or were cancelled.
    pub gaps: u64,
    /// Times that playback ran dry because there was no text.
    pub starvations: u64,
}

/// Where an utterance stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// None has begun that has not ended.
    Idle,
    /// Its audio is due.
    Speaking,
    /// It ran dry because there is no text.
    Starved,
}

/// Reorders, paces and resamples one stream's chunks into the hard ring.
///
/// A pump has no thread and no clock: whoever owns it calls [`Pump::step`] with the time. It never blocks.
pub struct Pump {
    /// In order of their sessions.
    rings: Vec<ChunkRing>,
    ring: HardRing,
    transport: Arc<Transport>,
    format: Format,
    resample: Resample,
    reorder: Reorder,
    queue: SoftQueue,
    epoch: Epoch,
    level: usize,
    announces_stop: bool,
    flow: Flow,
    events: VecDeque<PumpEvent>,
    stats: PumpStats,
}

impl Pump {
    /// A pump for a sink of `format`, fed by a ring from each session, in the sessions' order, and the renderer that
    /// the sink will call.
    ///
    /// The level of the hard ring is three periods of the sink, at least 60 ms; the ring holds 250 ms or twice the
    /// level.
    ///
    /// # Errors
    /// [`SinkError::Unsupported`] when 24 kHz cannot be resampled to the sink's rate.
    pub fn new(
        rings: Vec<ChunkRing>,
        transport: Arc<Transport>,
        format: Format,
    ) -> Result<(Self, Renderer), SinkError> {
        let resample = Resample::new(format.rate)
            .map_err(|error| SinkError::Unsupported { what: format!("{} Hz: {error}", format.rate) })?;
        let frames = |seconds: f64| (seconds * f64::from(format.rate)).ceil() as usize;
        let level = frames(LEVEL_SECONDS).max(3 * format.period as usize);
        let capacity = frames(RING_SECONDS).max(2 * level) + resample.output_bound(2 * BLOCK);
        let (ring, samples) = HardRing::new(capacity, format.rate);
        let renderer = Renderer::new(samples, Arc::clone(&transport), format);
        let chunks = rings.iter().map(|ring| ring.chunks.buffer().capacity()).sum();
        let epoch = transport.epoch();
        let pump = Self {
            rings,
            ring,
            format,
            resample,
            reorder: Reorder::new(chunks),
            queue: SoftQueue::new(chunks),
            epoch,
            level,
            announces_stop: false,
            flow: Flow::Idle,
            events: VecDeque::new(),
            stats: PumpStats::default(),
            transport,
        };
        Ok((pump, renderer))
    }

    /// Does everything that can be done at time `now`.
    pub fn step(&mut self, now: Duration) -> Step {
        let mut progressed = self.follow_epoch();
        progressed |= self.take_in();
        progressed |= self.fill(now);
        // Only now: a ring that is still being filled is not short.
        self.note_dues();
        progressed |= self.note_events(now);
        self.transport.set_seconds_waiting(self.seconds_waiting());
        Step { wake: self.next_wake(now), progressed }
    }

    /// The next thing that the listener experienced.
    pub fn next_event(&mut self) -> Option<PumpEvent> {
        self.events.pop_front()
    }

    /// Whether every chunk taken in has been played.
    pub fn is_drained(&self) -> bool {
        self.no_chunk_waits()
            && self.queue.seconds() == 0.0
            && self.reorder.depth() == 0
            && self.ring.len() == 0
    }

    /// Whether the producer of the chunks is gone, so that no more will come.
    pub fn is_abandoned(&self) -> bool {
        self.rings.iter().all(|ring| ring.chunks.is_abandoned()) && self.no_chunk_waits()
    }

    /// The counters so far.
    pub fn stats(&self) -> PumpStats {
        self.stats
    }

    fn no_chunk_waits(&self) -> bool {
        self.rings.iter().all(|ring| ring.chunks.is_empty())
    }

    fn seconds_waiting(&self) -> f64 {
        self.queue.seconds() + self.ring.len() as f64 / f64::from(self.format.rate)
    }

    /// Carries out a stop: everything older than the new epoch goes back where it came from.
    fn follow_epoch(&mut self) -> bool {
        let epoch = self.transport.epoch();
        if epoch == self.epoch {
            return false;
        }
        self.epoch = epoch;
        for chunk in self.reorder.restart().chain(self.queue.clear()) {
            self.stats.stale_chunks += 1;
            give_back(&mut self.rings, chunk);
        }
        self.resample.reset();
        self.ring.stop();
        self.announces_stop = true;
        self.flow = Flow::Idle;
        self.transport.set_due(false);
        self.transport.publish_flush(epoch, self.ring.written());
        true
    }

    fn take_in(&mut self) -> bool {
        let mut progressed = false;
        let mut next = 0;
        while self.queue.seconds() < HIGH_WATER_SECONDS {
            let Some(ring) = self.rings.get_mut(next) else { break };
            let Ok(chunk) = ring.chunks.pop() else {
                next += 1;
                continue;
            };
            progressed = true;
            // A chunk may be of an epoch that began since the last look.
            self.follow_epoch();
            if chunk.tag.epoch == self.epoch {
                self.put_in_order(chunk);
                // Told before the chunk counts as taken: whoever adds up what is ahead never misses it.
                self.transport.set_seconds_waiting(self.seconds_waiting());
            } else {
                self.stats.stale_chunks += 1;
                give_back(&mut self.rings, chunk);
            }
            self.rings[next].taken.fetch_add(1, Ordering::Release);
        }
        progressed
    }

    fn put_in_order(&mut self, chunk: Chunk) {
        match self.reorder.insert(chunk) {
            Ok(()) => {}
            Err(Refused::Late(chunk)) => {
                self.stats.late_chunks += 1;
                give_back(&mut self.rings, chunk);
            }
            Err(Refused::Duplicate(chunk) | Refused::Full(chunk)) => {
                self.stats.duplicate_chunks += 1;
                give_back(&mut self.rings, chunk);
            }
        }
        while let Some(chunk) = self.reorder.pop() {
            self.stats.gaps += u64::from(chunk.content == Content::Gap);
            self.queue.push(chunk);
        }
    }

    /// Fills the hard ring up to its level.
    fn fill(&mut self, now: Duration) -> bool {
        let mut progressed = false;
        // Two blocks, because the end of an utterance flushes the resampler.
        let bound = self.resample.output_bound(2 * BLOCK);
        let volume = self.transport.volume();
        loop {
            if self.ring.len() >= self.level || !self.ring.fits(bound) {
                return progressed;
            }
            loop {
                self.ring.timeline.mark(self.queue.marks(), now);
                let Some(chunk) = self.queue.retire() else { break };
                progressed = true;
                if let Content::End { utterance } = chunk.content {
                    self.end_utterance(utterance, now);
                }
                give_back(&mut self.rings, chunk);
            }
            let Self { queue, resample, ring, stats, .. } = self;
            match queue.next(BLOCK) {
                Block::Empty => return progressed,
                Block::Audio(samples) => {
                    stats.speech_samples += samples.len() as u64;
                    ring.timeline.speak(samples.len());
                    resample.push(samples, &mut |frames| ring.push(frames, volume, now));
                }
                Block::Silence(samples) => {
                    stats.pause_samples += samples as u64;
                    ring.timeline.pause(samples);
                    resample.push(&[0.0; BLOCK][..samples], &mut |frames| ring.push(frames, volume, now));
                }
            }
            self.flow = Flow::Speaking;
            progressed = true;
        }
    }

    fn end_utterance(&mut self, utterance: u64, now: Duration) {
        let volume = self.transport.volume();
        self.resample.flush(&mut |frames| self.ring.push(frames, volume, now));
        self.ring.flush(now);
        self.ring.timeline.end(utterance, self.ring.written(), now);
        self.flow = Flow::Idle;
        self.transport.set_due(false);
    }

    /// Tells the renderer whether a short ring is its producers' fault.
    fn note_dues(&mut self) {
        if self.flow != Flow::Speaking {
            return;
        }
        // Starvation is looked at before the chunks: an end that was sent before it was called is seen then.
        let starved = self.transport.is_starved() && self.no_chunk_waits() && self.queue.seconds() == 0.0;
        self.transport.set_due(!starved);
        if starved && self.ring.len() == 0 {
            self.flow = Flow::Starved;
            self.stats.starvations += 1;
        }
    }

    fn note_events(&mut self, now: Duration) -> bool {
        let before = self.events.len();
        if self.announces_stop && self.transport.is_stopped() {
            self.announces_stop = false;
            self.events.push_back(PumpEvent::Stopped { epoch: self.epoch });
        }
        let position = self.position(now);
        self.events.extend(std::iter::from_fn(|| self.ring.timeline.next(position, now)));
        self.events.len() > before
    }

    /// Where the sink has got to. Before its first reading nothing has left the ring, and an utterance without audio
    /// may be over.
    fn position(&self, now: Duration) -> Position {
        self.transport.position.read().unwrap_or(Position { frames: 0, at: now })
    }

    fn next_wake(&self, now: Duration) -> Wake {
        if self.announces_stop {
            return Wake::At(now + TICK);
        }
        let seconds = |frames: u64| Duration::from_secs_f64(frames as f64 / f64::from(self.format.rate));
        let refill = match (self.queue.seconds() > 0.0, self.ring.len()) {
            // The listener is a clock: the level falls by `rate` frames a second, so the time of half of it is known.
            (true, level) => Some(seconds(level.saturating_sub(self.level / 2) as u64).max(TICK / 5)),
            (false, 0) => None,
            (false, _) => Some(TICK),
        };
        let left = self.position(now).frames;
        let tell = self.ring.timeline.frames_to_next(left).map(|frames| seconds(frames).max(TICK));
        refill.into_iter().chain(tell).min().map_or(Wake::OnInput, |wait| Wake::At(now + wait))
    }
}

/// Sends a chunk's buffer back; where nobody takes it, it is freed here, on the pump's thread.
fn give_back(rings: &mut [ChunkRing], chunk: Chunk) {
    let Some(ring) = rings.get_mut(usize::from(chunk.session.0)) else { return };
    if chunk.buffer.is_lent() {
        let mut buffer = chunk.buffer;
        buffer.samples.clear();
        buffer.marks.clear();
        drop(ring.returns.push(buffer));
    }
}

#[cfg(test)]
mod tests;
