//! The way to the points of a tile and back, halved: rows of a pair of points differ in signs only.

use crate::toom_cook::Matrices;

/// Where tiles of 8 with 3 taps are evaluated, besides infinity. Found by trial, as those below: by climbing from sets
/// that are closed under `x -> 1 / x` to where random rows lose the fewest digits.
const TEN: [f64; 9] = [0.0, 0.422, -0.422, 0.766, -0.766, 1.219, -1.219, 2.5, -2.5];
/// For tiles of 8 with 7 taps.
const FOURTEEN: [f64; 13] =
    [0.0, 0.297, -0.297, 0.609, -0.609, 0.891, -0.891, 1.156, -1.156, 1.656, -1.656, 3.469, -3.469];
/// For tiles of 6 with 11 taps.
const SIXTEEN: [f64; 15] =
    [0.0, 0.25, -0.25, 0.547, -0.547, 0.8, -0.8, 1.0, -1.0, 1.266, -1.266, 1.813, -1.813, 3.547, -3.547];

/// The most pairs of points.
const PAIRS: usize = 7;

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

/// The matrices for tiles of `outputs` of `taps` taps, at 10, 14 or 16 points.
pub(super) fn matrices(outputs: usize, taps: usize) -> Matrices {
    let finite: &[f64] = match outputs + taps - 1 {
        10 => &TEN,
        14 => &FOURTEEN,
        _ => &SIXTEEN,
    };
    Matrices::of(outputs, taps, finite)
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
