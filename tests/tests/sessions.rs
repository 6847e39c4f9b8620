//! Several sessions behind one dispatcher: who speaks, in which order, and what becomes of the late and the lost.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::Ordering;
use std::time::Duration;

use proptest::prelude::*;
use sostenuto_engine::cost::CostPrior;
use sostenuto_engine::governor::MemoryLimits;
use sostenuto_engine::{
    Engine, EngineError, Input, LoadedSession, MarkKind, Outcome, Policy, SessionSpec, SessionState,
    SessionStats, Speech, SpeechEvent, Stream, Utterance,
};
use sostenuto_inference::SessionKind;
use sostenuto_inference::SessionKind::{Fast, Quality};
use sostenuto_playback::{Format, Paced};
use sostenuto_tests::{
    FakeSynthesizer, Kept, LEAD, Read, SYMBOL, Scatter, Voiced, Watchdog, engine_of, engine_within, utterance,
};

/// A sound card's usual period.
const PACED: Format = Format { rate: 24_000, channels: 1, period: 240 };

/// A session that is believed to cost nothing to speak of.
fn cheap(kind: SessionKind, session: FakeSynthesizer) -> SessionSpec {
    costing(kind, session, 0.001)
}

fn costing(kind: SessionKind, session: FakeSynthesizer, c0_s: f64) -> SessionSpec {
    let prior = CostPrior { c0_s, c1_s_per_token: 1e-5, spread: 0.05 };
    SessionSpec { prior, ..SessionSpec::ready(kind, Box::new(session)) }
}

fn missing(kind: SessionKind) -> SessionSpec {
    let load = Box::new(|| Err::<LoadedSession, _>("the model is missing".into()));
    SessionSpec { load, ..cheap(kind, FakeSynthesizer::default()) }
}

fn paced(engine: &Engine) -> Result<(Stream, Kept), EngineError> {
    let kept = Kept::default();
    let writer = kept.clone();
    let stream = engine.open(|_, _| Ok(Box::new(Paced::into_writer(PACED, writer))))?;
    Ok((stream, kept))
}

fn say(stream: &Stream, text: &str, seed: u64) -> Speech {
    stream.speak(utterance(Input::Text(text.into()), seed)).unwrap()
}

fn without_spaces(text: &str) -> String {
    text.chars().filter(|symbol| !symbol.is_whitespace()).collect()
}

fn whole(text: &str) -> Read {
    Read { symbols: without_spaces(text), torn: 0 }
}

/// `text` after a sentence that lasts a second with its pause: slack enough for a session that costs a millisecond, on
/// a busy machine too.
fn with_long_opening(text: &str) -> String {
    "mood ".repeat(80) + "mood. " + text
}

fn fragments(stats: &[SessionStats], session: &str) -> u64 {
    stats.iter().filter(|s| s.session == session).map(|s| s.fragments).sum()
}

/// Looks until no session is being loaded any more.
fn loaded(engine: Engine) -> Engine {
    while engine.session_stats().iter().any(|stats| stats.state == SessionState::Loading) {
        std::thread::sleep(Duration::from_millis(1));
    }
    engine
}

