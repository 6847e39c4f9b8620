//! What can go wrong with the engine, told so that the caller knows what to do.

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
    /// Ask for a prosody within the ranges.
    #[error(transparent)]
    Prosody(#[from] sostenuto_inference::ProsodyError),
    /// Wait until something has been spoken, or raise the limit.
    #[error(
        "{resident_mb} MB of memory are in use, more than the limit of {limit_mb} MB: nothing more is accepted"
    )]
    MemoryLimit {
        /// What is resident, in megabytes (10^6 bytes).
        resident_mb: u64,
        /// The hard limit, in megabytes.
        limit_mb: u64,
    },
    /// Correct the phonemes.
    #[error(transparent)]
    Phonemes(#[from] sostenuto_g2p::UnknownPhoneme),
    /// The session cannot speak a fragment; it can speak the next.
    #[error(transparent)]
    Synthesis(#[from] sostenuto_inference::SynthesisError),
    /// Choose another language, or fetch what it is read with.
    #[error("{language} cannot be read: {reason}")]
    Language {
        /// The utterance's.
        language: sostenuto_g2p::Language,
        /// Why, for people.
        reason: String,
    },
    /// Give the whole text at once, or speak on a stream.
    #[error("an offline call takes whole texts, and this one is still being written")]
    NotWhole,
    /// Open another sink.
    #[error(transparent)]
    Sink(#[from] SinkError),
}
