//! A voice: its name, what the name tells, and the style pack that Kokoro speaks it from.

use std::path::Path;

use crate::VoiceError;
use crate::assets::Digest;

/// Rows of a style pack: one per phoneme count, 1 to 510.
const ROWS: usize = 510;

/// Numbers in a style row: 128 for the decoder, 128 for the prosody.
pub const STYLE_WIDTH: usize = 256;

/// Bytes of a voice pack's file: f32 `[510, 1, 256]`, little-endian, no header.
pub const PACK_BYTES: usize = ROWS * STYLE_WIDTH * size_of::<f32>();

/// Who is heard, as Kokoro's voice names tell it in their second letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    /// `f`
    Female,
    /// `m`
    Male,
}

/// A voice that a session can be asked to speak with.
#[derive(Clone, PartialEq)]
pub struct Voice {
    name: String,
    pack: Option<Box<[f32]>>,
}

impl Voice {
    /// A voice without a style pack, for sessions that have the voice in their weights.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), pack: None }
    }

    /// Loads a voice pack; the voice is named as the file without its ending.
    ///
    /// # Errors
    /// The file cannot be read, or is not a voice pack.
    pub fn load(path: &Path) -> Result<Self, VoiceError> {
        let bytes =
            std::fs::read(path).map_err(|source| VoiceError::Unreadable { path: path.into(), source })?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Self::from_pack(name, &bytes, path)
    }

    /// A voice from the bytes of its pack; `path` says in errors where they came from.
    ///
    /// # Errors
    /// The bytes are not a voice pack.
    pub fn from_pack(name: impl Into<String>, bytes: &[u8], path: &Path) -> Result<Self, VoiceError> {
        if bytes.len() != PACK_BYTES {
            return Err(VoiceError::WrongLength {
                path: path.into(),
                found: bytes.len(),
                expected: PACK_BYTES,
            });
        }
        let (values, _) = bytes.as_chunks::<4>();
        let pack: Box<[f32]> = values.iter().map(|&b| f32::from_le_bytes(b)).collect();
        if pack.iter().any(|v| !v.is_finite()) {
            return Err(VoiceError::NotFinite { path: path.into() });
        }
        Ok(Self { name: name.into(), pack: Some(pack) })
    }

    /// The mean of voices with packs, weighted; the weights add up to 1.
    pub(crate) fn mean(name: String, voices: &[(Self, f32)]) -> Self {
        let mut mean = vec![0.0; ROWS * STYLE_WIDTH].into_boxed_slice();
        for (voice, weight) in voices {
            let Some(pack) = &voice.pack else { return Self { name, pack: None } };
            for (mean, value) in mean.iter_mut().zip(pack) {
                *mean += weight * value;
            }
        }
        Self { name, pack: Some(mean) }
    }

    /// The voice's name, such as `af_heart`, or that of the [`Blend`](crate::Blend) that it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The SHA-256 of its style pack, as the pack's file has it, or `None` for a voice without one. That of a blend is of
    /// the mixed pack.
    pub fn digest(&self) -> Option<Digest> {
        let pack = self.pack.as_deref()?;
        Some(Digest::of_bytes(&pack.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>()))
    }

    /// The 256 numbers that shape a fragment of `phoneme_count` phonemes (pads not counted), or `None` for a voice
    /// without a pack. A count outside 1 to 510 takes the nearest row.
    pub fn style(&self, phoneme_count: usize) -> Option<&[f32]> {
        let row = phoneme_count.clamp(1, ROWS) - 1;
        self.pack.as_deref().map(|pack| &pack[row * STYLE_WIDTH..(row + 1) * STYLE_WIDTH])
    }

    /// The language that the voice was recorded in, as a BCP 47 tag, or `None` where the name does not tell. That of
    /// a blend is the language that its voices share, or else that of the first.
    ///
    /// Source: the list of voices that Kokoro-82M v1.0 was published with.
    pub fn language(&self) -> Option<&'static str> {
        match self.prefixes().next()??.0 {
            'a' => Some("en-US"),
            'b' => Some("en-GB"),
            'e' => Some("es"),
            'f' => Some("fr-FR"),
            'h' => Some("hi"),
            'i' => Some("it"),
            'j' => Some("ja"),
            'p' => Some("pt-BR"),
            'z' => Some("zh"),
            _ => None,
        }
    }

    /// The speaker's gender, or `None` where the name does not tell, or tells of both.
    pub fn gender(&self) -> Option<Gender> {
        let mut genders = self.prefixes().map(|prefix| match prefix?.1 {
            'f' => Some(Gender::Female),
            'm' => Some(Gender::Male),
            _ => None,
        });
        let first = genders.next()??;
        genders.all(|gender| gender == Some(first)).then_some(first)
    }

    /// The two letters that each voice's name begins with.
    fn prefixes(&self) -> impl Iterator<Item = Option<(char, char)>> {
        self.name.split('+').map(|name| {
            let (prefix, _) = name.split_once('_')?;
            let mut letters = prefix.chars();
            match (letters.next(), letters.next(), letters.next()) {
                (Some(language), Some(gender), None) => Some((language, gender)),
                _ => None,
            }
        })
    }
}

