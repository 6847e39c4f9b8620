//! Stage 3: from chunks in any order to samples in the hard ring.

mod intake;
mod outlet;
mod replay;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use crate::chunk::Content;
use crate::position::Position;
use crate::soft_queue::Block;
use crate::{Epoch, Format, Renderer, SinkError, Transport};
pub use intake::ChunkRing;
use intake::Intake;
use outlet::{BLOCK, Outlet};

/// Seconds in the soft queue above which no more chunks are taken in, so that the stages before come to rest.
const HIGH_WATER_SECONDS: f64 = 10.0;
/// Longest sleep while something is owed to the listener.
const TICK: Duration = Duration::from_millis(5);

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
    intake: Intake,
    outlet: Outlet,
    transport: Arc<Transport>,
    epoch: Epoch,
    announces_stop: bool,
    flow: Flow,
    events: VecDeque<PumpEvent>,
    speech_samples: u64,
    pause_samples: u64,
    starvations: u64,
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
        let (outlet, samples) = Outlet::new(format)?;
        let renderer = Renderer::new(samples, Arc::clone(&transport), format);
        let epoch = transport.epoch();
        let pump = Self {
            intake: Intake::new(rings),
            outlet,
            epoch,
            announces_stop: false,
            flow: Flow::Idle,
            events: VecDeque::new(),
            speech_samples: 0,
            pause_samples: 0,
            starvations: 0,
            transport,
        };
        Ok((pump, renderer))
    }

    /// Stops writing: the sink's device is gone, its renderer with it, and of what was written frame `heard` and all that
    /// follows it have not been heard. Until [`Pump::resume`] chunks are taken in and stops are carried out at once.
    pub fn suspend(&mut self, heard: u64) {
        self.outlet.suspend(heard);
        self.transport.set_due(false);
        if !self.transport.is_stopped() {
            self.announces_stop = true;
            self.transport.publish_stopped(self.transport.epoch());
        }
        self.transport.set_seconds_waiting(self.seconds_waiting());
    }

    /// Goes on for a sink of `format` at the sample where it broke off. The renderer is the new one that the sink calls;
    /// nothing may hold the old one any more.
    ///
    /// # Errors
    /// [`SinkError::Unsupported`] when 24 kHz cannot be resampled to the sink's rate.
    pub fn resume(&mut self, format: Format, now: Duration) -> Result<Renderer, SinkError> {
        self.follow_epoch();
        let (samples, begin) = self.outlet.resume(format)?;
        // Frames have other numbers now, those of the stop before included.
        self.transport.publish_flush(self.epoch, begin);
        self.transport.position.publish(Position { frames: begin, at: now });
        Ok(Renderer::new(samples, Arc::clone(&self.transport), format).starting_at(begin))
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
        self.intake.is_drained() && self.outlet.is_empty()
    }

    /// Whether the producer of the chunks is gone, so that no more will come.
    pub fn is_abandoned(&self) -> bool {
        self.intake.is_abandoned()
    }

    /// The counters so far.
    pub fn stats(&self) -> PumpStats {
        let counts = self.intake.counts;
        PumpStats {
            speech_samples: self.speech_samples,
            pause_samples: self.pause_samples,
            stale_chunks: counts.stale,
            late_chunks: counts.late,
            duplicate_chunks: counts.duplicate,
            gaps: counts.gaps,
            starvations: self.starvations,
        }
    }

    fn seconds_waiting(&self) -> f64 {
        self.intake.queue.seconds() + self.outlet.seconds()
    }

    /// Carries out a stop: everything older than the new epoch goes back where it came from.
    fn follow_epoch(&mut self) -> bool {
        let epoch = self.transport.epoch();
        if epoch == self.epoch {
            return false;
        }
        self.epoch = epoch;
        self.intake.restart();
        let flush_to = self.outlet.stop();
        self.announces_stop = true;
        self.flow = Flow::Idle;
        self.transport.set_due(false);
        self.transport.publish_flush(epoch, flush_to);
        if self.outlet.is_suspended() {
            // Nothing sounds.
            self.transport.publish_stopped(epoch);
        }
        true
    }

    fn take_in(&mut self) -> bool {
        let mut progressed = false;
        let mut ring = 0;
        while ring < self.intake.rings() && self.intake.queue.seconds() < HIGH_WATER_SECONDS {
            let Some(chunk) = self.intake.pop(ring) else {
                ring += 1;
                continue;
            };
            progressed = true;
            // A chunk may be of an epoch that began since the last look.
            self.follow_epoch();
            if chunk.tag.epoch == self.epoch {
                self.intake.put_in_order(chunk);
                // Told before the chunk counts as taken: whoever adds up what is ahead never misses it.
                self.transport.set_seconds_waiting(self.seconds_waiting());
            } else {
                self.intake.drop_stale(chunk);
            }
            self.intake.taken(ring);
        }
        progressed
    }

    /// Fills the hard ring up to its level.
    fn fill(&mut self, now: Duration) -> bool {
        let mut progressed = false;
        let volume = self.transport.volume();
        while self.outlet.wants_more() {
            if self.outlet.write_again(volume, now) {
                progressed = true;
                continue;
            }
            progressed |= self.retire_chunks(volume, now);
            match self.intake.queue.next(BLOCK) {
                Block::Empty => break,
                Block::Audio(samples) => {
                    self.speech_samples += samples.len() as u64;
                    self.outlet.speak(samples, volume, now);
                }
                Block::Silence(samples) => {
                    self.pause_samples += samples as u64;
                    self.outlet.pause(samples, volume, now);
                }
            }
            self.flow = Flow::Speaking;
            progressed = true;
        }
        progressed
    }

    /// Sends back the chunks that have been written, up to one of which a sample is next.
    fn retire_chunks(&mut self, volume: f32, now: Duration) -> bool {
        let mut progressed = false;
        loop {
            self.outlet.mark(self.intake.queue.marks(), now);
            let Some(chunk) = self.intake.queue.retire() else { return progressed };
            progressed = true;
            if let Content::End { utterance } = chunk.content {
                self.outlet.end(utterance, volume, now);
                self.flow = Flow::Idle;
                self.transport.set_due(false);
            }
            self.intake.give_back(chunk);
        }
    }

    /// Tells the renderer whether a short ring is its producers' fault.
    fn note_dues(&mut self) {
        if self.flow != Flow::Speaking || self.outlet.is_suspended() {
            return;
        }
        // Starvation is looked at before the chunks: an end that was sent before it was called is seen then.
        let starved =
            self.transport.is_starved() && self.intake.is_empty() && self.intake.queue.seconds() == 0.0;
        self.transport.set_due(!starved);
        if starved && self.outlet.is_empty() {
            self.flow = Flow::Starved;
            self.starvations += 1;
        }
    }

    fn note_events(&mut self, now: Duration) -> bool {
        let before = self.events.len();
        if self.announces_stop && self.transport.is_stopped() {
            self.announces_stop = false;
            self.events.push_back(PumpEvent::Stopped { epoch: self.epoch });
        }
        if self.outlet.is_suspended() {
            return self.events.len() > before;
        }
        let position = self.position(now);
        self.events.extend(std::iter::from_fn(|| self.outlet.next_event(position, now)));
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
        if self.outlet.is_suspended() {
            return Wake::OnInput;
        }
        let refill = match (self.intake.queue.seconds() > 0.0, self.outlet.len()) {
            // The listener is a clock: the level falls by `rate` frames a second, so the time of half of it is known.
            (true, level) => {
                let spare = level.saturating_sub(self.outlet.level / 2);
                Some(self.outlet.time_of(spare as u64).max(TICK / 5))
            }
            (false, 0) => None,
            (false, _) => Some(TICK),
        };
        let tell = self.outlet.next_event_in(self.position(now).frames).map(|wait| wait.max(TICK));
        refill.into_iter().chain(tell).min().map_or(Wake::OnInput, |wait| Wake::At(now + wait))
    }
}

#[cfg(test)]
mod tests;
