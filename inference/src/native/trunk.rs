//! What comes before the generator, run by the runtime.

use std::path::Path;
use std::sync::Arc;

use ort::session::{RunOptions, SessionOutputs};

use crate::generator::{Input, SAMPLES_PER_FRAME};
use crate::graph::{DURATIONS, HIDDEN, SOURCE, STYLE};
use crate::interface::{self, Port};
use crate::kokoro::{self, INPUTS, NAME};
use crate::loaded::Loaded;
use crate::run::{floats, interruptible};
use crate::{Fragment, Interrupt, MemoryOptions, SessionError, SynthesisError, tokens};

/// Channels of the hidden frames.
const CHANNELS: usize = 512;
const OUTPUTS: [Port; 4] = [
    Port::floats(DURATIONS, &[]),
    Port::floats(HIDDEN, &[]),
    Port::floats(SOURCE, &[]),
    Port::floats(STYLE, &[]),
];

/// Kokoro's graph up to the generator.
pub(crate) struct Trunk {
    session: Loaded,
    options: Arc<RunOptions>,
    interrupt: Interrupt,
    tokens: Vec<i64>,
}

impl Trunk {
    /// The trunk over what the runtime has loaded from `path`; a run of it ends when `interrupt` is raised.
    pub(crate) fn over(
        session: Loaded,
        interrupt: Interrupt,
        memory: MemoryOptions,
        path: &Path,
    ) -> Result<Self, SessionError> {
        interface::check(&session, &INPUTS, &OUTPUTS, path)?;
        let options = interruptible(&interrupt, memory)
            .map_err(|source| SessionError::Build { path: path.into(), source })?;
        Ok(Self { session, options, interrupt, tokens: Vec::new() })
    }

    /// Runs it on `fragment`; gives the number of its tokens too, pads included.
    pub(crate) fn shape(&mut self, fragment: &Fragment) -> Result<(Shaped<'_>, usize), SynthesisError> {
        let Self { session, options, interrupt, tokens } = self;
        tokens::encode(fragment, tokens)?;
        let style = fragment
            .voice
            .style(tokens.len() - 2)
            .ok_or_else(|| SynthesisError::VoiceWithoutPack { voice: fragment.voice.name().to_owned() })?;
        let outputs = kokoro::infer(session, options, interrupt, tokens, style, fragment.prosody)?;
        Ok((Shaped(outputs), tokens.len()))
    }
}

/// What the trunk gave for a fragment.
pub(crate) struct Shaped<'r>(SessionOutputs<'r>);

impl Shaped<'_> {
    /// How long each token lasts, in units of 25 ms.
    pub(crate) fn units(&self) -> Result<&[f32], SynthesisError> {
        floats(NAME, &self.0, DURATIONS)
    }

    /// Every value of the style that a generator might take.
    pub(crate) fn style(&self) -> Result<&[f32], SynthesisError> {
        floats(NAME, &self.0, STYLE)
    }

    /// What the generator starts from, which takes `values` values of the style.
    pub(crate) fn input(&self, values: usize) -> Result<Input<'_>, SynthesisError> {
        let hidden = floats(NAME, &self.0, HIDDEN)?;
        let source = floats(NAME, &self.0, SOURCE)?;
        let style = self.style()?;
        let unexpected = |output, found: &[f32]| SynthesisError::UnexpectedOutput {
            session: NAME,
            output,
            found: format!("{} values for {} samples", found.len(), source.len()),
        };
        let frames = source.len() / SAMPLES_PER_FRAME;
        if frames * SAMPLES_PER_FRAME != source.len() || hidden.len() != CHANNELS * frames {
            return Err(unexpected(HIDDEN, hidden));
        }
        if style.len() != values {
            return Err(unexpected(STYLE, style));
        }
        Ok(Input { hidden, source, style })
    }
}
