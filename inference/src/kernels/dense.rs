//! A product of rows with a matrix.

use super::Isa;
use super::aligned::Aligned;
use super::isa::{Dispatch, dispatch};
use super::primitives::{Kernels, Panel};

/// A matrix `[inputs][outputs]` and a bias, laid out for an instruction set.
///
/// With rows that overlap it is a convolution: `taps` rows of `c` channels one after another are one row of
/// `taps * c` inputs, and a step of `c` floats leads to the next.
#[derive(Debug)]
pub struct Dense {
    dispatch: Dispatch,
    inputs: usize,
    outputs: usize,
    /// `[inputs][outputs]`, or for kernels `[outputs / COLUMNS][inputs][COLUMNS]`, the last panel filled up with zeros.
    weights: Aligned,
    /// As long as the panels are wide.
    bias: Aligned,
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
}

pub(super) fn columns<K: Kernels>(_: K) -> usize {
    K::COLUMNS
}

impl Dense {
    /// Lays out `weights`, `[inputs][outputs]`, and a bias per output.
    ///
    /// # Panics
    /// The sizes do not match.
    pub fn pack(isa: Isa, inputs: usize, outputs: usize, weights: &[f32], bias: &[f32]) -> Self {
        assert_eq!(weights.len(), inputs * outputs, "a weight per pair");
        assert_eq!(bias.len(), outputs, "a bias per output");
        let dispatch = isa.kernels();
        let columns = dispatch!(dispatch, plain => outputs, kernels => columns(kernels));
        let panels = outputs.div_ceil(columns);
        let mut padded = Aligned::zeros(panels * columns);
        padded.as_mut_slice()[..outputs].copy_from_slice(bias);
        let mut packed = Aligned::zeros(panels * inputs * columns);
        for (panel, packed) in packed.as_mut_slice().chunks_exact_mut(inputs * columns).enumerate() {
            let first = panel * columns;
            let here = columns.min(outputs - first);
            for (row, packed) in weights.chunks_exact(outputs).zip(packed.chunks_exact_mut(columns)) {
                packed[..here].copy_from_slice(&row[first..first + here]);
            }
        }
        Self { dispatch, inputs, outputs, weights: packed, bias: padded }
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
        dispatch!(self.dispatch, plain => self.plain(job), kernels => self.fast(kernels, job));
    }

    /// Panel after panel, each for all rows: panels stay in the nearer caches.
    fn fast<K: Kernels>(&self, kernels: K, job: DenseJob<'_>) {
        let DenseJob { input, step, out } = job;
        let rows = out.len() / self.outputs;
        let last =
            rows.checked_sub(1).map(|last| last.checked_mul(step).and_then(|at| at.checked_add(self.inputs)));
        assert!(last.is_none_or(|end| end.is_some_and(|end| end <= input.len())), "{rows} rows of the input");
        let blocks = rows.div_ceil(K::ROWS);
        for panel in 0..self.outputs.div_ceil(K::COLUMNS) {
            let first = panel * K::COLUMNS;
            for block in 0..blocks {
                let (from, to) = (block * rows / blocks, (block + 1) * rows / blocks);
                kernels.dense(Panel {
                    rows: to - from,
                    input: &input[from * step..],
                    step,
                    inputs: self.inputs,
                    weights: &self.weights.as_slice()[first * self.inputs..],
                    bias: &self.bias.as_slice()[first..],
                    out: &mut out[from * self.outputs + first..],
                    outputs: self.outputs,
                    columns: K::COLUMNS.min(self.outputs - first),
                });
            }
        }
    }

    fn plain(&self, job: DenseJob<'_>) {
        let DenseJob { input, step, out } = job;
        for (row, out) in out.chunks_exact_mut(self.outputs).enumerate() {
            out.copy_from_slice(self.bias.as_slice());
            let input = &input[row * step..][..self.inputs];
            for (&x, weights) in input.iter().zip(self.weights.as_slice().chunks_exact(self.outputs)) {
                out.iter_mut().zip(weights).for_each(|(out, w)| *out += x * w);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chance::Chance;
    use super::*;

    #[test]
    fn every_path_says_what_the_plain_one_says_for_every_size() {
        let mut chance = Chance::new(3);
        let sizes = [
            (1, 1, 1),
            (7, 22, 5),
            (896, 22, 128),
            (512, 768, 256),
            (1024, 2560, 512),
            (256, 128, 256),
            (33, 65, 40),
        ];
        for (inputs, outputs, step) in sizes {
            let weights = chance.floats(inputs * outputs, 1.0 / (inputs as f32).sqrt());
            let bias = chance.floats(outputs, 0.3);
            for rows in [1, 2, 6, 11, 12, 13, 29] {
                let input = chance.floats((rows - 1) * step + inputs, 1.0);
                let out = |isa| {
                    let mut out = vec![f32::NAN; rows * outputs];
                    let dense = Dense::pack(isa, inputs, outputs, &weights, &bias);
                    dense.run(DenseJob { input: &input, step, out: &mut out });
                    out
                };
                let expected = out(Isa::Portable);
                for isa in Isa::fast_ones() {
                    for (expected, found) in expected.iter().zip(out(isa)) {
                        let apart = (expected - found).abs();
                        assert!(apart < 3e-5, "{isa}, {inputs} to {outputs}, {rows} rows: {apart:e}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_rows_are_no_work() {
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_here()) {
            Dense::pack(isa, 4, 3, &[1.0; 12], &[0.0; 3]).run(DenseJob { input: &[], step: 4, out: &mut [] });
        }
    }
}
