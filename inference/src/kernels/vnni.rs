//! Products of 8 bits in AVX-512 with VNNI. `unsafe` is this module's name.

use std::arch::x86_64::{
    __m128i, __m512, __m512i, _mm512_add_epi32, _mm512_add_ps, _mm512_cvtepi32_ps, _mm512_cvtps_epi32,
    _mm512_cvtusepi32_epi8, _mm512_dpbusd_epi32, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_max_epi32,
    _mm512_min_ps, _mm512_mul_ps, _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_ps, _mm512_setzero_si512,
    _mm512_storeu_ps,
};

use super::ConvShape;
use super::avx512::Avx512;
use super::int8::ZERO;
use super::primitives::by_rows;

/// Columns of a register block.
pub(super) const COLUMNS: usize = 32;
/// The most rows of a register block.
pub(super) const MOST_ROWS: usize = 12;
/// Lanes of a register, 32 bits each.
const LANES: usize = 16;
/// Products that go into one lane.
const AT_ONCE: usize = 4;

/// The most channels and taps, and the furthest dilation. A sum of so many products may need more than 32 bits only
/// where channels times taps are more than 65,000.
const MOST: usize = 1 << 12;

/// A machine that has AVX-512 with VNNI.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vnni(Avx512);

/// A block of [`Vnni::block`].
pub(super) struct Block<'a> {
    /// The rows that its first tap looks at, `inputs` bytes each.
    pub(super) input: &'a [u8],
    pub(super) inputs: usize,
    pub(super) taps: usize,
    /// Bytes from one tap to the next.
    pub(super) step: usize,
    /// `[taps][inputs / 4][COLUMNS][4]`.
    pub(super) weights: &'a [i8],
    /// Per column, where its sum begins.
    pub(super) starts: &'a [i32],
    /// Per column, what its sum is multiplied with.
    pub(super) scales: &'a [f32],
    /// Per column.
    pub(super) bias: &'a [f32],
    /// Added before it is stored.
    pub(super) residual: Option<&'a [f32]>,
    /// Whether it is added to what is there.
    pub(super) onto: bool,
    /// The first column of the first row.
    pub(super) out: &'a mut [f32],
    /// Floats of a row of `out` and `residual`.
    pub(super) outputs: usize,
    /// Sum and squares per column.
    pub(super) sums: Option<(&'a mut [f64], &'a mut [f64])>,
}

/// Floats as bytes to work in.
pub(super) fn bytes(floats: &mut [f32]) -> &mut [u8] {
    let len = size_of_val(floats);
    // SAFETY: the bytes are those of the floats, which stay borrowed; any bytes are floats, and floats are bytes.
    unsafe { std::slice::from_raw_parts_mut(floats.as_mut_ptr().cast(), len) }
}

/// Whether blocks fill the shape, and no product of sizes overflows.
pub(super) fn fits(shape: ConvShape) -> bool {
    let ConvShape { inputs, outputs, taps, dilation } = shape;
    let small = [inputs, outputs, taps, dilation].into_iter().all(|size| (1..=MOST).contains(&size));
    small && inputs.is_multiple_of(LANES) && outputs.is_multiple_of(COLUMNS)
}

/// Where a weight is.
pub(super) fn place(shape: ConvShape, output: usize, input: usize, tap: usize) -> usize {
    let (block, column) = (output / COLUMNS, output % COLUMNS);
    let group = (block * shape.taps + tap) * (shape.inputs / AT_ONCE) + input / AT_ONCE;
    (group * COLUMNS + column) * AT_ONCE + input % AT_ONCE
}

impl Vnni {
    /// `None` where the machine has AVX-512 alone.
    pub(super) fn with(floats: Avx512) -> Option<Self> {
        is_x86_feature_detected!("avx512vnni").then_some(Self(floats))
    }

    /// The kernels of the same machine in floats.
    pub(super) fn floats(self) -> Avx512 {
        self.0
    }

    /// Rounds a row of floats times factors to bytes around [`ZERO`].
    #[expect(clippy::unused_self, reason = "it stands for a machine with the instruction set")]
    pub(super) fn round(self, row: &[f32], factors: &[f32], out: &mut [u8]) {
        // SAFETY: `self` stands for a machine with the instruction set.
        unsafe { round(row, factors, out) }
    }

    /// Rows of 32 columns of a convolution: products, scales and the store.
    #[expect(clippy::unused_self, reason = "it stands for a machine with the instruction set")]
    pub(super) fn block(self, rows: usize, block: Block<'_>) {
        by_rows!(rows, MOST_ROWS, products(block));
    }
}

#[target_feature(enable = "avx512f")]
unsafe fn round(row: &[f32], factors: &[f32], out: &mut [u8]) {
    let width = row.len();
    assert!(width.is_multiple_of(LANES) && factors.len() == width && out.len() == width, "whole registers");
    for at in (0..width).step_by(LANES) {
        // SAFETY: every access is of 16 values from `at`, which is below the common length of the slices, a multiple of 16.
        unsafe {
            let value = _mm512_mul_ps(
                _mm512_loadu_ps(row.as_ptr().add(at)),
                _mm512_loadu_ps(factors.as_ptr().add(at)),
            );
            // Beyond 2^31 the conversion would give the least number for the largest.
            let value = _mm512_min_ps(value, _mm512_set1_ps(127.0));
            let whole = _mm512_add_epi32(_mm512_cvtps_epi32(value), _mm512_set1_epi32(i32::from(ZERO)));
            let whole = _mm512_cvtusepi32_epi8(_mm512_max_epi32(whole, _mm512_setzero_si512()));
            out.as_mut_ptr().add(at).cast::<__m128i>().write_unaligned(whole);
        }
    }
}

