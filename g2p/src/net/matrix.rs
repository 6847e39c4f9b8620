//! Matrices as the net multiplies by them.

use super::kernel::{self, PANEL};

/// The scale of a matrix whose weights are signed bytes.
///
/// Its products are those of integers: the input is quantised to 8 bits, as `DynamicQuantizeLinear` of ONNX does
/// it, and multiplied as `MatMulInteger` does. Sums stay below 2^24, so floats hold them exactly.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Quantised {
    scale: f32,
}

/// Weights `[inputs, outputs]`, kept in panels of [`PANEL`] columns.
#[derive(Debug)]
pub(super) struct Matrix {
    inputs: usize,
    outputs: usize,
    panels: Vec<f32>,
    quantised: Option<Quantised>,
}

impl Matrix {
    /// A matrix from its weights, row by row; `scale` where they are signed bytes.
    pub(super) fn new(inputs: usize, outputs: usize, weights: &[f32], scale: Option<f32>) -> Self {
        let mut panels = vec![0.0; inputs * outputs.next_multiple_of(PANEL)];
        for (k, row) in weights.chunks_exact(outputs).enumerate() {
            for (n, &weight) in row.iter().enumerate() {
                panels[(n / PANEL * inputs + k) * PANEL + n % PANEL] = weight;
            }
        }
        Self { inputs, outputs, panels, quantised: scale.map(|scale| Quantised { scale }) }
    }

    /// `x` times this matrix, plus `bias` in every row; `x` is `[rows, inputs]`, the product `[rows, outputs]`.
    pub(super) fn apply(&self, x: &[f32], bias: &[f32]) -> Vec<f32> {
        if let Some(Quantised { scale }) = self.quantised {
            let (bytes, input_scale) = quantise(x);
            self.multiply(&bytes, input_scale * scale, bias)
        } else {
            self.multiply(x, 1.0, bias)
        }
    }

    fn multiply(&self, x: &[f32], scale: f32, bias: &[f32]) -> Vec<f32> {
        let columns = self.outputs.next_multiple_of(PANEL);
        let mut sums = vec![0.0; x.len() / self.inputs * columns];
        kernel::multiply(x, self.inputs, &self.panels, &mut sums);
        let scaled = |(sum, bias): (&f32, &f32)| sum * scale + bias;
        sums.chunks_exact(columns).flat_map(|row| row.iter().zip(bias).map(scaled)).collect()
    }
}

/// Rounds to the 256 steps between the least and the greatest value, zero among them.
///
/// Gives the steps counted from that of zero, and the width of a step.
fn quantise(x: &[f32]) -> (Vec<f32>, f32) {
    let (least, greatest) = x.iter().fold((0.0_f32, 0.0_f32), |(l, g), &v| (l.min(v), g.max(v)));
    if least == greatest {
        return (vec![0.0; x.len()], 1.0);
    }
    let scale = (greatest - least) / 255.0;
    let zero = to_even(-least / scale).clamp(0.0, 255.0);
    let step = |&v: &f32| (to_even(v / scale) + zero).clamp(0.0, 255.0) - zero;
    (x.iter().map(step).collect(), scale)
}

/// Rounds to the nearest whole number, ties to even, for magnitudes below 2^22.
///
/// Beside 1.5 * 2^23 a float has no room for a fraction. `round_ties_even` is a call where the processor that is
/// compiled for cannot round.
fn to_even(v: f32) -> f32 {
    const NO_FRACTION: f32 = 12_582_912.0;
    (v + NO_FRACTION) - NO_FRACTION
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rounding_is_that_of_the_standard_library(v in -300.0_f32..300.0) {
            let half = (v * 2.0).trunc() / 2.0;
            prop_assert_eq!(to_even(v), v.round_ties_even());
            prop_assert_eq!(to_even(half), half.round_ties_even());
        }

        #[test]
        fn a_quantised_value_is_within_half_a_step(x in prop::collection::vec(-9.0_f32..9.0, 1..40)) {
            let (steps, scale) = quantise(&x);
            for (value, step) in x.iter().zip(steps) {
                prop_assert!((value - step * scale).abs() <= scale * 1.001, "{value} {step} {scale}");
                prop_assert!(step.fract() == 0.0 && step.abs() <= 255.0);
            }
        }
    }

    #[test]
    fn a_product_has_as_many_columns_as_the_matrix_and_its_bias() {
        let matrix = Matrix::new(2, 3, &[1.0, 2.0, 3.0, 10.0, 20.0, 30.0], None);
        assert_eq!(matrix.apply(&[1.0, 1.0, 2.0, 0.0], &[0.5, 0.0, 0.0]), [11.5, 22.0, 33.0, 2.5, 4.0, 6.0]);
    }

    #[test]
    fn quantised_products_are_those_of_integers() {
        // Steps of 1/255 from 0 to 1: 0.25 becomes 64 (of 63.75), and 1 becomes 255.
        let product = Matrix::new(2, 1, &[3.0, -2.0], Some(0.5)).apply(&[0.25, 1.0], &[10.0]);
        assert!((product[0] - (10.0 + 0.5 / 255.0 * (3.0 * 64.0 - 2.0 * 255.0))).abs() < 1e-6);
        assert_eq!(Matrix::new(1, 1, &[3.0], Some(0.5)).apply(&[0.0], &[1.0]), [1.0]);
    }
}
