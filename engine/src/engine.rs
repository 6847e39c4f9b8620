//! The engine: stages 1 and 2, shared by all streams.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use rtrb::{Producer, RingBuffer};
use sostenuto_g2p::Language;
use sostenuto_inference::{SessionKind, Synthesizer};
use sostenuto_playback::{
    Buffer, Chunk, ChunkRing, MonotonicClock, Pump, ResampleQuality, SessionId, Sink, SinkError, StreamId,
    Transport,
};

use crate::EngineError;
use crate::chunk_faults::ChunkFaults;
use crate::governor::{Governor, MemoryLimits};
use crate::memory::{MemoryByPart, resident_bytes};
use crate::planner::Budget;
use crate::policy::Policy;
use crate::readers::Readers;
use crate::session::SessionSpec;
use crate::session_stats::{SessionBoard, SessionStats};
use crate::shared::StreamShared;
use crate::stage::anybody::Anybody;
use crate::stage::dispatch::DispatchStage;
use crate::stage::dispatch_stream::{Room, StreamEnds};
use crate::stage::g2p::{G2pCommand, G2pStage};
use crate::stage::languages::{Languages, LoadPhonemizer};
use crate::stage::pump::PumpStage;
use crate::stage::running::Running;
use crate::stage::session::{Lane, SessionStage, wait_for_turn};
use crate::stage::slot::{ORDER_SLOTS, SessionEnds, Slot};
use crate::stage::{DISPATCH, G2P, PUMP, Place, SESSION, Scheduling, StageReport, apply, spawn};
use crate::stream::{EngineLink, MemoryGate, Stream, StreamControl};
use crate::waker::Waker;

/// Clauses that wait between stages 1 and 2.
const CLAUSE_SLOTS: usize = 16;
/// Chunks that wait between a session and stage 3; more where its fragments come in more parts.
const CHUNK_SLOTS: usize = 64;
/// Utterances that may be accepted before stage 1 looks at the first.
const COMMAND_SLOTS: usize = 1_024;
/// Reports of a session that wait for the dispatcher: it answers one order at a time.
const REPORT_SLOTS: usize = 4;

/// How an engine runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineOptions {
    /// Where and how urgently the stages run.
    pub scheduling: Scheduling,
    /// How large fragments may be.
    pub budget: Budget,
    /// Which sessions speak.
    pub policy: Policy,
    /// How much memory may be resident.
    pub memory: MemoryLimits,
    /// How well audio is resampled to the sinks' rates.
    pub resampling: ResampleQuality,
}

/// Stage 1 at work before there are sessions.
///
/// Loading a model takes as long as loading a lexicon; this way they overlap.
pub struct EngineStart {
    commands: Sender<G2pCommand>,
    g2p: Waker,
    dispatch: Waker,
    options: EngineOptions,
    reports: Reports,
    readers: Option<Arc<Readers>>,
    chunk_faults: Option<Arc<dyn ChunkFaults>>,
}

/// The stages that all streams share: text processing, the dispatcher, and a thread for each session.
///
/// Dropping the engine interrupts what is being spoken, waits for that, and ends all its streams. A session that
/// hangs is left behind.
pub struct Engine {
    link: EngineLink,
    streams: Option<Sender<StreamEnds>>,
    dispatch: Option<JoinHandle<()>>,
    sessions: Vec<EngineSession>,
    board: Arc<SessionBoard>,
    readers: Option<Arc<Readers>>,
    streams_open: Mutex<Vec<Weak<StreamShared>>>,
    options: EngineOptions,
    reports: Reports,
    next_stream: AtomicU32,
}

