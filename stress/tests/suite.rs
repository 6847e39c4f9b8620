//! What ships and what chance draws does what it is for: every fault strikes, and nothing happens that never may.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use sostenuto_stress::{Run, SHIPPED, Scenario, simulate, swarm};

/// Faults of `run` that never struck, and figures of it beyond the limits of its scenario.
fn wrong(run: &Run) -> Vec<String> {
    let idle = run.fired.iter().filter(|fired| fired.count == 0);
    let idle = idle.map(|fired| format!("{} never fired", fired.fault.name()));
    let beyond = run.scenario.limits.iter().filter_map(|(figure, limit)| {
        let value = run.figures.get(figure).filter(|value| *value > limit)?;
        Some(format!("{} is {value}, beyond {limit}", figure.name()))
    });
    idle.chain(beyond).collect()
}

#[test]
fn every_shipped_scenario_keeps_its_limits_and_every_fault_of_it_strikes() {
    // Ten hours take as long as all the others.
    for shipped in SHIPPED.iter().filter(|shipped| shipped.name != "ten-hours") {
        let run = simulate(&shipped.scenario().unwrap()).unwrap();
        assert!(run.audio_s > 10.0, "{}: {} s were heard", shipped.name, run.audio_s);
        assert_eq!(wrong(&run), [""; 0], "{}", shipped.name);
    }
}

#[test]
fn every_scenario_that_chance_draws_keeps_its_limits_and_every_fault_of_it_strikes() {
    let base = Scenario::find("steady-article").unwrap();
    let of = |seed| wrong(&simulate(&swarm(&base, seed)).unwrap());
    let all: Vec<_> = (0..50).map(|seed| (seed, of(seed))).filter(|(_, wrong)| !wrong.is_empty()).collect();
    assert!(all.is_empty(), "{all:?}");
}
