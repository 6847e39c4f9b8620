//! What is done value by value.

use sostenuto_inference::kernels::chance::Chance;
use sostenuto_inference::kernels::{Isa, Load, Rows, Sums, activate, add_sums};

use crate::case::{Bound, Case};

/// Channels and rows that are timed.
const TIMED: [(usize, usize); 3] = [(256, 160), (128, 960), (22, 960)];

pub(crate) fn cases() -> Vec<Box<dyn Case>> {
    let mut cases: Vec<Box<dyn Case>> = Vec::new();
    for (channels, rows) in TIMED {
        for what in [What::Leaky, What::Snake, What::Sums] {
            cases.push(Box::new(Pointwise { what, channels, rows }));
        }
    }
    cases
}

#[derive(Clone, Copy)]
enum What {
    Leaky,
    Snake,
    Sums,
}

struct Pointwise {
    what: What,
    channels: usize,
    rows: usize,
}

struct Call {
    isa: Isa,
    what: What,
    channels: usize,
    input: Vec<f32>,
    affine: [Vec<f32>; 4],
    out: Vec<f32>,
    sum: Vec<f64>,
    squares: Vec<f64>,
}

impl Call {
    fn run(&mut self) {
        let rows = self.out.len() / self.channels;
        let input = Rows::whole(&self.input, self.channels);
        let [scale, shift, alpha, inverse] = &self.affine;
        let load = match self.what {
            What::Leaky => Load::Leaky(0.01),
            What::Snake => Load::Snake { scale, shift, alpha, inverse },
            What::Sums => {
                let sums = &mut Sums { sum: &mut self.sum, squares: &mut self.squares };
                return add_sums(self.isa, &self.input, sums);
            }
        };
        // Two rows before the sequence, and two behind it.
        activate(self.isa, &load, input, rows - 4, -2..rows as isize - 2, &mut self.out);
    }
}

impl Pointwise {
    fn call(&self, isa: Isa, chance: &mut Chance, rows: usize) -> Call {
        Call {
            isa,
            what: self.what,
            channels: self.channels,
            input: chance.floats(rows * self.channels, 2.0),
            affine: chance.snake(self.channels),
            out: vec![0.0; (rows + 4) * self.channels],
            sum: vec![0.0; self.channels],
            squares: vec![0.0; self.channels],
        }
    }
}

impl Case for Pointwise {
    fn name(&self) -> String {
        let what = match self.what {
            What::Leaky => "leaky",
            What::Snake => "snake",
            What::Sums => "sums",
        };
        format!("{what}.{}.rows{}", self.channels, self.rows)
    }

    fn bound(&self) -> Bound {
        Bound::Decibels(125.0)
    }

    fn called(&self, isa: Isa, chance: &mut Chance) -> Vec<f64> {
        let rows = 1 + chance.below(40);
        let mut call = self.call(isa, chance, rows);
        call.run();
        call.out.into_iter().map(f64::from).chain(call.sum).chain(call.squares).collect()
    }

    fn timed(&self, isa: Isa, chance: &mut Chance) -> Box<dyn FnMut()> {
        let mut call = self.call(isa, chance, self.rows);
        Box::new(move || call.run())
    }

    fn work(&self) -> f64 {
        (self.channels * self.rows) as f64
    }

    fn unit(&self) -> &'static str {
        "V"
    }
}
