//! Student's t: how many standard errors wide an interval is.

/// The t that is passed in either direction in 5 of 100 cases, with `freedom` degrees of freedom, which need not be
/// whole; under one is taken as one.
///
/// Algorithm 396 (G. W. Hill, Communications of the ACM 13(10), 1970, doi:10.1145/355598.355600), good to 4 digits and
/// more for all degrees of freedom.
#[expect(clippy::many_single_char_names, reason = "the letters are those of the paper")]
pub(crate) fn two_sided_95(freedom: f64) -> f64 {
    const P: f64 = 0.05;
    /// The standard normal distribution's quantile at 2.5 of 100.
    const NORMAL: f64 = -1.959_963_984_540_054;
    let n = freedom.max(1.0);
    if (n - 1.0).abs() < 1e-6 {
        return 1.0 / (P * std::f64::consts::FRAC_PI_2).tan();
    }
    if (n - 2.0).abs() < 1e-6 {
        return (2.0 / (P * (2.0 - P)) - 2.0).sqrt();
    }
    let a = 1.0 / (n - 0.5);
    let b = 48.0 / (a * a);
    let mut c = ((20_700.0 * a / b - 98.0) * a - 16.0) * a + 96.36;
    let d = ((94.5 / (b + c) - 3.0) / b + 1.0) * (a * std::f64::consts::FRAC_PI_2).sqrt() * n;
    let mut y = (d * P).powf(2.0 / n);
    if y > 0.05 + a {
        let x = NORMAL;
        y = x * x;
        if n < 5.0 {
            c += 0.3 * (n - 4.5) * (x + 0.6);
        }
        c += (((0.05 * d * x - 5.0) * x - 7.0) * x - 2.0) * x + b;
        y = (((((0.4 * y + 6.3) * y + 36.0) * y + 94.5) / c - y - 3.0) / b + 1.0) * x;
        y = (a * y * y).exp_m1();
    } else {
        y = ((1.0 / (((n + 6.0) / (n * y) - 0.089 * d - 0.822) * (n + 2.0) * 3.0) + 0.5 / (n + 4.0)) * y
            - 1.0)
            * (n + 1.0)
            / (n + 2.0)
            + 1.0 / y;
    }
    (n * y).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_tables_of_the_distribution_say() {
        for (freedom, t) in [
            (0.5, 12.706_2),
            (1.0, 12.706_2),
            (2.0, 4.302_7),
            (3.0, 3.182_4),
            (4.0, 2.776_4),
            (5.0, 2.570_6),
            (8.0, 2.306_0),
            (10.0, 2.228_1),
            (30.0, 2.042_3),
            (120.0, 1.979_9),
            (1e6, 1.959_966),
        ] {
            let found = two_sided_95(freedom);
            assert!((found - t).abs() < 2e-3 * t, "{freedom}: {found} is not {t}");
        }
    }

    #[test]
    fn it_falls_as_samples_are_added() {
        let steps: Vec<f64> = (10..2_000).map(|tenths| two_sided_95(f64::from(tenths) / 10.0)).collect();
        assert!(steps.windows(2).all(|pair| pair[1] <= pair[0] * (1.0 + 1e-3)), "{steps:?}");
    }
}
