use super::*;
use crate::chunk::{Buffer, Chunk};
use crate::{BlockWriter, ChunkMark, Freewheel, Outlook, Paced, SessionId, Sink, StreamId, Tag};
use proptest::prelude::*;
use rtrb::RingBuffer;
use rtrb::{Consumer, Producer};
use std::sync::Mutex;

/// Keeps what a sink wrote.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<f32>>>);

impl BlockWriter for Kept {
    fn write(&mut self, block: &[f32]) -> Result<(), SinkError> {
        self.0.lock().unwrap().extend_from_slice(block);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}

fn without_audio(tag: Tag, content: Content) -> Chunk {
    let (session, buffer) = (SessionId(0), Buffer::default());
    Chunk { tag, session, part: 0, last: true, content, buffer, pause: 0, promised: None }
}

struct Bench {
    chunks: Producer<Chunk>,
    returns: Consumer<Buffer>,
    transport: Arc<Transport>,
    pump: Pump,
    sink: Box<dyn Sink>,
    heard: Kept,
    now: Duration,
    events: Vec<PumpEvent>,
}

impl Bench {
    fn new(make: impl FnOnce(Kept) -> Box<dyn Sink>) -> Self {
        let heard = Kept::default();
        let mut sink = make(heard.clone());
        let (chunks, chunk_end) = RingBuffer::new(64);
        let (return_end, returns) = RingBuffer::new(64);
        let transport = Arc::new(Transport::default());
        let ring = ChunkRing { chunks: chunk_end, returns: return_end, taken: Arc::default() };
        let (pump, renderer) = Pump::new(vec![ring], Arc::clone(&transport), sink.format()).unwrap();
        sink.start(renderer).unwrap();
        Self { chunks, returns, transport, pump, sink, heard, now: Duration::ZERO, events: Vec::new() }
    }

    fn freewheel() -> Self {
        Self::freewheel_at(Format::NATIVE.rate)
    }

    fn freewheel_at(rate: u32) -> Self {
        let format = Format { rate, ..Format::NATIVE };
        Self::new(|kept| Box::new(Freewheel::into_writer(format, kept)))
    }

    fn paced() -> Self {
        let format = Format { rate: 24_000, channels: 1, period: 240 };
        Self::new(|kept| Box::new(Paced::into_writer(format, kept)))
    }

    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.pump.step(self.now);
            self.sink.drive(self.now).unwrap();
            self.events.extend(std::iter::from_fn(|| self.pump.next_event()));
            self.now += Duration::from_millis(2);
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a chunk has that many fields, and each test sets them all"
    )]
    fn send(&mut self, epoch: u32, seq: u64, part: u32, last: bool, value: f32, samples: usize, pause: u32) {
        let buffer = Buffer { samples: vec![value; samples], marks: Vec::new() };
        self.send_buffer(epoch, seq, part, last, buffer, pause);
    }

    fn send_buffer(&mut self, epoch: u32, seq: u64, part: u32, last: bool, buffer: Buffer, pause: u32) {
        let tag = Tag { stream: StreamId(0), epoch: Epoch(epoch), seq };
        let session = SessionId(0);
        let (content, promised) = (Content::Audio, None);
        self.chunks.push(Chunk { tag, session, part, last, content, buffer, pause, promised }).unwrap();
    }

    /// A fragment of silence with a click in it, and a mark at the click.
    fn send_click(&mut self, epoch: u32, seq: u64, samples: usize, click: u32, pause: u32) {
        let mut buffer = Buffer { samples: vec![0.0; samples], marks: Vec::new() };
        buffer.samples[click as usize] = 0.8;
        buffer.marks.push(ChunkMark { offset: click, length: 120, index: seq as u32 });
        self.send_buffer(epoch, seq, 0, true, buffer, pause);
    }

    fn end(&mut self, epoch: u32, seq: u64, utterance: u64) {
        let tag = Tag { stream: StreamId(0), epoch: Epoch(epoch), seq };
        let content = Content::End { utterance };
        self.chunks.push(without_audio(tag, content)).unwrap();
    }

    fn heard(&self) -> Vec<f32> {
        self.heard.0.lock().unwrap().clone()
    }
}

#[test]
fn fragments_and_their_pauses_come_out_in_order_and_the_end_is_told_once() {
    let mut bench = Bench::freewheel();
    bench.send(0, 1, 0, true, 0.4, 500, 0);
    bench.send(0, 0, 0, false, 0.2, 1_000, 0);
    bench.send(0, 0, 1, true, 0.3, 1_000, 2_400);
    bench.end(0, 2, 7);
    bench.run(Duration::from_millis(100));
    let heard = bench.heard();
    assert_eq!(heard.len(), 2_000 + 2_400 + 500);
    assert_eq!((heard[999], heard[1_999], heard[2_100], heard[4_899]), (0.2, 0.3, 0.0, 0.4));
    assert!(matches!(bench.events[..], [PumpEvent::Audible { .. }, PumpEvent::Finished { utterance: 7 }]));
    assert_eq!(bench.returns.slots(), 3);
    assert!(bench.pump.is_drained());
}

#[test]
fn a_gap_does_not_hold_up_the_order() {
    let mut bench = Bench::freewheel();
    let tag = Tag { stream: StreamId(0), epoch: Epoch(0), seq: 0 };
    bench.send(0, 1, 0, true, 0.4, 500, 0);
    bench.chunks.push(without_audio(tag, Content::Gap)).unwrap();
    bench.end(0, 2, 0);
    bench.run(Duration::from_millis(10));
    assert_eq!(bench.heard().len(), 500);
    assert_eq!(bench.pump.stats().gaps, 1);
}

