//! Whether memory grows.
//!
//! A straight line is laid through resident memory over time by least squares, and the interval in which its slope
//! lies with 95 % confidence is told beside it (Draper and Smith, *Applied Regression Analysis*, 3rd ed., 1.4).
//!
//! That interval takes it that what is left over beside the line is independent from sample to sample. Resident
//! memory is not: it is a staircase, and a page that was touched stays for the next hundred samples. So the number of
//! samples is cut down to those that are worth something on their own, `n (1 - r) / (1 + r)` with `r` the correlation
//! of neighbouring residuals (Santer et al., 2000, doi:10.1029/1999JD901105, equation 6). This holds for a memory of
//! one sample; slow waves, such as a cache that fills and is emptied over many minutes, still look like growth or hide
//! it. A run that is longer than those is the only cure.

use serde::{Deserialize, Serialize};

use crate::Memory;
use crate::student_t::two_sided_95;

/// So much of the time from the beginning is left out: models are loaded, caches fill, arenas find their size.
const WARM_UP_SHARE: f64 = 0.25;
/// Under this many seconds (warm-up included) nothing is said about hours.
pub(crate) const SHORTEST_S: f64 = 300.0;
/// The first sample is taken when a run has begun, and the last before it ends: together so long after the one and before
/// the other, at most.
const ENDS_S: f64 = 1.0;
/// With fewer samples behind the warm-up nothing is said at all.
const FEWEST: usize = 10;

/// How fast memory grows, with 95 % confidence.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct MemorySlope {
    /// The slope of the line, in megabytes (10^6 bytes) an hour.
    pub mb_per_hour: f64,
    /// The lower bound of the slope.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
    /// Where the line begins, in seconds: the end of the warm-up.
    pub from_s: f64,
    /// Megabytes on the line at that moment.
    pub from_mb: f64,
    /// Samples that the line was laid through.
    pub samples: usize,
}

impl MemorySlope {
    /// Memory grew for certain: even the lower bound is above nothing.
    pub fn has_grown(&self) -> bool {
        self.low > 0.0
    }

    /// Megabytes on the line at `at_s` seconds.
    pub fn at(&self, at_s: f64) -> f64 {
        self.from_mb + self.mb_per_hour * (at_s - self.from_s) / 3600.0
    }
}

/// The line through `memory` behind its warm-up; `None` where the series is too short or has too few samples.
pub fn memory_slope(memory: &[Memory]) -> Option<MemorySlope> {
    let (first, last) = (memory.first()?.at_s, memory.last()?.at_s);
    let span = last - first;
    if span.is_nan() || span < SHORTEST_S - ENDS_S {
        return None;
    }
    let from_s = first + WARM_UP_SHARE * span;
    let points: Vec<(f64, f64)> =
        memory.iter().filter(|m| m.at_s >= from_s).map(|m| (m.at_s - from_s, m.resident_mb)).collect();
    if points.len() < FEWEST {
        return None;
    }
    let line = Line::through(&points)?;
    let margin = two_sided_95(line.worth - 2.0) * line.standard_error;
    // A byte, which reads back from a report to the last bit.
    let told = |value: f64| (value * 1e6).round() / 1e6;
    let hourly = |slope: f64| told(slope * 3600.0);
    Some(MemorySlope {
        mb_per_hour: hourly(line.slope),
        low: hourly(line.slope - margin),
        high: hourly(line.slope + margin),
        from_s: told(from_s),
        from_mb: told(line.intercept),
        samples: points.len(),
    })
}

/// A line laid through points by least squares.
struct Line {
    slope: f64,
    intercept: f64,
    /// Of the slope.
    standard_error: f64,
    /// Independent samples that the points are worth; at least 3.
    worth: f64,
}

