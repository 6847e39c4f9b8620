use super::*;
use proptest::prelude::*;
use rtrb::{Producer, RingBuffer};

const RATE: u32 = 48_000;
const FADE: usize = 240;
const RING: usize = 4_800;

/// A renderer with both sides of it, driven by hand.
struct Bench {
    ring: Producer<f32>,
    transport: Arc<Transport>,
    renderer: Renderer,
    heard: Vec<f32>,
    states: Vec<RenderState>,
}

impl Bench {
    fn new() -> Self {
        Self::with_channels(1)
    }

    fn with_channels(channels: u16) -> Self {
        let (ring, samples) = RingBuffer::new(RING);
        let transport = Arc::new(Transport::default());
        let format = Format { rate: RATE, channels, period: 480 };
        let renderer = Renderer::new(samples, Arc::clone(&transport), format);
        Self { ring, transport, renderer, heard: Vec::new(), states: Vec::new() }
    }

    fn push(&mut self, value: f32, frames: usize) {
        self.ring.push_entire_slice(&vec![value; frames]).unwrap();
    }

    /// Renders a slice of mono frames, and keeps what is heard.
    fn render(&mut self, frames: usize) -> Rendered {
        let mut out = vec![9.0; frames];
        let rendered = self.renderer.render(&mut out);
        self.heard.extend_from_slice(&out);
        self.states.push(rendered.state);
        rendered
    }

    fn largest_step(&self) -> f32 {
        self.heard.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max)
    }
}

/// The step of a fade of `level`, and what rounding adds.
fn fade_step(level: f32) -> f32 {
    level / FADE as f32 + 1e-6
}

#[test]
fn an_empty_ring_gives_silence_that_nobody_counts() {
    let mut bench = Bench::with_channels(2);
    let rendered = bench.render(960);
    assert_eq!(rendered, Rendered { position: 0, frames: 0, state: RenderState::Silent });
    assert!(bench.heard.iter().all(|&s| s == 0.0));
    assert_eq!(bench.transport.underruns(), 0);
}

#[test]
fn every_channel_carries_the_same_samples_and_what_is_no_whole_frame_is_silent() {
    for channels in 1..=6 {
        let mut bench = Bench::with_channels(channels);
        bench.push(0.5, 300);
        let channels = usize::from(channels);
        let rest = channels - 1;
        assert_eq!(bench.render(300 * channels + rest).frames, 300);
        let (frames, rest) = bench.heard.split_at(300 * channels);
        assert!(frames.chunks(channels).all(|frame| frame.iter().all(|&s| s == frame[0])));
        assert_eq!(frames[frames.len() - 1], 0.5);
        assert!(rest.iter().all(|&s| s == 0.0));
    }
}

#[test]
fn a_slice_without_a_frame_changes_nothing() {
    let mut bench = Bench::with_channels(2);
    bench.push(0.5, 300);
    bench.transport.set_due(true);
    bench.render(200);
    for length in [0, 1, 0] {
        let rendered = bench.render(length);
        assert_eq!(rendered, Rendered { position: 100, frames: 0, state: RenderState::Playing });
    }
    assert_eq!((bench.render(400).frames, bench.transport.underruns()), (200, 0));
}

#[test]
fn a_short_ring_is_concealed_counted_once_and_comes_back_without_a_click() {
    let mut bench = Bench::new();
    bench.push(0.5, 700);
    bench.transport.set_due(true);
    for _ in 0..10 {
        bench.render(480);
    }
    bench.push(0.5, 480);
    bench.render(480);
    assert_eq!(bench.transport.underruns(), 1);
    assert_eq!(bench.transport.underrun_frames(), 4_800 - 700);
    assert_eq!(bench.transport.concealed_frames(), 4_800 - 700);
    // What sounded for 60 ms.
    assert!((4_100 - 2_882..=4_100 - 2_879).contains(&bench.transport.silent_concealed_frames()));
    assert_eq!(bench.heard[700..1_180], [0.5; 480], "held for 10 ms");
    assert!(bench.heard[3_600..4_800].iter().all(|&s| s == 0.0));
    assert!(bench.largest_step() <= fade_step(0.5), "{}", bench.largest_step());
    let told = [RenderState::Playing, RenderState::Concealing, RenderState::Concealing, RenderState::Playing];
    assert_eq!([bench.states[0], bench.states[1], bench.states[9], bench.states[10]], told);
}

