//! What is to be told of the frames that were written, and when each of it is due.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use crate::chunk::{CHUNK_RATE, ChunkMark};
use crate::position::Position;
use crate::pump::PumpEvent;

/// The frames of one stream's utterances, with what happens at them, in the order in which it is told.
///
/// Frames are counted from the first that was ever written to the hard ring. An utterance begins at the frame after
/// the last of the one before it; a sample of it is found at its frame by the ratio of the rates alone, because
/// what stands between chunks and ring has its delay taken off.
#[derive(Debug)]
pub(crate) struct Timeline {
    rate: u32,
    /// Frames per second in which places within an utterance are told, whatever the ring's rate has become.
    told_rate: u32,
    /// The first frame of the utterance that is being written.
    begin: u64,
    /// Samples of it, at [`CHUNK_RATE`], that were taken so far, pauses counted.
    samples: u64,
    /// Of these, those up to its last sample of speech.
    spoken: u64,
    seeks_audible: bool,
    /// What is written now is of an utterance that has been written before, to its end.
    writes_again: bool,
    /// Within an utterance by frame, and an utterance's end after all that is of it.
    due: VecDeque<Due>,
}

/// Something that will be told.
#[derive(Clone, Debug, PartialEq)]
struct Due {
    /// Frames that must have left the ring.
    left: u64,
    /// When it was noted: it cannot have been heard before.
    noted: Duration,
    what: What,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Audible { frame: u64 },
    Mark { frame: u64, index: u32, frames: Range<u64> },
    End { utterance: u64 },
}

impl Timeline {
    /// The time line of a stream whose first frame has not been written.
    pub(crate) fn new(rate: u32) -> Self {
        Self {
            rate,
            told_rate: rate,
            begin: 0,
            samples: 0,
            spoken: 0,
            seeks_audible: true,
            writes_again: false,
            due: VecDeque::new(),
        }
    }

    /// Notes that so many samples of speech were taken.
    pub(crate) fn speak(&mut self, samples: usize) {
        self.samples += samples as u64;
        self.spoken = self.samples;
    }

    /// Notes that so many samples of a pause were taken.
    pub(crate) fn pause(&mut self, samples: usize) {
        self.samples += samples as u64;
    }

    /// Whether the first audible frame of the utterance has not been found.
    pub(crate) const fn seeks_audible(&self) -> bool {
        self.seeks_audible && !self.writes_again
    }

    /// Says whether what is written now is of an utterance that has been written before, to its end.
    pub(crate) const fn set_writes_again(&mut self, writes_again: bool) {
        self.writes_again = writes_again;
    }

    /// Notes that `frame` is the first audible one of the utterance.
    pub(crate) fn hear(&mut self, frame: u64, now: Duration) {
        self.seeks_audible = false;
        let due = Due { left: frame + 1, noted: now, what: What::Audible { frame } };
        // Before the marks of its own frame.
        let place = self.place(|other| other.left < due.left);
        self.due.insert(place, due);
    }

    /// Notes the marks of a chunk of which no sample has been taken.
    pub(crate) fn mark(&mut self, marks: &[ChunkMark], now: Duration) {
        for mark in marks {
            let start = self.samples + u64::from(mark.offset);
            let told = |sample| in_frames(sample, self.told_rate);
            let frames = told(start)..told(start + u64::from(mark.length));
            let frame = self.begin + in_frames(start, self.rate);
            let what = What::Mark { frame, index: mark.index, frames };
            let place = self.place(|other| other.left <= frame + 1);
            self.due.insert(place, Due { left: frame + 1, noted: now, what });
        }
    }

    /// Notes that all of the utterance has been written, up to the frame before `written`, and begins the next one.
    pub(crate) fn end(&mut self, utterance: u64, written: u64, now: Duration) {
        // Where the ring was renewed in the middle of it, frames and samples agree but for the rounding.
        let end = (self.begin + in_frames(self.spoken, self.rate)).min(written);
        // What is marked after the last word has no frame of speech to wait for.
        for due in self.due.iter_mut().rev().take_while(|due| !due.is_end()) {
            due.left = due.left.min(end);
        }
        self.due.push_back(Due { left: end, noted: now, what: What::End { utterance } });
        self.restart(written);
    }

    /// Forgets everything that has not been told: a stop. The next utterance begins at frame `written`.
    pub(crate) fn clear(&mut self, written: u64) {
        self.due.clear();
        self.restart(written);
    }

    /// Goes on in a ring at `rate`, in which every frame has the number that `number` finds for it.
    pub(crate) fn renumber(&mut self, rate: u32, number: impl Fn(u64) -> u64) {
        self.rate = rate;
        self.begin = number(self.begin);
        for due in &mut self.due {
            due.left = number(due.left);
            match &mut due.what {
                What::Audible { frame } | What::Mark { frame, .. } => *frame = number(*frame),
                What::End { .. } => {}
            }
        }
    }

    /// The next thing that the listener has experienced at `now`, where the sink has got to `position`.
    pub(crate) fn next(&mut self, position: Position, now: Duration) -> Option<PumpEvent> {
        let Due { left, noted, what } = self.due.front()?;
        let over = *left <= position.frames;
        let heard = |frame: u64| position.time_of(frame, self.rate).max(*noted);
        let event = match what {
            What::Audible { frame } => PumpEvent::Audible { at: heard(*frame) },
            What::Mark { frame, index, frames } => {
                PumpEvent::Mark { index: *index, frames: frames.clone(), at: heard(*frame) }
            }
            // The end is waited for until it is heard: what is told after it may close the sink.
            What::End { .. } if position.time_of(*left, self.rate) > now => return None,
            What::End { utterance } => PumpEvent::Finished { utterance: *utterance },
        };
        if over {
            self.due.pop_front();
        }
        over.then_some(event)
    }

