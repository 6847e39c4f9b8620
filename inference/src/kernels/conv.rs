//! A convolution over time that keeps the length of its rows, with what stands before and behind it.

use std::ops::Range;

use super::dense::columns;
use super::isa::{Dispatch, dispatch};
use super::tiled::Tiled;
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
    shape: ConvShape,
    layout: Layout,
}

#[derive(Debug)]
enum Layout {
    Plain(Plain),
    Tiled(Dispatch, Box<Tiled>),
}

/// `[taps][inputs][outputs]`.
#[derive(Debug)]
struct Plain {
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

impl ConvJob<'_> {
    /// The part of it that computes `rows`, which are among its own, of `outputs` channels.
    pub(super) fn part(&mut self, rows: Range<usize>, outputs: usize) -> ConvJob<'_> {
        ConvJob {
            input: self.input,
            length: self.length,
            load: self.load,
            residual: self.residual,
            onto: self.onto,
            out: &mut self.out[(rows.start - self.rows.start) * outputs..][..rows.len() * outputs],
            sums: self.sums.as_mut().map(Sums::reborrow),
            scratch: self.scratch,
            rows,
        }
    }
}

impl Conv {
    /// Lays out `weights`, `[outputs][inputs][taps]`, and a bias per output.
    ///
    /// # Panics
    /// The sizes do not match.
    pub fn pack(isa: Isa, shape: ConvShape, weights: &[f32], bias: &[f32]) -> Self {
        assert_eq!(weights.len(), shape.outputs * shape.inputs * shape.taps, "a weight per pair and tap");
        assert_eq!(bias.len(), shape.outputs, "a bias per output");
        let dispatch = isa.kernels();
        let columns = dispatch!(dispatch, plain => None, kernels => Some(columns(kernels)));
        let layout = match columns.and_then(|columns| Tiled::pack(shape, columns, weights, bias)) {
            Some(tiled) => Layout::Tiled(dispatch, Box::new(tiled)),
            None => Layout::Plain(Plain::pack(isa, shape, weights, bias)),
        };
        Self { shape, layout }
    }

    /// Its shape.
    pub fn shape(&self) -> ConvShape {
        self.shape
    }

    /// Floats that a call needs to work in, however many rows it computes.
    pub fn scratch(&self) -> usize {
        match &self.layout {
            Layout::Plain(plain) => plain.scratch(),
            Layout::Tiled(_, tiled) => tiled.scratch(),
        }
    }

    /// Computes rows of the output.
    ///
    /// # Panics
    /// A row that the output looks at is missing, or a slice is too short.
    pub fn run(&self, job: ConvJob<'_>) {
        match &self.layout {
            Layout::Plain(plain) => plain.run(job),
            Layout::Tiled(dispatch, tiled) => {
                dispatch!(*dispatch, plain => (), kernels => tiled.run(kernels, job));
            }
        }
    }
}

