//! A build with a planted bug fails the scenario that is there to find it. Runs with the feature `sabotage` only.
#![cfg(feature = "sabotage")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sostenuto_engine::EngineOptions;
use sostenuto_g2p::Phonemizer;
use sostenuto_inference::Voice;
use sostenuto_playback::Bug;
use sostenuto_stress::real::{self, RealOptions, Tone};
use sostenuto_stress::{Figure, Judged, Profile, Scenario, simulate};
use sostenuto_tests::Spelling;

/// One bug is planted at a time, for the whole process.
static GARDEN: Mutex<()> = Mutex::new(());

struct Planted(#[expect(dead_code, reason = "held, not read")] MutexGuard<'static, ()>);

impl Planted {
    fn new(bug: Option<Bug>) -> Self {
        let alone = GARDEN.lock().unwrap_or_else(PoisonError::into_inner);
        Bug::weed();
        if let Some(bug) = bug {
            bug.plant();
        }
        Self(alone)
    }
}

impl Drop for Planted {
    fn drop(&mut self) {
        Bug::weed();
    }
}

/// The figures of `scenario` that are beyond their limits with `bug` in the build.
fn failures(scenario: &str, bug: Option<Bug>) -> BTreeSet<Figure> {
    let _planted = Planted::new(bug);
    let run = simulate(&Scenario::find(scenario).unwrap()).unwrap();
    let judged = Judged::new(run, &Profile::find("stable").unwrap(), String::new());
    let failures = judged.verdict.failures().map(|check| check.figure).collect();
    println!("{scenario}, {bug:?}: {failures:?}");
    failures
}

/// What `bug` adds to the failures of `scenario`.
fn added(scenario: &str, bug: Bug) -> BTreeSet<Figure> {
    let without = failures(scenario, None);
    assert!(without.is_empty(), "{scenario} fails without any bug: {without:?}");
    failures(scenario, Some(bug))
}

#[test]
fn a_pump_that_skips_the_epoch_check_is_heard_to_speak_what_was_stopped() {
    assert!(added("fault-barge-in", Bug::SkipEpochCheck).contains(&Figure::StaleSamples));
}

#[test]
fn a_renderer_that_sleeps_in_the_callback_takes_too_long() {
    let _planted = Planted::new(Some(Bug::SleepInCallback));
    let scenario = Scenario { real_seconds: 2.0, ..Scenario::find("steady-words").unwrap() };
    let tone = |kind| Tone::at_rtf(kind, 0.02).spec();
    let options = RealOptions {
        engine: EngineOptions { policy: scenario.speech.policy, ..EngineOptions::default() },
        sessions: scenario.speech.policy.kinds().iter().copied().map(tone).collect(),
        voice: Arc::new(Voice::named("tone")),
        language: "en-US".parse().unwrap(),
        load: Arc::new(|_| Ok(Arc::new(Spelling) as Arc<dyn Phonemizer>)),
        readers: None,
        seconds: None,
        interrupted: Arc::default(),
    };
    let run = real::run(&scenario, options, &mut |_| {}).unwrap();
    let judged = Judged::new(run, &Profile::find("stable").unwrap(), String::new());
    let failures: BTreeSet<_> = judged.verdict.failures().map(|check| check.figure).collect();
    assert!(failures.contains(&Figure::CallbackTimeP99Us), "{:?}", judged.run.figures);
}

#[test]
fn a_pump_that_drops_a_chunk_is_missed_its_samples() {
    assert!(added("steady-article", Bug::DropChunk).contains(&Figure::LostSamples));
}

#[test]
fn a_pump_that_leaks_its_buffers_is_missed_them() {
    assert!(added("steady-article", Bug::LeakBuffer).contains(&Figure::MissingBuffers));
}
