//! One ordered listener, as its owner holds it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use sostenuto_playback::{Format, MonotonicClock, PumpStats, SinkError};

use crate::EngineError;
use crate::event_queue::EventQueue;
use crate::governor::MemoryLimits;
use crate::marks::MarkTable;
use crate::memory::resident_bytes;
use crate::meters::StreamStats;
use crate::shared::StreamShared;
use crate::speech::{Speech, SpokenUtterance};
use crate::stage::g2p::{G2pCommand, Source};
use crate::stage::running::Running;
use crate::utterance::{Input, TextReader, TextWriter, Utterance, text_channel};
use crate::waker::Waker;

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

/// Stops, pauses and watches a stream, from any thread. Does not keep the stream open.
#[derive(Clone)]
pub struct StreamControl {
    shared: Arc<StreamShared>,
    link: EngineLink,
}

impl StreamControl {
    pub(crate) fn new(shared: Arc<StreamShared>, link: EngineLink) -> Self {
        Self { shared, link }
    }

    /// As [`Stream::stop`].
    pub fn stop(&self) {
        let epoch = self.shared.transport.stop();
        self.shared.pump.wake();
        for running in self.link.running.iter() {
            running.stop(self.shared.id, epoch);
        }
        self.link.g2p.wake();
        self.link.dispatch.wake();
    }

    /// As [`Stream::pause`].
    pub fn pause(&self) {
        self.set_paused(true);
    }

    /// As [`Stream::resume`].
    pub fn resume(&self) {
        self.set_paused(false);
    }

    fn set_paused(&self, paused: bool) {
        self.shared.transport.set_paused(paused);
        // Both reckon with when the listener runs dry.
        self.shared.pump.wake();
        self.link.dispatch.wake();
    }

    /// Whether the stream is paused.
    pub fn is_paused(&self) -> bool {
        self.shared.transport.is_paused()
    }

    /// As [`Stream::drain`].
    pub fn drain(&self) {
        self.shared.drain(None);
    }

    /// As [`Stream::drain_within`].
    pub fn drain_within(&self, timeout: Duration) -> bool {
        self.shared.drain(Instant::now().checked_add(timeout))
    }

    /// As [`Stream::stats`].
    pub fn stats(&self) -> StreamStats {
        self.shared.stats()
    }

    /// What playback counts, in more detail than [`stats`](Self::stats).
    pub fn playback_stats(&self) -> PumpStats {
        self.shared.meters.pump()
    }
}

/// One ordered listener: utterances are heard one after the other, in the order of [`Stream::speak`].
///
/// | call | what is heard | what was accepted | afterwards |
/// | --- | --- | --- | --- |
/// | [`stop`](Self::stop) | fades out within 20 ms | ends as stopped, once each | the stream speaks what is accepted then |
/// | [`pause`](Self::pause) | fades out, and holds at the sample where it is | waits | [`resume`](Self::resume) goes on from there |
/// | [`TextWriter::flush`] | goes on | what was written of a text is spoken without waiting for more | more may be written |
/// | [`drain`](Self::drain) | goes on | is heard to its end, and ends as finished, once each | the stream speaks on |
/// | [`close`](Self::close) | goes on | as with `drain` | the stream is gone |
///
/// Dropping a stream stops it. [`Stream::close`] lets it finish.
pub struct Stream {
    control: StreamControl,
    format: Format,
    pump: Option<JoinHandle<Result<(), SinkError>>>,
}

impl Stream {
    pub(crate) fn new(
        control: StreamControl,
        format: Format,
        pump: JoinHandle<Result<(), SinkError>>,
    ) -> Self {
        Self { control, format, pump: Some(pump) }
    }

