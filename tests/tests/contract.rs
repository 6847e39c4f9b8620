//! What `docs/contract.md` promises and no other test proves, each test headed by its clauses; and that the contract
//! names no test that is not there.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use rtrb::{Consumer, Producer, RingBuffer};
use sostenuto_engine::{Input, SpeechEvent};
use sostenuto_playback::{
    BlockWriter, Buffer, Chunk, ChunkRing, Content, Drive, Format, Freewheel, Paced, Pump, PumpEvent,
    Renderer, SessionId, Sink, SinkError, StreamId, Tag, Transport,
};
use sostenuto_tests::{Callback, FakeSynthesizer, Kept, Scatter, Watchdog, engine, read, utterance};

const RATE: u32 = 24_000;
const PERIOD: usize = 240;
const FORMAT: Format = Format { rate: RATE, channels: 1, period: PERIOD as u32 };
/// Chunks that fit on their way.
const SLOTS: usize = 256;
/// Samples over which sound comes and goes: 5 ms.
const FADE: usize = 120;
/// Samples in a row that nothing conceals with.
const STRETCH: usize = 2 * PERIOD;
/// Steps of the clock.
const TICK: Duration = Duration::from_millis(2);

/// A pump, what it is fed by, and what it told, on a clock of the test's own.
struct Deck {
    chunks: Producer<Chunk>,
    returns: Consumer<Buffer>,
    transport: Arc<Transport>,
    pump: Pump,
    now: Duration,
    events: Vec<PumpEvent>,
}

impl Deck {
    fn new(format: Format) -> (Self, Renderer) {
        let (chunks, chunks_out) = RingBuffer::new(SLOTS);
        let (returns_in, returns) = RingBuffer::new(2 * SLOTS);
        let transport = Arc::new(Transport::default());
        let ring = ChunkRing { chunks: chunks_out, returns: returns_in, taken: Arc::default() };
        let (pump, renderer) = Pump::new(vec![ring], Arc::clone(&transport), format).unwrap();
        (Self { chunks, returns, transport, pump, now: Duration::ZERO, events: Vec::new() }, renderer)
    }

    /// One with a sink in real time that keeps what it renders.
    fn paced() -> (Self, Paced<Kept>, Kept) {
        let (deck, renderer) = Self::new(FORMAT);
        let kept = Kept::default();
        let mut sink = Paced::into_writer(FORMAT, kept.clone());
        sink.start(renderer).unwrap();
        (deck, sink, kept)
    }

    fn send(&mut self, seq: u64, content: Content, samples: Vec<f32>) {
        let tag = Tag { stream: StreamId(0), epoch: self.transport.epoch(), seq };
        let buffer = Buffer { samples, marks: Vec::new() };
        let session = SessionId(0);
        self.chunks
            .push(Chunk { tag, session, part: 0, last: true, content, buffer, pause: 0, promised: None })
            .unwrap();
    }

    fn speak(&mut self, seq: u64, samples: Vec<f32>) {
        self.send(seq, Content::Audio, samples);
    }

    fn end(&mut self, seq: u64, utterance: u64) {
        self.send(seq, Content::End { utterance }, Vec::new());
    }

    fn step(&mut self) {
        self.pump.step(self.now);
        self.events.extend(std::iter::from_fn(|| self.pump.next_event()));
    }

    /// Drives `sink` for `time`, in steps as long as `late` says.
    fn run(&mut self, sink: &mut dyn Sink, time: Duration, mut late: impl FnMut() -> Duration) {
        let until = self.now + time;
        while self.now < until {
            self.step();
            sink.drive(self.now).unwrap();
            self.now += late();
        }
        self.step();
    }

    fn finished(&self) -> Vec<u64> {
        let finished = |event: &PumpEvent| match event {
            PumpEvent::Finished { utterance } => Some(*utterance),
            _ => None,
        };
        self.events.iter().filter_map(finished).collect()
    }
}

/// Samples of which no two are alike, none is zero and none is loud.
fn ramp(from: usize, count: usize) -> Vec<f32> {
    (from + 1..=from + count).map(|n| n as f32 / 65_536.0).collect()
}

