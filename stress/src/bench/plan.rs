//! What is to be spoken, how often, and into what.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sostenuto_engine::g2p::Language;
use sostenuto_engine::inference::{Prosody, Voice};
use sostenuto_engine::playback::{CHUNK_RATE, Format};

use super::Preset;
use crate::fnv::fnv_1a;

/// How fast audio is taken.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pace {
    /// As fast as possible: the freewheel sink.
    #[default]
    Freewheel,
    /// In real time, as a listener hears it: the paced sink.
    Stream,
}

/// A text by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenchText {
    /// The preset's name, or the file's.
    pub name: String,
    /// What is spoken.
    pub text: String,
}

/// What is to be measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is spoken, one after the other.
    pub texts: Vec<BenchText>,
    /// How fast audio is taken.
    pub pace: Pace,
    /// How often each text is spoken and counted, after one time that is not.
    pub trials: u32,
    /// How many streams of the engine speak the text at once.
    pub concurrency: u32,
    /// The sink's period: how much audio leaves at once.
    pub chunk: Duration,
}

/// Who speaks, and how.
#[derive(Clone, Debug)]
pub struct Speaker {
    /// The voice.
    pub voice: Arc<Voice>,
    /// How texts are read.
    pub language: Language,
    /// Tempo, pitch and energy.
    pub prosody: Prosody,
    /// Starts the noise of sessions that have any.
    pub seed: u64,
}

impl BenchText {
    /// A digest of the text (FNV-1a, 64 bits), by which two runs know that they spoke the same.
    pub fn digest(&self) -> String {
        format!("{:016x}", fnv_1a(self.text.bytes()))
    }
}

impl From<Preset> for BenchText {
    fn from(preset: Preset) -> Self {
        Self { name: preset.name().to_owned(), text: preset.text().to_owned() }
    }
}

impl Plan {
    /// What the sinks are fed with: the models' own rate, in blocks of one chunk.
    pub fn format(&self) -> Format {
        let frames = self.chunk.as_secs_f64() * f64::from(CHUNK_RATE);
        Format { period: frames.round() as u32, ..Format::NATIVE }
    }

    /// The part of a period for which trial `number` waits before it speaks. A listener may ask at any moment of it;
    /// steps of the golden ratio spread any number of trials evenly.
    pub fn phase(number: u32) -> f64 {
        const GOLDEN: f64 = 0.618_033_988_749_895;
        (f64::from(number) * GOLDEN).fract()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_is_the_sinks_period() {
        let plan = |ms| Plan {
            texts: Vec::new(),
            pace: Pace::Stream,
            trials: 1,
            concurrency: 1,
            chunk: Duration::from_millis(ms),
        };
        assert_eq!([40, 50, 100].map(|ms| plan(ms).format().period), [960, 1_200, 2_400]);
        assert_eq!(plan(50).format(), Format::NATIVE);
    }

    #[test]
    fn trials_begin_all_over_the_period() {
        let mut phases: Vec<f64> = (0..10).map(Plan::phase).collect();
        phases.sort_unstable_by(f64::total_cmp);
        let widest = phases.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
        assert!(widest < 0.2 && phases[9] - phases[0] > 0.7, "{phases:?}");
    }

    #[test]
    fn a_digest_tells_texts_apart() {
        // The published test vectors of FNV-1a.
        let digest = |text: &str| BenchText { name: String::new(), text: text.to_owned() }.digest();
        assert_eq!(digest(""), "cbf29ce484222325");
        assert_eq!(digest("foobar"), "85944171f73967e8");
    }
}
