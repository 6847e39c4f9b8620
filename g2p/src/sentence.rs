//! Sentences out of a stream of text.
//!
//! A sentence ends at a stop (with the quotes and brackets that close after it) before white space, unless the
//! stop belongs to an [abbreviation](crate::abbreviation); at a blank line; and at the end of a line that is a
//! heading (`# `) or that a list item or a heading follows. Any other single line end is a space. A text that runs
//! on for 1,000 bytes is cut at the strongest mark near that point.

use std::ops::Range;

use crate::abbreviation::{self, Stop};
use crate::clause::Boundary;

/// The most bytes in a sentence; also the most of white space that is waited through for what follows it.
pub(crate) const LONGEST: usize = 1_000;

/// A sentence of the text that was pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// The sentence with all its marks, without white space around it.
    pub text: String,
    /// Its bytes, counted from the first byte that was pushed.
    pub source: Range<usize>,
    /// What follows: [`Boundary::Sentence`] or [`Boundary::Paragraph`]; weaker where a sentence was cut for length.
    pub boundary: Boundary,
}

impl Sentence {
    /// Bytes at the beginning that mark a list item or a heading and are not to be said.
    pub fn marker(&self) -> usize {
        let (marker, rest) = match self.text.find(char::is_whitespace) {
            Some(end) => self.text.split_at(end),
            None => (self.text.as_str(), ""),
        };
        if matches!(marker, "-" | "*" | "•" | "–" | "+") || is_heading(marker) {
            marker.len() + (rest.len() - rest.trim_start().len())
        } else {
            0
        }
    }
}

/// Cuts a text that arrives in pieces into sentences, each as soon as its end is certain.
///
/// What comes out depends on the text only, not on the pieces. Holds no more than what was pushed and not yet
/// taken, and about a sentence of what was.
#[derive(Clone, Debug, Default)]
pub struct Segmenter {
    buffer: String,
    /// Bytes of `buffer` that were already given out.
    taken: usize,
    /// The place of the first byte of `buffer` in the text.
    base: usize,
    finished: bool,
}

impl Segmenter {
    /// A segmenter at the beginning of a text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a piece of the text.
    pub fn push(&mut self, piece: &str) {
        if self.taken > self.buffer.len() / 2 {
            self.buffer.drain(..self.taken);
            self.base += self.taken;
            self.taken = 0;
        }
        self.buffer.push_str(piece);
    }

    /// Says that no more text will come, so that the rest is a sentence.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// Says that more text may come after [`finish`](Self::finish).
    pub(crate) fn go_on(&mut self) {
        self.finished = false;
    }

    /// Whether a letter or a digit waits to be given out, and with it most likely a word.
    pub fn holds_words(&self) -> bool {
        self.buffer[self.taken..].contains(char::is_alphanumeric)
    }

    /// The next sentence, or `None` while its end is not certain (for good after [`finish`](Self::finish)).
    #[expect(clippy::should_implement_trait, reason = "None is not the end: a push may bring more")]
    pub fn next(&mut self) -> Option<Sentence> {
        let rest = &self.buffer[self.taken..];
        self.taken += rest.len() - rest.trim_start().len();
        let rest = &self.buffer[self.taken..];
        if rest.is_empty() {
            return None;
        }
        let end = find_end(rest, self.finished)?;
        let text = rest[..end.at].trim_end().to_owned();
        let start = self.base + self.taken;
        self.taken += end.at;
        Some(Sentence { source: start..start + text.len(), text, boundary: end.boundary })
    }
}

/// Where a sentence ends, and how strongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct End {
    at: usize,
    boundary: Boundary,
}

/// What one place in the text says about the end of the sentence.
enum Verdict {
    End(Boundary),
    GoesOn,
    /// More text is needed to tell.
    Open,
}