#[test]
fn the_first_audible_sample_is_timed_at_the_sink_and_not_at_the_pump() {
    let mut bench = Bench::paced();
    bench.run(Duration::from_millis(50));
    bench.send(0, 0, 0, false, 0.0, 2_400, 0);
    bench.send(0, 0, 1, true, 0.5, 2_400, 0);
    bench.run(Duration::from_millis(300));
    let Some(&PumpEvent::Audible { at }) = bench.events.first() else { panic!("{:?}", bench.events) };
    // Sent at 50 ms, rendered from the next period on, audible after 100 ms of silence.
    assert!((150..=162).contains(&at.as_millis()), "{at:?}");
}

#[test]
fn silence_for_want_of_text_is_starvation_and_for_want_of_speed_an_underrun() {
    let mut bench = Bench::paced();
    bench.send(0, 0, 0, true, 0.5, 2_400, 0);
    bench.run(Duration::from_millis(300));
    assert_eq!(bench.transport.underruns(), 1);
    assert_eq!(bench.pump.stats().starvations, 0);

    let mut bench = Bench::paced();
    bench.send(0, 0, 0, true, 0.5, 2_400, 0);
    bench.transport.set_starved(true);
    bench.run(Duration::from_millis(300));
    assert_eq!(bench.transport.underruns(), 0);
    assert_eq!(bench.pump.stats().starvations, 1);
    // 100 ms of 300 were speech, taken a period ahead of being heard.
    let starved_s = bench.pump.stats().starved_s;
    assert!((0.190..=0.210).contains(&starved_s), "{starved_s} s");
}

#[test]
fn no_more_is_taken_in_above_the_high_water_mark() {
    let mut bench = Bench::paced();
    for seq in 0..40 {
        bench.send(0, seq, 0, true, 0.5, 24_000, 0);
    }
    bench.run(Duration::from_millis(20));
    assert!(bench.transport.seconds_waiting() < HIGH_WATER_SECONDS + 1.1);
    assert!(bench.chunks.slots() < 40);
    bench.run(Duration::from_secs(41));
    assert!(bench.pump.is_drained());
    assert_eq!(bench.transport.underruns(), 1, "only the end of an utterance that never ended");
}

#[test]
fn after_a_stop_nothing_old_is_heard_and_every_buffer_comes_back() {
    let mut bench = Bench::paced();
    bench.send(0, 0, 0, true, 0.5, 24_000, 0);
    bench.run(Duration::from_millis(100));
    let epoch = bench.transport.stop();
    bench.send(0, 1, 0, true, 0.5, 24_000, 0);
    bench.run(Duration::from_millis(20));
    assert_eq!(bench.events.last(), Some(&PumpEvent::Stopped { epoch }));
    let silent_from = bench.heard().len();
    bench.send(0, 2, 0, true, 0.5, 24_000, 0);
    bench.send(epoch.0, 0, 0, true, 0.25, 2_400, 0);
    bench.run(Duration::from_millis(200));
    assert!(bench.heard()[silent_from..].iter().all(|&s| s <= 0.25));
    assert!(bench.heard().contains(&0.25));
    assert_eq!(bench.returns.slots(), 4);
    assert_eq!(bench.pump.stats().stale_chunks, 3);
}

/// The largest sample of each stretch of `heard` that begins and ends with silence of 100 frames.
fn clicks(heard: &[f32]) -> Vec<usize> {
    let mut clicks: Vec<usize> = Vec::new();
    for (at, sample) in heard.iter().enumerate().filter(|(_, sample)| sample.abs() > 0.1) {
        match clicks.last_mut() {
            Some(last) if at - *last < 100 => {
                if sample.abs() > heard[*last].abs() {
                    *last = at;
                }
            }
            _ => clicks.push(at),
        }
    }
    clicks
}

#[test]
fn a_mark_is_at_the_frame_of_its_sample_at_every_rate_and_counts_from_its_utterance() {
    for rate in [24_000, 44_100, 48_000] {
        let mut bench = Bench::freewheel_at(rate);
        bench.send_click(0, 0, 5_000, 1_234, 4_321);
        bench.send_click(0, 1, 3_000, 777, 999);
        bench.end(0, 2, 0);
        bench.send_click(0, 3, 3_000, 1_501, 0);
        bench.end(0, 4, 1);
        bench.run(Duration::from_millis(600));
        let heard = clicks(&bench.heard());
        let mut begin = 0;
        let mut told = Vec::new();
        for event in &bench.events {
            match event {
                PumpEvent::Mark { frames, .. } => {
                    told.push((begin + frames.start) as usize);
                    assert!((frames.end - frames.start).abs_diff(120 * u64::from(rate) / 24_000) <= 1);
                }
                PumpEvent::Finished { .. } => {
                    begin = (5_000 + 4_321 + 3_000 + 999) * u64::from(rate) / 24_000;
                }
                _ => {}
            }
        }
        assert_eq!((heard.len(), told.len()), (3, 3), "at {rate} Hz");
        for (mark, click) in told.iter().zip(&heard) {
            assert!(mark.abs_diff(*click) <= 1, "{told:?} for {heard:?} at {rate} Hz");
        }
    }
}

#[test]
fn a_mark_is_told_as_its_frame_is_heard_and_before_the_end() {
    let mut bench = Bench::paced();
    bench.send_click(0, 0, 4_800, 2_400, 0);
    bench.end(0, 1, 3);
    bench.run(Duration::from_millis(400));
    let [
        PumpEvent::Audible { at: sound },
        PumpEvent::Mark { index: 0, frames, at },
        PumpEvent::Finished { .. },
    ] = &bench.events[..]
    else {
        panic!("{:?}", bench.events)
    };
    assert_eq!(*frames, 2_400..2_520);
    assert_eq!(at, sound);
    assert!((100..=112).contains(&at.as_millis()), "{at:?}");
}

