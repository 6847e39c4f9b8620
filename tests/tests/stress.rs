//! `sostenuto stress` as its users meet it: what it judges, what it writes, and how it ends.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use sostenuto_tests::{Desk, Ran};

fn stress(desk: &Desk, arguments: &[&str]) -> Ran {
    desk.run(&[&["stress"], arguments].concat(), b"")
}

#[test]
fn what_cannot_be_meant_is_named_in_one_line() {
    let desk = Desk::new();
    fs::write(desk.path().join("mine.toml"), "name = 3").unwrap();
    let cases: [(&[&str], &[&str]); 9] = [
        (&["steady"], &["steady", "steady-article", ".toml"]),
        (&["mine.toml"], &["mine.toml", "name"]),
        (&["steady-words", "--profile", "calm"], &["calm", "stable", "battery"]),
        (&["--seeds", "5..5"], &["5..5", "0..100"]),
        (&["--soak", "1m"], &["5 minutes"]),
        (&["steady-words", "--tone"], &["--real"]),
        (&["steady-words", "--json", "no/such/a.json"], &["no/such/a.json"]),
        (&["compare", "mine.toml", "mine.toml"], &["mine.toml", "JSON"]),
        (&["list", "nothing"], &["nothing", "stress list"]),
    ];
    for (arguments, named) in cases {
        let ran = stress(&desk, arguments);
        assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""), "{arguments:?}: {ran:?}");
        let line = ran.only_line().unwrap();
        for name in named {
            assert!(line.contains(name), "{name} is not in: {line}");
        }
    }
}

#[test]
fn a_run_that_holds_ends_well_and_is_the_same_again() {
    let desk = Desk::new();
    let ran = stress(&desk, &["steady-words", "--json", "a.json", "--html", "a.html"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.out.starts_with("pass  steady-words") && ran.out.ends_with("1 run: 1 pass\n"), "{ran:?}");
    assert!(desk.read("a.html").contains("steady-words"));
    let repeat = desk.json("a.json")["suites"][0]["repeat"].as_str().unwrap().to_owned();
    let again: Vec<&str> = repeat.split(' ').skip(2).chain(["--json", "b.json"]).collect();
    assert_eq!(stress(&desk, &again).status, Some(0));
    assert_eq!(desk.json("a.json")["suites"], desk.json("b.json")["suites"]);
    let compared = stress(&desk, &["compare", "a.json", "b.json", "--tolerance", "0"]);
    assert_eq!(compared.status, Some(0), "{compared:?}");
    assert!(compared.out.starts_with("1 run compared: 0 worse"), "{compared:?}");
}

#[test]
fn a_run_that_fails_says_why_and_a_report_that_is_worse_is_found() {
    let desk = Desk::new();
    fs::write(desk.path().join("strict.toml"), "name = 'strict'\n[limits]\nttfa-p50-ms = 0.1\n").unwrap();
    let ran = stress(&desk, &["steady-words", "--profile", "strict.toml", "--json", "a.json"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.out.contains("FAIL  TTFA p50") && ran.out.contains("again: sostenuto stress steady-words"));
    // One stale sample more than there was.
    let worse = desk.read("a.json").replacen("\"stale-samples\":0.0", "\"stale-samples\":1.0", 1);
    fs::write(desk.path().join("b.json"), worse).unwrap();
    let compared = stress(&desk, &["compare", "a.json", "b.json"]);
    assert_eq!(compared.status, Some(1), "{compared:?}");
    assert!(compared.out.contains("stale samples") && compared.out.contains("WORSE"), "{compared:?}");
}

#[test]
fn one_own_scenario_is_begun_with_a_shipped_one() {
    let desk = Desk::new();
    let shipped = stress(&desk, &["list", "fault-late-callback"]);
    assert_eq!(shipped.status, Some(0));
    let own = shipped.out.replace("name = \"fault-late-callback\"", "name = \"own\"");
    fs::write(desk.path().join("own.toml"), own).unwrap();
    let ran = stress(&desk, &["own.toml", "--length", "30s"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.out.contains("fault late-callback fired"), "{ran:?}");
}
