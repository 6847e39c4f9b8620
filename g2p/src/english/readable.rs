//! What stands between any text at all and rules that were made for prose.
//!
//! The time that a run without spaces costs grows faster than its length, and most characters of Unicode are none
//! that English is written with. [`Readable`] is a sentence without any of that, with a way back to every source
//! byte.

use std::ops::Range;

use crate::pronouncer::Given;
use crate::{latin, symbol_names};

/// The longest run without a space, in characters, that is handed on as prose.
const MAX_RUN: usize = 96;

/// Changes between letters, digits and marks that any run may have and still be prose; one in three characters may
/// add another.
const CHANGES: usize = 8;

/// What parts words where a character could not be read.
const GAP: char = '\0';

/// What stands for a character that cannot be read in a stretch that has its phonemes.
const STAND_IN: char = 'x';

/// The most bytes of prose that are handed on in one piece.
const MAX_PROSE: usize = 1_000;

/// One stretch of a [`Readable`], as a byte range of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    /// Words that profit from the context around them.
    Prose(Range<usize>),
    /// One run longer than [`MAX_RUN`], or a jumble of letters, digits and marks, to be taken apart without context.
    Tangle(Range<usize>),
}

/// A sentence in characters that English can read, words apart by single spaces.
#[derive(Clone, Debug, Default)]
pub(super) struct Readable {
    text: String,
    /// The source bytes of every byte of `text`.
    origin: Vec<Range<usize>>,
    /// Source characters that English cannot read.
    pub(super) dropped: usize,
    /// The bytes of the text that each of the given ranges has become, in the same order.
    pub(super) given: Vec<Range<usize>>,
}

/// A character on its way from the source into a [`Readable`].
struct Glyph {
    letter: char,
    source: Range<usize>,
}

impl Readable {
    /// Reads `sentence`; what stands in one of the ranges `given` will be heard and needs not be readable.
    pub(super) fn new(sentence: &str, given: &[Given]) -> Self {
        let mut readable = Self::default();
        let glyphs = readable.translate(sentence, given);
        readable.write(&glyphs);
        readable.given = given.iter().map(|given| readable.part_of(&given.range)).collect();
        readable
    }

