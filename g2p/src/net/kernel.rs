//! Sums of products, several rows and columns at once.

/// Columns that are summed side by side.
pub(super) const PANEL: usize = 16;

/// `x` times a matrix in panels, without a bias.
///
/// `x` is `[rows, inputs]`; a panel is `[inputs, PANEL]`; `out` is `[rows, columns]` with `columns` those of all
/// panels.
pub(super) fn multiply(x: &[f32], inputs: usize, panels: &[f32], out: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: this machine has both features that the function is compiled for; it needs nothing else.
        return unsafe { multiply_avx2(x, inputs, panels, out) };
    }
    plain(x, inputs, panels, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn multiply_avx2(x: &[f32], inputs: usize, panels: &[f32], out: &mut [f32]) {
    tiles::<4, true>(x, inputs, panels, out);
}

/// What every machine can do; 64-bit Arm always fuses a product and a sum.
fn plain(x: &[f32], inputs: usize, panels: &[f32], out: &mut [f32]) {
    tiles::<2, { cfg!(target_arch = "aarch64") }>(x, inputs, panels, out);
}

/// Goes through `ROWS` rows at a time, so that a weight serves so many times once it was read.
#[inline(always)]
#[expect(clippy::inline_always, reason = "its code must be that of the caller's instruction set")]
fn tiles<const ROWS: usize, const FUSED: bool>(x: &[f32], inputs: usize, panels: &[f32], out: &mut [f32]) {
    let columns = panels.len() / inputs;
    for (index, panel) in panels.chunks_exact(inputs * PANEL).enumerate() {
        let (panel, _) = panel.as_chunks::<PANEL>();
        let groups = x.chunks(ROWS * inputs).zip(out.chunks_mut(ROWS * columns));
        for (x, out) in groups {
            if x.len() == ROWS * inputs {
                tile::<ROWS, FUSED>(x, inputs, panel, columns, &mut out[index * PANEL..]);
            } else {
                for (x, out) in x.chunks_exact(inputs).zip(out.chunks_exact_mut(columns)) {
                    tile::<1, FUSED>(x, inputs, panel, columns, &mut out[index * PANEL..]);
                }
            }
        }
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "its code must be that of the caller's instruction set")]
fn tile<const ROWS: usize, const FUSED: bool>(
    x: &[f32],
    inputs: usize,
    panel: &[[f32; PANEL]],
    columns: usize,
    out: &mut [f32],
) {
    let mut sums = [[0.0; PANEL]; ROWS];
    let rows: [&[f32]; ROWS] = std::array::from_fn(|row| &x[row * inputs..][..panel.len()]);
    for (k, weights) in panel.iter().enumerate() {
        for (row, sums) in rows.iter().zip(&mut sums) {
            let value = row[k];
            for (sum, &weight) in sums.iter_mut().zip(weights) {
                *sum = if FUSED { value.mul_add(weight, *sum) } else { value * weight + *sum };
            }
        }
    }
    for (row, sums) in sums.iter().enumerate() {
        out[row * columns..][..PANEL].copy_from_slice(sums);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition of the product.
    fn textbook(x: &[f32], inputs: usize, panels: &[f32]) -> Vec<f32> {
        let columns = panels.len() / inputs;
        let weight = |k: usize, n: usize| panels[(n / PANEL * inputs + k) * PANEL + n % PANEL];
        let row = |x: &[f32], n: usize| (0..inputs).map(|k| x[k] * weight(k, n)).sum::<f32>();
        x.chunks(inputs).flat_map(|x| (0..columns).map(move |n| row(x, n))).collect()
    }

    proptest! {
        // Whole numbers, of which every sum is exact in any order.
        #[test]
        fn every_path_gives_the_product_of_the_textbook(
            (rows, inputs, panels) in (1_usize..11, 1_usize..9, 1_usize..4), seed in any::<u32>(),
        ) {
            let number = |i: usize| ((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) >> 24) as f32 - 128.0;
            let x: Vec<f32> = (0..rows * inputs).map(number).collect();
            let weights: Vec<f32> = (0..inputs * panels * PANEL).map(|i| number(i + 977)).collect();
            let expected = textbook(&x, inputs, &weights);
            for path in [plain, multiply] {
                let mut out = vec![0.0; rows * panels * PANEL];
                path(&x, inputs, &weights, &mut out);
                prop_assert_eq!(&out, &expected);
            }
        }
    }
}
