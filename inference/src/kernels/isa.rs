//! The instruction sets that there are kernels for.

use std::fmt;
use std::str::FromStr;

#[cfg(target_arch = "aarch64")]
use super::neon::Neon;
#[cfg(target_arch = "x86_64")]
use super::{avx2::Avx2, avx512::Avx512};

/// The environment variable that [`Isa::chosen`] reads.
pub const ISA_VARIABLE: &str = "SOSTENUTO_ISA";

/// An instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Isa {
    /// Plain code, as the compiler makes it: the reference.
    Portable,
    /// Arm's NEON.
    Neon,
    /// AVX2 with fused multiplication and addition.
    Avx2,
    /// AVX-512, the foundation.
    Avx512,
}

/// There is no instruction set of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown instruction set '{0}'; choose portable, neon, avx2 or avx512")]
pub struct UnknownIsa(String);

/// An instruction set was asked for that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IsaError {
    /// There is no such instruction set.
    #[error("{ISA_VARIABLE}: {0}")]
    Unknown(#[from] UnknownIsa),
    /// This machine does not have it.
    #[error("{ISA_VARIABLE}: this machine has no {wanted}; choose {best}, or leave it out", best = Isa::best())]
    NotHere {
        /// What was asked for.
        wanted: Isa,
    },
}

impl Isa {
    /// All of them, the plainest first.
    pub const ALL: [Self; 4] = [Self::Portable, Self::Neon, Self::Avx2, Self::Avx512];

    /// The best that this machine has.
    pub fn best() -> Self {
        Self::ALL.into_iter().rev().find(|isa| isa.is_here()).unwrap_or(Self::Portable)
    }

    /// What the environment variable [`ISA_VARIABLE`] asks for, else the [best](Self::best).
    ///
    /// # Errors
    /// It asks for something that does not exist, or that this machine does not have.
    pub fn chosen() -> Result<Self, IsaError> {
        Self::wanted(
            std::env::var_os(ISA_VARIABLE).map(|name| name.to_string_lossy().into_owned()).as_deref(),
        )
    }

    fn wanted(name: Option<&str>) -> Result<Self, IsaError> {
        let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(Self::best()) };
        let wanted = name.parse::<Self>()?;
        if wanted.is_here() { Ok(wanted) } else { Err(IsaError::NotHere { wanted }) }
    }

    /// Whether this machine has it.
    pub fn is_here(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Avx2::here().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => Avx512::here().is_some(),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => Neon::here().is_some(),
            _ => false,
        }
    }

    /// Whether this machine multiplies numbers of 8 bits with it faster than floats: whether an
    /// [`Int8Conv`](super::Int8Conv) pays.
    pub fn has_int8(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => self.is_here() && is_x86_feature_detected!("avx512vnni"),
            _ => false,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Neon => "neon",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Those of this machine besides the reference.
    #[cfg(test)]
    pub(super) fn fast_ones() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|&isa| isa != Self::Portable && isa.is_here())
    }

    /// Its kernels.
    ///
    /// # Panics
    /// This machine does not have it.
    pub(super) fn kernels(self) -> Dispatch {
        let dispatch = match self {
            Self::Portable => Some(Dispatch::Portable),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Avx2::here().map(Dispatch::Avx2),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => Avx512::here().map(Dispatch::Avx512),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => Neon::here().map(Dispatch::Neon),
            _ => None,
        };
        assert!(dispatch.is_some(), "this machine has no {self}");
        dispatch.unwrap_or(Dispatch::Portable)
    }
}

/// Kernels that this machine can run.
#[derive(Clone, Copy, Debug)]
pub(super) enum Dispatch {
    /// The plain code.
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
    #[cfg(target_arch = "aarch64")]
    Neon(Neon),
}

/// Evaluates one expression for the plain code, and another for each set of kernels.
macro_rules! dispatch {
    ($dispatch:expr, plain => $plain:expr, $kernels:ident => $fast:expr $(,)?) => {
        match $dispatch {
            $crate::kernels::isa::Dispatch::Portable => $plain,
            #[cfg(target_arch = "x86_64")]
            $crate::kernels::isa::Dispatch::Avx2($kernels) => $fast,
            #[cfg(target_arch = "x86_64")]
            $crate::kernels::isa::Dispatch::Avx512($kernels) => $fast,
            #[cfg(target_arch = "aarch64")]
            $crate::kernels::isa::Dispatch::Neon($kernels) => $fast,
        }
    };
}
pub(super) use dispatch;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_had_or_refused() {
        assert_eq!(Isa::wanted(None), Ok(Isa::best()));
        assert_eq!(Isa::wanted(Some("")), Ok(Isa::best()));
        assert_eq!(Isa::wanted(Some("portable")), Ok(Isa::Portable));
        assert!(matches!(Isa::wanted(Some("sse9")), Err(IsaError::Unknown(_))));
        for wanted in Isa::ALL {
            let had = Isa::wanted(Some(wanted.name()));
            assert_eq!(had, if wanted.is_here() { Ok(wanted) } else { Err(IsaError::NotHere { wanted }) });
        }
        assert!(Isa::ALL.iter().any(|isa| !isa.is_here()), "no machine has all of them");
    }
}
