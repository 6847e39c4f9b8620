//! The generator's norms, learned per voice.
//!
//! The generator normalises every channel over the whole fragment at 44 sites, so it cannot hand out a sample before
//! it has seen the last frame, unless it knows the mean and the deviation beforehand. They are almost constant for a
//! voice; what moves them is how much of the fragment is silence, and how long it is, which the durations tell before the
//! generator starts. So every fragment that is spoken with its own norms is learned from
//! ([`Learned`]); once there are enough, a plane through them ([`Fit`]) predicts the norms of the next one, and is
//! compared with that fragment's own ([`Figures`]). What has passed is used ([`VoiceNorms`]), compared again now and
//! then, and kept in a file per voice ([`Store`]), to which every process adds what it has learned.
//!
//! Everything here is a pure function of what it is given, but for [`Store`], which reads and writes files, and
//! [`Learner`], which holds one. Nothing here runs a model: sessions do.

mod choice;
mod file;
mod gate;
mod known;
mod learned;
mod learner;
mod seen;
mod shape;
mod silence;
mod store;
mod unkept;
mod voice_norms;

pub use choice::{NormsChoice, UnknownNorms};
pub use gate::{Figures, MOST_LEVEL, MOST_LOG_MEL};
pub use learned::{ENOUGH, Fit, LEAST_SPREAD, Learned};
pub use learner::{Learner, Plan};
pub use shape::{FEWEST_WORDS, Shape, is_predictable};
pub use silence::{silent_share, words};
pub use store::Store;
use unkept::Unkept;
pub use voice_norms::{Gate, NotPassed, VoiceNorms, Way};
