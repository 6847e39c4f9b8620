//! Audio that counts its samples, so that a listener knows which of them were heard.

use sostenuto_inference::{Fragment, Interrupt, PartSink, Synthesis, SynthesisError, Synthesizer, Voices};

/// Samples after which the count begins anew: what is lost or repeated at once must be shorter than half of it.
const CYCLE: u64 = 60_000;
/// Values are multiples of this, which 16-bit samples and floats hold exactly.
const STEP: f32 = 1.0 / 32_768.0;
/// Samples that a symbol of a [`Counting`] session lasts: 100 ms.
pub const COUNTED_SYMBOL: usize = 2_400;
/// Samples that count on one after the other before they are believed to be what was sent.
const SHORTEST_RUN: usize = 16;
/// As many for the first that are believed. In the middle of the first fade-in, rounded to 16 bits, up to 22 count on by
/// chance: there `n^2 / 120` rises by one a sample.
const FIRST_RUN: usize = 32;
/// Samples over which the renderer fades in at 24 kHz: 5 ms.
const FADE: i64 = 120;

/// A session that speaks sample `n` of its life as a value that tells `n`.
#[derive(Default)]
pub struct Counting {
    interrupt: Interrupt,
    next: u64,
}

impl Synthesizer for Counting {
    fn name(&self) -> &'static str {
        "counting"
    }

    fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    fn max_parts(&self, _tokens: usize) -> usize {
        1
    }

    fn voices(&self) -> Voices {
        Voices::Every
    }

    fn synthesize(
        &mut self,
        fragment: &Fragment,
        parts: &mut dyn PartSink,
    ) -> Result<Synthesis, SynthesisError> {
        let count = fragment.phonemes.chars().count() * COUNTED_SYMBOL;
        let samples: Vec<f32> = (self.next..).take(count).map(value).collect();
        self.next += count as u64;
        parts.put(&samples);
        Ok(Synthesis { samples: count, ..Synthesis::default() })
    }
}

/// The value of sample `n`.
fn value(n: u64) -> f32 {
    let within = n % CYCLE;
    let half = CYCLE / 2;
    let level = (within % half + 1) as f32 * STEP;
    if within < half { level } else { -level }
}

/// The place in the cycle that has this value.
fn place(sample: f32) -> Option<u64> {
    let level = sample / STEP;
    let half = CYCLE / 2;
    let is_one = level != 0.0 && level == level.round() && level.abs() <= half as f32;
    is_one.then(|| level.abs() as u64 - 1 + if level < 0.0 { half } else { 0 })
}

/// What a listener heard of counted audio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Samples that were heard as they were sent, each time counted.
    pub exact: u64,
    /// Times that the count did not go on.
    pub breaks: u64,
    /// Samples that were never heard, not even during a fade-in.
    pub lost: u64,
    /// Samples that were heard twice.
    pub repeated: u64,
    /// Frames of silence between the first sample and the last.
    pub silent: u64,
    /// Other frames between them that are no sample as it was sent: fades.
    pub torn: u64,
    /// The count after the last sample, from the first of the cycle in which the first was heard.
    pub end: u64,
}

/// Reads `recording`, mono at 24 kHz.
pub fn count(recording: &[f32]) -> Counted {
    let mut counted = Counted::default();
    // Silence and torn frames since the last run.
    let (mut silent, mut torn) = (0, 0);
    let mut at = 0;
    while at < recording.len() {
        let first = place(recording[at]);
        let follows = |n: usize| {
            let next = first.map(|first| (first + n as u64) % CYCLE);
            recording.get(at + n).is_some_and(|&sample| place(sample) == next)
        };
        let length =
            if first.is_some() { (0..recording.len() - at).take_while(|&n| follows(n)).count() } else { 0 };
        let shortest = if counted.exact == 0 { FIRST_RUN } else { SHORTEST_RUN };
        let Some(first) = first.filter(|_| length >= shortest) else {
            if recording[at] == 0.0 {
                silent += 1;
            } else {
                torn += 1;
            }
            at += 1;
            continue;
        };
        if counted.exact == 0 {
            counted.lost += first.saturating_sub(FADE as u64);
            counted.end = first;
        } else {
            let half = (CYCLE / 2) as i64;
            let apart = (first as i64 - (counted.end % CYCLE) as i64 + half).rem_euclid(CYCLE as i64) - half;
            counted.silent += silent;
            counted.torn += torn;
            if apart != 0 || silent + torn > 0 {
                counted.breaks += 1;
                // What the fade-in distorts was heard all the same. The server's own gaps have none.
                let fade = FADE.min(torn as i64);
                counted.lost += (apart - fade).max(0) as u64;
                counted.repeated += (fade - apart).max(0) as u64 * u64::from(apart != 0);
            }
            counted.end = counted.end.wrapping_add_signed(apart);
        }
        counted.exact += length as u64;
        counted.end += length as u64;
        (silent, torn) = (0, 0);
        at += length;
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(from: u64, to: u64) -> Vec<f32> {
        (from..to).map(value).collect()
    }

    #[test]
    fn what_is_whole_is_counted_whole_over_any_number_of_cycles() {
        let recording = [vec![0.0; 500], values(0, 200_000), vec![0.0; 900]].concat();
        assert_eq!(count(&recording), Counted { exact: 200_000, end: 200_000, ..Counted::default() });
    }

    #[test]
    fn a_fade_in_of_16_bits_is_not_taken_for_what_was_sent() {
        let mut recording = values(0, 1_000);
        for (n, sample) in recording.iter_mut().take(FADE as usize).enumerate() {
            let level = (n + 1) as f32 / FADE as f32;
            *sample = (*sample * level / STEP).floor() * STEP;
        }
        let counted = count(&recording);
        assert_eq!((counted.lost, counted.breaks, counted.end), (0, 0, 1_000), "{counted:?}");
    }

    #[test]
    fn a_gap_of_the_server_loses_nothing() {
        let recording = [values(0, 70_000), vec![0.0; 800], values(70_000, 80_000)].concat();
        let expected = Counted { exact: 80_000, breaks: 1, silent: 800, end: 80_000, ..Counted::default() };
        assert_eq!(count(&recording), expected);
    }

    #[test]
    fn what_is_missing_and_what_comes_twice_is_told() {
        let counted = count(&[values(0, 1_000), values(1_300, 2_000)].concat());
        assert_eq!((counted.lost, counted.repeated, counted.end), (300, 0, 2_000));
        let counted = count(&[values(0, 1_000), values(700, 2_000)].concat());
        assert_eq!((counted.lost, counted.repeated, counted.end), (0, 300, 2_000));
    }

    #[test]
    fn a_fade_in_hides_nothing_and_one_over_what_is_missing_loses_it() {
        let fade = |from: u64| -> Vec<f32> {
            (from..from + 120).map(|n| value(n) * (n - from + 1) as f32 / 121.0).collect()
        };
        let whole = [values(0, 5_000), vec![0.0; 300], fade(4_800), values(4_920, 9_000)].concat();
        let counted = count(&whole);
        assert_eq!((counted.lost, counted.repeated, counted.silent, counted.torn), (0, 200, 300, 120));
        let holed = [values(0, 5_000), vec![0.0; 300], fade(5_100), values(5_220, 9_000)].concat();
        assert_eq!(count(&holed).lost, 100);
    }
}
