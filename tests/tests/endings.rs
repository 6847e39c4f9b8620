//! Each utterance begins and ends once, in its place, whatever is stopped, blank or late around it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use sostenuto_engine::{Input, LoadPhonemizer, Speech, SpeechEvent, Utterance};
use sostenuto_g2p::{Language, Phonemizer};
use sostenuto_playback::{Format, Freewheel, Sink};
use sostenuto_tests::{
    Driven, FakeSynthesizer, Kept, Spelling, Stall, Voiced, Watchdog, engine, engine_loading, stalled,
    utterance,
};

fn say(stream: &sostenuto_engine::Stream, text: &str, seed: u64) -> Speech {
    stream.speak(utterance(Input::Text(text.into()), seed)).unwrap()
}

#[test]
fn an_utterance_without_anything_to_say_finishes_on_a_stream_that_has_played_nothing() {
    let _watchdog = Watchdog::over("a blank utterance");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    assert_eq!(say(&stream, " ", 0).wait().end, SpeechEvent::Finished);
    stream.close().unwrap();
    assert!(kept.samples().is_empty());
}

#[test]
fn an_utterance_that_is_rendered_together_with_the_end_of_a_stopped_one_finishes() {
    let _watchdog = Watchdog::over("a stop and an utterance in one render");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let (stall, kept) = (Stall::default(), Kept::default());
    let format = Format { period: 24_000, ..Format::NATIVE };
    let sink = stalled(format, stall.clone(), kept.clone());
    let stream = engine.open(|_, _| Ok(Box::new(sink))).unwrap();
    let old = say(&stream, "a.", 0);
    std::thread::sleep(Duration::from_millis(300));
    stream.stop();
    let new = say(&stream, "b.", 0);
    std::thread::sleep(Duration::from_millis(300));
    stall.release();
    assert_eq!(old.wait().end, SpeechEvent::Stopped);
    assert_eq!(new.wait().end, SpeechEvent::Finished);
    stream.close().unwrap();
    assert_eq!(kept.read().symbols, "b.");
}

#[test]
fn an_utterance_in_a_language_that_cannot_be_loaded_fails_and_the_next_is_spoken() {
    let _watchdog = Watchdog::over("a language that is missing");
    let load: LoadPhonemizer = Arc::new(|language| match language {
        Language::EnUs => Ok(Arc::new(Spelling) as Arc<dyn Phonemizer>),
        _ => Err("its lexicon is missing".into()),
    });
    let engine = engine_loading(Box::new(FakeSynthesizer::default()), load).unwrap();
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    let british = Utterance { language: Language::EnGb, ..utterance(Input::Text("a.".into()), 0) };
    let failed = stream.speak(british).unwrap();
    let spoken = say(&stream, "b.", 0);
    assert_eq!(failed.wait().end, SpeechEvent::Failed { reason: "its lexicon is missing".into() });
    assert_eq!(spoken.wait().end, SpeechEvent::Finished);
    stream.close().unwrap();
    assert_eq!(kept.read().symbols, "b.");
}

