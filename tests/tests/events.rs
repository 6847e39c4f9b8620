//! What the owner of a stream is told and when, and what stop, pause, flush and drain mean.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sostenuto_engine::{
    Engine, EventOptions, Heard, Input, Mark, MarkKind, NoEvent, Speech, SpeechEvent, Stream, Utterance,
};
use sostenuto_playback::{Drive, Format, Freewheel, Paced, Sink, Transport};
use sostenuto_tests::{Driven, FakeSynthesizer, Kept, Scatter, Voiced, Watchdog, engine, utterance};

/// A sound card's usual period.
const PERIOD: Format = Format { rate: 24_000, channels: 1, period: 240 };

fn say(stream: &Stream, text: &str, seed: u64) -> Speech {
    stream.speak(utterance(Input::Text(text.into()), seed)).unwrap()
}

fn marked(text: &str, unread: usize) -> Utterance {
    let events = EventOptions { marks: true, unread };
    Utterance { marks: true, events, ..utterance(Input::Text(text.into()), 1) }
}

fn until(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The marks among `events`.
fn marks(events: &[Heard]) -> Vec<&Mark> {
    let marks = events.iter().filter_map(|heard| match &heard.event {
        SpeechEvent::Mark(mark) => Some(mark),
        _ => None,
    });
    marks.collect()
}

/// Reads every event, and sees that none comes before its time.
fn read_in_time(speech: &Speech) -> Vec<Heard> {
    let in_time = |heard: &Heard| assert!(Instant::now() >= speech.instant_of(heard.at), "{heard:?}");
    speech.events().inspect(in_time).collect()
}

fn assert_one_end(events: &[Heard], end: &SpeechEvent) {
    let ends = events.iter().filter(|heard| heard.event.is_last()).count();
    assert_eq!((ends, events.last().map(|heard| &heard.event)), (1, Some(end)), "{events:?}");
}

#[test]
fn events_come_in_the_order_of_their_samples_and_not_before_they_are_heard() {
    let _watchdog = Watchdog::over("events");
    let engine = engine(FakeSynthesizer::default().in_parts(5)).unwrap();
    let stream = engine.open(|_, _| Ok(Box::new(Paced::new(PERIOD)))).unwrap();
    let speech = stream.speak(marked("one sum. all mood.", 64)).unwrap();
    let events = read_in_time(&speech);
    let outcome = speech.wait();
    stream.close().unwrap();
    assert_one_end(&events, &SpeechEvent::Finished);
    assert!(matches!(events[0].event, SpeechEvent::Audible { ttfa } if Some(ttfa) == outcome.ttfa));
    assert!(events.is_sorted_by_key(|heard| heard.at));
    assert_eq!(marks(&events), outcome.marks.iter().collect::<Vec<_>>());
    assert!(outcome.marks.is_sorted_by_key(|mark| mark.samples.start));
    let kinds: Vec<_> = outcome.marks.iter().map(|mark| mark.kind == MarkKind::Sentence).collect();
    assert_eq!((kinds, outcome.missed_events), (vec![true, false, false, true, false, false], 0));
}

/// A freewheel sink behind which a device takes so long to be heard.
fn late(kept: Kept, latency: Duration) -> impl Sink {
    Driven::new(Format::NATIVE, kept, move |freewheel: &mut Freewheel<Kept>, now| {
        freewheel.drive(now + latency)
    })
}

#[test]
fn what_has_left_the_ring_is_told_when_the_device_plays_it() {
    let _watchdog = Watchdog::over("a device with a latency");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let latency = Duration::from_secs(1);
    let kept = Kept::default();
    let stream = engine.open(|_, _| Ok(Box::new(late(kept.clone(), latency)))).unwrap();
    let speech = stream.speak(marked("one.", 64)).unwrap();
    until(|| kept.read().symbols == "one.");
    let events = read_in_time(&speech);
    assert_eq!(events.len(), 4, "{events:?}");
    // Speech and the pause after it are rendered at once, and the last of it is heard after the latency.
    assert!(speech.wait_audible().unwrap() + Duration::from_millis(450) > latency);
    stream.close().unwrap();
}

#[test]
fn events_that_nobody_reads_are_counted_and_the_last_ones_arrive() {
    let _watchdog = Watchdog::over("a full queue");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let Voiced { stream, .. } = Voiced::open(&engine).unwrap();
    let speech = stream.speak(marked(&"one sum all mood. ".repeat(20), 4)).unwrap();
    let outcome = speech.wait();
    let events: Vec<_> = speech.events().collect();
    assert_eq!((outcome.marks.len(), outcome.missed_events), (100, 100 + 1 - 4));
    assert_one_end(&events, &SpeechEvent::Finished);
    assert_eq!(marks(&events), outcome.marks[96..].iter().collect::<Vec<_>>());
    assert_eq!(stream.stats().missed_events, outcome.missed_events);
    let unasked = say(&stream, "one.", 0);
    unasked.wait();
    assert_eq!((unasked.events().count(), stream.stats().missed_events), (2, outcome.missed_events));
}

#[test]
fn events_of_marks_need_no_outcome_that_keeps_them() {
    let _watchdog = Watchdog::over("events alone");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let Voiced { stream, .. } = Voiced::open(&engine).unwrap();
    let text = "one sum. all mood. ".repeat(50);
    let speech = stream.speak(Utterance { marks: false, ..marked(&text, 1_000) }).unwrap();
    let events: Vec<_> = speech.events().collect();
    let words = marks(&events).into_iter().filter(|mark| mark.kind == MarkKind::Word);
    let said: Vec<_> = words.map(|mark| text[mark.text.clone()].trim_end_matches('.')).collect();
    assert_eq!(said, ["one", "sum", "all", "mood"].repeat(50));
    assert_eq!(speech.wait().marks, []);
}

#[test]
fn threads_that_wait_for_one_utterance_do_not_wait_for_each_other() {
    let _watchdog = Watchdog::over("two who wait");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let Voiced { stream, .. } = Voiced::open(&engine).unwrap();
    let (writer, reader) = stream.text();
    let speech = stream.speak(utterance(Input::Stream(reader), 0)).unwrap();
    assert_eq!((speech.wait_within(Duration::ZERO), speech.try_next_event()), (None, Err(NoEvent::NotYet)));
    std::thread::scope(|scope| {
        let ends: Vec<_> = (0..2).map(|_| scope.spawn(|| speech.wait())).collect();
        let sound = scope.spawn(|| speech.wait_audible());
        writer.write("one.\n\n").unwrap();
        let ttfa = sound.join().unwrap();
        assert!(ttfa.is_some() && ends.iter().all(|end| !end.is_finished()));
        assert!(matches!(speech.next_event(), Some(Heard { event: SpeechEvent::Audible { .. }, .. })));
        assert_eq!(speech.next_event_within(Duration::from_millis(5)), Err(NoEvent::NotYet));
        drop(writer);
        for end in ends {
            let outcome = end.join().unwrap();
            assert_eq!((outcome.end, outcome.ttfa), (SpeechEvent::Finished, ttfa));
        }
    });
    assert!(matches!(speech.next_event(), Some(Heard { event: SpeechEvent::Finished, .. })));
    assert_eq!(speech.next_event(), None);
    assert_eq!(speech.try_next_event(), Err(NoEvent::Over));
}

/// A stream whose sink renders nothing while it is paused, as a host that halts its device.
fn halting(engine: &Engine) -> (Stream, Kept) {
    let kept = Kept::default();
    let writer = kept.clone();
    let open = |transport: &Arc<Transport>| {
        let transport = Arc::clone(transport);
        Driven::new(Format::NATIVE, writer, move |freewheel: &mut Freewheel<Kept>, now| {
            if transport.is_paused() { Ok(Drive::OwnClock) } else { freewheel.drive(now) }
        })
    };
    (engine.open(|_, transport| Ok(Box::new(open(transport)))).unwrap(), kept)
}

#[test]
fn what_is_spoken_on_a_paused_stream_waits_for_its_resumption() {
    let _watchdog = Watchdog::over("a pause");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let (stream, kept) = halting(&engine);
    stream.pause();
    let spoken: Vec<_> = ["one.", "two."].iter().map(|text| say(&stream, text, 0)).collect();
    until(|| stream.stats().fragments == 2);
    assert!(stream.is_paused() && !stream.drain_within(Duration::from_millis(20)));
    assert!(kept.samples().is_empty());
    assert!(spoken.iter().all(|speech| speech.try_next_event() == Err(NoEvent::NotYet)));
    stream.control().resume();
    stream.drain();
    for speech in &spoken {
        assert_one_end(&speech.events().collect::<Vec<_>>(), &SpeechEvent::Finished);
    }
    stream.close().unwrap();
    assert_eq!(kept.read().symbols, "one.two.");
}

#[test]
fn a_pause_holds_the_sound_at_its_sample_and_the_events_with_it() {
    let _watchdog = Watchdog::over("a pause in the middle of the sound");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let kept = Kept::default();
    let writer = kept.clone();
    let stream = engine.open(|_, _| Ok(Box::new(Paced::into_writer(PERIOD, writer)))).unwrap();
    let speech = stream.speak(marked(&"one sum. all mood. ".repeat(5), 64)).unwrap();
    assert!(speech.wait_audible().is_some());
    stream.pause();
    let periods = || kept.samples().len() / PERIOD.period as usize;
    let after = |count: usize| {
        let end = periods() + count;
        until(|| periods() >= end);
    };
    // The device has had its last period, and that has been heard.
    after(3);
    while speech.try_next_event().is_ok() {}
    let begin = kept.samples().len();
    after(50);
    assert!(kept.samples()[begin..].iter().all(|&sample| sample == 0.0));
    assert_eq!(speech.try_next_event(), Err(NoEvent::NotYet));
    stream.resume();
    assert_one_end(&read_in_time(&speech), &SpeechEvent::Finished);
    assert_eq!(speech.wait().marks.len(), 30);
}

#[test]
fn a_stop_while_paused_drops_what_was_held_and_ends_the_pause() {
    let _watchdog = Watchdog::over("a stop while paused");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let (stream, kept) = halting(&engine);
    stream.pause();
    let held = say(&stream, "one.", 0);
    until(|| stream.stats().fragments == 1);
    stream.stop();
    assert_one_end(&held.events().collect::<Vec<_>>(), &SpeechEvent::Stopped);
    assert!(!stream.is_paused());
    assert_eq!(say(&stream, "two.", 0).wait().end, SpeechEvent::Finished);
    stream.close().unwrap();
    assert_eq!(kept.read().symbols, "two.");
}

#[test]
fn a_paused_stream_that_is_closed_is_heard_to_its_end() {
    let _watchdog = Watchdog::over("closing a paused stream");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let (stream, kept) = halting(&engine);
    stream.pause();
    let speech = say(&stream, "one.", 0);
    stream.close().unwrap();
    assert_eq!((speech.wait().end, kept.read().symbols.as_str()), (SpeechEvent::Finished, "one."));
}

#[test]
fn a_drained_stream_has_been_heard_and_every_utterance_has_ended() {
    let _watchdog = Watchdog::over("draining");
    let engine = engine(FakeSynthesizer::default().slow(Duration::from_millis(2))).unwrap();
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    stream.drain();
    let spoken: Vec<_> = (0..10).map(|n| say(&stream, "one sum.", n)).collect();
    stream.drain();
    assert_eq!(kept.read().symbols, "onesum.".repeat(10));
    for speech in &spoken {
        let ended = speech.wait_within(Duration::ZERO).map(|outcome| outcome.end);
        assert_eq!(ended, Some(SpeechEvent::Finished));
    }
    assert_eq!(say(&stream, "two.", 0).wait().end, SpeechEvent::Finished);
}

#[test]
fn what_was_written_is_spoken_at_a_flush_without_waiting_for_the_end_of_its_sentence() {
    let _watchdog = Watchdog::over("a flush");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let Voiced { stream, kept } = Voiced::open(&engine).unwrap();
    let (writer, reader) = stream.text();
    let speech = stream.speak(utterance(Input::Stream(reader), 0)).unwrap();
    writer.write("let me look").unwrap();
    assert_eq!(speech.next_event_within(Duration::from_millis(20)), Err(NoEvent::NotYet));
    writer.flush().unwrap();
    until(|| kept.read().symbols == "letmelook");
    writer.write(" here it is.").unwrap();
    drop(writer);
    assert_eq!(speech.wait().end, SpeechEvent::Finished);
    stream.close().unwrap();
    assert_eq!(kept.read().symbols, "letmelookhereitis.");
}

#[test]
fn every_utterance_has_exactly_one_end_whatever_is_stopped_and_paused_around_it() {
    let _watchdog = Watchdog::over("a storm of stops and pauses");
    let engine = engine(FakeSynthesizer::default().in_parts(3)).unwrap();
    let (stream, _) = halting(&engine);
    let (control, done) = (stream.control(), AtomicBool::new(false));
    let ended: Vec<_> = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut scatter = Scatter::new(7);
            while !done.load(Ordering::Acquire) {
                match scatter.below(4) {
                    0 => control.pause(),
                    1 => control.stop(),
                    _ => control.resume(),
                }
                std::thread::sleep(Duration::from_micros(scatter.below(200) as u64));
            }
            control.resume();
        });
        let mut ended = Vec::new();
        for _ in 0..500 {
            let spoken: Vec<_> =
                (0..4).map(|_| stream.speak(marked("one sum. all mood.", 64)).unwrap()).collect();
            ended.extend(spoken.iter().map(|speech| (read_in_time(speech), speech.next_event())));
        }
        done.store(true, Ordering::Release);
        ended
    });
    let mut ends = HashSet::new();
    for (events, after) in ended {
        let end = events.last().unwrap().event.clone();
        assert_one_end(&events, &end);
        assert_eq!(after, None);
        assert!(marks(&events).is_sorted_by_key(|mark| mark.samples.start), "{events:?}");
        ends.insert(end == SpeechEvent::Stopped);
    }
    assert_eq!(ends.len(), 2, "some are stopped and some are heard");
    assert_eq!(say(&stream, "two.", 0).wait().end, SpeechEvent::Finished);
}

#[test]
fn counters_can_be_read_while_it_speaks_and_tell_how_long_there_was_no_text() {
    let _watchdog = Watchdog::over("counters");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let Voiced { stream, .. } = Voiced::open(&engine).unwrap();
    let control = stream.control();
    let (writer, reader) = stream.text();
    let speech = stream.speak(utterance(Input::Stream(reader), 0)).unwrap();
    assert_eq!((control.stats().starvations, control.stats().starved_s), (0, 0.0));
    writer.write("one mood.\n\n").unwrap();
    until(|| control.stats().starved_s > 0.0);
    assert_eq!(control.stats().starvations, 1);
    drop(writer);
    speech.wait();
    let (before, after) = (control.stats().starved_s, control.stats().starved_s);
    assert_eq!(before, after, "nothing is owed once the text is over");
}
