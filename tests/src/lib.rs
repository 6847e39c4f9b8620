//! Tests that cross the rooms of Sostenuto, and the doubles that stand in for a model, a lexicon and a listener.
//!
//! The doubles are complete: a session whose speech can be read back symbol by symbol, a phonemizer that spells, sinks
//! that stall or render on a thread of their own. What needs models or data that are not there says so and is
//! skipped.

mod callback;
mod corridor;
mod counted;
mod desk;
mod driven;
mod fake_synthesizer;
mod golden;
mod long_text;
mod places;
mod player;
mod program;
mod recording;
mod sound_server;
mod spelling;
mod stalled;
mod symbol_audio;
mod watchdog;

pub use callback::Callback;
pub use corridor::{Voiced, engine, engine_loading, engine_of, engine_with, engine_within, utterance};
pub use counted::{COUNTED_SYMBOL, Counted, Counting, count};
pub use desk::Desk;
pub use driven::Driven;
pub use fake_synthesizer::{Calls, FakeSynthesizer};
pub use golden::assert_golden;
pub use long_text::words;
pub use places::fetched;
pub use player::Player;
pub use program::{Program, Ran};
pub use recording::Recording;
pub use sostenuto_simulator::Scatter;
pub use sostenuto_stress::real::{Recorder, SoundServer};
pub use sound_server::{sound_server, sound_server_with};
pub use spelling::Spelling;
pub use stalled::{Stall, stalled};
pub use symbol_audio::{Kept, LEAD, Read, SYMBOL, read, sample_of};
pub use watchdog::Watchdog;
