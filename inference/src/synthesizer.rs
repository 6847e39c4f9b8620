//! The streaming contract between the engine and a session.

use std::sync::Arc;

use crate::{Interrupt, Prosody, SynthesisError, Voice};

/// Samples per second of everything that a session produces.
pub const SAMPLE_RATE: u32 = 24_000;

/// Samples of the smallest tile in which a session that [streams](Synthesizer::streams) hands out audio: 100 ms.
pub const SMALLEST_TILE: usize = 2_400;
/// Samples of the largest: 300 ms.
pub const LARGEST_TILE: usize = 7_200;

/// What one call of a session speaks.
#[derive(Clone, Debug)]
pub struct Fragment {
    /// Phonemes as vocabulary symbols, without pads; 1 to [`MAX_TOKENS`](sostenuto_g2p::vocabulary::MAX_TOKENS)
    /// of them.
    pub phonemes: String,
    /// Who speaks.
    pub voice: Arc<Voice>,
    /// How it is spoken.
    pub prosody: Prosody,
    /// Starts the noise of sessions that have any: same fragment and same seed, same samples.
    pub seed: u64,
}

/// Where a session puts the parts of a fragment, as they are done.
///
/// Samples are f32, mono, at [`SAMPLE_RATE`]. A part is only valid during the call. Parts come in order; joined they
/// are the whole fragment.
pub trait PartSink {
    /// Told once, before the first part: where the tokens will be in the samples that follow.
    fn begin(&mut self, _timing: Timing<'_>) {}

    /// Samples that the first part is to have, about: [`SMALLEST_TILE`] where a listener waits for it, up to
    /// [`LARGEST_TILE`] where there is time. For sessions that [stream](Synthesizer::streams); others pass it over.
    fn first_tile(&self) -> usize {
        SMALLEST_TILE
    }

    /// Takes the next part.
    fn put(&mut self, samples: &[f32]);
}

impl<F: FnMut(&[f32])> PartSink for F {
    fn put(&mut self, samples: &[f32]) {
        self(samples);
    }
}

/// Where the tokens of a fragment are in its samples, known before the samples are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing<'a> {
    /// As [`Synthesis::durations`].
    pub durations: &'a [u32],
    /// As [`Synthesis::trimmed_lead`].
    pub trimmed_lead: usize,
}

/// What is known of a fragment once it was spoken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Synthesis {
    /// Samples handed out, over all parts.
    pub samples: usize,
    /// Length of each token in samples, the two pads included, before any silence was trimmed; empty where the
    /// session does not tell.
    pub durations: Vec<u32>,
    /// Silence taken away before the first sample handed out.
    pub trimmed_lead: usize,
    /// Silence taken away after the last sample handed out.
    pub trimmed_tail: usize,
}

/// The voices that a session speaks with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Voices {
    /// Every voice, whatever it is.
    Every,
    /// Every voice that has a style pack.
    WithPack,
    /// The voice of this name.
    Only(String),
}

impl Voices {
    /// Whether `voice` is one of them.
    pub fn include(&self, voice: &Voice) -> bool {
        match self {
            Self::Every => true,
            Self::WithPack => voice.style(1).is_some(),
            Self::Only(name) => voice.name() == name,
        }
    }
}

/// A loaded model that turns fragments into audio.
///
/// A session runs one fragment at a time on the thread that calls it. It never speaks a fragment twice and never
/// hands out part of a fragment that it then repeats; after an error the parts already put stand.
pub trait Synthesizer: Send {
    /// The session's name in logs, statistics and thread names: `quality` or `fast`.
    fn name(&self) -> &'static str;

    /// The switch that ends a running [`synthesize`](Synthesizer::synthesize).
    fn interrupt(&self) -> Interrupt;

    /// The most parts that a fragment of `tokens` tokens comes in, so that the caller can make room for all of them
    /// before it starts.
    fn max_parts(&self, tokens: usize) -> usize;

    /// The voices that it speaks with.
    fn voices(&self) -> Voices;

    /// Whether the audio of a fragment in this voice, spoken like this, leaves while the rest is still being computed, so
    /// that its first part comes as soon however long the fragment is: the [first](PartSink::first_tile) of as many
    /// samples as asked for, the others of at most [`LARGEST_TILE`] unless that makes more parts than
    /// [`max_parts`](Self::max_parts).
    ///
    /// The answer may change from one fragment to the next, as the session learns. For a voice it is the same for all
    /// prosodies that can be [predicted](crate::norms::is_predictable), and the same for all others, so whoever asks may
    /// remember two answers for each voice.
    fn streams(&self, _voice: &Voice, _prosody: Prosody) -> bool {
        false
    }

    /// Does one piece of work that can wait, such as checking what it has learned. Returns whether there was any. Called
    /// while nobody has anything to speak; the interrupt ends it early, and it is done the next time.
    fn settle(&mut self) -> bool {
        false
    }

    /// Speaks `fragment` into `parts`, leading and trailing silence trimmed.
    ///
    /// # Errors
    /// - [`SynthesisError::Interrupted`] when the interrupt was raised: the fragment is no longer wanted.
    /// - Anything else: this fragment cannot be spoken, the session stays usable for the next.
    fn synthesize(
        &mut self,
        fragment: &Fragment,
        parts: &mut dyn PartSink,
    ) -> Result<Synthesis, SynthesisError>;
}
