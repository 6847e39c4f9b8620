//! The engine: stages 1 and 2, shared by all streams.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use rtrb::RingBuffer;
use sostenuto_g2p::Language;
use sostenuto_g2p::vocabulary::MAX_TOKENS;
use sostenuto_inference::Synthesizer;
use sostenuto_playback::{ChunkRing, MonotonicClock, Pump, Sink, SinkError, StreamId, Transport};

use crate::EngineError;
use crate::planner::Budget;
use crate::shared::StreamShared;
use crate::stage::g2p::{G2pCommand, G2pStage};
use crate::stage::inference::{CLOSING_SLOTS, InferenceEnds, InferenceStage, Running};
use crate::stage::languages::{Languages, LoadPhonemizer};
use crate::stage::pump::PumpStage;
use crate::stage::{G2P, INFERENCE, PUMP, Place, Scheduling, StageReport, apply, spawn};
use crate::stream::{EngineLink, Stream};
use crate::waker::Waker;

/// Clauses that wait between stages 1 and 2.
const CLAUSE_SLOTS: usize = 16;
/// Chunks that wait between stages 2 and 3; more where a session's fragments come in more parts.
const CHUNK_SLOTS: usize = 64;
/// Utterances that may be accepted before stage 1 looks at the first.
const COMMAND_SLOTS: usize = 1_024;

/// How an engine runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineOptions {
    /// Where and how urgently the stages run.
    pub scheduling: Scheduling,
    /// How large fragments may be.
    pub budget: Budget,
}

/// Stage 1 at work while the session of stage 2 is still being loaded.
///
/// Loading a model takes as long as loading a lexicon; this way they overlap.
pub struct EngineStart {
    commands: Sender<G2pCommand>,
    g2p: Waker,
    inference: Waker,
    options: EngineOptions,
    reports: Reports,
}

/// The stages that all streams share: text processing and inference, a thread each.
///
/// Dropping the engine interrupts what is being spoken, waits for that, and ends all its streams.
pub struct Engine {
    link: EngineLink,
    streams: Option<Sender<InferenceEnds>>,
    inference: Option<JoinHandle<()>>,
    session: &'static str,
    chunk_slots: usize,
    options: EngineOptions,
    reports: Reports,
    next_stream: AtomicU32,
}

#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Vec<StageReport>>>);

impl Reports {
    fn add(&self, report: StageReport) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(report);
    }
}

impl EngineStart {
    /// Starts stage 1 and loads `language` in the background.
    ///
    /// # Errors
    /// [`EngineError::Thread`] when the system gives no thread.
    pub fn new(
        options: EngineOptions,
        load: LoadPhonemizer,
        language: Language,
    ) -> Result<Self, EngineError> {
        let (commands, receiver) = bounded(COMMAND_SLOTS);
        let (g2p, inference) = (Waker::default(), Waker::default());
        let reports = Reports::default();
        let languages = Languages::new(load, g2p.clone());
        let stage = G2pStage { commands: receiver, languages, inference: inference.clone() };
        let (waker, report) = (g2p.clone(), reports.clone());
        spawn("g2p", move || {
            waker.adopt_current_thread();
            report.add(apply("g2p", G2P, options.scheduling));
            stage.run();
        })?;
        // The queue was made a moment ago: it has room.
        let _ = commands.send(G2pCommand::Prepare(language));
        Ok(Self { commands, g2p, inference, options, reports })
    }

