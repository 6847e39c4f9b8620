//! The quality session: Kokoro-82M as a float graph on ONNX Runtime.

use std::path::Path;
use std::sync::Arc;

use ort::session::{RunOptions, Session, SessionOutputs};
use ort::value::TensorRef;

use crate::graph::{DURATIONS, ENERGY, PITCH};
use crate::interface::{self, Port};
use crate::loaded::Loaded;
use crate::run::{durations, floats, interruptible, run};
use crate::runtime::{Model, Runtime};
use crate::trim::{Trim, audible};
use crate::voice::STYLE_WIDTH;
use crate::{
    Fragment, Interrupt, MemoryOptions, PartSink, Prosody, SessionError, SessionOptions, Synthesis,
    SynthesisError, Synthesizer, Timing, Voices, tokens,
};

pub(crate) const NAME: &str = "quality";

/// Samples per unit of the duration predictor: 25 ms.
pub(crate) const SAMPLES_PER_UNIT: usize = 600;

pub(crate) const INPUTS: [Port; 5] = [
    Port::integers("tokens", &[1, 0]),
    Port::floats("style", &[1, STYLE_WIDTH as i64]),
    Port::floats("speed", &[1]),
    Port::floats(PITCH, &[1]),
    Port::floats(ENERGY, &[1]),
];
const OUTPUTS: [Port; 2] = [Port::floats("audio", &[0]), Port::floats(DURATIONS, &[])];

/// Kokoro-82M. It speaks every voice that has a style pack, each fragment in one part.
pub struct Kokoro {
    session: Loaded,
    options: Arc<RunOptions>,
    interrupt: Interrupt,
    trim: Trim,
    tokens: Vec<i64>,
}

impl Kokoro {
    /// Loads a graph that [`rebuild_float`](crate::graph::rebuild_float) made, or a variant of it, to run on `threads` threads, the one
    /// that calls included.
    ///
    /// # Errors
    /// The file is missing, or the runtime cannot run it.
    pub fn load(runtime: &Runtime, model: &Path, threads: usize) -> Result<Self, SessionError> {
        std::fs::metadata(model).map_err(|source| SessionError::Unreadable { path: model.into(), source })?;
        Self::build(runtime, Model::File(model), model, threads)
    }

    /// As [`load`](Self::load), from the content of the file or of one that might be called `path`.
    pub(crate) fn build(
        runtime: &Runtime,
        model: Model<'_>,
        path: &Path,
        threads: usize,
    ) -> Result<Self, SessionError> {
        let options = SessionOptions::on_cpu(threads);
        let session = runtime
            .session(NAME, &options, model)
            .map_err(|source| SessionError::Build { path: path.into(), source })?;
        Self::over(session, options.memory, path)
    }

    /// The session over what the runtime has loaded from `path`.
    pub(crate) fn over(session: Loaded, memory: MemoryOptions, path: &Path) -> Result<Self, SessionError> {
        interface::check(&session, &INPUTS, &OUTPUTS, path)?;
        let interrupt = Interrupt::new();
        let options = interruptible(&interrupt, memory)
            .map_err(|source| SessionError::Build { path: path.into(), source })?;
        Ok(Self { session, options, interrupt, trim: Trim::Silence, tokens: Vec::new() })
    }

    /// Sets whether silence is trimmed; it is, unless told otherwise.
    pub fn set_trim(&mut self, trim: Trim) {
        self.trim = trim;
    }

    /// Speaks a syllable to nobody, so that the first fragment does not pay for first use.
    ///
    /// # Errors
    /// The model does not run on this machine, or the interrupt was raised.
    pub fn warm_up(&mut self) -> Result<(), SessionError> {
        let silent = [0.0; STYLE_WIDTH];
        self.tokens.clear();
        self.tokens.extend([0, 50, 83, 54, 0]);
        let Self { session, options, interrupt, tokens, .. } = self;
        infer(session, options, interrupt, tokens, &silent, Prosody::default())?;
        Ok(())
    }
}

impl Synthesizer for Kokoro {
    fn name(&self) -> &'static str {
        NAME
    }

    fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    fn max_parts(&self, _tokens: usize) -> usize {
        1
    }

    fn voices(&self) -> Voices {
        Voices::WithPack
    }

    fn synthesize(
        &mut self,
        fragment: &Fragment,
        parts: &mut dyn PartSink,
    ) -> Result<Synthesis, SynthesisError> {
        tokens::encode(fragment, &mut self.tokens)?;
        let style = fragment
            .voice
            .style(self.tokens.len() - 2)
            .ok_or_else(|| SynthesisError::VoiceWithoutPack { voice: fragment.voice.name().to_owned() })?;
        let Self { session, options, interrupt, trim, tokens } = self;
        let outputs = infer(session, options, interrupt, tokens, style, fragment.prosody)?;
        let audio = floats(NAME, &outputs, "audio")?;
        let units = floats(NAME, &outputs, DURATIONS)?;
        let durations = durations(NAME, units, SAMPLES_PER_UNIT, tokens.len(), audio.len())?;
        if !audio.iter().all(|sample| sample.is_finite()) {
            return Err(SynthesisError::NotFinite { session: NAME });
        }
        if interrupt.is_raised() {
            return Err(SynthesisError::Interrupted);
        }
        let kept = audible(audio, trim.bounds(&durations, &fragment.phonemes));
        if !kept.is_empty() {
            parts.begin(Timing { durations: &durations, trimmed_lead: kept.start });
            parts.put(&audio[kept.clone()]);
        }
        Ok(Synthesis {
            samples: kept.len(),
            durations,
            trimmed_lead: kept.start,
            trimmed_tail: audio.len() - kept.end,
        })
    }
}

/// Runs a graph that takes what Kokoro takes on `tokens`, pads included.
pub(crate) fn infer<'r>(
    session: &'r mut Session,
    options: &'r RunOptions,
    interrupt: &Interrupt,
    tokens: &[i64],
    style: &[f32],
    prosody: Prosody,
) -> Result<SessionOutputs<'r>, SynthesisError> {
    let refused = |source| SynthesisError::Runtime { session: NAME, source };
    let (speed, pitch, energy) = ([prosody.speed], [prosody.pitch_factor()], [prosody.energy]);
    let inputs = ort::inputs![
        TensorRef::from_array_view(([1, tokens.len()], tokens)).map_err(refused)?,
        TensorRef::from_array_view(([1, STYLE_WIDTH], style)).map_err(refused)?,
        TensorRef::from_array_view(([1], speed.as_slice())).map_err(refused)?,
        TensorRef::from_array_view(([1], pitch.as_slice())).map_err(refused)?,
        TensorRef::from_array_view(([1], energy.as_slice())).map_err(refused)?,
    ];
    run(NAME, session, options, interrupt, inputs)
}