/// The stretches of a ramp that were heard at full level, in order. What is shorter than [`STRETCH`] is left out: it may
/// conceal a break.
fn stretches(heard: &[f32]) -> Vec<Range<usize>> {
    let follows = |a: &f32, b: &f32| *a >= 1.0 / 65_536.0 && b - a == 1.0 / 65_536.0;
    let whole = |run: &&[f32]| run.len() > STRETCH;
    let numbers = |run: &[f32]| {
        let first = (run[0] * 65_536.0) as usize;
        first..first + run.len()
    };
    heard.chunk_by(follows).filter(whole).map(numbers).collect()
}

/// RT-1
#[test]
fn every_sample_of_any_slice_is_written() {
    let mut scatter = Scatter::new(1);
    for channels in 1..=6_u16 {
        let (mut deck, mut renderer) = Deck::new(Format { channels, ..FORMAT });
        for seq in 0..200 {
            // Sometimes enough, sometimes not, sometimes nothing at all.
            if scatter.below(3) > 0 {
                deck.speak(seq, ramp(0, scatter.below(600)));
            } else {
                deck.send(seq, Content::Gap, Vec::new());
            }
            if scatter.below(20) == 0 {
                deck.transport.set_starved(scatter.below(2) == 0);
            }
            deck.step();
            let mut out = vec![f32::NAN; scatter.below(700) * usize::from(channels)];
            let rendered = renderer.render(&mut out);
            assert!(out.iter().all(|sample| sample.is_finite()), "{channels} channels");
            assert!(rendered.frames <= out.len() / usize::from(channels));
        }
    }
}

/// RT-2
#[test]
fn the_same_sound_comes_out_however_it_is_sliced() {
    let sound = |slice: &mut dyn FnMut() -> usize| {
        let (mut deck, mut renderer) = Deck::new(FORMAT);
        deck.speak(0, ramp(0, 6_000));
        deck.speak(1, ramp(6_000, 6_000));
        deck.end(2, 0);
        let mut heard = Vec::new();
        while heard.len() < 12_000 {
            deck.step();
            let mut out = vec![0.0; slice().min(renderer.available()).min(12_000 - heard.len())];
            renderer.render(&mut out);
            heard.extend_from_slice(&out);
        }
        heard
    };
    let mut scatter = Scatter::new(2);
    let by_periods = sound(&mut || PERIOD);
    assert_eq!(by_periods[FADE..], ramp(0, 12_000)[FADE..]);
    assert!(sound(&mut || 1) == by_periods);
    for _ in 0..20 {
        assert!(sound(&mut || 1 + scatter.below(1_000)) == by_periods);
    }
}

/// RT-6, DRAIN-1, SINK-2
#[test]
fn a_sink_that_is_called_late_loses_time_and_nothing_else() {
    let mut scatter = Scatter::new(3);
    for _ in 0..20 {
        let (mut deck, mut sink, kept) = Deck::paced();
        for seq in 0..10 {
            deck.speak(seq, ramp(seq as usize * 2_400, 2_400));
        }
        deck.end(10, 7);
        // Ten times as long as a period, at worst, and longer than what the hard ring holds.
        let late = || Duration::from_millis(1 + scatter.below(100) as u64);
        deck.run(&mut sink, Duration::from_secs(4), late);
        let heard = kept.samples();
        let stretches = stretches(&heard);
        assert!(
            stretches.windows(2).all(|pair| pair[0].end <= pair[1].start),
            "twice or out of order: {stretches:?}"
        );
        assert_eq!(deck.finished(), [7]);
        // No period of the clock was left out.
        let periods = (deck.now.as_secs_f64() * f64::from(RATE)) as usize / PERIOD;
        assert!(heard.len() / PERIOD >= periods - 10);
        // What is missing at full level was heard in a fade, or in a stretch too short to be counted.
        let breaks = deck.transport.underruns() as usize + 1;
        let whole: usize = stretches.iter().map(Range::len).sum();
        assert!(24_000 - whole <= breaks * (2 * FADE + STRETCH), "{whole} of 24000, {breaks} breaks");
        assert_eq!(deck.pump.stats().speech_samples, 24_000);
    }
}

