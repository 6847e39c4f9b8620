//! The corridor with a session that can be read back: order, failures, stop, backpressure, recycling, the end.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use sostenuto_engine::{Input, Outcome, Speech, SpeechEvent, TextUnwanted};
use sostenuto_g2p::{Phonemizer, transcribe};
use sostenuto_playback::Format;
use sostenuto_tests::{
    Callback, FakeSynthesizer, Kept, Read, Scatter, Spelling, Stall, Voiced, Watchdog, engine, stalled,
    utterance,
};

/// What a listener must hear of `text`, spaces left out.
fn spelt(text: &str) -> String {
    let phonemizer: Arc<dyn Phonemizer> = Arc::new(Spelling);
    transcribe(&phonemizer, text).phonemes.replace(' ', "")
}

fn without_spaces(text: &str) -> String {
    text.chars().filter(|symbol| !symbol.is_whitespace()).collect()
}

fn say(stream: &sostenuto_engine::Stream, text: &str, seed: u64) -> Speech {
    stream.speak(utterance(Input::Text(text.into()), seed)).unwrap()
}

fn whole(symbols: impl Into<String>) -> Read {
    Read { symbols: symbols.into(), torn: 0 }
}

/// Looks at `reading` until it has stayed the same for a while, and returns it.
fn settled(reading: impl Fn() -> usize) -> usize {
    let mut last = reading();
    let mut same = 0;
    while same < 40 {
        std::thread::sleep(Duration::from_millis(10));
        let now = reading();
        same = if now == last { same + 1 } else { 0 };
        last = now;
    }
    last
}

fn until(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Sentences of words that the vocabulary can spell, each spoken as one fragment. The last word of each is no
/// abbreviation.
fn sentences(most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-f]{2,5}( [h-z]{2,4}){0,3}", 1..most)
        .prop_map(|bodies| bodies.into_iter().map(|body| body + " mood. ").collect())
}

