//! How many floating-point operations a core does at most. `unsafe` is this module's name.
//!
//! A loop of nothing but fused multiply-adds on registers, in so many chains that none waits for another: what no program
//! of this machine can exceed in float.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Chains that do not wait for each other: two units of a latency of four or five cycles need ten.
const CHAINS: usize = 12;
/// Multiply-adds of each chain between two looks at the clock.
const STEPS: usize = 20_000;

/// Billions of float operations that `threads` threads do in a second, a multiply-add being two: the best of some runs
/// of `time` each, with the widest vectors that this machine has, and the name of those.
pub fn peak_gflops(threads: usize, time: Duration) -> (f64, &'static str) {
    let (name, lanes, work) = widest();
    let run = || {
        let started = Instant::now();
        let mut rounds = 0_u64;
        while started.elapsed() < time {
            black_box(work(black_box(0.999)));
            rounds += 1;
        }
        rounds as f64 * (2 * lanes * CHAINS * STEPS) as f64 / started.elapsed().as_secs_f64() / 1e9
    };
    let once = || {
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
            workers.into_iter().filter_map(|worker| worker.join().ok()).sum::<f64>()
        })
    };
    ((0..5).map(|_| once()).fold(0.0, f64::max), name)
}

/// The widest vectors that this machine has: their name, how many floats they hold, and the work.
#[cfg(target_arch = "x86_64")]
fn widest() -> (&'static str, usize, fn(f32) -> f32) {
    if std::arch::is_x86_feature_detected!("avx512f") {
        // SAFETY: the processor has just said that it knows these instructions.
        ("AVX-512", 16, |factor| unsafe { x86::avx512(factor) })
    } else if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
        // SAFETY: the processor has just said that it knows these instructions.
        ("AVX2 and FMA", 8, |factor| unsafe { x86::avx2(factor) })
    } else {
        ("one float at a time", 1, plain)
    }
}

/// The widest vectors that this machine has: their name, how many floats they hold, and the work.
#[cfg(target_arch = "aarch64")]
fn widest() -> (&'static str, usize, fn(f32) -> f32) {
    ("NEON", 4, neon::neon)
}

/// The widest vectors that this machine has: their name, how many floats they hold, and the work.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn widest() -> (&'static str, usize, fn(f32) -> f32) {
    ("one float at a time", 1, plain)
}

#[cfg(not(target_arch = "aarch64"))]
fn plain(factor: f32) -> f32 {
    let mut chains = [1.0_f32; CHAINS];
    for _ in 0..STEPS {
        for chain in &mut chains {
            *chain = *chain * factor + factor;
        }
    }
    chains.iter().sum()
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        _mm256_add_ps, _mm256_cvtss_f32, _mm256_fmadd_ps, _mm256_set1_ps, _mm512_add_ps, _mm512_fmadd_ps,
        _mm512_reduce_add_ps, _mm512_set1_ps,
    };

    use super::{CHAINS, STEPS};

    /// Needs AVX-512F.
    #[target_feature(enable = "avx512f")]
    pub(super) fn avx512(factor: f32) -> f32 {
        let factor = _mm512_set1_ps(factor);
        let mut chains = [_mm512_set1_ps(1.0); CHAINS];
        for _ in 0..STEPS {
            for chain in &mut chains {
                *chain = _mm512_fmadd_ps(*chain, factor, factor);
            }
        }
        _mm512_reduce_add_ps(chains.into_iter().fold(factor, |sum, chain| _mm512_add_ps(sum, chain)))
    }

    /// Needs AVX2 and FMA.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn avx2(factor: f32) -> f32 {
        let factor = _mm256_set1_ps(factor);
        let mut chains = [_mm256_set1_ps(1.0); CHAINS];
        for _ in 0..STEPS {
            for chain in &mut chains {
                *chain = _mm256_fmadd_ps(*chain, factor, factor);
            }
        }
        _mm256_cvtss_f32(chains.into_iter().fold(factor, |sum, chain| _mm256_add_ps(sum, chain)))
    }
}

#[cfg(target_arch = "aarch64")]
mod neon {
    use std::arch::aarch64::{vaddq_f32, vaddvq_f32, vdupq_n_f32, vfmaq_f32};

    use super::{CHAINS, STEPS};

    pub(super) fn neon(factor: f32) -> f32 {
        // SAFETY: every processor of this architecture has NEON.
        unsafe {
            let factor = vdupq_n_f32(factor);
            let mut chains = [vdupq_n_f32(1.0); CHAINS];
            for _ in 0..STEPS {
                for chain in &mut chains {
                    *chain = vfmaq_f32(factor, *chain, factor);
                }
            }
            vaddvq_f32(chains.into_iter().fold(factor, |sum, chain| vaddq_f32(sum, chain)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_vectors_do_the_same_sum_as_many_times_as_they_have_lanes() {
        let (name, lanes, work) = widest();
        // The chains converge to factor / (1 - factor).
        let sum = work(0.5);
        assert!(sum.is_finite() && sum >= CHAINS as f32, "{name}, {lanes}: {sum}");
    }
}