#[test]
fn speech_that_comes_back_soon_is_blended_with_what_conceals() {
    let mut bench = Bench::new();
    bench.push(0.5, 700);
    bench.transport.set_due(true);
    bench.render(960);
    bench.push(0.5, 960);
    bench.render(960);
    assert!(bench.heard[FADE..].iter().all(|&s| (s - 0.5).abs() < 1e-4));
    assert_eq!(bench.transport.silent_concealed_frames(), 0);
}

#[test]
fn after_it_was_short_it_waits_for_the_resume_level_or_the_end() {
    let mut bench = Bench::new();
    bench.transport.set_resume_level(1_000);
    bench.transport.set_due(true);
    bench.push(0.5, 500);
    assert_eq!(bench.render(480).frames, 480, "the level is for what was short");
    bench.render(480);
    bench.push(0.5, 980);
    assert_eq!((bench.render(480).frames, bench.renderer.available()), (0, 0));
    assert_eq!((bench.transport.underrun_frames(), bench.transport.concealed_frames()), (460, 940));
    bench.push(0.5, 20);
    assert_eq!(bench.renderer.available(), 1_000);
    assert_eq!(bench.render(980).frames, 980);
    assert_eq!(bench.render(480).state, RenderState::Concealing);
    assert_eq!(bench.transport.underruns(), 2);

    bench.push(0.5, 300);
    assert_eq!(bench.render(480).frames, 0);
    bench.transport.set_due(false);
    assert_eq!(bench.render(480).frames, 300);
    assert_eq!(bench.render(480).state, RenderState::Silent);
    assert!(bench.largest_step() <= fade_step(0.5));
}

#[test]
fn a_resume_level_that_the_ring_cannot_hold_is_no_reason_to_stay_silent() {
    let mut bench = Bench::new();
    bench.transport.set_resume_level(u32::MAX);
    bench.transport.set_due(true);
    bench.render(480);
    bench.push(0.5, RING / 2);
    assert_eq!(bench.render(480).frames, 480);
}

#[test]
fn the_end_of_audio_is_played_to_its_last_sample_and_nothing_is_concealed() {
    let mut bench = Bench::new();
    bench.transport.set_due(true);
    bench.push(0.5, 600);
    bench.render(480);
    bench.transport.set_due(false);
    assert_eq!(bench.render(480).frames, 120);
    assert_eq!(bench.heard[FADE..600], [0.5; 600 - FADE]);
    assert!(bench.heard[600 + FADE..].iter().all(|&s| s == 0.0));
    assert!(bench.largest_step() <= fade_step(0.5));
    assert_eq!((bench.transport.underruns(), bench.transport.concealed_frames()), (0, 0));
}

#[test]
fn a_stretch_of_150_ms_is_an_interruption() {
    let mut bench = Bench::new();
    bench.transport.set_due(true);
    bench.render(7_199);
    assert_eq!(bench.transport.interruptions(), 0);
    bench.render(1);
    bench.render(100);
    assert_eq!((bench.transport.interruptions(), bench.transport.interruption_frames()), (1, 7_300));
}

#[test]
fn a_stop_fades_within_its_time_and_no_old_sample_follows() {
    let mut bench = Bench::new();
    bench.push(0.5, 4_000);
    bench.render(480);
    let epoch = bench.transport.stop();
    bench.render(480);
    assert!(bench.heard[480..480 + FADE - 1].iter().all(|&s| s > 0.0));
    assert!(bench.heard[480 + FADE..].iter().all(|&s| s == 0.0));
    assert!(bench.transport.is_stopped());

    // The pump had not noticed yet and wrote more of the old epoch.
    bench.push(0.5, 1_000);
    bench.render(480);
    assert!(bench.heard[960..].iter().all(|&s| s == 0.0));

    bench.push(0.5, 100);
    bench.transport.publish_flush(epoch, 5_100);
    bench.push(0.25, 480);
    assert_eq!(bench.render(480).frames, 480);
    assert_eq!(bench.heard.last(), Some(&0.25));
    assert!(bench.largest_step() <= fade_step(0.5));
}

