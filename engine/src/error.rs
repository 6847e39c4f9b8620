//! What can go wrong with the engine, told so that the caller knows what to do.

use sostenuto_inference::assets::AssetError;
use sostenuto_inference::{SessionError, VoiceError};
use sostenuto_playback::SinkError;

/// Why the engine cannot do what was asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The system gives no more threads. Free some and start again.
    #[error("cannot start the {stage} thread: {source}")]
    Thread {
        /// The stage's name.
        stage: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The engine has shut down. Start a new one.
    #[error("the engine has shut down")]
    ShutDown,
    /// Ask for a tempo within the range.
    #[error("speed {speed} is outside 0.5 to 2.0")]
    Speed {
        /// What was asked for.
        speed: f32,
    },
    /// Load the voice, or choose one that the session speaks.
    #[error("voice {voice} cannot be spoken by the {session} session; choose one of {choices}")]
    VoiceNotSpoken {
        /// The voice.
        voice: String,
        /// The session that was asked.
        session: &'static str,
        /// Voices that it speaks.
        choices: String,
    },
    /// Choose one of the voices there are.
    #[error("unknown voice '{voice}'; choose one of {choices}")]
    UnknownVoice {
        /// As asked for.
        voice: String,
        /// The voices, joined by commas.
        choices: String,
    },
    /// Correct the phonemes.
    #[error(transparent)]
    Phonemes(#[from] sostenuto_g2p::PhonemesError),
    /// Fetch the assets, or repair them.
    #[error(transparent)]
    Asset(#[from] AssetError),
    /// Fetch the assets, or choose another session.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Fetch the assets, or choose another voice.
    #[error(transparent)]
    Voice(#[from] VoiceError),
    /// Open another sink.
    #[error(transparent)]
    Sink(#[from] SinkError),
}
