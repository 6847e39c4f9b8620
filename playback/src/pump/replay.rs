//! What was written last, so that it can be written once more for another device.

use std::collections::VecDeque;

use super::outlet::BLOCK;
use crate::CHUNK_RATE;
use crate::timeline::in_frames;

/// Seconds of audio that can be written again: what a hard ring holds, and what a device may have taken and not played.
const SECONDS: usize = 2;
/// Samples that are kept.
const KEPT: usize = SECONDS * CHUNK_RATE as usize;

/// The last samples that went into the resampler, and the frames of the hard ring that they became.
///
/// Samples are counted from the first of the stream, frames as the ring counts them.
#[derive(Debug)]
pub(super) struct Replay {
    kept: VecDeque<f32>,
    /// The sample after the last of them.
    end: u64,
    /// The sample that is written again next; `end` where all of them have been written.
    next: u64,
    /// The sample before which everything was known to be heard at the last loss.
    heard: u64,
    /// What was written last ended at a seam, which has not been written.
    owes_seam: bool,
    numbering: Numbering,
}

/// Which sample became which frame: one rate between two seams, at which the resampler began anew.
#[derive(Clone, Debug)]
pub(super) struct Numbering {
    rate: u32,
    /// Oldest first; never empty.
    seams: VecDeque<Seam>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seam {
    sample: u64,
    frame: u64,
    /// Whether an utterance ended there, and not a device.
    ends: bool,
}

/// What is to be written again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// So many samples at the beginning of the block.
    Samples(usize),
    /// The end of an utterance: what the resampler holds back.
    Seam,
}

impl Replay {
    /// Nothing, for a ring at `rate` into which nothing has been written.
    pub(super) fn new(rate: u32) -> Self {
        let numbering = Numbering { rate, seams: VecDeque::from([Seam::default()]) };
        // With room for a block on top of what is kept it never grows.
        let kept = VecDeque::with_capacity(KEPT + BLOCK);
        Self { kept, end: 0, next: 0, heard: 0, owes_seam: false, numbering }
    }

    /// Keeps up to [`BLOCK`] samples that go into the resampler.
    pub(super) fn keep(&mut self, samples: &[f32]) {
        self.end += samples.len() as u64;
        self.next = self.end;
        self.kept.extend(samples);
        self.kept.drain(..self.kept.len().saturating_sub(KEPT));
        let first = self.first();
        let seams = &mut self.numbering.seams;
        while seams.get(1).is_some_and(|seam| seam.sample <= first) {
            seams.pop_front();
        }
    }

    /// Notes that an utterance is over, so that the resampler begins anew, at `frame`.
    pub(super) fn end(&mut self, frame: u64) {
        self.numbering.seams.push_back(Seam { sample: self.end, frame, ends: true });
    }

    /// Forgets everything; what follows begins at `frame`: a stop.
    pub(super) fn stop(&mut self, frame: u64) {
        self.kept.clear();
        self.numbering.seams.clear();
        (self.next, self.heard) = (self.end, self.end);
        self.owes_seam = false;
        self.end(frame);
    }

    /// Everything from `frame` on, as far as it is kept, is to be written again, and before it nothing; nor what had been
    /// heard at the last loss: devices that come and go are not to drag the speech back.
    pub(super) fn rewind(&mut self, frame: u64) {
        let sample = self.numbering.sample_of(frame).max(self.first()).max(self.heard);
        self.next = self.next.min(sample);
        self.heard = self.next;
        self.owes_seam = false;
    }

    /// Numbers the frames of a new ring at `rate`, of which the first is the sample that is written next. Returns that
    /// frame's number, and how samples and frames were numbered before.
    pub(super) fn renumber(&mut self, rate: u32) -> (u64, Numbering) {
        let next = self.next;
        let begin = in_frames(next, rate);
        let mut ends: Vec<u64> =
            self.numbering.seams.iter().filter(|seam| seam.ends).map(|seam| seam.sample).collect();
        ends.dedup();
        let before = ends.iter().filter(|&&sample| sample < next);
        let mut seams: VecDeque<_> =
            before.map(|&sample| Seam { sample, frame: in_frames(sample, rate), ends: true }).collect();
        let mut seam = Seam { sample: next, frame: begin, ends: ends.contains(&next) };
        seams.push_back(seam);
        for &sample in ends.iter().filter(|&&sample| sample > next) {
            seam = Seam { sample, frame: seam.frame + in_frames(sample - seam.sample, rate), ends: true };
            seams.push_back(seam);
        }
        (begin, std::mem::replace(&mut self.numbering, Numbering { rate, seams }))
    }

