//! A long text through the real fast session: all of it, in order, in the memory of a short one.
//!
//! `SOSTENUTO_LONG_TEXT_WORDS` says how many words; 10,000 unless given, because an unoptimised program takes minutes
//! for 100,000.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use sostenuto_engine::planner::{Budget, Planner};
use sostenuto_g2p::{English, FrontEnd, Language};
use sostenuto_tests::{Program, fetched, words};

const SHORT: usize = 1_000;
const LONG: usize = 10_000;
/// Megabytes that the long text may take beyond the short one.
const GROWTH_MB: f64 = 40.0;

/// Speaks `text` and returns what was measured.
fn measure(program: &Program, folder: &Path, text: &str) -> Value {
    std::fs::write(folder.join("text.txt"), text).unwrap();
    let arguments = "say --session fast --sink freewheel --file text.txt --stats stats.json";
    let ran = program.run(folder, &arguments.split(' ').collect::<Vec<_>>(), b"").unwrap();
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    serde_json::from_slice(&std::fs::read(folder.join("stats.json")).unwrap()).unwrap()
}

/// Fragments that the planner makes of `text`.
fn planned(text: &str) -> u64 {
    let mut front_end = FrontEnd::new(Arc::new(English::load(Language::EnUs)));
    let mut planner = Planner::new(Budget::default());
    let mut count = 0;
    front_end.push(text);
    front_end.finish();
    while let Some(clause) = front_end.next_clause() {
        planner.push(clause);
        count += std::iter::from_fn(|| planner.next(false)).count();
    }
    (count + std::iter::from_fn(|| planner.next(true)).count()) as u64
}

fn assert_whole(stats: &Value, text: &str) {
    assert_eq!(stats["fragments"], planned(text), "{stats}");
    for counter in ["failed_fragments", "gaps", "out_of_order", "stale_chunks", "dropped_symbols"] {
        assert_eq!(stats[counter], 0, "{counter}");
    }
}

#[test]
fn a_long_text_is_spoken_whole_and_in_order_in_the_memory_of_a_short_one() {
    let (Some(_), Some(_)) = (fetched("onnxruntime"), fetched("kokoro-distilled-heart")) else { return };
    let count = std::env::var("SOSTENUTO_LONG_TEXT_WORDS").map_or(LONG, |words| words.parse().unwrap());
    let program = Program::built().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let peak = |text: &str| {
        let stats = measure(&program, folder.path(), text);
        assert_whole(&stats, text);
        println!(
            "{} fragments, {} s of audio, {} MB at most",
            stats["fragments"], stats["audio_s"], stats["peak_rss_mb"]
        );
        stats["peak_rss_mb"].as_f64().unwrap()
    };
    let (short, long) = (peak(&words(SHORT)), peak(&words(count)));
    assert!(long < short + GROWTH_MB, "{long} MB for {count} words, {short} MB for {SHORT}");
}
