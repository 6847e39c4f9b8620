//! The underrun stress harness: whether a machine, a model and a configuration hold.
//!
//! ```text
//! scenario (TOML) --> sim or real --> run: figures, series, faults that fired --> verdict (profile) --> report
//! ```
//!
//! A [`Scenario`] says what is spoken, with which sessions, into which sink, under which load, and what goes wrong.
//! It is run on a virtual clock or on this machine, and both tell of it in a [`Run`].

pub mod digits;
mod fault;
mod figure;
mod host;
pub mod html;
mod load;
mod moment;
mod policy;
mod profile;
mod recorded;
mod report;
mod run;
mod scenario;
mod series;
mod sink;
mod slope;
mod student_t;
mod text;
#[cfg(test)]
mod trial;
mod unit;
mod utc;
mod verdict;

pub use fault::{Fault, FaultKind, Fired};
pub use figure::{Figure, Figures};
pub use host::Host;
pub use load::{Load, MemoryPressure};
pub use moment::Moment;
pub use profile::{Profile, ProfileError};
pub use report::{Judged, Report, ReportError, SCHEMA};
pub use run::{Mode, Run};
pub use scenario::{Machine, Scenario, Speech};
pub use series::{Fragment, Level, Memory, Series};
pub use sink::SinkKind;
pub use slope::{MemorySlope, memory_slope};
pub use text::TextSource;
pub use unit::Unit;
pub use utc::rfc3339;
pub use verdict::{Check, Verdict, judge};