#[test]
fn a_fade_longer_than_the_slice_is_finished_in_the_next_ones() {
    let mut bench = Bench::new();
    bench.push(0.5, 2_000);
    bench.render(480);
    bench.transport.stop();
    for _ in 0..10 {
        bench.render(64);
    }
    assert!(bench.largest_step() <= fade_step(0.5));
    assert!(bench.heard[480 + FADE..].iter().all(|&s| s == 0.0));
    let told = [RenderState::Stopping; 3].into_iter().chain([RenderState::Silent; 7]);
    assert!(bench.states[1..].iter().copied().eq(told));
    assert!(bench.transport.is_stopped());
}

#[test]
fn a_stop_that_finds_the_ring_empty_or_concealed_fades_what_sounds_all_the_same() {
    for concealed in [0, 480] {
        let mut bench = Bench::new();
        bench.push(0.5, 960);
        bench.render(960);
        bench.transport.set_due(true);
        bench.render(concealed);
        let epoch = bench.transport.stop();
        bench.transport.set_due(false);
        bench.transport.publish_flush(epoch, 960);
        bench.push(-0.5, 1_000);
        bench.render(960);
        let after = &bench.heard[960 + concealed..];
        assert!(after[..FADE - 2].iter().all(|&s| s > 0.0));
        assert!(after[FADE..].iter().all(|&s| s <= 0.0) && after[959] == -0.5);
        // What was concealed falls by itself too.
        assert!(bench.largest_step() <= fade_step(0.55));
        assert!(bench.transport.is_stopped());
    }
}

#[test]
fn a_stopped_voice_is_not_in_what_conceals_the_next_one() {
    let mut bench = Bench::new();
    bench.push(0.5, 4_000);
    bench.render(2_400);
    let epoch = bench.transport.stop();
    bench.render(480);
    bench.transport.publish_flush(epoch, 4_000);
    bench.transport.set_due(true);
    bench.push(-0.5, 100);
    bench.heard.clear();
    bench.render(4_000);
    assert_eq!(bench.states.last(), Some(&RenderState::Concealing));
    assert!(bench.heard.iter().all(|&s| s <= 1e-6));
}

#[test]
fn a_pause_holds_ring_clock_and_counters_and_goes_on_at_the_next_sample() {
    let mut bench = Bench::new();
    bench.push(0.5, 1_000);
    bench.transport.set_due(true);
    bench.render(480);
    bench.transport.set_paused(true);
    let paused = bench.render(480);
    assert_eq!((paused.frames, paused.state), (FADE, RenderState::Paused));
    bench.renderer.publish(Duration::from_secs(1));
    let position = bench.transport.position.read();
    for _ in 0..40 {
        assert_eq!(bench.render(480).frames, 0);
        bench.renderer.publish(Duration::from_secs(2));
    }
    assert_eq!((bench.renderer.available(), bench.transport.position.read()), (0, position));
    bench.transport.set_paused(false);
    let resumed = bench.render(280);
    assert_eq!((resumed.position, resumed.frames), (720, 280));
    assert!(bench.largest_step() <= fade_step(0.5));
    assert_eq!((bench.transport.underruns(), bench.transport.concealed_frames()), (0, 0));
}

#[test]
fn a_pause_that_ends_before_its_fade_turns_round() {
    let mut bench = Bench::new();
    bench.push(0.5, 2_000);
    bench.render(480);
    bench.transport.set_paused(true);
    assert_eq!(bench.render(100).frames, 100);
    bench.transport.set_paused(false);
    assert_eq!(bench.render(480).frames, 480);
    assert!(bench.largest_step() <= fade_step(0.5));
    assert!(bench.heard[480..].iter().all(|&s| s > 0.25));
}

#[test]
fn a_pause_while_it_conceals_fades_and_counts_nothing_until_it_goes_on() {
    let mut bench = Bench::new();
    bench.transport.set_due(true);
    bench.push(0.5, 480);
    bench.render(580);
    bench.transport.set_paused(true);
    bench.render(9_600);
    assert!(bench.heard[580 + FADE..].iter().all(|&s| s == 0.0));
    assert_eq!((bench.transport.concealed_frames(), bench.transport.interruptions()), (100, 0));
    bench.transport.set_paused(false);
    bench.render(480);
    assert_eq!((bench.transport.underruns(), bench.transport.concealed_frames()), (1, 580));
    assert!(bench.largest_step() <= fade_step(0.5));
}

