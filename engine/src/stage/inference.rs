//! Stage 2: plans fragments over all streams and speaks them on one session.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crossbeam_channel::{Receiver, TryRecvError};
use rtrb::{Consumer, Producer};
use sostenuto_inference::{Fragment, Interrupt, SAMPLE_RATE, SynthesisError, Synthesizer};
use sostenuto_playback::{Buffer, Chunk, Content, Epoch, SessionId, StreamId, Tag};

use super::g2p::ClauseMessage;
use super::rest;
use crate::meters::{add, add_time};
use crate::planner::{Budget, Planned, Planner, pause_seconds};
use crate::shared::StreamShared;
use crate::speech::SpokenUtterance;
use crate::waker::Waker;

/// Seconds of audio waiting in playback above which a stream gets no further fragment.
const ENOUGH_SECONDS: f64 = 8.0;
/// Slots that a fragment needs besides its parts: the chunk that closes it, and the end of the utterance.
pub(crate) const CLOSING_SLOTS: usize = 2;

/// The stream ends that stage 2 holds.
pub(crate) struct InferenceEnds {
    pub(crate) shared: Arc<StreamShared>,
    pub(crate) clauses: Consumer<ClauseMessage>,
    pub(crate) chunks: Producer<Chunk>,
    pub(crate) returns: Consumer<Buffer>,
}

/// Which fragment is being spoken, so that a stop ends that one and no later one.
#[derive(Debug, Default)]
pub(crate) struct Running {
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum State {
    #[default]
    Idle,
    Speaking(StreamId, Epoch),
    /// The engine is gone: nothing is begun any more.
    Closed,
}

impl Running {
    /// Raises `interrupt` if a fragment of `stream` older than `epoch` is being spoken.
    pub(crate) fn stop(&self, stream: StreamId, epoch: Epoch, interrupt: &Interrupt) {
        if let State::Speaking(running, begun) = *self.state()
            && running == stream
            && begun.is_before(epoch)
        {
            interrupt.raise();
        }
    }

    /// Raises `interrupt`, and lets no fragment begin from now on.
    pub(crate) fn close(&self, interrupt: &Interrupt) {
        *self.state() = State::Closed;
        interrupt.raise();
    }

    /// Notes a fragment that begins, and lowers `interrupt` for it. Returns whether it may begin.
    fn begin(&self, stream: StreamId, epoch: Epoch, interrupt: &Interrupt) -> bool {
        let mut state = self.state();
        if *state == State::Closed {
            return false;
        }
        *state = State::Speaking(stream, epoch);
        interrupt.clear();
        true
    }