    /// Accepts an utterance. Returns at once; it is heard after those accepted before, and on a paused stream after
    /// [`Stream::resume`].
    ///
    /// # Errors
    /// [`EngineError::Prosody`] or [`EngineError::Phonemes`] for what cannot be spoken, [`EngineError::ShutDown`]
    /// when the engine is gone or the sink has failed.
    pub fn speak(&self, utterance: Utterance) -> Result<Speech, EngineError> {
        let StreamControl { shared, link } = &self.control;
        let Utterance { input, language, voice, prosody, seed, marks, events } = utterance;
        prosody.check()?;
        link.memory.pass()?;
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
        let make = |number, epoch| SpokenUtterance {
            number,
            epoch,
            clock: link.clock,
            accepted: link.clock.now(),
            voice,
            prosody,
            seed,
            wants_marks: marks || events.marks,
            tells_marks: events.marks,
            marks: Mutex::new(MarkTable::new(marks)),
            // Beside marks there is one event to be read before the last.
            events: EventQueue::new(if events.marks { events.unread } else { 1 }),
            fragments: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        };
        let spoken = shared.accept(make, |spoken| {
            let command = G2pCommand::Speak { shared: Arc::clone(shared), spoken, source };
            link.commands.send(command).map_err(|_| EngineError::ShutDown)
        })?;
        link.g2p.wake();
        Ok(Speech::new(spoken))
    }

    /// Both ends of a text that is written while it is spoken.
    pub fn text(&self) -> (TextWriter, TextReader) {
        text_channel(self.control.link.g2p.clone())
    }

    /// Silences the stream: everything accepted so far is dropped, a running inference is ended, and the sink falls
    /// silent within 20 ms, by a fade of 5 ms. Returns at once; each utterance's [`Speech`] tells, once, that it was
    /// stopped, when it is silent. No sample of what was stopped is ever heard again.
    ///
    /// It ends a pause: what was held is dropped with the rest. The stream stays usable, and what is accepted after the
    /// stop is spoken.
    pub fn stop(&self) {
        self.control.stop();
    }

    /// Holds the sound at the sample where it is, by a fade of 5 ms. Nothing is dropped: utterances may still be
    /// accepted, and what was accepted is made ready as far as there is room. No event happens, because nothing is
    /// heard, but those of samples that the device had already taken.
    pub fn pause(&self) {
        self.control.pause();
    }

    /// Lets the sound go on from the sample at which [`Stream::pause`] held it.
    pub fn resume(&self) {
        self.control.resume();
    }

    /// Whether the stream is paused.
    pub fn is_paused(&self) -> bool {
        self.control.is_paused()
    }

    /// Waits until everything accepted before the call is over: heard to its last sample, stopped, or failed. Each
    /// [`Speech`] has had its last event then. On a paused stream it waits for another thread to resume or stop.
    pub fn drain(&self) {
        self.control.drain();
    }

    /// As [`Stream::drain`], for so long at most; returns whether everything is over.
    pub fn drain_within(&self, timeout: Duration) -> bool {
        self.control.drain_within(timeout)
    }

    /// A handle by which another thread can stop, pause and watch the stream.
    pub fn control(&self) -> StreamControl {
        self.control.clone()
    }

    /// Sets the volume, a factor from 0 to 2 ([`VOLUME_RANGE`](sostenuto_playback::VOLUME_RANGE)); what lies outside is
    /// the nearest inside. Heard within about 120 ms, without a click, also of what is being spoken; loud peaks are
    /// held below full scale.
    pub fn set_volume(&self, volume: f32) {
        self.control.shared.transport.set_volume(volume);
    }

    /// Sets the rate at which speech is played, a factor from 0.5 to 4
    /// ([`RATE_RANGE`](sostenuto_playback::RATE_RANGE)): 2 is twice as fast, at the same pitch. What lies outside is the
    /// nearest inside. Heard within about 120 ms, also of what is being spoken; marks stay at their words.
    pub fn set_rate(&self, rate: f32) {
        self.control.shared.transport.set_rate(rate);
    }

    /// What the sink is fed with.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The counters so far. It stops nobody, and may be asked for as often as one likes.
    pub fn stats(&self) -> StreamStats {
        self.control.stats()
    }

    /// Waits until everything accepted has been heard, and closes the sink. Ends a pause.
    ///
    /// # Errors
    /// Why the sink failed, if it did, or could not finish what it wrote.
    pub fn close(mut self) -> Result<(), EngineError> {
        self.control.resume();
        self.end();
        match self.pump.take().map(JoinHandle::join) {
            Some(Ok(result)) => result.map_err(EngineError::Sink),
            Some(Err(_)) | None => Err(EngineError::ShutDown),
        }
    }

    /// Lets the pump end once it has nothing left to play.
    fn end(&self) {
        self.control.shared.closing.store(true, Ordering::Release);
        self.control.shared.pump.wake();
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.pump.is_some() {
            self.stop();
            self.end();
        }
    }
}
