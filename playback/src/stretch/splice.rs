//! The cross-fade under which two stretches of sound become one.

use std::f32::consts::PI;

/// Fades from `from` to `to`, which are equally long, into `out`.
///
/// Raised-cosine weights, scaled so that the level is kept at every sample where the levels of both are the same: for
/// weights `a` and `b` of signals with the correlation `c` the sum has the level `sqrt(a² + b² + 2abc)`. Like periods
/// keep their wave, noises their power.
pub(super) fn splice(from: &[f32], to: &[f32], correlation: f32, out: &mut Vec<f32>) {
    let turn = PI / from.len() as f32;
    let correlation = correlation.clamp(0.0, 1.0);
    out.clear();
    out.extend(from.iter().zip(to).enumerate().map(|(n, (from, to))| {
        let b = 0.5 - 0.5 * (turn * (n as f32 + 0.5)).cos();
        let a = 1.0 - b;
        (a * from + b * to) / (a * a + b * b + 2.0 * a * b * correlation).sqrt()
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_stretches_come_out_as_they_went_in() {
        let wave: Vec<f32> = (0..200).map(|n| (n as f32 * 0.1).sin()).collect();
        let mut out = Vec::new();
        splice(&wave, &wave, 1.0, &mut out);
        assert!(out.iter().zip(&wave).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn it_begins_as_one_and_ends_as_the_other() {
        let mut out = Vec::new();
        splice(&[1.0; 100], &[-1.0; 100], 0.0, &mut out);
        assert!(out[0] > 0.999 && out[99] < -0.999);
        assert!(out.windows(2).all(|pair| pair[0] > pair[1]));
    }
}