#[test]
fn marks_of_a_stopped_epoch_are_never_told() {
    let mut bench = Bench::paced();
    bench.send_click(0, 0, 9_600, 100, 0);
    bench.send_click(0, 1, 9_600, 200, 0);
    bench.run(Duration::from_millis(100));
    let epoch = bench.transport.stop();
    bench.run(Duration::from_millis(30));
    bench.send_click(epoch.0, 0, 4_800, 300, 0);
    bench.run(Duration::from_millis(800));
    let told = marks_at(&bench.events);
    assert_eq!(told, [(0, 100), (0, 300)]);
}

#[test]
fn marks_that_no_audio_follows_are_told_before_the_end() {
    let mut bench = Bench::freewheel_at(48_000);
    let mark = |offset, index| ChunkMark { offset, length: 0, index };
    bench.send_buffer(0, 0, 0, true, Buffer { samples: vec![0.5; 1_000], marks: vec![mark(1_000, 0)] }, 500);
    let mut end =
        without_audio(Tag { stream: StreamId(0), epoch: Epoch(0), seq: 1 }, Content::End { utterance: 0 });
    end.buffer.marks.push(mark(0, 1));
    bench.chunks.push(end).unwrap();
    bench.run(Duration::from_millis(100));
    let told: Vec<_> = bench.events[1..]
        .iter()
        .map(|event| match event {
            PumpEvent::Mark { frames, .. } => frames.start,
            _ => 0,
        })
        .collect();
    assert_eq!(told, [2_000, 3_000, 0]);
    assert!(matches!(bench.events[3], PumpEvent::Finished { utterance: 0 }));
}

#[test]
fn what_is_too_loud_is_held_below_the_ceiling_and_what_is_not_comes_out_bit_for_bit() {
    for rate in [24_000, 44_100, 48_000] {
        let mut bench = Bench::freewheel_at(rate);
        let wave = |level: f32| (0..12_000).map(|n| level * (n as f32 * 0.3).sin()).collect::<Vec<_>>();
        let buffer = Buffer { samples: wave(10.0), marks: Vec::new() };
        bench.send_buffer(0, 0, 0, true, buffer, 24_000);
        bench.end(0, 1, 0);
        let quiet = wave(0.5);
        bench.send_buffer(0, 2, 0, true, Buffer { samples: quiet.clone(), marks: Vec::new() }, 0);
        bench.end(0, 3, 1);
        bench.run(Duration::from_secs(1));
        let heard = bench.heard();
        assert!(heard.iter().all(|sample| sample.abs() <= crate::CEILING), "at {rate} Hz");
        assert!(heard.iter().any(|sample| sample.abs() > 0.9 * crate::CEILING), "at {rate} Hz");
        if rate == 24_000 {
            assert_eq!(heard[36_000..], quiet);
        }
    }
}

#[test]
fn the_volume_changes_while_it_sounds_without_a_click() {
    let mut bench = Bench::paced();
    bench.send(0, 0, 0, true, 0.4, 24_000, 0);
    bench.run(Duration::from_millis(200));
    bench.transport.set_volume(0.0);
    bench.run(Duration::from_millis(200));
    bench.transport.set_volume(2.0);
    bench.run(Duration::from_millis(300));
    let heard = bench.heard();
    let largest_step = heard.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
    assert!(largest_step <= 0.4 / 120.0 + 1e-6, "{largest_step}");
    assert!(heard.contains(&0.4) && heard[2_400..].contains(&0.0) && heard.contains(&0.8));
}

/// A fragment of a tone of 200 Hz with a mark at every so many samples of it.
fn marked_tone(samples: usize, every: usize) -> Buffer {
    let tone = |n: usize| 0.5 * (std::f32::consts::TAU * 200.0 * n as f32 / 24_000.0).sin();
    let mark = |index: usize| ChunkMark { offset: (index * every) as u32, length: 0, index: index as u32 };
    Buffer { samples: (0..samples).map(tone).collect(), marks: (0..samples / every).map(mark).collect() }
}

/// Which marks were told, and at which frames.
fn marks_at(events: &[PumpEvent]) -> Vec<(u32, u64)> {
    let mark = |event: &PumpEvent| match event {
        PumpEvent::Mark { index, frames, .. } => Some((*index, frames.start)),
        _ => None,
    };
    events.iter().filter_map(mark).collect()
}

fn marks_told(events: &[PumpEvent]) -> Vec<(u64, Duration)> {
    let mark = |event: &PumpEvent| match event {
        PumpEvent::Mark { frames, at, .. } => Some((frames.start, *at)),
        _ => None,
    };
    events.iter().filter_map(mark).collect()
}

#[test]
fn at_a_rate_speech_and_pauses_last_their_share_and_marks_stay_at_their_sounds() {
    for (rate, device) in [(2.0, 24_000), (0.5, 48_000), (3.3, 44_100), (1.25, 16_000)] {
        let mut bench = Bench::freewheel_at(device);
        bench.transport.set_rate(rate);
        for seq in 0..4 {
            bench.send_buffer(0, seq, 0, true, marked_tone(4_800, 4_800), 12_000);
        }
        bench.end(0, 4, 0);
        bench.run(Duration::from_secs(3));
        let heard = bench.heard();
        let frames = f64::from(device) / f64::from(rate) / 24_000.0;
        let period = 0.015 * f64::from(device);
        let length = 4.0 * 16_800.0 * frames;
        assert!((heard.len() as f64 - length).abs() <= period + 1.0, "{} at {rate}", heard.len());
        let onsets: Vec<usize> = (1..heard.len())
            .filter(|&n| {
                heard[n].abs() > 0.05
                    && heard[n.saturating_sub(device as usize / 50)..n].iter().all(|s| s.abs() <= 0.05)
            })
            .collect();
        let told = marks_told(&bench.events);
        assert_eq!((onsets.len(), told.len()), (4, 4), "at {rate}");
        for (onset, (mark, _)) in onsets.iter().zip(&told) {
            let late = *onset as f64 - *mark as f64;
            assert!(late.abs() < 0.003 * f64::from(device), "{onsets:?} {told:?} at {rate}");
        }
        let stats = bench.pump.stats();
        let put_in = stats.inserted_samples as f64 - stats.removed_samples as f64;
        assert!((67_200.0 + put_in - 67_200.0 / f64::from(rate)).abs() <= 360.0, "{stats:?} at {rate}");
    }
}

