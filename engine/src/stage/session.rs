//! A session's thread: loads it, then speaks one fragment after the other.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use rtrb::{Consumer, Producer};
use sostenuto_inference::{
    Fragment, PartSink, Prosody, ProviderReport, SAMPLE_RATE, SynthesisError, Synthesizer, Timing, Voice,
    Voices,
};
use sostenuto_playback::{Buffer, Chunk, ChunkMark, Content, SessionId, StreamId, Tag};

use super::anybody::Anybody;
use super::rest;
use super::running::Running;
use crate::LoadError;
use crate::chunk_faults::{ChunkFate, ChunkFaults};
use crate::loudness::{ActiveLevel, Level};
use crate::memory::resident_bytes;
use crate::meters::{add, add_time};
use crate::placed_marks::PlacedMarks;
use crate::session::{LoadSession, LoadedSession};
use crate::shared::StreamShared;
use crate::speech::SpokenUtterance;
use crate::waker::Waker;

/// How long a session that is ready may take for its first fragment before the next one is loaded, which takes all
/// cores.
const HEAD_START: Duration = Duration::from_millis(400);
/// How long nobody speaks before a session does what can wait.
const SETTLES_AFTER: Duration = Duration::from_secs(1);

/// Waits until the session at the other end of `before` has had its head start, or could not be loaded.
pub(crate) fn wait_for_turn(before: &Receiver<()>) {
    if before.recv().is_ok() {
        // Its end goes when it has spoken for the first time.
        let _ = before.recv_timeout(HEAD_START);
    }
}

/// A session's ends of the rings between it and one stream.
pub(crate) struct Lane {
    pub(crate) stream: StreamId,
    pub(crate) chunks: Producer<Chunk>,
    pub(crate) returns: Consumer<Buffer>,
}

/// A fragment that a session is to speak.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) shared: Arc<StreamShared>,
    pub(crate) spoken: Arc<SpokenUtterance>,
    pub(crate) tag: Tag,
    pub(crate) fragment: Fragment,
    /// Which marks are where in its phonemes.
    pub(crate) marks: PlacedMarks,
    /// What its samples are multiplied with.
    pub(crate) gain: f32,
    /// Silence after it, in samples.
    pub(crate) pause: u32,
    /// When it is promised to be done, on the engine's clock.
    pub(crate) promised: Option<Duration>,
    /// Samples that its first part is to have, where the session streams.
    pub(crate) first_tile: usize,
}

/// What a session is asked to do.
#[expect(clippy::large_enum_variant, reason = "there are a few of them, and none is made on the heap")]
pub(crate) enum Order {
    /// To speak a fragment.
    Speak(Job),
    /// To tell whether it streams in this voice, spoken like this.
    Tell(Arc<Voice>, Prosody),
}

/// What a session tells the dispatcher.
pub(crate) enum Report {
    /// It is loaded.
    Ready {
        voices: Voices,
        report: Option<ProviderReport>,
        /// What loading it added to the resident memory.
        bytes: u64,
    },
    /// It cannot be loaded, and its thread ends.
    Failed { error: LoadError },
    /// It streams in this voice, spoken like this, or does not.
    Streams { voice: Arc<Voice>, prosody: Prosody, streams: bool },
    /// It is done with the fragment that it was given.
    Done {
        tag: Tag,
        time: Duration,
        /// When the first of it was handed out.
        first: Option<Duration>,
        /// Whether it streams in the voice and prosody of the fragment now.
        streams: bool,
        samples: usize,
        chunks: u64,
        was_spoken: bool,
        /// How loud it was before its gain.
        level: Option<Level>,
    },
}

impl Report {
    /// Nobody waits for the fragment.
    fn nothing_done(tag: Tag, streams: bool) -> Self {
        let (time, samples, chunks) = (Duration::ZERO, 0, 0);
        Self::Done { tag, time, first: None, streams, samples, chunks, was_spoken: false, level: None }
    }
}

pub(crate) struct SessionStage {
    pub(crate) id: SessionId,
    pub(crate) running: Arc<Running>,
    pub(crate) anybody: Arc<Anybody>,
    pub(crate) lanes: Receiver<Lane>,
    pub(crate) orders: Consumer<Order>,
    pub(crate) reports: Producer<Report>,
    pub(crate) dispatch: Waker,
    pub(crate) chunk_faults: Option<Arc<dyn ChunkFaults>>,
}

