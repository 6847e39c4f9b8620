//! The cast: characters and emotions by name, and what they make of a voice.
//!
//! Both come in YAML files: those of the program, and the user's own on top of them.

mod character;
mod combine;
mod emotion;
mod yaml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sostenuto_g2p::Language;
use sostenuto_inference::{Blend, BlendError, DEFAULT_VOICE, Prosody};

pub use character::Character;
pub use combine::combine;
pub use emotion::Emotion;

/// The name of a file of characters.
pub const VOICES_FILE: &str = "voices.yaml";
/// The name of a file of emotions.
pub const EMOTIONS_FILE: &str = "emotions.yaml";

/// Characters and emotions by their names.
#[derive(Clone, Debug, Default)]
pub struct Cast {
    characters: BTreeMap<String, Character>,
    emotions: BTreeMap<String, Emotion>,
}

/// Who is to speak, as it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Who {
    /// [`DEFAULT_VOICE`].
    #[default]
    Default,
    /// A voice or a blend of voices, whatever characters are called.
    Voice(String),
    /// A character; where none is listed under this name, a voice or a blend of voices.
    Named(String),
}

/// Who is to speak, and how, as it is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// The speaker.
    pub who: Who,
    /// An emotion, in place of the character's own.
    pub emotion: Option<String>,
    /// On top of the character's and the emotion's prosody.
    pub prosody: Prosody,
}

/// Who speaks, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// The voice, or blend of voices.
    pub voice: Blend,
    /// The character's language; the voice's own unless it has one.
    pub language: Option<Language>,
    /// Within the ranges.
    pub prosody: Prosody,
}

/// Why a file of characters or emotions, or a part, cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CastError {
    /// Name a file that can be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's own words.
        source: std::io::Error,
    },
    /// Correct the file.
    #[error("{}: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Which entry, field and line, and what was expected of it.
        reason: String,
    },
    /// Choose a character, a voice or a blend that there is.
    #[error(
        "no character or voice is called '{name}'; `sostenuto voices` lists all, for instance {examples}"
    )]
    UnknownCharacter {
        /// As asked for.
        name: String,
        /// Some characters that there are.
        examples: String,
    },
    /// Blend voices that there are.
    #[error("no voice is called '{name}', which is part of '{blend}'; `sostenuto voices` lists all")]
    UnknownVoice {
        /// The first that is not there.
        name: String,
        /// The blend.
        blend: String,
    },
    /// Write the voice or the blend as it is said.
    #[error(transparent)]
    Blend(#[from] BlendError),
    /// Choose one of those listed.
    #[error("unknown emotion '{name}'; choose one of {choices}")]
    UnknownEmotion {
        /// As asked for, or as the character has it.
        name: String,
        /// Every emotion.
        choices: String,
    },
}

impl Cast {
    /// The characters and emotions that come with the program.
    ///
    /// # Errors
    /// [`CastError::Invalid`] when the program was built with a broken file.
    pub fn shipped() -> Result<Self, CastError> {
        let mut cast = Self::default();
        cast.add_voices(include_str!("voices.yaml"), Path::new(VOICES_FILE))?;
        cast.add_emotions(include_str!("emotions.yaml"), Path::new(EMOTIONS_FILE))?;
        Ok(cast)
    }

    /// Reads [`VOICES_FILE`] and [`EMOTIONS_FILE`] in `folder` on top, as far as they are there.
    ///
    /// # Errors
    /// One is there and cannot be used.
    pub fn read_folder(&mut self, folder: &Path) -> Result<(), CastError> {
        let (voices, emotions) = (folder.join(VOICES_FILE), folder.join(EMOTIONS_FILE));
        if voices.exists() {
            self.read_voices(&voices)?;
        }
        if emotions.exists() {
            self.read_emotions(&emotions)?;
        }
        Ok(())
    }

    /// Reads a file of characters on top: those of the same name are replaced.
    ///
    /// # Errors
    /// It cannot be read, or holds what is no character.
    pub fn read_voices(&mut self, path: &Path) -> Result<(), CastError> {
        self.add_voices(&read(path)?, path)
    }

    /// Reads a file of emotions on top: those of the same name are replaced.
    ///
    /// # Errors
    /// It cannot be read, or holds what is no emotion.
    pub fn read_emotions(&mut self, path: &Path) -> Result<(), CastError> {
        self.add_emotions(&read(path)?, path)
    }

