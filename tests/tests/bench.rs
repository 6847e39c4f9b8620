//! `sostenuto bench` as its users meet it: what it writes, when it warns, and how it ends.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;
use sostenuto_tests::{Desk, Ran};

fn bench(desk: &Desk, arguments: &[&str]) -> Ran {
    desk.run(&[&["bench"], arguments].concat(), b"")
}

#[test]
fn what_cannot_be_meant_is_named_in_one_line() {
    let desk = Desk::new();
    fs::write(desk.path().join("blank.txt"), " \n").unwrap();
    fs::write(desk.path().join("latin1.txt"), b"caf\xe9").unwrap();
    let cases: [(&[&str], &[&str]); 9] = [
        (&["book"], &["book", "short, medium, long or article"]),
        (&["--text", "missing.txt"], &["missing.txt"]),
        (&["--text", "blank.txt"], &["blank.txt", "nothing to say"]),
        (&["--text", "latin1.txt"], &["latin1.txt", "UTF-8", "byte 3"]),
        (&["--trials", "0"], &["--trials", "0"]),
        (&["--chunk-ms", "60"], &["60", "40", "50", "100"]),
        (&["--warn-over", "0.9", "--history", "h.jsonl"], &["0.9", "above 1"]),
        (&["--compare-last"], &["--history"]),
        (&["--history", "."], &["cannot read"]),
    ];
    for (arguments, named) in cases {
        let ran = bench(&desk, arguments);
        assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""), "{arguments:?}: {ran:?}");
        let line = ran.only_line().unwrap();
        for name in named {
            assert!(line.contains(name), "{name} is not in: {line}");
        }
    }
}

#[test]
fn a_text_is_measured_as_often_as_was_asked_for_and_told_in_a_table_and_a_file() {
    let Some(desk) = Desk::with_fast_session() else { return };
    fs::write(desk.path().join("own.txt"), "We came, we saw, we won.").unwrap();
    let session = ["--session", "fast", "--threads", "1"];
    let ran = bench(
        &desk,
        &[&["short", "--text", "own.txt", "--trials", "3", "--json", "b.json"], &session[..]].concat(),
    );
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    for word in ["short, 65 characters", "own.txt, 24 characters", "TTFA", "RTF", "peak memory", "samples"] {
        assert!(ran.out.contains(word), "{word} is not in:\n{}", ran.out);
    }
    assert_eq!(ran.err.lines().filter(|line| line.contains("not counted")).count(), 2, "{}", ran.err);

    let report = desk.json("b.json");
    assert_eq!((&report["schema"], &report["interrupted"]), (&1.into(), &false.into()));
    assert_eq!(report["configuration"]["policy"], "fast");
    assert_eq!(report["configuration"]["sessions"][0]["threads"], 1);
    let texts = report["texts"].as_array().unwrap();
    assert_eq!(texts.len(), 2);
    for text in texts {
        assert_eq!(text["trials"].as_array().unwrap().len(), 3);
        for metric in ["ttfa-ms", "total-s", "audio-s", "rtf", "g2p-ms", "inference-ms", "pump-ms"] {
            let found = &text["summary"][metric];
            assert_eq!(found["samples"], 3, "{metric}: {text}");
            assert!(found["p50"].as_f64().unwrap() > 0.0, "{metric}: {text}");
            assert!(found["p50"].as_f64() <= found["p99"].as_f64(), "{metric}: {text}");
        }
        assert!(text["summary"]["block-gap-ms"].is_null(), "as fast as possible, no block is late: {text}");
    }
}

