//! espeak-ng 1.52, GPL-3.0-or-later: for unknown English words, and for Spanish, French, Italian, Portuguese and Hindi.
//!
//! A program that is built with this is under the GPL as a whole.

mod assignment;
mod data;
mod error;
mod ffi;
mod marks;
mod pronouncer;
mod sounds;
mod voice;
mod word;

pub use error::EspeakError;
pub use pronouncer::EspeakPronouncer;
pub use word::EspeakWord;
