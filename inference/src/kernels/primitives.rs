//! The inner loops of the fast kernels, written once over [`Vector`] and compiled for each instruction set.
//!
//! `unsafe` is this module's name: the loops read and write through pointers, whose bounds each of them asserts first.
//! [`Kernels`] is the safe face: a value of a type that has it stands for a machine with the instruction set.

use super::Load;
use super::points::{Back, There};
use super::vector::Vector;

/// Inputs that one pass over a register block takes: so many rows of weights stay in the nearest cache.
pub(super) const PART: usize = 128;
/// Floats from one row of a [`Kernels::product`] to the next. A little more than a power of two, so that rows do not
/// share cache sets.
pub(super) const STRIDE: usize = PART + 16;
/// The most columns that a register block of any instruction set has.
pub(super) const MOST_COLUMNS: usize = 32;

/// The inner loops for one instruction set.
pub(super) trait Kernels: Copy {
    /// Columns of a register block.
    const COLUMNS: usize;
    /// The most rows of a register block.
    const ROWS: usize;

    /// Asks for values that are needed later.
    fn fetch(self, values: &[f32]);

    /// One row through a load.
    fn activate(self, load: &Load<'_>, row: &[f32], out: &mut [f32]);

    /// `PART` channels of a tile to its points; those of point `p` to `out[p * plane..]`.
    fn transform<const N: usize>(
        self,
        there: &There<N>,
        rows: &[&[f32; PART]; N],
        out: &mut [f32],
        plane: usize,
    );

    /// `rows` rows of `a` times a panel of weights `[PART][COLUMNS]` into, or with `onto` added to, `y`.
    fn product(self, rows: usize, a: &[f32], weights: &[f32], y: &mut [f32], onto: bool);

    /// A tile of outputs from `COLUMNS` columns of its points, point `p` at `y[p * plane..]`, and stores its rows.
    fn inverse<const N: usize, const M: usize>(
        self,
        back: &Back<N, M>,
        y: &[f32],
        plane: usize,
        tile: Tile<'_>,
    );

    /// `job.rows` rows times a panel of weights `[inputs][COLUMNS]`, with a bias, into rows of the output.
    fn dense(self, panel: Panel<'_>);

    /// Adds a row to sums and sums of squares per channel.
    fn add_sums(self, rows: &[f32], sum: &mut [f64], squares: &mut [f64]);
}

/// Where [`Kernels::inverse`] puts `COLUMNS` columns of a tile.
pub(super) struct Tile<'a> {
    /// Per column.
    pub(super) bias: &'a [f32],
    /// Rows of the tile that are stored, from the first.
    pub(super) rows: usize,
    /// Floats from one row of `out` and `residual` to the next.
    pub(super) step: usize,
    /// Added before it is stored.
    pub(super) residual: Option<&'a [f32]>,
    /// Whether it is added to what is there.
    pub(super) onto: bool,
    /// Where it goes.
    pub(super) out: &'a mut [f32],
    /// Sum and squares per column.
    pub(super) sums: Option<(&'a mut [f64], &'a mut [f64])>,
}

/// A block of rows and columns of [`Kernels::dense`].
pub(super) struct Panel<'a> {
    /// How many rows.
    pub(super) rows: usize,
    /// Row `r` are `inputs` floats from `r * step`.
    pub(super) input: &'a [f32],
    /// Floats from one row of the input to the next.
    pub(super) step: usize,
    /// Floats of a row of the input.
    pub(super) inputs: usize,
    /// `[inputs][COLUMNS]`.
    pub(super) weights: &'a [f32],
    /// Per column.
    pub(super) bias: &'a [f32],
    /// The first column of the first row.
    pub(super) out: &'a mut [f32],
    /// Floats of a row of the output.
    pub(super) outputs: usize,
    /// Columns that the output has here.
    pub(super) columns: usize,
}

