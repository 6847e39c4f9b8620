//! The dense layer in AVX2 and FMA instructions, where the processor has them.

use super::dense::Dense;

/// Multiplies as [`Dense::multiply`] does and returns true, or does nothing and returns false.
pub(super) fn apply(dense: &Dense, x: &[f32], stride: usize, rows: usize, out: &mut [f32]) -> bool {
    let able = std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma");
    if able {
        // SAFETY: the processor was just asked for the two features that the function is compiled with; it has no
        // other condition, its body being safe code.
        unsafe { multiply(dense, x, stride, rows, out) };
    }
    able
}

#[target_feature(enable = "avx2,fma")]
fn multiply(dense: &Dense, x: &[f32], stride: usize, rows: usize, out: &mut [f32]) {
    dense.multiply::<true>(x, stride, rows, out);
}
