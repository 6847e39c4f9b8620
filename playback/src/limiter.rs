//! Peak safety: no sample above the ceiling, and not a bit changed where none would be.

use std::collections::VecDeque;

/// The largest sample that leaves a [`Limiter`], -0.09 dBFS: what is rounded to 16 bits afterwards cannot clip.
pub const CEILING: f32 = 0.99;

/// Time over which the gain falls before a peak. Below about 1 ms the fall itself is heard as a click; the audio is
/// late by as much.
const ATTACK_SECONDS: f64 = 0.005;
/// Decibels by which the gain rises each second after a peak: half a decibel within the longest pitch period of
/// speech (12.5 ms, 80 Hz), so that it does not follow the single periods of a low voice, which would distort them.
const RELEASE_DB_PER_SECOND: f64 = 40.0;
/// A gain of 1 as a fixed-point number. Sums of gains are exact in it, so that they do not drift, however long the
/// audio, and come back to exactly 1.
const ONE: u64 = 1 << 30;
/// Samples in a moving average, at most: the products of three numbers that make a gain stay within 64 bits. More than
/// any device's rate asks for.
const LONGEST_AVERAGE: usize = 1 << 12;
/// Samples that [`limit`] moves at once.
const BLOCK: usize = 256;

/// A streaming look-ahead peak limiter of mono audio.
///
/// For each sample the gain that it needs is known; the gain in use is the least of those within the attack, rises
/// at a steady rate after it, and is smoothed by two moving averages as long as the attack together, so that it has
/// no edge: it is at or below what each sample needs when that sample leaves. This is the usual structure of a
/// brick-wall limiter (Giannoulis, Massberg, Reiss, "Digital dynamic range compressor design", JAES 60(6), 2012, for
/// gain computers and their smoothing; the sliding minimum after Lemire, "Streaming maximum-minimum filter using no
/// more than three comparisons per element", Nordic Journal of Computing 13(4), 2006).
///
/// Where everything within the attack is at or below the ceiling and the gain has risen again, samples leave bit for
/// bit as they came. The delay of the look-ahead is taken off at the start, so that output and input agree in time.
/// Samples must be finite. It does not look between samples: an analogue signal may pass the ceiling there.
#[derive(Debug)]
pub struct Limiter {
    /// Samples within the attack, the present one included.
    window: usize,
    /// What the gain rises by each sample, as a factor.
    rise: f64,
    /// Samples that wait for their gain.
    delayed: VecDeque<f32>,
    least: SlidingMinimum,
    /// The least gain within the attack, or what it has risen to after that.
    gain: f64,
    smooth: [MovingAverage; 2],
    out: Vec<f32>,
    /// Samples since the beginning.
    pushed: u64,
}

impl Limiter {
    /// A limiter of audio at `rate` samples per second.
    pub fn new(rate: u32) -> Self {
        // Two averages of `half` samples each, one after the other, see 2 half - 1 samples.
        let half = ((ATTACK_SECONDS * f64::from(rate) / 2.0) as usize).clamp(1, LONGEST_AVERAGE);
        let window = 2 * half - 1;
        Self {
            window,
            rise: 10_f64.powf(RELEASE_DB_PER_SECOND / 20.0 / f64::from(rate.max(1))),
            delayed: VecDeque::with_capacity(window),
            least: SlidingMinimum::new(window),
            gain: 1.0,
            smooth: [MovingAverage::new(half, ONE), MovingAverage::new(half, ONE * half as u64)],
            out: Vec::with_capacity(window.max(BLOCK)),
            pushed: 0,
        }
    }

    /// Samples that are held back until what follows them is known.
    pub const fn delay(&self) -> usize {
        self.window - 1
    }

    /// Limits `input`, handing out what is ready: as many samples as came in, but for the first
    /// [`delay`](Self::delay).
    pub fn push(&mut self, input: &[f32], put: &mut impl FnMut(&[f32])) {
        for block in input.chunks(BLOCK) {
            self.out.clear();
            for &sample in block {
                self.step(sample);
            }
            put(&self.out);
        }
    }

    /// Hands out what is held back, so that the output ends where the input did, and begins anew.
    pub fn flush(&mut self, put: &mut impl FnMut(&[f32])) {
        self.out.clear();
        // Silence needs no gain, so it changes none.
        for _ in 0..self.delay() {
            self.step(0.0);
        }
        put(&self.out);
        self.reset();
    }