/// See [`Kernels::activate`].
///
/// # Safety
/// The machine has the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn activate<V: Vector>(load: &Load<'_>, row: &[f32], out: &mut [f32]) {
    let width = row.len();
    assert_eq!(out.len(), width, "a row for a row");
    let whole = width - width % V::LANES;
    let (from, to) = (row.as_ptr(), out.as_mut_ptr());
    // SAFETY: the caller has the instruction set; every access is of `LANES` floats below `whole`, and each slice has
    // `width` of them.
    unsafe {
        match *load {
            Load::Plain => out.copy_from_slice(row),
            Load::Leaky(slope) => {
                let (zero, slope) = (V::splat(0.0), V::splat(slope));
                for at in (0..whole).step_by(V::LANES) {
                    let x = V::load(from.add(at));
                    x.min(zero).mul_add(slope, x.max(zero)).store(to.add(at));
                }
            }
            Load::Snake { scale, shift, alpha, inverse } => {
                assert!(
                    [scale, shift, alpha, inverse].iter().all(|values| values.len() >= width),
                    "per channel"
                );
                for at in (0..whole).step_by(V::LANES) {
                    let z = V::load(from.add(at))
                        .mul_add(V::load(scale.as_ptr().add(at)), V::load(shift.as_ptr().add(at)));
                    let sine = sine::<V>(z.mul(V::load(alpha.as_ptr().add(at))));
                    sine.mul(sine).mul_add(V::load(inverse.as_ptr().add(at)), z).store(to.add(at));
                }
            }
        }
    }
    for channel in whole..width {
        out[channel] = load.of(row[channel], channel);
    }
}

/// The sine, but for its sign, which squares do not have: in half turns, of which whole ones are taken off, a polynomial
/// of degree 9 is good to `2e-8`. The half turns themselves are rounded, which `1e-7` of the argument comes of.
///
/// Source of the coefficients: a minimax fit of `sin(pi x) / x` in `x^2`, up to a quarter turn.
///
/// # Safety
/// The machine has the instruction set of `V`.
#[inline(always)]
unsafe fn sine<V: Vector>(x: V) -> V {
    const POLYNOMIAL: [f32; 5] = [0.077_220_12, -0.598_045_2, 2.550_031_4, -5.167_706_5, 3.141_592_5];
    // SAFETY: the caller has the instruction set.
    unsafe {
        let half_turns = x.mul(V::splat(std::f32::consts::FRAC_1_PI));
        let x = half_turns.sub(half_turns.round());
        let square = x.mul(x);
        let mut p = V::splat(POLYNOMIAL[0]);
        for coefficient in &POLYNOMIAL[1..] {
            p = p.mul_add(square, V::splat(*coefficient));
        }
        p.mul(x)
    }
}

/// See [`Kernels::transform`].
///
/// # Safety
/// The machine has the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn transform<V: Vector, const N: usize>(
    there: &There<N>,
    rows: &[&[f32; PART]; N],
    out: &mut [f32],
    plane: usize,
) {
    assert!(out.len() >= (N - 1) * plane + PART, "room for every point");
    // SAFETY: the caller has the instruction set; every load is inside its row of `PART` floats, and every store inside
    // `out`, as asserted.
    unsafe {
        for at in (0..PART).step_by(V::LANES) {
            let to = out.as_mut_ptr().add(at);
            let mut x = [V::splat(0.0); N];
            for (x, row) in x.iter_mut().zip(rows) {
                *x = V::load(row.as_ptr().add(at));
            }
            let mut zero = x[0].mul(V::splat(there.zero[0]));
            for j in (2..N).step_by(2) {
                zero = x[j].mul_add(V::splat(there.zero[j]), zero);
            }
            zero.store(to);
            for pair in 0..(N - 1) / 2 {
                let coefficients = &there.pairs[pair];
                let mut even = x[2].mul(V::splat(coefficients[2]));
                for j in (4..N).step_by(2) {
                    even = x[j].mul_add(V::splat(coefficients[j]), even);
                }
                let mut odd = x[1].mul(V::splat(coefficients[1]));
                for j in (3..N - 1).step_by(2) {
                    odd = x[j].mul_add(V::splat(coefficients[j]), odd);
                }
                even.add(odd).store(to.add((1 + 2 * pair) * plane));
                even.sub(odd).store(to.add((2 + 2 * pair) * plane));
            }
            if N.is_multiple_of(2) {
                let mut infinity = x[1].mul(V::splat(there.infinity[1]));
                for j in (3..N).step_by(2) {
                    infinity = x[j].mul_add(V::splat(there.infinity[j]), infinity);
                }
                infinity.store(to.add((N - 1) * plane));
            }
        }
    }
}

