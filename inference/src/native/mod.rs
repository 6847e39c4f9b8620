//! The quality session with our own generator: what comes before it runs on ONNX Runtime.
//!
//! With norms measured on the fragment it says what the stock session says, in one part. With norms known beforehand it
//! hands the fragment out tile by tile, the first as soon as the trunk is done.

mod choice;
mod parts;
mod source;
mod trunk;

pub use choice::Chosen;
pub(crate) use parts::MOST_PARTS;
use parts::Partition;
pub(crate) use source::NativeSource;
pub(crate) use trunk::Trunk;

use crate::generator::{Generator, Interrupted, Statistics};
use crate::kokoro::{NAME, SAMPLES_PER_UNIT};
use crate::run::durations;
use crate::trim::{Trim, Trimmer, audible};
use crate::{
    Fragment, Interrupt, PartSink, Synthesis, SynthesisError, Synthesizer, Timing, Voice, Voices, tokens,
};

/// Knows the norms of fragments before they are spoken, and learns them from fragments that were.
pub trait Foresight: Send {
    /// Whether fragments of `voice` may be spoken with the norms that are expected of them.
    fn foresees(&self, voice: &Voice) -> bool;

    /// The norms that are expected of a fragment whose tokens, pads included, last `durations` samples; `None` where
    /// they are to be measured.
    fn expected(&mut self, fragment: &Fragment, durations: &[u32]) -> Option<&Statistics>;

    /// Takes note of the norms that were measured on a fragment.
    fn measured(&mut self, fragment: &Fragment, durations: &[u32], statistics: &Statistics);
}

/// Kokoro-82M with our own generator. It speaks every voice that has a style pack: each fragment in one part, or in
/// many where its norms are [foreseen](Foresight).
pub struct Native {
    trunk: Trunk,
    generator: Generator,
    /// Values of the style that the generator takes.
    style: usize,
    interrupt: Interrupt,
    trim: Trim,
    foresight: Option<Box<dyn Foresight>>,
    tokens: Vec<i64>,
    trimmer: Trimmer,
    part: Vec<f32>,
}

impl Native {
    /// The session of a trunk whose runs end when `interrupt` is raised, and the generator that belongs to it, which takes
    /// `style` values of the style.
    pub(crate) fn new(trunk: Trunk, generator: Generator, style: usize, interrupt: Interrupt) -> Self {
        Self {
            trunk,
            generator,
            style,
            interrupt,
            trim: Trim::Silence,
            foresight: None,
            tokens: Vec::new(),
            trimmer: Trimmer::new(),
            part: Vec::new(),
        }
    }

    /// Sets whether silence is trimmed; it is, unless told otherwise.
    pub fn set_trim(&mut self, trim: Trim) {
        self.trim = trim;
    }

    /// Sets who knows the norms of fragments beforehand; nobody does, unless told otherwise.
    pub fn set_foresight(&mut self, foresight: Box<dyn Foresight>) {
        self.foresight = Some(foresight);
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
        if self.foresight.is_some() { MOST_PARTS } else { 1 }
    }

    fn voices(&self) -> Voices {
        Voices::WithPack
    }

    fn streams(&self, voice: &Voice) -> bool {
        self.foresight.as_ref().is_some_and(|foresight| foresight.foresees(voice))
    }

    fn synthesize(
        &mut self,
        fragment: &Fragment,
        parts: &mut dyn PartSink,
    ) -> Result<Synthesis, SynthesisError> {
        let Self { trunk, generator, interrupt, foresight, tokens, trimmer, part, .. } = self;
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

        let expected = foresight.as_mut().and_then(|foresight| foresight.expected(fragment, &durations));
        let Some(expected) = expected else {
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
            if let Some(foresight) = foresight {
                foresight.measured(fragment, &durations, statistics);
            }
            let (samples, trimmed_lead, trimmed_tail) = (kept.len(), kept.start, total - kept.end);
            return Ok(Synthesis { samples, durations, trimmed_lead, trimmed_tail });
        };

        trimmer.begin(bounds);
        part.clear();
        let Partition { tiles, least } = Partition::of(total, parts::SMALLEST);
        let (mut samples, mut put, mut finite) = (0, 0, true);
        let mut take = |tile: &[f32]| {
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
            .predicted(&input, expected, tiles, interrupt, &mut take)
            .map_err(|Interrupted| SynthesisError::Interrupted)?;
        if !finite {
            return Err(SynthesisError::NotFinite { session: NAME });
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
