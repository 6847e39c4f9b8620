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
