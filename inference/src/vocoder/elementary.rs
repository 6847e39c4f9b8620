//! Elementary functions without branches or tables, so that a loop over a frame's bins becomes vector code.
//!
//! Good to a few units in the last place of what the vocoder does with them; the tests compare each with the
//! standard library's. All pass a NaN on.

use std::f32::consts::{LOG2_E, TAU};

/// Adding and taking it away again rounds to the nearest whole number, for numbers below 2^22.
const ROUND: f32 = 12_582_912.0;

/// The part of ln 2 that the first eight bits hold exactly, and the rest (Cody and Waite's reduction).
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// `e^x`, for `x` up to 88. Below -87 it stays at the smallest normal number.
#[inline]
pub(crate) fn exp(x: f32) -> f32 {
    let x = if x < -87.0 { -87.0 } else { x };
    let shifted = x * LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let r = (x - whole * LN_2_HIGH) - whole * LN_2_LOW;
    let series = 1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5040.0));
    let series = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * series))));
    // The low bits of `shifted` are the whole part, two's complement: moved up, they are the exponent.
    series * f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0_f32.to_bits()))
}

/// `tanh x`, good to 2e-7 absolute.
#[inline]
pub(crate) fn tanh(x: f32) -> f32 {
    let x = if x > 20.0 { 20.0 } else { x };
    1.0 - 2.0 / (exp(2.0 * x) + 1.0)
}

/// `sin` and `cos` of `turns` full turns, for up to 2^22 turns; good to 3e-7 absolute, the sine near zero relatively.
#[inline]
pub(crate) fn sin_cos_turns(turns: f32) -> (f32, f32) {
    let r = turns - ((turns + ROUND) - ROUND);
    let a = r.abs();
    let sine = sine_of_quarter(if a > 0.25 { 0.5 - a } else { a }).copysign(r);
    let cosine = sine_of_quarter(0.25 - a);
    (sine, cosine)
}

/// `sin` of `turns` full turns.
#[inline]
pub(crate) fn sin_turns(turns: f32) -> f32 {
    sin_cos_turns(turns).0
}

/// Taylor's series of the sine, for -1/4 to 1/4 turns.
#[inline]
fn sine_of_quarter(turns: f32) -> f32 {
    let x = turns * TAU;
    let y = x * x;
    let series = 1.0 / 362_880.0 + y * (-1.0 / 39_916_800.0);
    x * (1.0 + y * (-1.0 / 6.0 + y * (1.0 / 120.0 + y * (-1.0 / 5040.0 + y * series))))
}

/// The natural logarithm of a positive, normal number: the exponent, and the series of `2 artanh` for the mantissa
/// brought between the square roots of 1/2 and 2.
#[inline]
pub(crate) fn ln(x: f32) -> f32 {
    // Moves the bits so that the exponent changes at the square root of 1/2.
    let bits = x.to_bits().wrapping_sub(std::f32::consts::FRAC_1_SQRT_2.to_bits());
    let exponent = (bits.cast_signed() >> 23) as f32;
    let mantissa = f32::from_bits((bits & 0x007f_ffff) + std::f32::consts::FRAC_1_SQRT_2.to_bits());
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let y = s * s;
    let series = 2.0 + y * (2.0 / 3.0 + y * (2.0 / 5.0 + y * (2.0 / 7.0 + y * (2.0 / 9.0))));
    exponent * LN_2_HIGH + (exponent * LN_2_LOW + s * series)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(from: f64, to: f64) -> impl Iterator<Item = f32> {
        (0..200_000).map(move |i| (from + (to - from) * f64::from(i) / 199_999.0) as f32)
    }

    #[test]
    fn exp_agrees_with_the_reference() {
        let worst = grid(-80.0, 8.0)
            .map(|x| (f64::from(exp(x)) / f64::from(x).exp() - 1.0).abs())
            .fold(0.0, f64::max);
        assert!(worst < 3e-7, "{worst}");
        assert!(exp(-1000.0) < 2e-38);
    }

    #[test]
    fn tanh_agrees_with_the_reference() {
        let worst =
            grid(-30.0, 30.0).map(|x| (f64::from(tanh(x)) - f64::from(x).tanh()).abs()).fold(0.0, f64::max);
        assert!(worst < 2e-7, "{worst}");
    }

    #[test]
    fn sine_and_cosine_agree_with_the_reference() {
        for x in grid(-40.0, 40.0) {
            let (sine, cosine) = sin_cos_turns(x);
            let angle = f64::from(x) * std::f64::consts::TAU;
            assert!((f64::from(sine) - angle.sin()).abs() < 3e-7, "sine of {x} turns");
            assert!((f64::from(cosine) - angle.cos()).abs() < 3e-7, "cosine of {x} turns");
        }
    }

    #[test]
    fn the_sine_near_zero_keeps_its_relative_accuracy() {
        for x in grid(1e-6, 1e-3) {
            let angle = f64::from(x) * std::f64::consts::TAU;
            assert!((f64::from(sin_turns(x)) / angle.sin() - 1.0).abs() < 3e-7, "sine of {x} turns");
        }
    }

    #[test]
    fn the_logarithm_agrees_with_the_reference() {
        for x in grid(1e-7, 4.0) {
            assert!((f64::from(ln(x)) - f64::from(x).ln()).abs() < 1e-6, "logarithm of {x}");
        }
        assert!(ln(1.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_number_stays_none() {
        assert!(exp(f32::NAN).is_nan());
        assert!(tanh(f32::NAN).is_nan());
        assert!(sin_turns(f32::NAN).is_nan());
    }
}