impl Line {
    /// `None` where all points lie at one moment or are not numbers.
    fn through(points: &[(f64, f64)]) -> Option<Self> {
        let n = points.len() as f64;
        let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / n;
        let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / n;
        let spread: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
        let slope = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>() / spread;
        let intercept = mean_y - slope * mean_x;
        let residuals: Vec<f64> = points.iter().map(|(x, y)| y - (intercept + slope * x)).collect();
        let squares: f64 = residuals.iter().map(|r| r * r).sum();
        let neighbours: f64 = residuals.windows(2).map(|pair| pair[0] * pair[1]).sum();
        let correlation = if squares > 0.0 { (neighbours / squares).clamp(0.0, 1.0) } else { 0.0 };
        let worth = (n * (1.0 - correlation) / (1.0 + correlation)).max(3.0);
        let standard_error = (squares / (worth - 2.0) / spread).sqrt();
        (slope.is_finite() && standard_error.is_finite()).then_some(Self {
            slope,
            intercept,
            standard_error,
            worth,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::growing;

    /// Norris, from NIST's Statistical Reference Datasets (linear regression, lower difficulty): `(x, y)`.
    const NORRIS: [(f64, f64); 36] = [
        (0.2, 0.1),
        (337.4, 338.8),
        (118.2, 118.1),
        (884.6, 888.0),
        (10.1, 9.2),
        (226.5, 228.1),
        (666.3, 668.5),
        (996.3, 998.5),
        (448.6, 449.1),
        (777.0, 778.9),
        (558.2, 559.2),
        (0.4, 0.3),
        (0.6, 0.1),
        (775.5, 778.1),
        (666.9, 668.8),
        (338.0, 339.3),
        (447.5, 448.9),
        (11.6, 10.8),
        (556.0, 557.7),
        (228.1, 228.3),
        (995.8, 998.0),
        (887.6, 888.8),
        (120.2, 119.6),
        (0.3, 0.3),
        (0.3, 0.6),
        (556.8, 557.6),
        (339.1, 339.3),
        (887.2, 888.0),
        (999.0, 998.5),
        (779.0, 778.9),
        (11.1, 10.2),
        (118.3, 117.6),
        (229.2, 228.9),
        (669.1, 668.4),
        (448.9, 449.2),
        (0.5, 0.2),
    ];

    #[test]
    fn a_line_is_the_one_that_nist_certifies() {
        let line = Line::through(&NORRIS).unwrap();
        assert!((line.slope - 1.002_116_818_020_45).abs() < 1e-12, "{}", line.slope);
        assert!((line.intercept + 0.262_323_073_774_029).abs() < 1e-10, "{}", line.intercept);
        // Certified for all 36 samples; here it is for those that the residuals' correlation leaves.
        let all = line.standard_error * ((line.worth - 2.0) / 34.0).sqrt();
        assert!((all - 0.429_796_848_199_937e-3).abs() < 1e-12, "{all}");
    }

    #[test]
    fn a_leak_is_told_and_its_size_lies_in_the_interval() {
        let slope = memory_slope(&growing(1_200, 30.0, 0.5)).unwrap();
        assert!(slope.has_grown());
        assert!((slope.low..=slope.high).contains(&30.0), "{slope:?}");
        assert!(slope.high - slope.low < 5.0, "{slope:?}");
    }

    #[test]
    fn memory_that_stays_has_not_grown_even_where_it_is_a_staircase() {
        let memory: Vec<Memory> = (0..1_200)
            .map(|second| Memory {
                at_s: f64::from(second),
                resident_mb: 500.0 + if (second / 100) % 2 == 0 { 0.0 } else { 4.0 },
            })
            .collect();
        let slope = memory_slope(&memory).unwrap();
        assert!(!slope.has_grown(), "{slope:?}");
    }

    #[test]
    fn memory_that_never_moves_has_the_slope_nothing() {
        let still = memory_slope(&growing(600, 0.0, 0.0)).unwrap();
        assert_eq!((still.mb_per_hour, still.low, still.high), (0.0, 0.0, 0.0));
        assert!(!still.has_grown());
    }

    #[test]
    fn the_warm_up_is_left_out() {
        let mut memory = growing(1_200, 0.0, 0.0);
        for point in memory.iter_mut().filter(|point| point.at_s < 250.0) {
            point.resident_mb = point.at_s;
        }
        let slope = memory_slope(&memory).unwrap();
        assert_eq!(slope.mb_per_hour, 0.0);
        assert_eq!(slope.samples, 900);
    }

    #[test]
    fn of_a_short_series_nothing_is_said() {
        assert_eq!(memory_slope(&[]), None);
        assert_eq!(memory_slope(&growing(200, 10.0, 0.1)), None);
        let sparse: Vec<Memory> = growing(1_200, 10.0, 0.1).into_iter().step_by(200).collect();
        assert_eq!(memory_slope(&sparse), None);
        let mut broken = growing(600, 10.0, 0.1);
        broken[500].resident_mb = f64::NAN;
        assert_eq!(memory_slope(&broken), None);
    }
}
