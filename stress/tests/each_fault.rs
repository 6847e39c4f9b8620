//! The harness is tested by breaking the engine: each fault, injected, moves exactly the figures that it should.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use sostenuto_stress::Figure::{
    AddedDelayMs, CallbackLatenessP99Us, ConcealedMs, DeviceLosses, FailedFragments, Gaps, InsertedSamples,
    Interruptions, InterruptionsPerHour, LateChunks, RefusedUtterances, ReorderDepth, Rtf, StaleChunks,
    Starvations, StarvedMs, StopP50Ms, StopP99Ms, Timeouts, TtfaP50Ms, TtfaP95Ms, TtfaP99Ms, Underruns,
    UnderrunsPerHour, Xruns, XrunsPerHour,
};
use sostenuto_stress::{FaultKind, Figure, Run, Scenario, simulate};

/// What a fault does to its shipped scenario. Whatever is on neither list must be the same, to the last bit, with the
/// fault and without it.
struct Effect {
    fault: FaultKind,
    /// Figures that must be worse with the fault than without it.
    worsens: &'static [Figure],
    /// Figures that may be otherwise: which session speaks what, and how long that takes, follows from moments.
    may_move: &'static [Figure],
    /// Figures that count nothing but this fault: as many as times that it struck.
    counts: &'static [Figure],
}

const TTFA: [Figure; 3] = [TtfaP50Ms, TtfaP95Ms, TtfaP99Ms];

const EFFECTS: [Effect; 18] = [
    Effect {
        fault: FaultKind::SlowInference,
        worsens: &[
            TtfaP95Ms,
            TtfaP99Ms,
            Underruns,
            UnderrunsPerHour,
            Interruptions,
            InterruptionsPerHour,
            ConcealedMs,
            AddedDelayMs,
            Rtf,
        ],
        may_move: &[TtfaP50Ms],
        counts: &[],
    },
    Effect {
        fault: FaultKind::Stalls,
        worsens: &[TtfaP50Ms, TtfaP95Ms, TtfaP99Ms, AddedDelayMs, InsertedSamples, Rtf],
        may_move: &[],
        counts: &[],
    },
    Effect {
        fault: FaultKind::Freeze,
        worsens: &[TtfaP95Ms, TtfaP99Ms, AddedDelayMs, Timeouts, Rtf],
        may_move: &[TtfaP50Ms, InsertedSamples],
        counts: &[],
    },
    Effect {
        fault: FaultKind::FailedFragments,
        worsens: &[Gaps, FailedFragments, Rtf],
        may_move: &[TtfaP50Ms, TtfaP95Ms, TtfaP99Ms, AddedDelayMs],
        counts: &[Gaps, FailedFragments],
    },
    Effect {
        fault: FaultKind::NanFragments,
        worsens: &[Gaps, FailedFragments, Rtf],
        may_move: &[TtfaP50Ms, TtfaP95Ms, TtfaP99Ms, AddedDelayMs],
        counts: &[Gaps, FailedFragments],
    },
    Effect {
        fault: FaultKind::DroppedChunks,
        worsens: &[StaleChunks, ReorderDepth, Starvations, StarvedMs],
        may_move: &[TtfaP50Ms, TtfaP95Ms, TtfaP99Ms, AddedDelayMs, StopP50Ms, StopP99Ms, Rtf],
        counts: &[],
    },
    Effect {
        fault: FaultKind::DuplicatedChunks,
        worsens: &[LateChunks],
        may_move: &[],
        counts: &[LateChunks],
    },
    Effect { fault: FaultKind::ReorderedChunks, worsens: &[ReorderDepth], may_move: &[], counts: &[] },
    Effect {
        fault: FaultKind::ConsumerStall,
        worsens: &[TtfaP95Ms, TtfaP99Ms, AddedDelayMs],
        may_move: &[TtfaP50Ms, ReorderDepth, Rtf],
        counts: &[],
    },
    Effect {
        fault: FaultKind::LateCallback,
        worsens: &[Xruns, XrunsPerHour, CallbackLatenessP99Us],
        may_move: &[TtfaP50Ms, TtfaP95Ms, TtfaP99Ms, AddedDelayMs, ReorderDepth, Rtf],
        counts: &[Xruns],
    },
    Effect {
        fault: FaultKind::CallbackBurst,
        worsens: &[Xruns, XrunsPerHour, CallbackLatenessP99Us],
        may_move: &[TtfaP50Ms, TtfaP95Ms, TtfaP99Ms, AddedDelayMs, ReorderDepth, Rtf],
        counts: &[Xruns],
    },
    Effect {
        fault: FaultKind::DeviceLoss,
        worsens: &[DeviceLosses],
        may_move: &[TtfaP50Ms, TtfaP95Ms, TtfaP99Ms, AddedDelayMs, ReorderDepth, Rtf],
        counts: &[DeviceLosses],
    },
    Effect {
        fault: FaultKind::PeriodChange,
        worsens: &[TtfaP95Ms, TtfaP99Ms, AddedDelayMs],
        may_move: &[TtfaP50Ms, ReorderDepth, Rtf],
        counts: &[],
    },
    Effect {
        fault: FaultKind::ClockDrift,
        worsens: &[AddedDelayMs],
        may_move: &[TtfaP50Ms, TtfaP95Ms, TtfaP99Ms, ReorderDepth, Rtf],
        counts: &[],
    },
    Effect {
        fault: FaultKind::StopStorm,
        worsens: &[StopP50Ms, StopP99Ms, StaleChunks],
        may_move: &[TtfaP50Ms, TtfaP95Ms, TtfaP99Ms, AddedDelayMs, ReorderDepth, Rtf],
        counts: &[],
    },
    Effect {
        fault: FaultKind::BargeIn,
        worsens: &[StopP50Ms, StopP99Ms, StaleChunks],
        may_move: &[TtfaP50Ms, TtfaP95Ms, TtfaP99Ms, AddedDelayMs, ReorderDepth, Rtf],
        counts: &[],
    },
    Effect {
        fault: FaultKind::MemoryLimit,
        worsens: &[RefusedUtterances],
        may_move: &[TtfaP50Ms, TtfaP95Ms, TtfaP99Ms, AddedDelayMs, Rtf],
        counts: &[],
    },
    Effect {
        fault: FaultKind::ServerKill,
        worsens: &[DeviceLosses],
        may_move: &[TtfaP50Ms, TtfaP95Ms, TtfaP99Ms, AddedDelayMs, ReorderDepth, Rtf],
        counts: &[DeviceLosses],
    },
];

