//! The renderer allocates nothing, whatever it is made to do. With the feature `rtsan` and its runtime, it does nothing
//! else either that could keep the device waiting: see `scripts/rtsan.sh`.

mod by_hand;

use std::collections::HashSet;
use std::time::Duration;

use assert_no_alloc::{AllocDisabler, assert_no_alloc, violation_count};
use by_hand::{ByHand, LARGEST};
use sostenuto_playback::{Format, RenderState};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

const FORMAT: Format = Format { rate: 48_000, channels: 2, period: 480 };

/// A stream whose callback may not allocate.
struct Watched {
    stream: ByHand,
    seen: HashSet<String>,
    slice: Vec<f32>,
}

impl Watched {
    fn new() -> Self {
        Self { stream: ByHand::new(FORMAT), seen: HashSet::new(), slice: vec![0.0; 20_000] }
    }

    /// Steps the pump, then renders slices of so many samples.
    fn goes_on(&mut self, slices: &[usize]) -> RenderState {
        let mut state = RenderState::Silent;
        for &length in slices {
            self.stream.step(FORMAT.time_of(length as u64 / 2));
            let ByHand { renderer, now, .. } = &mut self.stream;
            let out = &mut self.slice[..length];
            let before = violation_count();
            state = assert_no_alloc(|| {
                renderer.begun(*now);
                let rendered = renderer.render(out);
                renderer.publish(*now + FORMAT.time_of(rendered.frames as u64));
                renderer.set_latency(Duration::from_millis(20));
                renderer.ended(*now);
                rendered.state
            });
            assert_eq!(
                violation_count(),
                before,
                "an allocation while rendering {length} samples: {state:?}"
            );
            self.seen.insert(format!("{state:?}"));
        }
        state
    }

    fn speaks(&mut self, sample: impl Fn(usize) -> f32) {
        (0..3).for_each(|_| self.stream.speak(LARGEST, &sample));
    }
}

fn voice(n: usize) -> f32 {
    0.4 * (n as f32 * 0.05).sin()
}

fn noise(n: usize) -> f32 {
    (n * n * 7_919 % 1_009) as f32 / 1_009.0 - 0.5
}

#[test]
fn rendering_allocates_nothing_in_any_state() {
    let mut watched = Watched::new();
    let period = [960; 8];
    assert_eq!(watched.goes_on(&period), RenderState::Silent);

    for sound in [voice, noise] {
        watched.speaks(sound);
        assert_eq!(watched.goes_on(&[960, 0, 1, 961, 128, 3, 14, 960]), RenderState::Playing);
        assert_eq!(watched.goes_on(&[960; 60]), RenderState::Concealing);
        watched.stream.transport.set_resume_level(480);
    }

    watched.speaks(voice);
    watched.stream.transport.set_gain(0.3);
    assert_eq!(watched.goes_on(&period), RenderState::Playing);
    watched.stream.transport.set_paused(true);
    assert_eq!(watched.goes_on(&[100, 100, 960, 960]), RenderState::Paused);
    watched.stream.transport.set_paused(false);
    assert_eq!(watched.goes_on(&period), RenderState::Playing);
    watched.stream.stop();
    assert_eq!(watched.goes_on(&[100]), RenderState::Stopping);
    assert_eq!(watched.goes_on(&period), RenderState::Silent);

    watched.speaks(noise);
    assert_eq!(watched.goes_on(&period), RenderState::Playing);
    watched.stream.transport.set_paused(true);
    watched.goes_on(&period);
    watched.stream.stop();
    assert_eq!(watched.goes_on(&period), RenderState::Silent);

    watched.speaks(voice);
    watched.stream.end(1);
    assert_eq!(watched.goes_on(&[20_000; 8]), RenderState::Silent);
    assert_eq!(watched.seen.len(), 5, "{:?}", watched.seen);
    assert!(watched.stream.transport.interruptions() > 0);
}

#[test]
fn an_allocation_would_be_noticed() {
    let before = violation_count();
    assert_no_alloc(|| drop(std::hint::black_box(vec![0.0f32; 480])));
    assert!(violation_count() > before);
}

/// What the sanitizer must refuse: `scripts/rtsan.sh` runs it and expects that it fails.
#[cfg(feature = "rtsan")]
#[test]
#[ignore = "fails where the sanitizer is at work, and must"]
fn a_planted_violation() {
    #[rtsan_standalone::nonblocking]
    fn render() -> Vec<f32> {
        vec![0.0; std::hint::black_box(480)]
    }
    assert_eq!(render().len(), 480);
}