#[test]
fn a_rate_that_changes_in_mid_speech_is_heard_within_the_level_and_60_ms() {
    let mut bench = Bench::paced();
    bench.send_buffer(0, 0, 0, true, marked_tone(96_000, 1_200), 0);
    bench.end(0, 1, 0);
    bench.run(Duration::from_secs(1));
    bench.transport.set_rate(2.0);
    bench.run(Duration::from_millis(800));
    bench.transport.set_rate(1.0);
    bench.run(Duration::from_secs(4));
    assert!(matches!(bench.events.last(), Some(PumpEvent::Finished { .. })));
    let told = marks_told(&bench.events);
    assert_eq!(told.len(), 80);
    let heard_by = Duration::from_millis(60 + 60);
    for pair in told.windows(2) {
        let apart = (pair[1].0 - pair[0].0) as f64 / 24.0;
        let within = |from: u64, to: u64| {
            pair[0].1 >= Duration::from_millis(from) + heard_by && pair[1].1 < Duration::from_millis(to)
        };
        if within(1_000, 1_800) {
            assert!((apart - 25.0).abs() <= 15.0, "{apart} ms at {:?}", pair[0].1);
        }
        if pair[1].1 < Duration::from_secs(1) || within(1_800, 9_000) {
            assert_eq!(apart, 50.0, "at {:?}", pair[0].1);
        }
    }
    let between = |from: u64, to: u64| {
        told.iter().filter(|(_, at)| (from..to).contains(&(at.as_millis() as u64))).count()
    };
    assert!((26..=29).contains(&between(1_100, 1_800)), "{}", between(1_100, 1_800));
}

#[test]
fn what_waits_is_told_in_the_time_that_it_will_last() {
    let mut bench = Bench::paced();
    bench.send(0, 0, 0, true, 0.5, 48_000, 0);
    bench.transport.set_rate(4.0);
    bench.run(Duration::from_millis(2));
    let waiting = bench.transport.seconds_waiting();
    assert!((0.45..=0.52).contains(&waiting), "{waiting}");
}

/// Says that what comes after `taken` seconds is there at `until` seconds.
fn promise(bench: &Bench, until: f64, taken: f64) {
    let must_last_until = Duration::from_secs_f64(until);
    bench.transport.set_outlook(Some(Outlook { must_last_until, taken, waiting_helps: true }));
}

#[test]
fn an_utterance_begins_only_when_what_follows_it_will_be_in_time() {
    let mut bench = Bench::paced();
    promise(&bench, 1.5, 1.0);
    bench.send(0, 0, 0, true, 0.5, 24_000, 0);
    bench.run(Duration::from_millis(560));
    assert_eq!(bench.events, []);
    bench.run(Duration::from_millis(60));
    let Some(&PumpEvent::Audible { at }) = bench.events.first() else { panic!("{:?}", bench.events) };
    // Half a second for the fragment that follows, and the margin of those of whom nothing is known.
    assert!((580..=600).contains(&at.as_millis()), "{at:?}");
    let stats = bench.pump.stats();
    assert!((stats.pre_roll_s - 0.58).abs() < 0.01, "{stats:?}");
    assert!((stats.slack_s - 0.08).abs() < 0.01, "{stats:?}");
    promise(&bench, 9.0, 1.0);
    bench.run(Duration::from_millis(1_200));
    assert_eq!(bench.transport.underruns(), 1, "it is not held back in its midst");
}

#[test]
fn what_is_all_there_and_what_nothing_is_promised_of_begins_at_once() {
    let mut complete = Bench::paced();
    promise(&complete, 9.0, 0.1);
    complete.send(0, 0, 0, true, 0.5, 2_400, 0);
    complete.end(0, 1, 0);
    let mut alone = Bench::paced();
    alone.send(0, 0, 0, true, 0.5, 2_400, 0);
    for mut bench in [complete, alone] {
        bench.run(Duration::from_millis(100));
        assert!(matches!(bench.events.first(), Some(PumpEvent::Audible { at }) if at.as_millis() <= 10));
        assert_eq!(bench.pump.stats().pre_roll_s, 0.0);
    }
}

#[test]
fn a_beginning_is_held_back_for_the_most_pre_roll_at_most() {
    let mut bench = Bench::paced();
    bench.pump = bench.pump.with_most_pre_roll(Duration::from_millis(200));
    promise(&bench, 99.0, 0.1);
    bench.send(0, 0, 0, true, 0.5, 2_400, 0);
    bench.run(Duration::from_millis(300));
    assert!((bench.pump.stats().pre_roll_s - 0.2).abs() < 0.005, "{:?}", bench.pump.stats());
    assert!(matches!(bench.events.first(), Some(PumpEvent::Audible { .. })));
}