/// See [`Kernels::product`], for `M` rows.
///
/// # Safety
/// The machine has the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn product<V: Vector, const M: usize>(
    a: &[f32],
    weights: &[f32],
    y: &mut [f32],
    onto: bool,
) {
    let columns = 2 * V::LANES;
    assert!(a.len() >= (M - 1) * STRIDE + PART, "{M} rows");
    assert!(weights.len() >= PART * columns && y.len() >= M * columns, "a panel, and room for its product");
    // SAFETY: the caller has the instruction set; the bounds of every access are asserted.
    unsafe {
        let (a, mut weights, y) = (a.as_ptr(), weights.as_ptr(), y.as_mut_ptr());
        let mut sums = [[V::splat(0.0); 2]; M];
        if onto {
            for (m, sums) in sums.iter_mut().enumerate() {
                *sums = [V::load(y.add(m * columns)), V::load(y.add(m * columns + V::LANES))];
            }
        }
        for k in 0..PART {
            let w = [V::load(weights), V::load(weights.add(V::LANES))];
            weights = weights.add(columns);
            for (m, sums) in sums.iter_mut().enumerate() {
                let x = V::splat(*a.add(m * STRIDE + k));
                sums[0] = x.mul_add(w[0], sums[0]);
                sums[1] = x.mul_add(w[1], sums[1]);
            }
        }
        for (m, sums) in sums.iter().enumerate() {
            sums[0].store(y.add(m * columns));
            sums[1].store(y.add(m * columns + V::LANES));
        }
    }
}

/// See [`Kernels::inverse`].
///
/// # Safety
/// The machine has the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn inverse<V: Vector, const N: usize, const M: usize>(
    back: &Back<N, M>,
    y: &[f32],
    plane: usize,
    tile: Tile<'_>,
) {
    let columns = 2 * V::LANES;
    let Tile { bias, rows, step, residual, onto, out, sums } = tile;
    assert!(rows >= 1 && rows <= M && bias.len() >= columns, "a tile");
    assert!(y.len() >= (N - 1) * plane + columns, "every point");
    assert!(out.len() >= (rows - 1) * step + columns, "room for the tile");
    assert!(residual.is_none_or(|residual| residual.len() >= (rows - 1) * step + columns), "a residual");
    let mut sums = sums;
    if let Some((sum, squares)) = &sums {
        assert!(sum.len() >= columns && squares.len() >= columns, "sums per column");
    }
    for half in 0..2 {
        let at = half * V::LANES;
        // SAFETY: the caller has the instruction set; the bounds of every access are asserted: `at` and the `LANES` floats
        // from it are within `columns`.
        unsafe {
            let y = y.as_ptr().add(at);
            let zero = V::load(y);
            let mut even = [V::splat(0.0); N];
            let mut odd = [V::splat(0.0); N];
            for pair in 0..(N - 1) / 2 {
                let plus = V::load(y.add((1 + 2 * pair) * plane));
                let minus = V::load(y.add((2 + 2 * pair) * plane));
                even[pair] = plus.add(minus);
                odd[pair] = plus.sub(minus);
            }
            let bias = V::load(bias.as_ptr().add(at));
            let (mut sum, mut squares) = (V::splat(0.0), V::splat(0.0));
            for i in 0..M {
                if i >= rows {
                    break;
                }
                let mut value = if i == 0 { bias.add(zero) } else { bias };
                for pair in 0..(N - 1) / 2 {
                    let part = if i % 2 == 0 { even[pair] } else { odd[pair] };
                    value = part.mul_add(V::splat(back.pairs[pair][i]), value);
                }
                if N.is_multiple_of(2) && i == M - 1 {
                    value = value.add(V::load(y.add((N - 1) * plane)));
                }
                if let Some(residual) = residual {
                    value = value.add(V::load(residual.as_ptr().add(i * step + at)));
                }
                let to = out.as_mut_ptr().add(i * step + at);
                if onto {
                    value = value.add(V::load(to));
                }
                value.store(to);
                sum = sum.add(value);
                squares = value.mul_add(value, squares);
            }
            if let Some((of_values, of_squares)) = &mut sums {
                accumulate(sum, &mut of_values[at..at + V::LANES]);
                accumulate(squares, &mut of_squares[at..at + V::LANES]);
            }
        }
    }
}