    fn add_voices(&mut self, text: &str, path: &Path) -> Result<(), CastError> {
        let invalid = |reason| CastError::Invalid { path: path.into(), reason };
        self.characters.extend(character::parse(text).map_err(invalid)?);
        Ok(())
    }

    fn add_emotions(&mut self, text: &str, path: &Path) -> Result<(), CastError> {
        let invalid = |reason| CastError::Invalid { path: path.into(), reason };
        self.emotions.extend(emotion::parse(text).map_err(invalid)?);
        Ok(())
    }

    /// All characters, by name.
    pub fn characters(&self) -> impl Iterator<Item = (&str, &Character)> {
        self.characters.iter().map(|(name, character)| (name.as_str(), character))
    }

    /// All emotions, by name.
    pub fn emotions(&self) -> impl Iterator<Item = (&str, &Emotion)> {
        self.emotions.iter().map(|(name, emotion)| (name.as_str(), emotion))
    }

    /// What becomes of a part: the character's prosody, then the emotion's, then what was asked for by hand, as
    /// [`combine`] does it. `is_voice` tells of a name whether it is a voice's.
    ///
    /// # Errors
    /// There is no such character, voice or emotion.
    pub fn role(&self, part: &Part, is_voice: impl Fn(&str) -> bool) -> Result<Role, CastError> {
        let (name, listed) = match &part.who {
            Who::Default => (DEFAULT_VOICE, None),
            Who::Voice(name) => (name.as_str(), None),
            Who::Named(name) => (name.as_str(), self.characters.get(name)),
        };
        let unlisted;
        let character = if let Some(character) = listed {
            character
        } else {
            let voice: Blend = name.parse()?;
            if voice.sole().is_some_and(|name| !is_voice(name)) {
                return Err(self.unknown_character(name));
            }
            unlisted = Character::of(voice);
            &unlisted
        };
        if let Some((name, _)) = character.voice.parts().find(|(name, _)| !is_voice(name)) {
            return Err(CastError::UnknownVoice { name: name.into(), blend: character.voice.to_string() });
        }
        let emotion = match part.emotion.as_ref().or(character.emotion.as_ref()) {
            Some(name) => self.emotions.get(name).ok_or_else(|| self.unknown_emotion(name))?.prosody(),
            None => Prosody::default(),
        };
        let prosody = combine(&[character.prosody, emotion, part.prosody]);
        Ok(Role { voice: character.voice.clone(), language: character.language, prosody })
    }

    fn unknown_character(&self, name: &str) -> CastError {
        let examples = self.characters.keys().take(4).map(String::as_str).chain([DEFAULT_VOICE]);
        CastError::UnknownCharacter {
            name: name.to_owned(),
            examples: examples.collect::<Vec<_>>().join(", "),
        }
    }

    fn unknown_emotion(&self, name: &str) -> CastError {
        let choices: Vec<_> = self.emotions.keys().map(String::as_str).collect();
        CastError::UnknownEmotion { name: name.to_owned(), choices: choices.join(", ") }
    }
}