/// The end of the sentence that `text` begins with; `None` while more text could change it.
fn find_end(text: &str, finished: bool) -> Option<End> {
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        if at + c.len_utf8() > LONGEST {
            return Some(cut(text));
        }
        let (end, verdict) = match c {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => (at, line_end(text, at, finished)),
            '.' | '!' | '?' | '…' => {
                let mut end = at + c.len_utf8();
                while let Some((next, mark)) = characters.next_if(|&(_, c)| is_stop(c)) {
                    end = next + mark.len_utf8();
                }
                let stops = end;
                while let Some((next, mark)) = characters.next_if(|&(_, c)| is_closing(c)) {
                    end = next + mark.len_utf8();
                }
                if end > LONGEST {
                    return Some(cut(text));
                }
                (end, stop(text, at..stops, end, finished))
            }
            '。' | '！' | '？' | '।' | '॥' => (at + c.len_utf8(), Verdict::End(Boundary::Sentence)),
            _ => continue,
        };
        match verdict {
            Verdict::End(boundary) => return Some(End { at: end, boundary }),
            Verdict::GoesOn => {}
            Verdict::Open => return None,
        }
    }
    finished.then_some(End { at: text.len(), boundary: Boundary::Sentence })
}

fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…')
}

fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | '»' | ')' | ']' | '}' | '*' | '_')
}

/// What the white space from `at` on says, and the text after it (`None` while that is unknown).
fn after_space(text: &str, at: usize, finished: bool) -> Result<(Boundary, &str), Verdict> {
    let rest = &text[at..];
    let following = rest.trim_start();
    let space = &rest[..rest.len() - following.len()];
    let lines =
        space.matches('\n').count().max(space.matches('\r').count()) + 2 * space.matches('\u{2029}').count();
    if lines >= 2 || space.len() >= LONGEST {
        return Err(Verdict::End(Boundary::Paragraph));
    }
    if following.is_empty() {
        return Err(if finished { Verdict::End(Boundary::Sentence) } else { Verdict::Open });
    }
    Ok((Boundary::Sentence, following))
}

/// The stop marks `stops`, with closing marks up to `end`.
fn stop(text: &str, stops: Range<usize>, end: usize, finished: bool) -> Verdict {
    match text[end..].chars().next() {
        None if finished => return Verdict::End(Boundary::Sentence),
        None => return Verdict::Open,
        Some(c) if !c.is_whitespace() => return Verdict::GoesOn,
        Some(_) => {}
    }
    let (boundary, following) = match after_space(text, end, finished) {
        Ok(known) => known,
        Err(verdict) => return verdict,
    };
    let marks = &text[stops.clone()];
    let goes_on_small = following.starts_with(char::is_lowercase);
    let one_stop = marks == ".";
    let kind = if one_stop && end == stops.end {
        abbreviation::stop_after(&text[..stops.start])
    } else {
        Stop::Plain
    };
    let at_end = match kind {
        Stop::Plain if marks.starts_with("..") || marks.contains('…') => !goes_on_small,
        Stop::Plain => end == stops.end || !goes_on_small,
        Stop::Never => false,
        Stop::UnlessNumber => !following.starts_with(|c: char| c.is_ascii_digit()),
        Stop::BeforeSentence => match abbreviation::begins_sentence(following, finished) {
            Some(begins) => begins,
            None => return Verdict::Open,
        },
    };
    if at_end { Verdict::End(boundary) } else { Verdict::GoesOn }
}

/// The line end at `at`: an end before a blank line, before a list item or heading, and after a heading.
fn line_end(text: &str, at: usize, finished: bool) -> Verdict {
    let following = match after_space(text, at, finished) {
        Ok((_, following)) => following,
        Err(verdict) => return verdict,
    };
    let line = text[..at].rfind('\n').map_or(0, |start| start + 1);
    let mut words = text[line..at].split_whitespace();
    if words.next().is_some_and(|first| is_heading(first) || is_rule(first) && words.next().is_none()) {
        return Verdict::End(Boundary::Paragraph);
    }
    match begins_item(following, finished) {
        Some(Item::Rule) => Verdict::End(Boundary::Paragraph),
        Some(Item::Marked) => Verdict::End(Boundary::Sentence),
        Some(Item::None) => Verdict::GoesOn,
        None => Verdict::Open,
    }
}

/// What a line begins with.
enum Item {
    /// The marker of a list item or a heading.
    Marked,
    /// A line drawn with characters, under a heading or between paragraphs.
    Rule,
    None,
}

fn is_heading(word: &str) -> bool {
    (1..=6).contains(&word.len()) && word.bytes().all(|b| b == b'#')
}

