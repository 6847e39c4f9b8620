//! The quality session with our own generator: what comes before it runs on ONNX Runtime.
//!
//! With norms measured on the fragment it says what the stock session says, in one part. With norms known beforehand it
//! hands the fragment out tile by tile, the first as soon as the trunk is done.

mod ahead;
mod check;
mod choice;
mod int8;
mod parts;
mod source;
mod stream;
#[cfg(test)]
mod tests;
mod trunk;

use std::cell::RefCell;

pub use ahead::Learnt;
use check::{Check, Due};
pub use choice::Chosen;
pub(crate) use parts::MOST_PARTS;
pub(crate) use source::{GENERATOR, NativeSource};
use stream::{Asked, Stream};
pub(crate) use trunk::Trunk;

use crate::generator::{Generator, Interrupted};
use crate::kokoro::{NAME, SAMPLES_PER_UNIT};
use crate::norms::{Learner, NormsChoice, Plan, Way};
use crate::run::durations;
use crate::trim::{Trim, audible};
use crate::{
    Fragment, Interrupt, PartSink, Prosody, Synthesis, SynthesisError, Synthesizer, Timing, Voice, Voices,
};

/// Kokoro-82M with our own generator. It speaks every voice that has a style pack: each fragment in one part, or in
/// many where its norms are [predicted](crate::norms).
pub struct Native {
    trunk: Trunk,
    generator: Generator,
    /// Values of the style that the generator takes.
    style: usize,
    interrupt: Interrupt,
    trim: Trim,
    learner: RefCell<Learner>,
    stream: Stream,
    check: Check,
}

impl Native {
    /// The session of a trunk whose runs end when `interrupt` is raised, and the generator that belongs to it, which takes
    /// `style` values of the style.
    pub(crate) fn new(
        trunk: Trunk,
        generator: Generator,
        style: usize,
        interrupt: Interrupt,
        learner: Learner,
    ) -> Self {
        Self {
            trunk,
            generator,
            style,
            interrupt,
            trim: Trim::Silence,
            learner: RefCell::new(learner),
            stream: Stream::new(),
            check: Check::new(),
        }
    }

    /// Sets whether silence is trimmed; it is, unless told otherwise.
    pub fn set_trim(&mut self, trim: Trim) {
        self.trim = trim;
    }

    /// What was learned of the norms of the voices, and what is made of it.
    pub fn learner(&mut self) -> &mut Learner {
        self.learner.get_mut()
    }
}

impl From<Interrupted> for SynthesisError {
    fn from(Interrupted: Interrupted) -> Self {
        Self::Interrupted
    }
}

impl Synthesizer for Native {
    fn name(&self) -> &'static str {
        NAME
    }

    fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    fn max_parts(&self, _tokens: usize) -> usize {
        if self.learner.borrow().choice() == NormsChoice::Exact { 1 } else { MOST_PARTS }
    }

    fn voices(&self) -> Voices {
        Voices::WithPack
    }

    fn streams(&self, voice: &Voice, prosody: Prosody) -> bool {
        self.learner.borrow_mut().predicts(voice, prosody)
    }

    fn settle(&mut self) -> bool {
        self.check.settle(&mut self.generator, self.learner.get_mut(), &self.interrupt)
    }

    fn synthesize(
        &mut self,
        fragment: &Fragment,
        parts: &mut dyn PartSink,
    ) -> Result<Synthesis, SynthesisError> {
        let Self { trunk, generator, interrupt, learner, stream, check, .. } = self;
        let learner = learner.get_mut();
        let (shaped, tokens) = trunk.shape(fragment)?;
        let input = shaped.input(self.style)?;
        let total = input.source.len();
        let durations = durations(NAME, shaped.units()?, SAMPLES_PER_UNIT, tokens, total)?;
        let bounds = self.trim.bounds(&durations, &fragment.phonemes);
        let Plan { way, shape, check: due } = learner.plan(fragment, &durations)?;
        let due = shape.zip(due).map(|(shape, fit)| Due { fragment: fragment.clone(), shape, way, fit });
        let (samples, kept) = match way {
            Way::Exact => {
                let (samples, statistics) = generator.exact(&input, interrupt)?;
                if !samples.iter().all(|sample| sample.is_finite()) {
                    return Err(SynthesisError::NotFinite { session: NAME });
                }
                let kept = audible(samples, bounds);
                if !kept.is_empty() {
                    parts.begin(Timing { durations: &durations, trimmed_lead: kept.start });
                    parts.put(&samples[kept.clone()]);
                }
                if let Some(due) = due {
                    check.keep(due, &input, samples);
                }
                if let Some(shape) = shape {
                    learner.learn(fragment, shape, statistics);
                }
                (kept.len(), kept)
            }
            Way::Predicted => {
                let given = (&input, learner.predicted());
                let asked = Asked { bounds, durations: &durations, keeps: due.is_some() };
                let spoken = stream.run(generator, given, interrupt, asked, parts)?;
                if let Some(due) = due {
                    check.keep(due, &input, stream.spoken());
                }
                spoken
            }
        };
        Ok(Synthesis { samples, durations, trimmed_lead: kept.start, trimmed_tail: total - kept.end })
    }
}
