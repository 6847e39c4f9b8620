//! Languages by their BCP 47 tags.

use std::fmt;
use std::str::FromStr;

/// A language that stage 1 can turn into phonemes, in this build or in one with espeak-ng.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// American English, `en-US`; what a bare `en` means.
    #[default]
    EnUs,
    /// British English, `en-GB`.
    EnGb,
    /// Spanish as in Spain, `es`.
    Es,
    /// French as in France, `fr-FR`; what a bare `fr` means.
    FrFr,
    /// Italian, `it`.
    It,
    /// Portuguese as in Brazil, `pt-BR`; what a bare `pt` means.
    PtBr,
    /// Hindi, `hi`.
    Hi,
}

impl Language {
    /// Every language, in the order in which they are listed to people.
    pub const ALL: [Self; 7] = [Self::EnUs, Self::EnGb, Self::Es, Self::FrFr, Self::It, Self::PtBr, Self::Hi];

    /// The canonical BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::EnUs => "en-US",
            Self::EnGb => "en-GB",
            Self::Es => "es",
            Self::FrFr => "fr-FR",
            Self::It => "it",
            Self::PtBr => "pt-BR",
            Self::Hi => "hi",
        }
    }

    /// Whether it is English, which needs no espeak-ng.
    pub const fn is_english(self) -> bool {
        matches!(self, Self::EnUs | Self::EnGb)
    }

    /// Whether this build speaks it: English always, the others with the feature `espeak`.
    pub const fn is_built(self) -> bool {
        self.is_english() || cfg!(feature = "espeak")
    }

    /// The languages that this build speaks.
    pub fn built() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|language| language.is_built())
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl serde::Serialize for Language {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.tag())
    }
}

/// A tag names no language that this build speaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LanguageError {
    /// Choose one of those listed.
    #[error("unknown language '{tag}': choose one of {}", listed())]
    Unknown {
        /// The tag as it was given.
        tag: String,
    },
    /// Build with the feature, or choose another language.
    #[error("'{language}' needs espeak-ng: build with --features espeak (GPL-3.0)")]
    NotBuilt {
        /// The language that was asked for.
        language: Language,
    },
}

/// The tags that this build reads.
fn listed() -> String {
    std::iter::once("en").chain(Language::built().map(Language::tag)).collect::<Vec<_>>().join(", ")
}

impl FromStr for Language {
    type Err = LanguageError;

    /// Reads a tag without regard to case; `en`, `fr` and `pt` are `en-US`, `fr-FR` and `pt-BR`.
    ///
    /// # Errors
    ///
    /// [`LanguageError::NotBuilt`] for a language that this build lacks, [`LanguageError::Unknown`] for every other
    /// tag.
    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        let short = [("en", Self::EnUs), ("fr", Self::FrFr), ("pt", Self::PtBr)];
        let known = short.into_iter().chain(Self::ALL.map(|language| (language.tag(), language)));
        let named = known.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(tag));
        match named {
            Some((_, language)) if language.is_built() => Ok(language),
            Some((_, language)) => Err(LanguageError::NotBuilt { language }),
            None => Err(LanguageError::Unknown { tag: tag.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_without_regard_to_case() {
        assert_eq!("EN".parse(), Ok(Language::EnUs));
        assert_eq!("en-us".parse(), Ok(Language::EnUs));
        assert_eq!("En-gB".parse(), Ok(Language::EnGb));
    }

    #[test]
    fn every_tag_reads_back_as_its_language() {
        for language in Language::built() {
            assert_eq!(language.to_string().parse(), Ok(language));
        }
    }

    #[test]
    fn a_language_that_is_not_built_names_the_feature() {
        for (tag, language) in
            [("ES", Language::Es), ("fr", Language::FrFr), ("PT", Language::PtBr), ("hi", Language::Hi)]
        {
            match tag.parse::<Language>() {
                Ok(read) => assert!(read == language && cfg!(feature = "espeak")),
                Err(error) => {
                    assert_eq!(error, LanguageError::NotBuilt { language });
                    assert!(error.to_string().contains("--features espeak (GPL-3.0)"), "{error}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_tag_is_named_beside_the_valid_ones() {
        let message = "tlh".parse::<Language>().unwrap_err().to_string();
        for expected in ["'tlh'", "en,", "en-US", "en-GB"] {
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn a_language_serialises_as_its_tag() {
        assert_eq!(serde_json::to_string(&Language::EnGb).unwrap(), "\"en-GB\"");
    }
}
