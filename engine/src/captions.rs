//! Subtitles out of the marks of an utterance.

use std::fmt::Write;
use std::ops::Range;

use sostenuto_g2p::markup_in;

use crate::marks::{Mark, MarkKind};

// Bounds of what a reader follows with ease: Netflix, Timed Text Style Guide, General Requirements, and its English
// guide (42 characters a line, two lines, 5/6 s to 7 s).
/// Characters in a line.
const LINE: usize = 42;
/// Milliseconds that a cue stands at most.
const LONGEST_MS: u64 = 7_000;
/// Milliseconds that a cue stands at least, where the next one does not come before.
const SHORTEST_MS: u64 = 833;

/// The word marks among `marks` as subtitles in the form `.srt`; their samples are at `rate` samples per second.
///
/// A cue holds words of one sentence: up to two lines of 42 characters and 7 s, and it ends after a mark of
/// punctuation where there is one near. Cues never overlap.
pub fn srt(text: &str, marks: &[Mark], rate: u32) -> String {
    let mut out = String::new();
    for (n, cue) in cues(text, marks, rate).iter().enumerate() {
        let (start, end) = (clock(cue.ms.start, ','), clock(cue.ms.end, ','));
        let _ = write!(out, "{}\n{start} --> {end}\n{}\n\n", n + 1, cue.lines.join("\n"));
    }
    out
}

/// As [`srt`], in the form `.vtt` (W3C, "The Web Video Text Tracks Format", section 4).
pub fn webvtt(text: &str, marks: &[Mark], rate: u32) -> String {
    let mut out = "WEBVTT\n".to_string();
    for cue in cues(text, marks, rate) {
        let (start, end) = (clock(cue.ms.start, '.'), clock(cue.ms.end, '.'));
        let lines = cue.lines.join("\n").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _ = write!(out, "\n{start} --> {end}\n{lines}\n");
    }
    out
}

fn clock(ms: u64, point: char) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}{point}{:03}", ms % 1_000)
}

/// What is shown at once.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cue {
    ms: Range<u64>,
    /// One or two.
    lines: Vec<String>,
}

/// A word with the punctuation around it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    shown: String,
    ms: Range<u64>,
    ends_sentence: bool,
}

fn cues(text: &str, marks: &[Mark], rate: u32) -> Vec<Cue> {
    let tokens = tokens(text, marks, rate);
    let mut cues: Vec<Cue> = Vec::new();
    let mut rest = tokens.as_slice();
    while let Some(first) = rest.first() {
        let (own, after) = rest.split_at(first_cue(rest));
        rest = after;
        let floor = cues.last().map_or(0, |cue| cue.ms.end);
        let start = first.ms.start.max(floor);
        let spoken = own.last().map_or(start, |last| last.ms.end).max(start + SHORTEST_MS);
        let end = rest.first().map_or(spoken, |next| spoken.min(next.ms.start)).max(start + 1);
        cues.push(Cue { ms: start..end, lines: lines(own) });
    }
    cues
}

/// How many of the tokens the first cue takes.
fn first_cue(tokens: &[Token]) -> usize {
    let fits = |count: usize| {
        let own = &tokens[..count];
        let long = own[count - 1].ms.end.saturating_sub(own[0].ms.start) > LONGEST_MS;
        !long && lines(own).iter().all(|line| line.chars().count() <= LINE)
    };
    let mut most = 1;
    while !tokens[most - 1].ends_sentence && most < tokens.len() && fits(most + 1) {
        most += 1;
    }
    if most == tokens.len() || tokens[most - 1].ends_sentence {
        return most;
    }
    let pauses = |token: &Token| token.shown.ends_with([',', ';', ':', '—', '–', '.', '!', '?', '…', ')']);
    (most / 2 + 1..=most).rev().find(|&count| pauses(&tokens[count - 1])).unwrap_or(most)
}

/// One line where the tokens fit into it, else two that are as even as they can be.
fn lines(tokens: &[Token]) -> Vec<String> {
    let join = |tokens: &[Token]| tokens.iter().map(|t| t.shown.as_str()).collect::<Vec<_>>().join(" ");
    let whole = join(tokens);
    if whole.chars().count() <= LINE || tokens.len() < 2 {
        return vec![whole];
    }
    let longer = |at: &usize| {
        let (above, below) = tokens.split_at(*at);
        join(above).chars().count().max(join(below).chars().count())
    };
    let at = (1..tokens.len()).min_by_key(longer).unwrap_or(1);
    vec![join(&tokens[..at]), join(&tokens[at..])]
}