    fn end(&self) {
        let mut state = self.state();
        if *state != State::Closed {
            *state = State::Idle;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct InferenceStage {
    pub(crate) streams: Receiver<InferenceEnds>,
    pub(crate) session: Box<dyn Synthesizer>,
    pub(crate) running: Arc<Running>,
    pub(crate) budget: Budget,
    pub(crate) g2p: Waker,
}

struct InferenceStream {
    ends: InferenceEnds,
    planner: Planner,
    epoch: Epoch,
    seq: u64,
    /// Fragments of the current utterance that were begun.
    spoken: u64,
    /// The utterance being planned, and whether all its clauses are there.
    current: Option<(Arc<SpokenUtterance>, bool)>,
}

/// What a stream has to do next.
enum Work {
    Speak(Planned, Arc<SpokenUtterance>),
    End(Arc<SpokenUtterance>),
}

impl InferenceStage {
    /// Runs until the engine is gone.
    pub(crate) fn run(mut self) {
        let mut streams: Vec<InferenceStream> = Vec::new();
        loop {
            loop {
                match self.streams.try_recv() {
                    Ok(ends) => streams.push(InferenceStream::new(ends, self.budget)),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            streams.retain(|stream| !stream.ends.chunks.is_abandoned());
            for stream in &mut streams {
                if stream.take_in() {
                    self.g2p.wake();
                }
                stream.note_starvation();
            }
            // The listener who runs dry first is served first.
            let next = streams
                .iter_mut()
                .filter(|stream| stream.has_room(&*self.session))
                .filter_map(|stream| {
                    let deadline = stream.ends.shared.transport.seconds_waiting();
                    stream.has_work().then_some((deadline, stream))
                })
                .min_by(|a, b| a.0.total_cmp(&b.0));
            match next {
                Some((_, stream)) => self.work(stream),
                None => rest(),
            }
        }
    }

    fn work(&mut self, stream: &mut InferenceStream) {
        match stream.next_work() {
            Some(Work::Speak(planned, spoken)) => self.speak(stream, planned, &spoken),
            Some(Work::End(spoken)) => {
                let content = Content::End { utterance: spoken.number };
                stream.send(0, true, content, Buffer::default(), 0);
                stream.seq += 1;
            }
            None => {}
        }
    }

    fn speak(&mut self, stream: &mut InferenceStream, planned: Planned, spoken: &Arc<SpokenUtterance>) {
        let transport = Arc::clone(&stream.ends.shared.transport);
        let interrupt = self.session.interrupt();
        if !self.running.begin(stream.ends.shared.id, stream.epoch, &interrupt) {
            return;
        }
        // A stop before `begin` found nothing to interrupt.
        if transport.epoch() != stream.epoch {
            self.running.end();
            return;
        }
        let pause = pause_seconds(planned.boundary) / spoken.prosody.speed * SAMPLE_RATE as f32;
        let fragment = Fragment {
            phonemes: planned.phonemes,
            voice: Arc::clone(&spoken.voice),
            prosody: spoken.prosody,
            seed: spoken.seed.wrapping_add(stream.spoken),
        };
        stream.spoken += 1;
        let mut part = 0;
        let started = Instant::now();
        let result = self.session.synthesize(&fragment, &mut |samples: &[f32]| {
            let mut buffer = stream.buffer();
            buffer.samples.extend_from_slice(samples);
            stream.send(part, false, Content::Audio, buffer, 0);
            part += 1;
        });
        let meters = &stream.ends.shared.meters;
        add_time(&meters.inference_ns, started.elapsed());
        self.running.end();
        add(&meters.parts, u64::from(part));
        match result {
            Ok(synthesis) => {
                add(&meters.synthesised_samples, synthesis.samples as u64);
                add(&meters.fragments, 1);
                add(&spoken.fragments, 1);
                stream.send(part, true, Content::Audio, Buffer::default(), pause as u32);
            }
            // Nobody wants it any more: its stream was stopped, or the engine is going.
            Err(SynthesisError::Interrupted) => {
                stream.send(part, true, Content::Gap, Buffer::default(), pause as u32);
            }
            Err(error) => {
                if transport.epoch() == stream.epoch {
                    add(&meters.failed_fragments, 1);
                    if spoken.failed.fetch_add(1, Ordering::Relaxed) == 0 {
                        tracing::error!(phonemes = fragment.phonemes, "a fragment cannot be spoken: {error}");
                    }
                }
                stream.send(part, true, Content::Gap, Buffer::default(), pause as u32);
            }
        }
        stream.seq += 1;
    }
}

impl InferenceStream {
    fn new(ends: InferenceEnds, budget: Budget) -> Self {
        let epoch = ends.shared.transport.epoch();
        Self { ends, planner: Planner::new(budget), epoch, seq: 0, spoken: 0, current: None }
    }

    /// Follows a stop, and takes in the clauses that the planner can use. Returns whether any were taken.
    fn take_in(&mut self) -> bool {
        self.follow_epoch();
        let mut taken = false;
        while !self.planner.is_full() && !self.current.as_ref().is_some_and(|&(_, complete)| complete) {
            let Ok(message) = self.ends.clauses.pop() else { break };
            taken = true;
            // A clause may be of an epoch that began since the last look.
            self.follow_epoch();
            if message.spoken.epoch != self.epoch {
                continue;
            }
            let complete = message.clause.is_none();
            if let Some(clause) = message.clause {
                self.planner.push(clause);
            }
            self.current = Some((message.spoken, complete));
        }
        taken
    }

    fn follow_epoch(&mut self) {
        let epoch = self.ends.shared.transport.epoch();
        if epoch != self.epoch {
            self.epoch = epoch;
            self.seq = 0;
            self.current = None;
            self.spoken = 0;
            self.planner.restart();
        }
    }

    fn note_starvation(&self) {
        let shared = &self.ends.shared;
        let starved = self.planner.is_empty()
            && self.ends.clauses.is_empty()
            && shared.text_exhausted.load(Ordering::Acquire)
            // The end of an utterance is still to be sent.
            && !self.current.as_ref().is_some_and(|&(_, complete)| complete);
        shared.transport.set_starved(starved);
        if starved {
            shared.pump.wake();
        }
    }

    fn has_room(&self, session: &dyn Synthesizer) -> bool {
        let parts = session.max_parts(sostenuto_g2p::vocabulary::MAX_TOKENS);
        self.ends.chunks.slots() >= parts + CLOSING_SLOTS
            && self.ends.shared.transport.seconds_waiting() < ENOUGH_SECONDS
    }

    fn has_work(&self) -> bool {
        self.planner.is_full() || self.current.as_ref().is_some_and(|&(_, complete)| complete)
    }

    fn next_work(&mut self) -> Option<Work> {
        let (spoken, complete) = self.current.as_ref()?;
        let (spoken, complete) = (Arc::clone(spoken), *complete);
        if let Some(planned) = self.planner.next(complete) {
            return Some(Work::Speak(planned, spoken));
        }
        complete.then(|| {
            self.current = None;
            self.spoken = 0;
            self.planner.restart();
            Work::End(spoken)
        })
    }

    /// A buffer that has been played, or a new one while the stream is warming up.
    fn buffer(&mut self) -> Buffer {
        self.ends.returns.pop().unwrap_or_else(|_| {
            add(&self.ends.shared.meters.new_buffers, 1);
            Buffer::default()
        })
    }

    fn send(&mut self, part: u32, last: bool, content: Content, buffer: Buffer, pause: u32) {
        let tag = Tag { stream: self.ends.shared.id, epoch: self.epoch, seq: self.seq };
        let chunk = Chunk { tag, session: SessionId(0), part, last, content, buffer, pause };
        // There is room: a fragment is begun only when all its parts fit.
        if self.ends.chunks.push(chunk).is_err() {
            tracing::error!(seq = tag.seq, part, "a session handed out more parts than it promised");
        }
        self.ends.shared.pump.wake();
    }
}
