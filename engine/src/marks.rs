//! Where the words of an utterance are in its audio.

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
#[derive(Debug, Default)]
pub(crate) struct MarkTable {
    planned: Vec<(MarkKind, Range<usize>)>,
    heard: Vec<(u32, Range<u64>)>,
    /// Where in `planned` the sentence is that was planned last.
    sentence: u32,
    /// Where in `heard` the sentence is that was heard last.
    heard_sentence: usize,
}

impl MarkTable {
    /// Adds a mark; returns its index.
    pub(crate) fn plan(&mut self, kind: MarkKind, text: Range<usize>) -> u32 {
        self.planned.push((kind, text));
        self.planned.len() as u32 - 1
    }

    /// Adds a mark called `name` after the text of all others; returns its index.
    pub(crate) fn plan_last(&mut self, name: String) -> u32 {
        let end = self.planned.iter().map(|(_, text)| text.end).max().unwrap_or_default();
        self.plan(MarkKind::User { name }, end..end)
    }

    /// Adds a sentence that begins with `text`, or goes on with it; returns its index.
    pub(crate) fn plan_sentence(&mut self, text: Range<usize>, begins: bool) -> u32 {
        match self.planned.get_mut(self.sentence as usize) {
            Some((MarkKind::Sentence, sentence)) if !begins => sentence.end = text.end,
            _ => self.sentence = self.plan(MarkKind::Sentence, text),
        }
        self.sentence
    }

    /// Notes that the mark `index` was heard in `samples`; one that was heard before goes on.
    pub(crate) fn hear(&mut self, index: u32, samples: Range<u64>) {
        if let Some((_, before)) =
            self.heard.get_mut(self.heard_sentence).filter(|(heard, _)| *heard == index)
        {
            before.end = samples.end;
            return;
        }
        if matches!(self.planned.get(index as usize), Some((MarkKind::Sentence, _))) {
            self.heard_sentence = self.heard.len();
        }
        self.heard.push((index, samples));
    }

    /// Those that have been heard, in order.
    pub(crate) fn heard(&self) -> Vec<Mark> {
        let mark = |(index, samples): &(u32, Range<u64>)| {
            let (kind, text) = self.planned.get(*index as usize)?;
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
        let mut table = MarkTable::default();
        let word = table.plan(MarkKind::Word, 0..5);
        let point = table.plan(MarkKind::User { name: "here".into() }, 5..5);
        assert_eq!(table.heard(), []);
        table.hear(point, 480..480);
        table.hear(9, 0..1);
        assert_eq!((word, table.heard().len()), (0, 1));
        assert_eq!(table.heard()[0].text, 5..5);
    }

    #[test]
    fn a_sentence_that_was_cut_is_one_mark() {
        let mut table = MarkTable::default();
        let sentence = table.plan_sentence(0..9, true);
        assert_eq!(table.plan_sentence(10..20, false), sentence);
        table.hear(sentence, 0..100);
        table.hear(sentence, 150..300);
        let heard = table.heard();
        assert_eq!((heard.len(), heard[0].text.clone(), heard[0].samples.clone()), (1, 0..20, 0..300));
        assert_ne!(table.plan_sentence(21..30, true), sentence);
    }

    #[test]
    fn a_mark_is_one_flat_object_in_json() {
        let mark = Mark { kind: MarkKind::User { name: "here".into() }, text: 5..5, samples: 480..480 };
        let json = serde_json::to_value(mark).unwrap();
        assert_eq!((json["kind"].as_str(), json["name"].as_str()), (Some("user"), Some("here")));
    }
}
