//! One form of every character.
//!
//! A letter and its marks become one letter, a ligature its letters, a wide or bold form the plain one (Unicode's
//! form NFKC, but for what the classes read by its shape, such as `½` and `²`); white space becomes single spaces
//! with none at either end, but a narrow one inside a number a comma; what has no sound and no width is left out.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::span_map::SpanMap;

/// The most marks on one letter that are looked at; the others are left out.
const MOST_MARKS: usize = 4;

/// Joins emoji to one picture.
const JOINER: char = '\u{200d}';

/// The text in one form, and the way back; linear in any text.
pub(crate) fn clean(text: &str) -> (String, SpanMap) {
    let mut cleaning = Cleaning::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let at = text.len() - rest.len();
        let len = if is_no_break(c) && parts_thousands(text, at..at + c.len_utf8()) {
            cleaning.write(',', at..at + c.len_utf8());
            c.len_utf8()
        } else {
            cleaning.step(c, rest, at)
        };
        rest = &rest[len..];
    }
    (cleaning.text, cleaning.map)
}

/// A text in the making.
#[derive(Default)]
struct Cleaning {
    text: String,
    map: SpanMap,
    /// The white space after the last character, until another follows it.
    space: Option<Range<usize>>,
}

impl Cleaning {
    /// Takes `c`, with which `rest` begins, and what belongs to it; returns how many bytes that is.
    fn step(&mut self, c: char, rest: &str, at: usize) -> usize {
        let len = c.len_utf8();
        let after = &rest[len..];
        if c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}') {
            let start = self.space.take().map_or(at, |space| space.start);
            self.space = Some(start..at + len);
            return len;
        }
        if c == '\u{1b}' {
            return len + escape_sequence(after);
        }
        if c == JOINER {
            if self.text.ends_with(is_pictorial)
                && after.starts_with(|c| is_pictorial(c) && !is_selector(c))
                && self.space.is_none()
            {
                self.write(c, at..at + len);
            }
            return len;
        }
        if c.is_control() || is_invisible(c) {
            return len;
        }
        if is_selector(c) || is_tag(c) {
            if self.space.is_none()
                && self.text.ends_with(|c| is_pictorial(c) || is_tag(c) || is_keycap_base(c))
            {
                self.write(c, at..at + len);
            }
            return len;
        }
        if is_combining_mark(c) {
            // A mark whose letter is missing; the frame of a keycap has its digit before it.
            if c == '\u{20e3}'
                && self.space.is_none()
                && self.text.ends_with(|c| is_selector(c) || is_keycap_base(c))
            {
                self.write(c, at..at + len);
            }
            return len;
        }
        if is_kept(c) {
            self.write(c, at..at + len);
            return len;
        }
        self.letter(c, rest, at)
    }

    /// A letter with its marks.
    fn letter(&mut self, c: char, rest: &str, at: usize) -> usize {
        let mut end = c.len_utf8();
        let mut marks = 0;
        let mut looked_at = end;
        for mark in rest[end..].chars() {
            let joins =
                is_combining_mark(mark) && !is_selector(mark) && mark != '\u{20e3}' || is_jamo_tail(mark);
            if !joins {
                break;
            }
            end += mark.len_utf8();
            marks += 1;
            if marks <= MOST_MARKS {
                looked_at = end;
            }
        }
        if end == 1 {
            self.write(respelled(c), at..at + 1);
            return 1;
        }
        let source = at..at + end;
        // A mark without a letter before it.
        let mut bare = true;
        for c in rest[..looked_at].nfkc() {
            let c = respelled(c);
            if c.is_whitespace() {
                let start = self.space.take().map_or(source.start, |space| space.start);
                self.space = Some(start..source.end);
            } else if !(is_combining_mark(c) && (bare || c.is_ascii() || is_latin_mark(c))) {
                self.write_for(c, source.clone());
            }
            bare = c.is_whitespace() || bare && is_combining_mark(c);
        }
        end
    }

    /// Writes `c` in the place of `source`.
    fn write(&mut self, c: char, source: Range<usize>) {
        self.flush();
        self.text.push(c);
        if c.len_utf8() == source.len() {
            self.map.copy(source);
        } else {
            self.map.replace(c.len_utf8(), source);
        }
    }

    /// Writes one of several characters for `source`.
    fn write_for(&mut self, c: char, source: Range<usize>) {
        self.flush();
        self.text.push(c);
        self.map.replace(c.len_utf8(), source);
    }

    /// Writes the space that is due.
    fn flush(&mut self) {
        if let Some(space) = self.space.take().filter(|_| !self.text.is_empty()) {
            self.text.push(' ');
            self.map.replace(1, space);
        }
    }
}

