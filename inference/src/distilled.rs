//! The fast session: a model of 6 million parameters distilled from Kokoro for one voice, with its vocoder in Rust.
//!
//! The network predicts spectra; the vocoder turns them into samples block by block, so the first part leaves before
//! the last frame is transformed. About forty times cheaper than the quality session.

use std::path::Path;
use std::sync::Arc;

use ort::session::{RunOptions, Session, SessionOutputs};
use ort::value::TensorRef;

use crate::graph::{DURATIONS, ENERGY, PITCH, instrument};
use crate::interface::{self, Port};
use crate::loaded::Loaded;
use crate::run::{durations, floats, interruptible, run};
use crate::runtime::{Model, Runtime};
use crate::trim::{Trim, Trimmer};
use crate::vocoder::{BINS, Frames, HOP, Vocoder};
use crate::{
    Fragment, Interrupt, MemoryOptions, PartSink, Prosody, SessionError, SessionOptions, Synthesis,
    SynthesisError, Synthesizer, Timing, Voice, Voices, tokens,
};

pub(crate) const NAME: &str = "fast";

/// A voice of Kokoro's that a distilled model speaks as well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Twin {
    /// The voice's name, the same in both sessions.
    pub voice: &'static str,
    /// The file that the distilled model comes in.
    pub model: &'static str,
    /// What the distilled model's samples are multiplied with to be as loud as Kokoro's.
    ///
    /// heart: measured 3.42 dB quieter over twenty sentences (active level: frames of 20 ms within 25 dB of the loudest;
    /// standard deviation 0.43 dB, at worst 4.43 dB).
    pub gain: f32,
}

/// Every voice that has a distilled model.
pub const TWINS: [Twin; 1] = [Twin { voice: "af_heart", model: "hibari.onnx", gain: 1.482_518 }];

impl Twin {
    /// The twin of the voice called `voice`.
    pub fn of(voice: &str) -> Option<&'static Self> {
        TWINS.iter().find(|twin| twin.voice == voice)
    }
}

/// Samples per unit of the duration predictor: 25 ms, two frames.
const SAMPLES_PER_UNIT: usize = 2 * HOP;

/// Samples of the first part: 100 ms. Each further part is at least twice as long as the one before.
const FIRST_PART: usize = 2400;

/// The most parts of a fragment. The last takes whatever is left, which by then is past the first 50 seconds.
pub(crate) const MOST_PARTS: usize = 10;

const INPUTS: [Port; 4] = [
    Port::integers("ids", &[1, 0]),
    Port::floats("speed", &[1]),
    Port::floats(PITCH, &[1]),
    Port::floats(ENERGY, &[1]),
];
const SPECTRUM: &[i64] = &[1, BINS as i64, 0];
const OUTPUTS: [Port; 7] = [
    Port::floats("lh", SPECTRUM),
    Port::floats("theta", SPECTRUM),
    Port::floats("ln", SPECTRUM),
    Port::floats("lr", SPECTRUM),
    Port::floats("phi", SPECTRUM),
    Port::floats("f0", &[1, 0]),
    Port::floats(DURATIONS, &[]),
];

/// How much of a change of energy reaches this model's energy curve, so that it becomes as much louder as Kokoro does.
///
/// Its decoder answers a scaled curve six times as strongly as Kokoro's. Measured over three texts by `af_heart`, the
/// level of the active parts against that at energy 1:
///
/// | energy | Kokoro | this model, curve scaled in full | with this response |
/// | --- | --- | --- | --- |
/// | 0.5 | -1.7 dB | -12.1 dB | -1.4 dB |
/// | 0.7 | -1.0 dB | -6.9 dB | -0.8 dB |
/// | 1.3 | +0.9 dB | +5.6 dB | +0.8 dB |
/// | 2.0 | +2.4 dB | +13.5 dB | +2.7 dB |
const ENERGY_RESPONSE: f32 = 0.15;

/// What this model's samples are multiplied with at a shifted pitch, so that they stay as loud as Kokoro's.
///
/// Far below its voice the model grows louder, and Kokoro does not. Measured over three texts by `af_heart`, the level
/// of the active parts against Kokoro's at the same shift: 0.0 dB from -300 to 300 cents, +3.2 dB at -600 and +6.8 dB
/// at -900, less again at -1200; -0.2 dB at 600 and -0.4 dB at 900.
fn level_at(pitch_cents: f32) -> f32 {
    const DECIBELS_PER_CENT: f32 = 0.011;
    let below = (-300.0 - pitch_cents).clamp(0.0, 600.0);
    10_f32.powf(-below * DECIBELS_PER_CENT / 20.0)
}

/// A distilled model. It speaks one voice, each fragment in several parts.
pub struct Distilled {
    session: Loaded,
    options: Arc<RunOptions>,
    interrupt: Interrupt,
    twin: &'static Twin,
    trim: Trim,
    tokens: Vec<i64>,
    vocoder: Vocoder,
    trimmer: Trimmer,
    block: Vec<f32>,
    part: Vec<f32>,
}

impl Distilled {
    /// Loads the model of `twin` from `model`, to run on `threads` threads, the one that calls included.
    ///
    /// # Errors
    /// The file is missing or not such a model, or the runtime cannot run it.
    pub fn load(
        runtime: &Runtime,
        twin: &'static Twin,
        model: &Path,
        threads: usize,
    ) -> Result<Self, SessionError> {
        let path = model;
        let bytes =
            std::fs::read(path).map_err(|source| SessionError::Unreadable { path: path.into(), source })?;
        let bytes = instrument(&bytes).map_err(|source| SessionError::Graph { path: path.into(), source })?;
        let options = SessionOptions::on_cpu(threads);
        let session = runtime
            .session(NAME, &options, Model::Bytes(&bytes))
            .map_err(|source| SessionError::Build { path: path.into(), source })?;
        Self::over(session, twin, options.memory, path)
    }

