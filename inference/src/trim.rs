//! Takes the silence before and after a fragment away.
//!
//! The model's pads make up a tenth to two fifths of a fragment. Energy finds the sound; what is known of the token
//! durations bounds the cut, so that a whispered first or last sound is not taken for silence.

use std::ops::Range;

use crate::tokens::unspoken_ends;

/// Samples over which loudness is measured: 5 ms.
const WINDOW: usize = 120;

/// A window counts as sound from this root mean square on: -58 dBFS.
///
/// Measured on nine words with soft and hard openings (`h f θ s ʃ m ʌ`) in both sessions: from -58 to -40 dBFS an
/// opening takes up to 70 ms, all of which would be lost to a bound at -40; from -70 to -58 it takes at most 20 ms in
/// 17 of 18 cases, and [`LEAD`] keeps those. What is cut stays below -69 dBFS.
const THRESHOLD: f32 = 0.001_26;

/// Samples kept before the first sound: 20 ms.
pub(crate) const LEAD: usize = 480;

/// Samples kept after the last sound: 25 ms.
pub(crate) const TAIL: usize = 600;

/// Samples of the last spoken token that are never cut: 75 ms, a sound of ordinary length. The last token of
/// "Hello there." lasts 350 ms, most of them silent.
const SPOKEN_END: usize = 1800;

/// Whether a session cuts the silence before and after a fragment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trim {
    /// Down to 20 ms before the first sound and 25 ms after the last.
    #[default]
    Silence,
    /// No: every sample of the model is handed out, and marks need no shift.
    Off,
}

impl Trim {
    /// The bounds for a fragment of `phonemes` whose tokens, pads included, last `durations` samples.
    pub(crate) fn bounds(self, durations: &[u32], phonemes: &str) -> Bounds {
        match self {
            Self::Off => Bounds::NOTHING,
            Self::Silence => {
                let (lead, tail) = unspoken_ends(phonemes);
                Bounds::of(durations, lead, tail)
            }
        }
    }
}

/// How far a cut may go, in samples from the fragment's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// The first sample kept is this one or an earlier one.
    pub(crate) latest_start: usize,
    /// The first sample cut at the end is this one or a later one.
    pub(crate) earliest_end: usize,
}

impl Bounds {
    /// Nothing may be cut.
    pub(crate) const NOTHING: Self = Self { latest_start: 0, earliest_end: usize::MAX };

    /// Only the first `lead` and the last `tail` of the tokens may be cut, and what goes beyond [`SPOKEN_END`] of the
    /// token before those: the models count much of the silence at the end as part of the last sound. `durations`
    /// are the tokens' lengths in samples.
    pub(crate) fn of(durations: &[u32], lead: usize, tail: usize) -> Self {
        let sum = |tokens: &[u32]| tokens.iter().map(|&d| d as usize).sum::<usize>();
        let latest_start = sum(&durations[..lead.min(durations.len())]);
        let spoken = &durations[..durations.len().saturating_sub(tail)];
        let beyond = spoken.last().map_or(0, |&last| (last as usize).saturating_sub(SPOKEN_END));
        let earliest_end = (sum(spoken) - beyond).max(latest_start);
        Self { latest_start, earliest_end }
    }
}

/// The part of `samples` that is left when the silence is cut; what [`Trimmer`] keeps, for audio that is all there.
pub(crate) fn audible(samples: &[f32], bounds: Bounds) -> Range<usize> {
    let loud = |index: &usize| is_loud(&samples[index * WINDOW..samples.len().min((index + 1) * WINDOW)]);
    let windows = samples.len().div_ceil(WINDOW);
    let onset = (0..windows).find(loud).map_or(usize::MAX, |index| (index * WINDOW).saturating_sub(LEAD));
    let last = (0..windows).rev().find(loud).map_or(0, |index| (index + 1) * WINDOW + TAIL);
    let start = onset.min(bounds.latest_start).min(samples.len());
    start..last.max(bounds.earliest_end).min(samples.len()).max(start)
}

fn is_loud(window: &[f32]) -> bool {
    let energy: f32 = window.iter().map(|s| s * s).sum();
    energy > THRESHOLD * THRESHOLD * window.len() as f32
}

/// Trims audio that comes in pieces: drops the lead until the onset, and holds silence back until more sound follows
/// or the end is reached.
pub(crate) struct Trimmer {
    bounds: Bounds,
    /// Samples not yet handed on, the oldest first; the first is sample number `held_from`.
    held: Vec<f32>,
    held_from: usize,
    /// Samples that were looked at: all whole windows so far.
    judged: usize,
    start: Option<usize>,
    keep_until: usize,
}

impl Trimmer {
    pub(crate) fn new() -> Self {
        Self {
            bounds: Bounds::NOTHING,
            held: Vec::new(),
            held_from: 0,
            judged: 0,
            start: None,
            keep_until: 0,
        }
    }

    /// Begins a new fragment. What was held of the last one is dropped.
    pub(crate) fn begin(&mut self, bounds: Bounds) {
        self.bounds = bounds;
        self.held.clear();
        self.held_from = 0;
        self.judged = 0;
        self.start = None;
        self.keep_until = 0;
    }

