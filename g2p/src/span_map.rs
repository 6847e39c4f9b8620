//! Which bytes of a text the bytes of its rewritten form stand for.

use std::ops::Range;

/// One stretch of a rewritten text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stretch {
    /// Where it ends in the rewritten text; it begins where the stretch before it ends.
    end: usize,
    /// What it stands for.
    source: Range<usize>,
    /// Whether it was copied byte for byte, so that each byte stands for one byte.
    copied: bool,
}

/// Leads from a rewritten text back to the text that it was made from.
///
/// A copied byte stands for its own source; a rewritten stretch stands for the whole of what it replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanMap {
    stretches: Vec<Stretch>,
}

impl SpanMap {
    /// The map of a text of `len` bytes that was not changed.
    pub fn identity(len: usize) -> Self {
        let mut map = Self::default();
        map.copy(0..len);
        map
    }

    /// Appends a stretch that was copied from `source`.
    pub fn copy(&mut self, source: Range<usize>) {
        let start = self.len();
        match self.stretches.last_mut() {
            Some(last) if last.copied && last.source.end == source.start => {
                last.end += source.len();
                last.source.end = source.end;
            }
            _ if source.is_empty() => {}
            _ => self.stretches.push(Stretch { end: start + source.len(), source, copied: true }),
        }
    }

    /// Appends a stretch of `len` bytes that was written in the place of `source`.
    pub fn replace(&mut self, len: usize, source: Range<usize>) {
        if len > 0 {
            self.stretches.push(Stretch { end: self.len() + len, source, copied: false });
        }
    }

    /// Appends the stretches of `next`, whose source begins at byte `at` of this map's source.
    pub fn append(&mut self, next: &Self, at: usize) {
        let mut start = 0;
        for stretch in &next.stretches {
            let source = stretch.source.start + at..stretch.source.end + at;
            if stretch.copied {
                self.copy(source);
            } else {
                self.replace(stretch.end - start, source);
            }
            start = stretch.end;
        }
    }

    /// Bytes of the rewritten text.
    pub fn len(&self) -> usize {
        self.stretches.last().map_or(0, |last| last.end)
    }

    /// Whether the rewritten text is empty.
    pub fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// The source bytes that `range` of the rewritten text stands for; monotone in both ends of `range`.
    ///
    /// An empty range, and one past the end, gives an empty range of the source.
    pub fn source(&self, range: Range<usize>) -> Range<usize> {
        let first = self.stretches.partition_point(|stretch| stretch.end <= range.start);
        let Some(stretch) = self.stretches.get(first) else {
            let end = self.stretches.last().map_or(0, |last| last.source.end);
            return end..end;
        };
        let start = if stretch.copied {
            stretch.source.start + (range.start - self.start(first))
        } else {
            stretch.source.start
        };
        if range.is_empty() {
            return start..start;
        }
        let last =
            self.stretches.partition_point(|stretch| stretch.end < range.end).min(self.stretches.len() - 1);
        let stretch = &self.stretches[last];
        let end = if stretch.copied {
            (stretch.source.start + (range.end - self.start(last))).min(stretch.source.end)
        } else {
            stretch.source.end
        };
        start..end.max(start)
    }

    /// The stretch of the rewritten text that stands for `source`, or `None` where no stretch stands for just that:
    /// nothing was written for it, or it was rewritten together with what stands beside it.
    pub fn rewritten(&self, source: Range<usize>) -> Option<Range<usize>> {
        let target = self.target(source.clone());
        let back = self.source(target.clone());
        (!target.is_empty() && source.start <= back.start && back.end <= source.end).then_some(target)
    }

    /// The bytes of the rewritten text that stand for `range` of the source or a part of it: the way there.
    ///
    /// Empty where nothing of `range` is left.
    pub(crate) fn target(&self, range: Range<usize>) -> Range<usize> {
        let first = self.stretches.partition_point(|stretch| stretch.source.end <= range.start);
        let last = self.stretches.partition_point(|stretch| stretch.source.start < range.end);
        let Some(stretch) = self.stretches.get(first).filter(|_| first < last) else {
            let at = self.start(first);
            return at..at;
        };
        let start = self.start(first);
        let start =
            if stretch.copied { start + range.start.saturating_sub(stretch.source.start) } else { start };
        let stretch = &self.stretches[last - 1];
        let end = if stretch.copied {
            stretch.end - stretch.source.end.saturating_sub(range.end)
        } else {
            stretch.end
        };
        start..end.max(start)
    }

