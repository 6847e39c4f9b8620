//! Plain code, compiled once more for wider vectors. Each `unsafe` call stands behind an assertion of what it needs.

use super::Isa;

/// Does `work` with the vectors of `isa`, where the compiler finds a use for them.
///
/// Rounding stays as it is written: the compiler joins no multiplication with an addition.
///
/// # Panics
/// This machine has no such instruction set.
#[inline]
pub(crate) fn wide<R>(isa: Isa, work: impl FnOnce() -> R) -> R {
    assert!(isa.is_here(), "{isa} is not here");
    match isa {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the instruction set is here, as was just asserted.
        Isa::Avx512 => unsafe { with_avx512(work) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Isa::Avx2 => unsafe { with_avx2(work) },
        _ => work(),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn with_avx512<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn with_avx2<R>(work: impl FnOnce() -> R) -> R {
    work()
}
