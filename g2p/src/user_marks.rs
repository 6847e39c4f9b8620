//! Points that the writer of a text has named: `<mark name="here"/>`, as in SSML 1.1, section 3.3.2.

use std::collections::VecDeque;
use std::ops::Range;

use crate::clause::{Clause, ClauseMark};

/// The longest name, in bytes.
const LONGEST_NAME: usize = 64;
/// The longest tag, in bytes; anything longer is text.
const LONGEST: usize = 256;

/// Takes the marks out of a text that arrives in pieces, and puts them into its clauses.
///
/// What is read is the text without the tags, to the byte: white space on both sides of a tag stays. What is not
/// wholly a mark is text. A name has 1 to 64 of the characters `A` to `Z`, `a` to `z`, `0` to `9`, `_`, `.`, `:` and
/// `-`.
#[derive(Debug, Default)]
pub(crate) struct UserMarks {
    /// What may be the beginning of a tag.
    held: String,
    /// Bytes of text handed on so far.
    plain: usize,
    /// Tags that were taken out, by the byte of the plain text that they stand before, with their length.
    tags: VecDeque<(usize, usize)>,
    /// Bytes of the tags before these.
    removed: usize,
    /// Marks that belong to no clause yet, by the byte of the plain text that they stand before.
    waiting: VecDeque<(usize, String)>,
}

impl UserMarks {
    /// Takes a piece of the text; `put` is given what is to be read.
    pub(crate) fn push(&mut self, piece: &str, mut put: impl FnMut(&str)) {
        if self.held.is_empty() && !piece.contains('<') {
            self.plain += piece.len();
            put(piece);
            return;
        }
        let mut text = std::mem::take(&mut self.held);
        text.push_str(piece);
        let (mut start, mut from) = (0, 0);
        while let Some(at) = text[from..].find('<').map(|at| from + at) {
            match tag(&text[at..]) {
                Err(Untagged::Text) => from = at + 1,
                Err(Untagged::Open) => {
                    self.held.push_str(&text[at..]);
                    text.truncate(at);
                    break;
                }
                Ok((name, len)) => {
                    self.plain += at - start;
                    put(&text[start..at]);
                    self.tags.push_back((self.plain, len));
                    self.waiting.push_back((self.plain, name.to_owned()));
                    start = at + len;
                    from = start;
                }
            }
        }
        self.plain += text.len() - start;
        put(&text[start..]);
    }

    /// Says that the text is complete: what could have become a tag is text.
    pub(crate) fn finish(&mut self, put: impl FnOnce(&str)) {
        let held = std::mem::take(&mut self.held);
        self.plain += held.len();
        put(&held);
    }

    /// Whether a mark belongs to no clause yet.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Puts the marks before the end of `clause`, whose spans are those of the plain text, into it: each before the
    /// first word that begins at it or after it.
    pub(crate) fn place(&mut self, clause: &mut Clause) {
        while let Some((at, name)) = self.waiting.pop_front_if(|&mut (at, _)| at < clause.source.end) {
            let word = clause.words.partition_point(|word| word.source.start < at);
            clause.marks.push(ClauseMark { name, word });
        }
    }

    /// The marks that belong to no clause: none comes after them.
    pub(crate) fn take_rest(&mut self) -> impl Iterator<Item = String> + '_ {
        self.waiting.drain(..).map(|(_, name)| name)
    }

    /// The bytes of the text that `range` of the plain text stands for, tags inside it included.
    pub(crate) fn source(&self, range: &Range<usize>) -> Range<usize> {
        let before = |is_before: &dyn Fn(usize) -> bool| {
            let tags = self.tags.iter().take_while(|&&(at, _)| is_before(at));
            self.removed + tags.map(|&(_, len)| len).sum::<usize>()
        };
        let start = range.start + before(&|at| at <= range.start);
        // A tag right after the last byte stands outside.
        start..start.max(range.end + before(&|at| at < range.end))
    }

    /// Forgets the tags before byte `end` of the plain text: no more is asked of what is before it.
    pub(crate) fn forget_before(&mut self, end: usize) {
        while let Some((_, len)) = self.tags.pop_front_if(|&mut (at, _)| at < end) {
            self.removed += len;
        }
    }
}

/// The bytes of the tags in a whole text, in order.
pub(crate) fn tags_in(text: &str) -> impl Iterator<Item = Range<usize>> {
    let begins = text.match_indices('<').map(|(at, _)| at);
    begins.filter_map(|at| tag(&text[at..]).ok().map(|(_, len)| at..at + len))
}

/// Why a text does not begin with a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Untagged {
    Text,
    /// It does so far; more is needed to tell.
    Open,
}

/// The name and the length of the tag that `text` begins with.
fn tag(text: &str) -> Result<(&str, usize), Untagged> {
    match parse(text) {
        Ok((_, len)) if len > LONGEST => Err(Untagged::Text),
        Err(Untagged::Open) if text.len() >= LONGEST => Err(Untagged::Text),
        parsed => parsed,
    }
}

