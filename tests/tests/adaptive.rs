//! The dispatcher's promises and the pump that acts on them, in one loop on a virtual clock: one session whose fragments
//! stall now and then, a stream, and a listener in real time.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rtrb::{Producer, RingBuffer};
use sostenuto_engine::in_flight::InFlight;
use sostenuto_engine::outlook::{Ahead, outlook};
use sostenuto_engine::planner::{Budget, Planner, pause_seconds};
use sostenuto_engine::turn::{Listener, Rules, Turn};
use sostenuto_engine::workload::{Candidate, Standing, Workload};
use sostenuto_engine::{Policy, prior};
use sostenuto_g2p::Clause;
use sostenuto_inference::SessionKind;
use sostenuto_playback::{
    Buffer, CHUNK_RATE, Chunk, ChunkRing, Content, Epoch, Format, Paced, Pump, PumpEvent, SessionId, Sink,
    StreamId, Tag, Transport, Wake,
};
use sostenuto_simulator::text;
use sostenuto_tests::Scatter;

/// Frames of a concealed stretch that is heard as an interruption: 150 ms.
const INTERRUPTION: u64 = CHUNK_RATE as u64 * 150 / 1_000;

/// How the session's costs are made.
#[derive(Clone, Copy)]
struct Costs {
    c0_s: f64,
    c1_s: f64,
    /// Off by up to this share to either side.
    spread: f64,
    /// Which share of the fragments takes three times as long.
    stalled: f64,
}

impl Costs {
    /// About `rtf` seconds to a second of audio.
    fn at_rtf(rtf: f64) -> Self {
        Self { c0_s: 0.1 * rtf, c1_s: 0.055 * rtf, spread: 0.15, stalled: 0.0 }
    }
}

/// What a listener experienced.
#[derive(Debug, Default)]
struct Listened {
    audio_s: f64,
    utterances: u64,
    fragments: u64,
    stalls: u64,
    /// When concealed stretches had lasted for 150 ms.
    interruptions: Vec<f64>,
    concealed_s: f64,
    inserted_s: f64,
    pre_roll_s: f64,
    /// Mean over the audio of how much later than at the earliest it was heard.
    added_delay_s: f64,
    /// Seconds from each utterance's first chunk to its first sound.
    waits: Vec<f64>,
}

impl Listened {
    fn summary(&self) -> String {
        let Self {
            audio_s,
            utterances,
            fragments,
            stalls,
            interruptions,
            concealed_s,
            inserted_s,
            pre_roll_s,
            added_delay_s,
            ..
        } = self;
        format!(
            "{:.1} h, {utterances} utterances, {fragments} fragments, {stalls} stalled, {} interruptions, \
             {concealed_s:.2} s concealed, {inserted_s:.2} s inserted, {pre_roll_s:.1} s of pre-roll, \
             {added_delay_s:.3} s added on average",
            audio_s / 3_600.0,
            interruptions.len()
        )
    }
}

