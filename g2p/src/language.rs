//! Languages by their BCP 47 tags.

use std::fmt;
use std::str::FromStr;

/// A language that stage 1 can turn into phonemes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// American English, `en-US`; what a bare `en` means.
    #[default]
    EnUs,
    /// British English, `en-GB`.
    EnGb,
}

impl Language {
    /// Every language, in the order in which they are listed to people.
    pub const ALL: [Self; 2] = [Self::EnUs, Self::EnGb];

    /// The canonical BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::EnUs => "en-US",
            Self::EnGb => "en-GB",
        }
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

/// The tag names no language that this build speaks: choose one of those listed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown language '{tag}': choose one of en, en-US, en-GB")]
pub struct UnknownLanguage {
    /// The tag as it was given.
    pub tag: String,
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    /// Reads a tag without regard to case; `en` is `en-US`.
    ///
    /// # Errors
    ///
    /// [`UnknownLanguage`] for every other tag.
    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        if tag.eq_ignore_ascii_case("en") {
            return Ok(Self::EnUs);
        }
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(tag))
            .ok_or_else(|| UnknownLanguage { tag: tag.to_owned() })
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
        for language in Language::ALL {
            assert_eq!(language.to_string().parse(), Ok(language));
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