impl Plain {
    fn pack(isa: Isa, shape: ConvShape, weights: &[f32], bias: &[f32]) -> Self {
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

    fn scratch(&self) -> usize {
        (1 + 2 * self.shape.reach()) * self.shape.inputs
    }

    fn run(&self, mut job: ConvJob<'_>) {
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

#[cfg(test)]
mod tests {
    use super::super::chance::Chance;
    use super::*;

    const SHAPES: [(usize, usize); 9] =
        [(3, 1), (3, 3), (3, 5), (7, 1), (7, 3), (7, 5), (11, 1), (11, 3), (11, 5)];

    struct Case {
        shape: ConvShape,
        weights: Vec<f32>,
        bias: Vec<f32>,
        affine: [Vec<f32>; 4],
    }

    impl Case {
        fn of(chance: &mut Chance, channels: usize, taps: usize, dilation: usize) -> Self {
            let shape = ConvShape { inputs: channels, outputs: channels, taps, dilation };
            let spread = 1.0 / ((channels * taps) as f32).sqrt();
            Self {
                shape,
                weights: chance.floats(channels * channels * taps, spread),
                bias: chance.floats(channels, 0.3),
                affine: chance.snake(channels),
            }
        }

        fn snake(&self) -> Load<'_> {
            let [scale, shift, alpha, inverse] = &self.affine;
            Load::Snake { scale, shift, alpha, inverse }
        }
    }

    /// Signal to noise in dB, and the furthest apart.
    fn apart(expected: &[f32], found: &[f32]) -> (f64, f64) {
        let (mut signal, mut noise, mut furthest) = (0.0, 1e-30, 0.0_f64);
        for (&expected, &found) in expected.iter().zip(found) {
            let apart = f64::from(expected) - f64::from(found);
            signal += f64::from(expected).powi(2);
            noise += apart * apart;
            furthest = if apart.is_nan() { f64::INFINITY } else { furthest.max(apart.abs()) };
        }
        (10.0 * (signal / noise).log10(), furthest)
    }

    struct Found {
        out: Vec<f32>,
        sum: Vec<f64>,
        squares: Vec<f64>,
    }

    struct Wanted<'a> {
        input: Rows<'a>,
        length: usize,
        load: Load<'a>,
        rows: Range<usize>,
        residual: Option<Rows<'a>>,
        before: Option<&'a [f32]>,
    }

    fn found(conv: &Conv, wanted: &Wanted<'_>) -> Found {
        let channels = conv.shape().outputs;
        let mut out = match wanted.before {
            None => vec![f32::NAN; wanted.rows.len() * channels],
            Some(before) => before[..wanted.rows.len() * channels].to_vec(),
        };
        let (mut sum, mut squares) = (vec![1.0; channels], vec![2.0; channels]);
        // What an earlier call left behind.
        let mut scratch = vec![f32::NAN; conv.scratch() + 1];
        conv.run(ConvJob {
            input: wanted.input,
            length: wanted.length,
            load: wanted.load,
            rows: wanted.rows.clone(),
            residual: wanted.residual,
            onto: wanted.before.is_some(),
            out: &mut out,
            sums: Some(Sums { sum: &mut sum, squares: &mut squares }),
            scratch: &mut scratch[1..],
        });
        Found { out, sum, squares }
    }

    fn check(isa: Isa, case: &Case, wanted: &Wanted<'_>) {
        let [expected, found] = [Isa::Portable, isa]
            .map(|isa| found(&Conv::pack(isa, case.shape, &case.weights, &case.bias), wanted));
        let what = format!("{isa}, {:?}, rows {:?} of {}", case.shape, wanted.rows, wanted.length);
        let (snr, furthest) = apart(&expected.out, &found.out);
        // What the points of a tile cost, and a few dB for ranges of one row.
        let least = match case.shape.taps {
            11 => 78.0,
            7 => 86.0,
            _ => 102.0,
        };
        assert!(snr > least && furthest < 2e-3, "{what}: {snr:.1} dB, {furthest:e} at most");
        for (expected, found) in [(&expected.sum, &found.sum), (&expected.squares, &found.squares)] {
            for (channel, (expected, found)) in expected.iter().zip(found).enumerate() {
                let bound = 3e-4 * (wanted.rows.len() as f64 + expected.abs());
                assert!((expected - found).abs() < bound, "{what}: {found} in {channel} for {expected}");
            }
        }
    }

    #[test]
    fn every_path_says_what_the_plain_one_says_for_every_shape() {
        let mut chance = Chance::new(7);
        for (taps, dilation) in SHAPES {
            for channels in [128, 256] {
                let case = Case::of(&mut chance, channels, taps, dilation);
                let length = 150 + chance.below(20);
                let [input, residual] = [1.0, 0.5].map(|spread| chance.floats(length * channels, spread));
                let wanted = Wanted {
                    input: Rows::whole(&input, channels),
                    length,
                    load: case.snake(),
                    rows: 0..length,
                    residual: Some(Rows::whole(&residual, channels)),
                    before: None,
                };
                Isa::fast_ones().for_each(|isa| check(isa, &case, &wanted));
            }
        }
    }

    #[test]
    fn ranges_of_any_start_and_length_are_computed_from_the_rows_that_they_look_at_alone() {
        let mut chance = Chance::new(8);
        for (taps, dilation) in SHAPES {
            let case = Case::of(&mut chance, 128, taps, dilation);
            let reach = case.shape.reach();
            let length = 400;
            let [input, residual] = [1.0, 0.5].map(|spread| chance.floats(length * 128, spread));
            for rows in [0..1_usize, 399..400, 3..4, 57..58, 1..7, 11..23, 100..131, 371..400, 0..30, 13..85]
            {
                let seen = rows.start.saturating_sub(reach)..length.min(rows.end + reach);
                let before = chance.floats(rows.len() * 128, 1.0);
                let wanted = Wanted {
                    input: Rows {
                        values: &input[seen.start * 128..seen.end * 128],
                        width: 128,
                        first: seen.start,
                    },
                    length,
                    load: if rows.start % 2 == 0 { Load::Plain } else { Load::Leaky(0.1) },
                    residual: (rows.len() > 20).then(|| Rows {
                        values: &residual[rows.start * 128..rows.end * 128],
                        width: 128,
                        first: rows.start,
                    }),
                    before: (rows.start % 3 == 0).then_some(&before),
                    rows,
                };
                Isa::fast_ones().for_each(|isa| check(isa, &case, &wanted));
            }
        }
    }

    #[test]
    fn ranges_of_several_blocks_fit_together() {
        let mut chance = Chance::new(9);
        for (taps, dilation) in [(3, 5), (7, 1), (11, 3)] {
            let case = Case::of(&mut chance, 128, taps, dilation);
            let length = 1500;
            let input = chance.floats(length * 128, 1.0);
            let wanted = Wanted {
                input: Rows::whole(&input, 128),
                length,
                load: Load::Plain,
                rows: 2..1499,
                residual: None,
                before: None,
            };
            Isa::fast_ones().for_each(|isa| check(isa, &case, &wanted));
        }
    }

    #[test]
    fn other_shapes_are_computed_too() {
        let mut chance = Chance::new(10);
        for (inputs, outputs, taps, dilation) in
            [(22, 18, 5, 2), (128, 22, 7, 1), (96, 128, 3, 1), (1, 1, 1, 1)]
        {
            let shape = ConvShape { inputs, outputs, taps, dilation };
            let weights = chance.floats(inputs * outputs * taps, 0.1);
            let case =
                Case { shape, weights, bias: chance.floats(outputs, 1.0), affine: chance.snake(inputs) };
            let input = chance.floats(40 * inputs, 1.0);
            let wanted = Wanted {
                input: Rows::whole(&input, inputs),
                length: 40,
                load: case.snake(),
                rows: 0..40,
                residual: None,
                before: None,
            };
            Isa::fast_ones().for_each(|isa| check(isa, &case, &wanted));
        }
    }
}
