//! What holds for every text, from bytes to clauses.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use sostenuto_g2p::vocabulary::{MAX_TOKENS, token_id};
use sostenuto_g2p::{Boundary, Clause, English, FrontEnd, Language, Phonemizer, transcribe};

static ENGLISH: LazyLock<Arc<dyn Phonemizer>> = LazyLock::new(|| Arc::new(English::load(Language::EnGb)));

fn clauses(pieces: &[&str]) -> (Vec<Clause>, usize) {
    let mut front_end = FrontEnd::new(Arc::clone(&ENGLISH));
    let mut clauses = Vec::new();
    for piece in pieces {
        front_end.push(piece);
        clauses.extend(std::iter::from_fn(|| front_end.next_clause()));
    }
    front_end.finish();
    clauses.extend(std::iter::from_fn(|| front_end.next_clause()));
    (clauses, front_end.dropped())
}

#[test]
fn a_text_is_spoken_in_clauses_with_their_boundaries() {
    let text = "Well, said Dr. Smith, it costs $3.50 or so. Is it?\n\nYes.";
    let (clauses, dropped) = clauses(&[text]);
    let said: Vec<_> = clauses.iter().map(|c| (&text[c.source.clone()], c.boundary)).collect();
    assert_eq!(
        said,
        [
            ("Well,", Boundary::Comma),
            ("said Dr. Smith,", Boundary::Comma),
            ("it costs $3.50 or so.", Boundary::Sentence),
            ("Is it?", Boundary::Paragraph),
            ("Yes.", Boundary::Sentence),
        ]
    );
    assert_eq!(dropped, 0);
}

#[test]
fn a_transcription_has_every_word_with_its_bytes() {
    let text = "# Title\n\n- Naïve café—ski‑ing 東京";
    let whole = transcribe(&ENGLISH, text);
    let sources: Vec<_> = whole.words.iter().map(|word| &text[word.source.clone()]).collect();
    assert_eq!(sources, ["Title", "Naïve", "café", "ski‑ing"]);
    assert_eq!(whole.dropped, 2);
}

#[test]
fn a_text_with_marks_sounds_as_it_does_without() {
    let text = "<mark name='start'/>Dr. <mark name=\"who\"/> Smith paid $<mark name='sum'/>3.50 — <mark name='i'/>\
                really.<mark name='end'/>";
    let (marked, _) = clauses(&[text]);
    let (plain, _) = clauses(&["Dr.  Smith paid $3.50 — really."]);
    let phonemes = |clauses: &[Clause]| clauses.iter().map(|c| c.phonemes.clone()).collect::<Vec<_>>();
    assert_eq!(phonemes(&marked), phonemes(&plain));
    let words: Vec<_> = marked.iter().flat_map(|c| &c.words).map(|word| &text[word.source.clone()]).collect();
    assert_eq!(words.first(), Some(&"Dr."));
    assert!(words.contains(&"Smith") && words.contains(&"really"), "{words:?}");
    assert_eq!(marked.iter().flat_map(|c| &c.marks).count(), 5);
}

/// The text with a mark in some of its gaps between words, and the byte of the text that each stands before.
fn with_marks(text: &str, chosen: &[bool]) -> (String, Vec<usize>) {
    let is_gap = |at: usize| {
        let before = text[..at].chars().next_back();
        let after = text[at..].chars().next();
        before.is_none_or(char::is_whitespace) || after.is_none_or(char::is_whitespace)
    };
    let gaps = (0..=text.len()).filter(|&at| text.is_char_boundary(at) && is_gap(at));
    let places: Vec<_> = gaps.zip(chosen).filter(|&(_, &chosen)| chosen).map(|(at, _)| at).collect();
    let mut marked = String::new();
    let mut copied = 0;
    for (n, &at) in places.iter().enumerate() {
        marked.push_str(&text[copied..at]);
        marked.extend(["<mark name='m", &n.to_string(), "'/>"]);
        copied = at;
    }
    marked.push_str(&text[copied..]);
    (marked, places)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn marks_come_out_once_in_order_before_the_right_word_and_change_nothing(
        text in "([A-Z]?[a-z]{1,7}|[0-9]{1,4}|Dr\\.|[,;:.!?—\"'$-]| |\n){0,60}",
        chosen in prop::collection::vec(any::<bool>(), 0..60),
    ) {
        let (marked_text, places) = with_marks(&text, &chosen);
        let (plain, _) = clauses(&[&text]);
        let (marked, _) = clauses(&[&marked_text]);
        let said = |clauses: &[Clause]| -> Vec<_> {
            clauses.iter().map(|c| (c.phonemes.clone(), c.boundary, c.words.len())).collect()
        };
        prop_assert_eq!(said(&marked), said(&plain));
        let names: Vec<_> = marked.iter().flat_map(|c| c.marks.iter().map(|m| m.name.clone())).collect();
        if plain.is_empty() {
            return Ok(());
        }
        let expected: Vec<_> = (0..places.len()).map(|n| format!("m{n}")).collect();
        prop_assert_eq!(names, expected);
        let mut places = places.into_iter();
        for (clause, plain) in marked.iter().zip(&plain) {
            for (mark, at) in clause.marks.iter().zip(&mut places) {
                prop_assert_eq!(mark.word, plain.words.partition_point(|word| word.source.start < at));
            }
            for (word, plain) in clause.words.iter().zip(&plain.words) {
                let source = without_marks(&marked_text[word.source.clone()]);
                prop_assert_eq!(source.as_str(), &text[plain.source.clone()]);
            }
        }
    }
}

/// The text without the marks of [`with_marks`].
fn without_marks(text: &str) -> String {
    let mut pieces = text.split("<mark name='m");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        plain.push_str(piece.split_once("'/>").map_or(piece, |(_, rest)| rest));
    }
    plain
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn clauses_are_in_order_inside_the_text_and_inside_the_vocabulary(
        text in prop_oneof![
            "(?s).{0,60}",
            "([A-Za-z]{1,7}|[0-9]{1,4}|[,;:.!?—…()“”\"'$#*-]| |\n){0,60}",
            "[a-z/=]{50,90}( [A-Z][a-z]{1,6}){0,4}",
        ],
        size in 1_usize..30,
    ) {
        let (whole, dropped) = clauses(&[&text]);
        let (mut last, mut last_word) = (0, 0);
        for clause in &whole {
            prop_assert!(clause.source.start >= last && text.get(clause.source.clone()).is_some());
            last = clause.source.end;
            prop_assert!(clause.tokens() <= MAX_TOKENS && !clause.phonemes.is_empty());
            prop_assert!(clause.phonemes.chars().all(|c| token_id(c).is_some()));
            for word in &clause.words {
                prop_assert!(word.source.start >= last_word && text.get(word.source.clone()).is_some());
                prop_assert!(word.source.start >= clause.source.start && word.source.end <= clause.source.end);
                prop_assert!(clause.phonemes.get(word.phonemes.clone()).is_some_and(|p| !p.is_empty()));
                last_word = word.source.end;
            }
        }
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.ceil_char_boundary(size));
            pieces.push(piece);
            rest = after;
        }
        prop_assert_eq!(clauses(&pieces), (whole, dropped));
    }
}