/// Text of every shape: words, pauses, paragraphs, symbols outside the vocabulary.
fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            6 => "[a-fh-z]{1,9} ",
            2 => "[a-fh-z]{1,9}[,;:.!?] ",
            1 => "[a-fh-z]{1,9}[.!?]\n\n",
            1 => "\\PC{1,12} ",
        ],
        0..120,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_symbol_of_any_text_is_heard_once_and_in_order(
        text in any_text(), parts in 1usize..20, seed in any::<u64>(),
    ) {
        let _watchdog = Watchdog::over("any text");
        let engine = engine(FakeSynthesizer::default().in_parts(parts)).unwrap();
        let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
        let outcome = say(&stream, &text, seed).wait();
        let stats = stream.stats();
        stream.close().unwrap();
        prop_assert_eq!(kept.read(), whole(spelt(&text)));
        prop_assert_eq!(outcome.end, SpeechEvent::Finished);
        prop_assert_eq!((stats.gaps, stats.out_of_order, stats.stale_chunks), (0, 0, 0));
        prop_assert_eq!(stats.fragments, outcome.fragments);
    }

    #[test]
    fn text_that_is_written_while_it_is_spoken_is_heard_as_if_it_had_come_at_once(
        text in any_text(), cut in 1usize..30,
    ) {
        let _watchdog = Watchdog::over("a written text");
        let engine = engine(FakeSynthesizer::default().in_parts(4)).unwrap();
        let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
        let (writer, reader) = stream.text();
        let speech = stream.speak(utterance(Input::Stream(reader), 1)).unwrap();
        let characters: Vec<_> = text.chars().collect();
        for piece in characters.chunks(cut) {
            writer.write(piece.iter().collect::<String>()).unwrap();
        }
        drop(writer);
        prop_assert_eq!(speech.wait().end, SpeechEvent::Finished);
        stream.close().unwrap();
        prop_assert_eq!(kept.read(), whole(spelt(&text)));
    }

    #[test]
    fn utterances_of_one_stream_are_heard_one_after_the_other(
        texts in prop::collection::vec(sentences(4), 1..8), parts in 1usize..9, seed in any::<u64>(),
    ) {
        let _watchdog = Watchdog::over("several utterances");
        let engine = engine(FakeSynthesizer::default().in_parts(parts)).unwrap();
        let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
        let texts: Vec<_> = texts.iter().map(|text| text.concat()).collect();
        let spoken: Vec<_> = texts.iter().map(|text| say(&stream, text, seed)).collect();
        let outcomes: Vec<_> = spoken.iter().map(Speech::wait).collect();
        prop_assert!(outcomes.iter().all(|outcome| outcome.end == SpeechEvent::Finished));
        prop_assert!(outcomes.iter().all(|outcome| outcome.ttfa.is_some()));
        stream.close().unwrap();
        prop_assert_eq!(kept.read(), whole(without_spaces(&texts.concat())));
    }

    #[test]
    fn streams_that_speak_at_once_never_mix(
        texts in prop::collection::vec(sentences(12), 2..4), parts in 1usize..9, seed in any::<u64>(),
    ) {
        let _watchdog = Watchdog::over("several streams");
        let engine = engine(FakeSynthesizer::default().in_parts(parts)).unwrap();
        let texts: Vec<_> = texts.iter().map(|text| text.concat()).collect();
        let voiced: Vec<_> = texts.iter().map(|_| Voiced::open(&engine).unwrap()).collect();
        let spoken: Vec<_> =
            voiced.iter().zip(&texts).map(|(voiced, text)| say(&voiced.stream, text, seed)).collect();
        for (speech, (voiced, text)) in spoken.iter().zip(voiced.into_iter().zip(&texts)) {
            prop_assert_eq!(speech.wait().end, SpeechEvent::Finished);
            voiced.stream.close().unwrap();
            prop_assert_eq!(voiced.kept.read(), whole(without_spaces(text)));
        }
    }

    #[test]
    fn a_fragment_that_fails_leaves_a_gap_and_the_rest_is_spoken(
        text in sentences(16), parts in 1usize..9, seed in any::<u64>(),
    ) {
        let _watchdog = Watchdog::over("failing fragments");
        let session = FakeSynthesizer::default().in_parts(parts).failing_at('k');
        let engine = engine(session).unwrap();
        let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
        let outcome = say(&stream, &text.concat(), seed).wait();
        let stats = stream.stats();
        stream.close().unwrap();
        let failing = text.iter().filter(|sentence| sentence.contains('k')).count() as u64;
        let heard: Vec<_> = text.iter().map(|sentence| sentence.split('k').next().unwrap()).collect();
        prop_assert_eq!(kept.read(), whole(without_spaces(&heard.concat())));
        prop_assert_eq!(outcome.end, SpeechEvent::Finished);
        prop_assert_eq!((outcome.failed_fragments, outcome.fragments), (failing, text.len() as u64 - failing));
        prop_assert_eq!((stats.gaps, stats.failed_fragments, stats.out_of_order), (failing, failing, 0));
    }
}

#[test]
fn an_utterance_in_which_every_fragment_fails_still_ends() {
    let _watchdog = Watchdog::over("nothing but failures");
    let engine = engine(FakeSynthesizer::default().failing_at('k')).unwrap();
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    let outcome = say(&stream, "kab. kic. kod. ", 0).wait();
    assert_eq!((outcome.end, outcome.failed_fragments, outcome.ttfa), (SpeechEvent::Finished, 3, None));
    assert_eq!(say(&stream, "fine.", 0).wait().end, SpeechEvent::Finished);
    stream.close().unwrap();
    assert_eq!(kept.read(), whole("fine."));
}

/// Letters that number utterances: digits to the base of their count.
const DIGITS: &[u8] = b"abcdefhijlmnopqrstuvwy";

/// A sentence that says nothing but its number, `times` times.
fn numbered(number: usize, times: usize) -> String {
    let base = DIGITS.len();
    let digit = |n: usize| char::from(DIGITS[n % base]);
    let word: String =
        ['z', digit(number / base / base), digit(number / base), digit(number)].iter().collect();
    vec![word; times].join(" ") + ". "
}