    /// Forgets everything that was pushed.
    pub fn reset(&mut self) {
        self.delayed.clear();
        self.least.clear();
        self.gain = 1.0;
        self.smooth.iter_mut().for_each(MovingAverage::clear);
        self.pushed = 0;
    }

    fn step(&mut self, sample: f32) {
        let needed = f64::from(CEILING) / f64::from(sample.abs().max(CEILING));
        let least = self.least.push(self.pushed, needed);
        self.pushed += 1;
        self.gain = (self.gain * self.rise).min(least);
        // Rounded down, so that the average is never above what is needed.
        let mut gain = (self.gain * ONE as f64) as u64;
        for average in &mut self.smooth {
            gain = average.push(gain);
        }
        self.delayed.push_back(sample);
        if self.delayed.len() == self.window
            && let Some(sample) = self.delayed.pop_front()
        {
            let half = self.smooth[0].len() as u64;
            let gain = gain as f64 / (ONE * half * half) as f64;
            self.out.push((f64::from(sample) * gain) as f32);
        }
    }
}

/// Limits a whole piece of audio at `rate` samples per second, in place, as a [`Limiter`] does.
pub fn limit(samples: &mut [f32], rate: u32) {
    let mut limiter = Limiter::new(rate);
    let mut block = [0.0; BLOCK];
    let mut written = 0;
    for start in (0..samples.len()).step_by(BLOCK) {
        let end = samples.len().min(start + BLOCK);
        let block = &mut block[..end - start];
        block.copy_from_slice(&samples[start..end]);
        limiter.push(block, &mut |ready| {
            samples[written..written + ready.len()].copy_from_slice(ready);
            written += ready.len();
        });
    }
    limiter.flush(&mut |ready| samples[written..written + ready.len()].copy_from_slice(ready));
}

/// The least of the last values.
#[derive(Debug)]
struct SlidingMinimum {
    window: usize,
    /// Rising values, each the least from its place on.
    rising: VecDeque<(u64, f64)>,
}

impl SlidingMinimum {
    fn new(window: usize) -> Self {
        Self { window, rising: VecDeque::with_capacity(window + 1) }
    }

    /// The least of `value`, which has the place `at`, and those of the window before it.
    fn push(&mut self, at: u64, value: f64) -> f64 {
        while self.rising.back().is_some_and(|&(_, other)| other >= value) {
            self.rising.pop_back();
        }
        self.rising.push_back((at, value));
        while self.rising.front().is_some_and(|&(place, _)| place + self.window as u64 <= at) {
            self.rising.pop_front();
        }
        self.rising.front().map_or(value, |&(_, least)| least)
    }

    fn clear(&mut self) {
        self.rising.clear();
    }
}

/// The sum of the last values, which begin as `rest`.
#[derive(Debug)]
struct MovingAverage {
    values: Vec<u64>,
    rest: u64,
    next: usize,
    sum: u64,
}

impl MovingAverage {
    fn new(len: usize, rest: u64) -> Self {
        Self { values: vec![rest; len], rest, next: 0, sum: rest * len as u64 }
    }

    const fn len(&self) -> usize {
        self.values.len()
    }

    fn push(&mut self, value: u64) -> u64 {
        self.sum = self.sum - self.values[self.next] + value;
        self.values[self.next] = value;
        self.next = (self.next + 1) % self.values.len();
        self.sum
    }

