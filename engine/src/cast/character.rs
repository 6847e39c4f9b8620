//! Characters: a voice with a name, a language and a way of speaking.

use std::collections::BTreeMap;

use serde::Deserialize;
use sostenuto_g2p::{Language, LanguageError};
use sostenuto_inference::{Blend, Prosody};

/// Who speaks, as a file of characters tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Character {
    /// The voice, or blend of voices.
    pub voice: Blend,
    /// How text is read; as the voice's own language is, unless given.
    pub language: Option<Language>,
    /// Tempo, pitch and energy.
    pub prosody: Prosody,
    /// The emotion that it speaks with unless another is asked for.
    pub emotion: Option<String>,
}

impl Character {
    /// A voice as it is.
    pub(super) fn of(voice: Blend) -> Self {
        Self { voice, language: None, prosody: Prosody::default(), emotion: None }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    voice: String,
    language: Option<String>,
    #[serde(default)]
    prosody: Controls,
    emotion: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Controls {
    speed: Option<f32>,
    pitch: Option<f32>,
    energy: Option<f32>,
}

/// Reads a file of characters; the error names entry and field.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, Character>, String> {
    let entries = super::yaml::entries::<Entry>(text)?;
    entries.into_iter().map(|(name, entry)| Ok((name.clone(), character(&name, entry)?))).collect()
}

fn character(name: &str, entry: Entry) -> Result<Character, String> {
    let Entry { voice, language, prosody: Controls { speed, pitch, energy }, emotion } = entry;
    let voice = voice.parse().map_err(|error| format!("{name}.voice: {error}"))?;
    let language = language.map(|tag| known(&tag)).transpose();
    let language = language.map_err(|error| format!("{name}.language: {error}"))?;
    let plain = Prosody::default();
    let prosody = Prosody {
        speed: speed.unwrap_or(plain.speed),
        pitch_cents: pitch.unwrap_or(plain.pitch_cents),
        energy: energy.unwrap_or(plain.energy),
    };
    prosody.check().map_err(|error| format!("{name}.prosody: {error}"))?;
    Ok(Character { voice, language, prosody, emotion })
}

/// The language of `tag`, whether this build reads it or not: that matters to those who let the character speak.
fn known(tag: &str) -> Result<Language, LanguageError> {
    match tag.parse() {
        Err(LanguageError::NotBuilt { language }) => Ok(language),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_voice_must_be_given() {
        let characters =
            parse("ann: { voice: af_sky }\nbob:\n  voice: am_adam*2 + am_eric\n  language: es\n").unwrap();
        assert_eq!(characters["ann"], Character::of("af_sky".parse().unwrap()));
        assert_eq!(characters["bob"].voice.parts().len(), 2);
        assert_eq!(characters["bob"].language, Some(Language::Es));
    }

    #[test]
    fn what_is_wrong_is_told_with_entry_field_and_expectation() {
        for (text, told) in [
            ("ann: { pitch: 3 }", ["ann", "unknown field `pitch`", "prosody"]),
            ("ann: { language: en }", ["ann", "missing field", "voice"]),
            ("ann: { voice: af_sky+ }", ["ann.voice", "a voice's name", "character 8"]),
            ("ann: { voice: af_sky, language: tlh }", ["ann.language", "'tlh'", "en-GB"]),
            ("ann: { voice: af_sky, prosody: { speed: 3 } }", ["ann.prosody", "speed 3", "0.5 to 2"]),
            (
                "ann: { voice: af_sky, prosody: { pitch: .nan } }",
                ["ann.prosody", "pitch NaN", "-1200 to 1200"],
            ),
            ("ann: { voice: af_sky, prosody: { tempo: 1 } }", ["ann.prosody", "`tempo`", "speed"]),
            ("ann: { voice: af_sky, prosody: { energy: loud } }", ["ann.prosody.energy", "float", "line 1"]),
        ] {
            let error = parse(text).unwrap_err();
            assert!(told.iter().all(|told| error.contains(told)), "{text}: {error}");
        }
    }
}
