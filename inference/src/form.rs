//! What the quality session's model is run by.

use std::fmt;
use std::str::FromStr;

/// What runs Kokoro: the runtime alone, or the runtime and our own generator.
///
/// A [`Variant`](crate::Variant) is another graph for the runtime; a form is how much of the graph the runtime is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// The whole graph by the runtime.
    Stock,
    /// The graph up to the generator by the runtime, the [generator](crate::generator) by our own kernels; on the CPU
    /// only.
    Native,
    /// As [`Native`](Self::Native), with convolutions in integers of 8 bits; where the processor has products of them.
    #[serde(rename = "native-int8")]
    NativeInt8,
}

/// There is no form of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown variant '{0}'; choose auto, stock, native or native-int8")]
pub struct UnknownForm(String);

impl Form {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Stock, Self::Native, Self::NativeInt8];

    /// The name by which users choose it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Native => "native",
            Self::NativeInt8 => "native-int8",
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Form {
    type Err = UnknownForm;

    fn from_str(name: &str) -> Result<Self, UnknownForm> {
        let found = Self::ALL.into_iter().find(|form| form.name() == name);
        found.ok_or_else(|| UnknownForm(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found_by_its_name() {
        for form in Form::ALL {
            assert_eq!(form.name().parse(), Ok(form));
        }
        let unknown = "fused".parse::<Form>().unwrap_err().to_string();
        assert_eq!(unknown, "unknown variant 'fused'; choose auto, stock, native or native-int8");
    }
}
