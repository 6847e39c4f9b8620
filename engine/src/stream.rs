//! One ordered listener, as its owner holds it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crossbeam_channel::{Sender, bounded};
use sostenuto_playback::{Format, MonotonicClock, SinkError};

use crate::EngineError;
use crate::governor::MemoryLimits;
use crate::memory::resident_bytes;
use crate::meters::StreamStats;
use crate::shared::StreamShared;
use crate::speech::{Speech, SpokenUtterance};
use crate::stage::g2p::{G2pCommand, Source};
use crate::stage::running::Running;
use crate::utterance::{Input, TextReader, TextWriter, Utterance, text_channel};
use crate::waker::Waker;

/// Events that an owner may leave unread before it misses some: an utterance has two at most.
const EVENTS: usize = 4;

/// What every stream needs of its engine.
#[derive(Clone)]
pub(crate) struct EngineLink {
    pub(crate) clock: MonotonicClock,
    pub(crate) commands: Sender<G2pCommand>,
    pub(crate) g2p: Waker,
    pub(crate) dispatch: Waker,
    /// One for each session.
    pub(crate) running: Arc<[Arc<Running>]>,
    pub(crate) memory: MemoryGate,
}

/// Lets no utterance in while memory has run out.
#[derive(Clone)]
pub(crate) struct MemoryGate {
    pub(crate) limits: MemoryLimits,
    /// As the dispatcher's governor decided.
    pub(crate) refuses: Arc<AtomicBool>,
}

impl MemoryGate {
    fn pass(&self) -> Result<(), EngineError> {
        let Some((limit, resident)) = self.limits.hard().zip(resident_bytes()) else { return Ok(()) };
        if resident <= limit && !self.refuses.load(Ordering::Acquire) {
            return Ok(());
        }
        Err(EngineError::MemoryLimit { resident_mb: resident / 1_000_000, limit_mb: limit / 1_000_000 })
    }
}

/// Stops a stream from another thread. Does not keep the stream open.
#[derive(Clone)]
pub struct StopHandle {
    shared: Arc<StreamShared>,
    link: EngineLink,
}

impl StopHandle {
    /// As [`Stream::stop`].
    pub fn stop(&self) {
        stop(&self.shared, &self.link);
    }
}

fn stop(shared: &StreamShared, link: &EngineLink) {
    let epoch = shared.transport.stop();
    shared.pump.wake();
    for running in link.running.iter() {
        running.stop(shared.id, epoch);
    }
    link.g2p.wake();
    link.dispatch.wake();
}

/// One ordered listener: utterances are heard one after the other, in the order of [`Stream::speak`].
///
/// Dropping a stream stops it. [`Stream::close`] lets it finish.
pub struct Stream {
    pub(crate) shared: Arc<StreamShared>,
    pub(crate) link: EngineLink,
    pub(crate) format: Format,
    pub(crate) pump: Option<JoinHandle<Result<(), SinkError>>>,
}

impl Stream {
    /// Accepts an utterance. Returns at once; it is heard after those accepted before.
    ///
    /// # Errors
    /// [`EngineError::Prosody`] or [`EngineError::Phonemes`] for what cannot be spoken, [`EngineError::ShutDown`]
    /// when the engine is gone or the sink has failed.
    pub fn speak(&self, utterance: Utterance) -> Result<Speech, EngineError> {
        let Utterance { input, language, voice, prosody, seed, marks } = utterance;
        prosody.check()?;
        self.link.memory.pass()?;
        if self.pump.as_ref().is_none_or(JoinHandle::is_finished) {
            return Err(EngineError::ShutDown);
        }
        let source = match input {
            Input::Text(text) => Source::Text { language, text, pushed: 0 },
            Input::Stream(reader) => Source::Stream { language, reader },
            Input::Phonemes(phonemes) => {
                Source::Clauses(sostenuto_g2p::given_phonemes(&phonemes)?.into_iter())
            }
        };
        let (events_in, events) = bounded(EVENTS);
        let make = |number, epoch| SpokenUtterance {
            number,
            epoch,
            accepted: self.link.clock.now(),
            voice,
            prosody,
            seed,
            wants_marks: marks,
            marks: Mutex::default(),
            events: events_in,
            fragments: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        };
        let spoken = self.shared.accept(make, |spoken| {
            let command = G2pCommand::Speak { shared: Arc::clone(&self.shared), spoken, source };
            self.link.commands.send(command).map_err(|_| EngineError::ShutDown)
        })?;
        self.link.g2p.wake();
        Ok(Speech::new(events, spoken))
    }

    /// Both ends of a text that is written while it is spoken.
    pub fn text(&self) -> (TextWriter, TextReader) {
        text_channel(self.link.g2p.clone())
    }

    /// Silences the stream: everything accepted so far is dropped, a running inference is ended, and the sink falls
    /// silent within 20 ms. Returns at once; each utterance's [`Speech`] tells when it is silent.
    ///
    /// The stream stays usable.
    pub fn stop(&self) {
        stop(&self.shared, &self.link);
    }

    /// A handle by which another thread can stop the stream.
    pub fn stop_handle(&self) -> StopHandle {
        StopHandle { shared: Arc::clone(&self.shared), link: self.link.clone() }
    }

    /// Sets the volume, a factor from 0 to 2 ([`VOLUME_RANGE`](sostenuto_playback::VOLUME_RANGE)); what lies outside is
    /// the nearest inside. Heard within about 120 ms, without a click, also of what is being spoken; loud peaks are
    /// held below full scale.
    pub fn set_volume(&self, volume: f32) {
        self.shared.transport.set_volume(volume);
    }

    /// What the sink is fed with.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The counters so far.
    pub fn stats(&self) -> StreamStats {
        self.shared.stats()
    }

    /// Waits until everything accepted has been heard, and closes the sink.
    ///
    /// # Errors
    /// Why the sink failed, if it did, or could not finish what it wrote.
    pub fn close(mut self) -> Result<(), EngineError> {
        self.shared.closing.store(true, Ordering::Release);
        self.shared.pump.wake();
        match self.pump.take().map(JoinHandle::join) {
            Some(Ok(result)) => result.map_err(EngineError::Sink),
            Some(Err(_)) | None => Err(EngineError::ShutDown),
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.pump.is_some() {
            self.stop();
            self.shared.closing.store(true, Ordering::Release);
            self.shared.pump.wake();
        }
    }
}
