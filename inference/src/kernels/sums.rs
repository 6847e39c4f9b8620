//! What a normalisation over time asks of a sequence: the sum and the sum of squares of each channel.

use super::Isa;

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
/// `values` are not whole rows.
pub fn add_sums(_isa: Isa, values: &[f32], sums: &mut Sums<'_>) {
    let width = sums.sum.len();
    assert_eq!(values.len() % width, 0, "whole rows");
    for row in values.chunks_exact(width) {
        for ((sum, squares), &value) in sums.sum.iter_mut().zip(sums.squares.iter_mut()).zip(row) {
            *sum += f64::from(value);
            *squares += f64::from(value) * f64::from(value);
        }
    }
}