impl SessionStage {
    /// Loads the session, tells so through `next`, lets go of that after the first fragment, and runs until the dispatcher is gone.
    pub(crate) fn run(mut self, load: LoadSession, next: Sender<()>) {
        let before = resident_bytes();
        if self.running.is_closed() {
            return;
        }
        let result = load();
        let LoadedSession { mut session, report } = match result {
            Ok(loaded) => loaded,
            Err(error) => return self.report(Report::Failed { error }),
        };
        let bytes = resident_bytes().zip(before).map_or(0, |(after, before)| after.saturating_sub(before));
        self.running.ready(session.interrupt());
        self.report(Report::Ready { voices: session.voices(), report, bytes });
        let mut lanes: Vec<Lane> = Vec::new();
        // It has room for one message, and this is the first.
        let _ = next.send(());
        let mut next = Some(next);
        let (mut spoke, mut given) = (Instant::now(), 0);
        loop {
            lanes.extend(self.lanes.try_iter());
            lanes.retain(|lane| !lane.chunks.is_abandoned());
            match self.orders.pop() {
                Ok(Order::Tell(voice, prosody)) => {
                    let streams = session.streams(&voice, prosody);
                    self.report(Report::Streams { voice, prosody, streams });
                }
                Ok(Order::Speak(job)) => {
                    // The lane of a stream is sent before its first fragment.
                    lanes.extend(self.lanes.try_iter());
                    let lane = lanes.iter_mut().find(|lane| lane.stream == job.tag.stream);
                    let report = self.speak(&mut *session, lane, job);
                    self.report(report);
                    drop(next.take());
                    spoke = Instant::now();
                }
                Err(_) if self.orders.is_abandoned() => return,
                Err(_) if self.anybody.speaks() || self.anybody.given() != given => {
                    (spoke, given) = (Instant::now(), self.anybody.given());
                    rest();
                }
                Err(_) if spoke.elapsed() >= SETTLES_AFTER && self.settle(&mut *session) => {}
                Err(_) => rest(),
            }
        }
    }

    /// Lets the session do what can wait, until somebody gives it or another a fragment. Returns whether there was anything.
    fn settle(&self, session: &mut dyn Synthesizer) -> bool {
        // A fragment that is given after this ends what it does, and one that was given before is seen here.
        let may = self.running.begin_settling() && self.orders.is_empty() && !self.anybody.speaks();
        let did = may && session.settle();
        self.running.end();
        did
    }

    fn report(&mut self, report: Report) {
        // What is asked is answered once, and no more is asked than there is room for; without a dispatcher nobody asks.
        let _ = self.reports.push(report);
        self.dispatch.wake();
    }

    fn speak(&self, session: &mut dyn Synthesizer, lane: Option<&mut Lane>, job: Job) -> Report {
        let Job { shared, spoken, tag, fragment, marks, gain, pause, promised, first_tile } = job;
        let started = Instant::now();
        let Some(lane) = lane.filter(|_| self.running.begin(tag.stream, tag.epoch)) else {
            // The stream or the engine is gone: nobody waits for the fragment.
            return Report::nothing_done(tag, session.streams(&fragment.voice, fragment.prosody));
        };
        // A stop before `begin` found nothing to interrupt.
        if shared.transport.epoch() != tag.epoch {
            self.running.give_up();
        }
        let mut parts = Parts {
            lane,
            session: self.id,
            running: &self.running,
            shared: &shared,
            tag,
            marks,
            promised,
            first_tile,
            started,
            first: None,
            gain,
            level: ActiveLevel::new(SAMPLE_RATE),
            samples: 0,
            is_spoilt: false,
            faults: self.chunk_faults.as_deref(),
            reserved: session.max_parts(fragment.phonemes.chars().count()) + 1,
            held: None,
            sent: 0,
        };
        let result = match session.synthesize(&fragment, &mut parts) {
            Ok(_) if parts.is_spoilt => Err(SynthesisError::NotFinite { session: session.name() }),
            result => result,
        };
        let time = started.elapsed();
        let (samples, level) = (parts.samples, parts.level.level());
        // What came whole says nothing of how soon the first of many comes.
        let first = parts.first.filter(|_| self.running.parts() > 1);
        // Counted before the listener can hear the end of it.
        let meters = &shared.meters;
        add(&meters.parts, u64::from(self.running.parts()));
        add_time(&meters.inference_ns, time);
        add(&meters.synthesised_samples, samples as u64);
        let was_spoken = result.is_ok();
        // Another session speaks all of it.
        let taken_over = self.running.is_taken_over();
        match result {
            _ if taken_over => {}
            Ok(_) => {
                add(&meters.fragments, 1);
                add(&spoken.fragments, 1);
            }
            Err(SynthesisError::Interrupted) if self.running.timed_out() => {
                add(&meters.timeouts, 1);
                note_failure(&shared, &spoken, &fragment.phonemes, &"it took too long");
            }
            // Nobody wants it any more: its stream was stopped, or the engine is going.
            Err(SynthesisError::Interrupted) => {}
            Err(error) => note_failure(&shared, &spoken, &fragment.phonemes, &error),
        }
        // A stream that loses its engine fails, and does not finish.
        if !self.running.is_closed() && !taken_over {
            parts.close(if was_spoken { Content::Audio } else { Content::Gap }, pause);
        }
        self.running.end();
        let chunks = parts.sent;
        let streams = session.streams(&fragment.voice, fragment.prosody);
        Report::Done { tag, time, first, streams, samples, chunks, was_spoken, level }
    }
}

/// Counts a fragment that cannot be spoken, and tells of the first of its utterance.
fn note_failure(shared: &StreamShared, spoken: &SpokenUtterance, phonemes: &str, reason: &dyn Display) {
    if shared.transport.epoch() == spoken.epoch {
        add(&shared.meters.failed_fragments, 1);
        if spoken.failed.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::error!(phonemes, "a fragment cannot be spoken: {reason}");
        }
    }
}