/// Looks until the sessions have reported what a finished utterance was spoken by.
fn settled(engine: &Engine, spoken: u64) -> Vec<SessionStats> {
    loop {
        let stats = engine.session_stats();
        if stats.iter().map(|s| s.fragments).sum::<u64>() >= spoken {
            return stats;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn the_fast_session_opens_and_the_quality_session_goes_on() {
    let _watchdog = Watchdog::over("hybrid");
    let (fast, quality) = (FakeSynthesizer::default(), FakeSynthesizer::default());
    let engine = loaded(engine_of(Policy::Hybrid, vec![cheap(Fast, fast), cheap(Quality, quality)]).unwrap());
    let (stream, kept) = paced(&engine).unwrap();
    let text = with_long_opening("sum mood. all mood. fin mood. ");
    let outcome = say(&stream, &text, 0).wait();
    assert_eq!((outcome.end, outcome.fragments), (SpeechEvent::Finished, 4));
    let stats = settled(&engine, 4);
    assert_eq!((fragments(&stats, "fast"), fragments(&stats, "quality")), (1, 3), "{stats:?}");
    stream.close().unwrap();
    assert_eq!(kept.read(), whole(&text));
}

#[test]
fn what_can_wait_waits_while_any_session_speaks() {
    let _watchdog = Watchdog::over("work that can wait");
    let fast = FakeSynthesizer::default().holding_at('k').deaf();
    let quality = FakeSynthesizer::default().settling();
    let (speaking, idle) = (fast.calls(), quality.calls());
    let engine = loaded(engine_of(Policy::Hybrid, vec![cheap(Fast, fast), cheap(Quality, quality)]).unwrap());
    let until = |condition: &dyn Fn() -> bool| {
        while !condition() {
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    until(&|| idle.settling.load(Ordering::Acquire));
    let (stream, _) = paced(&engine).unwrap();
    let speech = say(&stream, "speak.", 0);
    until(&|| speaking.holding.load(Ordering::Acquire));
    until(&|| !idle.settling.load(Ordering::Acquire));
    // Longer than nobody has to speak for.
    std::thread::sleep(Duration::from_millis(1_300));
    assert!(!idle.settling.load(Ordering::Acquire));
    speaking.released.store(true, Ordering::Release);
    assert_eq!(speech.wait().end, SpeechEvent::Finished);
    until(&|| idle.settling.load(Ordering::Acquire));
    stream.close().unwrap();
}

#[test]
fn where_nobody_waits_the_quality_session_speaks_alone() {
    let _watchdog = Watchdog::over("hybrid without a listener");
    let (fast, quality) = (FakeSynthesizer::default(), FakeSynthesizer::default());
    let engine = loaded(engine_of(Policy::Hybrid, vec![cheap(Fast, fast), cheap(Quality, quality)]).unwrap());
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    assert_eq!(say(&stream, "one mood. sum mood. ", 0).wait().fragments, 2);
    assert_eq!(fragments(&settled(&engine, 2), "quality"), 2);
    stream.close().unwrap();
    assert_eq!(kept.read(), whole("one mood. sum mood. "));
}

#[test]
fn what_the_quality_session_would_be_late_with_the_fast_one_takes_over() {
    let _watchdog = Watchdog::over("taking over");
    let slow = FakeSynthesizer::default().slow(Duration::from_secs(30));
    let calls = slow.calls();
    let engine = loaded(
        engine_of(Policy::Hybrid, vec![cheap(Fast, FakeSynthesizer::default()), cheap(Quality, slow)])
            .unwrap(),
    );
    let (stream, kept) = paced(&engine).unwrap();
    let text = with_long_opening("sum mood. all mood. ");
    let outcome = say(&stream, &text, 0).wait();
    assert_eq!((outcome.end, outcome.fragments, outcome.failed_fragments), (SpeechEvent::Finished, 3, 0));
    let stats = settled(&engine, 3);
    assert_eq!(fragments(&stats, "quality"), 0);
    assert!(stats[1].taken_over >= 1, "{stats:?}");
    assert_eq!(calls.interrupted.load(Ordering::Acquire) as u64, stats[1].taken_over);
    let counters = stream.stats();
    assert_eq!((counters.gaps, counters.out_of_order, counters.timeouts), (0, 0, 0));
    stream.close().unwrap();
    assert_eq!(kept.read(), whole(&text));
}

#[test]
fn a_late_session_that_does_not_let_go_is_not_waited_for() {
    let _watchdog = Watchdog::over("taking over from a session that hangs");
    let deaf = FakeSynthesizer::default().holding_at('k').deaf();
    let calls = deaf.calls();
    let engine = loaded(
        engine_of(Policy::Hybrid, vec![cheap(Fast, FakeSynthesizer::default()), cheap(Quality, deaf)])
            .unwrap(),
    );
    let (stream, kept) = paced(&engine).unwrap();
    let text = with_long_opening("kept mood. all mood. ");
    let outcome = say(&stream, &text, 0).wait();
    assert_eq!((outcome.end, outcome.fragments, outcome.failed_fragments), (SpeechEvent::Finished, 3, 0));
    assert!(calls.holding.load(Ordering::Acquire));
    let (counters, stats) = (stream.stats(), engine.session_stats());
    assert_eq!((counters.gaps, counters.out_of_order, stats[1].taken_over), (0, 0, 1));
    calls.released.store(true, Ordering::Release);
    stream.close().unwrap();
    assert_eq!(kept.read(), whole(&text));
}

#[test]
fn a_session_that_cannot_be_loaded_is_done_without() {
    let _watchdog = Watchdog::over("a missing session");
    let engine = loaded(
        engine_of(Policy::Hybrid, vec![cheap(Fast, FakeSynthesizer::default()), missing(Quality)]).unwrap(),
    );
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    assert_eq!(say(&stream, "one mood. sum mood. ", 0).wait().end, SpeechEvent::Finished);
    assert_eq!(engine.session_stats()[1].state, SessionState::Failed);
    stream.close().unwrap();
    assert_eq!(kept.read(), whole("one mood. sum mood. "));
}

#[test]
fn without_any_session_an_utterance_fails_with_the_reason_and_so_does_the_next() {
    let _watchdog = Watchdog::over("no session");
    let engine = engine_of(Policy::Quality, vec![missing(Quality)]).unwrap();
    let Voiced { stream, .. } = Voiced::open(&engine).unwrap();
    for _ in 0..2 {
        let Outcome { end: SpeechEvent::Failed { reason }, .. } =
            say(&stream, "one mood. sum mood. ", 0).wait()
        else {
            panic!("it did not fail");
        };
        assert_eq!(reason, "the model is missing");
    }
    stream.close().unwrap();
}

#[test]
fn a_fragment_that_takes_too_long_becomes_a_gap_and_is_counted() {
    let _watchdog = Watchdog::over("a timeout");
    let session = FakeSynthesizer::default().holding_at('k');
    let engine = engine_of(Policy::Quality, vec![cheap(Quality, session)]).unwrap();
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    let outcome = say(&stream, "one mood. kept mood. all mood. ", 0).wait();
    assert_eq!((outcome.end, outcome.fragments, outcome.failed_fragments), (SpeechEvent::Finished, 2, 1));
    let stats = stream.stats();
    assert_eq!((stats.timeouts, stats.gaps, stats.out_of_order), (1, 1, 0));
    stream.close().unwrap();
    assert_eq!(kept.read(), whole("one mood. all mood. "));
}

#[test]
fn a_session_that_hangs_is_given_up_on_and_the_other_speaks_the_rest() {
    let _watchdog = Watchdog::over("a session that hangs");
    let deaf = FakeSynthesizer::default().holding_at('k').deaf();
    let calls = deaf.calls();
    let sessions = vec![cheap(Quality, deaf), costing(Quality, FakeSynthesizer::default(), 0.01)];
    let engine = engine_of(Policy::Twin, sessions).unwrap();
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    let outcome = say(&stream, "kept mood. one mood. all mood. ", 0).wait();
    assert_eq!((outcome.end, outcome.fragments), (SpeechEvent::Finished, 2));
    assert_eq!(engine.session_stats()[0].state, SessionState::Hanging);
    assert_eq!((stream.stats().timeouts, stream.stats().gaps), (1, 1));
    calls.released.store(true, Ordering::Release);
    while engine.session_stats()[0].state != SessionState::Ready {
        std::thread::sleep(Duration::from_millis(1));
        // The session is looked at when there is something to do.
        say(&stream, "so. ", 0).wait();
    }
    stream.close().unwrap();
    assert!(kept.read().symbols.starts_with("onemood.allmood."), "{:?}", kept.read());
}

/// Sentences of words that the vocabulary can spell, each spoken as one fragment.
fn sentences(most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-f]{2,5}( [h-z]{2,4}){0,3}", 1..most)
        .prop_map(|bodies| bodies.into_iter().map(|body| body + " mood. ").collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_is_done_first_every_stream_hears_its_own_text_in_order(
        texts in prop::collection::vec(sentences(12), 1..4), parts in 1_usize..6, delay_us in 0_u64..2_000,
    ) {
        let _watchdog = Watchdog::over("twins and several streams");
        let first = FakeSynthesizer::default().in_parts(parts).slow(Duration::from_micros(delay_us));
        let second = FakeSynthesizer::default().in_parts(parts);
        let (calls, other) = (first.calls(), second.calls());
        let engine = engine_of(Policy::Twin, vec![cheap(Quality, first), cheap(Quality, second)]).unwrap();
        let streams: Vec<_> = texts.iter().map(|_| Voiced::open(&engine).unwrap()).collect();
        let speeches: Vec<_> = streams
            .iter()
            .zip(&texts)
            .enumerate()
            .map(|(n, (voiced, text))| say(&voiced.stream, &text.concat(), n as u64))
            .collect();
        for speech in speeches {
            prop_assert_eq!(speech.wait().end, SpeechEvent::Finished);
        }
        for (Voiced { stream, kept }, text) in streams.into_iter().zip(&texts) {
            prop_assert_eq!(stream.stats().out_of_order, 0);
            stream.close().unwrap();
            prop_assert_eq!(kept.read(), whole(&text.concat()));
        }
        let spoken = calls.spoken.load(Ordering::Acquire) + other.spoken.load(Ordering::Acquire);
        prop_assert_eq!(spoken, texts.iter().map(Vec::len).sum::<usize>());
    }
}

#[test]
fn a_thousand_stops_at_any_moment_leave_no_old_sample_and_leak_no_buffer() {
    let _watchdog = Watchdog::over("a thousand stops");
    let twin = || cheap(Quality, FakeSynthesizer::default().in_parts(4).slow(Duration::from_micros(300)));
    let engine = engine_of(Policy::Twin, vec![twin(), twin()]).unwrap();
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    let mut scatter = Scatter::new(7);
    let mut speeches = Vec::new();
    for n in 0..1_000 {
        speeches.push(say(&stream, "one mood. sum mood. all mood. ", n));
        std::thread::sleep(Duration::from_micros(scatter.below(900) as u64));
        stream.stop();
    }
    for speech in speeches {
        assert!(matches!(speech.wait().end, SpeechEvent::Finished | SpeechEvent::Stopped));
    }
    let before = kept.samples().len();
    assert_eq!(say(&stream, "fin mood. ", 0).wait().end, SpeechEvent::Finished);
    let stats = stream.stats();
    stream.close().unwrap();
    assert_eq!(sostenuto_tests::read(&kept.samples()[before..]), whole("fin mood. "));
    assert_eq!((stats.failed_fragments, stats.timeouts, stats.out_of_order), (0, 0, 0));
    // No more buffers than the rings and queues hold at a time.
    assert!(stats.buffers < 2 * 64, "{} buffers", stats.buffers);
}

#[test]
fn above_the_hard_memory_limit_no_utterance_is_accepted() {
    let limits = MemoryLimits::new(None, Some(1_000_000)).unwrap();
    let session = SessionSpec::ready(Quality, Box::new(FakeSynthesizer::default()));
    let engine = engine_within(limits, Policy::Quality, vec![session]).unwrap();
    let Voiced { stream, .. } = Voiced::open(&engine).unwrap();
    let refused = stream.speak(utterance(Input::Text("one mood.".into()), 0)).unwrap_err();
    assert!(matches!(refused, EngineError::MemoryLimit { limit_mb: 1, resident_mb } if resident_mb > 1));
    stream.close().unwrap();
}

#[test]
fn above_the_soft_memory_limit_the_twin_is_dropped_and_the_other_speaks_on() {
    let _watchdog = Watchdog::over("dropping the twin");
    let limits = MemoryLimits::new(Some(1_000_000), None).unwrap();
    let twin = || cheap(Quality, FakeSynthesizer::default());
    let engine = engine_within(limits, Policy::Twin, vec![twin(), twin()]).unwrap();
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    while engine.session_stats()[1].state != SessionState::Failed {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(say(&stream, "one mood. sum mood. ", 0).wait().fragments, 2);
    assert_eq!(settled(&engine, 2)[0].fragments, 2);
    let parts = engine.memory().unwrap();
    assert!(parts.total > 1_000_000 && parts.audio_buffers > 0, "{parts:?}");
    stream.close().unwrap();
    assert_eq!(kept.read(), whole("one mood. sum mood. "));
}

#[test]
fn a_mark_that_comes_after_everything_was_spoken_is_told_before_the_end() {
    let _watchdog = Watchdog::over("a late mark");
    let engine = engine_of(Policy::Quality, vec![cheap(Quality, FakeSynthesizer::default())]).unwrap();
    let Voiced { stream, .. } = Voiced::open(&engine).unwrap();
    let (writer, reader) = stream.text();
    let asked = Utterance { marks: true, ..utterance(Input::Stream(reader), 3) };
    let speech = stream.speak(asked).unwrap();
    writer.write("one mood.\n\n").unwrap();
    speech.wait_audible();
    writer.write("<mark name='late'/>").unwrap();
    drop(writer);
    let marks = speech.wait().marks;
    assert_eq!(marks.last().map(|mark| &mark.kind), Some(&MarkKind::User { name: "late".into() }));
    stream.close().unwrap();
}

#[test]
fn marks_are_told_with_the_samples_of_their_words() {
    let _watchdog = Watchdog::over("marks");
    let engine =
        engine_of(Policy::Quality, vec![cheap(Quality, FakeSynthesizer::default().in_parts(5))]).unwrap();
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    let text = "one sum. all mood.";
    let asked = Utterance { marks: true, ..utterance(Input::Text(text.into()), 3) };
    let marks = stream.speak(asked).unwrap().wait().marks;
    stream.close().unwrap();
    let words: Vec<_> = marks.iter().filter(|mark| mark.kind == MarkKind::Word).collect();
    let said: Vec<_> = words.iter().map(|mark| text[mark.text.clone()].trim_end_matches('.')).collect();
    assert_eq!(said, ["one", "sum", "all", "mood"]);
    let samples = kept.samples();
    for mark in &words {
        let heard = sostenuto_tests::read(&samples[mark.samples.start as usize..mark.samples.end as usize]);
        assert_eq!(heard, whole(text[mark.text.clone()].trim_end_matches('.')));
    }
    let sentences: Vec<_> = marks.iter().filter(|mark| mark.kind == MarkKind::Sentence).collect();
    assert_eq!(
        sentences.iter().map(|mark| &text[mark.text.clone()]).collect::<Vec<_>>(),
        ["one sum.", "all mood."]
    );
    assert_eq!(sentences[0].samples, LEAD as u64..(LEAD + 7 * SYMBOL) as u64);
    let unasked = engine_of(Policy::Quality, vec![cheap(Quality, FakeSynthesizer::default())]).unwrap();
    let Voiced { stream, .. } = Voiced::open(&unasked).unwrap();
    assert_eq!(say(&stream, text, 0).wait().marks, []);
    stream.close().unwrap();
}