    /// The bytes of the text that came from `source`.
    fn part_of(&self, source: &Range<usize>) -> Range<usize> {
        let start = self.origin.partition_point(|origin| origin.start < source.start);
        let length = self.origin[start..].partition_point(|origin| origin.start < source.end);
        start..start + length
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The source bytes from which `range` of the text came.
    pub(super) fn source(&self, range: Range<usize>) -> Range<usize> {
        match self.origin.get(range.clone()).unwrap_or_default() {
            [] => {
                let end = self.origin[..range.start.min(self.origin.len())].last().map_or(0, |last| last.end);
                end..end
            }
            [first, .., last] => first.start..last.end,
            [only] => only.clone(),
        }
    }

    /// The text in stretches, in order; together they hold all of it but the spaces between two stretches.
    pub(super) fn stretches(&self) -> Vec<Stretch> {
        let mut stretches = Vec::new();
        let mut open: Option<Range<usize>> = None;
        let mut start = 0;
        for run in self.text.split(' ') {
            let range = start..start + run.len();
            start = range.end + 1;
            if is_tangled(run) {
                stretches.extend(open.take().map(Stretch::Prose));
                stretches.push(Stretch::Tangle(range));
            } else if let Some(prose) = open.as_mut().filter(|prose| range.end - prose.start <= MAX_PROSE) {
                prose.end = range.end;
            } else if !run.is_empty() {
                stretches.extend(open.replace(range).map(Stretch::Prose));
            }
        }
        stretches.extend(open.map(Stretch::Prose));
        stretches
    }

    fn translate(&mut self, sentence: &str, mut given: &[Given]) -> Vec<Glyph> {
        let mut glyphs: Vec<Glyph> = Vec::with_capacity(sentence.len());
        for (start, c) in sentence.char_indices() {
            let source = start..start + c.len_utf8();
            while let Some((_, rest)) = given.split_first().filter(|(first, _)| first.range.end <= start) {
                given = rest;
            }
            let heard = given.first().is_some_and(|given| given.range.contains(&start));
            let mut put = |letter| glyphs.push(Glyph { letter, source: source.clone() });
            match c {
                c if c.is_whitespace() || c.is_control() || c == '\u{200b}' => put(' '),
                // Invisible marks inside a word: soft hyphen, joiners, direction and variation marks.
                '\u{ad}'
                | '\u{200c}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}' => {}
                '\u{300}'..='\u{36f}' => {
                    if let Some(last) = glyphs.last_mut().filter(|last| latin::is_latin(last.letter)) {
                        last.letter = latin::compose(last.letter, c).unwrap_or(last.letter);
                        last.source.end = source.end;
                    } else {
                        self.dropped += 1;
                    }
                }
                '\u{2010}' | '\u{2011}' | '\u{2212}' => put('-'),
                '\u{2012}' => put('–'),
                '\u{2015}' => put('—'),
                '\u{2032}' | '\u{2bc}' => put('\''),
                '\u{2033}' => put('"'),
                '«' | '„' | '‟' | '「' | '『' => put('“'),
                '»' | '」' | '』' => put('”'),
                '。' => put('.'),
                '、' => put(','),
                // The full-width forms of printable ASCII stand in ASCII's order.
                '\u{ff01}'..='\u{ff5e}' => put(char::from((c as u32 - 0xff01 + 0x21) as u8)),
                '\u{fb00}'..='\u{fb06}' => {
                    let plain = ["ff", "fi", "fl", "ffi", "ffl", "st", "st"][c as usize - 0xfb00];
                    plain.chars().for_each(put);
                }
                '³' => put('3'),
                '“' | '”' | '‘' | '’' | '—' | '–' | '…' => put(c),
                c if c.is_ascii_graphic() || latin::is_latin(c) || symbol_names::name(c).is_some() => put(c),
                _ if heard => put(STAND_IN),
                _ => {
                    self.dropped += 1;
                    put(GAP);
                }
            }
        }
        glyphs
    }

    /// Writes the glyphs with single spaces, and with breaks in runs that are too long.
    fn write(&mut self, glyphs: &[Glyph]) {
        let mut rest = glyphs;
        while let Some(start) = rest.iter().position(|g| !is_space(g)) {
            let (space, after) = rest.split_at(start);
            let length = after.iter().position(is_space).unwrap_or(after.len());
            let (run, after) = after.split_at(length);
            rest = after;
            // A mark closes up to the word before what was dropped.
            let closes = matches!(run[0].letter, '.' | ',' | ';' | ':' | '!' | '?' | '…');
            let dropped = space.iter().any(|g| g.letter == GAP);
            if !(self.text.is_empty() || closes && dropped) {
                self.break_run();
            }
            for (i, glyph) in run.iter().enumerate() {
                let broken = run.len() > MAX_RUN
                    && i > 1
                    && run[i - 2].letter.is_alphabetic()
                    && ends_phrase(run[i - 1].letter)
                    && glyph.letter.is_alphabetic();
                if broken {
                    self.break_run();
                }
                self.push(glyph.letter, glyph.source.clone());
            }
        }
    }

    fn break_run(&mut self) {
        let end = self.origin.last().map_or(0, |source| source.end);
        self.push(' ', end..end);
    }

    fn push(&mut self, letter: char, source: Range<usize>) {
        self.text.push(letter);
        self.origin.extend(std::iter::repeat_n(source, letter.len_utf8()));
    }
}

/// Whether a run would cost the pronouncer more than it gains from context.
fn is_tangled(run: &str) -> bool {
    let class = |c: char| (c.is_alphabetic(), c.is_numeric(), c.is_uppercase());
    let changes = run.chars().zip(run.chars().skip(1)).filter(|&(a, b)| class(a) != class(b)).count();
    let length = run.chars().count();
    length > MAX_RUN || changes > CHANGES + length / 3
}

fn is_space(glyph: &Glyph) -> bool {
    matches!(glyph.letter, ' ' | GAP)
}

/// Marks after which a run that is too long may be broken without harm to a number or a name.
fn ends_phrase(letter: char) -> bool {
    matches!(letter, '—' | '–' | '…' | ';' | '!' | '?' | ')')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(sentence: &str) -> String {
        Readable::new(sentence, &[]).text().to_owned()
    }

    #[test]
    fn white_space_and_control_characters_collapse_to_one_space() {
        assert_eq!(read("  one\n\ttwo\0\u{7}three\u{200b}four  "), "one two three four");
    }

    #[test]
    fn invisible_marks_inside_a_word_vanish() {
        assert_eq!(read("co\u{ad}oper\u{200d}ate\u{feff}"), "cooperate");
    }

    #[test]
    fn scripts_that_english_cannot_read_are_counted_and_leave_a_space() {
        let readable = Readable::new("a東京b 🎉 мир", &[]);
        assert_eq!(readable.text(), "a b");
        assert_eq!(readable.dropped, 2 + 1 + 3);
    }

    #[test]
    fn compatibility_forms_become_plain() {
        assert_eq!(read("ﬁve ＡＢ！ re\u{301}sume\u{301} ski\u{2011}run"), "five AB! résumé ski-run");
    }

    #[test]
    fn given_ranges_are_found_again_and_need_not_be_readable() {
        let given = |range| Given { range, phonemes: String::new() };
        let sentence = "  say 東京 or  ﬁve";
        let readable = Readable::new(sentence, &[given(6..12), given(17..22)]);
        assert_eq!(readable.text(), "say xx or five");
        assert_eq!(readable.given, [4..6, 10..14]);
        assert_eq!(readable.dropped, 0);
    }

    #[test]
    fn a_run_that_is_too_long_is_a_tangle_between_prose() {
        let long = "a-".repeat(50);
        let readable = Readable::new(&format!("so {long} it goes"), &[]);
        assert_eq!(
            readable.stretches(),
            [Stretch::Prose(0..2), Stretch::Tangle(3..103), Stretch::Prose(104..111)]
        );
    }

    #[test]
    fn a_long_run_of_phrases_is_broken_at_its_dashes() {
        let readable = Readable::new(&"a dash—".replace(' ', "").repeat(20), &[]);
        assert_eq!(readable.stretches().len(), 1);
        assert!(readable.text().starts_with("adash— adash— "));
    }

    #[test]
    fn prose_is_handed_on_in_bounded_pieces() {
        let readable = Readable::new(&"some words ".repeat(1_000), &[]);
        for stretch in readable.stretches() {
            let Stretch::Prose(range) = stretch else { panic!("no tangle here") };
            assert!(range.len() <= MAX_PROSE);
        }
    }

    proptest! {
        #[test]
        fn spans_lead_back_in_order_and_nothing_readable_is_lost(sentence in "(?s).{0,200}") {
            let readable = Readable::new(&sentence, &[]);
            let mut last = 0;
            for (start, c) in readable.text().char_indices() {
                let source = readable.source(start..start + c.len_utf8());
                prop_assert!(source.start <= source.end && source.end <= sentence.len());
                prop_assert!(source.start >= last || source.end >= last);
                prop_assert!(sentence.get(source.clone()).is_some());
                last = source.start;
            }
            let kept: usize = readable.stretches().into_iter().map(|stretch| match stretch {
                Stretch::Prose(range) | Stretch::Tangle(range) => {
                    readable.text()[range].chars().filter(|&c| c != ' ').count()
                }
            }).sum();
            prop_assert_eq!(kept, readable.text().chars().filter(|&c| c != ' ').count());
        }
    }
}
