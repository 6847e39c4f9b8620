//! Stage 1 of Sostenuto: text to phonemes.

pub mod clause;
pub mod vocabulary;

mod abbreviation;
mod cached;
mod clauses;
mod english;
#[cfg(feature = "espeak")]
mod espeak;
mod fragment_cache;
pub mod fragment_file;
mod front_end;
mod given_phonemes;
mod inline;
mod language;
mod latin;
mod letter_rules;
mod letter_to_sound;
mod net;
mod normalise;
mod numerals;
mod phonemizer;
mod pronouncer;
mod reader;
mod reason;
mod sentence;
mod span_map;
mod symbol_names;
mod unknown_word;
mod user_lexicon;
mod user_marks;
mod version;
mod written;

pub use cached::{CacheCounts, Cached};
pub use clause::{Boundary, Clause, ClauseMark, Word};
pub use clauses::cut as cut_into_clauses;
pub use english::{English, Options as EnglishOptions};
#[cfg(feature = "espeak")]
pub use espeak::{EspeakError, EspeakPronouncer, EspeakWord};
pub use fragment_cache::{CacheStats, FragmentCache};
pub use front_end::{FrontEnd, SentencesRead, Transcription, transcribe};
pub use given_phonemes::{UnknownPhoneme, given_phonemes};
pub use language::{Language, LanguageError};
pub use letter_to_sound::LetterToSound;
pub use net::{Net, NetError};
pub use normalise::{Emoji, Normalised, Normaliser, Rule};
pub use phonemizer::{Phonemizer, Pronunciation};
pub use pronouncer::{Given, Pronouncer};
pub use reader::{Explanation, Reader};
pub use reason::Reason;
pub use sentence::{Segmenter, Sentence};
pub use span_map::SpanMap;
pub use unknown_word::UnknownWord;
pub use user_lexicon::{UserLexicon, UserLexiconError};
pub use written::markup_in;
