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
mod engine;
mod error;
mod join;
mod marks;
mod memory;
mod meters;
pub mod planner;
mod readers;
mod shared;
mod speech;
mod stage;
mod stream;
mod utterance;
mod waker;

pub use calibration::Calibration;
pub use engine::{Engine, EngineOptions, EngineStart};
pub use error::EngineError;
pub use join::{SHORTEST_TAIL, join};
pub use marks::{Mark, MarkKind};
pub use memory::peak_rss_mb;
pub use meters::{StageTimes, StreamStats};
pub use readers::{Readers, ReadingError, ReadingOptions, UnknownWords};
pub use sostenuto_g2p as g2p;
pub use sostenuto_inference as inference;
pub use sostenuto_playback as playback;
pub use speech::{Outcome, Speech, SpeechEvent};
pub use stage::languages::{LoadError, LoadPhonemizer};
pub use stage::{Granted, Scheduling, StageReport, probe_scheduling};
pub use stream::{StopHandle, Stream};
pub use utterance::{Input, TextReader, TextUnwanted, TextWriter, Utterance};
