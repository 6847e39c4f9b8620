//! How long the last pitch period is.

use std::ops::RangeInclusive;

/// Pitch periods that are looked for, in seconds: 66 to 400 Hz.
const PERIODS: RangeInclusive<f32> = 0.0025..=0.015;
/// Stretch that is compared with what came a period before it, in seconds: a longest period and a third.
const WINDOW: f32 = 0.020;
/// Rate of the copy in which the period is looked for first, in Hz.
const SEARCH_RATE: u32 = 4_000;
/// Most products by which one period is compared at the full rate.
const FULL_RATE_PRODUCTS: usize = 256;
/// Least normalised correlation of what repeats.
const VOICED: f32 = 0.6;
/// Mean power below which nothing is worth holding: -66 dBFS.
const SILENT_POWER: f32 = 2.5e-7;

/// What a stretch of sound is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pitch {
    Silent,
    Unvoiced,
    /// It repeats after so many samples.
    Voiced(usize),
}

/// Finds the pitch period by autocorrelation: in a copy at about 4 kHz first, then near the best one at the full rate.
/// The work is bounded, whatever the rate and the sound. Allocates nothing after it was made.
#[derive(Debug)]
pub(super) struct PitchSearch {
    shortest: usize,
    longest: usize,
    window: usize,
    decimation: usize,
    /// The sound at about [`SEARCH_RATE`].
    coarse: Box<[f32]>,
}

impl PitchSearch {
    /// A search in sound of `rate` samples per second.
    pub(super) fn new(rate: u32) -> Self {
        let samples = |seconds: f32| ((seconds * rate as f32).ceil() as usize).max(1);
        let decimation = (rate / SEARCH_RATE).max(1) as usize;
        let mut search = Self {
            shortest: samples(*PERIODS.start()),
            longest: samples(*PERIODS.end()),
            window: samples(WINDOW),
            decimation,
            coarse: Box::default(),
        };
        search.coarse = vec![0.0; search.needs() / decimation].into();
        search
    }

    /// The longest period it finds, in samples.
    pub(super) const fn longest(&self) -> usize {
        self.longest
    }

    /// How many samples it looks at.
    pub(super) const fn needs(&self) -> usize {
        // A window, a longest period before it, and what the search at the full rate goes beyond that.
        self.window + self.longest + 2 * self.decimation
    }

    /// What the last samples of `sound` are; it holds as many as the search [`needs`](Self::needs).
    pub(super) fn of(&mut self, sound: &[f32]) -> Pitch {
        let window = &sound[sound.len() - self.window..];
        if window.iter().map(|s| s * s).sum::<f32>() < SILENT_POWER * self.window as f32 {
            return Pitch::Silent;
        }
        let spare = sound.len() - self.coarse.len() * self.decimation;
        for (coarse, samples) in self.coarse.iter_mut().zip(sound[spare..].chunks_exact(self.decimation)) {
            *coarse = samples.iter().sum();
        }
        let scaled = |samples: usize| (samples / self.decimation).max(1);
        let (coarse, _) =
            best(&self.coarse, scaled(self.window), 1, scaled(self.shortest)..=scaled(self.longest));
        let about = coarse * self.decimation;
        let from = about.saturating_sub(self.decimation).max(self.shortest);
        let to = (about + self.decimation).min(self.longest);
        let stride = self.window.div_ceil(FULL_RATE_PRODUCTS);
        match best(sound, self.window, stride, from..=to) {
            (period, score) if score >= VOICED => Pitch::Voiced(period),
            _ => Pitch::Unvoiced,
        }
    }
}

/// The lag at which the last `window` samples of `sound` are most like those before them, and how much, from -1 to 1.
/// Looks at every `stride`-th product. Of equals the shortest.
fn best(sound: &[f32], window: usize, stride: usize, lags: RangeInclusive<usize>) -> (usize, f32) {
    let start = sound.len() - window;
    let first = *lags.start();
    lags.filter(|&lag| lag <= start).fold((first, -1.0), |best, lag| {
        let now = sound[start..].iter().step_by(stride);
        let before = sound[start - lag..sound.len() - lag].iter().step_by(stride);
        let (mut product, mut power_now, mut power_before) = (0.0f32, 0.0f32, 0.0f32);
        for (now, before) in now.zip(before) {
            product += now * before;
            power_now += now * now;
            power_before += before * before;
        }
        let score = product / (power_now * power_before).sqrt().max(f32::MIN_POSITIVE);
        if score > best.1 { (lag, score) } else { best }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pitch_of(rate: u32, sample: impl Fn(usize) -> f32) -> Pitch {
        let mut search = PitchSearch::new(rate);
        let sound: Vec<f32> = (0..search.needs()).map(sample).collect();
        search.of(&sound)
    }

    /// A voice of `hz`: harmonics that fall, each with a phase of its own.
    fn voice(rate: u32, hz: f32) -> impl Fn(usize) -> f32 {
        move |n| {
            let turn = std::f32::consts::TAU * hz * n as f32 / rate as f32;
            (1..8).map(|k| 0.2 / k as f32 * (k as f32 * turn + (k * k) as f32).sin()).sum()
        }
    }

    #[test]
    fn the_period_of_a_voice_is_found_at_every_rate_or_a_multiple_of_it() {
        for rate in [8_000, 16_000, 24_000, 44_100, 48_000, 192_000] {
            for hz in [80.0, 123.0, 210.0, 333.0] {
                let Pitch::Voiced(period) = pitch_of(rate, voice(rate, hz)) else {
                    panic!("{hz} Hz at {rate} Hz has no pitch")
                };
                let periods = period as f32 * hz / rate as f32;
                let off = (periods - periods.round()).abs() * rate as f32 / hz;
                assert!(periods > 0.9 && off <= 1.0, "{hz} Hz at {rate} Hz: {period}");
            }
        }
    }

    #[test]
    fn noise_has_no_pitch_and_silence_is_silent() {
        let mut state = 1u32;
        let mut noise = vec![0.0; 4_000];
        for sample in &mut noise {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *sample = (state >> 8) as f32 / (1 << 24) as f32 - 0.5;
        }
        assert_eq!(pitch_of(48_000, |n| noise[n]), Pitch::Unvoiced);
        assert_eq!(pitch_of(48_000, |n| noise[n] * 1e-4), Pitch::Silent);
    }
}
