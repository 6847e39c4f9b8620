//! The quality session with our own generator: what comes before it runs on ONNX Runtime.
//!
//! With norms measured on the fragment it says what the stock session says, in one part. With norms known beforehand it
//! hands the fragment out tile by tile, the first as soon as the trunk is done.

mod ahead;
mod choice;
mod parts;
mod source;
mod stream;
#[cfg(test)]
mod tests;
mod trunk;

use std::cell::RefCell;

pub use ahead::Learnt;
pub use choice::Chosen;
pub(crate) use parts::MOST_PARTS;
pub(crate) use source::NativeSource;
use stream::Stream;
pub(crate) use trunk::Trunk;

use crate::generator::{Generator, Interrupted, Statistics, Tiles};
use crate::kokoro::{NAME, SAMPLES_PER_UNIT};
use crate::norms::{Figures, Fit, Learner, NormsChoice, Shape, Way};
use crate::run::durations;
use crate::trim::{Trim, audible};
use crate::{
    Fragment, Interrupt, LARGEST_TILE, PartSink, Synthesis, SynthesisError, Synthesizer, Timing, Voice,
    Voices,
};

/// Kokoro-82M with our own generator. It speaks every voice that has a style pack: each fragment in one part, or in
/// many where its norms are predicted.
pub struct Native {
    trunk: Trunk,
    generator: Generator,
    /// Values of the style that the generator takes.
    style: usize,
    interrupt: Interrupt,
    trim: Trim,
    learner: RefCell<Learner>,
    /// What is to be spoken the other way too, once there is time.
    check: Option<Check>,
    stream: Stream,
}

/// A prediction that is to be compared with the fragment's own norms.
struct Check {
    fragment: Fragment,
    shape: Shape,
    fit: Fit,
}

impl Native {
    /// The session of a trunk whose runs end when `interrupt` is raised, and the generator that belongs to it, which takes
    /// `style` values of the style. Every fragment gets its own norms.
    pub(crate) fn new(trunk: Trunk, generator: Generator, style: usize, interrupt: Interrupt) -> Self {
        Self {
            trunk,
            generator,
            style,
            interrupt,
            trim: Trim::Silence,
            learner: RefCell::new(Learner::new(NormsChoice::Exact, None)),
            check: None,
            stream: Stream::new(),
        }
    }

    /// Sets whether silence is trimmed; it is, unless told otherwise.
    pub fn set_trim(&mut self, trim: Trim) {
        self.trim = trim;
    }

    /// Sets who decides on the norms and learns them.
    pub fn set_learner(&mut self, learner: Learner) {
        *self.learner.get_mut() = learner;
        self.check = None;
    }

    /// Who decides on the norms.
    pub fn learner(&mut self) -> &mut Learner {
        self.learner.get_mut()
    }

    /// Computes the fragment of a check with its own norms and as predicted; tells how far apart the two are, or `None`
    /// where nobody speaks in it.
    fn compare(&mut self, check: &Check) -> Result<Option<Figures>, SynthesisError> {
        let Self { trunk, generator, interrupt, .. } = self;
        let (shaped, _) = trunk.shape(&check.fragment)?;
        let input = shaped.input(self.style)?;
        let exact = generator.exact(&input, interrupt)?.0.to_vec();
        let mut statistics = Statistics::new();
        check.fit.predict(check.shape, &mut statistics);
        let tiles = Tiles { first: LARGEST_TILE, rest: LARGEST_TILE };
        let mut predicted = Vec::with_capacity(exact.len());
        let mut put = |tile: &[f32]| predicted.extend_from_slice(tile);
        generator.predicted(&input, &statistics, tiles, interrupt, &mut put)?;
        Ok(Figures::of(&exact, &predicted))
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
        MOST_PARTS
    }

    fn voices(&self) -> Voices {
        Voices::WithPack
    }

    fn streams(&self, voice: &Voice) -> bool {
        self.learner.borrow_mut().predicts(voice)
    }

    fn settle(&mut self) -> bool {
        let Some(check) = self.check.take() else {
            self.learner.get_mut().keep();
            return false;
        };
        match self.compare(&check) {
            Ok(Some(figures)) => self.learner.get_mut().judge(&check.fragment.voice, check.fit, figures),
            Ok(None) => tracing::debug!("the prediction is not checked: nobody speaks in the fragment"),
            Err(SynthesisError::Interrupted) => self.check = Some(check),
            Err(error) => tracing::warn!("the prediction is not checked: {error}"),
        }
        true
    }

    fn synthesize(
        &mut self,
        fragment: &Fragment,
        parts: &mut dyn PartSink,
    ) -> Result<Synthesis, SynthesisError> {
        let Self { trunk, generator, interrupt, learner, stream, .. } = self;
        let learner = learner.get_mut();
        let (shaped, tokens) = trunk.shape(fragment)?;
        let input = shaped.input(self.style)?;
        let total = input.source.len();
        let durations = durations(NAME, shaped.units()?, SAMPLES_PER_UNIT, tokens, total)?;
        let bounds = self.trim.bounds(&durations, &fragment.phonemes);
        let plan = learner.plan(fragment, &durations)?;
        let (samples, kept) = match plan.way {
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
                if let Some(shape) = plan.shape {
                    learner.learn(&fragment.voice, shape, statistics);
                }
                (kept.len(), kept)
            }
            Way::Predicted => {
                let given = (&input, learner.predicted());
                stream.run(generator, given, interrupt, (bounds, &durations), parts)?
            }
        };
        if let (Some(fit), Some(shape)) = (plan.check, plan.shape) {
            self.check = Some(Check { fragment: fragment.clone(), shape, fit });
        }
        Ok(Synthesis { samples, durations, trimmed_lead: kept.start, trimmed_tail: total - kept.end })
    }
}
