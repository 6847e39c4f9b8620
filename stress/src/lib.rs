//! The underrun stress harness: whether a machine, a model and a configuration hold.
//!
//! ```text
//! scenario (TOML) --> sim or real --> run: figures, series, faults that fired --> verdict (profile) --> report
//! ```
//!
//! A [`Scenario`] says what is spoken, with which sessions, into which sink, under which load, and what goes wrong.
//! It is run on a virtual clock or on this machine, and both tell of it in a [`Run`].

mod check;
mod compose;
mod fault;
mod figure;
mod load;
mod percentile;
mod policy;
mod run;
mod scenario;
mod scenario_error;
mod series;
mod shipped;
mod sim;
mod sink;
mod swarm;
mod text;

pub use fault::{Fault, FaultKind, Fired};
pub use figure::{Figure, Figures};
pub use load::{Load, MemoryPressure};
pub use percentile::percentile;
pub use run::{Mode, Run};
pub use scenario::{Machine, Scenario, Speech};
pub use scenario_error::ScenarioError;
pub use series::{Fragment, Level, Memory, Series};
pub use shipped::{SHIPPED, Shipped};
pub use sim::{SimError, simulate};
pub use sink::SinkKind;
pub use swarm::swarm;
pub use text::TextSource;
