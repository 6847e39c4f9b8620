//! What happens to values as a layer loads them.

use std::ops::Range;

use super::isa::dispatch;
use super::primitives::Kernels;
use super::{Isa, Rows};

/// A function of one value and its channel. It is not applied to the zeros around a sequence: they stay zeros.
#[derive(Clone, Copy, Debug)]
pub enum Load<'a> {
    /// The value as it is.
    Plain,
    /// A leaky rectifier: `x` where positive, else this much of it.
    Leaky(f32),
    /// A normalisation and Snake: `z = scale x + shift`, and of that `z + inverse sin^2(alpha z)`, all per channel.
    ///
    /// Source: "Neural Networks Fail to Learn Periodic Functions and How to Fix It", Liu et al., 2020.
    Snake {
        /// Factor of the normalisation.
        scale: &'a [f32],
        /// What the normalisation adds.
        shift: &'a [f32],
        /// Frequency of the activation.
        alpha: &'a [f32],
        /// One over it.
        inverse: &'a [f32],
    },
}

impl Load<'_> {
    /// What becomes of `value` in `channel`.
    pub fn of(&self, value: f32, channel: usize) -> f32 {
        match *self {
            Self::Plain => value,
            Self::Leaky(slope) => value.max(0.0) + slope * value.min(0.0),
            Self::Snake { scale, shift, alpha, inverse } => {
                let z = value * scale[channel] + shift[channel];
                let sine = (z * alpha[channel]).sin();
                z + inverse[channel] * (sine * sine)
            }
        }
    }
}

/// Loads rows `range` of a sequence of `length` rows into `out`. `range` may begin before the sequence and end after
/// it; rows outside of it are zeros.
///
/// # Panics
/// A row that the sequence has is not in `input`, `out` does not have room for exactly these rows, or this machine has
/// no such instruction set.
pub fn activate(
    isa: Isa,
    load: &Load<'_>,
    input: Rows<'_>,
    length: usize,
    range: Range<isize>,
    out: &mut [f32],
) {
    assert_eq!(out.len(), range.len() * input.width, "room for the rows");
    let dispatch = isa.kernels();
    for (row, out) in range.zip(out.chunks_exact_mut(input.width)) {
        match usize::try_from(row).ok().filter(|&row| row < length) {
            None => out.fill(0.0),
            Some(row) => dispatch!(
                dispatch,
                plain => {
                    for (channel, (out, &value)) in out.iter_mut().zip(input.row(row)).enumerate() {
                        *out = load.of(value, channel);
                    }
                },
                kernels => kernels.activate(load, input.row(row), out),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chance::Chance;
    use super::*;

    #[test]
    fn every_path_loads_what_the_plain_one_loads_and_zeros_around_it() {
        let mut chance = Chance::new(5);
        for width in [1, 15, 22, 128, 256] {
            let affine = chance.snake(width);
            let [scale, shift, alpha, inverse] = &affine;
            let snake = Load::Snake { scale, shift, alpha, inverse };
            let values = chance.floats(20 * width, 3.0);
            let input = Rows { values: &values, width, first: 4 };
            for load in [Load::Plain, Load::Leaky(0.1), snake] {
                for (range, length) in [(4..24, 24), (4..24, 30), (10..11, 24), (20..31, 24), (24..26, 24)] {
                    let out = |isa| {
                        let mut out = vec![f32::NAN; range.len() * width];
                        activate(isa, &load, input, length, range.clone(), &mut out);
                        out
                    };
                    let expected = out(Isa::Portable);
                    for isa in Isa::fast_ones() {
                        for (index, (expected, found)) in expected.iter().zip(out(isa)).enumerate() {
                            let apart = (expected - found).abs();
                            assert!(
                                apart <= 4e-6 * (1.0 + expected.abs()),
                                "{isa}, {index}: {found} for {expected}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_snake_of_large_arguments_stays_true() {
        let (one, zero) = ([1.0; 16], [0.0; 16]);
        let load = Load::Snake { scale: &one, shift: &zero, alpha: &one, inverse: &one };
        for isa in Isa::fast_ones() {
            for step in 0..2000 {
                let values: [f32; 16] =
                    std::array::from_fn(|lane| (step * 16 + lane) as f32 * 0.0731 - 1000.0);
                let mut out = [0.0; 16];
                activate(isa, &load, Rows::whole(&values, 16), 1, 0..1, &mut out);
                for (x, found) in values.into_iter().zip(out) {
                    let expected = f64::from(x) + f64::from(x).sin().powi(2);
                    let bound = 1e-6 + f64::from(x.abs()) * 2e-7;
                    assert!(
                        (f64::from(found) - expected).abs() < bound,
                        "{isa}: {found} for {expected} at {x}"
                    );
                }
            }
        }
    }
}