    /// Takes more of the fragment, and appends to `kept` what is certain to be kept.
    pub(crate) fn push(&mut self, samples: &[f32], kept: &mut Vec<f32>) {
        self.held.extend_from_slice(samples);
        while self.received() - self.judged >= WINDOW {
            self.judge(WINDOW);
        }
        self.hand_on(kept);
    }

    /// Ends the fragment, appends the rest of what is kept to `kept`, and returns the range of samples that was kept.
    pub(crate) fn finish(&mut self, kept: &mut Vec<f32>) -> Range<usize> {
        let total = self.received();
        if total > self.judged {
            self.judge(total - self.judged);
        }
        let start = *self.start.get_or_insert(self.bounds.latest_start.min(total));
        self.hand_on(kept);
        start..self.keep_until.max(self.bounds.earliest_end).min(total).max(start)
    }

    /// The first sample that is kept, once it is known; it is by the time anything is handed on.
    pub(crate) fn start(&self) -> Option<usize> {
        self.start
    }

    fn received(&self) -> usize {
        self.held_from + self.held.len()
    }

    fn judge(&mut self, window: usize) {
        let from = self.judged - self.held_from;
        let loud = is_loud(&self.held[from..from + window]);
        let begin = self.judged;
        self.judged += window;
        if loud {
            self.start.get_or_insert(begin.saturating_sub(LEAD).min(self.bounds.latest_start));
            self.keep_until = begin + WINDOW + TAIL;
        } else if self.judged.saturating_sub(LEAD) >= self.bounds.latest_start {
            self.start.get_or_insert(self.bounds.latest_start);
        }
    }

    fn hand_on(&mut self, kept: &mut Vec<f32>) {
        let silent = match self.start {
            Some(start) => start,
            // The onset may follow at once, or the bound may be reached: what lies before both is silence.
            None => self.judged.saturating_sub(LEAD).min(self.bounds.latest_start),
        };
        let from = silent.max(self.held_from);
        let until = match self.start {
            Some(_) => self.keep_until.max(self.bounds.earliest_end).min(self.judged).max(from),
            None => from,
        };
        kept.extend_from_slice(&self.held[from - self.held_from..until - self.held_from]);
        self.held.drain(..until - self.held_from);
        self.held_from = until;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FREE: Bounds = Bounds { latest_start: usize::MAX, earliest_end: 0 };

    fn silence_then_tone_then_silence() -> Vec<f32> {
        let tone = (0..4800).map(|i| 0.1 * (i as f32 * 0.05).sin());
        std::iter::repeat_n(0.0, 7200).chain(tone).chain(std::iter::repeat_n(0.0, 9600)).collect()
    }

    fn streamed(samples: &[f32], pieces: &[usize], bounds: Bounds) -> (Vec<f32>, Range<usize>) {
        let mut trimmer = Trimmer::new();
        trimmer.begin(bounds);
        let mut kept = Vec::new();
        let mut rest = samples;
        for &piece in pieces.iter().cycle() {
            let (now, later) = rest.split_at(piece.min(rest.len()));
            trimmer.push(now, &mut kept);
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        let range = trimmer.finish(&mut kept);
        (kept, range)
    }

    #[test]
    fn twenty_milliseconds_are_left_before_the_sound_and_twenty_five_after() {
        let samples = silence_then_tone_then_silence();
        assert_eq!(audible(&samples, FREE), 7200 - LEAD..12000 + TAIL);
    }

    #[test]
    fn no_token_that_is_spoken_is_cut_however_soft_it_is() {
        let samples = silence_then_tone_then_silence();
        let bounds = Bounds::of(&[3000, 9600, 9000], 1, 1);
        assert_eq!(audible(&samples, bounds), 3000..12000 + TAIL);
        let silent = vec![0.0; 21600];
        assert_eq!(audible(&silent, bounds), 3000..3000 + SPOKEN_END);
        assert_eq!(audible(&silent, FREE), 21600..21600);
        assert_eq!(audible(&samples, Bounds::NOTHING), 0..samples.len());
    }

    #[test]
    fn silence_is_held_back_until_sound_follows() {
        let mut samples = silence_then_tone_then_silence();
        let second_half = samples.clone();
        let mut trimmer = Trimmer::new();
        trimmer.begin(FREE);
        let mut kept = Vec::new();
        trimmer.push(&samples, &mut kept);
        assert_eq!(kept.len(), LEAD + 4800 + TAIL);
        trimmer.push(&second_half, &mut kept);
        samples.extend(second_half);
        assert_eq!(kept, samples[7200 - LEAD..samples.len() - 9600 + TAIL]);
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_what_the_whole_gives(
            runs in prop::collection::vec((0_usize..3000, prop::bool::ANY), 0..12),
            pieces in prop::collection::vec(1_usize..2000, 1..8),
            latest_start in prop_oneof![0_usize..9000, Just(usize::MAX)],
            earliest_end in prop_oneof![0_usize..30_000, Just(usize::MAX)],
        ) {
            let mut samples: Vec<f32> = Vec::new();
            for (length, loud) in runs {
                let level = if loud { 0.02 } else { 0.0005 };
                samples.extend((0..length).map(|i| level * (i as f32 * 0.3).sin()));
            }
            let bounds = Bounds { latest_start, earliest_end };
            let whole = audible(&samples, bounds);
            let (kept, range) = streamed(&samples, &pieces, bounds);
            prop_assert_eq!(&range, &whole);
            prop_assert_eq!(kept, &samples[whole]);
        }
    }
}
