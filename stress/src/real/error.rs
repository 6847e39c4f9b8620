//! Why a scenario cannot be run on this machine.

use sostenuto_engine::EngineError;

/// Why a scenario cannot be run on this machine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RealError {
    /// Name a language that this build reads.
    #[error("none of the languages of the scenario can be read here: {tags}")]
    NoLanguage {
        /// As the scenario names them.
        tags: String,
    },
    /// Fetch the models, or choose another policy; the log tells why.
    #[error("no session could be loaded")]
    NoSession,
    /// Choose another voice, language or policy; the log tells why.
    #[error("nothing came of the first sentence")]
    Mute,
    /// Free some threads.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
    /// It was interrupted before it began.
    #[error("it was interrupted before it began")]
    Interrupted,
    /// As it says.
    #[error(transparent)]
    Engine(#[from] EngineError),
}