fn read(path: &Path) -> Result<String, CastError> {
    std::fs::read_to_string(path).map_err(|source| CastError::Unreadable { path: path.into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sostenuto_inference::assets::Manifest;

    fn is_voice(name: &str) -> bool {
        name.contains('_') && name != "af_nobody"
    }

    fn part(who: &str) -> Part {
        Part { who: Who::Named(who.into()), ..Part::default() }
    }

    fn own(voices: &str, emotions: &str) -> Cast {
        let mut cast = Cast::shipped().unwrap();
        cast.add_voices(voices, Path::new("mine.yaml")).unwrap();
        cast.add_emotions(emotions, Path::new("moods.yaml")).unwrap();
        cast
    }

    #[test]
    fn every_shipped_character_and_emotion_has_a_role() {
        let cast = Cast::shipped().unwrap();
        assert!(cast.characters().count() >= 6);
        let manifest = Manifest::shipped().unwrap();
        let is_voice = |name: &str| manifest.entry(&format!("voice/{name}")).is_ok();
        for (name, _) in cast.characters() {
            for (emotion, _) in cast.emotions() {
                let part = Part { emotion: Some(emotion.into()), ..part(name) };
                let role = cast.role(&part, is_voice).unwrap();
                assert_eq!(role.prosody.check(), Ok(()), "{name}, {emotion}");
            }
        }
        for name in ["neutral", "excited", "sad", "angry", "manic", "calm", "whisper"] {
            assert!(cast.emotions().any(|(known, _)| known == name), "{name}");
        }
    }

    #[test]
    fn a_voice_and_a_blend_are_characters_by_their_own_names() {
        let cast = Cast::shipped().unwrap();
        let role = cast.role(&Part::default(), is_voice).unwrap();
        assert_eq!((role.voice.to_string().as_str(), role.prosody), (DEFAULT_VOICE, Prosody::default()));
        let role = cast.role(&part("bm_george + af_sky*3"), is_voice).unwrap();
        assert_eq!(role.voice.to_string(), "bm_george(0.25)+af_sky(0.75)");
    }

    #[test]
    fn a_voice_is_itself_even_where_a_character_is_called_the_same() {
        let cast = own("af_sky: { voice: bm_george }", "");
        assert_eq!(cast.role(&part("af_sky"), is_voice).unwrap().voice.to_string(), "bm_george");
        let voice = Part { who: Who::Voice("af_sky".into()), ..Part::default() };
        assert_eq!(cast.role(&voice, is_voice).unwrap().voice.to_string(), "af_sky");
    }

    #[test]
    fn the_emotion_asked_for_takes_the_place_of_the_characters_own() {
        let cast = own(
            "ann: { voice: af_sky, prosody: { speed: 0.5, pitch: 100, energy: 0.5 }, emotion: mild, language: en-GB }",
            "mild: { tempo: 2, pitch_shift: 10, energy: 1.5 }\nwild: { tempo: 1.5, pitch_shift: 1 }",
        );
        let role = cast.role(&part("ann"), is_voice).unwrap();
        assert_eq!(role.prosody, Prosody { speed: 1.0, pitch_cents: 110.0, energy: 0.75 });
        assert_eq!(role.language, Some(Language::EnGb));
        let by_hand = Prosody { speed: 1.2, pitch_cents: -1.0, energy: 2.0 };
        let wild = Part { emotion: Some("wild".into()), prosody: by_hand, ..part("ann") };
        let role = cast.role(&wild, is_voice).unwrap();
        assert_eq!(role.prosody, Prosody { speed: 0.5 * 1.5 * 1.2, pitch_cents: 100.0, energy: 1.0 });
    }

    #[test]
    fn ones_own_entries_replace_those_of_the_program() {
        let cast = own("narrator: { voice: bm_george }", "sad: { tempo: 0.6 }");
        assert_eq!(cast.role(&part("narrator"), is_voice).unwrap().voice.to_string(), "bm_george");
        let sad = Part { emotion: Some("sad".into()), ..part("af_sky") };
        assert_eq!(cast.role(&sad, is_voice).unwrap().prosody, Prosody::at_speed(0.6));
    }

    #[test]
    fn what_is_not_there_is_named_with_what_is() {
        let cast = own("ann: { voice: af_sky, emotion: grumpy }", "");
        let refused = |part: &Part| cast.role(part, is_voice).unwrap_err().to_string();
        let unknown = refused(&part("af_nobody"));
        assert!(unknown.contains("'af_nobody'") && unknown.contains("companion"), "{unknown}");
        assert!(refused(&part("a//b")).contains("character 2"));
        let blend = refused(&part("af_sky+af_nobody"));
        assert!(blend.contains("'af_nobody', which is part of 'af_sky(0.5)+af_nobody(0.5)'"), "{blend}");
        let grumpy = refused(&part("ann"));
        assert!(grumpy.contains("'grumpy'") && grumpy.contains("manic"), "{grumpy}");
    }

    #[test]
    fn files_are_named_in_errors_and_need_not_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let mut cast = Cast::shipped().unwrap();
        cast.read_folder(folder.path()).unwrap();
        let path = folder.path().join(VOICES_FILE);
        assert!(matches!(cast.read_voices(&path), Err(CastError::Unreadable { .. })));
        std::fs::write(&path, "ann: { voice: af_sky, tempo: 2 }").unwrap();
        let error = cast.read_folder(folder.path()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{}: ann", path.display())), "{error}");
    }
}