#[test]
fn a_pause_before_what_is_late_is_stretched_and_marks_know_it() {
    let mut bench = Bench::paced();
    bench.send_click(0, 0, 4_800, 1_000, 4_800);
    bench.send_click(0, 1, 4_800, 1_000, 0);
    bench.run(Duration::from_millis(20));
    promise(&bench, 0.7, 0.6);
    bench.run(Duration::from_millis(800));
    let inserted = bench.pump.stats().inserted_samples;
    assert!(
        (2_300..=2_760).contains(&inserted),
        "a tenth of a second and up to a period is lacking: {inserted}"
    );
    let told: Vec<u64> = bench
        .events
        .iter()
        .filter_map(|event| match event {
            PumpEvent::Mark { frames, .. } => Some(frames.start),
            _ => None,
        })
        .collect();
    assert_eq!(told, [1_000, 9_600 + inserted + 1_000]);
    assert_eq!(bench.heard().iter().filter(|sample| sample.abs() > 0.7).count(), 2);
}

#[test]
fn chunks_that_come_later_than_promised_raise_the_margin_and_starvation_does_not() {
    let mut bench = Bench::paced();
    for seq in 0..2 {
        bench.run(Duration::from_millis(500));
        let tag = Tag { stream: StreamId(0), epoch: Epoch(0), seq };
        let buffer = Buffer { samples: vec![0.5; 48_000], marks: Vec::new() };
        let promised = Some(Duration::from_millis(100));
        bench.chunks.push(Chunk { buffer, promised, ..without_audio(tag, Content::Audio) }).unwrap();
        if seq == 0 {
            bench.run(Duration::from_millis(2_500));
            assert_eq!(bench.pump.stats().margin_s, 0.42);
            bench.transport.set_starved(true);
            bench.run(Duration::from_millis(500));
        }
    }
    bench.run(Duration::from_millis(50));
    let stats = bench.pump.stats();
    assert_eq!((stats.margin_s, stats.starvations), (0.42, 1));
    assert!((stats.starved_s - 0.99).abs() < 0.02, "{stats:?}");
}

/// A wave that tells where it is: no two stretches of it are alike.
fn chirp(samples: usize) -> Vec<f32> {
    (0..samples).map(|n| 0.5 * (n as f32 * n as f32 * 2e-6).sin()).collect()
}

impl Bench {
    /// Takes the device away, of which frame `heard` and what follows were not heard.
    fn lose(&mut self, heard: u64) {
        self.sink = Box::new(Paced::new(self.sink.format()));
        self.heard.0.lock().unwrap().truncate(heard as usize);
        self.pump.suspend(heard);
    }

    /// Steps the pump without a sink.
    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.pump.step(self.now);
            self.events.extend(std::iter::from_fn(|| self.pump.next_event()));
            self.now += Duration::from_millis(2);
        }
    }

    /// Gives it another device. What that plays is kept on its own.
    fn find(&mut self, format: Format) -> Kept {
        let kept = Kept::default();
        let mut sink = Paced::into_writer(format, kept.clone());
        sink.start(self.pump.resume(format, self.now).unwrap()).unwrap();
        self.sink = Box::new(sink);
        kept
    }
}

const DEVICE: Format = Format { rate: 24_000, channels: 1, period: 240 };

#[test]
fn on_another_device_speech_goes_on_at_the_sample_where_it_broke_off() {
    let mut bench = Bench::paced();
    let speech = chirp(40_000);
    bench.send_buffer(0, 0, 0, true, Buffer { samples: speech.clone(), marks: Vec::new() }, 0);
    bench.end(0, 1, 5);
    bench.run(Duration::from_millis(700));
    let played = bench.transport.position.read().unwrap().frames;
    let heard = played - 1_000;
    bench.lose(heard);
    bench.wait(Duration::from_secs(5));
    assert!(!bench.pump.is_drained());
    let rest = bench.find(DEVICE);
    bench.run(Duration::from_secs(2));
    let rest = rest.0.lock().unwrap().clone();
    let expected = &speech[heard as usize..];
    let begin = rest.len() - rest.iter().rev().skip_while(|&&s| s == 0.0).count();
    assert!(begin < rest.len());
    // The fade-in of 120 samples apart, every sample follows, and none comes twice.
    let first = rest.iter().position(|&s| s != 0.0).unwrap();
    let offset = expected.iter().skip(120).position(|&s| s == rest[first + 200]).map(|at| at + 120).unwrap();
    let start = first + 200 - offset;
    assert!(rest[start + 120..start + expected.len()] == expected[120..]);
    assert_eq!(bench.events.last(), Some(&PumpEvent::Finished { utterance: 5 }));
    assert!(bench.pump.is_drained());
}

#[test]
fn marks_that_were_not_heard_are_told_once_on_a_device_of_another_rate() {
    for rate in [16_000, 24_000, 44_100, 48_000] {
        let mut bench = Bench::paced();
        for (seq, click) in [(0, 1_000), (1, 2_000), (2, 9_000)] {
            bench.send_click(0, seq, 12_000, click, 1_200);
        }
        bench.end(0, 3, 8);
        bench.send_click(0, 4, 6_000, 3_000, 0);
        bench.end(0, 5, 9);
        // The second mark is at 15,200: it is in the ring, and not heard.
        bench.run(Duration::from_millis(625));
        bench.lose(14_900);
        bench.wait(Duration::from_millis(100));
        let rest = bench.find(Format { rate, channels: 1, period: rate / 100 });
        bench.run(Duration::from_secs(3));
        let marks = marks_at(&bench.events);
        assert_eq!(marks, [(0, 1_000), (1, 15_200), (2, 35_400), (4, 3_000)], "{rate}");
        let ends: Vec<_> =
            bench.events.iter().filter(|event| matches!(event, PumpEvent::Finished { .. })).collect();
        assert_eq!(
            ends,
            [&PumpEvent::Finished { utterance: 8 }, &PumpEvent::Finished { utterance: 9 }],
            "{rate}"
        );
        // Between the clicks lie as many frames as the samples ask for.
        let heard = clicks(&rest.0.lock().unwrap());
        let apart: Vec<_> = heard.windows(2).map(|pair| (pair[1] - pair[0]) as u64).collect();
        let expected = [20_200, 7_200].map(|samples| samples * u64::from(rate) / 24_000);
        assert!(
            apart.len() == 2 && apart.iter().zip(&expected).all(|(a, b)| a.abs_diff(*b) <= 2),
            "{apart:?} for {expected:?} at {rate} Hz"
        );
        assert!(bench.pump.is_drained(), "{rate}");
    }
}

