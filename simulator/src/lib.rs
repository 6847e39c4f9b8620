//! Stages 2 and 3 of Sostenuto on a virtual clock: hours of speech in seconds, and the same way every time.
//!
//! The planner, the decisions of the dispatcher, the rings, the pump and the renderer are the ones that run in
//! production. What is not is a number: a session is what its fragments cost ([`Simulated`]), a text is clauses of so
//! many tokens that come at a time ([`Cue`]), a device is a clock that asks for frames ([`DeviceModel`]). Samples are
//! coded, so that what was lost, repeated, out of order or stale is known from what was rendered, and not from what
//! anybody counted. What happened is a [`Record`].
//!
//! It does not tell what sessions take from each other's cores, nor how long the pump and the renderer themselves take.

mod clock;
mod coded;
mod costs;
mod delay;
mod device;
mod dispatcher;
mod fate;
mod hearer;
mod lane;
mod late_counts;
mod lateness;
mod listener;
mod pace;
mod playback;
mod record;
mod scatter;
mod script;
mod session;
mod stalls;
mod world;

pub use clock::SimClock;
pub use costs::{Costs, TraceError};
pub use device::{DeviceModel, Incident};
pub use dispatcher::Begun;
pub use fate::Fate;
pub use hearer::Hearer;
pub use lane::{Faults, Mishap};
pub use late_counts::LateCounts;
pub use lateness::Lateness;
pub use listener::{Listening, Stop};
pub use pace::Pace;
pub use playback::Dry;
pub use record::{Ending, Level, Record, Spread};
pub use scatter::Scatter;
pub use script::{Cue, articles, text};
pub use session::{Outcome, Simulated, Worked};
pub use stalls::Stalls;
pub use world::{History, World};