/// Whether a word is a line drawn with one of the characters that are used for it.
fn is_rule(word: &str) -> bool {
    let first = word.chars().next().filter(|c| matches!(c, '=' | '-' | '~' | '*' | '_' | '–' | '—'));
    first.is_some_and(|first| word.chars().count() >= 3 && word.chars().all(|c| c == first))
}

/// What a line begins with; `None` while it is too short to tell.
fn begins_item(line: &str, finished: bool) -> Option<Item> {
    const LONGEST_MARKER: usize = 12;
    let head = &line[..line.floor_char_boundary(LONGEST_MARKER)];
    let marker = match head.split_once(char::is_whitespace) {
        Some((marker, _)) => marker,
        None if line.len() >= LONGEST_MARKER || finished => head,
        None => return None,
    };
    let is_marked = marker.len() < head.len()
        && (matches!(marker, "-" | "*" | "•" | "–" | "+") || is_heading(marker) || is_number(marker));
    Some(match marker {
        _ if is_marked => Item::Marked,
        _ if is_rule(marker) => Item::Rule,
        _ => Item::None,
    })
}

/// Whether a marker counts list items: `2.`, `12)`, `(3)`, `b)`.
fn is_number(marker: &str) -> bool {
    let (number, letters) = match marker.strip_suffix(')') {
        Some(number) => (number.strip_prefix('(').unwrap_or(number), true),
        None => (marker.strip_suffix('.').unwrap_or_default(), false),
    };
    let digits = (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    digits || letters && number.len() == 1 && number.bytes().all(|b| b.is_ascii_lowercase())
}

/// The best place to cut a text that runs on: after a clause mark, a comma or a word, not in its first half.
fn cut(text: &str) -> End {
    let mut best = End { at: text.floor_char_boundary(LONGEST), boundary: Boundary::Word };
    let mut spaced = false;
    let window = &text[..best.at];
    let marks: Vec<(usize, char)> = window.char_indices().skip_while(|&(at, _)| at < LONGEST / 2).collect();
    for (&(_, mark), &(at, space)) in marks.iter().zip(marks.iter().skip(1)) {
        if !space.is_whitespace() {
            continue;
        }
        let boundary = match mark {
            ';' | ':' | '—' | '–' | '.' | '!' | '?' | '…' => Boundary::Clause,
            ',' | ')' => Boundary::Comma,
            _ => Boundary::Word,
        };
        if !spaced || boundary >= best.boundary {
            best = End { at, boundary };
            spaced = true;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(text: &str) -> Vec<Sentence> {
        let mut segmenter = Segmenter::new();
        segmenter.push(text);
        segmenter.finish();
        std::iter::from_fn(|| segmenter.next()).collect()
    }

    fn texts(text: &str) -> Vec<String> {
        all(text).into_iter().map(|sentence| sentence.text).collect()
    }

    #[test]
    fn stops_that_end_nothing_are_survived() {
        for whole in [
            "Dr. Smith met Mr. Jones at No. 5 Main St. yesterday.",
            "J. R. R. Tolkien wrote it, e.g. in the U.S. army archive.",
            "It costs 3.14 dollars at example.com today.",
            "Wait... what?",
            "See Fig. 3 and pp. 12 ff. for details!",
            "\"Really?\" he asked.",
            "The firm, Acme Inc. of Ohio, agreed.",
            "1. Wash your hands.",
        ] {
            assert_eq!(texts(whole), [whole]);
        }
    }

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        for (text, expected) in [
            ("One. Two! Three?! Four", &["One.", "Two!", "Three?!", "Four"][..]),
            ("He said \"Go.\" She went.", &["He said \"Go.\"", "She went."]),
            ("(It rained.) We stayed.", &["(It rained.)", "We stayed."]),
            ("He lives in the U.S. The rest moved.", &["He lives in the U.S.", "The rest moved."]),
            ("We left at 5 p.m. They stayed.", &["We left at 5 p.m.", "They stayed."]),
            ("Is it so? No. It is not.", &["Is it so?", "No.", "It is not."]),
            ("hello there. how are you? fine.", &["hello there.", "how are you?", "fine."]),
            ("Well... Then he left.", &["Well...", "Then he left."]),
        ] {
            assert_eq!(texts(text), expected);
        }
    }

    #[test]
    fn a_blank_line_ends_a_paragraph_and_a_single_line_end_does_not() {
        let sentences = all("A title\r\n\r\nOne line\nand the same. Next.");
        let ends: Vec<_> = sentences.iter().map(|s| (s.text.as_str(), s.boundary)).collect();
        assert_eq!(
            ends,
            [
                ("A title", Boundary::Paragraph),
                ("One line\nand the same.", Boundary::Sentence),
                ("Next.", Boundary::Sentence)
            ]
        );
    }

    #[test]
    fn headings_and_list_items_are_sentences_and_their_markers_are_not_said() {
        let sentences = all("# To buy\n- milk\n- bread\n  and butter\n2. tea");
        let said: Vec<_> = sentences.iter().map(|s| &s.text[s.marker()..]).collect();
        assert_eq!(said, ["To buy", "milk", "bread\n  and butter", "2. tea"]);
    }

    #[test]
    fn rules_and_underlined_headings_part_paragraphs() {
        let sentences = all("A title\n=======\nSome text\n---\nMore -- of it\n* * *\nEnd");
        let ends: Vec<_> = sentences.iter().map(|s| (s.text.as_str(), s.boundary)).collect();
        assert_eq!(
            ends,
            [
                ("A title", Boundary::Paragraph),
                ("=======", Boundary::Paragraph),
                ("Some text", Boundary::Paragraph),
                ("---", Boundary::Paragraph),
                ("More -- of it", Boundary::Sentence),
                ("* * *\nEnd", Boundary::Sentence),
            ]
        );
    }

    #[test]
    fn lettered_items_are_sentences() {
        let sentences = all("a) one thing\nb) another\n(3) a third\nand on");
        let texts: Vec<_> = sentences.iter().map(|s| s.text.as_str()).collect();
        assert_eq!(texts, ["a) one thing", "b) another", "(3) a third\nand on"]);
    }

    #[test]
    fn a_sentence_is_released_once_its_end_is_certain() {
        let mut segmenter = Segmenter::new();
        segmenter.push("It is so.");
        assert_eq!(segmenter.next(), None);
        segmenter.push(" N");
        assert_eq!(segmenter.next().unwrap().text, "It is so.");
        assert_eq!(segmenter.next(), None);
    }

    #[test]
    fn a_text_without_end_is_cut_at_a_mark() {
        let endless = "and so on, it goes ".repeat(200);
        let sentences = all(&endless);
        assert!(sentences.iter().all(|s| s.text.len() <= LONGEST));
        assert!(sentences[0].text.ends_with(','));
        assert_eq!(sentences[0].boundary, Boundary::Comma);
        assert!(all(&"x".repeat(5_000)).iter().all(|s| s.text.len() <= LONGEST));
    }

    #[test]
    fn memory_stays_bounded_while_sentences_are_taken() {
        let mut segmenter = Segmenter::new();
        for _ in 0..5_000 {
            segmenter.push("These are some words. ");
            while segmenter.next().is_some() {}
        }
        assert!(segmenter.buffer.capacity() < 4 * LONGEST);
        assert!(segmenter.base > 100_000);
    }

    proptest! {
        #[test]
        fn sentences_cover_the_text_in_order_however_it_is_split(
            text in prop_oneof![
                "([A-Za-z.!?…,\"')0-9 \n-]|Dr\\. |e\\.g\\. |\n\n|\r\n|# |- ){0,120}",
                "(?s).{0,80}",
                "([a-z,]{1,9}[ .]?){100,300}",
            ],
            size in 1_usize..40,
        ) {
            let whole = all(&text);
            let mut last = 0;
            for sentence in &whole {
                prop_assert!(sentence.source.start >= last);
                prop_assert!(text[last..sentence.source.start].trim().is_empty());
                prop_assert_eq!(&text[sentence.source.clone()], &sentence.text);
                prop_assert!(!sentence.text.is_empty() && sentence.text.len() <= LONGEST);
                last = sentence.source.end;
            }
            prop_assert!(text[last..].trim().is_empty());

            let mut segmenter = Segmenter::new();
            let mut pieces = Vec::new();
            let mut rest = text.as_str();
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(rest.ceil_char_boundary(size));
                segmenter.push(piece);
                pieces.extend(std::iter::from_fn(|| segmenter.next()));
                rest = after;
            }
            segmenter.finish();
            pieces.extend(std::iter::from_fn(|| segmenter.next()));
            prop_assert_eq!(pieces, whole);
        }
    }
}
