//! What stands between any text at all and a pronouncer that was built for prose.
//!
//! The pronouncer's time grows with the cube of a run without spaces, it panics where a letter of several bytes
//! stands before a final "ing", it reads `[a](b)` as its own markup, and it carries control characters through to
//! its output. [`Readable`] is a sentence without any of that, with a way back to every source byte.

use std::ops::Range;

use crate::{latin, symbol_names};

/// The longest run without a space, in characters, that is handed on as prose.
pub(crate) const MAX_RUN: usize = 64;

/// The most changes between letters, digits and marks in a run that is handed on as prose.
const MAX_CHANGES: usize = 24;

/// The most bytes of prose that are handed on in one piece.
pub(crate) const MAX_PROSE: usize = 1_000;

/// One stretch of a [`Readable`], as a byte range of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stretch {
    /// Words that profit from the context around them.
    Prose(Range<usize>),
    /// One run longer than [`MAX_RUN`], or with more than [`MAX_CHANGES`] changes of character class, to be taken apart without context.
    Tangle(Range<usize>),
}

/// A sentence in characters that English can read, words apart by single spaces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readable {
    text: String,
    /// The source bytes of every byte of `text`.
    origin: Vec<Range<usize>>,
    /// Source characters that English cannot read.
    pub(crate) dropped: usize,
}

/// A character on its way from the source into a [`Readable`].
struct Glyph {
    letter: char,
    source: Range<usize>,
}

impl Readable {
    pub(crate) fn new(sentence: &str) -> Self {
        let mut readable = Self::default();
        let mut glyphs = readable.translate(sentence);
        keep_final_ing_plain(&mut glyphs);
        readable.write(&glyphs);
        readable
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The source bytes from which `range` of the text came.
    pub(crate) fn source(&self, range: Range<usize>) -> Range<usize> {
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
    pub(crate) fn stretches(&self) -> Vec<Stretch> {
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

    fn translate(&mut self, sentence: &str) -> Vec<Glyph> {
        let mut glyphs: Vec<Glyph> = Vec::with_capacity(sentence.len());
        for (start, c) in sentence.char_indices() {
            let source = start..start + c.len_utf8();
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
                _ => {
                    self.dropped += 1;
                    put(' ');
                }
            }
        }
        glyphs
    }

    /// Writes the glyphs with single spaces, and with breaks in runs that are too long or would read as markup.
    fn write(&mut self, glyphs: &[Glyph]) {
        let mut rest = glyphs;
        while let Some(start) = rest.iter().position(|g| g.letter != ' ') {
            rest = &rest[start..];
            let length = rest.iter().position(|g| g.letter == ' ').unwrap_or(rest.len());
            let (run, after) = rest.split_at(length);
            rest = after;
            if !self.text.is_empty() {
                self.break_run();
            }
            for (i, glyph) in run.iter().enumerate() {
                let broken = i > 0
                    && (run[i - 1].letter == ']' && glyph.letter == '('
                        || run.len() > MAX_RUN
                            && ends_phrase(run[i - 1].letter)
                            && !ends_phrase(glyph.letter));
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
    changes > MAX_CHANGES || run.chars().count() > MAX_RUN
}

/// Marks after which a run that is too long may be broken without harm to a number or a name.
fn ends_phrase(letter: char) -> bool {
    matches!(letter, '—' | '–' | '…' | ';' | '!' | '?' | ')')
}

/// Folds a letter of several bytes before a final "ing" to ASCII, and parts other characters from it.
fn keep_final_ing_plain(glyphs: &mut Vec<Glyph>) {
    let mut i = 1;
    while i + 3 <= glyphs.len() {
        let ing = glyphs[i..i + 3].iter().zip("ing".chars()).all(|(g, c)| g.letter.eq_ignore_ascii_case(&c));
        let goes_on = glyphs.get(i + 3).is_some_and(|g| g.letter.is_lowercase());
        if ing && !goes_on && !glyphs[i - 1].letter.is_ascii() {
            let mut plain = String::new();
            let before = i - 1;
            let source = glyphs[before].source.clone();
            if latin::fold(glyphs[before].letter, &mut plain) {
                glyphs
                    .splice(before..i, plain.chars().map(|letter| Glyph { letter, source: source.clone() }));
            } else {
                glyphs.insert(i, Glyph { letter: ' ', source: source.end..source.end });
            }
            i += 3;
        }
        i += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(sentence: &str) -> String {
        Readable::new(sentence).text().to_owned()
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
        let readable = Readable::new("a東京b 🎉 мир");
        assert_eq!(readable.text(), "a b");
        assert_eq!(readable.dropped, 2 + 1 + 3);
    }

    #[test]
    fn compatibility_forms_become_plain() {
        assert_eq!(read("ﬁve ＡＢ！ re\u{301}sume\u{301} ski\u{2011}run"), "five AB! résumé ski-run");
    }

    #[test]
    fn no_letter_of_several_bytes_stands_before_a_final_ing() {
        assert_eq!(read("Sautéing SAUTÉING ski\u{2011}ing"), "Sauteing SAUTEING ski-ing");
        assert_eq!(read("a—ing ŵing"), "a— ing ŵ ing");
        assert_eq!(read("naïve éingly"), "naïve éingly");
    }

    #[test]
    fn link_markup_is_read_as_text() {
        assert_eq!(read("see [docs](http://a.b)"), "see [docs] (http://a.b)");
    }

    #[test]
    fn a_run_that_is_too_long_is_a_tangle_between_prose() {
        let long = "a-".repeat(50);
        let readable = Readable::new(&format!("so {long} it goes"));
        assert_eq!(
            readable.stretches(),
            [Stretch::Prose(0..2), Stretch::Tangle(3..103), Stretch::Prose(104..111)]
        );
    }

    #[test]
    fn a_long_run_of_phrases_is_broken_at_its_dashes() {
        let readable = Readable::new(&"a dash—".replace(' ', "").repeat(20));
        assert_eq!(readable.stretches().len(), 1);
        assert!(readable.text().starts_with("adash— adash— "));
    }

    #[test]
    fn prose_is_handed_on_in_bounded_pieces() {
        let readable = Readable::new(&"some words ".repeat(1_000));
        for stretch in readable.stretches() {
            let Stretch::Prose(range) = stretch else { panic!("no tangle here") };
            assert!(range.len() <= MAX_PROSE);
        }
    }

    proptest! {
        #[test]
        fn spans_lead_back_in_order_and_nothing_readable_is_lost(sentence in "(?s).{0,200}") {
            let readable = Readable::new(&sentence);
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
