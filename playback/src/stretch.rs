//! Faster or slower at the same pitch: whole pitch periods are left out or repeated.

mod likeness;
mod splice;

use crate::CHUNK_RATE;
use likeness::{Direction, Likeness, Periods, WINDOW};
use splice::splice;

/// Shortest lag of a splice: 2.5 ms, the pitch period of a child at 400 Hz.
pub(crate) const SHORTEST: usize = CHUNK_RATE as usize / 400;
/// Longest lag of a splice: 15 ms, the pitch period of a deep voice at 67 Hz.
pub(crate) const LONGEST: usize = CHUNK_RATE as usize * 15 / 1_000;

/// Ratios that can be asked for; what lies outside is the nearest inside.
const RATIOS: (f64, f64) = (0.25, 4.0);
/// Samples that are passed on before a place that was not taken for a splice is followed by another try.
const STEP: usize = 30;
/// Input that a splice must see: what is left out or repeated, and what is compared with it.
const SIGHT: usize = LONGEST + WINDOW;
/// Samples taken in at once.
const BLOCK: usize = 480;
/// Likeness above which two stretches are taken for periods of one voice (the threshold of WebRTC's `NetEq`).
const ALIKE: f32 = 0.9;
/// Likeness below which neither is voiced: noise may be spliced anywhere.
const UNALIKE: f32 = 0.5;
/// Samples by which the output may be ahead or behind before a splice is made wherever it is.
const MOST_DEBT: f64 = 240.0;
/// Shortest cross-fade at the end of the input: 2 ms.
const SHORTEST_END: usize = CHUNK_RATE as usize / 500;
/// Ratio above which as many periods as can be are left out at once: cross-fades are shorter than the lag there, and so
/// are long enough.
const MANY_PERIODS_FROM: f64 = 2.0;

/// A part of a [`Stretch`]'s output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece<'a> {
    /// Samples at [`CHUNK_RATE`]; none, where some of the input was left out.
    pub samples: &'a [f32],
    /// Samples of the input that it stands for, evenly: the next ones that none stood for; none, where some was
    /// repeated. The sums of both, over all pieces so far, are a place of the input and its place in the output.
    pub input: usize,
}

/// A streaming time-stretch of mono speech at [`CHUNK_RATE`], by WSOLA with splices of whole pitch periods.
///
/// Samples are passed on as they are until the output is due to be shorter or longer by a third of the longest pitch period. Then the
/// lag from 2.5 to 15 ms is found at which the speech is most like itself, and as much is left out or repeated, under
/// a cross-fade (Verhelst and Roelands, "An overlap-add technique based on waveform similarity (WSOLA) for high
/// quality time-scale modification of speech", ICASSP 1993). A place where it is not like itself, such as an onset, is
/// passed by while that is possible. Silence and noise are spliced anywhere.
///
/// The output is never further than 15 ms from `input / ratio`, summed over all ratios that were asked for. At a ratio
/// of 1 every sample passes through untouched and at once; otherwise up to 30 ms are held back. After the first call
/// nothing is allocated. It does not change pitch, and does not tell speech from music.
#[derive(Debug)]
pub struct Stretch {
    /// Up to [`LONGEST`] samples that were passed on, and those that were not.
    held: Vec<f32>,
    /// The first of `held` that was not passed on.
    next: usize,
    ratio: f64,
    /// Samples of output that were owed as `ratio` was set; below 0 where there were too many.
    carried: f64,
    /// Since then.
    taken: u64,
    given: u64,
    /// Samples to pass on before the next splice.
    to_splice: usize,
    mixed: Vec<f32>,
}

impl Default for Stretch {
    fn default() -> Self {
        Self::new()
    }
}

impl Stretch {
    /// A stretch that nothing was pushed into.
    pub fn new() -> Self {
        Self {
            held: Vec::with_capacity(LONGEST + SIGHT + BLOCK + SIGHT),
            next: 0,
            ratio: 1.0,
            carried: 0.0,
            taken: 0,
            given: 0,
            to_splice: 0,
            mixed: Vec::with_capacity(LONGEST),
        }
    }

    /// Samples of the input that are held back.
    pub fn pending(&self) -> usize {
        self.held.len() - self.next
    }

    /// Samples that `input` more, at a ratio of at least `ratio`, give at most, and a [`flush`](Self::flush) with them.
    pub fn output_bound(&self, input: usize, ratio: f64) -> usize {
        ((SIGHT + input) as f64 / ratio.clamp(RATIOS.0, 1.0)).ceil() as usize + 2 * LONGEST
    }