/// Sends the parts of a fragment to its stream.
struct Parts<'a> {
    lane: &'a mut Lane,
    session: SessionId,
    running: &'a Running,
    shared: &'a StreamShared,
    tag: Tag,
    marks: PlacedMarks,
    promised: Option<Duration>,
    first_tile: usize,
    started: Instant,
    /// How long after it was begun the first of the fragment was handed out.
    first: Option<Duration>,
    gain: f32,
    level: ActiveLevel,
    samples: usize,
    /// A sample was not a number: nothing more of the fragment is sent.
    is_spoilt: bool,
    faults: Option<&'a dyn ChunkFaults>,
    /// Slots that are kept for the fragment.
    reserved: usize,
    /// A chunk that is sent after the next one.
    held: Option<Chunk>,
    /// Chunks that were sent.
    sent: u64,
}

impl PartSink for Parts<'_> {
    fn begin(&mut self, timing: Timing<'_>) {
        self.marks.place(timing);
    }

    fn first_tile(&self) -> usize {
        self.first_tile
    }

    fn put(&mut self, samples: &[f32]) {
        // One such sample would stay in the resampler, and in the ears of the listener.
        self.is_spoilt |= !samples.iter().all(|sample| sample.is_finite());
        if self.is_spoilt {
            return;
        }
        let Some(part) = self.running.next_part() else { return };
        self.first.get_or_insert_with(|| self.started.elapsed());
        self.level.push(samples);
        let mut buffer = self.buffer();
        let capacity = buffer.samples.capacity();
        buffer.samples.extend(samples.iter().map(|sample| sample * self.gain));
        let grown = buffer.samples.capacity() - capacity;
        add(&self.shared.meters.buffer_bytes, (grown * size_of::<f32>()) as u64);
        let begin = self.samples;
        self.samples += samples.len();
        self.take_marks(begin, self.samples, &mut buffer.marks);
        self.send(part, false, Content::Audio, buffer, 0);
    }
}

impl Parts<'_> {
    /// Ends the fragment: whatever of it is still owed will not come.
    fn close(&mut self, content: Content, pause: u32) {
        let Some(part) = self.running.next_part() else { return };
        let mut buffer = Buffer::default();
        if content == Content::Audio && self.marks.are_left() {
            buffer = self.buffer();
            self.take_marks(self.samples, usize::MAX, &mut buffer.marks);
        }
        self.send(part, true, content, buffer, pause);
    }

    /// The marks from sample `begin` of the fragment to sample `end`.
    fn take_marks(&mut self, begin: usize, end: usize, marks: &mut Vec<ChunkMark>) {
        while let Some(mark) = self.marks.next_before(end) {
            marks.push(ChunkMark { offset: mark.offset.saturating_sub(begin as u32), ..mark });
        }
    }

    /// A buffer that has been played, or a new one while the stream is warming up.
    fn buffer(&mut self) -> Buffer {
        self.lane.returns.pop().unwrap_or_else(|_| {
            add(&self.shared.meters.new_buffers, 1);
            Buffer::default()
        })
    }

    fn send(&mut self, part: u32, last: bool, content: Content, buffer: Buffer, pause: u32) {
        // What is promised is the whole of it.
        let promised = self.promised.filter(|_| last && content == Content::Audio);
        let chunk =
            Chunk { tag: self.tag, session: self.session, part, last, content, buffer, pause, promised };
        match self.faults.map_or(ChunkFate::Sent, |faults| faults.fate(self.tag, part, last)) {
            ChunkFate::AfterNext if !last => {
                if let Some(before) = self.held.replace(chunk) {
                    self.push(before);
                }
                return;
            }
            ChunkFate::Sent | ChunkFate::AfterNext => self.push(chunk),
            ChunkFate::Dropped => {}
            ChunkFate::Twice => {
                let again = self.copy(&chunk);
                self.push(chunk);
                if self.lane.chunks.slots() > self.reserved {
                    self.push(again);
                }
            }
        }
        if let Some(held) = self.held.take() {
            self.push(held);
        }
        self.shared.pump.wake();
    }

    fn copy(&mut self, chunk: &Chunk) -> Chunk {
        let mut buffer = Buffer::default();
        if !chunk.buffer.samples.is_empty() {
            buffer = self.buffer();
            buffer.samples.extend_from_slice(&chunk.buffer.samples);
        }
        let Chunk { tag, session, part, last, content, pause, promised, .. } = *chunk;
        Chunk { tag, session, part, last, content, buffer, pause, promised }
    }

    fn push(&mut self, chunk: Chunk) {
        let part = chunk.part;
        // There is room: a fragment is given out only when all its parts fit.
        match self.lane.chunks.push(chunk) {
            Ok(()) => self.sent += 1,
            Err(_) => {
                tracing::error!(seq = self.tag.seq, part, "a session handed out more parts than it promised");
            }
        }
    }
}