/// RT-7
#[test]
fn the_position_never_goes_back_and_never_past_what_was_rendered() {
    let (mut deck, mut renderer) = Deck::new(FORMAT);
    let mut scatter = Scatter::new(4);
    let (mut sent, mut last) = (0_u64, 0_u64);
    for seq in 0..400 {
        let samples = ramp(0, scatter.below(800));
        sent += samples.len() as u64;
        deck.speak(seq, samples);
        deck.step();
        let mut out = vec![0.0; scatter.below(1_000)];
        let rendered = renderer.render(&mut out);
        deck.now += TICK;
        renderer.publish(deck.now);
        let Some(position) = deck.transport.position.read() else { continue };
        assert!(position.frames >= last, "{} after {last}", position.frames);
        assert!(position.frames <= sent, "{} of {sent}", position.frames);
        if rendered.frames == 0 {
            assert_eq!(position.frames, last, "it moved while nothing was rendered");
        }
        last = position.frames;
    }
    assert!(last > 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// ORDER-1, ORDER-2, ORDER-3, MEM-3
    #[test]
    fn chunks_in_any_order_missing_or_twice_are_played_once_in_order_and_counted(
        count in 1_usize..40, seed in any::<u64>(),
    ) {
        let (mut deck, renderer) = Deck::new(FORMAT);
        let kept = Kept::default();
        let mut sink = Freewheel::into_writer(FORMAT, kept.clone());
        sink.start(renderer).unwrap();
        let mut scatter = Scatter::new(seed);
        let is_gap: Vec<bool> = (0..count).map(|_| scatter.below(4) == 0).collect();
        // The head start that a seq may have over the one before it is that of the sessions: a few.
        let mut order: Vec<usize> = (0..count).collect();
        for n in 0..count {
            order.swap(n, (n + scatter.below(5)).min(count - 1));
        }
        let (mut gaps, mut twice) = (0, 0);
        for seq in order {
            let times = 1 + u64::from(scatter.below(6) == 0);
            twice += times - 1;
            for _ in 0..times {
                if is_gap[seq] {
                    deck.send(seq as u64, Content::Gap, Vec::new());
                } else {
                    deck.speak(seq as u64, ramp(seq * 300, 300));
                }
            }
            gaps += u64::from(is_gap[seq]);
            deck.step();
            sink.drive(deck.now).unwrap();
        }
        deck.end(count as u64, 1);
        deck.run(&mut sink, Duration::from_secs(1), || TICK);
        let stats = deck.pump.stats();
        prop_assert_eq!(stats.gaps, gaps);
        prop_assert_eq!(stats.late_chunks + stats.duplicate_chunks, twice);
        prop_assert_eq!(deck.finished(), [1]);
        let spoken = is_gap.iter().filter(|gap| !**gap).count();
        prop_assert_eq!(stats.speech_samples, 300 * spoken as u64);
        let heard = kept.samples();
        prop_assert_eq!(heard.len(), 300 * spoken);
        prop_assert!(heard.windows(2).skip(FADE).all(|pair| pair[0] < pair[1]), "out of order");
        prop_assert!(deck.pump.is_drained());
        // Every buffer that was lent came back, whether it was played or refused.
        let mut returned = 0;
        while deck.returns.pop().is_ok() {
            returned += 1;
        }
        prop_assert!(returned >= spoken, "{} of {}", returned, spoken);
    }
}

/// STOP-5
#[test]
fn a_stop_of_a_silent_stream_is_told_once_and_does_no_harm() {
    let (mut deck, mut sink, kept) = Deck::paced();
    for _ in 0..3 {
        deck.transport.stop();
        deck.run(&mut sink, Duration::from_millis(30), || TICK);
    }
    let stopped = |event: &&PumpEvent| matches!(event, PumpEvent::Stopped { .. });
    assert_eq!(deck.events.iter().filter(stopped).count(), 3);
    assert!(kept.samples().iter().all(|&sample| sample == 0.0));
    deck.speak(0, ramp(0, 2_400));
    deck.end(1, 5);
    deck.run(&mut sink, Duration::from_millis(300), || TICK);
    assert_eq!(deck.finished(), [5]);
    assert_eq!(stretches(&kept.samples()).last().map(|stretch| stretch.end), Some(2_401));
}

/// DRAIN-1, DRAIN-2
#[test]
fn an_end_is_told_once_and_when_the_last_sample_has_been_heard() {
    let (mut deck, mut sink, kept) = Deck::paced();
    deck.speak(0, ramp(0, 4_800));
    deck.end(1, 1);
    deck.speak(2, ramp(4_800, 4_800));
    deck.end(3, 2);
    for (utterance, last) in [(1, 4_800), (2, 9_600)] {
        while !deck.finished().contains(&utterance) {
            deck.run(&mut sink, TICK, || TICK);
            assert!(deck.now < Duration::from_secs(2), "no end");
        }
        assert!(kept.samples().contains(&(last as f32 / 65_536.0)), "told before it was heard");
    }
    deck.run(&mut sink, Duration::from_secs(1), || TICK);
    assert_eq!(deck.finished(), [1, 2]);
}

/// BUFFER-6
#[test]
fn after_it_was_short_it_goes_on_once_half_the_target_is_there() {
    let (mut deck, mut sink, _) = Deck::paced();
    let position = |deck: &Deck| deck.transport.position.read().map_or(0, |position| position.frames);
    deck.speak(0, ramp(0, 2_400));
    deck.run(&mut sink, Duration::from_millis(200), || TICK);
    assert_eq!(deck.transport.underruns(), 1);
    let short_at = position(&deck);
    let half = (deck.pump.stats().target_s * f64::from(RATE) / 2.0) as usize;
    deck.speak(1, ramp(2_400, half / 2));
    deck.run(&mut sink, Duration::from_millis(100), || TICK);
    assert_eq!(position(&deck), short_at, "a quarter of the target would be over before more has come");
    let concealed = deck.transport.concealed_frames();
    deck.speak(2, ramp(2_400 + half / 2, half));
    deck.run(&mut sink, Duration::from_millis(20), || TICK);
    assert!(position(&deck) > short_at);
    assert!(deck.transport.concealed_frames() <= concealed + 2 * PERIOD as u64);
    assert_eq!((deck.transport.underruns(), deck.transport.interruptions()), (1, 1));
}

/// PAUSE-4
#[test]
fn a_stop_in_a_pause_ends_what_is_held_and_only_what_is_spoken_next_is_heard() {
    let _watchdog = Watchdog::over("a stop in a pause");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let kept = Kept::default();
    let writer = kept.clone();
    let stream = engine.open(|_, _| Ok(Box::new(Paced::into_writer(FORMAT, writer)))).unwrap();
    let say = |text: &str| stream.speak(utterance(Input::Text(text.into()), 0)).unwrap();
    let held = say(&"one sum. ".repeat(20));
    assert!(held.wait_audible().is_some());
    stream.pause();
    let waiting = say("one.");
    let begin = kept.samples().len();
    while kept.samples().len() < begin + 10 * PERIOD {
        std::thread::sleep(TICK);
    }
    stream.stop();
    assert_eq!([held.wait().end, waiting.wait().end], [SpeechEvent::Stopped, SpeechEvent::Stopped]);
    assert!(!stream.is_paused());
    // By the first of these ten periods it had fallen silent, and nothing sounded again for the stop.
    let silent = kept.samples().len();
    assert!(kept.samples()[begin + 2 * PERIOD..silent].iter().all(|&sample| sample == 0.0));
    assert_eq!(say("all.").wait().end, SpeechEvent::Finished);
    stream.close().unwrap();
    let heard = read(&kept.samples()[silent..]).symbols;
    assert!(heard.contains('a') && !heard.contains(|symbol| "onesum".contains(symbol)), "{heard}");
}

/// Takes so many blocks, and then no more.
struct Breaking {
    left: usize,
}

impl BlockWriter for Breaking {
    fn write(&mut self, _block: &[f32]) -> Result<(), SinkError> {
        let broken = || SinkError::Lost { reason: "it was unplugged".to_string() };
        self.left = self.left.checked_sub(1).ok_or_else(broken)?;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}

/// ERR-3
#[test]
fn a_sink_that_fails_ends_every_utterance_with_its_reason() {
    let _watchdog = Watchdog::over("a sink that fails");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    let sink = Freewheel::into_writer(Format::NATIVE, Breaking { left: 1 });
    let stream = engine.open(|_, _| Ok(Box::new(sink))).unwrap();
    let text = "mood ".repeat(200) + "mood. ";
    let spoken: Vec<_> =
        (0..3).filter_map(|n| stream.speak(utterance(Input::Text(text.clone()), n)).ok()).collect();
    assert!(!spoken.is_empty());
    for speech in spoken {
        let end = speech.wait().end;
        assert!(
            matches!(&end, SpeechEvent::Failed { reason } if reason.contains("it was unplugged")),
            "{end:?}"
        );
    }
    let refused = stream.speak(utterance(Input::Text(text), 9));
    assert!(refused.is_err(), "an utterance was accepted that nobody will hear");
    assert!(stream.close().is_err());
}

/// A sink that counts the times it is driven after it was closed.
struct Counted {
    inner: Callback<Kept>,
    closed: bool,
    driven_after: Arc<AtomicUsize>,
}

impl Sink for Counted {
    fn format(&self) -> Format {
        self.inner.format()
    }

    fn is_real_time(&self) -> bool {
        self.inner.is_real_time()
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), SinkError> {
        self.inner.start(renderer)
    }

    fn drive(&mut self, now: Duration) -> Result<Drive, SinkError> {
        self.driven_after.fetch_add(usize::from(self.closed), Ordering::AcqRel);
        self.inner.drive(now)
    }

    fn close(&mut self) -> Result<(), SinkError> {
        self.driven_after.fetch_add(usize::from(self.closed), Ordering::AcqRel);
        self.closed = true;
        self.inner.close()
    }
}

/// SINK-1
#[test]
fn nothing_is_rendered_once_a_stream_is_closed() {
    let _watchdog = Watchdog::over("closing");
    let engine = engine(FakeSynthesizer::default()).unwrap();
    for _ in 0..50 {
        let (kept, driven_after) = (Kept::default(), Arc::<AtomicUsize>::default());
        let (writer, driven) = (kept.clone(), Arc::clone(&driven_after));
        let stream = engine
            .open(|clock, _| {
                let inner = Callback::new(Format::NATIVE, clock, writer);
                Ok(Box::new(Counted { inner, closed: false, driven_after: driven }))
            })
            .unwrap();
        let speech = stream.speak(utterance(Input::Text("mood mood mood.".into()), 0)).unwrap();
        stream.close().unwrap();
        let heard = kept.samples().len();
        assert_eq!(speech.wait().end, SpeechEvent::Finished);
        assert_eq!(kept.samples().len(), heard);
        assert_eq!(driven_after.load(Ordering::Acquire), 0, "it was driven or closed after it was closed");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A clause, and the tests that it names.
struct Clause {
    id: String,
    tests: BTreeSet<String>,
}

/// Whether `word` is what a clause is called: a group in capitals and a number.
fn is_clause(word: &str) -> bool {
    word.split_once('-').is_some_and(|(group, number)| {
        !group.is_empty()
            && group.chars().all(|c| c.is_ascii_uppercase())
            && !number.is_empty()
            && number.chars().all(|c| c.is_ascii_digit())
    })
}

/// The tests that a line names: what stands in backquotes and is a Rust file, two colons and a name.
fn tests_in(line: &str) -> impl Iterator<Item = String> {
    line.split('`').skip(1).step_by(2).filter(|code| code.contains(".rs::")).map(str::to_string)
}

fn text() -> String {
    fs::read_to_string(root().join("docs/contract.md")).unwrap()
}

/// The clauses of the contract, and its annex, which has a row for each.
fn contract() -> (Vec<Clause>, Vec<Clause>) {
    let text = text();
    let (body, annex) = text.split_once("\n## Annex").unwrap();
    let body = body.split("\n## Measured, not asserted").next().unwrap();
    let mut clauses: Vec<Clause> = Vec::new();
    for line in body.lines() {
        let bold = line.strip_prefix("**").and_then(|rest| rest.split(".**").next());
        if let Some(id) = bold.filter(|word| is_clause(word)) {
            clauses.push(Clause { id: id.to_string(), tests: BTreeSet::new() });
        }
        if let Some(clause) = clauses.last_mut() {
            clause.tests.extend(tests_in(line));
        }
    }
    let row = |line: &str| {
        let id = line.trim_start_matches('|').split('|').next()?.trim();
        is_clause(id).then(|| Clause { id: id.to_string(), tests: tests_in(line).collect() })
    };
    let rows = annex.lines().filter(|line| line.starts_with("| ")).filter_map(row).collect();
    (clauses, rows)
}

/// Whether `source` has a test called `name`.
fn has_test(source: &str, name: &str) -> bool {
    let function = format!("fn {name}(");
    source.find(&function).is_some_and(|at| {
        // Attributes and comments stand between a test's mark and its name, and nothing else that ends a block.
        let before = &source[..at];
        before.rfind("#[test]").is_some_and(|mark| !before[mark..].contains("\n}"))
    })
}

/// Where else a test of this name is, for a message.
fn found(folder: &Path, name: &str, places: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("target") && !path.ends_with(".git") {
            found(&path, name, places);
        } else if path.extension().is_some_and(|ext| ext == "rs")
            && fs::read_to_string(&path).is_ok_and(|source| has_test(&source, name))
        {
            places.push(path.display().to_string());
        }
    }
}

#[test]
fn every_test_that_the_contract_names_exists() {
    let named: BTreeSet<_> = text().lines().flat_map(|line| tests_in(line).collect::<Vec<_>>()).collect();
    let mut missing = Vec::new();
    for test in &named {
        let (path, name) = test.split_once("::").unwrap();
        let source = fs::read_to_string(root().join(path)).unwrap_or_default();
        if !has_test(&source, name) {
            let mut places = Vec::new();
            found(&root(), name, &mut places);
            missing.push(format!("{test} (a test of this name is in: {places:?})"));
        }
    }
    assert!(missing.is_empty(), "the contract names tests that are not there:\n{}", missing.join("\n"));
}

#[test]
fn every_script_that_the_contract_names_exists() {
    let text = text();
    let scripts: BTreeSet<_> =
        text.split('`').skip(1).step_by(2).filter(|code| code.starts_with("scripts/")).collect();
    assert!(scripts.contains("scripts/rtsan.sh") && scripts.contains("scripts/loom.sh"), "{scripts:?}");
    let missing: Vec<_> = scripts.iter().filter(|script| !root().join(script).is_file()).collect();
    assert!(missing.is_empty(), "the contract names scripts that are not there: {missing:?}");
}

#[test]
fn every_clause_has_a_name_of_its_own_a_test_and_its_row_in_the_annex() {
    let (clauses, rows) = contract();
    let ids: BTreeSet<_> = clauses.iter().map(|clause| &clause.id).collect();
    assert!(clauses.len() > 30, "{} clauses were read", clauses.len());
    assert_eq!(ids.len(), clauses.len(), "a clause's name is taken twice");
    for clause in &clauses {
        assert!(!clause.tests.is_empty(), "{} has no test", clause.id);
    }
    let told = |clauses: &[Clause]| -> Vec<String> {
        clauses.iter().map(|clause| format!("{}: {:?}", clause.id, clause.tests)).collect()
    };
    assert_eq!(told(&rows), told(&clauses));
}

#[test]
fn every_test_of_the_contract_heads_clauses_that_there_are() {
    let (clauses, _) = contract();
    let source = include_str!("contract.rs");
    let heads = source.lines().filter_map(|line| line.trim().strip_prefix("/// "));
    let heads: BTreeSet<_> = heads.flat_map(|line| line.split(", ")).filter(|word| is_clause(word)).collect();
    assert!(heads.len() >= 10, "{heads:?}");
    for head in heads {
        let clause = clauses.iter().find(|clause| clause.id == head);
        let clause = clause.unwrap_or_else(|| panic!("{head} is no clause"));
        assert!(
            clause.tests.iter().any(|test| test.starts_with("tests/tests/contract.rs::")),
            "{head} does not name the test that heads it"
        );
    }
}