    /// Frames that must still leave the ring, of which `left` have, before there is something to tell.
    pub(crate) fn frames_to_next(&self, left: u64) -> Option<u64> {
        self.due.front().map(|due| due.left.saturating_sub(left))
    }

    /// The place after all of the utterances before, and after what `is_before` holds for.
    fn place(&self, is_before: impl Fn(&Due) -> bool) -> usize {
        let own = self.due.iter().rev().take_while(|due| !due.is_end() && !is_before(due)).count();
        self.due.len() - own
    }

    fn restart(&mut self, written: u64) {
        self.begin = written;
        self.samples = 0;
        self.spoken = 0;
        self.seeks_audible = true;
    }
}

/// Frames at `rate` of so many samples.
fn in_frames(samples: u64, rate: u32) -> u64 {
    samples * u64::from(rate) / u64::from(CHUNK_RATE)
}

impl Due {
    const fn is_end(&self) -> bool {
        matches!(self.what, What::End { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(9);

    fn point(offset: u32, index: u32) -> ChunkMark {
        ChunkMark { offset, length: 0, index }
    }

    /// What is told once `frames` have left the sink, long after they were written.
    fn told(timeline: &mut Timeline, frames: u64) -> Vec<String> {
        let position = Position { frames, at: Duration::from_secs(1) };
        std::iter::from_fn(|| timeline.next(position, NOW))
            .map(|event| match event {
                PumpEvent::Audible { .. } => "audible".to_string(),
                PumpEvent::Mark { index, frames, .. } => format!("{index}@{}..{}", frames.start, frames.end),
                PumpEvent::Finished { utterance } => format!("end {utterance}"),
                PumpEvent::Stopped { .. } => "stopped".to_string(),
            })
            .collect()
    }

    #[test]
    fn a_mark_is_told_when_its_first_frame_has_left_and_counts_pauses_and_parts_before_it() {
        let mut timeline = Timeline::new(48_000);
        timeline.speak(100);
        timeline.pause(50);
        timeline.mark(&[ChunkMark { offset: 10, length: 30, index: 4 }, point(40, 5)], Duration::ZERO);
        assert_eq!(told(&mut timeline, 320), Vec::<String>::new());
        assert_eq!(timeline.frames_to_next(320), Some(1));
        assert_eq!(told(&mut timeline, 321), ["4@320..380"]);
        assert_eq!(told(&mut timeline, 400), ["5@380..380"]);
        assert_eq!(timeline.frames_to_next(400), None);
    }

    #[test]
    fn at_one_frame_the_end_comes_first_then_the_first_sound_and_then_the_marks_in_order() {
        let mut timeline = Timeline::new(24_000);
        timeline.mark(&[point(0, 0), point(100, 1)], Duration::ZERO);
        timeline.speak(100);
        timeline.end(7, 100, Duration::ZERO);
        timeline.mark(&[point(0, 2), point(0, 3), point(1, 4)], Duration::ZERO);
        timeline.speak(50);
        timeline.hear(100, Duration::ZERO);
        assert_eq!(told(&mut timeline, 99), ["0@0..0"]);
        assert_eq!(
            told(&mut timeline, 150),
            ["1@100..100", "end 7", "audible", "2@0..0", "3@0..0", "4@1..1"]
        );
    }

    #[test]
    fn a_mark_in_the_pause_after_the_last_word_is_told_before_the_end() {
        let mut timeline = Timeline::new(24_000);
        timeline.speak(100);
        timeline.mark(&[point(30, 0)], Duration::ZERO);
        timeline.pause(60);
        timeline.end(0, 160, Duration::ZERO);
        assert_eq!(told(&mut timeline, 100), ["0@130..130", "end 0"]);
    }

    #[test]
    fn an_end_waits_until_it_is_heard() {
        let mut timeline = Timeline::new(24_000);
        timeline.speak(24_000);
        timeline.end(0, 24_000, Duration::ZERO);
        let position = Position { frames: 24_000, at: Duration::from_secs(2) };
        assert_eq!(timeline.next(position, Duration::from_millis(1_999)), None);
        assert_eq!(
            timeline.next(position, Duration::from_secs(2)),
            Some(PumpEvent::Finished { utterance: 0 })
        );
    }

    #[test]
    fn nothing_is_told_as_heard_before_it_was_noted() {
        let mut timeline = Timeline::new(24_000);
        timeline.hear(0, Duration::from_secs(3));
        let position = Position { frames: 1, at: Duration::from_secs(2) };
        assert_eq!(timeline.next(position, NOW), Some(PumpEvent::Audible { at: Duration::from_secs(3) }));
    }

    #[test]
    fn a_stop_forgets_and_the_next_utterance_counts_from_its_own_first_frame() {
        let mut timeline = Timeline::new(48_000);
        timeline.mark(&[point(5, 0)], Duration::ZERO);
        timeline.speak(1_000);
        timeline.end(0, 2_000, Duration::ZERO);
        timeline.clear(2_000);
        assert!(timeline.seeks_audible());
        timeline.mark(&[point(5, 1)], Duration::ZERO);
        assert_eq!(told(&mut timeline, 4_000), ["1@10..10"]);
    }
}
