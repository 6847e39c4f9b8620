//! A session without a model: a tone, at a known cost.

use std::f32::consts::TAU;
use std::time::Duration;

use sostenuto_engine::inference::{
    Fragment, Interrupt, PartSink, SAMPLE_RATE, SessionKind, Synthesis, SynthesisError, Synthesizer, Voices,
};
use sostenuto_engine::{SessionSpec, prior};

/// Samples of a token: 60 ms, about what a phoneme of Kokoro lasts.
const TOKEN: usize = SAMPLE_RATE as usize * 60 / 1_000;
/// The tone's frequency, in hertz.
const PITCH: f32 = 220.0;
/// How often it looks at its interrupt.
const LOOK: Duration = Duration::from_millis(1);

/// Speaks every fragment as a tone of 60 ms a token, and sleeps for as long as it is to cost: a scenario can be run on a
/// machine that has no models.
pub struct Tone {
    kind: SessionKind,
    cost: Duration,
    cost_per_token: Duration,
    interrupt: Interrupt,
}

impl Tone {
    /// A session that takes the place of one of `kind`, and takes `rtf` seconds for a second of audio.
    pub fn at_rtf(kind: SessionKind, rtf: f64) -> Self {
        let seconds = rtf * TOKEN as f64 / f64::from(SAMPLE_RATE);
        Self::new(kind, Duration::ZERO, Duration::try_from_secs_f64(seconds).unwrap_or_default())
    }

    /// A session that takes the place of one of `kind`, and costs `cost` and `cost_per_token` a fragment.
    pub fn new(kind: SessionKind, cost: Duration, cost_per_token: Duration) -> Self {
        Self { kind, cost, cost_per_token, interrupt: Interrupt::new() }
    }

    /// The session as an engine is told of it.
    pub fn spec(self) -> SessionSpec {
        let kind = self.kind;
        SessionSpec { prior: prior(kind), ..SessionSpec::ready(kind, Box::new(self)) }
    }
}

impl Synthesizer for Tone {
    fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    fn max_parts(&self, _tokens: usize) -> usize {
        self.kind.max_parts()
    }

    fn voices(&self) -> Voices {
        Voices::Every
    }

    fn synthesize(
        &mut self,
        fragment: &Fragment,
        parts: &mut dyn PartSink,
    ) -> Result<Synthesis, SynthesisError> {
        let tokens = fragment.phonemes.chars().count();
        let in_parts = self.kind.max_parts().clamp(1, tokens.max(1));
        let (mut left, mut samples) = (self.cost, 0);
        for part in 0..in_parts {
            let until = |part: usize| tokens * part / in_parts;
            let count = until(part + 1) - until(part);
            left += self.cost_per_token * count as u32;
            while !left.is_zero() {
                if self.interrupt.is_raised() {
                    return Err(SynthesisError::Interrupted);
                }
                std::thread::sleep(left.min(LOOK));
                left = left.saturating_sub(LOOK);
            }
            let step = TAU * PITCH / SAMPLE_RATE as f32;
            let tone: Vec<f32> =
                (samples..samples + count * TOKEN).map(|n| 0.2 * (step * n as f32).sin()).collect();
            samples += tone.len();
            parts.put(&tone);
        }
        Ok(Synthesis { samples, ..Synthesis::default() })
    }
}
