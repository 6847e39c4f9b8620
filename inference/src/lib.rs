//! Stage 2 of Sostenuto: phonemes to audio.

pub mod assets;
mod blend;
#[cfg(test)]
#[expect(dead_code, reason = "the tests of the sessions use the rest")]
#[path = "../tests/cache/mod.rs"]
mod cache;
mod distilled;
mod error;
pub mod graph;
mod interrupt;
mod kokoro;
mod models;
mod prosody;
mod run;
mod runtime;
pub mod synthesizer;
mod tokens;
mod trim;
mod vocoder;
pub mod voice;

pub use blend::{Blend, BlendError};
pub use distilled::{Distilled, TWINS, Twin};
pub use error::{SessionError, SynthesisError, VoiceError};
pub use interrupt::Interrupt;
pub use kokoro::Kokoro;
pub use models::{DEFAULT_VOICE, Models, ModelsError, NetFiles, SessionKind, UnknownSession, VoiceRow};
pub use prosody::{ENERGY_RANGE, PITCH_RANGE, Prosody, ProsodyError, SPEED_RANGE};
pub use runtime::Runtime;
pub use synthesizer::{Fragment, PartSink, SAMPLE_RATE, Synthesis, Synthesizer, Timing, Voices};
pub use trim::Trim;
pub use voice::{Gender, Voice};
