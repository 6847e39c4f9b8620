//! Stage 3: from chunks in any order to samples in the hard ring.

mod intake;
mod outlet;
mod pacing;
mod replay;
mod stats;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use crate::chunk::Content;
use crate::levers::Factors;
use crate::position::Position;
use crate::sabotage::Bug;
use crate::soft_queue::Block;
use crate::start_gate::StartGate;
use crate::{CHUNK_RATE, Epoch, Format, Renderer, ResampleQuality, SinkError, Transport};
pub use intake::ChunkRing;
use intake::Intake;
use outlet::{BLOCK, Outlet, Tempo};
use pacing::{Held, Pacing};
pub use stats::PumpStats;

/// Seconds in the soft queue above which no more chunks are taken in, so that the stages before come to rest.
const HIGH_WATER_SECONDS: f64 = 10.0;
/// Longest sleep while something is owed to the listener.
const TICK: Duration = Duration::from_millis(5);
/// The same while a pause holds the sound.
const PAUSED_TICK: Duration = Duration::from_millis(50);

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
    pacing: Pacing,
    /// Samples of the epoch that came into the soft queue.
    taken: u64,
    /// Whether chunks were left in their rings because enough waits.
    holds_back: bool,
    speech_samples: u64,
    pause_samples: u64,
    /// Samples by which pauses were stretched.
    inserted_samples: u64,
    starvations: u64,
}

impl Pump {
    /// A pump for a sink of `format`, fed by a ring from each session, in the sessions' order, and the renderer that
    /// the sink will call.
    ///
    /// Of the hard ring as much is kept filled as pump and sink are late; it holds 375 ms or three periods of the sink.
    /// Without an [`Outlook`](crate::Outlook) on its transport it plays whatever comes at once.
    ///
    /// # Errors
    /// [`SinkError::Unsupported`] when 24 kHz cannot be resampled to the sink's rate.
    pub fn new(
        rings: Vec<ChunkRing>,
        transport: Arc<Transport>,
        format: Format,
    ) -> Result<(Self, Renderer), SinkError> {
        Self::with_quality(rings, transport, format, ResampleQuality::default())
    }

    /// As [`Pump::new`], resampling with `quality`.
    ///
    /// # Errors
    /// As [`Pump::new`].
    pub fn with_quality(
        rings: Vec<ChunkRing>,
        transport: Arc<Transport>,
        format: Format,
        quality: ResampleQuality,
    ) -> Result<(Self, Renderer), SinkError> {
        let (outlet, samples) = Outlet::new(format, quality)?;
        let renderer = Renderer::new(samples, Arc::clone(&transport), format);
        let epoch = transport.epoch();
        let pump = Self {
            intake: Intake::new(rings),
            outlet,
            epoch,
            announces_stop: false,
            flow: Flow::Idle,
            events: VecDeque::new(),
            pacing: Pacing::new(format),
            taken: 0,
            holds_back: false,
            speech_samples: 0,
            pause_samples: 0,
            inserted_samples: 0,
            starvations: 0,
            transport,
        };
        Ok((pump, renderer))
    }

    /// As it is, but with no utterance's beginning held back for longer than `most`, in place of
    /// [`StartGate::MOST`]. Zero is never.
    #[must_use]
    pub fn with_most_pre_roll(mut self, most: Duration) -> Self {
        self.pacing.gate = StartGate::new(most);
        self
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
        self.pacing.follow(format);
        // Frames have other numbers now, those of the stop before included.
        self.transport.publish_flush(self.epoch, begin);
        self.transport.position.publish(Position { frames: begin, at: now });
        Ok(Renderer::new(samples, Arc::clone(&self.transport), format).starting_at(begin))
    }