/// The numbers in `symbols`, of which a stop may have cut any word off.
fn numbers(symbols: &str) -> Vec<usize> {
    let value = |word: &str| {
        let digits = word.bytes().map(|c| DIGITS.iter().position(|&digit| digit == c));
        let digits: Vec<_> = digits.take(3).flatten().collect();
        (digits.len() == 3).then(|| digits.iter().fold(0, |n, digit| n * DIGITS.len() + digit))
    };
    symbols.split('z').filter_map(value).collect()
}

/// Speaks and stops at random, and checks what was heard.
fn storm(stream: sostenuto_engine::Stream, kept: &Kept, seed: u64, steps: usize) {
    let mut scatter = Scatter::new(seed);
    let mut pending: Vec<Speech> = Vec::new();
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut number = 0;
    for _ in 0..steps {
        match scatter.below(8) {
            0..4 => {
                let text: String = (0..=scatter.below(3)).map(|_| numbered(number, 6)).collect();
                pending.push(say(&stream, &text, scatter.number()));
                number += 1;
            }
            4..6 => {
                stream.stop();
                number += 1;
            }
            6 => std::thread::sleep(Duration::from_micros(scatter.below(3_000) as u64)),
            _ => {
                if let Some(speech) = pending.pop() {
                    outcomes.push(speech.wait());
                }
            }
        }
    }
    stream.stop();
    outcomes.extend(pending.iter().map(Speech::wait));
    let ends = [SpeechEvent::Finished, SpeechEvent::Stopped];
    assert!(outcomes.iter().all(|outcome| ends.contains(&outcome.end)), "{outcomes:?}");

    let before = kept.samples().len();
    let last = numbered(DIGITS.len().pow(3) - 1, 3);
    assert_eq!(say(&stream, &last, 1).wait().end, SpeechEvent::Finished);
    let stats = stream.stats();
    stream.close().unwrap();
    let heard = numbers(&kept.read().symbols);
    let backwards = heard.windows(2).find(|pair| pair[0] > pair[1]);
    assert_eq!(backwards, None, "after a later utterance an earlier one was heard");
    assert_eq!((stats.out_of_order, stats.failed_fragments), (0, 0));
    assert_eq!(sostenuto_tests::read(&kept.samples()[before..]), whole(without_spaces(&last)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_any_storm_of_stops_nothing_old_is_heard_and_the_stream_still_speaks(
        seed in any::<u64>(), parts in 1usize..9, delay_us in 0u64..3_000,
    ) {
        let _watchdog = Watchdog::over("a storm of stops");
        let session = FakeSynthesizer::default().in_parts(parts).slow(Duration::from_micros(delay_us));
        let engine = engine(session).unwrap();
        let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
        storm(stream, &kept, seed, 300);
    }

    #[test]
    fn the_same_holds_where_the_renderer_runs_on_a_thread_of_its_own(
        seed in any::<u64>(), parts in 1usize..9, delay_us in 0u64..3_000,
    ) {
        let _watchdog = Watchdog::over("a storm of stops beside a callback");
        let session = FakeSynthesizer::default().in_parts(parts).slow(Duration::from_micros(delay_us));
        let engine = engine(session).unwrap();
        let kept = Kept::default();
        let writer = kept.clone();
        let format = Format { period: 240, ..Format::NATIVE };
        let stream = engine.open(|clock, _| Ok(Box::new(Callback::new(format, clock, writer)))).unwrap();
        storm(stream, &kept, seed, 40);
    }
}

#[test]
fn a_stop_ends_the_inference_that_runs_for_it() {
    let _watchdog = Watchdog::over("a stop in the middle of an inference");
    let session = FakeSynthesizer::default().holding_at('k');
    let calls = session.calls();
    let engine = engine(session).unwrap();
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    for _ in 0..20 {
        let held = say(&stream, "kept.", 0);
        until(|| calls.holding.load(Ordering::Acquire));
        stream.stop();
        assert_eq!(held.wait().end, SpeechEvent::Stopped);
        until(|| !calls.holding.load(Ordering::Acquire));
    }
    assert_eq!(say(&stream, "after.", 0).wait().end, SpeechEvent::Finished);
    let stats = stream.stats();
    stream.close().unwrap();
    assert_eq!(calls.interrupted.load(Ordering::Acquire), 20);
    assert_eq!((kept.read(), stats.failed_fragments), (whole("after."), 0));
}

#[test]
fn a_stop_of_one_stream_leaves_the_others_alone() {
    let _watchdog = Watchdog::over("a stop beside another stream");
    let engine = engine(FakeSynthesizer::default().slow(Duration::from_millis(1))).unwrap();
    let (stopped, other) = (Voiced::open(&engine).unwrap(), Voiced::open(&engine).unwrap());
    let text: String = (0..150).map(|n| numbered(n, 4)).collect();
    let spoken = say(&other.stream, &text, 1);
    for n in 0..100 {
        let speech = say(&stopped.stream, &numbered(n, 4), 2);
        std::thread::sleep(Duration::from_micros(500));
        stopped.stream.stop();
        speech.wait();
    }
    let outcome = spoken.wait();
    assert_eq!((outcome.end, outcome.failed_fragments), (SpeechEvent::Finished, 0));
    other.stream.close().unwrap();
    assert_eq!(other.kept.read(), whole(without_spaces(&text)));
}

#[test]
fn a_listener_who_takes_nothing_stops_the_writer_and_a_stop_frees_it() {
    let _watchdog = Watchdog::over("backpressure");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let (stall, kept) = (Stall::default(), Kept::default());
    let sink = stalled(Format::NATIVE, stall.clone(), kept.clone());
    let stream = engine.open(|_, _| Ok(Box::new(sink))).unwrap();
    let (writer, reader) = stream.text();
    let speech = stream.speak(utterance(Input::Stream(reader), 0)).unwrap();
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&taken);
    let writing = std::thread::spawn(move || {
        loop {
            match writer.write("some more words to say. ") {
                Ok(()) => counted.fetch_add(1, Ordering::AcqRel),
                Err(TextUnwanted) => return,
            };
        }
    });
    // Rings of 16 clauses and 64 chunks, 8 pieces of text, 10 s in the soft queue.
    let pieces = settled(|| taken.load(Ordering::Acquire));
    assert!((8..200).contains(&pieces), "{pieces} pieces were taken");
    stream.stop();
    writing.join().unwrap();
    assert!(taken.load(Ordering::Acquire) < pieces + 20);

    stall.release();
    assert_eq!(speech.wait().end, SpeechEvent::Stopped);
    assert_eq!(say(&stream, "free.", 0).wait().end, SpeechEvent::Finished);
    stream.close().unwrap();
    assert_eq!(kept.read(), whole("free."));
}

#[test]
fn a_listener_who_takes_nothing_for_a_while_misses_nothing() {
    let _watchdog = Watchdog::over("a stall");
    let engine = engine(FakeSynthesizer::default().in_parts(8)).unwrap();
    let (stall, kept) = (Stall::default(), Kept::default());
    let sink = stalled(Format::NATIVE, stall.clone(), kept.clone());
    let stream = engine.open(|_, _| Ok(Box::new(sink))).unwrap();
    let text: String = (0..300).map(|n| numbered(n, 4)).collect();
    let speech = say(&stream, &text, 3);
    settled(|| stream.stats().parts as usize);
    assert!(stream.stats().fragments < 300);
    stall.release();
    assert_eq!(speech.wait().end, SpeechEvent::Finished);
    stream.close().unwrap();
    assert_eq!(kept.read(), whole(without_spaces(&text)));
}

#[test]
fn buffers_are_recycled_once_the_stream_is_warm() {
    let _watchdog = Watchdog::over("recycling");
    let engine = engine(FakeSynthesizer::default().in_parts(6)).unwrap();
    let Voiced { stream, .. } = Voiced::open(&engine).unwrap();
    let text: String = (0..400).map(|n| numbered(n, 4)).collect();
    assert_eq!(say(&stream, &text, 1).wait().end, SpeechEvent::Finished);
    let warm = stream.stats();
    for seed in 2..6 {
        assert_eq!(say(&stream, &text, seed).wait().end, SpeechEvent::Finished);
    }
    let stats = stream.stats();
    assert_eq!(stats.fragments, 5 * 400);
    // What is under way at once differs from run to run; a buffer for each part would be thousands.
    assert!(stats.buffers <= warm.buffers + 64, "{} after {}", stats.buffers, warm.buffers);
    assert!(stats.buffers < 256, "{} buffers", stats.buffers);
}

#[test]
fn a_stream_may_be_closed_or_dropped_with_nothing_said() {
    let _watchdog = Watchdog::over("streams that say nothing");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    for _ in 0..8 {
        Voiced::open(&engine).unwrap().stream.close().unwrap();
        drop(Voiced::open(&engine).unwrap());
    }
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    assert_eq!(say(&stream, "still here.", 0).wait().end, SpeechEvent::Finished);
    stream.close().unwrap();
    assert_eq!(kept.read(), whole("stillhere."));
}

#[test]
fn utterances_of_which_nothing_is_spoken_end_behind_one_that_is_spoken() {
    let _watchdog = Watchdog::over("nothing to say");
    let engine = engine(FakeSynthesizer::default().slow(Duration::from_millis(20))).unwrap();
    let Voiced { stream, .. } = Voiced::open(&engine).unwrap();
    let first = say(&stream, &numbered(1, 4), 0);
    let nothing: Vec<_> = (0..300).map(|seed| say(&stream, " ", seed)).collect();
    let last = say(&stream, &numbered(2, 4), 0);
    stream.drain();
    for speech in nothing.iter().chain([&first, &last]) {
        assert_eq!(speech.wait().end, SpeechEvent::Finished);
    }
}

#[test]
fn a_stream_that_is_closed_finishes_what_it_accepted() {
    let _watchdog = Watchdog::over("closing");
    let engine = engine(FakeSynthesizer::default().slow(Duration::from_millis(2))).unwrap();
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    let text: String = (0..20).map(|n| numbered(n, 4)).collect();
    let speech = say(&stream, &text, 0);
    stream.close().unwrap();
    assert_eq!(speech.wait().end, SpeechEvent::Finished);
    assert_eq!(kept.read(), whole(without_spaces(&text)));
}

#[test]
fn a_stream_that_is_dropped_ends_what_it_accepted() {
    let _watchdog = Watchdog::over("dropping a stream");
    let session = FakeSynthesizer::default().holding_at('k');
    let calls = session.calls();
    let engine = engine(session).unwrap();
    let Voiced { stream, .. } = Voiced::open(&engine).unwrap();
    let speech = say(&stream, "kept.", 0);
    let waiting = say(&stream, "never.", 0);
    let (writer, reader) = stream.text();
    let written = stream.speak(utterance(Input::Stream(reader), 0)).unwrap();
    until(|| calls.holding.load(Ordering::Acquire));
    drop(stream);
    for speech in [speech, waiting, written] {
        assert_eq!(speech.wait().end, SpeechEvent::Stopped);
    }
    while writer.write("unwanted. ").is_ok() {}
}

#[test]
fn an_engine_that_is_dropped_ends_its_streams_and_the_inference_that_runs() {
    let _watchdog = Watchdog::over("dropping the engine");
    let session = FakeSynthesizer::default().holding_at('k');
    let calls = session.calls();
    let engine = engine(session).unwrap();
    let Voiced { stream, .. } = Voiced::open(&engine).unwrap();
    let speech = say(&stream, "kept.", 0);
    let (writer, reader) = stream.text();
    let written = stream.speak(utterance(Input::Stream(reader), 0)).unwrap();
    until(|| calls.holding.load(Ordering::Acquire));
    drop(engine);
    for speech in [speech, written] {
        assert!(matches!(speech.wait().end, SpeechEvent::Failed { .. }));
    }
    while writer.write("unwanted. ").is_ok() {}
    stream.close().unwrap();
    assert_eq!(calls.interrupted.load(Ordering::Acquire), 1);
}
