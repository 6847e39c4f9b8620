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

#[cfg(test)]
mod tests {
    use super::super::chance::Chance;
    use super::*;

    #[test]
    fn every_path_adds_what_the_plain_one_adds() {
        let mut chance = Chance::new(6);
        for (width, rows) in [(1, 3), (22, 17), (128, 1), (128, 100), (256, 33)] {
            let values = chance.floats(width * rows, 2.0);
            let sums = |isa| {
                let (mut sum, mut squares) = (vec![0.5; width], vec![0.25; width]);
                add_sums(isa, &values, &mut Sums { sum: &mut sum, squares: &mut squares });
                sum.into_iter().chain(squares).collect::<Vec<f64>>()
            };
            let expected = sums(Isa::Portable);
            for isa in Isa::fast_ones() {
                for (expected, found) in expected.iter().zip(sums(isa)) {
                    assert!(
                        (expected - found).abs() < 1e-5 * (1.0 + rows as f64),
                        "{isa}: {found} for {expected}"
                    );
                }
            }
        }
    }
}
