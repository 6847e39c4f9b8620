//! The normaliser against how people say abbreviations, addresses, names and acronyms.

use std::path::Path;

use sostenuto_g2p::Normaliser;

/// The classes of sentences that are read here; numbers, dates and units have their own test.
const CLASSES: [&str; 9] =
    ["abbr", "url", "emoji", "acronym", "code", "contraction", "hyphen", "script", "edge"];

/// Sentences that may be read otherwise than they are said, at most this share.
const MOST_WRONG: f64 = 0.1;

fn words(text: &str) -> String {
    let text = Normaliser::default().normalise(text).text.to_lowercase();
    let plain: String =
        text.chars().map(|c| if c.is_alphanumeric() || c == '\'' { c } else { ' ' }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn sentences_are_read_as_people_say_them() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/g2p/hard.jsonl");
    let Ok(rows) = std::fs::read_to_string(&path) else {
        return println!("skipped: {} is not there", path.display());
    };
    let (mut all, mut wrong) = (0, 0);
    for row in rows.lines() {
        let row: serde_json::Value = serde_json::from_str(row).unwrap();
        let (Some(class), Some(text), Some(spoken)) =
            (row["category"].as_str(), row["text"].as_str(), row["spoken"].as_str())
        else {
            continue;
        };
        if !CLASSES.contains(&class) || spoken.starts_with("ipa:") {
            continue;
        }
        all += 1;
        if words(text) != words(spoken) {
            wrong += 1;
            println!("{text}\n  is read {}\n  for     {}", words(text), words(spoken));
        }
    }
    println!("{} of {all} sentences are right", all - wrong);
    assert!(all > 0 && f64::from(wrong) <= MOST_WRONG * f64::from(all));
}