impl std::fmt::Debug for Voice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Voice").field("name", &self.name).field("has_pack", &self.pack.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting_pack() -> Vec<u8> {
        (0..ROWS * STYLE_WIDTH).flat_map(|i| ((i / STYLE_WIDTH) as f32).to_le_bytes()).collect()
    }

    #[test]
    fn the_style_row_is_the_phoneme_count_less_one() {
        let voice = Voice::from_pack("af_test", &counting_pack(), Path::new("af_test.bin")).unwrap();
        for (count, row) in [(1, 0.0), (7, 6.0), (510, 509.0)] {
            assert_eq!(voice.style(count).unwrap(), [row; STYLE_WIDTH]);
        }
    }

    #[test]
    fn the_digest_is_that_of_the_file() {
        let voice = Voice::from_pack("af_test", &counting_pack(), Path::new("af_test.bin")).unwrap();
        assert_eq!(voice.digest(), Some(Digest::of_bytes(&counting_pack())));
        assert_eq!(Voice::named("af_heart").digest(), None);
    }

    #[test]
    fn a_count_out_of_range_takes_the_nearest_row() {
        let voice = Voice::from_pack("af_test", &counting_pack(), Path::new("af_test.bin")).unwrap();
        assert_eq!(voice.style(0), voice.style(1));
        assert_eq!(voice.style(9999), voice.style(510));
    }

    #[test]
    fn a_pack_of_the_wrong_length_is_refused_with_both_lengths() {
        let error = Voice::from_pack("af_test", &[0; 1000], Path::new("voices/af_test.bin")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "voices/af_test.bin has 1000 bytes, a voice pack has 522240; fetch it again"
        );
    }

    #[test]
    fn a_pack_with_something_that_is_no_number_is_refused() {
        let mut bytes = counting_pack();
        bytes[400..404].copy_from_slice(&f32::NAN.to_le_bytes());
        let error = Voice::from_pack("af_test", &bytes, Path::new("af_test.bin")).unwrap_err();
        assert!(matches!(error, VoiceError::NotFinite { .. }));
    }

    #[test]
    fn the_name_tells_language_and_gender() {
        let heart = Voice::named("af_heart");
        assert_eq!((heart.language(), heart.gender()), (Some("en-US"), Some(Gender::Female)));
        let santa = Voice::named("pm_santa");
        assert_eq!((santa.language(), santa.gender()), (Some("pt-BR"), Some(Gender::Male)));
        let own = Voice::named("narrator");
        assert_eq!((own.language(), own.gender()), (None, None));
        assert_eq!(own.style(5), None);
    }

    #[test]
    fn a_blend_speaks_the_language_of_its_first_voice_and_has_a_gender_if_it_is_shared() {
        let women = Voice::named("af_sarah(0.3)+bf_emma(0.7)");
        assert_eq!((women.language(), women.gender()), (Some("en-US"), Some(Gender::Female)));
        let both = Voice::named("bm_george(0.5)+af_sarah(0.5)");
        assert_eq!((both.language(), both.gender()), (Some("en-GB"), None));
    }
}