#[test]
fn without_a_device_a_stop_is_answered_at_once_and_nothing_old_is_heard_on_the_next() {
    let mut bench = Bench::paced();
    bench.send(0, 0, 0, true, 0.5, 48_000, 0);
    bench.run(Duration::from_millis(500));
    bench.lose(10_000);
    bench.wait(Duration::from_millis(10));
    let epoch = bench.transport.stop();
    bench.wait(Duration::from_millis(2));
    assert_eq!(bench.events.last(), Some(&PumpEvent::Stopped { epoch }));
    assert!(bench.pump.is_drained());
    bench.send(epoch.0, 0, 0, true, -0.5, 4_800, 0);
    bench.wait(Duration::from_millis(50));
    // A lower rate, so that frames before the stop had higher numbers than those after it.
    let rest = bench.find(Format { rate: 8_000, channels: 1, period: 80 });
    bench.run(Duration::from_millis(500));
    let rest = rest.0.lock().unwrap();
    assert!(rest.iter().all(|&s| s <= 0.01) && rest.iter().any(|&s| s < -0.45));
    assert_eq!(bench.returns.slots(), 2);
}

#[test]
fn a_stop_that_a_lost_device_did_not_carry_out_is_told() {
    let mut bench = Bench::paced();
    bench.send(0, 0, 0, true, 0.5, 48_000, 0);
    bench.run(Duration::from_millis(500));
    let epoch = bench.transport.stop();
    bench.pump.step(bench.now);
    bench.lose(12_000);
    bench.wait(Duration::from_millis(4));
    assert_eq!(bench.events.last(), Some(&PumpEvent::Stopped { epoch }));
}

#[test]
fn without_a_device_no_more_is_taken_in_than_with_one() {
    let mut bench = Bench::paced();
    bench.run(Duration::from_millis(20));
    bench.lose(0);
    for seq in 0..40 {
        bench.send(0, seq, 0, true, 0.5, 24_000, 0);
    }
    bench.wait(Duration::from_secs(30));
    assert!(bench.transport.seconds_waiting() < HIGH_WATER_SECONDS + 1.1);
    assert_eq!(bench.transport.underruns(), 0);
    bench.find(DEVICE);
    bench.run(Duration::from_secs(41));
    assert!(bench.pump.is_drained());
}

#[test]
fn a_pause_outlasts_its_device_and_speech_goes_on_where_it_was_held_when_the_pause_is_over() {
    let mut bench = Bench::paced();
    let speech = chirp(24_000);
    let buffer = |samples: &[f32]| Buffer { samples: samples.to_vec(), marks: Vec::new() };
    bench.send_buffer(0, 0, 0, true, buffer(&speech[..12_000]), 0);
    bench.run(Duration::from_millis(300));
    bench.transport.set_paused(true);
    bench.run(Duration::from_millis(50));
    let held = bench.transport.position.read().unwrap().frames;
    bench.lose(held);
    bench.send_buffer(0, 1, 0, true, buffer(&speech[12_000..]), 0);
    bench.end(0, 2, 4);
    bench.wait(Duration::from_secs(1));
    let rest = bench.find(DEVICE);
    bench.run(Duration::from_millis(500));
    assert!(rest.0.lock().unwrap().iter().all(|&s| s == 0.0));
    assert_eq!(bench.transport.position.read().unwrap().frames, held);
    bench.transport.set_paused(false);
    bench.run(Duration::from_secs(1));
    let rest = rest.0.lock().unwrap();
    let first = rest.iter().position(|&s| s != 0.0).unwrap();
    let (begin, expected) = (first - first % 240, &speech[held as usize..]);
    assert!(rest[begin + 120..begin + expected.len()] == expected[120..], "but for the fade-in");
    assert_eq!((bench.transport.underruns(), bench.transport.concealed_frames()), (0, 0));
    let ends = bench.events.iter().filter(|event| matches!(event, PumpEvent::Finished { utterance: 4 }));
    assert_eq!((ends.count(), bench.pump.is_drained()), (1, true));
}

#[test]
fn a_stop_in_a_pause_without_a_device_is_answered_at_once_and_the_next_device_sounds() {
    let mut bench = Bench::paced();
    bench.send(0, 0, 0, true, 0.5, 48_000, 0);
    bench.run(Duration::from_millis(300));
    bench.transport.set_paused(true);
    bench.run(Duration::from_millis(50));
    bench.lose(7_000);
    bench.wait(Duration::from_millis(50));
    let epoch = bench.transport.stop();
    bench.wait(Duration::from_millis(2));
    assert_eq!(bench.events.last(), Some(&PumpEvent::Stopped { epoch }));
    bench.send(epoch.0, 0, 0, true, -0.5, 4_800, 0);
    let rest = bench.find(DEVICE);
    bench.run(Duration::from_millis(300));
    let rest = rest.0.lock().unwrap();
    assert!(rest.iter().all(|&s| s <= 0.0) && rest.contains(&-0.5));
}

#[test]
fn what_was_played_and_not_heard_is_not_over_while_there_is_no_device() {
    let mut bench = Bench::paced();
    bench.send(0, 0, 0, true, 0.5, 4_800, 0);
    bench.end(0, 1, 3);
    bench.run(Duration::from_millis(190));
    bench.lose(3_000);
    bench.wait(Duration::from_secs(1));
    assert!(!bench.events.iter().any(|event| matches!(event, PumpEvent::Finished { .. })));
    bench.find(DEVICE);
    bench.run(Duration::from_millis(200));
    assert!(
        matches!(bench.events[..], [PumpEvent::Audible { .. }, PumpEvent::Finished { utterance: 3 }]),
        "{:?}",
        bench.events
    );
}