#[test]
fn a_stop_during_a_pause_is_carried_out_at_once_and_silently() {
    let mut bench = Bench::new();
    bench.push(0.5, 2_000);
    bench.render(480);
    bench.transport.set_paused(true);
    bench.render(480);
    bench.heard.clear();
    let epoch = bench.transport.stop();
    assert_eq!(bench.render(0).frames, 0);
    assert!(bench.transport.is_stopped());
    bench.transport.publish_flush(epoch, 2_000);
    bench.push(-0.5, 480);
    assert_eq!(bench.render(480).frames, 480);
    assert!(bench.heard.iter().all(|&s| s < 0.0));
}

#[test]
fn a_stop_before_there_was_a_renderer_is_carried_out_by_the_first() {
    let (_ring, samples) = RingBuffer::new(RING);
    let transport = Arc::new(Transport::default());
    transport.stop();
    let format = Format { rate: RATE, channels: 1, period: 480 };
    let mut renderer = Renderer::new(samples, Arc::clone(&transport), format);
    renderer.render(&mut []);
    assert!(transport.is_stopped());
}

#[test]
fn the_gain_is_heard_at_the_next_callback_without_a_click() {
    let mut bench = Bench::new();
    bench.push(0.5, 4_800);
    bench.render(960);
    for gain in [0.25, 0.0, 1.0] {
        bench.transport.set_gain(gain);
        bench.render(960);
        assert_eq!(bench.heard.last(), Some(&(0.5 * gain)));
    }
    assert!(bench.heard[960] < 0.5, "at once");
    assert!(bench.largest_step() <= fade_step(0.5));
}

#[test]
fn lateness_is_what_exceeds_the_frames_that_were_asked_for_and_duration_what_the_caller_measured() {
    let mut bench = Bench::new();
    let ms = Duration::from_millis;
    // Periods of 10 ms, in two parts each.
    for begun in [0, 10, 25, 30] {
        bench.renderer.begun(ms(begun));
        bench.render(240);
        bench.render(240);
        bench.renderer.ended(ms(begun + 2));
    }
    let times = bench.transport.callback_times();
    assert_eq!((times.lateness.count, times.lateness.max, times.lateness.p50), (3, ms(5), ms(0)));
    assert_eq!((times.duration.count, times.duration.max), (4, ms(2)));
    bench.renderer.set_latency(ms(21));
    assert_eq!(bench.transport.latency(), ms(21));
}

/// What a listener, a pump and a user may do to a renderer.
#[derive(Clone, Debug)]
enum Deed {
    Push(usize),
    Render(usize),
    Stop,
    /// The pump looks for a stop.
    Answer,
    Pause(bool),
    Due(bool),
    Level(u32),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        6 => (1usize..1_500).prop_map(Deed::Push),
        8 => (0usize..1_000).prop_map(Deed::Render),
        1 => Just(Deed::Stop),
        3 => Just(Deed::Answer),
        2 => any::<bool>().prop_map(Deed::Pause),
        1 => any::<bool>().prop_map(Deed::Due),
        1 => (0u32..2_000).prop_map(Deed::Level),
    ]
}

/// A wave slow enough that a step in what is heard is not its own: its frame's number tells its value, and its epoch
/// its sign.
fn sample(epoch: u32, frame: u64) -> f32 {
    let wave = 0.3 + 0.1 * (frame as f32 * 0.02).sin();
    if epoch.is_multiple_of(2) { wave } else { -wave }
}

/// Carries out deeds, and checks after each what must always hold.
struct Storm {
    bench: Bench,
    /// What the pump wrote, and of which epoch it is.
    written: u64,
    pump_epoch: Epoch,
    flushed: u64,
    /// What has been rendered since the last stop was carried out.
    read: u64,
    last: f32,
}

impl Storm {
    fn new() -> Self {
        let bench = Bench::new();
        Self { bench, written: 0, pump_epoch: Epoch(0), flushed: 0, read: 0, last: 0.0 }
    }

