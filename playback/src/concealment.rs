//! What is heard where samples are missing: the voice held for a moment, then silence.

mod pitch;

use std::f32::consts::PI;

use crate::fade::Fade;
use pitch::{Pitch, PitchSearch};

/// How long a voice is held at its full level, and when it has fallen to silence, in seconds (ITU-T G.711
/// Appendix I).
const FULL_UNTIL: f32 = 0.010;
const SILENT_FROM: f32 = 0.060;
/// How long what has no pitch takes to fall to silence, in seconds.
const UNVOICED_FADE: f32 = 0.008;

/// What sounds at present.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Nothing,
    /// The last pitch period, again and again.
    Voiced {
        period: usize,
        /// How far the last sample heard lies above the one before the period. Taken off within a fade.
        joint: f32,
    },
    /// The last moments backwards, on a raised cosine.
    Unvoiced,
    /// The last sample, on a fade.
    Held {
        sample: f32,
    },
}

/// Keeps what was rendered last, and goes on from there where nothing follows.
///
/// It begins where the last sample ended, so that nothing clicks. Allocates nothing after it was made; the work is
/// bounded whatever it holds.
#[derive(Debug)]
pub(crate) struct Concealment {
    rate: f32,
    search: PitchSearch,
    /// A ring, whose oldest sample is at `oldest`.
    look_back: Box<[f32]>,
    oldest: usize,
    /// The look-back in order of time, as it was when the concealment began.
    recent: Box<[f32]>,
    /// The last pitch period.
    cycle: Box<[f32]>,
    shape: Shape,
    /// Samples since it began.
    at: usize,
    release: Fade,
}

impl Concealment {
    /// A concealment for audio of `rate` frames per second, of which nothing was heard.
    pub(crate) fn new(rate: u32) -> Self {
        let search = PitchSearch::new(rate);
        let longest = search.longest();
        // Two periods, for the blend of a cycle's end.
        let length = search.needs().max(2 * longest + 1);
        Self {
            rate: rate as f32,
            search,
            look_back: vec![0.0; length].into(),
            oldest: 0,
            recent: vec![0.0; length].into(),
            cycle: vec![0.0; longest].into(),
            shape: Shape::Nothing,
            at: 0,
            release: Fade::new(rate),
        }
    }

    /// Remembers a sample that was rendered.
    pub(crate) fn remember(&mut self, sample: f32) {
        self.look_back[self.oldest] = sample;
        self.oldest += 1;
        if self.oldest == self.look_back.len() {
            self.oldest = 0;
        }
    }

    /// Forgets everything and is silent: what it was of must not be heard again.
    pub(crate) fn forget(&mut self) {
        self.look_back.fill(0.0);
        self.shape = Shape::Nothing;
    }

    /// Begins where the last sample ended: with its pitch where it has one.
    pub(crate) fn begin(&mut self) {
        let (newer, older) = self.look_back.split_at(self.oldest);
        self.recent[..older.len()].copy_from_slice(older);
        self.recent[older.len()..].copy_from_slice(newer);
        let shape = match self.search.of(&self.recent) {
            Pitch::Silent => Shape::Held { sample: self.last() },
            Pitch::Unvoiced => Shape::Unvoiced,
            Pitch::Voiced(period) => {
                self.cut_cycle(period);
                let before = self.recent[self.recent.len() - 1 - period];
                Shape::Voiced { period, joint: self.last() - before }
            }
        };
        self.start(shape);
    }

    /// Lets the last sample fall to silence within a fade: what is over is not drawn out.
    pub(crate) fn let_go(&mut self) {
        let sample = self.last();
        self.start(if sample == 0.0 { Shape::Nothing } else { Shape::Held { sample } });
    }

    /// Whether there is something to be heard.
    pub(crate) fn sounds(&self) -> bool {
        self.shape != Shape::Nothing
    }