#[test]
fn an_utterance_without_audio_is_over_though_there_is_no_device() {
    let mut bench = Bench::paced();
    bench.send(0, 0, 0, true, 0.5, 4_800, 0);
    bench.end(0, 1, 3);
    bench.run(Duration::from_millis(400));
    bench.lose(bench.transport.position.read().unwrap().frames);
    bench.end(0, 2, 4);
    bench.wait(Duration::from_millis(20));
    assert_eq!(bench.events.last(), Some(&PumpEvent::Finished { utterance: 4 }));
    assert!(bench.pump.is_drained());
    bench.send(0, 3, 0, true, 0.5, 4_800, 0);
    bench.end(0, 4, 5);
    bench.end(0, 5, 6);
    bench.wait(Duration::from_millis(20));
    assert_eq!(bench.events.len(), 3, "{:?}", bench.events);
    bench.find(DEVICE);
    bench.run(Duration::from_millis(400));
    assert!(matches!(
        bench.events[3..],
        [
            PumpEvent::Audible { .. },
            PumpEvent::Finished { utterance: 5 },
            PumpEvent::Finished { utterance: 6 }
        ]
    ));
}

#[test]
fn what_was_heard_before_its_device_was_closed_is_told_all_the_same() {
    let mut bench = Bench::paced();
    bench.send(0, 0, 0, true, 0.5, 1_200, 0);
    bench.end(0, 1, 3);
    bench.pump.step(bench.now);
    for now in [0, 300].map(Duration::from_millis) {
        bench.now = now;
        bench.sink.drive(now).unwrap();
    }
    bench.lose(bench.transport.position.read().unwrap().frames);
    bench.wait(Duration::from_millis(10));
    assert!(matches!(bench.events[..], [PumpEvent::Audible { .. }, PumpEvent::Finished { utterance: 3 }]));
}

#[test]
fn what_is_held_back_for_want_of_text_asks_for_no_device_until_something_follows_it() {
    for rate in [1.0, 1.5] {
        let mut bench = Bench::paced();
        bench.transport.set_rate(rate);
        bench.send(0, 0, 0, true, 0.5, 4_800, 0);
        bench.transport.set_starved(true);
        bench.run(Duration::from_millis(400));
        assert_eq!(bench.transport.seconds_waiting(), 0.0);
        bench.lose(bench.transport.position.read().unwrap().frames);
        bench.wait(Duration::from_millis(20));
        assert_eq!(bench.transport.seconds_waiting(), 0.0);
        bench.transport.set_starved(false);
        bench.end(0, 1, 3);
        bench.wait(Duration::from_millis(20));
        assert!(bench.transport.seconds_waiting() > 0.0);
        bench.find(DEVICE);
        bench.run(Duration::from_millis(100));
        assert_eq!(bench.events.last(), Some(&PumpEvent::Finished { utterance: 3 }));
    }
}

#[test]
fn at_the_end_of_an_utterance_nothing_is_late_any_more() {
    let mut bench = Bench::paced();
    bench.send(0, 0, 0, true, 0.5, 2_400, 0);
    bench.run(Duration::from_millis(20));
    promise(&bench, 9.0, 0.1);
    bench.run(Duration::from_millis(60));
    assert!(bench.transport.slack() < -8.0);
    bench.end(0, 1, 3);
    bench.run(Duration::from_millis(100));
    assert_eq!(bench.events.last(), Some(&PumpEvent::Finished { utterance: 3 }));
    assert_eq!(bench.transport.slack(), 0.0);
}

#[test]
fn a_pause_is_no_want_of_text() {
    let mut bench = Bench::paced();
    bench.send(0, 0, 0, true, 0.5, 2_400, 0);
    bench.transport.set_starved(true);
    bench.run(Duration::from_millis(300));
    let starved_s = bench.pump.stats().starved_s;
    bench.transport.set_paused(true);
    bench.run(Duration::from_secs(5));
    assert!((bench.pump.stats().starved_s - starved_s).abs() < 0.01, "{:?}", bench.pump.stats());
}