/// Adds the lanes to `to`.
///
/// # Safety
/// The machine has the instruction set of `V`.
#[inline(always)]
unsafe fn accumulate<V: Vector>(lanes: V, to: &mut [f64]) {
    let mut values = [0.0; MOST_COLUMNS];
    // SAFETY: the caller has the instruction set, and there is room for the most lanes.
    unsafe { lanes.store(values.as_mut_ptr()) };
    for (to, value) in to.iter_mut().zip(values).take(V::LANES) {
        *to += f64::from(value);
    }
}

/// See [`Kernels::dense`], for `M` rows.
///
/// # Safety
/// The machine has the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn dense<V: Vector, const M: usize>(panel: Panel<'_>) {
    let all = 2 * V::LANES;
    let Panel { input, step, inputs, weights, bias, out, outputs, columns, .. } = panel;
    assert!(input.len() >= (M - 1) * step + inputs, "{M} rows of the input");
    assert!(weights.len() >= inputs * all && bias.len() >= all && columns <= all, "a panel");
    assert!(out.len() >= (M - 1) * outputs + columns, "{M} rows of the output");
    // SAFETY: the caller has the instruction set; the bounds of every access are asserted, and the block that stands for
    // an output of fewer columns has room for the most rows and columns.
    unsafe {
        let (input, mut weights, bias) = (input.as_ptr(), weights.as_ptr(), bias.as_ptr());
        let bias = [V::load(bias), V::load(bias.add(V::LANES))];
        let mut sums = [bias; M];
        for k in 0..inputs {
            let w = [V::load(weights), V::load(weights.add(V::LANES))];
            weights = weights.add(all);
            for (m, sums) in sums.iter_mut().enumerate() {
                let x = V::splat(*input.add(m * step + k));
                sums[0] = x.mul_add(w[0], sums[0]);
                sums[1] = x.mul_add(w[1], sums[1]);
            }
        }
        if columns == all {
            for (m, sums) in sums.iter().enumerate() {
                for (half, &value) in sums.iter().enumerate() {
                    value.store(out.as_mut_ptr().add(m * outputs + half * V::LANES));
                }
            }
        } else {
            for (m, sums) in sums.iter().enumerate() {
                let mut row = [0.0; MOST_COLUMNS];
                sums[0].store(row.as_mut_ptr());
                sums[1].store(row.as_mut_ptr().add(V::LANES));
                out[m * outputs..][..columns].copy_from_slice(&row[..columns]);
            }
        }
    }
}

/// See [`Kernels::add_sums`]. Up to 16 rows are summed in single precision before they go to the sums.
///
/// # Safety
/// The machine has the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn add_sums<V: Vector>(rows: &[f32], sum: &mut [f64], squares: &mut [f64]) {
    const AT_ONCE: usize = 16;
    let width = sum.len();
    assert_eq!(squares.len(), width, "sums per channel");
    assert_eq!(rows.len() % width, 0, "whole rows");
    let whole = width - width % V::LANES;
    for rows in rows.chunks(AT_ONCE * width) {
        for at in (0..whole).step_by(V::LANES) {
            // SAFETY: the caller has the instruction set; every load is inside its row.
            unsafe {
                let (mut of_values, mut of_squares) = (V::splat(0.0), V::splat(0.0));
                for row in rows.chunks_exact(width) {
                    let value = V::load(row.as_ptr().add(at));
                    of_values = of_values.add(value);
                    of_squares = value.mul_add(value, of_squares);
                }
                accumulate(of_values, &mut sum[at..at + V::LANES]);
                accumulate(of_squares, &mut squares[at..at + V::LANES]);
            }
        }
        for row in rows.chunks_exact(width) {
            for channel in whole..width {
                sum[channel] += f64::from(row[channel]);
                squares[channel] += f64::from(row[channel]) * f64::from(row[channel]);
            }
        }
    }
}

