//! What the native session takes from the heap while it speaks.
//!
//! Only what Rust code takes on the thread that calls is counted: the runtime has allocators of its own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the tests of the sessions use the rest")]
mod cache;

use std::sync::Arc;

use assert_no_alloc::{AllocDisabler, assert_no_alloc, reset_violation_count, violation_count};
use sostenuto_inference::assets::Cache;
use sostenuto_inference::{Fragment, Models, Native, Prosody, SessionKind, Synthesizer, Voice};

#[global_allocator]
static COUNTED: AllocDisabler = AllocDisabler;

const WORDS: &str = "wˌɛn ðə sˈʌn";
const CLAUSE: &str = "wˌɛn ðə sˈʌn wˈɛnt dˌWn bəhˈInd ðə hˈɪlz,";
/// A run's inputs and outputs as the runtime's binding wraps them, and the durations that are handed out.
const A_FEW: u32 = 100;

fn allocations(session: &mut Native, phonemes: &str, voice: &Arc<Voice>) -> u32 {
    let voice = Arc::clone(voice);
    let fragment = Fragment { phonemes: phonemes.into(), voice, prosody: Prosody::default(), seed: 0 };
    reset_violation_count();
    let spoken = assert_no_alloc(|| session.synthesize(&fragment, &mut |_: &[f32]| {}));
    let count = violation_count();
    spoken.unwrap();
    count
}

#[test]
fn a_fragment_no_longer_than_one_before_takes_no_memory_for_its_samples() {
    if cache::runtime().is_none() || cache::kokoro_int8().is_none() || cache::voice("af_heart").is_none() {
        return;
    }
    let models = Models::new(Cache::of_user().unwrap()).unwrap();
    let voice = models.voice("af_heart", SessionKind::Quality).unwrap();
    let mut session = models.native_session(1).unwrap();
    let first = allocations(&mut session, CLAUSE, &voice);
    let (short, long) = (allocations(&mut session, WORDS, &voice), allocations(&mut session, CLAUSE, &voice));
    println!("{first} at first, then {short} and {long}");
    assert!(first > long && short == long && long < A_FEW, "{first} at first, then {short} and {long}");
}