/// Whether `c` is a space that is set inside numbers.
fn is_no_break(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{2009}' | '\u{202f}')
}

/// Whether the space at `at` stands between a digit and a group of three, as in `1 234`.
fn parts_thousands(text: &str, at: Range<usize>) -> bool {
    let after = text[at.end..].bytes().take_while(u8::is_ascii_digit).take(4).count();
    let before = text[..at.start].bytes().rev().take_while(u8::is_ascii_digit).take(4).count();
    after == 3 && (1..=3).contains(&before)
}

/// The plain form of marks that have several.
fn respelled(c: char) -> char {
    match c {
        '\u{2010}' | '\u{2011}' => '-',
        '\u{2bb}' | '\u{2bc}' | '\u{b4}' => '’',
        _ => c,
    }
}

/// What keeps its shape though NFKC would change it.
fn is_kept(c: char) -> bool {
    matches!(
        c,
        // ª ² ³ µ ¹ º ´, vulgar fractions, superscripts and subscripts.
        '\u{aa}' | '\u{b2}' | '\u{b3}' | '\u{b5}' | '\u{b9}'..='\u{ba}' | '\u{bc}'..='\u{be}'
            | '\u{2150}'..='\u{215f}' | '\u{2189}' | '\u{2070}'..='\u{209c}'
            // Marks that classes know as they are.
            | '…' | '\u{2033}' | '\u{2034}' | '™' | 'ℹ' | '№'
            // The raised letters of ordinals.
            | 'ʰ' | 'ʳ' | 'ˢ' | 'ᵈ' | 'ᵗ'
    )
}

/// What has neither sound nor width: hyphens that may be, joiners, marks of direction, byte order marks.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
    )
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// The letters of a flag's region.
fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0000}'..='\u{e007f}')
}

fn is_keycap_base(c: char) -> bool {
    matches!(c, '0'..='9' | '#' | '*')
}

/// Whether `c` may be a part of an emoji that is written with joiners and selectors.
fn is_pictorial(c: char) -> bool {
    matches!(
        c,
        '©' | '®' | '\u{fe0f}' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{2328}' | '\u{232b}'..='\u{23ff}'
            | '\u{25a0}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1f0ff}'
            | '\u{1f1e6}'..='\u{1f1ff}' | '\u{1f300}'..='\u{1faff}'
    )
}

/// Vowels and final consonants of Hangul, which join with what is before them.
fn is_jamo_tail(c: char) -> bool {
    matches!(c, '\u{1160}'..='\u{11ff}')
}

/// The combining marks of European letters, which are left out where they make no letter.
fn is_latin_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
}

