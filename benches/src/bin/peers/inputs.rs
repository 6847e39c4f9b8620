//! What all peers speak.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sostenuto_benches::Result;
use sostenuto_engine::g2p::vocabulary::{PAD, token_id};
use sostenuto_engine::g2p::{English, Language, Phonemizer, transcribe};
use sostenuto_engine::inference::{DEFAULT_VOICE, Models, SessionKind, Variant};

/// What is spoken, and what for.
const SENTENCES: [(&str, &str); 3] = [
    ("speed", "The quick brown fox jumps over the lazy dog, and the dog did not even wake up."),
    ("fifteen-words", "The ferry leaves the harbour at nine and reaches the island before the fog comes."),
    ("five-words", "The ferry leaves at nine."),
];
/// What the int8 operators of others are calibrated on; none of it is measured.
const CALIBRATION: [&str; 6] = [
    "Good morning, and welcome.",
    "She sells sea shells by the shore, though nobody has ever seen her there.",
    "Seven hundred years ago this valley was a lake, and where you stand there was a forest.",
    "Is that so?",
    "The train to the coast has been cancelled; passengers are asked to wait for the next one.",
    "He read the letter twice, folded it, and put it back into the drawer without a word.",
];

/// A sentence, as every peer takes it.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Sentence {
    /// What it is spoken for.
    pub(crate) name: String,
    /// As it is written.
    pub(crate) text: String,
    /// As it sounds, in symbols of the vocabulary.
    pub(crate) phonemes: String,
    /// The same as token ids, a pad at both ends.
    pub(crate) ids: Vec<i64>,
    /// The voice's row for it.
    pub(crate) style: Vec<f32>,
}

/// What all peers speak, and where the models are.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Inputs {
    /// What is measured.
    pub(crate) sentences: Vec<Sentence>,
    /// What others calibrate on.
    pub(crate) calibration: Vec<Sentence>,
    /// Kokoro's float graph, rebuilt from the export.
    pub(crate) float_graph: PathBuf,
    /// The export as published, in int8.
    pub(crate) export: PathBuf,
    /// The voice: 510 rows of 256 floats.
    pub(crate) voice: PathBuf,
}

impl Inputs {
    /// With the models of this machine.
    pub(crate) fn here(models: &Models) -> Result<Self> {
        let phonemizer: Arc<dyn Phonemizer> = Arc::new(English::load(Language::EnUs));
        let voice = models.voice(DEFAULT_VOICE, SessionKind::Quality)?;
        let sentence = |name: &str, text: &str| -> Result<Sentence> {
            let phonemes = transcribe(&phonemizer, text).phonemes;
            let mut ids = vec![i64::from(PAD)];
            for symbol in phonemes.chars() {
                ids.push(token_id(symbol).ok_or("a symbol outside the vocabulary")?.into());
            }
            ids.push(PAD.into());
            let style = voice.style(ids.len() - 2).ok_or("the voice has no row for the sentence")?.to_vec();
            Ok(Sentence { name: name.to_owned(), text: text.to_owned(), phonemes, ids, style })
        };
        let file =
            |entry: &str| -> Result<PathBuf> { Ok(models.cache().require(models.manifest().entry(entry)?)?) };
        Ok(Self {
            sentences: SENTENCES.iter().map(|(name, text)| sentence(name, text)).collect::<Result<_>>()?,
            calibration: CALIBRATION
                .iter()
                .map(|text| sentence("calibration", text))
                .collect::<Result<_>>()?,
            float_graph: models.graph(Variant::Float)?,
            export: file("kokoro")?,
            voice: file(&format!("voice/{DEFAULT_VOICE}"))?,
        })
    }

    /// As they were written.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(serde_json::from_str(&text)?)
    }

    /// For [`read`](Self::read), and for programs in other languages.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(path, serde_json::to_string(self)?)?)
    }
}
