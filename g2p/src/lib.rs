//! Stage 1 of Sostenuto: text to phonemes.

pub mod clause;
pub mod vocabulary;

mod abbreviation;
mod alignment;
mod cached;
mod clauses;
mod compound;
mod derivation;
#[cfg(feature = "espeak")]
mod espeak;
mod front_end;
mod given_phonemes;
mod guard;
mod language;
mod latin;
mod letter_rules;
mod letter_to_sound;
mod misaki;
mod net;
mod phonemizer;
mod pronouncer;
mod reason;
mod sentence;
mod span_map;
mod symbol_names;
mod unknown_word;

pub use cached::{CacheCounts, Cached};
pub use clause::{Boundary, Clause, Word};
pub use clauses::cut as cut_into_clauses;
#[cfg(feature = "espeak")]
pub use espeak::{EspeakError, EspeakPronouncer, EspeakWord};
pub use front_end::{FrontEnd, Transcription, transcribe};
pub use given_phonemes::{UnknownPhoneme, given_phonemes};
pub use language::{Language, LanguageError};
pub use letter_to_sound::LetterToSound;
pub use misaki::Misaki;
pub use net::{Net, NetError};
pub use phonemizer::{Phonemizer, Pronunciation};
pub use pronouncer::{Given, Pronouncer};
pub use reason::Reason;
pub use sentence::{Segmenter, Sentence};
pub use span_map::SpanMap;
pub use unknown_word::UnknownWord;
