//! Where the words of an utterance are in its audio.

use std::collections::VecDeque;
use std::ops::Range;

use serde::Serialize;

/// What a mark stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum MarkKind {
    /// A word of the text.
    Word,
    /// A sentence of the text.
    Sentence,
    /// A point that the text names.
    User {
        /// As the text names it.
        name: String,
    },
}

/// A stretch of the text and the samples that it became.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// What it stands for.
    #[serde(flatten)]
    pub kind: MarkKind,
    /// Bytes of the utterance's text, or of its phonemes where it was given those; empty for a point.
    pub text: Range<usize>,
    /// Samples from the first of the utterance, its pauses counted, at the sink's rate.
    pub samples: Range<u64>,
}

/// The marks of one utterance: those that were planned, and those of them that have been heard.
///
/// Where nobody will ask for those that were heard, it forgets them sentence by sentence.
#[derive(Debug, Default)]
pub(crate) struct MarkTable {
    /// Whether what was heard is kept to its end.
    keeps: bool,
    planned: VecDeque<(MarkKind, Range<usize>)>,
    /// Marks that were planned before the first of `planned`.
    forgotten: u32,
    heard: Vec<(u32, Range<u64>)>,
    /// The sentence that was planned last.
    sentence: u32,
    /// The sentence that was heard last, and where it is in `heard`.
    heard_sentence: Option<(u32, usize)>,
}

impl MarkTable {
    /// An empty table; it `keeps` what was heard, or not.
    pub(crate) fn new(keeps: bool) -> Self {
        Self { keeps, ..Self::default() }
    }

    /// Adds a mark; returns its index.
    pub(crate) fn plan(&mut self, kind: MarkKind, text: Range<usize>) -> u32 {
        self.planned.push_back((kind, text));
        self.forgotten + self.planned.len() as u32 - 1
    }

    /// Adds a mark called `name` after the text of all others; returns its index.
    pub(crate) fn plan_last(&mut self, name: String) -> u32 {
        let end = self.planned.iter().map(|(_, text)| text.end).max().unwrap_or_default();
        self.plan(MarkKind::User { name }, end..end)
    }

    /// Adds a sentence that begins with `text`, or goes on with it; returns its index.
    pub(crate) fn plan_sentence(&mut self, text: Range<usize>, begins: bool) -> u32 {
        let place = self.sentence.checked_sub(self.forgotten);
        match place.and_then(|place| self.planned.get_mut(place as usize)) {
            Some((MarkKind::Sentence, sentence)) if !begins => sentence.end = text.end,
            _ => self.sentence = self.plan(MarkKind::Sentence, text),
        }
        self.sentence
    }

    /// Notes that the mark `index` was heard in `samples`, and gives it back; `None` for one that was heard before and
    /// goes on.
    pub(crate) fn hear(&mut self, index: u32, samples: Range<u64>) -> Option<Mark> {
        if let Some((_, at)) = self.heard_sentence.filter(|(sentence, _)| *sentence == index) {
            if let Some((_, before)) = self.heard.get_mut(at) {
                before.end = samples.end;
            }
            return None;
        }
        let place = index.checked_sub(self.forgotten)? as usize;
        let (kind, text) = self.planned.get(place)?;
        let mark = Mark { kind: kind.clone(), text: text.clone(), samples: samples.clone() };
        if *kind == MarkKind::Sentence {
            self.heard_sentence = Some((index, self.heard.len()));
            if !self.keeps {
                self.planned.drain(..place);
                self.forgotten = index;
            }
        }
        if self.keeps {
            self.heard.push((index, samples));
        }
        Some(mark)
    }

    /// Those that have been heard, in order; none where it does not keep them.
    pub(crate) fn heard(&self) -> Vec<Mark> {
        let mark = |(index, samples): &(u32, Range<u64>)| {
            let (kind, text) = self.planned.get(index.checked_sub(self.forgotten)? as usize)?;
            Some(Mark { kind: kind.clone(), text: text.clone(), samples: samples.clone() })
        };
        self.heard.iter().filter_map(mark).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_told_when_it_is_heard_and_not_before() {
        let mut table = MarkTable::new(true);
        let word = table.plan(MarkKind::Word, 0..5);
        let point = table.plan(MarkKind::User { name: "here".into() }, 5..5);
        assert_eq!(table.heard(), []);
        assert_eq!(table.hear(point, 480..480).map(|mark| mark.samples), Some(480..480));
        assert_eq!(table.hear(9, 0..1), None);
        assert_eq!((word, table.heard().len()), (0, 1));
        assert_eq!(table.heard()[0].text, 5..5);
    }

    #[test]
    fn a_sentence_that_was_cut_is_one_mark() {
        let mut table = MarkTable::new(true);
        let sentence = table.plan_sentence(0..9, true);
        assert_eq!(table.plan_sentence(10..20, false), sentence);
        assert!(table.hear(sentence, 0..100).is_some());
        assert_eq!(table.hear(sentence, 150..300), None);
        let heard = table.heard();
        assert_eq!((heard.len(), heard[0].text.clone(), heard[0].samples.clone()), (1, 0..20, 0..300));
        assert_ne!(table.plan_sentence(21..30, true), sentence);
    }

    #[test]
    fn a_table_that_keeps_nothing_holds_no_more_than_what_is_still_to_be_heard() {
        let mut table = MarkTable::new(false);
        for n in 0..100 {
            let sentence = table.plan_sentence(n..n + 1, true);
            let words: Vec<_> = (0..3).map(|_| table.plan(MarkKind::Word, n..n + 1)).collect();
            assert_eq!(table.plan_sentence(n..n + 1, false), sentence);
            assert!(table.hear(sentence, 0..1).is_some());
            assert_eq!(table.hear(sentence, 1..2), None);
            // A fragment may fail: then some are never heard.
            for word in words.into_iter().skip(n % 3) {
                assert_eq!(table.hear(word, 0..1).map(|mark| mark.text), Some(n..n + 1));
            }
            assert!(table.planned.len() <= 8);
        }
        assert_eq!(table.heard(), []);
    }

    #[test]
    fn a_mark_is_one_flat_object_in_json() {
        let mark = Mark { kind: MarkKind::User { name: "here".into() }, text: 5..5, samples: 480..480 };
        let json = serde_json::to_value(mark).unwrap();
        assert_eq!((json["kind"].as_str(), json["name"].as_str()), (Some("user"), Some("here")));
    }
}
