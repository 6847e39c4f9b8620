//! What a normalisation over time asks of a sequence: the sum and the sum of squares of each channel.

use super::Isa;
use super::isa::dispatch;
use super::primitives::Kernels;

/// Sums per channel, over rows that were stored so far.
#[derive(Debug)]
pub struct Sums<'a> {
    /// Of the values.
    pub sum: &'a mut [f64],
    /// Of their squares.
    pub squares: &'a mut [f64],
}

impl Sums<'_> {
    /// The same sums, to be handed on.
    pub fn reborrow(&mut self) -> Sums<'_> {
        Sums { sum: self.sum, squares: self.squares }
    }
}

/// Adds rows of as many channels as `sums` has.
///
/// # Panics
/// `values` are not whole rows, or this machine has no such instruction set.
pub fn add_sums(isa: Isa, values: &[f32], sums: &mut Sums<'_>) {
    let width = sums.sum.len();
    assert_eq!(values.len() % width, 0, "whole rows");
    dispatch!(
        isa.kernels(),
        plain => {
            for row in values.chunks_exact(width) {
                for ((sum, squares), &value) in sums.sum.iter_mut().zip(sums.squares.iter_mut()).zip(row) {
                    *sum += f64::from(value);
                    *squares += f64::from(value) * f64::from(value);
                }
            }
        },
        kernels => kernels.add_sums(values, sums.sum, sums.squares),
    );
}
