//! Products of rows with a matrix.

use sostenuto_inference::kernels::chance::Chance;
use sostenuto_inference::kernels::{Dense, DenseJob, Isa};

use crate::case::{Bound, Case};

/// Inputs, outputs, step and rows that are timed: the layers that lead up and out, and those of the harmonic source.
const TIMED: [(usize, usize, usize, usize); 8] = [
    (1024, 2560, 512, 16),
    (1024, 2560, 512, 80),
    (512, 768, 256, 160),
    (512, 768, 256, 800),
    (264, 256, 132, 160),
    (22, 128, 22, 960),
    (896, 22, 128, 960),
    (100, 40, 50, 77),
];

pub(crate) fn cases() -> Vec<Box<dyn Case>> {
    let case =
        |(inputs, outputs, step, rows)| -> Box<dyn Case> { Box::new(Matrix { inputs, outputs, step, rows }) };
    TIMED.into_iter().map(case).collect()
}

struct Matrix {
    inputs: usize,
    outputs: usize,
    step: usize,
    rows: usize,
}

struct Call {
    dense: Dense,
    input: Vec<f32>,
    step: usize,
    out: Vec<f32>,
}

impl Call {
    fn run(&mut self) {
        let Self { dense, input, step, out } = self;
        dense.run(DenseJob { input, step: *step, out });
    }
}

impl Matrix {
    fn call(&self, isa: Isa, chance: &mut Chance, rows: usize) -> Call {
        let weights = chance.floats(self.inputs * self.outputs, 1.0 / (self.inputs as f32).sqrt());
        let bias = chance.floats(self.outputs, 0.1);
        Call {
            dense: Dense::pack(isa, self.inputs, self.outputs, &weights, &bias),
            input: chance.floats((rows - 1) * self.step + self.inputs, 1.0),
            step: self.step,
            out: chance.floats(rows * self.outputs, 1.0),
        }
    }
}

impl Case for Matrix {
    fn name(&self) -> String {
        format!("dense.{}.{}.step{}.rows{}", self.inputs, self.outputs, self.step, self.rows)
    }

    fn bound(&self) -> Bound {
        Bound::Decibels(115.0)
    }

    fn called(&self, isa: Isa, chance: &mut Chance) -> Vec<f64> {
        let rows = 1 + chance.below(40);
        let mut call = self.call(isa, chance, rows);
        call.run();
        call.out.into_iter().map(f64::from).collect()
    }

    fn timed(&self, isa: Isa, chance: &mut Chance) -> Box<dyn FnMut()> {
        let mut call = self.call(isa, chance, self.rows);
        Box::new(move || call.run())
    }

    fn work(&self) -> f64 {
        (2 * self.inputs * self.outputs * self.rows) as f64
    }

    fn unit(&self) -> &'static str {
        "OP"
    }
}
