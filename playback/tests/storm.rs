//! Pump and renderer under ten thousand commands in no order at all.

mod by_hand;

use std::time::Duration;

use by_hand::{ByHand, LARGEST};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sostenuto_playback::{Format, PumpEvent, RenderState};

const DEEDS: usize = 10_000;
const FADE: usize = 120;

#[derive(Clone, Debug)]
enum Deed {
    Speak(usize),
    End,
    Stop,
    Pause(bool),
    Level(u32),
    Rest(u64),
    Render(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (1..LARGEST).prop_map(Deed::Speak),
        1 => Just(Deed::End),
        1 => Just(Deed::Stop),
        1 => any::<bool>().prop_map(Deed::Pause),
        1 => (0u32..1_500).prop_map(Deed::Level),
        2 => (0u64..30).prop_map(Deed::Rest),
        8 => (0usize..1_200).prop_map(Deed::Render),
    ]
}

/// Neighbouring epochs differ in sign, so that a sample tells where it comes from.
fn sign(epoch: u32) -> f32 {
    if epoch.is_multiple_of(2) { 1.0 } else { -1.0 }
}

/// The listener, who notes what must never be heard.
#[derive(Default)]
struct Listener {
    slice: Vec<f32>,
    last: f32,
    /// Frames since something was concealed.
    sure: usize,
    played: u64,
}

impl Listener {
    fn hears(&mut self, stream: &mut ByHand, frames: usize) {
        let was_stopped = stream.transport.is_stopped();
        self.slice.clear();
        self.slice.resize(frames, 0.0);
        let rendered = stream.renderer.render(&mut self.slice);
        stream.renderer.publish(stream.now);
        self.played += rendered.frames as u64;
        self.sure = if rendered.state == RenderState::Concealing { 0 } else { self.sure + frames };
        let is_sure = self.sure > frames + FADE;
        if was_stopped && is_sure {
            let sign = sign(stream.epoch.0);
            assert!(self.slice.iter().all(|s| s * sign >= 0.0), "an older epoch is heard after its stop");
        }
        let steps =
            std::iter::once(&self.last).chain(&self.slice).zip(&self.slice).map(|(a, b)| (b - a).abs());
        let largest = steps.fold(0.0, f32::max);
        assert!(!is_sure || largest <= 0.4 / FADE as f32 + 1e-6, "a step of {largest}");
        self.last = self.slice.last().copied().unwrap_or(self.last);
    }
}

#[test]
fn ten_thousand_commands_leave_no_stale_sample_and_every_buffer_comes_back() {
    let mut stream = ByHand::new(Format { rate: 24_000, channels: 1, period: 240 });
    let mut listener = Listener::default();
    let mut runner = TestRunner::deterministic();
    let (mut utterance, mut finished, mut stopped) = (0, Vec::new(), 0);
    for _ in 0..DEEDS {
        let deed = deed().new_tree(&mut runner).unwrap().current();
        match deed {
            Deed::Speak(samples) => {
                let value = 0.4 * sign(stream.epoch.0);
                stream.speak(samples, |_| value);
            }
            Deed::End => {
                stream.end(utterance);
                utterance += 1;
            }
            Deed::Stop => stream.stop(),
            Deed::Pause(paused) => stream.transport.set_paused(paused),
            Deed::Level(frames) => stream.transport.set_resume_level(frames),
            Deed::Render(frames) => listener.hears(&mut stream, frames),
            Deed::Rest(ms) => {
                for event in stream.step(Duration::from_millis(ms)) {
                    match event {
                        PumpEvent::Finished { utterance } => finished.push(utterance),
                        PumpEvent::Stopped { .. } => stopped += 1,
                        PumpEvent::Audible { .. } | PumpEvent::Mark { .. } => {}
                    }
                }
            }
        }
    }
    assert!(finished.is_sorted_by(|a, b| a < b), "an end is told once and in order");
    assert!(!finished.is_empty() && stopped > 0 && listener.played > 100_000);

    stream.stop();
    for _ in 0..10 {
        stream.step(Duration::from_millis(10));
        listener.hears(&mut stream, 240);
    }
    stream.take_back();
    assert_eq!(stream.lent, 0, "buffers that never came back");
    assert!(stream.pump.is_drained() && stream.transport.is_stopped());
}