/// Makes `$kernels`, which stands for a machine with the features and is made only where `$detected` says so, and
/// compiles the inner loops with them.
macro_rules! kernels {
    ($kernels:ident, $vector:ty, $features:literal, $detected:expr) => {
        /// A machine that has the instruction set.
        #[derive(Clone, Copy, Debug)]
        pub(super) struct $kernels(());

        impl $kernels {
            /// This machine, where it has the instruction set.
            pub(super) fn here() -> Option<Self> {
                $detected.then_some(Self(()))
            }
        }

        const _: () = {
            use crate::kernels::Load;
            use crate::kernels::aligned::LINE;
            use crate::kernels::points::{Back, There};
            use crate::kernels::primitives::{self, Kernels, PART, Panel, Tile};
            use crate::kernels::vector::Vector;

            #[target_feature(enable = $features)]
            unsafe fn activate(load: &Load<'_>, row: &[f32], out: &mut [f32]) {
                // SAFETY: the function is compiled for the instruction set. So for those below.
                unsafe { primitives::activate::<$vector>(load, row, out) }
            }

            #[target_feature(enable = $features)]
            unsafe fn transform<const N: usize>(
                there: &There<N>,
                rows: &[&[f32; PART]; N],
                out: &mut [f32],
                plane: usize,
            ) {
                // SAFETY: as above.
                unsafe { primitives::transform::<$vector, N>(there, rows, out, plane) }
            }

            #[target_feature(enable = $features)]
            unsafe fn product<const M: usize>(a: &[f32], weights: &[f32], y: &mut [f32], onto: bool) {
                // SAFETY: as above.
                unsafe { primitives::product::<$vector, M>(a, weights, y, onto) }
            }

            #[target_feature(enable = $features)]
            unsafe fn inverse<const N: usize, const M: usize>(
                back: &Back<N, M>,
                y: &[f32],
                plane: usize,
                tile: Tile<'_>,
            ) {
                // SAFETY: as above.
                unsafe { primitives::inverse::<$vector, N, M>(back, y, plane, tile) }
            }

            #[target_feature(enable = $features)]
            unsafe fn dense<const M: usize>(panel: Panel<'_>) {
                // SAFETY: as above.
                unsafe { primitives::dense::<$vector, M>(panel) }
            }

            #[target_feature(enable = $features)]
            unsafe fn add_sums(rows: &[f32], sum: &mut [f64], squares: &mut [f64]) {
                // SAFETY: as above.
                unsafe { primitives::add_sums::<$vector>(rows, sum, squares) }
            }

            impl Kernels for $kernels {
                const COLUMNS: usize = 2 * <$vector as Vector>::LANES;
                const ROWS: usize = <$vector as Vector>::ROWS;

                fn fetch(self, values: &[f32]) {
                    for line in values.chunks(LINE) {
                        <$vector as Vector>::fetch(line.as_ptr());
                    }
                }

                fn activate(self, load: &Load<'_>, row: &[f32], out: &mut [f32]) {
                    // SAFETY: `self` stands for a machine with the instruction set. So for those below.
                    unsafe { activate(load, row, out) }
                }

                fn transform<const N: usize>(
                    self,
                    there: &There<N>,
                    rows: &[&[f32; PART]; N],
                    out: &mut [f32],
                    plane: usize,
                ) {
                    // SAFETY: as above.
                    unsafe { transform(there, rows, out, plane) }
                }

                fn product(self, rows: usize, a: &[f32], weights: &[f32], y: &mut [f32], onto: bool) {
                    by_rows!(rows, Self::ROWS, product(a, weights, y, onto))
                }

                fn inverse<const N: usize, const M: usize>(
                    self,
                    back: &Back<N, M>,
                    y: &[f32],
                    plane: usize,
                    tile: Tile<'_>,
                ) {
                    // SAFETY: as above.
                    unsafe { inverse(back, y, plane, tile) }
                }

                fn dense(self, panel: Panel<'_>) {
                    by_rows!(panel.rows, Self::ROWS, dense(panel))
                }

                fn add_sums(self, rows: &[f32], sum: &mut [f64], squares: &mut [f64]) {
                    // SAFETY: as above.
                    unsafe { add_sums(rows, sum, squares) }
                }
            }
        };
    };
}

/// Calls what is compiled for so many rows; for more than there are registers for, nothing is compiled.
macro_rules! by_rows {
    (@ $rows:expr, $most:expr, $call:ident $arguments:tt, $($m:literal)*) => {
        match $rows {
            $($m if const { $m <= $most } => by_rows!(# $call, $m, $arguments),)*
            rows => unreachable!("{rows} rows in a block of {}", $most),
        }
    };
    (# $call:ident, $m:literal, ($($argument:expr),*)) => {
        // SAFETY: `self` stands for a machine with the instruction set.
        unsafe { $call::<$m>($($argument),*) }
    };
    ($rows:expr, $most:expr, $call:ident($($argument:expr),*)) => {
        by_rows!(@ $rows, $most, $call($($argument),*), 1 2 3 4 5 6 7 8 9 10 11 12)
    };
}

pub(super) use {by_rows, kernels};
