//! A convolution in integers of 8 bits: activations with a scale per channel, weights with a scale per output.
//!
//! An activation `x` of a channel whose largest is `l` becomes `round(127 x / l) + 128`, from 0 to 255; the factor
//! `l / 127` goes into the weights of the channel, and those of an output are scaled to at most 127. Products are summed
//! in 32 bits without loss: every path has the same sums, to the last bit, from the same activations. The sum times the
//! scale of the output, and the bias, is what a [`Conv`](super::Conv) would give but for the rounding of its factors.

#[cfg(target_arch = "x86_64")]
use super::isa::Dispatch;
#[cfg(target_arch = "x86_64")]
use super::vnni::{self, Block, Vnni};
use super::{ConvJob, ConvShape, Isa, activate};

/// The largest weight, and the furthest that an activation goes from zero.
const LARGEST: f32 = 127.0;
/// What stands for zero in an activation.
pub(super) const ZERO: u8 = 128;
/// Rows that are loaded at a time.
const ROWS: usize = 192;

/// A convolution in integers of 8 bits, laid out for an instruction set.
#[derive(Debug)]
pub struct Int8Conv {
    shape: ConvShape,
    path: Path,
    /// `127 / l` per input.
    factors: Vec<f32>,
    /// Per output `[taps][inputs]`; for VNNI per 32 outputs `[taps][inputs / 4][32][4]`.
    weights: Vec<i8>,
    /// What the zeros of the activations add to a sum, taken off.
    starts: Vec<i32>,
    /// Per output.
    scales: Vec<f32>,
    bias: Vec<f32>,
}

#[derive(Clone, Copy, Debug)]
enum Path {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Vnni(Vnni),
}

impl Int8Conv {
    /// Rounds and lays out `weights`, `[outputs][inputs][taps]`, with a bias per output; `largest` is the largest
    /// activation of each input, after the load, that calibration has seen. Larger ones are cut off.
    ///
    /// Where the instruction set has no products of 8 bits ([`Isa::has_int8`]) the plain code is used, which is slow.
    ///
    /// # Panics
    /// The sizes do not match, or this machine has no such instruction set.
    pub fn pack(isa: Isa, shape: ConvShape, weights: &[f32], bias: &[f32], largest: &[f32]) -> Self {
        let ConvShape { inputs, outputs, taps, .. } = shape;
        assert_eq!(weights.len(), outputs * inputs * taps, "a weight per pair and tap");
        assert_eq!(bias.len(), outputs, "a bias per output");
        assert_eq!(largest.len(), inputs, "a largest activation per input");
        let path = Path::of(isa, shape);
        let factors = largest.iter().map(|&l| if l > 0.0 { LARGEST / l } else { 0.0 }).collect();
        let mut rounded = vec![0; weights.len()];
        let (mut starts, mut scales) = (Vec::with_capacity(outputs), Vec::with_capacity(outputs));
        for (output, weights) in weights.chunks_exact(inputs * taps).enumerate() {
            let weight =
                |input: usize, tap: usize| weights[input * taps + tap] * (largest[input].max(0.0) / LARGEST);
            let all = || (0..inputs).flat_map(|input| (0..taps).map(move |tap| (input, tap)));
            let furthest = all().map(|(input, tap)| weight(input, tap).abs()).fold(0.0, f32::max);
            let scale = if furthest > 0.0 { furthest / LARGEST } else { 1.0 };
            let mut sum = 0;
            for (input, tap) in all() {
                let value = (weight(input, tap) / scale).round() as i8;
                rounded[path.place(shape, output, input, tap)] = value;
                sum += i32::from(value);
            }
            starts.push(-i32::from(ZERO) * sum);
            scales.push(scale);
        }
        Self { shape, path, factors, weights: rounded, starts, scales, bias: bias.to_vec() }
    }

    /// Its shape.
    pub fn shape(&self) -> ConvShape {
        self.shape
    }

    /// Floats that a call needs to work in, however many rows it computes.
    pub fn scratch(&self) -> usize {
        let loaded = (ROWS + 2 * self.shape.reach()) * self.shape.inputs;
        match self.path {
            Path::Plain => loaded,
            // A row of floats, and the rows as bytes.
            #[cfg(target_arch = "x86_64")]
            Path::Vnni(_) => {
                self.shape.inputs + loaded.div_ceil(size_of::<f32>()) + super::aligned::Aligned::SLACK
            }
        }
    }

    /// Computes rows of the output.
    ///
    /// # Panics
    /// A row that the output looks at is missing, or a slice is too short.
    pub fn run(&self, mut job: ConvJob<'_>) {
        let outputs = self.shape.outputs;
        assert_eq!(job.out.len(), job.rows.len() * outputs, "room for the rows");
        let all = job.rows.clone();
        for start in all.clone().step_by(ROWS) {
            let rows = start..all.end.min(start + ROWS);
            let job = job.part(rows, outputs);
            match self.path {
                Path::Plain => self.plain(job),
                #[cfg(target_arch = "x86_64")]
                Path::Vnni(vnni) => self.vnni(vnni, job),
            }
        }
    }

