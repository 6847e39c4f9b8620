//! The dense layer of the tagger: many rows times one matrix.

/// Columns of one panel: three vectors of eight floats.
const PANEL: usize = 24;

/// Rows that are multiplied at once: nine vectors of sums, which leaves registers for weights and inputs.
const BLOCK: usize = 3;

/// A matrix of `inputs` rows with a bias, its columns packed in panels that stay in the first-level cache.
pub(super) struct Dense {
    inputs: usize,
    outputs: usize,
    /// Panel by panel, input by input, [`PANEL`] columns each.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Dense {
    /// Packs `weights`, which stand input by input; the number of outputs, that of `bias`, is a multiple of 24.
    pub(super) fn new(weights: &[f32], bias: Vec<f32>) -> Self {
        let outputs = bias.len();
        let inputs = weights.len() / outputs;
        let mut packed = Vec::with_capacity(weights.len());
        for panel in 0..outputs / PANEL {
            for row in weights.chunks_exact(outputs) {
                packed.extend_from_slice(&row[panel * PANEL..(panel + 1) * PANEL]);
            }
        }
        Self { inputs, outputs, weights: packed, bias }
    }

    pub(super) const fn outputs(&self) -> usize {
        self.outputs
    }

    /// Writes the products of `rows` rows to `out`; row `r` begins at `x[r * stride]`, so rows may overlap.
    pub(super) fn apply(&self, x: &[f32], stride: usize, rows: usize, out: &mut [f32]) {
        #[cfg(target_arch = "x86_64")]
        if super::dense_avx2::apply(self, x, stride, rows, out) {
            return;
        }
        self.multiply::<false>(x, stride, rows, out);
    }

    /// The plain reference, and with `FUSED` the body of the fast path: products are added without rounding between.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "the fast path must compile this body with its own instructions"
    )]
    pub(super) fn multiply<const FUSED: bool>(&self, x: &[f32], stride: usize, rows: usize, out: &mut [f32]) {
        let panels = self.weights.chunks_exact(self.inputs * PANEL).zip(self.bias.chunks_exact(PANEL));
        for (index, (weights, bias)) in panels.enumerate() {
            let column = index * PANEL;
            if rows < BLOCK {
                for row in 0..rows {
                    self.block::<FUSED, 1>(weights, bias, x, stride, row, column, out);
                }
                continue;
            }
            for row in (0..rows).step_by(BLOCK) {
                // The last block may cover rows of the one before once more.
                let row = row.min(rows - BLOCK);
                self.block::<FUSED, BLOCK>(weights, bias, x, stride, row, column, out);
            }
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as above")]
    #[expect(clippy::too_many_arguments, reason = "the loop variables of one kernel")]
    fn block<const FUSED: bool, const ROWS: usize>(
        &self,
        weights: &[f32],
        bias: &[f32],
        x: &[f32],
        stride: usize,
        row: usize,
        column: usize,
        out: &mut [f32],
    ) {
        let mut sums = [[0.0_f32; PANEL]; ROWS];
        for sum in &mut sums {
            sum.copy_from_slice(bias);
        }
        let inputs: [&[f32]; ROWS] = std::array::from_fn(|r| &x[(row + r) * stride..][..self.inputs]);
        for (k, weights) in weights.as_chunks::<PANEL>().0.iter().enumerate() {
            for r in 0..ROWS {
                let input = inputs[r][k];
                for c in 0..PANEL {
                    sums[r][c] = if FUSED {
                        input.mul_add(weights[c], sums[r][c])
                    } else {
                        sums[r][c] + input * weights[c]
                    };
                }
            }
        }
        for (r, sum) in sums.iter().enumerate() {
            out[(row + r) * self.outputs + column..][..PANEL].copy_from_slice(sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_paths_multiply_as_the_definition_does() {
        let (inputs, outputs, rows, stride) = (30, 48, 7, 10);
        let number = |i: usize| ((i * 7919) % 101) as f32 / 50.0 - 1.0;
        let weights: Vec<f32> = (0..inputs * outputs).map(number).collect();
        let bias: Vec<f32> = (0..outputs).map(|i| number(i + 5)).collect();
        let x: Vec<f32> = (0..stride * (rows - 1) + inputs).map(|i| number(i * 3)).collect();
        let dense = Dense::new(&weights, bias.clone());
        let (mut fast, mut plain) = (vec![0.0; rows * outputs], vec![0.0; rows * outputs]);
        dense.apply(&x, stride, rows, &mut fast);
        dense.multiply::<false>(&x, stride, rows, &mut plain);
        for r in 0..rows {
            for o in 0..outputs {
                let sum = |sum, k: usize| sum + f64::from(x[r * stride + k] * weights[k * outputs + o]);
                let expected = (0..inputs).fold(f64::from(bias[o]), sum);
                assert!((f64::from(fast[r * outputs + o]) - expected).abs() < 1e-4);
                assert!((f64::from(plain[r * outputs + o]) - expected).abs() < 1e-4);
            }
        }
    }
}