    /// The map of a text that was rewritten twice: by `self` first, then by `next`.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        let mut map = Self::default();
        let mut start = 0;
        for stretch in &next.stretches {
            if stretch.copied {
                self.copy_into(&mut map, stretch.source.clone());
            } else {
                map.replace(stretch.end - start, self.source(stretch.source.clone()));
            }
            start = stretch.end;
        }
        map
    }

    /// Appends to `map` what `range` of this map's text stands for, stretch by stretch.
    fn copy_into(&self, map: &mut Self, range: Range<usize>) {
        let mut at = range.start;
        let first = self.stretches.partition_point(|stretch| stretch.end <= at);
        for stretch in &self.stretches[first..] {
            let end = stretch.end.min(range.end);
            if at >= end {
                break;
            }
            if stretch.copied {
                map.copy(self.source(at..end));
            } else {
                map.replace(end - at, stretch.source.clone());
            }
            at = end;
        }
    }

    fn start(&self, index: usize) -> usize {
        index.checked_sub(1).map_or(0, |before| self.stretches[before].end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// "pay $5 now" read as "pay five dollars now".
    fn paid() -> SpanMap {
        let mut map = SpanMap::default();
        map.copy(0..4);
        map.replace("five dollars".len(), 4..6);
        map.copy(6..10);
        map
    }

    #[test]
    fn copied_bytes_stand_for_themselves_and_rewritten_ones_for_all_they_replaced() {
        let map = paid();
        assert_eq!(map.source(0..3), 0..3);
        assert_eq!(map.source(4..8), 4..6);
        assert_eq!(map.source(9..16), 4..6);
        assert_eq!(map.source(17..20), 7..10);
        assert_eq!(map.source(0..20), 0..10);
        assert_eq!(map.source(20..20), 10..10);
        assert_eq!(map.len(), 20);
    }

    #[test]
    fn a_stretch_of_the_source_is_found_again_unless_it_was_rewritten_with_its_neighbours() {
        let map = paid();
        assert_eq!(map.rewritten(0..3), Some(0..3));
        assert_eq!(map.rewritten(4..6), Some(4..16));
        assert_eq!(map.rewritten(3..8), Some(3..18));
        assert_eq!(map.rewritten(5..6), None);
        assert_eq!(map.rewritten(5..9), None);
        assert_eq!(map.rewritten(20..22), None);
    }

    #[test]
    fn source_bytes_lead_to_what_was_written_for_them() {
        let map = paid();
        assert_eq!(map.target(0..3), 0..3);
        assert_eq!(map.target(4..6), 4..16);
        assert_eq!(map.target(5..6), 4..16);
        assert_eq!(map.target(2..8), 2..18);
        assert_eq!(map.target(7..10), 17..20);
        assert_eq!(map.target(20..22), 20..20);
    }

    #[test]
    fn two_rewritings_make_one() {
        let mut shouted = SpanMap::default();
        shouted.copy(0..9);
        shouted.replace(3, 9..16);
        shouted.copy(16..20);
        let map = paid().then(&shouted);
        assert_eq!(map.source(4..8), 4..6);
        assert_eq!(map.source(9..12), 4..6);
        assert_eq!(map.source(13..16), 7..10);
    }

    proptest! {
        #[test]
        fn sources_are_monotone_and_inside(steps in prop::collection::vec((0_usize..5, 0_usize..5, any::<bool>()), 0..20)) {
            let mut map = SpanMap::default();
            let mut source = 0;
            for (len, from, copied) in steps {
                if copied { map.copy(source..source + from) } else { map.replace(len, source..source + from) }
                source += from;
            }
            let twice = map.then(&SpanMap::identity(map.len()));
            let mut last = 0..0;
            for at in 0..map.len() {
                let span = map.source(at..at + 1);
                prop_assert!(span.start >= last.start && span.end >= last.end && span.end <= source);
                prop_assert_eq!(twice.source(at..at + 1), span.clone());
                last = span;
            }
        }
    }
}
