//! How far the phonemes agree with those of the reference implementation of misaki.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use sostenuto_g2p::{English, Language, Options, Phonemizer};

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

/// Every so many sentences one is measured, to keep the test short.
const STRIDE: usize = 10;

fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// The phoneme error rate over every [`STRIDE`]th sentence, in per cent; `None` without the corpus.
fn error_rate(language: Language) -> Result<Option<f64>, serde_json::Error> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(CORPUS);
    let Ok(corpus) = std::fs::read_to_string(&path) else {
        // Not through `println`, which the harness keeps to itself.
        let _ = writeln!(std::io::stderr(), "skipped: no {}", path.display());
        return Ok(None);
    };
    let phonemizer: Arc<dyn Phonemizer> =
        Arc::new(English::load(language).with_options(Options::LIKE_MISAKI));
    let (mut errors, mut symbols, mut exact, mut sentences) = (0, 0, 0, 0);
    for line in corpus.lines().step_by(STRIDE) {
        let entry: Entry = serde_json::from_str(line)?;
        let expected = if language == Language::EnUs { entry.american } else { entry.british };
        let expected: Vec<char> = expected.chars().collect();
        let said: Vec<char> = phonemizer.phonemize(&entry.text).phonemes.chars().collect();
        let wrong = distance(&expected, &said);
        errors += wrong;
        symbols += expected.len();
        exact += usize::from(wrong == 0);
        sentences += 1;
    }
    let rate = 100.0 * errors as f64 / symbols as f64;
    println!("{language}: {rate:.3} % phoneme errors, {exact} of {sentences} sentences exact");
    Ok(Some(rate))
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