    /// The session over what the runtime has loaded from the model of `twin`, in `path`.
    pub(crate) fn over(
        session: Loaded,
        twin: &'static Twin,
        memory: MemoryOptions,
        path: &Path,
    ) -> Result<Self, SessionError> {
        interface::check(&session, &INPUTS, &OUTPUTS, path)?;
        let interrupt = Interrupt::new();
        let options = interruptible(&interrupt, memory)
            .map_err(|source| SessionError::Build { path: path.into(), source })?;
        Ok(Self {
            session,
            options,
            interrupt,
            twin,
            trim: Trim::Silence,
            tokens: Vec::new(),
            vocoder: Vocoder::new(),
            trimmer: Trimmer::new(),
            block: Vec::new(),
            part: Vec::new(),
        })
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
        let syllable = Fragment {
            phonemes: "hə".into(),
            voice: Arc::new(Voice::named(self.twin.voice)),
            prosody: Prosody::default(),
            seed: 0,
        };
        self.synthesize(&syllable, &mut |_: &[f32]| {})?;
        Ok(())
    }
}

impl Synthesizer for Distilled {
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
        Voices::Only(self.twin.voice.to_owned())
    }

    fn synthesize(
        &mut self,
        fragment: &Fragment,
        parts: &mut dyn PartSink,
    ) -> Result<Synthesis, SynthesisError> {
        if fragment.voice.name() != self.twin.voice {
            return Err(SynthesisError::VoiceNotSpoken {
                session: NAME,
                voice: fragment.voice.name().to_owned(),
            });
        }
        tokens::encode(fragment, &mut self.tokens)?;
        let outputs =
            infer(&mut self.session, &self.options, &self.interrupt, &self.tokens, fragment.prosody)?;
        let frames = frames(&outputs)?;
        let total = frames.f0.len() * HOP;
        let units = floats(NAME, &outputs, DURATIONS)?;
        let durations = durations(NAME, units, SAMPLES_PER_UNIT, self.tokens.len(), total)?;

        self.vocoder.begin(fragment.seed);
        self.trimmer.begin(self.trim.bounds(&durations, &fragment.phonemes));
        self.part.clear();
        let gain = self.twin.gain * level_at(fragment.prosody.pitch_cents);
        let mut sizes = (0..MOST_PARTS - 1).map(|part| FIRST_PART << part);
        let mut size = sizes.next();
        let mut samples = 0;
        let mut more = true;
        while more {
            if self.interrupt.is_raised() {
                return Err(SynthesisError::Interrupted);
            }
            self.block.clear();
            more = self.vocoder.advance(&frames, &mut self.block);
            if !self.block.iter().all(|sample| sample.is_finite()) {
                return Err(SynthesisError::NotFinite { session: NAME });
            }
            for sample in &mut self.block {
                *sample *= gain;
            }
            self.trimmer.push(&self.block, &mut self.part);
            if more && size.is_some_and(|size| self.part.len() >= size) {
                if samples == 0 {
                    let trimmed_lead = self.trimmer.start().unwrap_or_default();
                    parts.begin(Timing { durations: &durations, trimmed_lead });
                }
                parts.put(&self.part);
                samples += self.part.len();
                self.part.clear();
                size = sizes.next();
            }
        }
        let kept = self.trimmer.finish(&mut self.part);
        if !self.part.is_empty() {
            if samples == 0 {
                parts.begin(Timing { durations: &durations, trimmed_lead: kept.start });
            }
            parts.put(&self.part);
            samples += self.part.len();
        }
        Ok(Synthesis { samples, durations, trimmed_lead: kept.start, trimmed_tail: total - kept.end })
    }
}

fn infer<'r>(
    session: &'r mut Session,
    options: &'r RunOptions,
    interrupt: &Interrupt,
    tokens: &[i64],
    prosody: Prosody,
) -> Result<SessionOutputs<'r>, SynthesisError> {
    let refused = |source| SynthesisError::Runtime { session: NAME, source };
    let (speed, pitch, energy) =
        ([prosody.speed], [prosody.pitch_factor()], [1.0 + ENERGY_RESPONSE * (prosody.energy - 1.0)]);
    let inputs = ort::inputs![
        TensorRef::from_array_view(([1, tokens.len()], tokens)).map_err(refused)?,
        TensorRef::from_array_view(([1], speed.as_slice())).map_err(refused)?,
        TensorRef::from_array_view(([1], pitch.as_slice())).map_err(refused)?,
        TensorRef::from_array_view(([1], energy.as_slice())).map_err(refused)?,
    ];
    run(NAME, session, options, interrupt, inputs)
}

fn frames<'o>(outputs: &'o SessionOutputs<'_>) -> Result<Frames<'o>, SynthesisError> {
    let f0 = floats(NAME, outputs, "f0")?;
    let spectrum = |output| {
        let values = floats(NAME, outputs, output)?;
        if !f0.is_empty() && values.len() == BINS * f0.len() {
            return Ok(values);
        }
        let found = format!("{} values for {} frames", values.len(), f0.len());
        Err(SynthesisError::UnexpectedOutput { session: NAME, output, found })
    };
    Ok(Frames {
        harmonic: spectrum("lh")?,
        theta: spectrum("theta")?,
        noise: spectrum("ln")?,
        residual: spectrum("lr")?,
        phi: spectrum("phi")?,
        f0,
    })
}
