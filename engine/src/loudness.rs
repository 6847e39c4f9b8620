//! How loud sessions speak, and what makes the fast one as loud as the quality one. Pure.

use sostenuto_inference::SessionKind;

/// A frame is 20 ms.
const FRAMES_PER_SECOND: usize = 50;
/// Speech is what is within so much of the loudest frame: vowels and most consonants, and no pause.
const GATE_DB: f64 = 25.0;
/// Frame levels are counted in steps of 1 dB from here to full scale; quieter ones count as just as quiet.
const LOWEST_DB: f64 = -90.0;
const STEPS: usize = 94;

/// Active loudness of a fragment while it streams: the root mean square over those frames of 20 ms that are within
/// 25 dB of the loudest.
///
/// The loudest may come last, so frames are kept as a histogram of their levels, and the gate is set when the level
/// is asked for (as loudness gates are in EBU R 128; the gate is taken to whole steps of 1 dB). It allocates nothing.
#[derive(Clone, Debug)]
pub struct ActiveLevel {
    frame: usize,
    /// Samples, and the sum of their squares, of the frame that is not full yet.
    begun: (usize, f64),
    /// Frames of each level, and the sum of their mean squares.
    frames: [(u32, f64); STEPS],
}

/// An active level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Mean square over the active frames, full scale being 1.
    pub power: f64,
    /// How long the active frames last.
    pub seconds: f64,
}

impl Level {
    /// In dB relative to full scale.
    pub fn dbfs(self) -> f64 {
        10.0 * self.power.log10()
    }
}

impl ActiveLevel {
    /// The level of audio of which nothing has been heard, at `rate` samples per second.
    pub fn new(rate: u32) -> Self {
        let frame = (rate as usize / FRAMES_PER_SECOND).max(1);
        Self { frame, begun: (0, 0.0), frames: [(0, 0.0); STEPS] }
    }

    /// Hears the samples that follow. What is not finite counts as silence.
    pub fn push(&mut self, samples: &[f32]) {
        for &sample in samples {
            let square = f64::from(sample).powi(2);
            self.begun.0 += 1;
            self.begun.1 += if square.is_finite() { square } else { 0.0 };
            if self.begun.0 == self.frame {
                let power = self.begun.1 / self.frame as f64;
                let step = (10.0 * power.log10() - LOWEST_DB).clamp(0.0, (STEPS - 1) as f64) as usize;
                self.frames[step].0 += 1;
                self.frames[step].1 += power;
                self.begun = (0, 0.0);
            }
        }
    }

    /// The level so far; `None` of silence. A last part of a frame is left out.
    pub fn level(&self) -> Option<Level> {
        let loudest = self.frames.iter().rposition(|frames| frames.0 > 0).filter(|&step| step > 0)?;
        let active = &self.frames[loudest.saturating_sub(GATE_DB as usize).max(1)..];
        let count: u32 = active.iter().map(|frames| frames.0).sum();
        let power = active.iter().map(|frames| frames.1).sum::<f64>() / f64::from(count);
        Some(Level { power, seconds: f64::from(count) / FRAMES_PER_SECOND as f64 })
    }

    /// Forgets what was heard, before the next fragment.
    pub fn restart(&mut self) {
        self.begun = (0, 0.0);
        self.frames = [(0, 0.0); STEPS];
    }
}

/// What a stream has heard of a session.
#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    /// Energy of the active frames in units of power times seconds, and their seconds, older fragments counting less.
    energy: f64,
    seconds: f64,
    /// Seconds in all.
    total: f64,
}

impl Heard {
    /// What is kept of the old at each fragment: a memory of about twenty.
    const MEMORY: f64 = 0.95;

    fn hear(&mut self, level: Level) {
        self.energy = Self::MEMORY * self.energy + level.power * level.seconds;
        self.seconds = Self::MEMORY * self.seconds + level.seconds;
        self.total += level.seconds;
    }

    /// Mean level in dBFS, once there is enough to go by.
    fn dbfs(&self) -> Option<f64> {
        (self.total >= LevelMatch::ENOUGH_S).then(|| 10.0 * (self.energy / self.seconds).log10())
    }
}

/// Makes the fast session as loud as the quality session, in one stream.
///
/// The fast session comes with a fixed gain that was measured for its voice; this follows what is left: how the two
/// differ in what was spoken so far. It moves slowly and not far, so that no listener hears it move.
///
/// Two sentences differ by themselves: by 0.4 dB (standard deviation) in the quality session and 0.6 in the fast one.
/// So a difference is believed to the part `t / (t + 5 s)`, `t` being the active speech heard of that session of which
/// less was heard; believed wholly, it would add more than it takes away where the fixed gain is right.
#[derive(Clone, Debug, Default)]
pub struct LevelMatch {
    quality: Heard,
    fast: Heard,
    correction_db: f64,
}

impl LevelMatch {
    /// Active speech that is needed of both sessions before anything is corrected.
    pub const ENOUGH_S: f64 = 2.0;
    /// The most that is corrected, up or down.
    pub const MOST_DB: f64 = 2.0;
    /// Active speech from which on a difference is believed by half.
    pub const HALF_BELIEVED_S: f64 = 5.0;
    /// The most that the correction changes from one fragment to the next.
    pub const STEP_DB: f64 = 0.5;