    /// Starts stage 2 with `session`.
    ///
    /// # Errors
    /// [`EngineError::Thread`] when the system gives no thread.
    pub fn with_session(self, session: Box<dyn Synthesizer>) -> Result<Engine, EngineError> {
        let Self { commands, g2p, inference, options, reports } = self;
        let name = session.name();
        let chunk_slots = CHUNK_SLOTS.max(session.max_parts(MAX_TOKENS) + CLOSING_SLOTS);
        let interrupt = session.interrupt();
        let running = Arc::new(Running::default());
        let (streams, new_streams): (_, Receiver<InferenceEnds>) = unbounded();
        let stage = InferenceStage {
            streams: new_streams,
            session,
            running: Arc::clone(&running),
            budget: options.budget,
            g2p: g2p.clone(),
        };
        let (waker, report) = (inference.clone(), reports.clone());
        let thread = thread_name(name);
        let inference_thread = spawn(thread, move || {
            waker.adopt_current_thread();
            report.add(apply(thread, INFERENCE, options.scheduling));
            stage.run();
        })?;
        let clock = MonotonicClock::start();
        let link = EngineLink { clock, commands, g2p, inference, interrupt, running };
        Ok(Engine {
            link,
            streams: Some(streams),
            inference: Some(inference_thread),
            session: name,
            chunk_slots,
            options,
            reports,
            next_stream: AtomicU32::new(0),
        })
    }
}

fn thread_name(session: &'static str) -> &'static str {
    match session {
        "fast" => "session-fast",
        "quality" => "session-quality",
        other => other,
    }
}

impl Engine {
    /// Opens a stream to the sink that `make` makes; the sink may use the engine's clock and the stream's transport.
    ///
    /// # Errors
    /// [`EngineError::Sink`] when the sink cannot be made or started, [`EngineError::Thread`] when the system gives
    /// no thread for its pump.
    pub fn open(
        &self,
        make: impl FnOnce(MonotonicClock, &Arc<Transport>) -> Result<Box<dyn Sink>, SinkError>,
    ) -> Result<Stream, EngineError> {
        let id = StreamId(self.next_stream.fetch_add(1, Ordering::Relaxed));
        let transport = Arc::new(Transport::default());
        let mut sink = make(self.link.clock, &transport)?;
        let format = sink.format();
        let (clauses_in, clauses) = RingBuffer::new(CLAUSE_SLOTS);
        let (chunks_in, chunks) = RingBuffer::new(self.chunk_slots);
        // Every chunk may be on its way back while as many are on their way out.
        let (returns_in, returns) = RingBuffer::new(2 * self.chunk_slots);
        let ring = ChunkRing { chunks, returns: returns_in, taken: Arc::default() };
        let (pump, renderer) = Pump::new(vec![ring], Arc::clone(&transport), format)?;
        let shared = Arc::new(StreamShared::new(id, transport));
        let ends = InferenceEnds { shared: Arc::clone(&shared), clauses, chunks: chunks_in, returns };
        let streams = self.streams.as_ref().ok_or(EngineError::ShutDown)?;
        streams.send(ends).map_err(|_| EngineError::ShutDown)?;
        let open = G2pCommand::Open { shared: Arc::clone(&shared), clauses: clauses_in };
        self.link.commands.send(open).map_err(|_| EngineError::ShutDown)?;
        self.link.inference.wake();
        self.link.g2p.wake();
        sink.start(renderer)?;

        let place = Place { real_time: sink.is_real_time(), ..PUMP };
        let stage = PumpStage {
            shared: Arc::clone(&shared),
            pump,
            sink,
            clock: self.link.clock,
            inference: self.link.inference.clone(),
        };
        let (report, scheduling) = (self.reports.clone(), self.options.scheduling);
        let pump = std::thread::Builder::new()
            .name("pump".to_string())
            .spawn(move || {
                stage.shared.pump.adopt_current_thread();
                report.add(apply("pump", place, scheduling));
                stage.run()
            })
            .map_err(|source| EngineError::Thread { stage: "pump", source })?;
        Ok(Stream { shared, link: self.link.clone(), format, pump: Some(pump) })
    }

    /// The session that speaks: `quality` or `fast`.
    pub fn session(&self) -> &'static str {
        self.session
    }

    /// How the stages' threads were placed, as far as they have started.
    pub fn stage_reports(&self) -> Vec<StageReport> {
        self.reports.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.link.running.close(&self.link.interrupt);
        // Without its end of this queue stage 2 ends, then the pumps, whose chunks come from it.
        self.streams = None;
        self.link.inference.wake();
        self.link.g2p.wake();
        if let Some(thread) = self.inference.take() {
            // A runtime that is unloaded under a thread at work in it takes the process down.
            let _ = thread.join();
        }
    }
}
