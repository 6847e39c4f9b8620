//! Recipes: what is to be rendered, as one JSON object that can be kept.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use sostenuto_inference::Prosody;

use crate::cast::{Part, Who};

/// The longest that a recipe's audio may be unless told otherwise.
pub const RECIPE_DURATION: Duration = Duration::from_secs(45);

/// A script, who speaks it, and how.
///
/// ```
/// # use std::path::Path;
/// let json = r#"{ "audio_track": { "script": "Hello.", "voice_id": "af_sarah", "emotion": "excited" }, "seed": 7 }"#;
/// let recipe = sostenuto_engine::Recipe::parse(json, Path::new("hello.json")).unwrap();
/// assert_eq!((recipe.audio_track.script.as_str(), recipe.seed), ("Hello.", 7));
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// What is spoken.
    pub audio_track: AudioTrack,
    /// Starts the noise of sessions that have any; 0 unless given.
    #[serde(default)]
    pub seed: u64,
}

/// The speech of a recipe.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AudioTrack {
    /// The text.
    pub script: String,
    /// A character, a voice or a blend of voices.
    pub voice_id: String,
    /// Tempo, 0.5 to 2; 1 unless given.
    #[serde(default = "one")]
    pub speed: f32,
    /// One of the cast's emotions.
    pub emotion: Option<String>,
}

fn one() -> f32 {
    1.0
}

/// A file is no recipe.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
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
        /// Which key, and what was expected of it.
        reason: String,
    },
}

impl Recipe {
    /// Reads a recipe from a file.
    ///
    /// # Errors
    /// The file cannot be read, or is no recipe.
    pub fn read(path: &Path) -> Result<Self, RecipeError> {
        let json = std::fs::read_to_string(path)
            .map_err(|source| RecipeError::Unreadable { path: path.into(), source })?;
        Self::parse(&json, path)
    }

    /// A recipe from its JSON; `path` says in errors where that came from.
    ///
    /// # Errors
    /// It is no recipe.
    pub fn parse(json: &str, path: &Path) -> Result<Self, RecipeError> {
        let invalid = |reason| RecipeError::Invalid { path: path.into(), reason };
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let recipe: Self = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let place = error.path().to_string();
            let reason = error.into_inner();
            invalid(if place == "." { reason.to_string() } else { format!("{place}: {reason}") })
        })?;
        deserializer.end().map_err(|error| invalid(error.to_string()))?;
        Prosody::at_speed(recipe.audio_track.speed)
            .check()
            .map_err(|error| invalid(format!("audio_track.{error}")))?;
        Ok(recipe)
    }

    /// Who speaks, and how.
    pub fn part(&self) -> Part {
        let AudioTrack { voice_id, speed, emotion, .. } = &self.audio_track;
        Part {
            who: Who::Named(voice_id.clone()),
            emotion: emotion.clone(),
            prosody: Prosody::at_speed(*speed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Recipe, String> {
        Recipe::parse(json, Path::new("r.json")).map_err(|error| error.to_string())
    }

    #[test]
    fn only_script_and_voice_must_be_given() {
        let recipe = parse(r#"{ "audio_track": { "script": "Hi.", "voice_id": "giant" } }"#).unwrap();
        let expected = Part { who: Who::Named("giant".into()), emotion: None, prosody: Prosody::default() };
        assert_eq!((recipe.seed, recipe.part()), (0, expected));
    }

    #[test]
    fn speed_and_emotion_are_part_of_it() {
        let json = r#"{ "seed": 3, "audio_track": { "script": "", "voice_id": "a+b", "speed": 1.5, "emotion": "sad" } }"#;
        let part = parse(json).unwrap().part();
        assert_eq!((part.emotion.as_deref(), part.prosody.speed), (Some("sad"), 1.5));
    }

    #[test]
    fn what_is_wrong_is_told_with_file_key_and_expectation() {
        for (json, told) in [
            (
                r#"{ "audio_track": { "script": "", "voice": "a" } }"#,
                ["audio_track", "unknown field `voice`", "`voice_id`"],
            ),
            (
                r#"{ "audio_track": { "script": "", "voice_id": "a" }, "sed": 1 }"#,
                ["unknown field `sed`", "`seed`", "line 1"],
            ),
            (r#"{ "audio_track": { "script": "" } }"#, ["audio_track", "missing field `voice_id`", "line 1"]),
            (
                r#"{ "audio_track": { "script": 3, "voice_id": "a" } }"#,
                ["audio_track.script", "integer `3`", "a string"],
            ),
            (
                r#"{ "audio_track": { "script": "", "voice_id": "a", "speed": 3 } }"#,
                ["audio_track.speed", "3 ", "0.5 to 2"],
            ),
            (
                r#"{ "audio_track": { "script": "", "voice_id": "a", "speed": "x" } }"#,
                ["audio_track.speed", "string", "f32"],
            ),
            (r#"{ "audio_track": { "script": "", "voice_id": "a" }, "seed": -1 }"#, ["seed", "-1", "u64"]),
            ("{", ["EOF", "line 1", "column 1"]),
            (r#"{ "audio_track": { "script": "", "voice_id": "a" } } x"#, ["trailing", "line 1", "column"]),
            ("", ["EOF", "line 1", "column 0"]),
        ] {
            let error = parse(json).unwrap_err();
            assert!(error.starts_with("r.json: "), "{error}");
            assert!(told.iter().all(|told| error.contains(told)), "{json}: {error}");
        }
    }
}
