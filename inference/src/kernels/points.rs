//! The way to the points of a tile and back, halved: rows of a pair of points differ in signs only.

use crate::toom_cook::Matrices;

/// Zero, pairs of points, and infinity where the number of points is even: outputs of a tile and taps to it.
///
/// Chosen by trial: 120, 105 and 105 dB in single precision for 3, 7 and 6 taps at six outputs.
const FEW: [f64; 7] = [0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5];
const MANY: [f64; 11] = [0.0, 1.0, -1.0, 0.375, -0.375, 2.5, -2.5, 0.75, -0.75, 1.5, -1.5];

/// The most pairs of points.
const PAIRS: usize = 5;

/// Factors of the inputs of a tile at `N` points.
#[derive(Debug)]
pub(super) struct There<const N: usize> {
    /// At zero; only even columns are not zero.
    pub(super) zero: [f32; N],
    /// At the positive point of each pair; at the negative one odd columns change their sign.
    pub(super) pairs: [[f32; N]; PAIRS],
    /// At infinity, where it is a point; only odd columns are not zero.
    pub(super) infinity: [f32; N],
}

/// Factors of the points of a tile for its `M` outputs: of the sums of a pair for even outputs, of the differences for
/// odd ones. Zero counts once for the first, infinity once for the last.
#[derive(Debug)]
pub(super) struct Back<const N: usize, const M: usize> {
    pub(super) pairs: [[f32; M]; PAIRS],
}

/// The matrices for `M` outputs of `taps` taps.
pub(super) fn matrices(outputs: usize, taps: usize) -> Matrices {
    let points = outputs + taps - 1;
    let finite = points - usize::from(points.is_multiple_of(2));
    Matrices::of(outputs, taps, if finite <= FEW.len() { &FEW[..finite] } else { &MANY[..finite] })
}

impl<const N: usize> There<N> {
    /// Out of matrices of [`matrices`].
    pub(super) fn of(matrices: &Matrices) -> Self {
        let row = |point: usize| std::array::from_fn(|column| matrices.there[point][column] as f32);
        Self {
            zero: row(0),
            pairs: std::array::from_fn(|pair| if 2 + 2 * pair < N { row(1 + 2 * pair) } else { [0.0; N] }),
            infinity: row(N - 1),
        }
    }
}

impl<const N: usize, const M: usize> Back<N, M> {
    /// Out of matrices of [`matrices`].
    pub(super) fn of(matrices: &Matrices) -> Self {
        let row = |point: usize| std::array::from_fn(|column| matrices.back[point][column] as f32);
        Self {
            pairs: std::array::from_fn(|pair| if 2 + 2 * pair < N { row(1 + 2 * pair) } else { [0.0; M] }),
        }
    }
}
