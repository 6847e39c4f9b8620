//! How far the phonemes agree with those of the reference implementation of misaki.

use std::io::Write;
use std::path::Path;

use sostenuto_g2p::{English, EnglishOptions, Language, Phonemizer};

/// Sentences with their reference phonemes; not part of the repository.
const CORPUS: &str = "../../shared/data/g2p/corpus.jsonl";

#[derive(serde::Deserialize)]
struct Entry {
    text: String,
    #[serde(rename = "en-US")]
    american: String,
    #[serde(rename = "en-GB")]
    british: String,
}

/// Every so many sentences one is looked at, to keep the test short.
const STRIDE: usize = 5;

/// Every [`STRIDE`]th sentence with its reference phonemes; `None` without the corpus.
fn sentences(language: Language) -> Result<Option<Vec<(String, String)>>, serde_json::Error> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(CORPUS);
    let Ok(corpus) = std::fs::read_to_string(&path) else {
        // Not through `println`, which the harness keeps to itself.
        let _ = writeln!(std::io::stderr(), "skipped: no {}", path.display());
        return Ok(None);
    };
    let sentence = |line: &str| {
        let entry: Entry = serde_json::from_str(line)?;
        Ok((entry.text, if language == Language::EnUs { entry.american } else { entry.british }))
    };
    corpus.lines().step_by(STRIDE).map(sentence).collect::<Result<_, _>>().map(Some)
}

/// The phoneme error rate in per cent; `None` without the corpus.
fn error_rate(language: Language) -> Result<Option<f64>, serde_json::Error> {
    let Some(sentences) = sentences(language)? else { return Ok(None) };
    let english = English::load(language).with_options(EnglishOptions::LIKE_MISAKI);
    let (mut errors, mut symbols) = (0, 0);
    for (text, expected) in sentences {
        errors += strsim::levenshtein(&english.phonemize(&text).phonemes, &expected);
        symbols += expected.chars().count();
    }
    let rate = 100.0 * errors as f64 / symbols as f64;
    println!("{language}: {rate:.3} % phoneme errors with letter rules for unknown words");
    Ok(Some(rate))
}

#[test]
fn sentences_of_known_words_agree_with_the_reference_symbol_by_symbol() {
    for language in [Language::EnUs, Language::EnGb] {
        let Some(sentences) = sentences(language).unwrap() else { return };
        let core = English::load(language).with_options(EnglishOptions::LIKE_MISAKI).without_unknown_words();
        let mut known = 0;
        for (text, expected) in sentences {
            let said = core.phonemize(&text);
            if said.dropped == 0 {
                // The reference leaves two spaces where it says nothing of what stood between.
                let expected: Vec<&str> = expected.split_whitespace().collect();
                assert_eq!(said.phonemes, expected.join(" "), "{text}");
                known += 1;
            }
        }
        assert!(known > 100, "{known}");
    }
}

#[test]
fn american_phonemes_agree_with_the_reference() {
    if let Some(rate) = error_rate(Language::EnUs).unwrap() {
        assert!(rate < 1.2, "{rate} % of the phonemes are wrong");
    }
}

#[test]
fn british_phonemes_agree_with_the_reference() {
    if let Some(rate) = error_rate(Language::EnGb).unwrap() {
        assert!(rate < 1.2, "{rate} % of the phonemes are wrong");
    }
}
