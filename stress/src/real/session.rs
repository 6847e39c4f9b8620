//! A session that is watched, and in which goes wrong what a scenario says.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use sostenuto_engine::inference::{
    Fragment, Interrupt, PartSink, Prosody, SAMPLE_RATE, SessionKind, Synthesis, SynthesisError, Synthesizer,
    Timing, Voice, Voices,
};
use sostenuto_engine::{LoadedSession, SessionSpec};

use super::ailments::{Ailment, Ailments};
use super::course::Course;
use super::ledger::Ledger;
use super::seat::Seat;
use crate::FaultKind;

/// How often a session that sleeps looks at its interrupt, as often as a runtime does between two operators.
const LOOK: Duration = Duration::from_millis(1);
/// Bits of an utterance's seed below those that name its stream.
pub(super) const STREAM_SHIFT: u32 = 40;

/// What everybody knows who takes part in a run.
pub(super) struct Round {
    /// How far the scenario has got.
    pub(super) course: Arc<Course>,
    /// What the sessions did.
    pub(super) ledger: Ledger,
    /// One for each stream, once they are open.
    pub(super) seats: OnceLock<Vec<Arc<Seat>>>,
}

/// Makes of `spec` a session that is watched, and whose fragments suffer from `ailments`.
pub(super) fn watched(spec: SessionSpec, round: &Arc<Round>, ailments: Ailments) -> SessionSpec {
    let SessionSpec { kind, max_parts, prior, load } = spec;
    let round = Arc::clone(round);
    let load = Box::new(move || {
        let LoadedSession { session: inner, report } = load()?;
        let is_fast = kind == SessionKind::Fast;
        Ok(LoadedSession { session: Box::new(Watched { inner, is_fast, round, ailments }), report })
    });
    SessionSpec { kind, max_parts, prior, load }
}

struct Watched {
    inner: Box<dyn Synthesizer>,
    is_fast: bool,
    round: Arc<Round>,
    ailments: Ailments,
}

/// Where a fragment's parts pass on their way to the engine.
struct Passage<'a> {
    parts: &'a mut dyn PartSink,
    ailments: &'a mut Ailments,
    ailment: Ailment,
    interrupt: Interrupt,
    round: &'a Round,
    seat: Option<&'a Seat>,
    /// Since when the session has worked on what comes next.
    worked_since: Instant,
    samples: usize,
    slack_s: Option<f64>,
}

impl Passage<'_> {
    /// Does nothing, not even obey, while it is frozen.
    fn freeze(&mut self) {
        let frozen = self.round.course.seconds().and_then(|at_s| self.ailments.frozen(at_s));
        if let Some((seconds, begins)) = frozen {
            if begins {
                self.round.course.fire(FaultKind::Freeze);
            }
            std::thread::sleep(Duration::from_secs_f64(seconds));
        }
    }

    /// Takes as much longer for what it has done as it is slower. Returns whether it was left in peace meanwhile.
    fn dawdle(&mut self) -> bool {
        self.freeze();
        if self.ailment.factor <= 1.0 {
            return true;
        }
        let extra = self.worked_since.elapsed().mul_f64(self.ailment.factor - 1.0);
        let begun = Instant::now();
        while begun.elapsed() < extra && !self.interrupt.is_raised() {
            std::thread::sleep(LOOK.min(extra.saturating_sub(begun.elapsed())));
        }
        !self.interrupt.is_raised()
    }
}

impl PartSink for Passage<'_> {
    fn begin(&mut self, timing: Timing<'_>) {
        self.parts.begin(timing);
    }

    fn first_tile(&self) -> usize {
        self.parts.first_tile()
    }

    fn put(&mut self, samples: &[f32]) {
        if !self.dawdle() {
            return;
        }
        self.slack_s = self.slack_s.or_else(|| self.seat.map(Seat::slack_s));
        if self.ailment.is_spoilt {
            let mut spoilt = samples.to_vec();
            if let Some(middle) = spoilt.get_mut(samples.len() / 2) {
                *middle = f32::NAN;
            }
            self.parts.put(&spoilt);
        } else {
            self.round.ledger.hand_out(samples.len());
            self.samples += samples.len();
            self.parts.put(samples);
        }
        self.worked_since = Instant::now();
    }
}

impl Synthesizer for Watched {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn interrupt(&self) -> Interrupt {
        self.inner.interrupt()
    }

    fn max_parts(&self, tokens: usize) -> usize {
        self.inner.max_parts(tokens)
    }

    fn voices(&self) -> Voices {
        self.inner.voices()
    }

    fn streams(&self, voice: &Voice, prosody: Prosody) -> bool {
        self.inner.streams(voice, prosody)
    }

    fn settle(&mut self) -> bool {
        self.inner.settle()
    }

    fn synthesize(
        &mut self,
        fragment: &Fragment,
        parts: &mut dyn PartSink,
    ) -> Result<Synthesis, SynthesisError> {
        let Some(at_s) = self.round.course.seconds() else { return self.inner.synthesize(fragment, parts) };
        let begun = Instant::now();
        let ailment = self.ailments.next(at_s);
        ailment.fired.iter().for_each(|&fault| self.round.course.fire(fault));
        let fails = ailment.fails;
        let interrupt = self.inner.interrupt();
        let seat =
            self.round.seats.get().and_then(|seats| seats.get((fragment.seed >> STREAM_SHIFT) as usize));
        let mut passage = Passage {
            parts,
            ailments: &mut self.ailments,
            ailment,
            interrupt: interrupt.clone(),
            round: &self.round,
            seat: seat.map(|seat| &**seat),
            worked_since: begun,
            samples: 0,
            slack_s: None,
        };
        passage.freeze();
        let mut result = if fails {
            let found = "nothing, on purpose".to_owned();
            Err(SynthesisError::UnexpectedOutput { session: self.inner.name(), output: "audio", found })
        } else {
            passage.worked_since = Instant::now();
            self.inner.synthesize(fragment, &mut passage)
        };
        // What comes after the last part takes longer too.
        if !passage.dawdle() && result.is_ok() {
            result = Err(SynthesisError::Interrupted);
        }
        let (samples, slack_s) = (passage.samples, passage.slack_s);
        if interrupt.is_raised() {
            self.round.ledger.lose_count();
        }
        if matches!(result, Err(SynthesisError::Interrupted)) {
            return result;
        }
        let audio_s = if result.is_ok() { samples as f64 / f64::from(SAMPLE_RATE) } else { 0.0 };
        self.round.ledger.enter(crate::Fragment {
            at_s: self.round.course.seconds().unwrap_or(at_s),
            tokens: fragment.phonemes.chars().count(),
            cost_s: begun.elapsed().as_secs_f64(),
            audio_s,
            slack_s: slack_s.or_else(|| seat.map(|seat| seat.slack_s())).unwrap_or_default(),
            is_fast: self.is_fast,
        });
        result
    }
}
