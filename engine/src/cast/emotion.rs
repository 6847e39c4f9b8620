//! Emotions: what they make of tempo, pitch and energy.

use std::collections::BTreeMap;

use serde::Deserialize;
use sostenuto_inference::Prosody;

/// What an emotion makes of a voice, as a file of emotions tells it.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Emotion {
    /// Multiplies the tempo.
    pub tempo: f32,
    /// Added to the pitch, in cents.
    pub pitch_shift: f32,
    /// Multiplies the energy.
    pub energy: f32,
}

impl Default for Emotion {
    /// None.
    fn default() -> Self {
        Self { tempo: 1.0, pitch_shift: 0.0, energy: 1.0 }
    }
}

impl Emotion {
    /// The same in the terms of the sessions.
    pub fn prosody(self) -> Prosody {
        Prosody { speed: self.tempo, pitch_cents: self.pitch_shift, energy: self.energy }
    }
}

/// Reads a file of emotions; the error names entry and field.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, Emotion>, String> {
    let emotions = super::yaml::entries::<Emotion>(text)?;
    for (name, emotion) in &emotions {
        emotion.prosody().check().map_err(|error| {
            let field = match error.control {
                "speed" => "tempo",
                "pitch" => "pitch_shift",
                other => other,
            };
            format!("{name}.{field}: {} is outside {} to {}", error.value, error.low, error.high)
        })?;
    }
    Ok(emotions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_is_left_as_it_is() {
        let emotions = parse("dull: {}\nbrisk: { tempo: 1.3 }").unwrap();
        assert_eq!(emotions["dull"].prosody(), Prosody::default());
        assert_eq!(emotions["brisk"].prosody(), Prosody::at_speed(1.3));
    }

    #[test]
    fn what_is_wrong_is_told_with_entry_field_and_expectation() {
        for (text, told) in [
            ("sad: { pitch: 3 }", ["sad", "unknown field `pitch`", "pitch_shift"]),
            ("sad: { tempo: 0.2 }", ["sad.tempo", "0.2", "0.5 to 2"]),
            ("sad: { pitch_shift: -2000 }", ["sad.pitch_shift", "-2000", "-1200 to 1200"]),
            ("sad: { energy: .inf }", ["sad.energy", "inf", "0.5 to 2"]),
            ("sad:\n  energy: low", ["sad.energy", "float", "line 2"]),
        ] {
            let error = parse(text).unwrap_err();
            assert!(told.iter().all(|told| error.contains(told)), "{text}: {error}");
        }
    }
}