struct Busy {
    tag: Tag,
    done: f64,
    seconds: f64,
    audio_s: f64,
    pause_s: f64,
    promised: Duration,
}

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// Speaks `texts` one after the other, each when the one before has been heard.
fn listen(costs: Costs, seed: u64, texts: impl Iterator<Item = Vec<Clause>>) -> Listened {
    let mut scatter = Scatter::new(seed);
    let format = Format { rate: CHUNK_RATE, channels: 1, period: 240 };
    let transport = Arc::new(Transport::default());
    let (mut chunks, chunks_out): (Producer<Chunk>, _) = RingBuffer::new(64);
    let (returns_in, mut returns) = RingBuffer::new(128);
    let taken: Arc<AtomicU64> = Arc::default();
    let ring = ChunkRing { chunks: chunks_out, returns: returns_in, taken: Arc::clone(&taken) };
    let (mut pump, renderer) = Pump::new(vec![ring], Arc::clone(&transport), format).unwrap();
    let mut sink = Paced::new(format);
    sink.start(renderer).unwrap();

    let rules = Rules { policy: Policy::Quality, budget: Budget::default() };
    let mut work = Workload::new(prior(SessionKind::Quality));
    let mut planner = Planner::new(rules.budget);
    let mut in_flight = InFlight::default();
    let (epoch, mut seq, mut sent, mut begun, mut last) = (Epoch(0), 0, 0, 0, None);
    let mut busy: Option<Busy> = None;
    let (mut now, mut wake) = (0.0, Duration::ZERO);
    let mut listened = Listened::default();
    // Which concealed stretch it is, and its frames so far.
    let mut gap = (0, 0);
    for (utterance, text) in texts.enumerate() {
        let mut clauses: VecDeque<Clause> = text.into();
        let mut ended = false;
        let mut first_chunk = None;
        let mut heard = None;
        let before = pump.stats();
        let concealed_before = transport.underrun_frames();
        loop {
            // The session.
            if let Some(Busy { tag, seconds, audio_s, pause_s, promised, .. }) =
                busy.take_if(|b| b.done <= now)
            {
                work.end(seconds, Some(audio_s));
                let mut buffer: Buffer = returns.pop().unwrap_or_default();
                buffer.samples.resize((audio_s * f64::from(CHUNK_RATE)) as usize, 0.1);
                let pause = (pause_s * f64::from(CHUNK_RATE)) as u32;
                let (content, promised) = (Content::Audio, Some(promised));
                let session = SessionId(0);
                chunks
                    .push(Chunk { tag, session, part: 0, last: true, content, buffer, pause, promised })
                    .unwrap();
                sent += 1;
                in_flight.end(tag, audio_s + pause_s, sent);
                first_chunk.get_or_insert(now);
                wake = at(now);
            }
            // The dispatcher.
            while !planner.is_full()
                && let Some(clause) = clauses.pop_front()
            {
                planner.push(clause);
            }
            let complete = clauses.is_empty();
            in_flight.settle(epoch, |_, sent| taken.load(Ordering::Acquire) >= sent);
            in_flight.correct(epoch, transport.seconds_taken());
            if complete && planner.is_empty() && !ended && busy.is_none() {
                let tag = Tag { stream: StreamId(0), epoch, seq };
                let content = Content::End { utterance: utterance as u64 };
                let (session, buffer) = (SessionId(0), Buffer::default());
                let end =
                    Chunk { tag, session, part: 0, last: true, content, buffer, pause: 0, promised: None };
                chunks.push(end).unwrap();
                (seq, sent, ended, begun, last) = (seq + 1, sent + 1, true, 0, None);
                planner.restart();
                wake = at(now);
            }
            let ahead = transport.seconds_waiting() + in_flight.seconds(epoch);
            let listener = Listener { ahead, plays: true, begun, last };
            let standing = Standing::Ready { speaks: true };
            let candidate = Candidate { kind: SessionKind::Quality, standing, work: &work };
            let turn = rules.turn(at(now), &listener, &mut planner, complete, &[candidate]);
            if let Turn::Speak { session, budget, opening } = turn
                && let Some(planned) = planner.next_within(complete, budget)
            {
                let tokens = planned.phonemes.chars().count();
                let pause_s = f64::from(pause_seconds(planned.boundary));
                let tag = Tag { stream: StreamId(0), epoch, seq };
                in_flight.begin(tag, session, work.audio_seconds(tokens, 1.0) + pause_s, 1);
                work.begin(at(now), tokens, 1.0, opening);
                let mut around = || 1.0 + costs.spread * (2.0 * scatter.share() - 1.0);
                let mut seconds = (costs.c0_s + costs.c1_s * tokens as f64) * around();
                let audio_s = 0.056 * tokens as f64 * around();
                if scatter.share() < costs.stalled {
                    seconds *= 3.0;
                    listened.stalls += 1;
                }
                let promised = at(now + work.secured_in(at(now)));
                busy = Some(Busy { tag, done: now + seconds, seconds, audio_s, pause_s, promised });
                (seq, begun, last) = (seq + 1, begun + 1, Some((session, planned.boundary)));
                listened.fragments += 1;
            }
            let candidate = Candidate { kind: SessionKind::Quality, standing, work: &work };
            let upcoming = rules.preview(&mut planner, complete, &[candidate]);
            let ahead =
                Ahead { epoch, in_flight: &in_flight, upcoming: &upcoming, complete, speed: 1.0, rate: 1.0 };
            transport.set_outlook(outlook(at(now), &ahead, rules.policy, &[candidate]));
            // Playback.
            let is_short = transport.underrun_frames();
            sink.drive(at(now)).unwrap();
            if at(now) >= wake {
                wake = match pump.step(at(now)).wake {
                    Wake::At(time) => time,
                    Wake::OnInput => at(now + 0.05),
                };
            }
            let frames = transport.underrun_frames() - is_short;
            if frames > 0 {
                if transport.underruns() != gap.0 {
                    gap = (transport.underruns(), 0);
                }
                let before = gap.1;
                gap.1 += frames;
                if before < INTERRUPTION && gap.1 >= INTERRUPTION {
                    listened.interruptions.push(now);
                }
            }
            let stats = pump.stats();
            if heard.is_some() {
                let late = (stats.pre_roll_s - before.pre_roll_s)
                    + (stats.inserted_samples - before.inserted_samples) as f64 / f64::from(CHUNK_RATE)
                    + (transport.underrun_frames() - concealed_before) as f64 / f64::from(CHUNK_RATE);
                listened.added_delay_s += 0.005 * late;
                listened.audio_s += 0.005;
            }
            let mut finished = false;
            while let Some(event) = pump.next_event() {
                match event {
                    PumpEvent::Audible { at } => heard = Some(at),
                    PumpEvent::Finished { .. } => finished = true,
                    _ => {}
                }
            }
            now += 0.005;
            if finished {
                break;
            }
        }
        listened.utterances += 1;
        listened.waits.push(heard.unwrap().as_secs_f64() - first_chunk.unwrap());
        now += 1.0;
    }
    listened.added_delay_s /= listened.audio_s;
    listened.concealed_s = transport.underrun_frames() as f64 / f64::from(CHUNK_RATE);
    listened.inserted_s = pump.stats().inserted_samples as f64 / f64::from(CHUNK_RATE);
    listened.pre_roll_s = pump.stats().pre_roll_s;
    listened
}

