//! Convolutions of the residual blocks, in floats and in integers of 8 bits.

use std::ops::Range;

use sostenuto_inference::kernels::chance::Chance;
use sostenuto_inference::kernels::{Conv, ConvJob, ConvShape, Int8Conv, Isa, Load, Rows, Sums};

use crate::case::{Bound, Case};

/// Channels, and rows of the calls that are timed: tiles of 200 ms, and a second.
const TIMED: [(usize, usize); 4] = [(256, 160), (256, 800), (128, 960), (128, 4800)];

pub(crate) fn cases() -> Vec<Box<dyn Case>> {
    let mut cases: Vec<Box<dyn Case>> = Vec::new();
    for (channels, rows) in TIMED {
        for taps in [3, 7, 11] {
            for dilation in [1, 3, 5] {
                let shape = ConvShape { inputs: channels, outputs: channels, taps, dilation };
                cases.push(Box::new(Layer { shape, rows, int8: false }));
                cases.push(Box::new(Layer { shape, rows, int8: true }));
            }
        }
    }
    cases
}

struct Layer {
    shape: ConvShape,
    rows: usize,
    int8: bool,
}

enum Kernel {
    Float(Conv),
    Int8(Int8Conv),
}

impl Kernel {
    fn shape(&self) -> ConvShape {
        match self {
            Self::Float(conv) => conv.shape(),
            Self::Int8(conv) => conv.shape(),
        }
    }

    fn scratch(&self) -> usize {
        match self {
            Self::Float(conv) => conv.scratch(),
            Self::Int8(conv) => conv.scratch(),
        }
    }

    fn run(&self, job: ConvJob<'_>) {
        match self {
            Self::Float(conv) => conv.run(job),
            Self::Int8(conv) => conv.run(job),
        }
    }
}

/// What a layer is called with.
struct Call {
    kernel: Kernel,
    input: Vec<f32>,
    length: usize,
    load: Loaded,
    rows: Range<usize>,
    residual: Option<Vec<f32>>,
    onto: bool,
    sums: bool,
    out: Vec<f32>,
    sum: Vec<f64>,
    squares: Vec<f64>,
    scratch: Vec<f32>,
}

enum Loaded {
    Plain,
    Leaky,
    Snake([Vec<f32>; 4]),
}

impl Call {
    fn run(&mut self) {
        let ConvShape { inputs, outputs, .. } = self.kernel.shape();
        let load = match &self.load {
            Loaded::Plain => Load::Plain,
            Loaded::Leaky => Load::Leaky(0.1),
            Loaded::Snake([scale, shift, alpha, inverse]) => Load::Snake { scale, shift, alpha, inverse },
        };
        self.kernel.run(ConvJob {
            input: Rows::whole(&self.input, inputs),
            length: self.length,
            load,
            rows: self.rows.clone(),
            residual: self.residual.as_ref().map(|rows| Rows::whole(rows, outputs)),
            onto: self.onto,
            out: &mut self.out,
            sums: self.sums.then_some(Sums { sum: &mut self.sum, squares: &mut self.squares }),
            scratch: &mut self.scratch,
        });
    }
}

impl Layer {
    fn kernel(&self, isa: Isa, chance: &mut Chance) -> Kernel {
        let ConvShape { inputs, outputs, taps, .. } = self.shape;
        let weights = chance.floats(outputs * inputs * taps, 1.0 / ((inputs * taps) as f32).sqrt());
        let bias = chance.floats(outputs, 0.1);
        if self.int8 {
            // The furthest that random numbers of a spread of one go.
            Kernel::Int8(Int8Conv::pack(isa, self.shape, &weights, &bias, &vec![3.0; inputs]))
        } else {
            Kernel::Float(Conv::pack(isa, self.shape, &weights, &bias))
        }
    }

    fn call(&self, isa: Isa, chance: &mut Chance, length: usize, rows: Range<usize>) -> Call {
        let ConvShape { inputs, outputs, .. } = self.shape;
        let kernel = self.kernel(isa, chance);
        let scratch = vec![f32::NAN; kernel.scratch()];
        Call {
            kernel,
            input: chance.floats(length * inputs, 1.0),
            length,
            load: Loaded::Snake(chance.snake(inputs)),
            residual: Some(chance.floats(length * outputs, 0.5)),
            onto: false,
            sums: true,
            out: chance.floats(rows.len() * outputs, 1.0),
            sum: vec![0.0; outputs],
            squares: vec![0.0; outputs],
            scratch,
            rows,
        }
    }
}

impl Case for Layer {
    fn name(&self) -> String {
        let ConvShape { inputs, taps, dilation, .. } = self.shape;
        let kind = if self.int8 { "int8" } else { "conv" };
        format!("{kind}.{inputs}.k{taps}.d{dilation}.rows{}", self.rows)
    }

    fn has(&self, isa: Isa) -> bool {
        !self.int8 || isa.has_int8()
    }

    fn bound(&self) -> Bound {
        if self.int8 {
            return Bound::Exact;
        }
        // Tiles at more points lose more digits; ranges of a row or two lose the most.
        Bound::Decibels(match self.shape.taps {
            11 => 76.0,
            7 => 84.0,
            _ => 100.0,
        })
    }

    fn called(&self, isa: Isa, chance: &mut Chance) -> Vec<f64> {
        let length = 1 + chance.below(150);
        let start = chance.below(length);
        let end = start + 1 + chance.below(length - start);
        let mut call = self.call(isa, chance, length, start..end);
        call.load = match chance.below(4) {
            // What rounds the same on every path.
            _ if self.int8 => Loaded::Plain,
            0 => Loaded::Plain,
            1 => Loaded::Leaky,
            _ => call.load,
        };
        call.residual = call.residual.filter(|_| chance.flip());
        call.onto = chance.flip();
        // Sums are floats in whatever order.
        call.sums = chance.flip() && !self.int8;
        call.run();
        let out = call.out.iter().map(|&value| f64::from(value));
        // Brought to the size of the rows, so that they do not hide them.
        let per_row = 1.0 / (end - start) as f64;
        out.chain(call.sum.iter().chain(&call.squares).map(|sum| sum * per_row)).collect()
    }

    fn timed(&self, isa: Isa, chance: &mut Chance) -> Box<dyn FnMut()> {
        let reach = self.shape.reach();
        let mut call = self.call(isa, chance, self.rows + 2 * reach, reach..reach + self.rows);
        Box::new(move || call.run())
    }

    fn work(&self) -> f64 {
        let ConvShape { inputs, outputs, taps, .. } = self.shape;
        (2 * inputs * outputs * taps * self.rows) as f64
    }

    fn unit(&self) -> &'static str {
        "OP"
    }
}