    /// Does everything that can be done at time `now`.
    pub fn step(&mut self, now: Duration) -> Step {
        let mut progressed = self.follow_epoch();
        self.follow_sink(now);
        progressed |= self.take_in(now);
        progressed |= self.fill(now);
        // Only now: a ring that is still being filled is not short.
        self.note_dues();
        progressed |= self.note_events(now);
        self.transport.set_seconds_waiting(self.seconds_waiting());
        let wake = self.next_wake(now);
        let wanted = if let Wake::At(at) = wake { Some(at) } else { None };
        let held = self.held();
        self.transport.set_seconds_in_ring(held.ring);
        self.pacing.end_step(now, held, wanted);
        Step { wake, progressed }
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
            starved_s: self.pacing.starved().as_secs_f64(),
            pre_roll_s: self.pacing.gate.waited().as_secs_f64(),
            inserted_samples: self.inserted_samples + self.outlet.inserted,
            removed_samples: self.outlet.removed,
            reorder_depth: counts.depth,
            level_s: self.pacing.level(),
            target_s: self.pacing.target(),
            margin_s: self.pacing.margin(),
            slack_s: self.pacing.slack(),
            slow_down: self.pacing.slow_down(),
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
        if self.flow == Flow::Starved && self.intake.queue.seconds() == 0.0 && !self.intake.queue.holds_end()
        {
            // What is held back is heard with what follows it, and waits for nothing else.
            return 0.0;
        }
        let rate = self.transport.rate();
        self.intake.queue.seconds() / f64::from(rate) + self.outlet.seconds(rate)
    }

    fn held(&self) -> Held {
        let rate = self.transport.rate();
        let (rate, ring) = (f64::from(rate), self.outlet.seconds(rate));
        let taken = self.taken as f64 / f64::from(CHUNK_RATE);
        Held {
            ring,
            queue: self.intake.queue.seconds() / rate,
            pauses: self.intake.queue.pause_seconds() / rate,
            played: taken - self.intake.queue.seconds() - ring * rate,
        }
    }

    /// Learns how the listener takes what is put out, and keeps as much in the hard ring as that asks for.
    fn follow_sink(&mut self, now: Duration) {
        if self.flow == Flow::Starved && !self.pacing.gate.is_closed() && !self.transport.is_paused() {
            self.pacing.note_starved(now);
        }
        let plays = self.flow == Flow::Speaking && !self.transport.is_paused();
        let target =
            self.pacing.begin_step(now, self.outlet.ring_seconds(), self.transport.underruns(), plays);
        self.outlet.set_target(target);
        self.transport.set_resume_level(target as u32 / 2);
    }

    /// Carries out a stop: everything older than the new epoch goes back where it came from.
    fn follow_epoch(&mut self) -> bool {
        let epoch = self.transport.epoch();
        if epoch == self.epoch {
            return false;
        }
        self.epoch = epoch;
        if !Bug::SkipEpochCheck.is_planted() {
            self.intake.restart();
        }
        let flush_to = self.outlet.stop();
        self.announces_stop = true;
        self.flow = Flow::Idle;
        self.pacing.restart();
        self.taken = 0;
        self.transport.set_due(false);
        self.transport.set_progress(0.0, 0.0);
        self.transport.publish_flush(epoch, flush_to);
        if self.outlet.is_suspended() {
            // Nothing sounds.
            self.transport.publish_stopped(epoch);
        }
        true
    }

    fn take_in(&mut self, now: Duration) -> bool {
        let mut progressed = false;
        let mut ring = 0;
        // What had to wait in its ring, or for text, tells nothing of those who made it.
        let tells = !self.holds_back && !self.transport.is_paused() && self.flow != Flow::Starved;
        while ring < self.intake.rings() && self.intake.queue.seconds() < HIGH_WATER_SECONDS {
            let Some(mut chunk) = self.intake.pop(ring) else {
                ring += 1;
                continue;
            };
            progressed = true;
            // A chunk may be of an epoch that began since the last look.
            self.follow_epoch();
            if Bug::DropChunk.is_planted() && chunk.tag.seq % 8 == 7 {
                chunk.buffer.samples.clear();
            }
            if chunk.tag.epoch == self.epoch || Bug::SkipEpochCheck.is_planted() {
                if let Some(promised) = chunk.promised.filter(|_| tells) {
                    self.pacing.note_arrival(now, promised);
                }
                self.taken += self.intake.put_in_order(chunk);
                // Told before the chunk counts as taken: whoever adds up what is ahead never misses it.
                self.transport.set_seconds_waiting(self.seconds_waiting());
                self.transport.set_progress(self.taken as f64 / f64::from(CHUNK_RATE), self.pacing.slack());
            } else {
                self.intake.drop_stale(chunk);
            }
            self.intake.taken(ring);
        }
        self.holds_back = ring < self.intake.rings();
        progressed
    }

