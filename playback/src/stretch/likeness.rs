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
    /// Where the other stretch begins.
    fn there(&self, lag: usize) -> usize {
        match self.direction {
            Direction::LeaveOut => self.at + lag,
            Direction::Repeat => self.at - lag,
        }
    }

    fn window(&self, from: usize) -> &[f32] {
        &self.samples[from..from + self.window]
    }

    fn likeness(&self, lag: usize) -> Likeness {
        let (here, there) = (self.window(self.at), self.window(self.there(lag)));
        self.judge(lag, dot(here, here), dot(there, there))
    }

    /// The likeness at `lag` of stretches with the energies `here` and `there`.
    fn judge(&self, lag: usize, here: f32, there: f32) -> Likeness {
        let product = dot(self.window(self.at), self.window(self.there(lag)));
        let both = here * there;
        let quiet = QUIET * self.window as f32;
        Likeness {
            lag,
            correlation: if both > 0.0 { product / both.sqrt() } else { 0.0 },
            is_quiet: here < quiet && there < quiet,
            is_level: here <= LEVEL * there && there <= LEVEL * here,
        }
    }

    /// The likeness at each of `lags`, which must not be empty. The energy of a window is made from that of the one
    /// before it.
    fn each(&self, lags: RangeInclusive<usize>) -> impl Iterator<Item = Likeness> {
        let here = self.window(self.at);
        let here = dot(here, here);
        let first = *lags.start();
        let there = self.window(self.there(first));
        let mut energy = f64::from(dot(there, there));
        lags.map(move |lag| {
            if lag > first {
                let from = self.there(lag);
                let (new, old) = match self.direction {
                    Direction::LeaveOut => (from + self.window - 1, from - 1),
                    Direction::Repeat => (from, from + self.window),
                };
                energy += f64::from(self.samples[new]).powi(2) - f64::from(self.samples[old]).powi(2);
            }
            self.judge(lag, here, energy.max(0.0) as f32)
        })
    }

    /// The best of `lags`, which must not be empty.
    fn best(&self, lags: RangeInclusive<usize>) -> Likeness {
        let more_alike = |best: Likeness, other: Likeness| {
            if other.correlation > best.correlation { other } else { best }
        };
        let first = self.likeness(*lags.start());
        self.each(lags).fold(first, more_alike)
    }

    /// On the decimated copy: of the lags up to `longest` that are better than those beside them and nearly as good as
    /// the best, the shortest or longest; the best where there is none.
    fn likely_lag(&self, longest: usize, periods: Periods) -> usize {
        const FIRST: usize = SHORTEST / DECIMATION;
        let mut all = [0.0; LONGEST / DECIMATION - FIRST + 1];
        let all = &mut all[..=longest - FIRST];
        let mut best = 0;
        for (n, likeness) in self.each(FIRST..=longest).enumerate() {
            all[n] = likeness.correlation;
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
pub(super) fn find_among_all(samples: &[f32], at: usize, direction: Direction) -> f32 {
    let full = Pair { samples, at, direction, window: WINDOW };
    (SHORTEST..=LONGEST).map(|lag| full.likeness(lag).correlation).fold(-1.0, f32::max)
}