#[test]
fn several_listeners_in_real_time_hear_a_block_every_period() {
    let Some(desk) = Desk::with_fast_session() else { return };
    fs::write(desk.path().join("own.txt"), "One word.").unwrap();
    let arguments =
        ["--text", "own.txt", "--stream", "--concurrency", "2", "--trials", "1", "--chunk-ms", "40"];
    let ran = bench(&desk, &[&arguments[..], &["--session", "fast", "--json", "b.json"]].concat());
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let summary = &desk.json("b.json")["texts"][0]["summary"];
    assert_eq!((&summary["ttfa-ms"]["samples"], &summary["peak-rss-mb"]["samples"]), (&2.into(), &1.into()));
    let blocks = &summary["block-gap-ms"];
    // Of some hundred milliseconds of speech on two streams.
    assert!((4..100).contains(&blocks["samples"].as_u64().unwrap()), "{blocks}");
    assert_eq!(summary["late-blocks"]["samples"], 2);
}

/// Multiplies the time to first audio of every run in `history`.
fn scale(history: &str, by: f64) -> String {
    let line = |line: &str| {
        let mut run: Value = serde_json::from_str(line).unwrap();
        let ttfa = &mut run["texts"][0]["medians"]["ttfa-ms"];
        *ttfa = (ttfa.as_f64().unwrap() * by).into();
        run.to_string() + "\n"
    };
    history.lines().map(line).collect()
}

#[test]
fn a_run_that_is_worse_than_those_before_it_is_told_and_ends_with_status_1() {
    let Some(desk) = Desk::with_fast_session() else { return };
    let run = |compare: &[&str]| {
        let arguments =
            ["short", "--session", "fast", "--trials", "3", "--history", "h.jsonl", "--json", "b.json"];
        bench(&desk, &[&arguments[..], compare].concat())
    };
    assert_eq!(run(&[]).status, Some(0));
    assert_eq!(run(&["--compare-last"]).status, Some(0), "one run is too few to compare with");
    let first = desk.read("h.jsonl");
    assert_eq!(first.lines().count(), 2);

    // Any machine is faster than a thousand times as slow, and slower than a thousand times as fast.
    fs::write(desk.path().join("h.jsonl"), scale(&first, 1e3)).unwrap();
    let ran = run(&["--compare-last=2", "--warn-over", "900"]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert!(ran.out.contains("no worse than the last 2 runs"), "{}", ran.out);

    fs::write(desk.path().join("h.jsonl"), scale(&first, 1e-3)).unwrap();
    let ran = run(&["--compare-last=2", "--warn-over", "100"]);
    assert_eq!(ran.status, Some(1), "{}", ran.err);
    assert!(ran.err.contains("short: TTFA") && ran.err.contains("is worse than"), "{}", ran.err);
    let worse = &desk.json("b.json")["comparison"]["texts"][0]["regressions"];
    assert_eq!((worse.as_array().unwrap().len(), &worse[0]["metric"]), (1, &"ttfa-ms".into()), "{worse}");
    assert_eq!(desk.read("h.jsonl").lines().count(), 3, "what happened is remembered, worse or not");
}

#[test]
fn ended_early_it_tells_what_was_measured_until_then() {
    let Some(desk) = Desk::with_fast_session() else { return };
    fs::write(desk.path().join("own.txt"), "Yes.").unwrap();
    let mut child = desk
        .program
        .command(desk.path())
        .args(["bench", "--text", "own.txt", "--stream", "--trials", "1000", "--session", "fast"])
        .args(["--json", "b.json", "--history", "h.jsonl"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("own.txt 1/1000: ")), "the first trial is told");
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let rest: Vec<String> = lines.collect();
    let ran = Ran::of(child).unwrap();
    assert_eq!(ran.status, Some(130), "{rest:?}");
    assert!(ran.out.contains("own.txt, 4 characters"), "{}", ran.out);
    assert!(rest.last().unwrap().contains("the history is left as it was"), "{rest:?}");
    let report = desk.json("b.json");
    assert_eq!(report["interrupted"], true);
    let trials = report["texts"][0]["trials"].as_array().unwrap().len();
    assert!((1..1_000).contains(&trials), "{trials}");
    assert!(!desk.path().join("h.jsonl").exists());
}