/// What the engine keeps of a session.
struct EngineSession {
    lanes: Option<Sender<Lane>>,
    waker: Waker,
    thread: Option<JoinHandle<()>>,
    slots: usize,
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
        let (g2p, dispatch) = (Waker::default(), Waker::default());
        let reports = Reports::default();
        let languages = Languages::new(load, g2p.clone());
        let stage = G2pStage { commands: receiver, languages, dispatch: dispatch.clone() };
        let (waker, report) = (g2p.clone(), reports.clone());
        spawn("g2p", move || {
            waker.adopt_current_thread();
            report.add(apply("g2p", G2P, options.scheduling));
            stage.run();
        })?;
        // The queue was made a moment ago: it has room.
        let _ = commands.send(G2pCommand::Prepare(language));
        Ok(Self { commands, g2p, dispatch, options, reports, readers: None, chunk_faults: None })
    }

    /// Counts the caches of `readers` among the memory that is used, and empties them where it runs short.
    #[must_use]
    pub fn with_readers(mut self, readers: Arc<Readers>) -> Self {
        self.readers = Some(readers);
        self
    }

    /// Lets `faults` decide what becomes of the chunks that the sessions send: for those who want to know what playback
    /// makes of it.
    #[must_use]
    pub fn with_chunk_faults(mut self, faults: Arc<dyn ChunkFaults>) -> Self {
        self.chunk_faults = Some(faults);
        self
    }

    /// Starts stage 2 with one session, which is ready.
    ///
    /// # Errors
    /// [`EngineError::Thread`] when the system gives no thread.
    pub fn with_session(self, session: Box<dyn Synthesizer>) -> Result<Engine, EngineError> {
        let kind = if session.name() == "fast" { SessionKind::Fast } else { SessionKind::Quality };
        let mut start = self;
        start.options.policy = Policy::Twin;
        start.with_sessions(vec![SessionSpec::ready(kind, session)])
    }

    /// Starts stage 2 and loads `sessions` in the background, one after the other, so that the first is ready as soon
    /// as can be.
    ///
    /// # Errors
    /// [`EngineError::Thread`] when the system gives no thread.
    pub fn with_sessions(self, sessions: Vec<SessionSpec>) -> Result<Engine, EngineError> {
        let Self { commands, g2p, dispatch, options, reports, readers, chunk_faults } = self;
        let clock = MonotonicClock::start();
        let (streams, new_streams): (_, Receiver<StreamEnds>) = unbounded();
        let (mut slots, mut kept, mut running) = (Vec::new(), Vec::new(), Vec::new());
        let anybody = Arc::<Anybody>::default();
        let mut turn: Option<Receiver<()>> = None;
        for (n, spec) in sessions.into_iter().enumerate() {
            let SessionSpec { kind, max_parts, prior, load } = spec;
            let (lanes, new_lanes) = unbounded();
            let (orders_in, orders) = RingBuffer::new(ORDER_SLOTS);
            let (reports_in, session_reports) = RingBuffer::new(REPORT_SLOTS);
            let (waker, control) = (Waker::default(), Arc::new(Running::default()));
            let stage = SessionStage {
                id: SessionId(n as u8 + 1),
                running: Arc::clone(&control),
                anybody: Arc::clone(&anybody),
                lanes: new_lanes,
                orders,
                reports: reports_in,
                dispatch: dispatch.clone(),
                chunk_faults: chunk_faults.clone(),
            };
            let (adopted, report) = (waker.clone(), reports.clone());
            let name = thread_name(kind);
            let (loaded, next_turn) = bounded::<()>(1);
            let before = turn.replace(next_turn);
            let thread = spawn(name, move || {
                adopted.adopt_current_thread();
                report.add(apply(name, SESSION, options.scheduling));
                if let Some(before) = &before {
                    wait_for_turn(before);
                }
                stage.run(load, loaded);
            })?;
            let ends = SessionEnds {
                orders: orders_in,
                reports: session_reports,
                running: Arc::clone(&control),
                waker: waker.clone(),
            };
            let slot = Slot::new(kind, max_parts, prior, ends);
            let chunk_slots = CHUNK_SLOTS.max(slot.most_chunks());
            slots.push(slot);
            running.push(control);
            kept.push(EngineSession { lanes: Some(lanes), waker, thread: Some(thread), slots: chunk_slots });
        }
        let board = Arc::new(SessionBoard::new(slots.iter().map(Slot::stats).collect()));
        let refuses = Arc::new(AtomicBool::new(false));
        let stage = DispatchStage {
            streams: new_streams,
            slots,
            anybody,
            policy: options.policy,
            budget: options.budget,
            clock,
            g2p: g2p.clone(),
            board: Arc::clone(&board),
            governor: Governor::new(options.memory),
            readers: readers.clone(),
            refuses: Arc::clone(&refuses),
        };
        let (waker, report) = (dispatch.clone(), reports.clone());
        let thread = spawn("dispatch", move || {
            waker.adopt_current_thread();
            report.add(apply("dispatch", DISPATCH, options.scheduling));
            stage.run();
        })?;
        let memory = MemoryGate { limits: options.memory, refuses };
        let link = EngineLink { clock, commands, g2p, dispatch, running: running.into(), memory };
        Ok(Engine {
            link,
            streams: Some(streams),
            dispatch: Some(thread),
            sessions: kept,
            board,
            readers,
            streams_open: Mutex::default(),
            options,
            reports,
            next_stream: AtomicU32::new(0),
        })
    }
}

