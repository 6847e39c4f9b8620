//! The instruction sets that there are kernels for.

use std::fmt;
use std::str::FromStr;

/// An instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Isa {
    /// Plain code, as the compiler makes it: the reference.
    Portable,
}

/// There is no instruction set of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown instruction set '{0}'; choose portable")]
pub struct UnknownIsa(String);

impl Isa {
    /// All of them, the plainest first.
    pub const ALL: [Self; 1] = [Self::Portable];

    /// The best that this machine has.
    pub fn best() -> Self {
        Self::ALL.into_iter().rev().find(|isa| isa.is_here()).unwrap_or(Self::Portable)
    }

    /// Whether this machine has it.
    pub fn is_here(self) -> bool {
        match self {
            Self::Portable => true,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Isa {
    type Err = UnknownIsa;

    fn from_str(name: &str) -> Result<Self, UnknownIsa> {
        Self::ALL.into_iter().find(|isa| isa.name() == name).ok_or_else(|| UnknownIsa(name.to_owned()))
    }
}
