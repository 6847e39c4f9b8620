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
/// the last of the one before it. A sample of it is found at its frame through the pieces that time-stretch made of
/// the samples, and the ratio of the rates: what stands between chunks and ring has its delay taken off.
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
    /// Of these, those that were stretched so far, and what became of them.
    stretched: u64,
    stretched_to: u64,
    /// What became of those that were spoken, as far as they were stretched.
    spoken_to: u64,
    /// Samples of the input that become one, at present.
    ratio: f64,
    seeks_audible: bool,
    /// What is written now is of an utterance that has been written before, to its end.
    writes_again: bool,
    /// Marks of samples that were not stretched yet, in their order.
    pending: VecDeque<Pending>,
    /// Within an utterance by frame, and an utterance's end after all that is of it.
    due: VecDeque<Due>,
}

/// A mark whose frame is not known.
#[derive(Clone, Debug, PartialEq)]
struct Pending {
    samples: Range<u64>,
    index: u32,
    noted: Duration,
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
            stretched: 0,
            stretched_to: 0,
            spoken_to: 0,
            ratio: 1.0,
            seeks_audible: true,
            writes_again: false,
            pending: VecDeque::new(),
            due: VecDeque::new(),
        }
    }

    /// Notes that so many samples of speech were taken, of which `ratio` are to become one.
    pub(crate) fn speak(&mut self, samples: usize, ratio: f64) {
        self.pause(samples, ratio);
        self.spoken = self.samples;
    }

    /// Notes that so many samples of a pause were taken, of which `ratio` are to become one.
    pub(crate) fn pause(&mut self, samples: usize, ratio: f64) {
        self.samples += samples as u64;
        self.ratio = ratio;
    }

    /// Notes that the next `input` of the samples taken have become `output`, evenly.
    pub(crate) fn stretch(&mut self, input: usize, output: usize) {
        let (input, output) = (input as u64, output as u64);
        let (from, to) = (self.stretched, self.stretched_to);
        // What is repeated is of the sample before it.
        let place = |sample: u64| to + (sample - from) * output / input.max(1);
        if self.spoken >= from {
            self.spoken_to = if self.spoken < from + input { place(self.spoken) } else { to + output };
        }
        while let Some(mark) = self.pending.front().filter(|mark| mark.samples.start < from + input) {
            let Pending { samples, index, noted } = mark.clone();
            self.pending.pop_front();
            let start = place(samples.start);
            let end = if samples.end <= from + input {
                place(samples.end)
            } else {
                // Not stretched yet: as long as it will be if the ratio lasts.
                start + self.scaled(samples.end - samples.start)
            };
            self.mark_at(start..end, index, noted);
        }
        self.stretched += input;
        self.stretched_to += output;
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
            let samples = start..start + u64::from(mark.length);
            let place = self.pending.partition_point(|other| other.samples.start <= start);
            self.pending.insert(place, Pending { samples, index: mark.index, noted: now });
        }
    }

    /// Notes that all of the utterance has been written, up to the frame before `written`, and begins the next one.
    pub(crate) fn end(&mut self, utterance: u64, written: u64, now: Duration) {
        while let Some(Pending { samples, index, noted }) = self.pending.pop_front() {
            let start = self.stretched_to + self.scaled(samples.start - self.stretched);
            self.mark_at(start..start + self.scaled(samples.end - samples.start), index, noted);
        }
        // Where the ring was renewed in the middle of it, frames and samples agree but for the rounding.
        let end = (self.begin + in_frames(self.spoken_to, self.rate)).min(written);
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
        let at = position.time_of(what.frame(*left), self.rate).max(*noted);
        // What has left the ring is heard later, by the latency of the device.
        if *left > position.frames || at > now {
            return None;
        }
        let event = match what {
            What::Audible { .. } => PumpEvent::Audible { at },
            What::Mark { index, frames, .. } => PumpEvent::Mark { index: *index, frames: frames.clone(), at },
            What::End { utterance } => PumpEvent::Finished { utterance: *utterance },
        };
        self.due.pop_front();
        Some(event)
    }

    /// When the next thing is heard, if nothing interrupts the sound: the sink has got to `position`.
    pub(crate) fn time_of_next(&self, position: Position) -> Option<Duration> {
        self.due.front().map(|due| position.time_of(due.what.frame(due.left), self.rate))
    }

    /// Tells of the mark `index` when the first of `samples`, which were stretched, has left.
    fn mark_at(&mut self, samples: Range<u64>, index: u32, noted: Duration) {
        let told = |sample| in_frames(sample, self.told_rate);
        let frames = told(samples.start)..told(samples.end);
        let frame = self.begin + in_frames(samples.start, self.rate);
        let place = self.place(|other| other.left <= frame + 1);
        self.due.insert(place, Due { left: frame + 1, noted, what: What::Mark { frame, index, frames } });
    }

    /// What `samples` become if the ratio lasts.
    fn scaled(&self, samples: u64) -> u64 {
        (samples as f64 / self.ratio).round() as u64
    }

    /// The place after all of the utterances before, and after what `is_before` holds for.
    fn place(&self, is_before: impl Fn(&Due) -> bool) -> usize {
        let own = self.due.iter().rev().take_while(|due| !due.is_end() && !is_before(due)).count();
        self.due.len() - own
    }

    fn restart(&mut self, written: u64) {
        self.begin = written;
        self.pending.clear();
        (self.samples, self.spoken) = (0, 0);
        (self.stretched, self.stretched_to, self.spoken_to) = (0, 0, 0);
        self.seeks_audible = true;
    }
}

