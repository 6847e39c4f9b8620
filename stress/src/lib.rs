//! The underrun stress harness: whether a machine, a model and a configuration hold.
//!
//! ```text
//! scenario (TOML) --> sim or real --> run: figures, series, faults that fired --> verdict (profile) --> report
//! ```
//!
//! A [`Scenario`] says what is spoken, with which sessions, into which sink, under which load, and what goes wrong.
//! It is run on a virtual clock or on this machine, and both tell of it in a [`Run`].

mod baseline;
pub mod bench;
mod check;
mod compare;
mod compose;
mod derived;
pub mod digits;
mod fault;
mod figure;
mod fnv;
mod host;
pub mod html;
mod live;
mod load;
mod moment;
mod percentile;
mod policy;
mod profile;
pub mod real;
mod recorded;
mod report;
mod run;
mod scenario;
mod scenario_error;
#[cfg(test)]
mod schema_page;
mod series;
mod shipped;
mod sim;
mod sink;
mod slope;
mod student_t;
mod swarm;
mod table;
mod text;
mod told;
mod toml_table;
#[cfg(test)]
mod trial;
mod unit;
mod utc;
mod verdict;

pub use baseline::{BaselineError, baseline_here, baseline_path, keep_baseline, read_baseline};
pub use compare::{Change, Comparison, Pair, RunKey, Trend, compare};
pub use fault::{Fault, FaultKind, Fired};
pub use figure::{Figure, Figures};
pub use host::Host;
pub use live::{Live, redrawn};
pub use load::{Load, MemoryPressure};
pub use moment::Moment;
pub use percentile::percentile;
pub use profile::{Profile, ProfileError};
pub use report::{Judged, Report, ReportError, SCHEMA};
pub use run::{Mode, Run};
pub use scenario::{Machine, Scenario, Speech};
pub use scenario_error::ScenarioError;
pub use series::{Fragment, Level, Memory, Series};
pub use shipped::{SHIPPED, Shipped};
pub use sim::{SimError, simulate};
pub use sink::SinkKind;
pub use slope::{MemorySlope, memory_slope};
pub use swarm::swarm;
pub use table::{Side, Table};
pub use text::TextSource;
pub use told::{run_line, run_text, sum_line, word};
pub use unit::Unit;
pub use utc::rfc3339;
pub use verdict::{Check, Verdict, judge};
