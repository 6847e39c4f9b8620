//! `sostenuto voices`

use std::io::Write;
use std::process::ExitCode;

use serde::Serialize;
use sostenuto_engine::cast::{Character, Emotion};
use sostenuto_engine::g2p::Language;
use sostenuto_engine::inference::VoiceRow;

use super::models;
use crate::args::Voices;
use crate::exit::Failure;
use crate::speaking;

/// One line: a voice, a character or an emotion.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Row {
    Voice(VoiceRow),
    Character {
        name: String,
        voice: String,
        language: Option<Language>,
        speed: f32,
        pitch: f32,
        energy: f32,
        emotion: Option<String>,
    },
    Emotion {
        name: String,
        tempo: f32,
        pitch_shift: f32,
        energy: f32,
    },
}

pub(crate) fn run(args: &Voices) -> Result<ExitCode, Failure> {
    let cast = speaking::cast(&args.cast)?;
    let rows = models()?.voices().into_iter().map(Row::Voice);
    let rows = rows.chain(cast.characters().map(|(name, character)| Row::character(name, character)));
    let rows = rows.chain(cast.emotions().map(|(name, emotion)| Row::emotion(name, *emotion)));
    let mut out = std::io::stdout().lock();
    for row in rows {
        if args.json {
            serde_json::to_writer(&mut out, &row)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{}", row.line().trim_end())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Row {
    fn character(name: &str, character: &Character) -> Self {
        let Character { voice, language, prosody, emotion } = character;
        Self::Character {
            name: name.to_owned(),
            voice: voice.to_string(),
            language: *language,
            speed: prosody.speed,
            pitch: prosody.pitch_cents,
            energy: prosody.energy,
            emotion: emotion.clone(),
        }
    }

    fn emotion(name: &str, emotion: Emotion) -> Self {
        let Emotion { tempo, pitch_shift, energy } = emotion;
        Self::Emotion { name: name.to_owned(), tempo, pitch_shift, energy }
    }

    /// For people: the name first, then what it is.
    fn line(&self) -> String {
        match self {
            Self::Voice(voice) => {
                let sessions = if voice.fast { "quality, fast" } else { "quality" };
                let fetched = if voice.fetched { "" } else { "not fetched" };
                format!("{:<16} {:<6} {sessions:<14} {fetched}", voice.name, voice.language.unwrap_or("?"))
            }
            Self::Character { name, voice, language, speed, pitch, energy, emotion } => {
                let language = language.map(|language| format!(", {language}")).unwrap_or_default();
                let emotion = emotion.as_ref().map(|emotion| format!(", {emotion}")).unwrap_or_default();
                format!(
                    "{name:<16} character: {voice}{language}, speed {speed}, pitch {pitch:+} cents, energy {energy}{emotion}"
                )
            }
            Self::Emotion { name, tempo, pitch_shift, energy } => {
                format!("{name:<16} emotion: tempo {tempo}, pitch {pitch_shift:+} cents, energy {energy}")
            }
        }
    }
}