    /// Pushes `samples`, of which `ratio` are to become one: 2 is twice as fast. Hands out what is ready. A ratio that
    /// is no number is 1.
    pub fn push(&mut self, samples: &[f32], ratio: f64, put: &mut impl FnMut(Piece<'_>)) {
        self.set_ratio(ratio);
        if self.ratio == 1.0 {
            let pending = self.pending();
            self.copy(pending, put);
            if !samples.is_empty() {
                put(Piece { samples, input: samples.len() });
            }
            self.remember(samples);
            return;
        }
        for block in samples.chunks(BLOCK) {
            self.held.extend_from_slice(block);
            self.run(self.held.len(), put);
            self.forget();
        }
    }

    /// Hands out what is held back, so that the output ends where the input did, and forgets everything.
    pub fn flush(&mut self, put: &mut impl FnMut(Piece<'_>)) {
        let end = self.held.len();
        if self.ratio == 1.0 {
            self.copy(end - self.next, put);
        } else {
            // A splice sees silence after the end.
            self.held.resize(end + SIGHT, 0.0);
            self.run(end, put);
        }
        self.reset();
    }

    /// Forgets everything that was pushed.
    pub fn reset(&mut self) {
        self.held.clear();
        self.next = 0;
        self.carried = 0.0;
        self.ratio = 1.0;
        self.taken = 0;
        self.given = 0;
        self.to_splice = 0;
    }

    fn set_ratio(&mut self, ratio: f64) {
        let ratio = if ratio.is_nan() { 1.0 } else { ratio.clamp(RATIOS.0, RATIOS.1) };
        if ratio != self.ratio {
            self.carried = self.debt();
            (self.taken, self.given) = (0, 0);
            self.ratio = ratio;
            self.to_splice = self.samples_to_splice();
        }
    }

    /// Samples of output that are owed: above 0 something must be repeated, below it left out.
    fn debt(&self) -> f64 {
        // From whole numbers, so that it does not depend on how the input was cut.
        self.carried + self.taken as f64 / self.ratio - self.given as f64
    }

    /// Samples to pass on until the debt is worth a splice: a third of what the longest would change.
    fn samples_to_splice(&self) -> usize {
        let slope = 1.0 / self.ratio - 1.0;
        let longest = LONGEST as f64;
        let (owed, worth) = if self.ratio < 1.0 {
            (self.debt(), longest / 3.0)
        } else {
            (-self.debt(), (2.0 * longest / self.ratio - longest).max(0.0) / 3.0)
        };
        ((worth - owed) / slope.abs()).ceil().max(0.0) as usize
    }

    /// Passes on and splices as far as can be decided, up to `end` of what is held.
    fn run(&mut self, end: usize, put: &mut impl FnMut(Piece<'_>)) {
        while self.next < end {
            let samples = self.to_splice.min(end - self.next);
            self.copy(samples, put);
            self.to_splice -= samples;
            if self.to_splice > 0 || self.held.len() - self.next < self.sight() {
                return;
            }
            self.to_splice = if self.splice(end, put) { self.samples_to_splice() } else { STEP };
        }
    }

    /// Samples after the next that a splice must see.
    fn sight(&self) -> usize {
        if self.ratio > 1.0 { SIGHT } else { WINDOW }
    }

    /// Splices here, if this is a place for it.
    fn splice(&mut self, end: usize, put: &mut impl FnMut(Piece<'_>)) -> bool {
        let direction = if self.ratio > 1.0 { Direction::LeaveOut } else { Direction::Repeat };
        let periods = if self.ratio > MANY_PERIODS_FROM { Periods::Most } else { Periods::Fewest };
        let Some(found) = likeness::find(&self.held, self.next, direction, periods) else { return false };
        if !self.accepts(&found) {
            return false;
        }
        let (lag, here) = (found.lag, self.next);
        let (there, len) = match direction {
            Direction::LeaveOut => (here + lag, self.cross_fade(lag, end - here)),
            Direction::Repeat => (here - lag, lag),
        };
        splice(
            &self.held[here..here + len],
            &self.held[there..there + len],
            found.correlation,
            &mut self.mixed,
        );
        let next = (there + len).min(end);
        let input = next - here;
        self.next = next;
        self.taken += input as u64;
        self.given += len as u64;
        match direction {
            Direction::Repeat => put(Piece { samples: &self.mixed, input }),
            Direction::LeaveOut => {
                let (before, after) = self.mixed.split_at(len / 2);
                let to_middle = before.len().min(input);
                let left_out = lag.min(input - to_middle);
                put(Piece { samples: before, input: to_middle });
                put(Piece { samples: &[], input: left_out });
                put(Piece { samples: after, input: input - to_middle - left_out });
            }
        }
        true
    }

    /// Length of the cross-fade over which `lag` samples of the `left` that follow are left out: all of them, or where
    /// that leaves too little out, as many as pay the debt. Near the end, all that is left pays it.
    fn cross_fade(&self, lag: usize, left: usize) -> usize {
        let paying = (lag as f64 + self.debt() * self.ratio) / (self.ratio - 1.0);
        let len = (paying as usize).clamp(lag / 4, lag);
        if lag + len <= left {
            return len;
        }
        let paying = left as f64 / self.ratio + self.debt();
        (paying as usize).clamp(SHORTEST_END.min(left), left).min(lag)
    }

    fn accepts(&self, found: &Likeness) -> bool {
        if found.is_quiet || found.correlation < UNALIKE && found.is_level {
            return true;
        }
        // The more is owed, the less is asked for.
        let urgency = self.debt().abs() / MOST_DEBT;
        urgency >= 1.0 || found.correlation > ALIKE * (2.0 - 2.0 * urgency).min(1.0) as f32
    }

    fn copy(&mut self, samples: usize, put: &mut impl FnMut(Piece<'_>)) {
        if samples > 0 {
            let from = self.next;
            self.next += samples;
            self.taken += samples as u64;
            self.given += samples as u64;
            put(Piece { samples: &self.held[from..self.next], input: samples });
        }
    }

    /// Keeps the end of what was passed on, and of `samples`, which were too.
    fn remember(&mut self, samples: &[f32]) {
        let samples = &samples[samples.len().saturating_sub(LONGEST)..];
        let kept = (LONGEST - samples.len()).min(self.held.len());
        self.held.drain(..self.held.len() - kept);
        self.held.extend_from_slice(samples);
        self.next = self.held.len();
    }

    /// Forgets what lies too far back to be repeated.
    fn forget(&mut self) {
        let past = self.next.saturating_sub(LONGEST);
        self.held.drain(..past);
        self.next -= past;
    }
}

#[cfg(test)]
mod tests;