    fn plain(&self, mut job: ConvJob<'_>) {
        let ConvShape { inputs, outputs, taps, dilation } = self.shape;
        let reach = self.shape.reach() as isize;
        let seen = job.rows.start as isize - reach..job.rows.end as isize + reach;
        // Whole numbers, which floats hold exactly.
        let loaded = &mut job.scratch[..seen.len() * inputs];
        activate(Isa::Portable, &job.load, job.input, job.length, seen, loaded);
        for row in loaded.chunks_exact_mut(inputs) {
            for (value, factor) in row.iter_mut().zip(&self.factors) {
                *value = ((*value * factor).round_ties_even() + f32::from(ZERO)).clamp(0.0, 255.0);
            }
        }
        for (index, out) in job.out.chunks_exact_mut(outputs).enumerate() {
            let residual = job.residual.map(|rows| rows.row(job.rows.start + index));
            for (output, out) in out.iter_mut().enumerate() {
                let mut sum = self.starts[output];
                for tap in 0..taps {
                    let row = &loaded[(index + tap * dilation) * inputs..][..inputs];
                    let weights = &self.weights[(output * taps + tap) * inputs..][..inputs];
                    sum += row.iter().zip(weights).map(|(&x, &w)| x as i32 * i32::from(w)).sum::<i32>();
                }
                let mut value = (sum as f32).mul_add(self.scales[output], self.bias[output]);
                if let Some(residual) = residual {
                    value += residual[output];
                }
                *out = if job.onto { value + *out } else { value };
            }
            if let Some(sums) = &mut job.sums {
                super::add_sums(Isa::Portable, out, sums);
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn vnni(&self, vnni: Vnni, job: ConvJob<'_>) {
        use super::aligned::Aligned;
        use super::primitives::Kernels;
        use super::vnni::{COLUMNS, MOST_ROWS, bytes};

        let ConvShape { inputs, outputs, taps, dilation } = self.shape;
        let ConvJob { input, length, load, rows, residual, onto, out, mut sums, scratch } = job;
        let reach = self.shape.reach();
        let (loaded, rest) = Aligned::within(scratch).split_at_mut(inputs);
        let bytes = &mut bytes(rest)[..(rows.len() + 2 * reach) * inputs];
        for (index, bytes) in bytes.chunks_exact_mut(inputs).enumerate() {
            // Counted from `reach` rows before the sequence.
            let row = rows.start + index;
            if row < reach || row - reach >= length {
                bytes.fill(ZERO);
            } else {
                vnni.floats().activate(&load, input.row(row - reach), loaded);
                vnni.round(loaded, &self.factors, bytes);
            }
        }
        let panel = taps * inputs * COLUMNS;
        let blocks = rows.len().div_ceil(MOST_ROWS);
        for (block, weights) in self.weights.chunks_exact(panel).enumerate() {
            let columns = block * COLUMNS..(block + 1) * COLUMNS;
            for index in 0..blocks {
                let (from, to) = (index * rows.len() / blocks, (index + 1) * rows.len() / blocks);
                let residual = residual.map(|rows_of| {
                    &rows_of.values[(rows.start + from - rows_of.first) * outputs + columns.start..]
                });
                vnni.block(
                    to - from,
                    Block {
                        input: &bytes[from * inputs..],
                        inputs,
                        taps,
                        step: dilation * inputs,
                        weights,
                        starts: &self.starts[columns.clone()],
                        scales: &self.scales[columns.clone()],
                        bias: &self.bias[columns.clone()],
                        residual,
                        onto,
                        out: &mut out[from * outputs + columns.start..],
                        outputs,
                        sums: sums
                            .as_mut()
                            .map(|sums| (&mut sums.sum[columns.clone()], &mut sums.squares[columns.clone()])),
                    },
                );
            }
        }
    }
}

impl Path {
    #[cfg(target_arch = "x86_64")]
    fn of(isa: Isa, shape: ConvShape) -> Self {
        match isa.kernels() {
            Dispatch::Avx512(floats) if vnni::fits(shape) => {
                Vnni::with(floats).map_or(Self::Plain, Self::Vnni)
            }
            _ => Self::Plain,
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn of(isa: Isa, _: ConvShape) -> Self {
        assert!(isa.is_here(), "this machine has no {isa}");
        Self::Plain
    }

    /// Where a weight is.
    fn place(self, shape: ConvShape, output: usize, input: usize, tap: usize) -> usize {
        let ConvShape { inputs, taps, .. } = shape;
        match self {
            Self::Plain => (output * taps + tap) * inputs + input,
            #[cfg(target_arch = "x86_64")]
            Self::Vnni(_) => vnni::place(shape, output, input, tap),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chance::Chance;
    use super::super::{Conv, Load, Rows, Sums};
    use super::*;

    const LENGTH: usize = 230;

    struct Layer {
        shape: ConvShape,
        weights: Vec<f32>,
        bias: Vec<f32>,
        input: Vec<f32>,
        residual: Vec<f32>,
        affine: [Vec<f32>; 4],
    }

    type Run<'a> = (usize, &'a dyn Fn(ConvJob<'_>));

    impl Layer {
        fn of(channels: usize, taps: usize, dilation: usize) -> Self {
            let mut chance = Chance::new(11);
            Self {
                shape: ConvShape { inputs: channels, outputs: channels, taps, dilation },
                weights: chance.floats(channels * channels * taps, 1.0 / ((channels * taps) as f32).sqrt()),
                bias: chance.floats(channels, 0.3),
                input: chance.floats(LENGTH * channels, 1.0),
                residual: chance.floats(LENGTH * channels, 0.5),
                affine: chance.snake(channels),
            }
        }

        fn snake(&self) -> Load<'_> {
            let [scale, shift, alpha, inverse] = &self.affine;
            Load::Snake { scale, shift, alpha, inverse }
        }

        fn largest(&self, load: Load<'_>) -> Vec<f32> {
            let mut largest = vec![0.0_f32; self.shape.inputs];
            for row in self.input.chunks_exact(self.shape.inputs) {
                for (channel, (largest, &value)) in largest.iter_mut().zip(row).enumerate() {
                    *largest = largest.max(load.of(value, channel).abs());
                }
            }
            largest
        }

        fn int8(&self, isa: Isa, load: Load<'_>, rows: std::ops::Range<usize>) -> (Vec<f32>, Vec<f64>) {
            let conv = Int8Conv::pack(isa, self.shape, &self.weights, &self.bias, &self.largest(load));
            self.out(load, rows, (conv.scratch(), &|job| conv.run(job)))
        }

        fn out(&self, load: Load<'_>, rows: std::ops::Range<usize>, run: Run<'_>) -> (Vec<f32>, Vec<f64>) {
            let channels = self.shape.outputs;
            let mut out = vec![0.25; rows.len() * channels];
            let (mut sum, mut squares) = (vec![0.0; channels], vec![0.0; channels]);
            (run.1)(ConvJob {
                input: Rows::whole(&self.input, self.shape.inputs),
                length: LENGTH,
                load,
                residual: Some(Rows::whole(&self.residual, channels)),
                onto: rows.start % 2 == 1,
                out: &mut out,
                sums: Some(Sums { sum: &mut sum, squares: &mut squares }),
                scratch: &mut vec![f32::NAN; run.0],
                rows,
            });
            sum.extend(squares);
            (out, sum)
        }
    }

    fn decibels(expected: &[f32], found: &[f32]) -> f32 {
        let noise: f32 = expected.iter().zip(found).map(|(e, f)| (e - f).powi(2)).sum();
        10.0 * (expected.iter().map(|e| e * e).sum::<f32>() / noise).log10()
    }

    #[test]
    fn every_path_has_the_sums_of_the_plain_one_to_the_last_bit() {
        for (channels, taps, dilation) in
            [(128, 3, 1), (128, 11, 5), (128, 7, 3), (256, 3, 5), (64, 5, 2), (20, 3, 1)]
        {
            let layer = Layer::of(channels, taps, dilation);
            for rows in [0..LENGTH, 57..58, 3..30, 229..230, 100..213] {
                let (expected, sums) = layer.int8(Isa::Portable, Load::Plain, rows.clone());
                for isa in Isa::fast_ones() {
                    let (found, found_sums) = layer.int8(isa, Load::Plain, rows.clone());
                    assert!(expected == found, "{isa}, {:?}, {rows:?}", layer.shape);
                    for (expected, found) in sums.iter().zip(found_sums) {
                        assert!((expected - found).abs() < 1e-5 * (rows.len() as f64 + expected.abs()));
                    }
                }
            }
        }
    }

    #[test]
    fn eight_bits_stay_close_to_floats() {
        for (channels, taps, dilation) in [(128, 3, 1), (128, 11, 3)] {
            let layer = Layer::of(channels, taps, dilation);
            let conv = Conv::pack(Isa::Portable, layer.shape, &layer.weights, &layer.bias);
            let load = layer.snake();
            let (expected, _) = layer.out(load, 0..LENGTH, (conv.scratch(), &|job| conv.run(job)));
            for isa in Isa::ALL.into_iter().filter(|isa| isa.is_here()) {
                let (found, _) = layer.int8(isa, load, 0..LENGTH);
                let decibels = decibels(&expected, &found);
                assert!(decibels > 38.0, "{isa}: {decibels:.1} dB");
            }
        }
    }

    #[test]
    fn channels_that_are_silent_in_calibration_are_left_out() {
        let mut layer = Layer::of(128, 3, 1);
        layer.weights.iter_mut().for_each(|weight| *weight = weight.abs());
        let largest = |channel: usize| if channel == 0 { 1.0 } else { 0.0 };
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_here()) {
            let largest: Vec<f32> = (0..128).map(largest).collect();
            let conv = Int8Conv::pack(isa, layer.shape, &layer.weights, &layer.bias, &largest);
            let before = layer.out(Load::Plain, 0..40, (conv.scratch(), &|job| conv.run(job)));
            for row in layer.input.chunks_exact_mut(128) {
                row[1..].fill(9.0);
            }
            let after = layer.out(Load::Plain, 0..40, (conv.scratch(), &|job| conv.run(job)));
            assert_eq!(before, after);
        }
    }
}