/// The shipped scenario of `fault`, without it and with it.
fn without_and_with(fault: FaultKind) -> (Run, Run) {
    let with = Scenario::find(&format!("fault-{}", fault.name())).unwrap();
    let mut without = with.clone();
    without.faults.retain(|other| other.kind() != fault);
    (simulate(&without).unwrap(), simulate(&with).unwrap())
}

/// The figures that differ between two runs; one that only one of them has differs.
fn moved(a: &Run, b: &Run) -> BTreeSet<Figure> {
    let known: BTreeSet<Figure> = a.figures.keys().chain(b.figures.keys()).copied().collect();
    known.into_iter().filter(|figure| a.figures.get(figure) != b.figures.get(figure)).collect()
}

fn strikes(run: &Run, fault: FaultKind) -> u64 {
    run.fired.iter().find(|fired| fired.fault == fault).map_or(0, |fired| fired.count)
}

#[test]
fn each_shipped_fault_moves_exactly_its_counters_and_no_others() {
    for effect in &EFFECTS {
        let Effect { fault, worsens, may_move, counts } = *effect;
        let (without, with) = without_and_with(fault);
        let name = fault.name();
        let times = strikes(&with, fault);
        assert!(times > 0, "{name} never fired");
        assert_eq!(strikes(&without, fault), 0, "{name} fired though nobody asked for it");
        for figure in worsens {
            let value = |run: &Run| run.figures.get(figure).copied();
            // A figure that was not there before had nothing to be measured of.
            let is_worse = value(&with) > value(&without);
            assert!(is_worse, "{name}: {} {:?} -> {:?}", figure.name(), value(&without), value(&with));
        }
        for figure in counts {
            assert_eq!(with.figures[figure], times as f64, "{name}: {}", figure.name());
        }
        let known: BTreeSet<Figure> = worsens.iter().chain(may_move).copied().collect();
        let others: Vec<String> = moved(&without, &with).difference(&known).map(|f| f.name()).collect();
        assert!(others.is_empty(), "{name} moved what it should not: {others:?}");
    }
}

#[test]
fn the_table_has_every_fault_once_and_what_counts_nothing_but_it() {
    let faults: BTreeSet<FaultKind> = EFFECTS.iter().map(|effect| effect.fault).collect();
    assert_eq!(faults.len(), FaultKind::ALL.len());
    for Effect { fault, worsens, may_move, counts } in &EFFECTS {
        assert!(!worsens.is_empty(), "{}: a fault that does nothing cannot be seen", fault.name());
        assert!(counts.iter().all(|figure| worsens.contains(figure)), "{}", fault.name());
        let timing =
            [&TTFA[..], &[AddedDelayMs, StopP50Ms, StopP99Ms, Rtf, ReorderDepth, InsertedSamples]].concat();
        assert!(
            may_move.iter().all(|figure| timing.contains(figure)),
            "{}: a counter may not move or not",
            fault.name()
        );
    }
}

#[test]
fn the_same_scenario_gives_the_same_run_bit_for_bit() {
    for name in ["bad-day", "several-listeners", "fault-dropped-chunks", "fault-memory-limit"] {
        let scenario = Scenario::find(name).unwrap();
        let once = || serde_json::to_string(&simulate(&scenario).unwrap()).unwrap();
        assert_eq!(once(), once(), "{name}");
    }
}

#[test]
fn another_seed_gives_another_run() {
    let scenario = Scenario::find("bad-day").unwrap();
    let other = Scenario { seed: 1, ..scenario.clone() };
    assert_ne!(simulate(&scenario).unwrap().figures, simulate(&other).unwrap().figures);
}
