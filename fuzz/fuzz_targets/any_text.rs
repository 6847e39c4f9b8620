//! Any text at all becomes phonemes that keep every promise, in time.
#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use sostenuto_g2p::vocabulary::{MAX_TOKENS, token_id};
use sostenuto_g2p::{English, FrontEnd, Language, Normaliser, Phonemizer, Reader};

/// What 10 kB may take, in the worst case.
const PER_10_KB: Duration = Duration::from_secs(1);

static ENGLISH: LazyLock<Arc<dyn Phonemizer>> = LazyLock::new(|| {
    let english = Arc::new(English::load(Language::EnUs));
    let reader = Reader::new(english).with_normaliser(Normaliser::default());
    reader.warm();
    Arc::new(reader)
});

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let mut front_end = FrontEnd::new(Arc::clone(&ENGLISH));
    let started = Instant::now();
    front_end.push(&text);
    front_end.finish();
    let mut end = 0;
    while let Some(clause) = front_end.next_clause() {
        assert!(clause.phonemes.chars().all(|symbol| token_id(symbol).is_some()), "{:?}", clause.phonemes);
        assert!(clause.tokens() <= MAX_TOKENS);
        assert!(clause.marks.iter().all(|mark| mark.word <= clause.words.len()));
        for word in &clause.words {
            assert!(word.source.start >= end, "spans go back: {:?} after {end}", word.source);
            assert!(text.get(word.source.clone()).is_some() && clause.phonemes.get(word.phonemes.clone()).is_some());
            end = word.source.start;
        }
    }
    // Other work on the machine may take a short run's time many times over.
    let allowed = PER_10_KB.mul_f64((text.len() as f64 / 10_000.0).max(0.5));
    assert!(started.elapsed() <= allowed, "{} bytes took {:?}", text.len(), started.elapsed());

    let once = Normaliser::default().normalise(&text);
    let twice = Normaliser::default().normalise(&once.text);
    assert_eq!(once.text, twice.text, "normalising is not idempotent");
});