fn parse(text: &str) -> Result<(&str, usize), Untagged> {
    let rest = literal(text, "<mark")?;
    let spaced = spaces(rest);
    if spaced.len() == rest.len() {
        return Err(if rest.is_empty() { Untagged::Open } else { Untagged::Text });
    }
    let rest = spaces(literal(spaced, "name")?);
    let rest = spaces(literal(rest, "=")?);
    let quote = if rest.starts_with('\'') { "'" } else { "\"" };
    let rest = literal(rest, quote)?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-');
    let name = &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())];
    let rest = literal(&rest[name.len()..], quote)?;
    let rest = literal(spaces(rest), "/>")?;
    if (1..=LONGEST_NAME).contains(&name.len()) {
        Ok((name, text.len() - rest.len()))
    } else {
        Err(Untagged::Text)
    }
}

/// What follows `literal`.
fn literal<'a>(text: &'a str, literal: &str) -> Result<&'a str, Untagged> {
    let open = literal.starts_with(text);
    text.strip_prefix(literal).ok_or(if open { Untagged::Open } else { Untagged::Text })
}

/// What follows white space, as XML counts it.
fn spaces(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\r', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The text to read, and each mark with the byte of it that it stands before.
    fn taken(pieces: &[&str]) -> (String, Vec<(usize, String)>) {
        let mut marks = UserMarks::default();
        let mut plain = String::new();
        for piece in pieces {
            marks.push(piece, |text| plain.push_str(text));
        }
        marks.finish(|text| plain.push_str(text));
        assert_eq!(marks.plain, plain.len());
        (plain, marks.waiting.into())
    }

    #[test]
    fn marks_are_taken_out_with_the_places_they_stood_at() {
        let (plain, marks) =
            taken(&["<mark name=\"a.b:c-d_1\"/>One <mark\n name = 'x' />two<mark name='y'/>"]);
        assert_eq!(plain, "One two");
        assert_eq!(marks, [(0, "a.b:c-d_1".to_string()), (4, "x".to_string()), (7, "y".to_string())]);
    }

    #[test]
    fn what_is_no_mark_is_text() {
        let long = format!("<mark name='{}'/>", "n".repeat(65));
        let wide = format!("<mark {}name='n'/>", " ".repeat(LONGEST));
        for text in [
            "a < b, b > c",
            "<mark>",
            "<mark name=x/>",
            "<mark name=''/>",
            "<mark name='x y'/>",
            "<mark name='é'/>",
            "<mark name='x\"/>",
            "<mark name='x'>",
            "<marks name='x'/>",
            "<Mark name='x'/>",
            "< mark name='x'/>",
            "<mark name='x'/",
            "<mark id='x'/>",
            &long,
            &wide,
        ] {
            assert_eq!(taken(&[text]), (text.to_owned(), Vec::new()));
            let pieces: Vec<_> = text.split_inclusive(|_| true).collect();
            assert_eq!(taken(&pieces), (text.to_owned(), Vec::new()));
        }
    }

    #[test]
    fn a_name_may_have_64_characters_and_a_tag_may_follow_what_began_like_one() {
        let name = "n".repeat(64);
        let (plain, marks) = taken(&[&format!("<mark <mark name='{name}'/>")]);
        assert_eq!((plain.as_str(), &marks[0].1), ("<mark ", &name));
    }

    #[test]
    fn bytes_lead_back_to_the_text_with_the_tags() {
        let text = "a<mark name='x'/>b c<mark name='y'/>";
        let mut marks = UserMarks::default();
        let mut plain = String::new();
        marks.push(text, |piece| plain.push_str(piece));
        assert_eq!(plain, "ab c");
        assert_eq!(&text[marks.source(&(0..1))], "a");
        assert_eq!(&text[marks.source(&(1..2))], "b");
        assert_eq!(&text[marks.source(&(0..2))], "a<mark name='x'/>b");
        assert_eq!(&text[marks.source(&(3..4))], "c");
        assert_eq!(marks.source(&(4..4)), text.len()..text.len());
        marks.forget_before(3);
        assert_eq!(marks.tags.len(), 1);
        assert_eq!(&text[marks.source(&(3..4))], "c");
    }

    proptest! {
        #[test]
        fn where_a_text_is_cut_changes_nothing(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "<mark name='x'/>", "<mark name=\"y\" />", "<mark ", "name='", "'/>", "<", "a", " ", "é", "/>",
                ]),
                0..20,
            ),
            size in 1_usize..20,
        ) {
            let text = parts.concat();
            let whole = taken(&[&text]);
            let mut pieces = Vec::new();
            let mut rest = text.as_str();
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(rest.ceil_char_boundary(size));
                pieces.push(piece);
                rest = after;
            }
            prop_assert_eq!(taken(&pieces), whole);
        }
    }
}
