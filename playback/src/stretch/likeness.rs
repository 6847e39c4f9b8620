//! How like itself a sound is at which lag.

use std::ops::RangeInclusive;

use super::{LONGEST, SHORTEST};

/// Samples that are compared: 15 ms, the longest period.
pub(super) const WINDOW: usize = LONGEST;
/// Samples of which one is made for the first look, at 4 kHz.
const DECIMATION: usize = 6;
const COARSE_WINDOW: usize = WINDOW / DECIMATION;
/// Mean power below which a sound is as good as silence: -54 dBFS.
const QUIET: f32 = 4e-6;
/// Most that the power of one stretch of noise is above that of another of the same noise: 6 dB.
const LEVEL: f32 = 4.0;
/// Correlation that a lag may lack to be taken in place of the best for the number of its periods.
const NEARLY: f32 = 0.05;
/// Sums that are kept apart, so that they are made side by side.
const LANES: usize = 8;

/// Where the other stretch lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// After this one.
    LeaveOut,
    /// Before it.
    Repeat,
}

/// A lag, and how like the sound is there to what it is here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Likeness {
    /// Samples.
    pub(super) lag: usize,
    /// From -1 to 1.
    pub(super) correlation: f32,
    /// Whether both are as good as silence.
    pub(super) is_quiet: bool,
    /// Whether both are about as loud.
    pub(super) is_level: bool,
}

/// Which of several periods to take, where all are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Periods {
    Fewest,
    Most,
}

/// Finds the lag from [`SHORTEST`] to [`LONGEST`] at which the [`WINDOW`] from `at` on is most like that before or
/// after it, by normalised correlation: first over all lags on a decimated copy, then around the best of them at the
/// full rate. Of the lags that are nearly as good as the best it is that of the fewest or most periods. In silence it
/// is the longest.
///
/// `None` where too little lies before `at`. [`WINDOW`] samples must lie after it, and [`LONGEST`] more where they are
/// to be left out.
pub(super) fn find(samples: &[f32], at: usize, direction: Direction, periods: Periods) -> Option<Likeness> {
    let longest = match direction {
        Direction::LeaveOut => LONGEST,
        Direction::Repeat => LONGEST.min(at / DECIMATION * DECIMATION),
    };
    if longest < SHORTEST {
        return None;
    }
    let full = Pair { samples, at, direction, window: WINDOW };
    let silence = full.likeness(longest);
    if silence.is_quiet {
        return Some(silence);
    }
    let first = match direction {
        Direction::LeaveOut => at,
        Direction::Repeat => at - longest,
    };
    let mut coarse = [0.0; (LONGEST + WINDOW) / DECIMATION];
    for (coarse, samples) in coarse.iter_mut().zip(samples[first..].chunks_exact(DECIMATION)) {
        *coarse = samples.iter().sum();
    }
    let here = (at - first) / DECIMATION;
    let coarse = Pair { samples: &coarse, at: here, direction, window: COARSE_WINDOW };
    let lag = DECIMATION * coarse.likely_lag(longest / DECIMATION, periods);
    let lags = (lag - DECIMATION).max(SHORTEST)..=(lag + DECIMATION).min(longest);
    Some(full.best(lags))
}

/// A stretch of a sound and those that it may be like.
struct Pair<'a> {
    samples: &'a [f32],
    at: usize,
    direction: Direction,
    window: usize,
}

impl Pair<'_> {
    fn likeness(&self, lag: usize) -> Likeness {
        let there = match self.direction {
            Direction::LeaveOut => self.at + lag,
            Direction::Repeat => self.at - lag,
        };
        let here = &self.samples[self.at..self.at + self.window];
        let there = &self.samples[there..there + self.window];
        let (power, other) = (dot(here, here), dot(there, there));
        let both = power * other;
        let quiet = QUIET * self.window as f32;
        Likeness {
            lag,
            correlation: if both > 0.0 { dot(here, there) / both.sqrt() } else { 0.0 },
            is_quiet: power < quiet && other < quiet,
            is_level: power <= LEVEL * other && other <= LEVEL * power,
        }
    }

    /// The best of `lags`, which must not be empty.
    fn best(&self, lags: RangeInclusive<usize>) -> Likeness {
        let first = self.likeness(*lags.start());
        lags.skip(1)
            .map(|lag| self.likeness(lag))
            .fold(first, |best, other| if other.correlation > best.correlation { other } else { best })
    }

    /// On the decimated copy: of the lags up to `longest` that are better than those beside them and nearly as good as
    /// the best, the shortest or longest; the best where there is none.
    fn likely_lag(&self, longest: usize, periods: Periods) -> usize {
        const FIRST: usize = SHORTEST / DECIMATION;
        let mut all = [0.0; LONGEST / DECIMATION - FIRST + 1];
        let all = &mut all[..=longest - FIRST];
        let mut best = 0;
        for n in 0..all.len() {
            all[n] = self.likeness(FIRST + n).correlation;
            if all[n] > all[best] {
                best = n;
            }
        }
        let enough = all[best] - NEARLY;
        let is_period = |&n: &usize| all[n] >= enough && all[n] >= all[n - 1] && all[n] >= all[n + 1];
        let mut inside = 1..all.len().saturating_sub(1);
        let period = match periods {
            Periods::Fewest => inside.find(is_period),
            Periods::Most => inside.rfind(is_period),
        };
        FIRST + period.unwrap_or(best)
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// As [`find`], by comparison at the full rate at every lag.
#[cfg(test)]
pub(super) fn find_among_all(samples: &[f32], at: usize, direction: Direction) -> Likeness {
    Pair { samples, at, direction, window: WINDOW }.best(SHORTEST..=LONGEST)
}
