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