/// The words that were heard, each with what the text shows beside it.
fn tokens(text: &str, marks: &[Mark], rate: u32) -> Vec<Token> {
    let page = Page { text, markup: markup_in(text) };
    let words = words(&page, marks);
    let sentences = sentences(marks);
    let ms = |samples: u64| samples * 1_000 / u64::from(rate.max(1));
    let sentence_of = |word: &Mark| sentences.partition_point(|&start| start <= word.text.start);
    let mut tokens: Vec<Token> = Vec::with_capacity(words.len());
    let mut start = words.first().map_or(0, |first| page.part(0..first.text.start).1);
    for (n, word) in words.iter().enumerate() {
        let following = words.get(n + 1);
        let (end, next) = match following {
            Some(next) => page.part(word.text.end..next.text.start),
            None => (page.spaces(word.text.end..text.len()).next().unwrap_or(text.len()), text.len()),
        };
        tokens.push(Token {
            shown: page.shown(start..end),
            ms: ms(word.samples.start)..ms(word.samples.end),
            ends_sentence: following.is_some_and(|next| sentence_of(next) != sentence_of(word)),
        });
        start = next;
    }
    tokens
}

/// The word marks in order; those that no white space parts, such as the words of one number, are joined.
fn words(page: &Page, marks: &[Mark]) -> Vec<Mark> {
    let mut words: Vec<Mark> = Vec::new();
    let is_word = |mark: &&Mark| mark.kind == MarkKind::Word && page.text.get(mark.text.clone()).is_some();
    for mark in marks.iter().filter(is_word) {
        match words.last_mut() {
            Some(last)
                if mark.text.start < last.text.end
                    || page.spaces(last.text.end..mark.text.start).next().is_none() =>
            {
                last.text.end = last.text.end.max(mark.text.end);
                last.samples.end = last.samples.end.max(mark.samples.end);
            }
            _ => words.push(mark.clone()),
        }
    }
    words
}

/// Where the sentences begin, in order.
fn sentences(marks: &[Mark]) -> Vec<usize> {
    let sentences = marks.iter().filter(|mark| mark.kind == MarkKind::Sentence);
    let mut starts: Vec<usize> = sentences.map(|sentence| sentence.text.start).collect();
    starts.sort_unstable();
    starts
}

/// A text as people see it.
struct Page<'a> {
    text: &'a str,
    /// In order.
    markup: Vec<Range<usize>>,
}