    /// The frame of the ring that was `frame` as it was numbered `before`.
    pub(super) fn renumbered(&self, frame: u64, before: &Numbering) -> u64 {
        self.numbering.frame_of(before.sample_of(frame))
    }

    /// Whether something is to be written again.
    pub(super) fn has_more(&self) -> bool {
        self.next < self.end || self.owes_seam
    }

    /// Whether what is written next is of an utterance of which everything had been written.
    pub(super) fn is_of_the_past(&self) -> bool {
        self.owes_seam || self.numbering.seams.iter().any(|seam| seam.ends && seam.sample > self.next)
    }

    /// Seconds that are to be written again.
    pub(super) fn seconds(&self) -> f64 {
        (self.end - self.next) as f64 / f64::from(CHUNK_RATE)
    }

    /// Takes what is to be written next, its samples into `block`; `None` where nothing is.
    pub(super) fn take(&mut self, block: &mut [f32; BLOCK]) -> Option<Again> {
        if std::mem::take(&mut self.owes_seam) {
            return Some(Again::Seam);
        }
        let from = (self.next - self.first()) as usize;
        let mut ends = self.numbering.seams.iter().filter(|seam| seam.ends && seam.sample > self.next);
        let seam = ends.next().map(|seam| seam.sample);
        let most = seam.map_or(BLOCK as u64, |seam| seam - self.next).min(BLOCK as u64) as usize;
        let mut samples = 0;
        for (copy, &sample) in block[..most].iter_mut().zip(self.kept.range(from..)) {
            *copy = sample;
            samples += 1;
        }
        self.next += samples as u64;
        self.owes_seam = samples > 0 && seam == Some(self.next);
        (samples > 0).then_some(Again::Samples(samples))
    }

    fn first(&self) -> u64 {
        self.end - self.kept.len() as u64
    }
}

impl Numbering {
    fn sample_of(&self, frame: u64) -> u64 {
        let seam = self.last(|seam| seam.frame <= frame);
        let frames = |frames: u64| frames * u64::from(CHUNK_RATE) / u64::from(self.rate.max(1));
        match frame.checked_sub(seam.frame) {
            Some(after) => seam.sample + frames(after),
            None => seam.sample.saturating_sub(frames(seam.frame - frame)),
        }
    }

    fn frame_of(&self, sample: u64) -> u64 {
        let seam = self.last(|seam| seam.sample <= sample);
        match sample.checked_sub(seam.sample) {
            Some(after) => seam.frame + in_frames(after, self.rate),
            None => seam.frame.saturating_sub(in_frames(seam.sample - sample, self.rate)),
        }
    }