/// The bytes of a terminal's colour sequence after its escape character.
fn escape_sequence(after: &str) -> usize {
    /// The longest that is looked for.
    const LONGEST: usize = 16;
    let Some(parameters) = after.strip_prefix('[') else { return 0 };
    let len = parameters.bytes().take(LONGEST).take_while(|b| b.is_ascii_digit() || *b == b';').count();
    if parameters[len..].starts_with(|c: char| c.is_ascii_alphabetic()) { len + 2 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_character_has_one_form() {
        for (text, expected) in [
            ("plain text, as it is.", "plain text, as it is."),
            ("  a  double\t space\n", "a double space"),
            ("line one\nline two", "line one line two"),
            ("\n\n", ""),
            ("   ", ""),
            ("cafe\u{301}", "café"),
            ("caf\u{e9}", "café"),
            ("q\u{303}uiet", "quiet"),
            ("\u{301}alone", "alone"),
            ("a \u{301}b", "a b"),
            ("Z\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}algo", "Źalgo"),
            ("ﬁne ﬂow oﬃce", "fine flow office"),
            ("ＦＵＬＬ　width", "FULL width"),
            ("𝐛𝐨𝐥𝐝 and 𝓈𝒸𝓇𝒾𝓅𝓉", "bold and script"),
            ("Ⅷ and ①", "VIII and 1"),
            ("№ 5, 1ˢᵗ", "№ 5, 1ˢᵗ"),
            ("20 ℃", "20 °C"),
            ("½ cup, x² and H₂O, 5 µm", "½ cup, x² and H₂O, 5 µm"),
            ("wait… “quoted” ‘single’ – dash — long", "wait… “quoted” ‘single’ – dash — long"),
            ("ski\u{2011}ing, well\u{2010}known", "ski-ing, well-known"),
            ("Soft\u{ad}hyphen", "Softhyphen"),
            ("zero\u{200b}width \u{feff}mark \u{200f}rtl\u{202c}", "zerowidth mark rtl"),
            ("bell\u{7} here", "bell here"),
            ("\u{1}\u{2}\u{3}", ""),
            ("nul\u{0}byte", "nulbyte"),
            ("\u{1b}[1;31mred\u{1b}[0m alert", "red alert"),
            ("no\u{a0}break\u{202f}space", "no break space"),
            ("1\u{202f}234\u{a0}567 m", "1,234,567 m"),
            ("Hawaiʻi", "Hawai’i"),
            ("Apple™ © ®", "Apple™ © ®"),
            ("👨\u{200d}👩\u{200d}👧 and ❤\u{fe0f}", "👨\u{200d}👩\u{200d}👧 and ❤\u{fe0f}"),
            ("a\u{200d}b c\u{fe0f}", "ab c"),
            ("1\u{fe0f}\u{20e3}", "1\u{fe0f}\u{20e3}"),
            ("한국", "한국"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
        ] {
            assert_eq!(clean(text).0, expected, "{text:?}");
        }
    }

    #[test]
    fn a_composed_letter_stands_for_all_its_bytes() {
        let text = "  a cafe\u{301}\u{ad}s  x";
        let (clean, map) = clean(text);
        assert_eq!(clean, "a cafés x");
        assert_eq!(map.source(5..7), 7..10);
        assert_eq!(map.source(2..8), 4..13);
        assert_eq!(&text[map.source(9..10)], "x");
    }

    #[test]
    fn marks_that_stand_on_nothing_are_left_out_however_many_a_character_holds() {
        // A form of shadda with dammatan, which is a space with two marks.
        assert_eq!(clean("a \u{fc5e} b").0, "a b");
        assert_eq!(clean("\u{fc5e}").0, "");
    }

    #[test]
    fn a_letter_under_a_heap_of_marks_is_the_letter() {
        let (text, map) = clean(&("e".to_owned() + &"\u{301}".repeat(10_000)));
        assert_eq!(text, "é");
        assert_eq!(map.source(0..2), 0..20_001);
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in prop_oneof!["(?s).{0,60}", "[a-e\u{300}-\u{310}\u{fe0f}\u{200d}👍❤ \u{1160}-\u{1165}가1\u{20e3}]{0,30}"]) {
            let (once, map) = clean(&text);
            prop_assert_eq!(&clean(&once).0, &once);
            prop_assert_eq!(map.len(), once.len());
            let mut last = 0..0;
            for at in 0..once.len() {
                let span = map.source(at..at + 1);
                prop_assert!(span.start >= last.start && span.end >= last.end && span.end <= text.len());
                last = span;
            }
        }
    }
}
