//! Stage 2 of Sostenuto: phonemes to audio.

pub mod assets;
mod blend;
#[cfg(test)]
#[path = "../tests/cache/mod.rs"]
mod cache;
pub mod compare;
mod distilled;
mod error;
pub mod fallback;
mod form;
pub mod generator;
pub mod graph;
mod interface;
mod interrupt;
pub mod kernels;
mod kokoro;
mod loaded;
mod loading;
mod mapped;
mod models;
mod native;
pub mod norms;
mod optimised;
mod options;
mod prosody;
mod provider;
mod run;
mod runtime;
pub mod synthesizer;
mod tokens;
mod toom_cook;
mod trim;
mod variant;
mod vocoder;
pub mod voice;

pub use blend::{Blend, BlendError};
pub use distilled::{Distilled, TWINS, Twin};
pub use error::{SessionError, SynthesisError, VoiceError};
pub use fallback::ProviderReport;
pub use form::{Form, UnknownForm};
pub use interrupt::Interrupt;
pub use kokoro::Kokoro;
pub use loading::Ready;
pub use models::{DEFAULT_VOICE, Models, ModelsError, NetFiles, SessionKind, UnknownSession, VoiceRow};
pub use native::{Chosen, Learnt, Native};
pub use options::{MemoryOptions, SessionOptions};
pub use prosody::{ENERGY_RANGE, PITCH_RANGE, Prosody, ProsodyError, SPEED_RANGE};
pub use provider::{CoreMlUnits, Provider, ProviderNotBuilt, UnknownProvider};
pub use runtime::Runtime;
pub use synthesizer::{
    Fragment, LARGEST_TILE, PartSink, SAMPLE_RATE, SMALLEST_TILE, Synthesis, Synthesizer, Timing, Voices,
};
pub use trim::Trim;
pub use variant::{UnknownVariant, Variant};
pub use voice::{Gender, Voice};
