//! Languages that only espeak-ng reads sound as the reference implementation of misaki has them.
#![cfg(feature = "espeak")]

use std::io::Write;
use std::path::Path;

use sostenuto_g2p::vocabulary::token_id;
use sostenuto_g2p::{EspeakPronouncer, Language, Pronouncer};

/// Sentences with their reference phonemes; not part of the repository.
const SENTENCES: &str = "../../shared/data/g2p/multilingual.jsonl";

#[derive(serde::Deserialize)]
struct Row {
    id: String,
    language: String,
    text: String,
    phonemes: String,
}

#[test]
fn every_sentence_has_the_phonemes_of_the_reference() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SENTENCES);
    let Ok(rows) = std::fs::read_to_string(&path) else {
        // Not through `println`, which the harness keeps to itself.
        let _ = writeln!(std::io::stderr(), "skipped: no {}", path.display());
        return;
    };
    let mut sentences = 0;
    for row in rows.lines() {
        let row: Row = serde_json::from_str(row).unwrap();
        let language: Language = row.language.parse().unwrap();
        let said = EspeakPronouncer::load(language, None).unwrap().pronounce(&row.text, &[]);
        // The reference keeps the marks ¿ and ¡, which the models do not know.
        let expected: String = row.phonemes.chars().filter(|&c| token_id(c).is_some()).collect();
        assert_eq!(said.phonemes, expected, "{}: {}", row.id, row.text);
        assert_eq!(said.dropped, row.phonemes.chars().count() - expected.chars().count(), "{}", row.id);
        assert_eq!(
            said.words.len(),
            row.text.split_whitespace().filter(|w| w.contains(char::is_alphanumeric)).count()
        );
        sentences += 1;
    }
    assert!(sentences > 0);
}
