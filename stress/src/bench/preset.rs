//! The texts that every machine speaks.

use std::fmt;
use std::str::FromStr;

/// A text of the program's own, so that the figures of two machines tell of the same work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// A sentence: about four seconds.
    Short,
    /// A message: about twenty seconds.
    Medium,
    /// Some paragraphs: about a minute.
    Long,
    /// An article: about five minutes.
    Article,
}

/// Not a preset's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown preset '{0}'; choose short, medium, long or article")]
pub struct UnknownPreset(String);

impl Preset {
    /// All of them, the shortest first.
    pub const ALL: [Self; 4] = [Self::Short, Self::Medium, Self::Long, Self::Article];

    /// As it stands in arguments and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Medium => "medium",
            Self::Long => "long",
            Self::Article => "article",
        }
    }

    /// The text, in English.
    pub fn text(self) -> &'static str {
        match self {
            Self::Short => include_str!("texts/short.txt"),
            Self::Medium => include_str!("texts/medium.txt"),
            Self::Long => include_str!("texts/long.txt"),
            Self::Article => include_str!("texts/article.txt"),
        }
    }
}

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(name: &str) -> Result<Self, UnknownPreset> {
        Self::ALL
            .into_iter()
            .find(|preset| preset.name() == name)
            .ok_or_else(|| UnknownPreset(name.to_owned()))
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_is_known_by_its_name() {
        for preset in Preset::ALL {
            assert_eq!(preset.to_string().parse(), Ok(preset));
        }
        assert_eq!(
            "book".parse::<Preset>().unwrap_err().to_string(),
            "unknown preset 'book'; choose short, medium, long or article"
        );
    }

    #[test]
    fn each_preset_is_several_times_as_long_as_the_one_before() {
        let lengths = Preset::ALL.map(|preset| preset.text().chars().count());
        assert!(lengths.is_sorted_by(|shorter, longer| 3 * shorter < *longer), "{lengths:?}");
    }
}
