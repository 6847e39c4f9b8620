//! Stage 2 of Sostenuto: phonemes to audio.

pub mod assets;
mod interrupt;
pub mod synthesizer;

pub use interrupt::Interrupt;
pub use synthesizer::{Fragment, PartSink, SAMPLE_RATE, Synthesis, Synthesizer};