#[target_feature(enable = "avx512f,avx512vnni")]
unsafe fn products<const M: usize>(block: Block<'_>) {
    let Block {
        input,
        inputs,
        taps,
        step,
        weights,
        starts,
        scales,
        bias,
        residual,
        onto,
        out,
        outputs,
        sums,
    } = block;
    assert!(input.len() >= (taps - 1) * step + M * inputs, "rows for every tap");
    assert!(weights.len() >= taps * inputs * COLUMNS && inputs.is_multiple_of(AT_ONCE), "a panel");
    assert!(starts.len() >= COLUMNS && scales.len() >= COLUMNS && bias.len() >= COLUMNS, "per column");
    assert!(out.len() >= (M - 1) * outputs + COLUMNS, "room for the rows");
    assert!(residual.is_none_or(|rows| rows.len() >= (M - 1) * outputs + COLUMNS), "a residual");
    // SAFETY: the bounds of every access are asserted, those of the stores in `store` among them; loads need no
    // alignment.
    unsafe {
        let mut left = [starts.as_ptr().cast::<__m512i>().read_unaligned(); M];
        let mut right = [starts.as_ptr().add(LANES).cast::<__m512i>().read_unaligned(); M];
        let mut weights = weights.as_ptr();
        for tap in 0..taps {
            let mut input = input.as_ptr().add(tap * step);
            for _ in 0..inputs / AT_ONCE {
                let w = [
                    weights.cast::<__m512i>().read_unaligned(),
                    weights.add(LANES * AT_ONCE).cast::<__m512i>().read_unaligned(),
                ];
                weights = weights.add(COLUMNS * AT_ONCE);
                for m in 0..M {
                    // A check for overflow in here would keep the totals in memory.
                    let four = input.add(m.wrapping_mul(inputs)).cast::<i32>().read_unaligned();
                    let x = _mm512_set1_epi32(four);
                    left[m] = _mm512_dpbusd_epi32(left[m], x, w[0]);
                    right[m] = _mm512_dpbusd_epi32(right[m], x, w[1]);
                }
                input = input.add(AT_ONCE);
            }
        }
        // Through memory once, so that they are not kept there all along.
        let mut totals = [[_mm512_setzero_si512(); M]; 2];
        for m in 0..M {
            totals[0].as_mut_ptr().add(m).write_volatile(left[m]);
            totals[1].as_mut_ptr().add(m).write_volatile(right[m]);
        }
        let (mut of_values, mut of_squares) = ([0.0; COLUMNS], [0.0; COLUMNS]);
        for (at, totals) in [0, LANES].into_iter().zip(&totals) {
            let values = Half {
                scales: scales.as_ptr().add(at),
                bias: bias.as_ptr().add(at),
                residual: residual.map(|rows| rows.as_ptr().add(at)),
                onto,
                out: out.as_mut_ptr().add(at),
                outputs,
            };
            let [sum, squares] = store(totals, &values);
            _mm512_storeu_ps(of_values.as_mut_ptr().add(at), sum);
            _mm512_storeu_ps(of_squares.as_mut_ptr().add(at), squares);
        }
        if let Some((sum, squares)) = sums {
            for (to, of_rows) in [sum, squares].into_iter().zip([of_values, of_squares]) {
                for (to, value) in to.iter_mut().zip(of_rows) {
                    *to += f64::from(value);
                }
            }
        }
    }
}

/// Where 16 columns of a block go, and what they are scaled with.
struct Half {
    scales: *const f32,
    bias: *const f32,
    residual: Option<*const f32>,
    onto: bool,
    out: *mut f32,
    outputs: usize,
}

/// Stores 16 columns, and returns the sums of their values and squares.
///
/// # Safety
/// There are 16 scales and biases, and 16 floats in each of `M` rows, `outputs` apart.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn store<const M: usize>(totals: &[__m512i; M], to: &Half) -> [__m512; 2] {
    // SAFETY: the caller has looked after the bounds.
    unsafe {
        let (scale, bias) = (_mm512_loadu_ps(to.scales), _mm512_loadu_ps(to.bias));
        let (mut sum, mut squares) = (_mm512_setzero_ps(), _mm512_setzero_ps());
        for (m, &total) in totals.iter().enumerate() {
            let mut value = _mm512_fmadd_ps(_mm512_cvtepi32_ps(total), scale, bias);
            if let Some(residual) = to.residual {
                value = _mm512_add_ps(value, _mm512_loadu_ps(residual.add(m * to.outputs)));
            }
            let out = to.out.add(m * to.outputs);
            if to.onto {
                value = _mm512_add_ps(value, _mm512_loadu_ps(out));
            }
            _mm512_storeu_ps(out, value);
            sum = _mm512_add_ps(sum, value);
            squares = _mm512_fmadd_ps(value, value, squares);
        }
        [sum, squares]
    }
}