fn thread_name(kind: SessionKind) -> &'static str {
    match kind {
        SessionKind::Fast => "session-fast",
        SessionKind::Quality => "session-quality",
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
        let shared = Arc::new(StreamShared::new(id, Arc::clone(&transport), sink.is_real_time()));
        self.streams_open.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&shared));
        let (clauses_in, clauses) = RingBuffer::new(CLAUSE_SLOTS);
        let (own, own_ring, _) = chunk_ring(CHUNK_SLOTS);
        let (mut rings, mut rooms) = (vec![own_ring], Vec::new());
        for session in &self.sessions {
            let (lane, ring, returns) = chunk_ring(session.slots);
            rooms.push(Room::new(session.slots, Arc::clone(&ring.taken)));
            rings.push(ring);
            let lanes = session.lanes.as_ref().ok_or(EngineError::ShutDown)?;
            // A session that could not be loaded takes no lanes, and gets no fragments.
            let _ = lanes.send(Lane { stream: id, chunks: lane, returns });
        }
        let (pump, renderer) = Pump::with_quality(rings, transport, format, self.options.resampling)?;
        let ends = StreamEnds { shared: Arc::clone(&shared), clauses, chunks: own, rooms };
        let streams = self.streams.as_ref().ok_or(EngineError::ShutDown)?;
        streams.send(ends).map_err(|_| EngineError::ShutDown)?;
        let open = G2pCommand::Open { shared: Arc::clone(&shared), clauses: clauses_in };
        self.link.commands.send(open).map_err(|_| EngineError::ShutDown)?;
        self.link.dispatch.wake();
        self.link.g2p.wake();
        sink.start(renderer)?;

        let place = Place { real_time: sink.is_real_time(), ..PUMP };
        let stage = PumpStage {
            shared: Arc::clone(&shared),
            pump,
            sink,
            clock: self.link.clock,
            dispatch: self.link.dispatch.clone(),
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
        Ok(Stream::new(StreamControl::new(shared, self.link.clone()), format, pump))
    }

    /// What is known of the sessions.
    pub fn session_stats(&self) -> Vec<SessionStats> {
        self.board.read()
    }

    /// What the resident memory of the process is used for; `None` where the system does not tell.
    pub fn memory(&self) -> Option<MemoryByPart> {
        let models: f64 = self.board.read().iter().map(|session| session.memory_mb * 1e6).sum();
        let mut streams = self.streams_open.lock().unwrap_or_else(PoisonError::into_inner);
        streams.retain(|stream| stream.strong_count() > 0);
        let buffers = streams.iter().filter_map(Weak::upgrade).map(|stream| stream.meters.buffer_bytes());
        let (buffers, caches) =
            (buffers.sum(), self.readers.as_ref().map_or(0, |readers| readers.cache_bytes()));
        Some(MemoryByPart::split(resident_bytes()?, models as u64, buffers, caches))
    }

    /// Which sessions speak.
    pub fn policy(&self) -> Policy {
        self.options.policy
    }

    /// How the stages' threads were placed, as far as they have started.
    pub fn stage_reports(&self) -> Vec<StageReport> {
        self.reports.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The rings between a session and a stream: the session's ends, and playback's.
fn chunk_ring(slots: usize) -> (Producer<Chunk>, ChunkRing, rtrb::Consumer<Buffer>) {
    let (chunks_in, chunks) = RingBuffer::new(slots);
    // Every chunk may be on its way back while as many are on their way out.
    let (returns_in, returns) = RingBuffer::new(2 * slots);
    (chunks_in, ChunkRing { chunks, returns: returns_in, taken: Arc::default() }, returns)
}

impl Drop for Engine {
    fn drop(&mut self) {
        for running in self.link.running.iter() {
            running.close();
        }
        // Without its end of this queue the dispatcher ends, then the sessions and the pumps.
        self.streams = None;
        self.link.dispatch.wake();
        self.link.g2p.wake();
        if let Some(thread) = self.dispatch.take() {
            let _ = thread.join();
        }
        let hangs = self.board.read();
        for (session, stats) in self.sessions.iter_mut().zip(hangs) {
            session.lanes = None;
            session.waker.wake();
            if let Some(thread) = session.thread.take().filter(|_| !stats.hangs()) {
                // A runtime that is unloaded under a thread at work in it takes the process down.
                let _ = thread.join();
            }
        }
    }
}
