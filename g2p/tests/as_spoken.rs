//! Hard texts sound as what a person would say.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use sostenuto_g2p::{English, Language, Normaliser, Phonemizer, Reader, transcribe};

/// Texts with what a person would say; not part of the repository.
const HARD: &str = "../../shared/data/g2p/hard.jsonl";

/// The least share of texts that must be right.
const LEAST: f64 = 0.95;

#[derive(serde::Deserialize)]
struct Entry {
    category: String,
    text: String,
    spoken: Option<String>,
}

/// What is left of phonemes without stress and punctuation.
fn sounds(phonemes: &str) -> String {
    let kept = phonemes.chars().filter(|&c| (c.is_alphabetic() || c == ' ') && !matches!(c, 'ˈ' | 'ˌ'));
    kept.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn american_texts_sound_as_what_a_person_would_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(HARD);
    let Ok(rows) = std::fs::read_to_string(&path) else {
        // Not through `println`, which the harness keeps to itself.
        let _ = writeln!(std::io::stderr(), "skipped: no {}", path.display());
        return;
    };
    let english = Arc::new(English::load(Language::EnUs));
    let reader: Arc<dyn Phonemizer> = Arc::new(Reader::new(english).with_normaliser(Normaliser::default()));
    let mut classes: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for row in rows.lines() {
        let Entry { category, text, spoken } = serde_json::from_str(row).unwrap();
        let Some(spoken) = spoken else { continue };
        let said = transcribe(&reader, &text).phonemes;
        let right = match spoken.strip_prefix("ipa:") {
            Some(sound) => said.contains(sound),
            None => sounds(&said) == sounds(&transcribe(&reader, &spoken).phonemes),
        };
        if !right {
            println!("{category}: {text}\n  sounds {said}\n  should sound as {spoken}");
        }
        let (rights, all) = classes.entry(category).or_default();
        *rights += u32::from(right);
        *all += 1;
    }
    let (rights, all) = classes.values().fold((0, 0), |sum, class| (sum.0 + class.0, sum.1 + class.1));
    println!("{rights} of {all}: {classes:?}");
    assert!(f64::from(rights) >= LEAST * f64::from(all), "{rights} of {all}: {classes:?}");
}
