//! A product of rows with a matrix.

use super::Isa;

/// A matrix `[inputs][outputs]` and a bias, laid out for an instruction set.
///
/// With rows that overlap it is a convolution: `taps` rows of `c` channels one after another are one row of
/// `taps * c` inputs, and a step of `c` floats leads to the next.
#[derive(Debug)]
pub struct Dense {
    isa: Isa,
    inputs: usize,
    outputs: usize,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

/// One call of [`Dense::run`].
#[derive(Debug)]
pub struct DenseJob<'a> {
    /// Row `r` are the `inputs` floats from `r * step`.
    pub input: &'a [f32],
    /// Floats from one row to the next.
    pub step: usize,
    /// `outputs` floats per row.
    pub out: &'a mut [f32],
    /// Whether the result is added to what `out` holds.
    pub onto: bool,
}

impl Dense {
    /// Lays out `weights`, `[inputs][outputs]`, and a bias per output.
    ///
    /// # Panics
    /// The sizes do not match.
    pub fn pack(isa: Isa, inputs: usize, outputs: usize, weights: &[f32], bias: &[f32]) -> Self {
        assert_eq!(weights.len(), inputs * outputs, "a weight per pair");
        assert_eq!(bias.len(), outputs, "a bias per output");
        Self { isa, inputs, outputs, weights: weights.to_vec(), bias: bias.to_vec() }
    }

    /// Floats of a row of the input.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Floats of a row of the output.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Computes as many rows as `out` has.
    ///
    /// # Panics
    /// `input` ends before the last row does.
    pub fn run(&self, job: DenseJob<'_>) {
        match self.isa {
            Isa::Portable => self.plain(job),
        }
    }

    fn plain(&self, job: DenseJob<'_>) {
        let DenseJob { input, step, out, onto } = job;
        for (row, out) in out.chunks_exact_mut(self.outputs).enumerate() {
            if onto {
                out.iter_mut().zip(&self.bias).for_each(|(out, bias)| *out += bias);
            } else {
                out.copy_from_slice(&self.bias);
            }
            let input = &input[row * step..][..self.inputs];
            for (&x, weights) in input.iter().zip(self.weights.chunks_exact(self.outputs)) {
                out.iter_mut().zip(weights).for_each(|(out, w)| *out += x * w);
            }
        }
    }
}
