//! What can go wrong in stage 2, told so that the caller knows what to do next.

use std::path::PathBuf;

/// One fragment could not be spoken. The session stays usable.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SynthesisError {
    /// The interrupt was raised: nobody wants this fragment any more. Clear it before the next fragment.
    #[error("interrupted")]
    Interrupted,
    /// Give the fragment to a session whose [`voices`](crate::Synthesizer::voices) include the voice.
    #[error("the {session} session does not speak voice {voice}")]
    VoiceNotSpoken {
        /// The session's name.
        session: &'static str,
        /// The voice that was asked for.
        voice: String,
    },
    /// The voice has a name but no style pack; load it from its file.
    #[error("voice {voice} has no style pack")]
    VoiceWithoutPack {
        /// The voice that was asked for.
        voice: String,
    },
    /// Leave the symbol out, or map it to one of the vocabulary's.
    #[error("{symbol:?} is not in the vocabulary")]
    UnknownSymbol {
        /// The first symbol that has no token.
        symbol: char,
    },
    /// There is nothing to speak: skip the fragment.
    #[error("the fragment has no phonemes")]
    Empty,
    /// Cut the fragment.
    #[error("the fragment has {tokens} tokens, and a session takes at most {limit}")]
    TooLong {
        /// Tokens without the two pads.
        tokens: usize,
        /// The most that a session takes.
        limit: usize,
    },
    /// Ask for a prosody inside the ranges.
    #[error(transparent)]
    Prosody(#[from] crate::ProsodyError),
    /// The model left the range of numbers for this input; nothing more of the fragment is handed out.
    #[error("the {session} session produced a sample that is not a number")]
    NotFinite {
        /// The session's name.
        session: &'static str,
    },
    /// The model's file is not the one that this session was written for.
    #[error("the {session} model's output {output} is not as expected: {found}")]
    UnexpectedOutput {
        /// The session's name.
        session: &'static str,
        /// The output's name.
        output: &'static str,
        /// What came instead.
        found: String,
    },
    /// Learn the voice ahead, or let it be spoken with its own norms meanwhile (`--norms auto`).
    #[error(
        "predicted norms are wanted, and those of {voice} have not passed their check: run `sostenuto models learn \
         --voice '{voice}'`, or choose --norms auto"
    )]
    NormsNotLearned {
        /// The voice that was asked for.
        voice: String,
    },
    /// The runtime refused this fragment.
    #[error("the {session} session failed: {source}")]
    Runtime {
        /// The session's name.
        session: &'static str,
        /// The runtime's own words.
        source: ort::Error,
    },
}

/// A session, or the library under it, could not be made ready.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// Fetch the library (`sostenuto assets fetch`), or name the right file.
    #[error("cannot load ONNX Runtime from {}: {reason}; fetch the assets, or name another library", path.display())]
    Library {
        /// The library that was tried.
        path: PathBuf,
        /// Why it does not serve.
        reason: String,
    },
    /// A process can hold one ONNX Runtime: use the same library for every session.
    #[error("ONNX Runtime is already loaded from {}, so {} cannot be", loaded.display(), asked.display())]
    LibraryConflict {
        /// The library this process runs on.
        loaded: PathBuf,
        /// The library that was asked for now.
        asked: PathBuf,
    },
    /// Fetch the model again, or name the right file.
    #[error("cannot read {}: {source}; fetch the assets, or name another file", path.display())]
    Unreadable {
        /// The model's file.
        path: PathBuf,
        /// The system's own words.
        source: std::io::Error,
    },
    /// The file is not the model that this session was written for.
    #[error("{} is not a model that this session can run: {source}", path.display())]
    Graph {
        /// The model's file.
        path: PathBuf,
        /// What is wrong with the graph.
        source: crate::graph::GraphError,
    },
    /// The file is not the model that this session was written for: name the right file, or fetch the assets again.
    #[error("{}: {port} should be {expected} and is {found}", path.display())]
    Interface {
        /// The model's file.
        path: PathBuf,
        /// Which input or output.
        port: String,
        /// The type and shape that the session needs.
        expected: String,
        /// What the graph has there.
        found: String,
    },
    /// The runtime would not build a session from the model.
    #[error("ONNX Runtime cannot build a session from {}: {source}", path.display())]
    Build {
        /// The model's file.
        path: PathBuf,
        /// The runtime's own words.
        source: ort::Error,
    },
    /// Use the provider that the error names with the feature it names, or another provider.
    #[error(transparent)]
    NotBuilt(#[from] crate::ProviderNotBuilt),
    /// The runtime is at fault: sessions are built from the graph as it is.
    #[error("the {session} session does not speak alike from its optimised graph")]
    OptimisedOtherwise {
        /// The session's name.
        session: &'static str,
    },
    /// The file is damaged, or another version's; it is made anew when it was deleted.
    #[error("{}: {source}", path.display())]
    Weights {
        /// The file of the generator's weights.
        path: PathBuf,
        /// What is wrong with it.
        source: crate::generator::WeightsError,
    },
    /// Ask for an instruction set that this machine has, or for none.
    #[error(transparent)]
    Isa(#[from] crate::kernels::IsaError),
    /// Ask for the native form in float.
    #[error("native-int8 needs an instruction set with 8-bit products (AVX-512 VNNI), and here it is {isa}")]
    NoInt8 {
        /// The instruction set that is used.
        isa: crate::kernels::Isa,
    },
    /// Fetch one of the voices that it is tried with: `af_heart`, `am_michael`, `bf_emma`, `bm_george`.
    #[error("the int8 form cannot be tried out: none of its voices is fetched")]
    NobodySpeaks,
    /// The file that says what is computed in integers is not what was written: delete it.
    #[error("the plan of the int8 form cannot be read or written: {source}")]
    Int8Plan {
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The system is short of threads: close other programs, or ask for fewer threads.
    #[error("the generator's threads cannot be started: {0}")]
    Threads(std::io::Error),
    /// Choose another provider, or another library.
    #[error("no provider runs the session: {reasons}")]
    NoProvider {
        /// What each one said.
        reasons: String,
    },
    /// The session was built, but does not speak; the model does not fit this machine or this library.
    #[error("the session does not run: {0}")]
    WarmUp(#[from] SynthesisError),
}

/// A voice could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VoiceError {
    /// Fetch the voice, or name the right file.
    #[error("cannot read voice {}: {source}", path.display())]
    Unreadable {
        /// The voice pack's file.
        path: PathBuf,
        /// The system's own words.
        source: std::io::Error,
    },
    /// The file is cut short or is no voice pack: fetch it again.
    #[error("{} has {found} bytes, a voice pack has {expected}; fetch it again", path.display())]
    WrongLength {
        /// The voice pack's file.
        path: PathBuf,
        /// Bytes in the file.
        found: usize,
        /// Bytes in every voice pack.
        expected: usize,
    },
    /// The file holds something that is not a number: fetch it again.
    #[error("{} holds a value that is not a number; fetch it again", path.display())]
    NotFinite {
        /// The voice pack's file.
        path: PathBuf,
    },
}