    /// The last seam that `is_before`, or the first.
    fn last(&self, is_before: impl Fn(&Seam) -> bool) -> Seam {
        let before = self.seams.iter().rev().find(|seam| is_before(seam));
        before.or(self.seams.front()).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps the numbers from `from` up to `to` as samples.
    fn keep(replay: &mut Replay, from: u32, to: u32) {
        let samples: Vec<f32> = (from..to).map(|sample| sample as f32).collect();
        samples.chunks(BLOCK).for_each(|block| replay.keep(block));
    }

    /// Everything that is to be written again, seams as -1.
    fn taken(replay: &mut Replay) -> Vec<f32> {
        let (mut out, mut block) = (Vec::new(), [0.0; BLOCK]);
        while let Some(again) = replay.take(&mut block) {
            match again {
                Again::Samples(samples) => out.extend_from_slice(&block[..samples]),
                Again::Seam => out.push(-1.0),
            }
        }
        assert!(!replay.has_more());
        out
    }

    fn numbers(from: u32, to: u32) -> Vec<f32> {
        (from..to).map(|sample| sample as f32).collect()
    }

    #[test]
    fn what_was_not_heard_is_written_again_and_nothing_before_it() {
        let mut replay = Replay::new(48_000);
        keep(&mut replay, 0, 5_000);
        assert_eq!(taken(&mut replay), []);
        replay.rewind(8_000);
        assert!((replay.seconds() - 1_000.0 / 24_000.0).abs() < 1e-9);
        assert!(taken(&mut replay) == numbers(4_000, 5_000));
    }

    #[test]
    fn a_loss_while_it_is_written_again_goes_back_further_and_not_ahead() {
        let mut replay = Replay::new(24_000);
        keep(&mut replay, 0, 5_000);
        replay.rewind(2_000);
        let (begin, _) = replay.renumber(24_000);
        assert_eq!(begin, 2_000);
        replay.take(&mut [0.0; BLOCK]);
        replay.rewind(2_100);
        assert!(taken(&mut replay) == numbers(2_100, 5_000));
    }

    #[test]
    fn devices_that_come_and_go_do_not_drag_the_speech_back() {
        let mut replay = Replay::new(24_000);
        keep(&mut replay, 0, 5_000);
        for _ in 0..9 {
            replay.rewind(2_000);
            let (begin, _) = replay.renumber(24_000);
            replay.take(&mut [0.0; BLOCK]);
            replay.rewind(begin - 360);
        }
        assert_eq!(taken(&mut replay).first(), Some(&2_000.0));
    }

    #[test]
    fn the_ends_of_utterances_are_written_again_in_their_places() {
        let mut replay = Replay::new(24_000);
        keep(&mut replay, 0, 1_000);
        replay.end(1_000);
        keep(&mut replay, 1_000, 1_300);
        replay.end(1_300);
        replay.rewind(900);
        let expected = [numbers(900, 1_000), vec![-1.0], numbers(1_000, 1_300), vec![-1.0]].concat();
        assert!(taken(&mut replay) == expected);
        replay.rewind(1_000);
        assert_eq!(taken(&mut replay).len(), 301);
        replay.rewind(1_300);
        assert_eq!(taken(&mut replay), []);
    }

    #[test]
    fn after_a_stop_there_is_nothing_to_write_again() {
        let mut replay = Replay::new(24_000);
        keep(&mut replay, 0, 1_000);
        replay.stop(700);
        replay.rewind(0);
        assert_eq!(taken(&mut replay), []);
        keep(&mut replay, 0, 100);
        replay.rewind(750);
        assert_eq!(taken(&mut replay), numbers(50, 100));
    }

    #[test]
    fn so_much_is_kept_and_no_more() {
        let mut replay = Replay::new(24_000);
        let capacity = replay.kept.capacity();
        keep(&mut replay, 0, 3 * KEPT as u32);
        replay.rewind(0);
        assert_eq!(replay.kept.capacity(), capacity);
        assert!(taken(&mut replay) == numbers(2 * KEPT as u32, 3 * KEPT as u32));
    }

    #[test]
    fn frames_keep_their_samples_when_the_rate_changes() {
        for (old, new) in [(24_000, 48_000), (48_000, 44_100), (44_100, 24_000), (8_000, 96_000)] {
            let mut replay = Replay::new(old);
            keep(&mut replay, 0, 3_000);
            let end = in_frames(3_000, old);
            replay.end(end);
            keep(&mut replay, 3_000, 9_000);
            replay.rewind(in_frames(2_000, old));
            let next = replay.next;
            let (begin, before) = replay.renumber(new);
            assert_eq!(begin, in_frames(next, new));
            let seam = replay.renumbered(end, &before);
            assert_eq!(replay.numbering.seams.iter().filter(|seam| seam.ends).count(), 1);
            // The resampler gives so many frames for what is left of the utterance.
            assert_eq!(seam, begin + in_frames(3_000 - next, new));
            for sample in [100, 2_500, 3_001, 8_999, 20_000] {
                let old_frame = before.frame_of(sample);
                let apart = replay.renumbered(old_frame, &before).abs_diff(replay.numbering.frame_of(sample));
                let one_sample = u64::from(new.div_ceil(24_000)) + u64::from(new / old) + 1;
                assert!(apart <= one_sample, "{apart} frames at sample {sample}, {old} to {new}");
            }
        }
    }
}