impl Page<'_> {
    /// The characters of a stretch that are no markup, with their places.
    fn read(&self, range: Range<usize>) -> impl Iterator<Item = (usize, char)> {
        let is_markup = |at: usize| {
            let next = self.markup.partition_point(|markup| markup.end <= at);
            self.markup.get(next).is_some_and(|markup| markup.contains(&at))
        };
        let start = range.start;
        let characters = self.text.get(range).unwrap_or_default().char_indices();
        characters.map(move |(at, c)| (start + at, c)).filter(move |&(at, _)| !is_markup(at))
    }

    /// The places of white space in a stretch.
    fn spaces(&self, range: Range<usize>) -> impl Iterator<Item = usize> {
        self.read(range).filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at)
    }

    /// Where what is between two words parts: the end of what belongs to the first word, and the beginning of what
    /// belongs to the second. What begins a line, such as the marker of a list item, belongs to neither.
    fn part(&self, gap: Range<usize>) -> (usize, usize) {
        let Some(last) = self.spaces(gap.clone()).last() else { return (gap.start, gap.start) };
        let line = self.read(gap).find(|&(_, c)| c == '\n').map_or(last, |(at, _)| at);
        (line.min(last), last)
    }

    /// What is seen of a stretch, on one line.
    fn shown(&self, range: Range<usize>) -> String {
        let seen: String = self.read(range).map(|(_, c)| c).collect();
        seen.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATE: u32 = 24_000;

    fn word(text: Range<usize>, ms: Range<u64>) -> Mark {
        Mark { kind: MarkKind::Word, text, samples: ms.start * 24..ms.end * 24 }
    }

    /// A mark for every word between white space, 300 ms each and 400 ms from one to the next, and for every
    /// sentence that ends with a full stop.
    fn spoken(text: &str) -> Vec<Mark> {
        let mut marks = Vec::new();
        let (mut at, mut sentence) = (0, 0);
        for (n, piece) in text.split_inclusive(char::is_whitespace).enumerate() {
            let bare = piece.trim_matches(|c: char| !c.is_alphanumeric());
            if let Some(inside) = piece.find(bare).filter(|_| !bare.is_empty()) {
                let start = at + inside;
                marks.push(word(start..start + bare.len(), 400 * n as u64..400 * n as u64 + 300));
            }
            at += piece.len();
            if piece.trim_end().ends_with('.') {
                marks.push(Mark { kind: MarkKind::Sentence, text: sentence..at, samples: 0..0 });
                sentence = at;
            }
        }
        marks
    }

    #[test]
    fn two_sentences_are_two_cues_in_srt() {
        let text = "Good evening, ladies. \"We begin,\" he said.";
        assert_eq!(
            srt(text, &spoken(text), RATE),
            "1\n00:00:00,000 --> 00:00:01,100\nGood evening, ladies.\n\n\
             2\n00:00:01,200 --> 00:00:02,700\n\"We begin,\" he said.\n\n"
        );
    }

    #[test]
    fn webvtt_has_a_header_points_in_its_times_and_no_marks_of_its_own_in_its_text() {
        let text = "Tom & Jerry <3 cheese.";
        assert_eq!(
            webvtt(text, &spoken(text), RATE),
            "WEBVTT\n\n00:00:00.000 --> 00:00:01.900\nTom &amp; Jerry &lt;3 cheese.\n"
        );
        assert_eq!((webvtt("", &[], RATE).as_str(), srt("", &[], RATE).as_str()), ("WEBVTT\n", ""));
    }

    #[test]
    fn a_long_sentence_is_parted_after_its_punctuation_into_even_lines() {
        let text = "The quick brown fox jumps over the lazy dog near the river bank, and then it runs away into \
                    the deep dark forest without looking back.";
        assert_eq!(
            srt(text, &spoken(text), RATE),
            "1\n00:00:00,000 --> 00:00:05,100\nThe quick brown fox jumps over\n\
             the lazy dog near the river bank,\n\n\
             2\n00:00:05,200 --> 00:00:10,300\nand then it runs away into the deep\n\
             dark forest without looking back.\n\n"
        );
    }

    #[test]
    fn words_of_one_stretch_are_one_and_markup_is_not_shown() {
        let text = "Pay $25 <mark name='x'/>to [Kokoro](/kˈOkəɹO/)-san now";
        let at = |part: &str| {
            let start = text.find(part).unwrap();
            start..start + part.len()
        };
        let marks = [
            word(at("Pay"), 0..100),
            word(at("$25"), 100..200),
            word(at("$25"), 200..300),
            word(at("$25"), 300..900),
            Mark { kind: MarkKind::User { name: "x".into() }, text: 8..8, samples: 0..0 },
            word(at("to"), 900..1_000),
            word(at("Kokoro"), 1_000..1_400),
            word(at("san"), 1_400..1_600),
        ];
        let shown: Vec<_> = tokens(text, &marks, RATE).into_iter().map(|t| (t.shown, t.ms)).collect();
        let expected = [("Pay", 0..100), ("$25", 100..900), ("to", 900..1_000), ("Kokoro-san", 1_000..1_600)]
            .map(|(shown, ms)| (shown.to_string(), ms));
        assert_eq!(shown, expected);
    }

    #[test]
    fn the_marker_of_a_list_item_is_not_shown_and_a_dash_stays_where_it_was() {
        let text = "# To buy\n- milk — fresh\n- tea";
        let shown: Vec<_> = tokens(text, &spoken(text), RATE).into_iter().map(|t| t.shown).collect();
        assert_eq!(shown, ["To", "buy", "milk —", "fresh", "tea"]);
    }

    #[test]
    fn what_was_not_heard_is_not_shown() {
        let text = "One two, three four.";
        assert_eq!(tokens(text, &spoken(text)[..2], RATE).pop().unwrap().shown, "two,");
    }

    proptest! {
        #[test]
        fn cues_never_overlap_and_show_every_word_once_in_order(
            text in "([A-Za-z]{1,50}[,.]?[ \n]){0,60}", rate in 1_u32..100_000,
        ) {
            let cues = cues(&text, &spoken(&text), rate);
            let mut last = 0;
            for cue in &cues {
                prop_assert!(cue.ms.start >= last && cue.ms.end > cue.ms.start);
                prop_assert!((1..=2).contains(&cue.lines.len()));
                last = cue.ms.end;
            }
            let shown = cues.iter().flat_map(|cue| &cue.lines).flat_map(|line| line.split(' '));
            prop_assert_eq!(shown.collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>());
        }
    }
}
