//! Fragments that are heard while they are being spoken, through the real engine: whole and in order, by the sentence, and
//! silent for good when they are stopped in their midst.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use proptest::prelude::*;
use sostenuto_engine::cost::CostPrior;
use sostenuto_engine::{
    Engine, EngineError, Input, Policy, SessionSpec, SessionState, Speech, SpeechEvent, Stream, Utterance,
};
use sostenuto_inference::SessionKind::{Fast, Quality};
use sostenuto_inference::assets::Cache;
use sostenuto_inference::norms::NormsChoice;
use sostenuto_inference::{
    DEFAULT_VOICE, Form, LARGEST_TILE, Models, Prosody, Ready, SMALLEST_TILE, SessionOptions,
};
use sostenuto_playback::{Format, Paced};
use sostenuto_tests::{
    Calls, FakeSynthesizer, Kept, Read, Voiced, Watchdog, engine, engine_of, engine_with, fetched, utterance,
};

/// Two symbols.
const TILE: usize = 96;
const PACED: Format = Format { period: 240, ..Format::NATIVE };

fn say(stream: &Stream, text: &str, seed: u64) -> Speech {
    stream.speak(utterance(Input::Text(text.into()), seed)).unwrap()
}

fn whole(text: &str) -> Read {
    Read { symbols: text.replace(' ', ""), torn: 0 }
}