    fn does(&mut self, deed: &Deed) {
        let transport = Arc::clone(&self.bench.transport);
        match *deed {
            Deed::Push(frames) => {
                let count = frames.min(self.bench.ring.slots());
                let samples: Vec<f32> =
                    (0..count as u64).map(|n| sample(self.pump_epoch.0, self.written + n)).collect();
                self.bench.ring.push_entire_slice(&samples).unwrap();
                self.written += count as u64;
            }
            Deed::Render(frames) => self.render(frames),
            Deed::Stop => {
                transport.stop();
            }
            Deed::Answer if transport.epoch() != self.pump_epoch => {
                self.pump_epoch = transport.epoch();
                self.flushed = self.written;
                transport.set_due(false);
                transport.publish_flush(self.pump_epoch, self.written);
            }
            Deed::Answer => {}
            Deed::Pause(paused) => transport.set_paused(paused),
            Deed::Due(due) => transport.set_due(due),
            Deed::Level(frames) => transport.set_resume_level(frames),
        }
    }

    fn render(&mut self, frames: usize) {
        let transport = Arc::clone(&self.bench.transport);
        let (was_stopped, concealed) = (transport.is_stopped(), transport.concealed_frames());
        let conceals = self.bench.renderer.concealment.sounds();
        self.bench.heard.clear();
        let rendered = self.bench.render(frames);
        let conceals = conceals || rendered.state == RenderState::Concealing;
        let heard = &self.bench.heard;

        assert!(self.bench.renderer.read <= self.written, "the level is never negative");
        let steps = std::iter::once(&self.last).chain(heard).zip(heard).map(|(a, b)| (b - a).abs());
        let largest = steps.fold(0.0, f32::max);
        // The wave's own slope, and what a fade adds; what conceals bends a few milliseconds into a period.
        let bound = if conceals { 0.03 } else { fade_step(0.4) + 0.002 };
        assert!(largest <= bound, "a step of {largest}");
        self.last = heard.last().copied().unwrap_or(self.last);

        if was_stopped {
            let sign = sample(transport.epoch().0, 0).signum();
            // What conceals may swing through zero.
            assert!(
                conceals || heard.iter().all(|s| s * sign >= 0.0),
                "an older epoch is heard after its stop"
            );
            // Whatever was thrown away is older than the epoch, and of the epoch nothing is skipped or read twice.
            let expected =
                if self.pump_epoch == transport.epoch() { self.read.max(self.flushed) } else { self.read };
            let first = self.bench.renderer.read - rendered.frames as u64;
            assert!(rendered.frames == 0 || first == expected, "{first} where {expected} was next");
            let faded = self.bench.renderer.fade.is_silent() || heard.len() < FADE;
            let sure = if faded { 0..0 } else { FADE.min(rendered.frames)..rendered.frames };
            for n in sure.filter(|_| rendered.state == RenderState::Playing) {
                assert_eq!(heard[n], sample(transport.epoch().0, first + n as u64));
            }
        }
        if transport.is_paused() {
            assert_eq!(transport.concealed_frames(), concealed, "a pause is no underrun");
            assert!(rendered.frames <= FADE);
        }
        self.read = self.bench.renderer.read;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn whatever_happens_samples_are_read_once_in_order_without_a_click_and_never_after_their_stop(
        deeds in prop::collection::vec(deed(), 1..200),
    ) {
        let mut storm = Storm::new();
        for deed in &deeds {
            storm.does(deed);
        }
    }
}

#[test]
fn a_storm_of_ten_thousand_deeds_leaves_a_renderer_that_plays() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut storm = Storm::new();
    for _ in 0..10_000 {
        let deed = deed().new_tree(&mut runner).unwrap().current();
        storm.does(&deed);
    }
    storm.does(&Deed::Stop);
    storm.does(&Deed::Render(1_000));
    storm.does(&Deed::Answer);
    storm.does(&Deed::Push(960));
    storm.does(&Deed::Render(960));
    assert_eq!(storm.bench.states.last(), Some(&RenderState::Playing));
    assert_eq!(storm.bench.renderer.available(), 0);
}
