//! Stops at random moments of real inferences: the session stays usable, says the same as before, and keeps nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use sostenuto_engine::resident_bytes;
use sostenuto_inference::assets::Cache;
use sostenuto_inference::{
    DEFAULT_VOICE, Fragment, Interrupt, Models, Prosody, SessionKind, SynthesisError, Synthesizer,
};
use sostenuto_tests::{Scatter, fetched};

/// "We came, we saw it all."
const PHONEMES: &str = "wˌi kˈAm, wˌi sˈɔ ɪt ˈɔl.";
/// What may be kept for ever, in bytes.
const GROWTH: u64 = 5_000_000;

/// Raises an interrupt after each of the delays that it is sent.
fn stopper(interrupt: Interrupt) -> mpsc::Sender<Duration> {
    let (delays, asked) = mpsc::channel::<Duration>();
    std::thread::spawn(move || {
        for delay in asked {
            std::thread::sleep(delay);
            interrupt.raise();
        }
    });
    delays
}

fn speak(session: &mut dyn Synthesizer, fragment: &Fragment) -> Result<Vec<f32>, SynthesisError> {
    let mut audio = Vec::new();
    session.synthesize(fragment, &mut |part: &[f32]| audio.extend_from_slice(part))?;
    Ok(audio)
}

fn stop_at_random(kind: SessionKind, needed: &[&str], stops: usize) {
    // The memory of the process is looked at, so one at a time.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    if needed.iter().any(|name| fetched(name).is_none()) {
        return;
    }
    let models = Models::new(Cache::of_user().unwrap()).unwrap();
    let voice = models.voice(DEFAULT_VOICE, kind).unwrap();
    let mut session = models.session(kind, DEFAULT_VOICE, 2).unwrap();
    let fragment = Fragment {
        phonemes: PHONEMES.into(),
        voice: Arc::clone(&voice),
        prosody: Prosody::default(),
        seed: 7,
    };
    let interrupt = session.interrupt();
    let before = speak(&mut *session, &fragment).unwrap();
    let started = Instant::now();
    assert!(speak(&mut *session, &fragment).unwrap() == before, "{kind}: it does not repeat itself");
    let whole = started.elapsed();

    let (delays, mut scatter) = (stopper(interrupt.clone()), Scatter::new(1));
    let (mut interrupted, mut settled) = (0, None);
    for n in 0..stops {
        if n == stops / 10 {
            settled = resident_bytes();
        }
        interrupt.clear();
        delays.send(whole.mul_f64(scatter.share())).unwrap();
        match speak(&mut *session, &fragment) {
            Err(SynthesisError::Interrupted) => interrupted += 1,
            Ok(samples) => assert!(samples == before, "{kind}: other samples at stop {n}"),
            Err(error) => panic!("{kind}: {error}"),
        }
        // The stop that is meant for this fragment must not reach the next.
        while !interrupt.is_raised() {
            std::thread::yield_now();
        }
    }
    let grown = resident_bytes().zip(settled).map(|(end, settled)| end.saturating_sub(settled));
    println!("{kind}: {interrupted} of {stops} interrupted, {grown:?} bytes grown");
    assert!(interrupted > stops / 4, "{kind}: only {interrupted} interrupted");
    assert!(grown.is_none_or(|grown| grown < GROWTH), "{kind}: grown by {grown:?} bytes");
    interrupt.clear();
    assert!(speak(&mut *session, &fragment).unwrap() == before, "{kind}: it says something else afterwards");
}

#[test]
fn a_thousand_stops_leave_the_fast_session_as_it_was() {
    stop_at_random(SessionKind::Fast, &["onnxruntime", "kokoro-distilled-heart"], 1_000);
}

#[test]
fn a_hundred_stops_leave_the_quality_session_as_it_was() {
    stop_at_random(SessionKind::Quality, &["onnxruntime", "kokoro", "voice/af_heart"], 100);
}
