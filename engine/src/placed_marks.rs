//! The marks of a fragment on their way into its chunks.

use std::collections::VecDeque;
use std::ops::Range;

use sostenuto_inference::Timing;
use sostenuto_playback::ChunkMark;

use crate::fragment_marks::{Stretch, fragment_marks};
use crate::marks::{MarkKind, MarkTable};
use crate::planner::Planned;

/// The marks that a fragment carries; none unless its utterance asked for them.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlacedMarks {
    phonemes: String,
    /// Bytes of `phonemes`, and which mark it is.
    words: Vec<(Range<usize>, u32)>,
    /// Before which word, and which mark it is.
    points: Vec<(usize, u32)>,
    sentence: Option<u32>,
    placed: VecDeque<ChunkMark>,
}

impl PlacedMarks {
    /// The marks of `planned`, entered into the table of its utterance.
    pub(crate) fn plan(planned: &Planned, table: &mut MarkTable) -> Self {
        let sentence = table.plan_sentence(planned.source.clone(), planned.begins_sentence);
        let mut points = Vec::new();
        let mut names = planned.marks.iter().peekable();
        let mut words = Vec::with_capacity(planned.words.len());
        for n in 0..=planned.words.len() {
            while let Some(mark) = names.next_if(|mark| mark.word <= n || n == planned.words.len()) {
                let at = planned.words.get(n).map_or(planned.source.end, |word| word.source.start);
                points.push((n, table.plan(MarkKind::User { name: mark.name.clone() }, at..at)));
            }
            if let Some(word) = planned.words.get(n) {
                words.push((word.phonemes.clone(), table.plan(MarkKind::Word, word.source.clone())));
            }
        }
        let phonemes = planned.phonemes.clone();
        Self { phonemes, words, points, sentence: Some(sentence), placed: VecDeque::new() }
    }

    /// Finds where they are in the samples that follow.
    pub(crate) fn place(&mut self, timing: Timing<'_>) {
        let ranges = self.words.iter().map(|(range, _)| range.clone());
        let stretches: Vec<_> = fragment_marks(ranges, &self.phonemes, timing).collect();
        self.arrange(&stretches);
    }

    /// Puts them in the order of their samples. `stretches` are where the words are: the first of them where the
    /// fragment was cut, and none where the session does not tell.
    pub(crate) fn arrange(&mut self, stretches: &[Stretch]) {
        let (Some(first), Some(last)) = (stretches.first(), stretches.last()) else { return };
        let whole = Stretch { offset: first.offset, length: last.end() - first.offset };
        let mark = |stretch: Stretch, index: u32| ChunkMark {
            offset: stretch.offset as u32,
            length: stretch.length as u32,
            index,
        };
        let mut points = self.points.iter().peekable();
        self.placed.extend(self.sentence.map(|index| mark(whole, index)));
        for (n, (&stretch, &(_, index))) in stretches.iter().zip(&self.words).enumerate() {
            while let Some(&(_, point)) = points.next_if(|(word, _)| *word <= n) {
                self.placed.push_back(mark(Stretch { length: 0, ..stretch }, point));
            }
            self.placed.push_back(mark(stretch, index));
        }
        if stretches.len() == self.words.len() {
            let end = Stretch { offset: last.end(), length: 0 };
            self.placed.extend(points.map(|&(_, point)| mark(end, point)));
        }
    }

    /// Which mark the sentence is.
    pub(crate) fn sentence(&self) -> Option<u32> {
        self.sentence
    }

    /// The next mark, if it begins before sample `end` of the fragment.
    pub(crate) fn next_before(&mut self, end: usize) -> Option<ChunkMark> {
        let next = self.placed.front().filter(|mark| (mark.offset as usize) < end)?;
        let next = *next;
        self.placed.pop_front();
        Some(next)
    }

    /// Whether any are placed and not yet taken.
    pub(crate) fn are_left(&self) -> bool {
        !self.placed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fragment_marks::EARLY;
    use crate::planner::{PlannedMark, PlannedWord};
    use sostenuto_g2p::Boundary;

    /// Durations are told late by [`EARLY`].
    const TIMING: Timing<'_> =
        Timing { durations: &[EARLY as u32 + 100, 10, 10, 5, 20, 20, 100], trimmed_lead: 90 };

    fn planned() -> Planned {
        let word = |source, phonemes| PlannedWord { source, phonemes };
        let mark = |name: &str, word| PlannedMark { name: name.into(), word };
        Planned {
            phonemes: "hə lO".into(),
            boundary: Boundary::Comma,
            source: 0..9,
            begins_sentence: true,
            words: vec![word(0..3, 0..3), word(4..9, 4..6)],
            marks: vec![mark("middle", 1), mark("end", 2)],
        }
    }

    #[test]
    fn marks_come_in_the_order_of_their_samples() {
        let mut table = MarkTable::default();
        let mut marks = PlacedMarks::plan(&planned(), &mut table);
        marks.place(TIMING);
        let placed: Vec<_> = std::iter::from_fn(|| marks.next_before(usize::MAX)).collect();
        let starts: Vec<_> = placed.iter().map(|mark| (mark.offset, mark.length)).collect();
        assert_eq!(starts, [(10, 65), (10, 20), (35, 0), (35, 40), (75, 0)]);
    }

    #[test]
    fn a_mark_goes_into_the_part_that_it_begins_in() {
        let mut marks = PlacedMarks::plan(&planned(), &mut MarkTable::default());
        marks.place(TIMING);
        let first = std::iter::from_fn(|| marks.next_before(35)).count();
        assert_eq!((first, marks.are_left()), (2, true));
    }

    #[test]
    fn of_a_fragment_that_was_cut_there_are_the_words_that_are_left_and_the_points_before_them() {
        let mut marks = PlacedMarks::plan(&planned(), &mut MarkTable::default());
        marks.arrange(&[Stretch { offset: 10, length: 20 }]);
        let placed: Vec<_> = std::iter::from_fn(|| marks.next_before(usize::MAX)).collect();
        let starts: Vec<_> = placed.iter().map(|mark| (mark.offset, mark.length)).collect();
        assert_eq!(starts, [(10, 20), (10, 20)]);
    }

    #[test]
    fn without_durations_there_are_no_marks() {
        let mut marks = PlacedMarks::plan(&planned(), &mut MarkTable::default());
        marks.place(Timing { durations: &[], trimmed_lead: 0 });
        assert!(!marks.are_left());
    }
}