    /// Hears a fragment as its session gave it, before [`next_gain`](Self::next_gain) was applied. What cannot be the
    /// level of a fragment, below -90 dBFS, above +20 dBFS or longer than an hour, is passed over.
    pub fn hear(&mut self, session: SessionKind, level: Level) {
        let possible = (1e-9..=1e2).contains(&level.power) && (0.0..=3_600.0).contains(&level.seconds);
        if !possible {
            return;
        }
        match session {
            SessionKind::Quality => self.quality.hear(level),
            SessionKind::Fast => self.fast.hear(level),
        }
    }

    /// The factor for the samples of the fast session's next fragment; asked for once for each.
    pub fn next_gain(&mut self) -> f32 {
        if let (Some(quality), Some(fast)) = (self.quality.dbfs(), self.fast.dbfs()) {
            let heard = self.quality.seconds.min(self.fast.seconds);
            let believed = (quality - fast) * heard / (heard + Self::HALF_BELIEVED_S);
            let wanted = believed.clamp(-Self::MOST_DB, Self::MOST_DB);
            self.correction_db += (wanted - self.correction_db).clamp(-Self::STEP_DB, Self::STEP_DB);
        }
        10.0_f64.powf(self.correction_db / 20.0) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATE: u32 = 24_000;

    /// A square wave, whose root mean square is its amplitude.
    fn wave(dbfs: f64, seconds: f64) -> Vec<f32> {
        let amplitude = 10.0_f64.powf(dbfs / 20.0) as f32;
        let samples = (seconds * f64::from(RATE)) as usize;
        (0..samples).map(|n| if n / 60 % 2 == 0 { amplitude } else { -amplitude }).collect()
    }

    fn level(parts: &[Vec<f32>]) -> Option<Level> {
        let mut active = ActiveLevel::new(RATE);
        for part in parts {
            active.push(part);
        }
        active.level()
    }

    fn at(dbfs: f64, seconds: f64) -> Level {
        Level { power: 10.0_f64.powf(dbfs / 10.0), seconds }
    }

    #[test]
    fn pauses_do_not_make_speech_quieter() {
        let level =
            level(&[wave(-50.0, 1.0), wave(-20.0, 1.0), vec![0.0; 24_000], wave(-20.0, 0.5)]).unwrap();
        assert!((level.dbfs() + 20.0).abs() < 0.01, "{level:?}");
        assert!((level.seconds - 1.5).abs() < 1e-9);
    }

    #[test]
    fn silence_has_no_level() {
        assert_eq!(level(&[]), None);
        assert_eq!(level(&[vec![0.0; 24_000]]), None);
        assert_eq!(level(&[vec![f32::NAN; 24_000]]), None);
        let mut active = ActiveLevel::new(RATE);
        active.push(&wave(-20.0, 1.0));
        active.restart();
        assert_eq!(active.level(), None);
    }

    #[test]
    fn nothing_is_corrected_before_both_were_heard_for_two_seconds() {
        let mut levels = LevelMatch::default();
        levels.hear(SessionKind::Quality, at(-20.0, 10.0));
        levels.hear(SessionKind::Fast, at(-21.0, 1.9));
        assert_eq!(levels.next_gain(), 1.0);
        levels.hear(SessionKind::Fast, at(-21.0, 0.1));
        assert!(levels.next_gain() > 1.0);
    }

    #[test]
    fn a_difference_is_made_up_for_step_by_step_as_far_as_it_is_believed() {
        let mut levels = LevelMatch::default();
        levels.hear(SessionKind::Quality, at(-20.0, 5.0));
        levels.hear(SessionKind::Fast, at(-21.6, 7.0));
        let gains = [levels.next_gain(), levels.next_gain(), levels.next_gain()];
        for (gain, decibels) in gains.into_iter().zip([0.5, 0.8, 0.8]) {
            assert!((20.0 * f64::from(gain).log10() - decibels).abs() < 1e-6, "{gain}");
        }
    }

    proptest! {
        #[test]
        fn the_level_does_not_depend_on_how_the_audio_was_cut(
            samples in prop::collection::vec(-1.0_f32..1.0, 0..4_000), cut in 0_usize..4_000,
        ) {
            let (first, second) = samples.split_at(cut.min(samples.len()));
            prop_assert_eq!(level(&[first.to_vec(), second.to_vec()]), level(&[samples]));
        }

        #[test]
        fn the_gain_moves_by_its_step_within_its_bounds_whatever_is_heard(
            heard in prop::collection::vec((any::<bool>(), any::<f64>(), any::<f64>()), 0..80),
        ) {
            let mut levels = LevelMatch::default();
            let mut before = 0.0;
            for (fast, power, seconds) in heard {
                levels.hear(if fast { SessionKind::Fast } else { SessionKind::Quality }, Level { power, seconds });
                let decibels = 20.0 * f64::from(levels.next_gain()).log10();
                prop_assert!(decibels.abs() <= LevelMatch::MOST_DB + 1e-6);
                prop_assert!((decibels - before).abs() <= LevelMatch::STEP_DB + 1e-6);
                before = decibels;
            }
        }
    }
}