    /// Whether what is next may sound: it goes on, or begins.
    fn may_sound(&mut self, now: Duration) -> bool {
        let (held, rate) = (self.held(), f64::from(self.transport.rate()));
        self.flow == Flow::Speaking
            || held.queue == 0.0
            || self.pacing.may_begin(now, self.transport.outlook(), self.intake.queue.holds_end(), held, rate)
    }

    /// Fills the hard ring up to its level.
    fn fill(&mut self, now: Duration) -> bool {
        let mut progressed = false;
        let volume = self.transport.volume();
        if self.outlet.is_suspended() && self.flow == Flow::Idle && self.outlet.is_empty() {
            // An utterance without audio needs no device.
            progressed |= self.retire_chunks(volume, now);
        }
        while self.outlet.wants_more() {
            if self.outlet.write_again(volume, now) {
                progressed = true;
                continue;
            }
            progressed |= self.retire_chunks(volume, now);
            if !self.may_sound(now) {
                break;
            }
            let slow_down = self.pacing.slow_down() as f32;
            let tempo = Tempo { rate: self.transport.rate(), slow_down };
            match self.intake.queue.next(BLOCK) {
                Block::Empty => break,
                Block::Audio(samples) => {
                    self.speech_samples += samples.len() as u64;
                    self.outlet.speak(samples, tempo, volume, now);
                }
                Block::Silence(samples) => {
                    self.pause_samples += samples as u64;
                    self.outlet.pause(samples, tempo, volume, now);
                }
            }
            self.flow = Flow::Speaking;
            progressed = true;
        }
        if self.flow == Flow::Speaking {
            self.pull_levers(now);
        }
        progressed
    }

    /// Finds out how much slack there is, and what is to be stretched.
    fn pull_levers(&mut self, now: Duration) -> Factors {
        let rate = f64::from(self.transport.rate());
        // What follows the end of an utterance may come when it will.
        let outlook = self.transport.outlook().filter(|_| !self.intake.queue.holds_end());
        let factors = self.pacing.pull_levers(now, outlook, self.held(), rate);
        self.transport.set_progress(self.taken as f64 / f64::from(CHUNK_RATE), self.pacing.slack());
        factors
    }

    /// Stretches the pause that is next, if what follows it is going to be late.
    fn stretch_pause(&mut self, now: Duration) {
        let factors = self.pull_levers(now);
        let inserted = self.intake.queue.stretch_pause(factors.pause) as u64;
        self.inserted_samples += inserted;
        self.pacing.note_inserted(inserted as f64 / f64::from(CHUNK_RATE));
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
                self.pacing.restart();
                self.transport.set_due(false);
                self.transport.set_progress(self.taken as f64 / f64::from(CHUNK_RATE), self.pacing.slack());
            } else if chunk.pause > 0 {
                self.stretch_pause(now);
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
        // Before the stop: who sees a frame of the epoch that it began sees that it was carried out, and tells that first.
        let position = self.position(now);
        if self.announces_stop && self.transport.is_stopped() {
            self.announces_stop = false;
            self.events.push_back(PumpEvent::Stopped { epoch: self.epoch });
        }
        if self.outlet.is_suspended() && !self.outlet.is_empty() {
            // What comes next has not been heard. Where nothing is to be written again, everything has been.
            return self.events.len() > before;
        }
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
        let tick = if self.transport.is_paused() { PAUSED_TICK } else { TICK };
        let refill = match (self.intake.queue.seconds() > 0.0, self.outlet.len()) {
            // The gate opens by itself as time passes, and at once when the dispatcher's promises change.
            (true, _) if self.pacing.gate.is_closed() => Some(tick),
            // The listener is a clock: the level falls by `rate` frames a second, so it is known when it will be down
            // at the target.
            (true, level) => {
                let spare = level.saturating_sub(self.outlet.target());
                Some(self.outlet.time_of(spare as u64).max(TICK / 5))
            }
            (false, 0) => None,
            (false, _) => Some(tick),
        };
        let tell =
            self.outlet.time_of_next_event(self.position(now)).map(|at| match at.saturating_sub(now) {
                // It is late: the sink has not got there yet, and may have been halted.
                Duration::ZERO => tick,
                wait => wait.max(TICK / 5),
            });
        refill.into_iter().chain(tell).min().map_or(Wake::OnInput, |wait| Wake::At(now + wait))
    }
}

#[cfg(test)]
mod tests;
