//! The real engine around the doubles.

use std::sync::Arc;

use sostenuto_engine::governor::MemoryLimits;
use sostenuto_engine::{
    Engine, EngineError, EngineOptions, EngineStart, EventOptions, Input, LoadPhonemizer, Policy, Scheduling,
    SessionSpec, Stream, Utterance,
};
use sostenuto_g2p::{Language, Phonemizer};
use sostenuto_inference::{Prosody, Synthesizer, Voice};
use sostenuto_playback::{Format, Freewheel};

use crate::{FakeSynthesizer, Kept, Spelling};

/// An engine that spells and speaks with `session`.
///
/// # Errors
/// As [`EngineStart`].
pub fn engine(session: FakeSynthesizer) -> Result<Engine, EngineError> {
    engine_with(Box::new(session))
}

/// An engine that spells, with any session.
///
/// # Errors
/// As [`EngineStart`].
pub fn engine_with(session: Box<dyn Synthesizer>) -> Result<Engine, EngineError> {
    engine_loading(session, Arc::new(|_| Ok(Arc::new(Spelling) as Arc<dyn Phonemizer>)))
}

/// An engine with any session, whose languages `load` makes.
///
/// # Errors
/// As [`EngineStart`].
pub fn engine_loading(session: Box<dyn Synthesizer>, load: LoadPhonemizer) -> Result<Engine, EngineError> {
    let scheduling = Scheduling { pin: false, priority: false };
    let options = EngineOptions { scheduling, ..EngineOptions::default() };
    EngineStart::new(options, load, Language::EnUs)?.with_session(session)
}

/// An engine that spells, and speaks with `sessions` as `policy` says.
///
/// # Errors
/// As [`EngineStart`].
pub fn engine_of(policy: Policy, sessions: Vec<SessionSpec>) -> Result<Engine, EngineError> {
    engine_within(MemoryLimits::default(), policy, sessions)
}

/// As [`engine_of`], within `memory`.
///
/// # Errors
/// As [`EngineStart`].
pub fn engine_within(
    memory: MemoryLimits,
    policy: Policy,
    sessions: Vec<SessionSpec>,
) -> Result<Engine, EngineError> {
    let scheduling = Scheduling { pin: false, priority: false };
    let options = EngineOptions { scheduling, policy, memory, ..EngineOptions::default() };
    let load: LoadPhonemizer = Arc::new(|_| Ok(Arc::new(Spelling) as Arc<dyn Phonemizer>));
    EngineStart::new(options, load, Language::EnUs)?.with_sessions(sessions)
}

/// An utterance of `input` at tempo 1, whose parts `seed` decides.
pub fn utterance(input: Input, seed: u64) -> Utterance {
    let voice = Arc::new(Voice::named("fake"));
    let (language, prosody, events) = (Language::EnUs, Prosody::default(), EventOptions::default());
    Utterance { input, language, voice, prosody, seed, marks: false, events }
}

/// A stream on a freewheel sink, and what is heard on it.
pub struct Voiced {
    /// The stream.
    pub stream: Stream,
    /// What left the sink.
    pub kept: Kept,
}

impl Voiced {
    /// Opens a stream of `engine` that takes blocks of 50 ms.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn open(engine: &Engine) -> Result<Self, EngineError> {
        Self::open_in(engine, Format::NATIVE)
    }

    /// Opens a stream of `engine` whose sink has `format`.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn open_in(engine: &Engine, format: Format) -> Result<Self, EngineError> {
        let kept = Kept::default();
        let writer = kept.clone();
        let stream = engine.open(|_, _| Ok(Box::new(Freewheel::into_writer(format, writer))))?;
        Ok(Self { stream, kept })
    }
}