#[test]
fn while_it_is_paused_a_pump_that_has_done_its_work_rests() {
    let mut bench = Bench::paced();
    bench.send(0, 0, 0, true, 0.5, 2_400, 0);
    bench.end(0, 1, 3);
    bench.run(Duration::from_millis(50));
    bench.transport.set_paused(true);
    bench.run(Duration::from_millis(100));
    let wake = bench.pump.step(bench.now).wake;
    assert!(matches!(wake, Wake::At(at) if at >= bench.now + Duration::from_millis(50)), "{wake:?}");
    bench.transport.set_paused(false);
    bench.run(Duration::from_millis(200));
    assert_eq!(bench.events.last(), Some(&PumpEvent::Finished { utterance: 3 }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_a_freewheel_sink_gets_is_the_same_whatever_is_promised_in_the_end(
        fragments in prop::collection::vec((1usize..9_000, 0u32..4_000), 1..12), most in 0u64..500,
    ) {
        let heard = |promised: Option<f64>| {
            let mut bench = Bench::freewheel();
            bench.pump = bench.pump.with_most_pre_roll(Duration::from_millis(most));
            for (seq, &(samples, pause)) in fragments.iter().enumerate() {
                bench.send(0, seq as u64, 0, true, 0.01 * (seq + 1) as f32, samples, pause);
            }
            bench.end(0, fragments.len() as u64, 0);
            if let Some(until) = promised {
                promise(&bench, until, 1.0);
            }
            bench.run(Duration::from_millis(600));
            bench.heard()
        };
        prop_assert_eq!(heard(None), heard(Some(5.0)));
    }

    #[test]
    fn devices_lost_at_any_moment_lose_no_sample_and_no_end(
        losses in prop::collection::vec((1u64..300, 0u64..1_500, 0u64..50), 0..6),
    ) {
        let mut bench = Bench::paced();
        let speech = chirp(30_000);
        bench.send_buffer(0, 0, 0, true, Buffer { samples: speech.clone(), marks: Vec::new() }, 0);
        bench.end(0, 1, 0);
        let mut kept = bench.heard.clone();
        let mut heard: Vec<Vec<f32>> = Vec::new();
        for (play, unheard, away) in losses {
            bench.run(Duration::from_millis(play));
            let frames = bench.transport.position.read().map_or(0, |position| position.frames);
            let unheard = unheard.min(frames);
            let samples = kept.0.lock().unwrap().clone();
            heard.push(samples);
            bench.lose(frames - unheard);
            bench.wait(Duration::from_millis(away));
            kept = bench.find(DEVICE);
        }
        bench.run(Duration::from_secs(3));
        heard.push(kept.0.lock().unwrap().clone());
        prop_assert!(bench.pump.is_drained());
        let ends = bench.events.iter().filter(|event| matches!(event, PumpEvent::Finished { .. })).count();
        prop_assert_eq!(ends, 1);
        // The last device ended with the last sample, and each sample after its fade is one of the speech, in order.
        let last = heard.last().unwrap();
        let spoken: Vec<f32> = last.iter().copied().skip_while(|&s| s == 0.0).collect();
        let end = spoken.iter().rposition(|&s| s == speech[29_999]).map(|at| at + 1);
        if let Some(end) = end.filter(|&end| end > 200) {
            let length = end - 150;
            prop_assert!(spoken[150..end] == speech[30_000 - length..]);
        }
    }

    #[test]
    fn stops_at_any_moment_never_let_an_old_sample_through(
        moves in prop::collection::vec((0u32..4, 1u64..60, 100usize..5_000), 1..25),
    ) {
        // Neighbouring epochs differ in sign, so that a sample tells where it came from.
        let sign = |epoch: u32| if epoch.is_multiple_of(2) { 1.0f32 } else { -1.0 };
        let mut bench = Bench::paced();
        let (mut epoch, mut seq) = (0u32, 0u64);
        for (action, millis, samples) in moves {
            if action == 0 {
                epoch = bench.transport.stop().0;
                seq = 0;
                // One fade and one period later, only this epoch may be heard.
                bench.run(Duration::from_millis(18));
                bench.heard.0.lock().unwrap().clear();
            } else if bench.chunks.slots() > 0 {
                bench.send(epoch, seq, 0, true, 0.5 * sign(epoch), samples, 0);
                seq += 1;
            }
            bench.run(Duration::from_millis(millis));
            prop_assert!(bench.heard().iter().all(|&s| s * sign(epoch) >= 0.0));
        }
    }

    #[test]
    fn whatever_happens_every_utterance_of_the_last_epoch_ends_once_and_in_order(
        moves in prop::collection::vec((0u32..9, 1u64..120, 1usize..6_000), 1..40),
    ) {
        let mut bench = Bench::paced();
        let (mut epoch, mut seq, mut utterance, mut away) = (0, 0, 0, false);
        let mut first = 0;
        for (action, millis, samples) in moves {
            match action {
                0 => {
                    epoch = bench.transport.stop().0;
                    (seq, first) = (0, utterance);
                }
                1 | 2 if bench.chunks.slots() > 4 => {
                    bench.send(epoch, seq, 0, true, 0.5, samples, samples as u32 % 3_000);
                    seq += 1;
                }
                3 if bench.chunks.slots() > 4 => {
                    bench.end(epoch, seq, utterance);
                    (seq, utterance) = (seq + 1, utterance + 1);
                }
                4 => bench.transport.set_paused(!bench.transport.is_paused()),
                5 => bench.transport.set_starved(!bench.transport.is_starved()),
                6 => bench.transport.set_rate(0.5 + samples as f32 / 2_000.0),
                7 if away => {
                    bench.find(Format { rate: [8_000, 24_000, 44_100, 48_000][samples % 4], ..DEVICE });
                    away = false;
                }
                7 => {
                    let frames = bench.transport.position.read().map_or(0, |position| position.frames);
                    bench.lose(frames.saturating_sub(samples as u64 % 700));
                    away = true;
                }
                8 => {
                    let now = bench.now.as_secs_f64();
                    promise(&bench, now + samples as f64 / 6_000.0, samples as f64 / 6_000.0);
                }
                _ => {}
            }
            if away { bench.wait(Duration::from_millis(millis)) } else { bench.run(Duration::from_millis(millis)) }
        }
        bench.transport.set_paused(false);
        bench.transport.set_starved(false);
        bench.transport.set_outlook(None);
        if away {
            bench.find(DEVICE);
        }
        bench.end(epoch, seq, utterance);
        bench.run(Duration::from_secs(40));
        prop_assert!(bench.pump.is_drained());
        let ends: Vec<u64> = bench.events.iter().filter_map(|event| match event {
            PumpEvent::Finished { utterance } => Some(*utterance),
            _ => None,
        }).collect();
        let last: Vec<u64> = ends.iter().copied().filter(|&end| end >= first).collect();
        prop_assert_eq!(last, (first..=utterance).collect::<Vec<_>>());
        prop_assert!(ends.is_sorted_by(|a, b| a < b));
        prop_assert_eq!(bench.transport.seconds_waiting(), 0.0);
        prop_assert_eq!(bench.transport.slack(), 0.0);
        prop_assert!(bench.transport.is_stopped());
    }
}