    /// The next sample. Where it is `released`, it falls to silence within a fade.
    pub(crate) fn next(&mut self, released: bool) -> f32 {
        let at = self.at;
        let seconds = at as f32 / self.rate;
        let sample = match self.shape {
            Shape::Nothing => return 0.0,
            Shape::Voiced { period, joint } => {
                let joint = joint * (1.0 - (at + 1) as f32 * self.release.step()).max(0.0);
                let level = ((SILENT_FROM - seconds) / (SILENT_FROM - FULL_UNTIL)).min(1.0);
                (level > 0.0).then(|| (self.cycle[at % period] + joint) * level)
            }
            Shape::Unvoiced => {
                let part = seconds / UNVOICED_FADE;
                let level = 0.5 * (1.0 + (PI * part).cos());
                (part < 1.0).then(|| self.recent[self.recent.len() - 1 - at] * level)
            }
            Shape::Held { sample } => {
                let level = 1.0 - (at + 1) as f32 * self.release.step();
                (level > 0.0).then_some(sample * level)
            }
        };
        self.at += 1;
        let level = match self.shape {
            // On a fade as it is.
            Shape::Held { .. } => 1.0,
            _ if released => self.release.fall(),
            _ => self.release.level(),
        };
        match sample {
            Some(sample) if level > 0.0 => sample * level,
            _ => {
                self.shape = Shape::Nothing;
                0.0
            }
        }
    }

    /// The sample that was rendered last.
    fn last(&self) -> f32 {
        self.look_back[self.oldest.checked_sub(1).unwrap_or(self.look_back.len() - 1)]
    }

    /// Cuts the last `period` samples, the last quarter of them blended into what came a period before, so that the
    /// end of the cycle leads to its beginning.
    fn cut_cycle(&mut self, period: usize) {
        let end = self.recent.len();
        let cycle = &mut self.cycle[..period];
        cycle.copy_from_slice(&self.recent[end - period..]);
        let quarter = period / 4;
        let earlier = &self.recent[end - period - quarter..end - period];
        for (n, (sample, earlier)) in cycle[period - quarter..].iter_mut().zip(earlier).enumerate() {
            let part = (n + 1) as f32 / quarter as f32;
            *sample += (earlier - *sample) * part;
        }
    }

    fn start(&mut self, shape: Shape) {
        (self.shape, self.at) = (shape, 0);
        self.release.fill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 48_000;

    fn tone(n: usize) -> f32 {
        0.5 * (std::f32::consts::TAU * 200.0 * n as f32 / RATE as f32).sin()
    }

    fn largest_step(samples: &[f32]) -> f32 {
        samples.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
    }

    /// What follows the first `heard` samples of `sound`, with the last of them.
    fn concealed(heard: usize, sound: impl Fn(usize) -> f32) -> Vec<f32> {
        let mut concealment = Concealment::new(RATE);
        (0..heard).for_each(|n| concealment.remember(sound(n)));
        concealment.begin();
        let mut out = vec![sound(heard - 1)];
        while concealment.sounds() {
            out.push(concealment.next(false));
        }
        out
    }

    #[test]
    fn a_voice_goes_on_at_its_pitch_for_ten_milliseconds_and_is_gone_after_sixty() {
        let out = concealed(4_321, tone);
        for (n, &sample) in out[1..480].iter().enumerate() {
            assert!((sample - tone(4_321 + n)).abs() < 0.02, "{n}: {sample}");
        }
        assert!((2_880..=2_882).contains(&out.len()), "{}", out.len());
        assert!(largest_step(&out) < 1.2 * largest_step(&(0..480).map(tone).collect::<Vec<_>>()));
        let peak = |range: std::ops::Range<usize>| out[range].iter().fold(0.0, |a: f32, s| a.max(s.abs()));
        assert!((peak(1_600..1_760) - 0.25).abs() < 0.03, "half way it has half its level");
    }

    #[test]
    fn noise_falls_away_on_itself_and_silence_stays_silent() {
        let noise = |n: usize| ((n * n * 7_919) % 1_009) as f32 / 1_009.0 - 0.5;
        let out = concealed(5_000, noise);
        assert_eq!(out.len(), 386, "8 ms");
        assert_eq!(out[0], out[1]);
        assert!(out[300..].iter().all(|sample| sample.abs() < 0.1));
        assert!(concealed(5_000, |_| 0.0).iter().all(|&sample| sample == 0.0));
    }

    #[test]
    fn what_is_released_is_gone_within_a_fade() {
        let mut concealment = Concealment::new(RATE);
        (0..4_000).for_each(|n| concealment.remember(tone(n)));
        concealment.begin();
        let out: Vec<f32> = (0..240).map(|_| concealment.next(true)).collect();
        assert!(out[100].abs() > 0.0 && !concealment.sounds());
    }

    #[test]
    fn what_was_forgotten_is_not_heard_again() {
        let mut concealment = Concealment::new(RATE);
        (0..4_000).for_each(|n| concealment.remember(tone(n)));
        concealment.forget();
        concealment.begin();
        assert!((0..4_000).all(|_| concealment.next(false) == 0.0));
    }
}
