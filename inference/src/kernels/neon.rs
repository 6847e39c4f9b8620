//! The vectors and kernels of NEON. `unsafe` is this module's name.

use std::arch::aarch64::{
    float32x4_t, vaddq_f32, vdupq_n_f32, vfmaq_f32, vld1q_f32, vmaxq_f32, vminq_f32, vmulq_f32, vrndnq_f32,
    vst1q_f32, vsubq_f32,
};

use super::primitives::{by_rows, kernels};
use super::vector::Vector;

/// 4 floats.
#[derive(Clone, Copy)]
pub(super) struct F32x4(float32x4_t);

// SAFETY: a register holds 4 floats; there are 32 registers, of which a block of 12 rows takes 24.
unsafe impl Vector for F32x4 {
    const LANES: usize = 4;
    const ROWS: usize = 12;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the caller has the instruction set.
        unsafe { Self(vdupq_n_f32(value)) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller has the instruction set and memory behind the pointer.
        unsafe { Self(vld1q_f32(from)) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller has the instruction set and memory behind the pointer.
        unsafe {
            vst1q_f32(to, self.0);
        }
    }

    #[inline(always)]
    fn fetch(from: *const f32) {
        // SAFETY: it changes nothing but caches, and any address will do.
        unsafe {
            std::arch::asm!("prfm pldl2keep, [{}]", in(reg) from, options(nostack, readonly, preserves_flags));
        }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: the caller has the instruction set.
        unsafe { Self(vaddq_f32(self.0, other.0)) }
    }

    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        // SAFETY: the caller has the instruction set.
        unsafe { Self(vsubq_f32(self.0, other.0)) }
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        // SAFETY: the caller has the instruction set.
        unsafe { Self(vmulq_f32(self.0, other.0)) }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, to: Self) -> Self {
        // SAFETY: the caller has the instruction set.
        unsafe { Self(vfmaq_f32(to.0, self.0, factor.0)) }
    }

    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        // SAFETY: the caller has the instruction set.
        unsafe { Self(vmaxq_f32(self.0, other.0)) }
    }

    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        // SAFETY: the caller has the instruction set.
        unsafe { Self(vminq_f32(self.0, other.0)) }
    }

    #[inline(always)]
    unsafe fn round(self) -> Self {
        // SAFETY: the caller has the instruction set.
        unsafe { Self(vrndnq_f32(self.0)) }
    }
}

kernels!(Neon, F32x4, "neon", (std::arch::is_aarch64_feature_detected!("neon")));
