//! A convolution over time that keeps the length of its rows, with what stands before and behind it.

use std::ops::Range;

use super::{Isa, Load, Rows, Sums, activate};

/// The shape of a convolution. Padding is even on both sides, so that the output is as long as the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConvShape {
    /// Channels in.
    pub inputs: usize,
    /// Channels out.
    pub outputs: usize,
    /// Taps; odd.
    pub taps: usize,
    /// Rows from one tap to the next.
    pub dilation: usize,
}

impl ConvShape {
    /// Rows that an output looks at on each side of it.
    pub fn reach(&self) -> usize {
        self.dilation * (self.taps - 1) / 2
    }
}

/// A convolution, laid out for an instruction set.
#[derive(Debug)]
pub struct Conv {
    isa: Isa,
    shape: ConvShape,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

/// One call of [`Conv::run`].
#[derive(Debug)]
pub struct ConvJob<'a> {
    /// At least the rows of the sequence that the output looks at.
    pub input: Rows<'a>,
    /// Rows of the whole sequence, of the input as of the output. Around it are zeros.
    pub length: usize,
    /// What is done to the input first.
    pub load: Load<'a>,
    /// The rows of the output that are to be computed.
    pub rows: Range<usize>,
    /// Rows to be added to the output; at least those of `rows`.
    pub residual: Option<Rows<'a>>,
    /// Whether the result is added to what `out` holds.
    pub onto: bool,
    /// Where the output goes: `rows`, and no other.
    pub out: &'a mut [f32],
    /// Gets the sums of what is stored.
    pub sums: Option<Sums<'a>>,
    /// At least [`Conv::scratch`] floats to work in.
    pub scratch: &'a mut [f32],
}

impl Conv {
    /// Lays out `weights`, `[outputs][inputs][taps]`, and a bias per output.
    ///
    /// # Panics
    /// The sizes do not match.
    pub fn pack(isa: Isa, shape: ConvShape, weights: &[f32], bias: &[f32]) -> Self {
        assert_eq!(weights.len(), shape.outputs * shape.inputs * shape.taps, "a weight per pair and tap");
        assert_eq!(bias.len(), shape.outputs, "a bias per output");
        let mut packed = vec![0.0; weights.len()];
        for (output, weights) in weights.chunks_exact(shape.inputs * shape.taps).enumerate() {
            for (input, weights) in weights.chunks_exact(shape.taps).enumerate() {
                for (tap, &weight) in weights.iter().enumerate() {
                    packed[(tap * shape.inputs + input) * shape.outputs + output] = weight;
                }
            }
        }
        Self { isa, shape, weights: packed, bias: bias.to_vec() }
    }

    /// Its shape.
    pub fn shape(&self) -> ConvShape {
        self.shape
    }

    /// Floats that a call needs to work in, however many rows it computes.
    pub fn scratch(&self) -> usize {
        match self.isa {
            Isa::Portable => (1 + 2 * self.shape.reach()) * self.shape.inputs,
        }
    }

    /// Computes rows of the output.
    ///
    /// # Panics
    /// A row that the output looks at is missing, or a slice is too short.
    pub fn run(&self, job: ConvJob<'_>) {
        match self.isa {
            Isa::Portable => self.plain(job),
        }
    }

    fn plain(&self, mut job: ConvJob<'_>) {
        let ConvShape { inputs, outputs, taps, dilation } = self.shape;
        let reach = self.shape.reach() as isize;
        let window = &mut job.scratch[..(1 + 2 * self.shape.reach()) * inputs];
        for (row, out) in job.rows.zip(job.out.chunks_exact_mut(outputs)) {
            let at = row as isize;
            activate(self.isa, &job.load, job.input, job.length, at - reach..at + reach + 1, window);
            if !job.onto {
                out.fill(0.0);
            }
            out.iter_mut().zip(&self.bias).for_each(|(out, bias)| *out += bias);
            if let Some(residual) = &job.residual {
                out.iter_mut().zip(residual.row(row)).for_each(|(out, value)| *out += value);
            }
            for tap in 0..taps {
                let input = &window[tap * dilation * inputs..][..inputs];
                let weights = &self.weights[tap * inputs * outputs..][..inputs * outputs];
                for (&x, weights) in input.iter().zip(weights.chunks_exact(outputs)) {
                    out.iter_mut().zip(weights).for_each(|(out, w)| *out += x * w);
                }
            }
            if let Some(sums) = &mut job.sums {
                super::add_sums(self.isa, out, sums);
            }
        }
    }
}
