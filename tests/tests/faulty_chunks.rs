//! What playback makes of fragments that are not numbers, and of chunks that go astray.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use sostenuto_engine::{
    ChunkFate, ChunkFaults, EngineOptions, EngineStart, Input, LoadPhonemizer, Scheduling, SpeechEvent,
};
use sostenuto_g2p::{Language, Phonemizer};
use sostenuto_inference::{Fragment, Interrupt, PartSink, Synthesis, SynthesisError, Synthesizer, Voices};
use sostenuto_playback::Tag;
use sostenuto_tests::{FakeSynthesizer, Spelling, Voiced, Watchdog, engine_with, utterance};

/// A session that says nothing of samples that are not numbers.
struct Unsound(FakeSynthesizer);

impl Synthesizer for Unsound {
    fn name(&self) -> &'static str {
        "unsound"
    }

    fn interrupt(&self) -> Interrupt {
        self.0.interrupt()
    }

    fn max_parts(&self, _tokens: usize) -> usize {
        2
    }

    fn voices(&self) -> Voices {
        Voices::Every
    }

    fn synthesize(
        &mut self,
        fragment: &Fragment,
        parts: &mut dyn PartSink,
    ) -> Result<Synthesis, SynthesisError> {
        let spoken = self.0.synthesize(fragment, parts)?;
        if fragment.phonemes.contains('x') {
            parts.put(&[0.5, f32::NAN, 0.5]);
        }
        Ok(spoken)
    }
}

#[test]
fn samples_that_are_not_numbers_fail_their_fragment_and_are_never_heard() {
    let _watchdog = Watchdog::over("an unsound session");
    let engine = engine_with(Box::new(Unsound(FakeSynthesizer::default()))).unwrap();
    let voiced = Voiced::open(&engine).unwrap();
    for (text, failed) in [("hello.", 0), ("ex.", 1), ("home.", 0)] {
        let outcome = voiced.stream.speak(utterance(Input::Text(text.into()), 1)).unwrap().wait();
        assert_eq!((outcome.end, outcome.failed_fragments), (SpeechEvent::Finished, failed), "{text}");
    }
    let stats = voiced.stream.stats();
    assert_eq!((stats.failed_fragments, stats.gaps), (1, 1));
    assert!(voiced.kept.samples().iter().all(|sample| sample.is_finite()));
    // What came before the sample that was not a number was heard.
    assert_eq!(voiced.kept.read().symbols, "hello.ex.home.");
}

/// Every chunk has the same fate.
struct Always(ChunkFate);

impl ChunkFaults for Always {
    fn fate(&self, _tag: Tag, _part: u32, _last: bool) -> ChunkFate {
        self.0
    }
}

fn heard(fate: ChunkFate) -> (String, u64) {
    let scheduling = Scheduling { pin: false, priority: false };
    let options = EngineOptions { scheduling, ..EngineOptions::default() };
    let load: LoadPhonemizer = Arc::new(|_| Ok(Arc::new(Spelling) as Arc<dyn Phonemizer>));
    let start = EngineStart::new(options, load, Language::EnUs).unwrap();
    let start = start.with_chunk_faults(Arc::new(Always(fate)));
    let engine = start.with_session(Box::new(FakeSynthesizer::default().in_parts(5))).unwrap();
    let voiced = Voiced::open(&engine).unwrap();
    for seed in 0..40 {
        let speech = voiced.stream.speak(utterance(Input::Text("hello home.".into()), seed)).unwrap();
        assert_eq!(speech.wait().end, SpeechEvent::Finished);
    }
    (voiced.kept.read().symbols, voiced.stream.stats().out_of_order)
}

#[test]
fn chunks_that_come_twice_or_after_the_next_are_heard_once_and_in_order() {
    let _watchdog = Watchdog::over("chunks that go astray");
    let whole = "hellohome.".repeat(40);
    assert_eq!(heard(ChunkFate::Sent), (whole.clone(), 0));
    assert_eq!(heard(ChunkFate::AfterNext), (whole.clone(), 0));
    let (symbols, refused) = heard(ChunkFate::Twice);
    assert_eq!(symbols, whole);
    assert!(refused > 40, "{refused}");
}

#[test]
fn a_chunk_that_is_lost_is_waited_for_until_a_stop() {
    let _watchdog = Watchdog::over("chunks that are lost");
    let scheduling = Scheduling { pin: false, priority: false };
    let options = EngineOptions { scheduling, ..EngineOptions::default() };
    let load: LoadPhonemizer = Arc::new(|_| Ok(Arc::new(Spelling) as Arc<dyn Phonemizer>));
    let start = EngineStart::new(options, load, Language::EnUs).unwrap();
    let start = start.with_chunk_faults(Arc::new(Always(ChunkFate::Dropped)));
    let engine = start.with_session(Box::new(FakeSynthesizer::default())).unwrap();
    let voiced = Voiced::open(&engine).unwrap();
    // More than there is room for, were it kept for what was lost.
    for seed in 0..100 {
        let speech = voiced.stream.speak(utterance(Input::Text("hello.".into()), seed)).unwrap();
        while voiced.stream.stats().fragments <= seed {
            std::thread::sleep(Duration::from_millis(1));
        }
        voiced.stream.stop();
        assert_eq!(speech.wait().end, SpeechEvent::Stopped);
    }
    assert_eq!(voiced.kept.read().symbols, "");
}
