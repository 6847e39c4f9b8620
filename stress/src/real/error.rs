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
    /// Change the scenario's sink, or run it as a simulation.
    #[error("the fault {fault} needs a sink that is {needs}; change the scenario's sink, or simulate it")]
    Unfit {
        /// Which fault.
        fault: &'static str,
        /// Kinds of sink that have it.
        needs: &'static str,
    },
    /// Let one stream speak to the sound server.
    #[error("a sound server of the scenario's own takes one stream")]
    Crowded,
    /// Install it, or change the scenario's sink.
    #[error("the scenario needs a sound server of its own: {0}; install pulseaudio and pulseaudio-utils")]
    NoServer(std::io::Error),
    /// See why; the log of the server is gone with it.
    #[error("the sound server failed: {0}")]
    Server(std::io::Error),
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