/// Frames at `rate` of so many samples.
pub(crate) fn in_frames(samples: u64, rate: u32) -> u64 {
    samples * u64::from(rate) / u64::from(CHUNK_RATE)
}

impl What {
    /// The frame with which it is heard, `left` being those that must have left the ring: its own, but none after the
    /// last of speech.
    fn frame(&self, left: u64) -> u64 {
        match self {
            Self::Audible { frame } | Self::Mark { frame, .. } => left.min(*frame),
            Self::End { .. } => left,
        }
    }
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

    /// Speech, or a pause, that passes through as it is.
    fn speak(timeline: &mut Timeline, samples: usize) {
        timeline.speak(samples, 1.0);
        timeline.stretch(samples, samples);
    }

    fn pause(timeline: &mut Timeline, samples: usize) {
        timeline.pause(samples, 1.0);
        timeline.stretch(samples, samples);
    }

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
        speak(&mut timeline, 100);
        pause(&mut timeline, 50);
        timeline.mark(&[ChunkMark { offset: 10, length: 30, index: 4 }, point(40, 5)], Duration::ZERO);
        speak(&mut timeline, 200);
        assert_eq!(told(&mut timeline, 320), Vec::<String>::new());
        let position = Position { frames: 320, at: Duration::from_secs(1) };
        assert_eq!(timeline.time_of_next(position), Some(Duration::from_secs(1)));
        assert_eq!(told(&mut timeline, 321), ["4@320..380"]);
        assert_eq!(told(&mut timeline, 400), ["5@380..380"]);
        assert_eq!(timeline.time_of_next(position), None);
    }

    #[test]
    fn at_one_frame_the_end_comes_first_then_the_first_sound_and_then_the_marks_in_order() {
        let mut timeline = Timeline::new(24_000);
        timeline.mark(&[point(0, 0), point(100, 1)], Duration::ZERO);
        speak(&mut timeline, 100);
        timeline.end(7, 100, Duration::ZERO);
        timeline.mark(&[point(0, 2), point(0, 3), point(1, 4)], Duration::ZERO);
        speak(&mut timeline, 50);
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
        speak(&mut timeline, 100);
        timeline.mark(&[point(30, 0)], Duration::ZERO);
        pause(&mut timeline, 60);
        timeline.end(0, 160, Duration::ZERO);
        assert_eq!(told(&mut timeline, 100), ["0@130..130", "end 0"]);
    }

    #[test]
    fn an_end_waits_until_it_is_heard() {
        let mut timeline = Timeline::new(24_000);
        speak(&mut timeline, 24_000);
        timeline.end(0, 24_000, Duration::ZERO);
        let position = Position { frames: 24_000, at: Duration::from_secs(2) };
        assert_eq!(timeline.next(position, Duration::from_millis(1_999)), None);
        assert_eq!(
            timeline.next(position, Duration::from_secs(2)),
            Some(PumpEvent::Finished { utterance: 0 })
        );
    }

    #[test]
    fn a_mark_that_has_left_the_ring_waits_until_the_device_plays_it() {
        let mut timeline = Timeline::new(24_000);
        timeline.mark(&[point(240, 0)], Duration::ZERO);
        timeline.speak(480, 1.0);
        timeline.stretch(480, 480);
        // The device plays frame 480 at 100 ms, so frame 240 at 90 ms.
        let position = Position { frames: 480, at: Duration::from_millis(100) };
        assert_eq!(timeline.next(position, Duration::from_millis(89)), None);
        let at = Duration::from_millis(90);
        assert_eq!(timeline.time_of_next(position), Some(at));
        assert_eq!(timeline.next(position, at), Some(PumpEvent::Mark { index: 0, frames: 240..240, at }));
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
        speak(&mut timeline, 1_000);
        timeline.end(0, 2_000, Duration::ZERO);
        timeline.clear(2_000);
        assert!(timeline.seeks_audible());
        timeline.mark(&[point(5, 1)], Duration::ZERO);
        speak(&mut timeline, 100);
        assert_eq!(told(&mut timeline, 4_000), ["1@10..10"]);
    }

    #[test]
    fn a_mark_goes_where_its_sample_went_and_is_told_only_then() {
        let mut timeline = Timeline::new(48_000);
        timeline.mark(&[point(50, 0), point(120, 1), point(250, 2), point(340, 3)], Duration::ZERO);
        timeline.speak(400, 2.0);
        assert_eq!(told(&mut timeline, 9_999), Vec::<String>::new());
        timeline.stretch(100, 100);
        assert_eq!(told(&mut timeline, 9_999), ["0@100..100"]);
        // Left out, then shortened evenly.
        timeline.stretch(100, 0);
        timeline.stretch(100, 50);
        assert_eq!(told(&mut timeline, 9_999), ["1@200..200", "2@250..250"]);
        // Repeated: the sample after it has moved.
        timeline.stretch(0, 70);
        timeline.stretch(100, 100);
        assert_eq!(told(&mut timeline, 9_999), ["3@520..520"]);
    }

    #[test]
    fn a_span_is_as_long_as_it_became_or_will_be_if_the_ratio_lasts() {
        let mut timeline = Timeline::new(24_000);
        let span = |offset, index| ChunkMark { offset, length: 50, index };
        timeline.mark(&[span(0, 0), span(80, 1)], Duration::ZERO);
        timeline.speak(200, 2.0);
        timeline.stretch(100, 40);
        assert_eq!(told(&mut timeline, 9_999), ["0@0..20", "1@32..57"]);
    }

    #[test]
    fn the_end_is_where_the_last_sample_of_speech_went() {
        let mut timeline = Timeline::new(24_000);
        timeline.speak(1_000, 2.0);
        timeline.stretch(600, 300);
        timeline.pause(500, 2.0);
        timeline.stretch(900, 450);
        timeline.end(0, 750, Duration::ZERO);
        assert_eq!(told(&mut timeline, 499), Vec::<String>::new());
        assert_eq!(told(&mut timeline, 500), ["end 0"]);
    }
}