fn until(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn paced(engine: &Engine) -> Result<(Stream, Kept), EngineError> {
    let kept = Kept::default();
    let writer = kept.clone();
    let stream = engine.open(|_, _| Ok(Box::new(Paced::into_writer(PACED, writer))))?;
    Ok((stream, kept))
}

fn first_tiles(calls: &Calls) -> Vec<usize> {
    calls.first_tiles.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Four clauses of about 39 symbols each, one sentence.
fn long_sentence() -> String {
    let clause = "one clause of this sentence ends at last";
    let clauses: Vec<&str> = std::iter::repeat_n(clause, 4).collect();
    format!("{}.", clauses.join(", "))
}

/// ORDER-8
#[test]
fn fragments_grow_to_sentences_where_the_session_streams_and_only_there() {
    let _watchdog = Watchdog::over("a long sentence");
    let fragments = |session: FakeSynthesizer, speed| {
        let calls = session.calls();
        let engine = engine(session).unwrap();
        let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
        let text = format!("{} {}", long_sentence(), long_sentence());
        let prosody = Prosody::at_speed(speed);
        let spoken = Utterance { prosody, ..utterance(Input::Text(text.clone()), 0) };
        assert_eq!(stream.speak(spoken).unwrap().wait().end, SpeechEvent::Finished);
        stream.close().unwrap();
        assert_eq!(kept.read(), whole(&text));
        (calls.spoken.load(Ordering::Acquire), first_tiles(&calls))
    };
    let (streaming, tiles) = fragments(FakeSynthesizer::default().streaming(TILE), 1.2);
    let (in_parts, _) = fragments(FakeSynthesizer::default().in_parts(4), 1.2);
    let (too_fast, _) = fragments(FakeSynthesizer::default().streaming(TILE), 1.3);
    assert_eq!(streaming, 2);
    assert!(in_parts > streaming && too_fast > streaming, "{in_parts} {too_fast}");
    assert_eq!(tiles, [LARGEST_TILE; 2], "nobody waits");
}

/// ORDER-8
#[test]
fn who_waits_is_handed_the_smallest_tile_first() {
    let _watchdog = Watchdog::over("a listener in real time");
    let session = FakeSynthesizer::default().streaming(TILE);
    let calls = session.calls();
    let engine = engine(session).unwrap();
    let (stream, kept) = paced(&engine).unwrap();
    assert_eq!(say(&stream, "so it is.", 0).wait().end, SpeechEvent::Finished);
    stream.close().unwrap();
    assert_eq!((kept.read(), first_tiles(&calls)), (whole("so it is."), vec![SMALLEST_TILE]));
}

/// STOP-8
#[test]
fn a_stop_in_the_midst_of_a_fragment_ends_it_and_nothing_of_its_rest_is_heard() {
    let _watchdog = Watchdog::over("a stop in the midst of a fragment");
    let session = FakeSynthesizer::default().streaming(TILE).holding_at('k');
    let calls = session.calls();
    let engine = engine(session).unwrap();
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    for n in 1..=20 {
        let parts = calls.parts.load(Ordering::Acquire);
        let held = say(&stream, "some of this is spoken and the rest is not.", 0);
        until(|| calls.holding.load(Ordering::Acquire));
        assert!(calls.parts.load(Ordering::Acquire) > parts + 5, "nothing of it had been handed out");
        stream.stop();
        assert_eq!(held.wait().end, SpeechEvent::Stopped);
        until(|| calls.interrupted.load(Ordering::Acquire) == n);
    }
    assert_eq!(say(&stream, "after.", 0).wait().end, SpeechEvent::Finished);
    let stats = stream.stats();
    stream.close().unwrap();
    let heard = kept.read().symbols;
    assert!(heard.ends_with("after.") && !heard.contains('k'), "{heard}");
    assert_eq!(stats.failed_fragments, 0);
}

/// STOP-8
#[test]
fn a_session_that_goes_on_after_a_stop_is_not_heard() {
    let _watchdog = Watchdog::over("a session that does not obey");
    let session = FakeSynthesizer::default().streaming(TILE).holding_at('k').deaf();
    let calls = session.calls();
    let engine = engine(session).unwrap();
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    let held = say(&stream, "some of this is spoken and the rest is not.", 0);
    until(|| calls.holding.load(Ordering::Acquire));
    let before = calls.parts.load(Ordering::Acquire);
    stream.stop();
    assert_eq!(held.wait().end, SpeechEvent::Stopped);
    calls.released.store(true, Ordering::Release);
    assert_eq!(say(&stream, "after.", 0).wait().end, SpeechEvent::Finished);
    stream.close().unwrap();
    assert!(calls.parts.load(Ordering::Acquire) > before + 10, "it did not go on");
    let heard = kept.read().symbols;
    assert!(heard.ends_with("after.") && !heard.contains('k'), "{heard}");
}

/// ORDER-8
#[test]
fn a_quality_session_that_streams_and_is_prompt_opens_in_hybrid() {
    let _watchdog = Watchdog::over("an opening of the quality session");
    let prior = CostPrior { c0_s: 0.01, c1_s_per_token: 0.001, spread: 0.25 };
    let quality = FakeSynthesizer::default().streaming(TILE);
    let calls = quality.calls();
    let spec = |kind, session| SessionSpec { prior, ..SessionSpec::ready(kind, Box::new(session)) };
    let sessions = vec![spec(Fast, FakeSynthesizer::default()), spec(Quality, quality)];
    let engine = engine_of(Policy::Hybrid, sessions).unwrap();
    until(|| engine.session_stats().iter().all(|session| session.state == SessionState::Ready));
    let (stream, kept) = paced(&engine).unwrap();
    assert_eq!(say(&stream, "so it is.", 0).wait().end, SpeechEvent::Finished);
    stream.close().unwrap();
    assert_eq!((kept.read(), calls.spoken.load(Ordering::Acquire)), (whole("so it is."), 1));
}

/// ORDER-8
#[test]
fn a_session_that_does_not_tell_whether_it_streams_holds_nobody_up() {
    let _watchdog = Watchdog::over("a session that does not answer");
    let mute = FakeSynthesizer::default().streaming(TILE).mute();
    let calls = mute.calls();
    let sessions = vec![
        SessionSpec::ready(Fast, Box::new(FakeSynthesizer::default())),
        SessionSpec::ready(Quality, Box::new(mute)),
    ];
    let engine = engine_of(Policy::Hybrid, sessions).unwrap();
    until(|| engine.session_stats().iter().all(|session| session.state == SessionState::Ready));
    let (stream, kept) = paced(&engine).unwrap();
    assert_eq!(say(&stream, "so it is.", 0).wait().end, SpeechEvent::Finished);
    calls.released.store(true, Ordering::Release);
    stream.close().unwrap();
    assert_eq!(kept.read(), whole("so it is."));
}

/// ORDER-8
#[test]
fn the_native_generator_is_heard_by_the_sentence_while_it_speaks() {
    if ["onnxruntime", "kokoro", "voice/af_heart"].iter().any(|name| fetched(name).is_none()) {
        return;
    }
    let models = Models::new(Cache::of_user().unwrap()).unwrap();
    let voice = models.voice(DEFAULT_VOICE, Quality).unwrap();
    let options = SessionOptions {
        form: Some(Form::Native),
        norms: NormsChoice::Predicted,
        ..SessionOptions::on_cpu(2)
    };
    let streams =
        |ready: &Ready| ready.form == Form::Native && ready.session.streams(&voice, Prosody::default());
    let Some(ready) = models.load(Quality, DEFAULT_VOICE, &options).ok().filter(streams) else {
        println!("skipped: the norms of {DEFAULT_VOICE} have not been learned here");
        return;
    };
    let _watchdog = Watchdog::over("the native generator");
    let engine = engine_with(ready.session).unwrap();
    let (stream, _) = paced(&engine).unwrap();
    // "The ferry leaves the harbour at nine, and reaches the island before the fog comes."
    let phonemes = "ðə fˈɛɹi lˈivz ðə hˈɑɹbəɹ æt nˈIn, ænd ɹˈiʧᵻz ði ˈIlənd bəfˈɔɹ ðə fˈɑɡ kˈʌmz.";
    for _ in 0..3 {
        let spoken =
            Utterance { voice: Arc::clone(&voice), ..utterance(Input::Phonemes(phonemes.to_owned()), 0) };
        let speech = stream.speak(spoken).unwrap();
        println!("first audio after {:?}", speech.wait_audible());
        assert_eq!(speech.wait().end, SpeechEvent::Finished);
    }
    let stats = stream.stats();
    stream.close().unwrap();
    println!("{} fragments in {} parts, {} underruns", stats.fragments, stats.parts, stats.underruns);
    // How the sentences are cut hangs on how fast this machine is just now; that parts leave early does not.
    assert!(stats.fragments >= 3 && stats.parts > stats.fragments, "{stats:?}");
}

/// Sentences of words of a few letters.
fn any_text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["a", "so", "this", "that", "spoken", "heard"]);
    let clause = prop::collection::vec(word, 1..8).prop_map(|words| words.join(" "));
    let sentence = prop::collection::vec(clause, 1..6).prop_map(|clauses| format!("{}.", clauses.join(", ")));
    prop::collection::vec(sentence, 1..4).prop_map(|sentences| sentences.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// ORDER-1
    #[test]
    fn tiles_of_any_size_are_heard_once_and_in_order(text in any_text(), tile in 1_usize..2_000, seed: u64) {
        let _watchdog = Watchdog::over("tiles of any size");
        let engine = engine(FakeSynthesizer::default().streaming(tile)).unwrap();
        let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
        let end = say(&stream, &text, seed).wait().end;
        stream.close().unwrap();
        prop_assert_eq!((end, kept.read()), (SpeechEvent::Finished, whole(&text)));
    }
}
