//! Matrices for convolutions in tiles, with fewer multiplications.
//!
//! A tile of `m` outputs of a convolution with `r` taps takes `m r` products; evaluated at `m + r - 1` points it takes
//! as many as there are points (Toom and Cook; Winograd's `F(m, r)`).
//!
//! Source: "Fast Algorithms for Convolutional Neural Networks", Lavin and Gray, 2016.

/// The matrices of `F(tile, taps)`: a tile of outputs is `back * ((filter * taps) .* (there * inputs))`.
///
/// Where points come in pairs `x, -x` and everything else is zero or infinity, the rows of `there` of a pair differ in
/// the sign of their odd columns only, and so do those of `filter` and `back`.
#[derive(Debug)]
pub(crate) struct Matrices {
    /// `[points][points]`.
    pub(crate) there: Vec<Vec<f64>>,
    /// `[points][taps]`.
    pub(crate) filter: Vec<Vec<f64>>,
    /// `[points][tile]`, transposed.
    pub(crate) back: Vec<Vec<f64>>,
}

impl Matrices {
    /// Of `F(tile, taps)` at the points `finite` and, where they are one too few, infinity behind them.
    ///
    /// # Panics
    /// There are more than `tile + taps - 1` points, or more than one too few.
    pub(crate) fn of(tile: usize, taps: usize, finite: &[f64]) -> Self {
        let points = tile + taps - 1;
        assert!((points - 1..=points).contains(&finite.len()), "{points} points, or one fewer");
        let powers = |x: f64, count: usize| (0..count).map(|k| x.powi(k as i32)).collect::<Vec<f64>>();
        let last =
            |count: usize| (0..count).map(|k| f64::from(u8::from(k + 1 == count))).collect::<Vec<f64>>();
        let others = |j: usize| finite.iter().enumerate().filter(move |&(l, _)| l != j).map(|(_, &y)| y);
        let mut there: Vec<Vec<f64>> = (0..finite.len()).map(|j| with_roots(others(j))).collect();
        for row in &mut there {
            row.resize(points, 0.0);
        }
        let mut filter: Vec<Vec<f64>> = Vec::new();
        for (j, &x) in finite.iter().enumerate() {
            let norm: f64 = others(j).map(|y| x - y).product();
            filter.push(powers(x, taps).into_iter().map(|power| power / norm).collect());
        }
        let mut back: Vec<Vec<f64>> = finite.iter().map(|&x| powers(x, tile)).collect();
        if finite.len() < points {
            there.push(with_roots(finite.iter().copied()));
            filter.push(last(taps));
            back.push(last(tile));
        }
        balance(&mut there, &mut filter);
        Self { there, filter, back }
    }

    /// How many points there are.
    pub(crate) fn points(&self) -> usize {
        self.there.len()
    }
}

/// The coefficients, lowest first, of the monic polynomial with these roots.
fn with_roots(roots: impl Iterator<Item = f64>) -> Vec<f64> {
    roots.fold(vec![1.0], |polynomial, root| {
        let mut product = vec![0.0; polynomial.len() + 1];
        for (k, coefficient) in polynomial.into_iter().enumerate() {
            product[k + 1] += coefficient;
            product[k] -= root * coefficient;
        }
        product
    })
}

/// Evens out, for each point, how large the two factors of its product get. By powers of two, which cost no precision.
fn balance(there: &mut [Vec<f64>], filter: &mut [Vec<f64>]) {
    let largest = |row: &[f64]| row.iter().fold(0.0_f64, |largest, v| largest.max(v.abs()));
    for (there, filter) in there.iter_mut().zip(filter) {
        let ratio = (largest(filter) / largest(there)).log2() / 2.0;
        let factor = ratio.round().exp2();
        for value in there {
            *value *= factor;
        }
        for value in filter {
            *value /= factor;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_is_what_the_convolution_of_its_inputs_gives() {
        const POINTS: [f64; 13] = [0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 0.25, -0.25, 4.0, -4.0, 0.75, -0.75];
        for (tile, taps) in (2..=7).flat_map(|taps| [(6, taps), (4, taps)]) {
            for finite in [tile + taps - 2, tile + taps - 1] {
                let matrices = Matrices::of(tile, taps, &POINTS[..finite]);
                assert_eq!(matrices.points(), tile + taps - 1);
                let inputs: Vec<f64> = (0..matrices.points()).map(|i| (i as f64 * 1.7).sin()).collect();
                let filter: Vec<f64> = (0..taps).map(|i| (i as f64 * 0.9).cos()).collect();
                let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
                let products: Vec<f64> = matrices
                    .there
                    .iter()
                    .zip(&matrices.filter)
                    .map(|(there, row)| dot(there, &inputs) * dot(row, &filter))
                    .collect();
                for output in 0..tile {
                    let found: f64 =
                        matrices.back.iter().zip(&products).map(|(row, p)| row[output] * p).sum();
                    let expected = dot(&inputs[output..output + taps], &filter);
                    assert!((found - expected).abs() < 1e-11, "{taps} taps: {found} for {expected}");
                }
            }
        }
    }

    #[test]
    fn rows_of_a_pair_of_points_differ_in_the_sign_of_their_odd_columns() {
        let matrices = Matrices::of(6, 7, &[0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 0.75, -0.75, 1.5, -1.5]);
        for rows in [&matrices.there, &matrices.back] {
            for pair in 0..5 {
                let (plus, minus) = (&rows[1 + 2 * pair], &rows[2 + 2 * pair]);
                for (column, (plus, minus)) in plus.iter().zip(minus).enumerate() {
                    let sign = if column % 2 == 0 { 1.0 } else { -1.0 };
                    assert!((plus - sign * minus).abs() < 1e-12);
                }
            }
        }
    }
}
