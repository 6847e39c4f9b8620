//! The public API of Sostenuto: text in, speech out, through three stages.
//!
//! ```text
//! text -> [g2p] --clauses--> [inference] --chunks--> [pump] --samples--> sink
//! ```
//!
//! Each stage has a thread; bounded single-producer single-consumer rings join them. A full ring stops the stage
//! before it, back to the text, so a book needs no more memory than a sentence. [`Stream::stop`] begins a new epoch:
//! whatever carries an older one is dropped wherever it is met.

pub mod calibration;
mod canvas;
mod captions;
pub mod cast;
mod chunk_faults;
mod config_folder;
pub mod cost;
pub mod cut;
mod engine;
mod error;
mod event_line;
mod event_queue;
pub mod flow;
pub mod fragment_marks;
pub mod governor;
pub mod in_flight;
mod join;
pub mod learning;
pub mod loudness;
mod mark_sheet;
mod marks;
mod memory;
mod meters;
mod offline;
pub mod outlook;
mod placed_marks;
pub mod planner;
pub mod policy;
mod readers;
mod recipe;
mod session;
mod session_stats;
mod shared;
mod speech;
mod speech_event;
mod stage;
pub mod starvation;
mod stream;
pub mod tempo;
pub mod turn;
mod utterance;
mod waker;
pub mod workload;

pub use calibration::Calibration;
pub use captions::{srt, webvtt};
pub use chunk_faults::{ChunkFate, ChunkFaults};
pub use config_folder::config_folder;
pub use engine::{Engine, EngineOptions, EngineStart};
pub use error::EngineError;
pub use event_line::EventLine;
pub use join::{SHORTEST_TAIL, join};
pub use mark_sheet::MarkSheet;
pub use marks::{Mark, MarkKind};
pub use memory::{MemoryByPart, peak_rss_mb, resident_bytes};
pub use meters::{Spread, StageTimes, StreamStats};
pub use offline::{Offline, Synthesis};
pub use policy::{Policy, UnknownPolicy};
pub use readers::{Readers, ReadingError, ReadingOptions, UnknownWords};
pub use recipe::{AudioTrack, RECIPE_DURATION, Recipe, RecipeError};
pub use session::{LoadSession, LoadedSession, SessionSpec, prior};
pub use session_stats::{SessionState, SessionStats};
pub use sostenuto_g2p as g2p;
pub use sostenuto_inference as inference;
pub use sostenuto_playback as playback;
pub use speech::{Outcome, Speech};
pub use speech_event::{EventOptions, Heard, NoEvent, SpeechEvent};
pub use stage::languages::{LoadError, LoadPhonemizer};
pub use stage::{Granted, Scheduling, StageReport, probe_scheduling};
pub use stream::{Stream, StreamControl};
pub use utterance::{Input, TextReader, TextUnwanted, TextWriter, Utterance};
