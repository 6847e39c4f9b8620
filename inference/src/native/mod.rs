//! The quality session with our own generator: what comes before it runs on ONNX Runtime.
//!
//! With norms measured on the fragment it says what the stock session says, in one part. With norms known beforehand it
//! hands the fragment out tile by tile, the first as soon as the trunk is done.

mod ahead;
mod check;
mod choice;
mod parts;
mod source;
mod trunk;

use std::cell::RefCell;
use std::sync::Arc;

pub use ahead::Learnt;
use check::{Check, Due};
pub use choice::Chosen;
pub(crate) use parts::MOST_PARTS;
use parts::Partition;
pub(crate) use source::{GENERATOR, NativeSource};
pub(crate) use trunk::Trunk;

use crate::generator::{Generator, Interrupted};
use crate::kokoro::{NAME, SAMPLES_PER_UNIT};
use crate::norms::{Learner, NormsChoice, Plan, Way};
use crate::run::durations;
use crate::trim::{Trim, Trimmer, audible};
use crate::{
    Fragment, Interrupt, PartSink, Synthesis, SynthesisError, Synthesizer, Timing, Voice, Voices, tokens,
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
    tokens: Vec<i64>,
    trimmer: Trimmer,
    part: Vec<f32>,
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
            tokens: Vec::new(),
            trimmer: Trimmer::new(),
            part: Vec::new(),
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

    fn streams(&self, voice: &Voice) -> bool {
        self.learner.borrow_mut().predicts(voice)
    }

    fn settle(&mut self) -> bool {
        self.check.settle(&mut self.generator, self.learner.get_mut(), &self.interrupt)
    }

    fn synthesize(
        &mut self,
        fragment: &Fragment,
        parts: &mut dyn PartSink,
    ) -> Result<Synthesis, SynthesisError> {
        let Self { trunk, generator, interrupt, learner, tokens, trimmer, part, check, .. } = self;
        let learner = learner.get_mut();
        tokens::encode(fragment, tokens)?;
        let style = fragment
            .voice
            .style(tokens.len() - 2)
            .ok_or_else(|| SynthesisError::VoiceWithoutPack { voice: fragment.voice.name().to_owned() })?;
        let shaped = trunk.run(tokens, style, fragment.prosody)?;
        let input = shaped.input(self.style)?;
        let total = input.source.len();
        let durations = durations(NAME, shaped.units()?, SAMPLES_PER_UNIT, tokens.len(), total)?;
        let bounds = self.trim.bounds(&durations, &fragment.phonemes);

        let Plan { way, shape, check: due } = learner.plan(fragment, &durations)?;
        if way == Way::Exact {
            let (samples, statistics) =
                generator.exact(&input, interrupt).map_err(|Interrupted| SynthesisError::Interrupted)?;
            if !samples.iter().all(|sample| sample.is_finite()) {
                return Err(SynthesisError::NotFinite { session: NAME });
            }
            let kept = audible(samples, bounds);
            if !kept.is_empty() {
                parts.begin(Timing { durations: &durations, trimmed_lead: kept.start });
                parts.put(&samples[kept.clone()]);
            }
            if let Some(shape) = shape {
                if let Some(fit) = due {
                    check.keep(Due { voice: Arc::clone(&fragment.voice), shape, way, fit }, &input, samples);
                }
                learner.learn(&fragment.voice, shape, statistics);
            }
            let (samples, trimmed_lead, trimmed_tail) = (kept.len(), kept.start, total - kept.end);
            return Ok(Synthesis { samples, durations, trimmed_lead, trimmed_tail });
        }

        trimmer.begin(bounds);
        part.clear();
        let Partition { tiles, least } = Partition::of(total, parts::SMALLEST);
        let (mut samples, mut put, mut finite) = (0, 0, true);
        let mut whole = due.is_some().then(|| Vec::with_capacity(total));
        let mut take = |tile: &[f32]| {
            if let Some(whole) = &mut whole {
                whole.extend_from_slice(tile);
            }
            finite = finite && tile.iter().all(|sample| sample.is_finite());
            if !finite {
                return;
            }
            trimmer.push(tile, part);
            if !part.is_empty() && (put == 0 || part.len() >= least) {
                if put == 0 {
                    let trimmed_lead = trimmer.start().unwrap_or_default();
                    parts.begin(Timing { durations: &durations, trimmed_lead });
                }
                parts.put(part);
                samples += part.len();
                put += 1;
                part.clear();
            }
        };
        generator
            .predicted(&input, learner.predicted(), tiles, interrupt, &mut take)
            .map_err(|Interrupted| SynthesisError::Interrupted)?;
        if !finite {
            return Err(SynthesisError::NotFinite { session: NAME });
        }
        if let (Some(fit), Some(shape), Some(whole)) = (due, shape, &whole) {
            check.keep(Due { voice: Arc::clone(&fragment.voice), shape, way, fit }, &input, whole);
        }
        let kept = trimmer.finish(part);
        if !part.is_empty() {
            if put == 0 {
                parts.begin(Timing { durations: &durations, trimmed_lead: kept.start });
            }
            parts.put(part);
            samples += part.len();
        }
        Ok(Synthesis { samples, durations, trimmed_lead: kept.start, trimmed_tail: total - kept.end })
    }
}
