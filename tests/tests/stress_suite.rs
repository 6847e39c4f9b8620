//! Every scenario that comes with the program, simulated: what comes of it is known to the last sample, and it holds.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sostenuto_stress::{Figures, Judged, Profile, SHIPPED, Scenario, run_text, simulate, swarm};
use sostenuto_tests::assert_golden;

/// What a run led to, as it is kept.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Outcome {
    passed: bool,
    audio_s: f64,
    fired: BTreeMap<String, u64>,
    figures: Figures,
}

impl Outcome {
    fn of(judged: &Judged) -> Self {
        // Mathematical functions may differ in their last place from one processor to another.
        let rounded = |value: &f64| (value * 1e3).round() / 1e3;
        let run = &judged.run;
        Self {
            passed: judged.verdict.passed,
            audio_s: rounded(&run.audio_s),
            fired: run.fired.iter().map(|fired| (fired.fault.name().to_owned(), fired.count)).collect(),
            figures: run.figures.iter().map(|(figure, value)| (*figure, rounded(value))).collect(),
        }
    }
}

fn judged(scenario: &Scenario, profile: &str) -> Judged {
    let repeat = format!("sostenuto stress {} --sim --seed {}", scenario.name, scenario.seed);
    Judged::new(simulate(scenario).unwrap(), &Profile::find(profile).unwrap(), repeat)
}

#[test]
fn every_shipped_scenario_holds_and_is_the_same_to_the_last_sample() {
    let mut failed = String::new();
    for shipped in SHIPPED {
        let judged = judged(&shipped.scenario().unwrap(), "stable");
        if !judged.verdict.passed {
            failed += &run_text(&judged);
        }
        assert_golden(&format!("stress/{}", shipped.name), &Outcome::of(&judged));
    }
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn whatever_fifty_seeds_draw_nothing_is_lost_stale_or_out_of_order() {
    let base = Scenario::find("steady-article").unwrap();
    let mut failed = String::new();
    for seed in 0..50 {
        let judged = judged(&swarm(&base, seed), "invariants");
        if !judged.verdict.passed {
            failed += &run_text(&judged);
        }
    }
    assert!(failed.is_empty(), "{failed}");
}