    fn clear(&mut self) {
        self.values.fill(self.rest);
        self.next = 0;
        self.sum = self.rest * self.values.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATE: u32 = 24_000;

    fn limited(input: &[f32], rate: u32, cuts: usize) -> Vec<f32> {
        let mut limiter = Limiter::new(rate);
        let mut out = Vec::new();
        for piece in input.chunks(cuts) {
            limiter.push(piece, &mut |ready| out.extend_from_slice(ready));
        }
        limiter.flush(&mut |ready| out.extend_from_slice(ready));
        out
    }

    fn sine(frames: usize, level: f32) -> Vec<f32> {
        (0..frames).map(|n| level * (n as f32 * 0.05).sin()).collect()
    }

    #[test]
    fn what_is_below_the_ceiling_is_not_changed_by_a_bit() {
        let input = sine(10_000, CEILING);
        assert_eq!(limited(&input, RATE, 77), input);
    }

    #[test]
    fn a_peak_is_held_down_where_it_stands_and_only_its_surroundings_with_it() {
        let mut input = sine(40_000, 0.5);
        input[20_000] = 4.0;
        let output = limited(&input, 48_000, 480);
        assert!((output[20_000] - CEILING).abs() < 1e-4);
        let attack = (ATTACK_SECONDS * 48_000.0) as usize;
        assert_eq!(output[..20_000 - attack], input[..20_000 - attack]);
        // 12.1 dB take 0.31 s to rise again.
        let risen = 20_000
            + attack
            + (20.0 * f64::from(4.0 / CEILING).log10() / RELEASE_DB_PER_SECOND * 48_000.0) as usize;
        assert_eq!(output[risen + attack..], input[risen + attack..]);
    }

    #[test]
    fn the_gain_has_no_edge() {
        let mut input = vec![0.01; 30_000];
        input[8_000] = 10.0;
        let output = limited(&input, RATE, 240);
        let gain: Vec<f32> =
            output.iter().zip(&input).filter(|&(_, &x)| x < 1.0).map(|(y, x)| y / x).collect();
        let half = (ATTACK_SECONDS * f64::from(RATE) / 2.0) as f32;
        let slopes: Vec<f32> = gain.windows(2).map(|w| w[1] - w[0]).collect();
        let steepest = slopes.iter().fold(0.0_f32, |most, slope| most.max(slope.abs()));
        let bend = slopes.windows(2).fold(0.0_f32, |most, w| most.max((w[1] - w[0]).abs()));
        assert!(steepest <= 1.01 / half, "{steepest}");
        // Two moving averages: the slope itself moves by no more than this. The sample of the peak is left out, so
        // that the slope skips one.
        assert!(bend <= 2.5 / (half * half), "{bend}");
    }

    #[test]
    fn loud_speech_keeps_its_wave_within_a_pitch_period() {
        // 80 Hz, 6 dB too loud, after the attack: the gain moves by half a decibel at most.
        let input: Vec<f32> =
            (0..24_000).map(|n| 1.98 * (std::f32::consts::TAU * 80.0 * n as f32 / 24_000.0).sin()).collect();
        let output = limited(&input, RATE, 240);
        let gains: Vec<f32> = output
            .iter()
            .zip(&input)
            .skip(2_400)
            .filter(|&(_, &x)| x.abs() > 0.1)
            .map(|(y, x)| y / x)
            .collect();
        let (least, most) = gains.iter().fold((1.0_f32, 0.0_f32), |(l, m), &g| (l.min(g), m.max(g)));
        assert!(20.0 * (most / least).log10() < 0.5, "{least} to {most}");
    }

    #[test]
    fn what_was_flushed_or_reset_is_forgotten() {
        let mut limiter = Limiter::new(RATE);
        limiter.push(&[5.0; 500], &mut |_| {});
        limiter.flush(&mut |_| {});
        limiter.push(&[5.0; 500], &mut |_| {});
        limiter.reset();
        let mut out = Vec::new();
        limiter.push(&[0.5; 500], &mut |ready| out.extend_from_slice(ready));
        assert_eq!(out, vec![0.5; 500 - limiter.delay()]);
    }

    #[test]
    fn a_rate_without_sense_is_limited_all_the_same() {
        for rate in [0, 1, 300, u32::MAX] {
            assert!(limited(&vec![3.0; 20_000], rate, 999).iter().all(|s| *s <= CEILING), "{rate}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn nothing_passes_the_ceiling_and_cuts_and_places_change_nothing(
            runs in prop::collection::vec((-10.0_f32..10.0, 1_usize..400), 0..20),
            cuts in 1_usize..600,
            rate in prop::sample::select(vec![8_000_u32, 24_000, 44_100, 48_000, 96_000]),
        ) {
            let input: Vec<f32> = runs
                .iter()
                .flat_map(|&(level, len)| (0..len).map(move |n| if n % 7 == 3 { -level } else { level }))
                .collect();
            let output = limited(&input, rate, cuts);
            prop_assert!(output.iter().all(|sample| sample.abs() <= CEILING));
            prop_assert_eq!(output.len(), input.len());
            prop_assert!(output.iter().zip(&input).all(|(y, x)| y * x >= 0.0 && y.abs() <= x.abs()));
            let mut whole = input.clone();
            limit(&mut whole, rate);
            prop_assert_eq!(output, whole);
        }
    }
}
