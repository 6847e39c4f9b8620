//! What a user can ask of the norms.

use std::fmt;
use std::str::FromStr;

/// Which norms fragments are spoken with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NormsChoice {
    /// Each fragment's own, always.
    Exact,
    /// Predicted ones; a voice whose prediction has not passed its check is refused.
    Predicted,
    /// Predicted ones where they have passed, else each fragment's own, and learning from them.
    #[default]
    Auto,
}

impl NormsChoice {
    /// The name by which users choose it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Predicted => "predicted",
            Self::Auto => "auto",
        }
    }
}

impl fmt::Display for NormsChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There are no norms of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown norms '{0}'; choose exact, predicted or auto")]
pub struct UnknownNorms(String);

impl FromStr for NormsChoice {
    type Err = UnknownNorms;

    fn from_str(name: &str) -> Result<Self, UnknownNorms> {
        let all = [Self::Exact, Self::Predicted, Self::Auto];
        all.into_iter().find(|choice| choice.name() == name).ok_or_else(|| UnknownNorms(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_read_by_its_name_and_another_name_is_refused_with_all_of_them() {
        for choice in [NormsChoice::Exact, NormsChoice::Predicted, NormsChoice::Auto] {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        let refused = "fast".parse::<NormsChoice>().unwrap_err();
        assert_eq!(refused.to_string(), "unknown norms 'fast'; choose exact, predicted or auto");
    }
}