/// A freewheel sink that is held up inside `drive` once it was `armed`, until it is no longer `closed`.
fn gated(kept: Kept, armed: Arc<AtomicUsize>, closed: Arc<AtomicBool>) -> impl Sink {
    Driven::new(Format::NATIVE, kept, move |freewheel: &mut Freewheel<Kept>, now| {
        let drive = freewheel.drive(now);
        // Armed by the stop; the second drive follows the step that notes the stop's end.
        let count = armed.load(Ordering::Acquire);
        if count > 0 && armed.fetch_sub(1, Ordering::AcqRel) == 1 {
            closed.store(true, Ordering::Release);
            while closed.load(Ordering::Acquire) {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        drive
    })
}

#[test]
fn the_end_of_one_stop_does_not_end_an_utterance_accepted_after_the_next() {
    let _watchdog = Watchdog::over("two stops");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let kept = Kept::default();
    let (armed, held) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
    let sink = gated(kept.clone(), Arc::clone(&armed), Arc::clone(&held));
    let stream = engine.open(|_, _| Ok(Box::new(sink))).unwrap();
    assert_eq!(say(&stream, "one.", 0).wait().end, SpeechEvent::Finished);
    std::thread::sleep(Duration::from_millis(250));
    armed.store(2, Ordering::Release);
    stream.stop();
    while !held.load(Ordering::Acquire) {
        std::thread::sleep(Duration::from_millis(1));
    }
    stream.stop();
    let later = say(&stream, "two.", 0);
    held.store(false, Ordering::Release);
    assert_eq!(later.wait().end, SpeechEvent::Finished);
    stream.close().unwrap();
    assert_eq!(kept.read().symbols, "one.two.");
}

#[test]
fn each_utterance_has_a_beginning_of_its_own_however_much_is_rendered_at_once() {
    let _watchdog = Watchdog::over("several utterances in one render");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let format = Format { period: 48_000, ..Format::NATIVE };
    let stall = Stall::default();
    let sink = stalled(format, stall.clone(), Kept::default());
    let stream = engine.open(|_, _| Ok(Box::new(sink))).unwrap();
    let spoken: Vec<_> = (0..6).map(|n| say(&stream, "abc.", n)).collect();
    std::thread::sleep(Duration::from_millis(300));
    stall.release();
    for speech in spoken {
        let outcome = speech.wait();
        assert_eq!((outcome.end, outcome.ttfa.is_some()), (SpeechEvent::Finished, true));
    }
}

#[test]
fn clauses_are_counted_and_nothing_else() {
    let _watchdog = Watchdog::over("counting");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let Voiced { stream, .. } = Voiced::open(&engine).unwrap();
    say(&stream, "one.", 0).wait();
    assert_eq!(stream.stats().clauses, 1);
}

#[test]
fn the_end_of_a_text_is_no_starvation() {
    let _watchdog = Watchdog::over("starvation");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let Voiced { stream, .. } = Voiced::open(&engine).unwrap();
    for n in 0..50 {
        say(&stream, "one, two.", n).wait();
    }
    assert_eq!(stream.stats().starvations, 0);
}

#[test]
fn an_outcome_may_be_asked_for_twice() {
    let _watchdog = Watchdog::over("waiting twice");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let Voiced { stream, .. } = Voiced::open(&engine).unwrap();
    let speech = say(&stream, "one.", 0);
    let outcome = speech.wait();
    assert_eq!(outcome.end, SpeechEvent::Finished);
    assert_eq!(speech.wait(), outcome);
}

#[test]
fn several_threads_may_speak_on_one_stream() {
    let _watchdog = Watchdog::over("several speakers");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    let text = |n: usize| format!("{} mood.", char::from(b'h' + n as u8).to_string().repeat(4));
    std::thread::scope(|scope| {
        for n in 0..4 {
            let (stream, kept) = (&stream, &kept);
            scope.spawn(move || {
                for round in 0..100 {
                    let wanted = text(n).replace(' ', "");
                    assert_eq!(say(stream, &text(n), round).wait().end, SpeechEvent::Finished);
                    let heard = kept.read().symbols.matches(&wanted).count() as u64;
                    assert!(heard > round, "told of the end of number {round}, heard {heard}");
                }
            });
        }
    });
}

#[test]
fn a_stop_from_another_thread_never_loses_an_utterance() {
    let _watchdog = Watchdog::over("stops from another thread");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let Voiced { stream, .. } = Voiced::open(&engine).unwrap();
    let (stop, done) = (stream.control(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                stop.stop();
                std::thread::sleep(Duration::from_micros(30));
            }
        });
        for n in 0..2_000 {
            say(&stream, "one.", n).wait();
        }
        done.store(true, Ordering::Release);
    });
}