/// Texts of a sentence to some minutes, for about `hours`.
fn articles(seed: u64, hours: f64) -> impl Iterator<Item = Vec<Clause>> {
    let mut scatter = Scatter::new(seed);
    let mut left = hours * 3_600.0;
    let mut n = 0;
    std::iter::from_fn(move || {
        if left <= 0.0 {
            return None;
        }
        n += 1;
        let tokens = [60, 300, 1_500, 4_000][scatter.below(4)] + scatter.below(300);
        left -= 0.061 * tokens as f64;
        Some(text(seed ^ n, tokens, 'a'))
    })
}

/// The median and the longest of the times for which beginnings were held back, in seconds.
fn waits(listened: &mut Listened) -> [f64; 2] {
    listened.waits.sort_by(f64::total_cmp);
    [0.5, 1.0].map(|share| listened.waits[(share * (listened.waits.len() - 1) as f64) as usize])
}

/// Listens to articles for about `hours` to a session at RTF 0.5 of which one fragment in twenty stalls.
fn listen_through_stalls(hours: f64, seed: u64) {
    let costs = Costs { stalled: 0.05, ..Costs::at_rtf(0.5) };
    let mut listened = listen(costs, seed, articles(seed, hours));
    let waits = waits(&mut listened);
    println!("seed {seed}, waits {waits:?}: {}", listened.summary());
    assert!(listened.stalls > 0 && listened.interruptions.is_empty(), "{:?}", listened.interruptions);
    assert!(listened.added_delay_s <= 0.6, "{}", listened.added_delay_s);
}

#[test]
fn fragments_that_stall_are_not_heard_once_the_gate_has_opened() {
    listen_through_stalls(0.5, 1);
}

#[test]
#[ignore = "thirty hours of play-out take minutes"]
fn fragments_that_stall_are_not_heard_in_thirty_hours() {
    (1..=3).for_each(|seed| listen_through_stalls(10.0, seed));
}

#[test]
fn a_steady_machine_twice_as_fast_as_speech_hardly_waits() {
    for rtf in [0.1, 0.3, 0.5] {
        let mut listened = listen(Costs::at_rtf(rtf), 2, articles(2, 0.3));
        let waits = waits(&mut listened);
        println!("RTF {rtf}, waits {waits:?}: {}", listened.summary());
        assert!(listened.interruptions.is_empty(), "RTF {rtf}: {:?}", listened.interruptions);
        assert!(listened.added_delay_s <= 0.3, "RTF {rtf}: {}", listened.added_delay_s);
    }
}

#[test]
fn a_machine_slower_than_speech_begins_all_the_same() {
    let mut listened = listen(Costs::at_rtf(1.3), 3, articles(3, 0.1));
    let waits = waits(&mut listened);
    println!("waits {waits:?}: {}", listened.summary());
    assert!(waits[1] <= 3.02 && !listened.interruptions.is_empty(), "{waits:?}");
}

#[test]
fn a_sentence_that_is_one_fragment_begins_as_soon_as_it_is_there() {
    let costs = Costs { stalled: 0.2, ..Costs::at_rtf(0.9) };
    let sentences = articles(4, 1.0).map(|text| text.into_iter().next_back().into_iter().collect());
    let mut listened = listen(costs, 4, sentences);
    assert!(listened.utterances > 10 && waits(&mut listened)[1] <= 0.02, "{:?}", listened.waits);
}
