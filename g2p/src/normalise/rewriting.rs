//! A text in the making, with the way back to the text that it is made from.

use std::cmp::Reverse;
use std::ops::Range;

use crate::normalise::Rule;
use crate::span_map::SpanMap;

/// Copies and replaces, from the first byte of a text to its last.
#[derive(Clone, Debug, Default)]
pub(super) struct Rewriting {
    written: Rewritten,
    /// The source of what was replaced last, while nothing was copied after it.
    replaced: Option<Range<usize>>,
}

/// A text that was rewritten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rewritten {
    pub(super) text: String,
    pub(super) map: SpanMap,
    /// Stretches of `text` that a rule wrote, in order.
    pub(super) rules: Vec<(Range<usize>, Rule)>,
}

impl Rewriting {
    /// Appends `c`, which stands at byte `at` of the source.
    pub(super) fn copy(&mut self, c: char, at: usize) {
        if let Some(source) = self.replaced.take().filter(|_| c.is_alphanumeric() || matches!(c, '(' | '[')) {
            self.part(source);
        }
        self.written.text.push(c);
        self.written.map.copy(at..at + c.len_utf8());
    }

    /// Writes `words` in the place of `source`, apart from a word before or after.
    pub(super) fn replace(&mut self, words: &str, source: Range<usize>, rule: Rule) {
        if words.starts_with(char::is_alphanumeric) {
            self.part(source.clone());
        }
        let start = self.written.text.len();
        self.written.text.push_str(words);
        self.written.map.replace(words.len(), source.clone());
        if !words.is_empty() {
            self.written.rules.push((start..self.written.text.len(), rule));
        }
        self.replaced = Some(source);
    }

    /// Leaves `source` out, so that a word before it and a word after it stay apart.
    pub(super) fn leave_out(&mut self, source: Range<usize>) {
        self.replaced = Some(source);
    }

    /// Writes a space on behalf of `source` where a word ended just now.
    fn part(&mut self, source: Range<usize>) {
        if self.written.text.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | ']')) {
            self.written.text.push(' ');
            self.written.map.replace(1, source);
        }
    }

    pub(super) fn finish(self) -> Rewritten {
        self.written
    }
}

impl Rewritten {
    /// A text that was changed by other means than rules.
    pub(super) fn without_rules((text, map): (String, SpanMap)) -> Self {
        Self { text, map, rules: Vec::new() }
    }

    /// This text rewritten as `next`, with the stretches that rules wrote in either, none within another.
    pub(super) fn then(self, next: Self) -> Self {
        let mut rules: Vec<_> =
            self.rules.into_iter().map(|(range, rule)| (next.map.target(range), rule)).collect();
        rules.extend(next.rules);
        rules.sort_by_key(|(range, _)| (range.start, Reverse(range.end)));
        // What a rule wrote inside the words of another is that other's.
        let mut end = 0;
        for (range, _) in &mut rules {
            range.start = range.start.max(end);
            end = end.max(range.end);
        }
        rules.retain(|(range, _)| !range.is_empty());
        Self { text: next.text, map: self.map.then(&next.map), rules }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_apart_from_what_stands_beside_them() {
        let mut rewriting = Rewriting::default();
        for (at, c) in "a".char_indices() {
            rewriting.copy(c, at);
        }
        rewriting.replace("five", 1..2, Rule::Cardinal);
        rewriting.copy('b', 2);
        rewriting.copy('.', 3);
        let written = rewriting.finish();
        assert_eq!(written.text, "a five b.");
        assert_eq!(written.map.source(2..6), 1..2);
        assert_eq!(written.map.source(7..8), 2..3);
    }
}
