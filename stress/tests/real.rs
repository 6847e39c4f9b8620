//! Scenarios by the wall clock, with a session that is no model.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sostenuto_engine::g2p::{English, Language, Phonemizer};
use sostenuto_engine::inference::{SessionKind, Voice};
use sostenuto_engine::{EngineOptions, Policy, Scheduling};
use sostenuto_stress::real::{RealError, RealOptions, Tone, run};
use sostenuto_stress::{
    Fault, FaultKind, Figure, Figures, Load, Machine, Moment, Run, Scenario, SinkKind, Speech, TextSource,
};

/// An engine that costs next to nothing and reads English, for so many seconds.
fn options(seconds: f64) -> RealOptions {
    let scheduling = Scheduling { pin: false, priority: false };
    let ms = Duration::from_millis;
    RealOptions {
        engine: EngineOptions { scheduling, policy: Policy::Hybrid, ..EngineOptions::default() },
        sessions: vec![
            Tone::new(SessionKind::Fast, ms(2), Duration::from_micros(100)).spec(),
            Tone::new(SessionKind::Quality, ms(20), ms(1)).spec(),
        ],
        voice: Arc::new(Voice::named("tone")),
        language: Language::EnUs,
        load: Arc::new(|language| Ok(Arc::new(English::load(language)) as Arc<dyn Phonemizer>)),
        readers: None,
        seconds: Some(seconds),
        interrupted: Arc::new(AtomicBool::new(false)),
    }
}

fn scenario(text: TextSource, faults: Vec<Fault>) -> Scenario {
    Scenario {
        name: "a".to_owned(),
        about: String::new(),
        sim_seconds: 1.0,
        real_seconds: 600.0,
        seed: 3,
        text,
        speech: Speech { policy: Policy::Hybrid, ..Speech::default() },
        sink: SinkKind::Paced,
        load: Load::default(),
        faults,
        machine: Machine::default(),
        limits: Figures::default(),
    }
}

fn ran(text: TextSource, faults: Vec<Fault>, seconds: f64) -> (Run, Vec<Moment>) {
    let mut moments = Vec::new();
    let run = run(&scenario(text, faults), options(seconds), &mut |moment| moments.push(*moment)).unwrap();
    (run, moments)
}

fn figure(run: &Run, figure: Figure) -> f64 {
    run.figures.get(&figure).copied().unwrap_or(f64::NAN)
}

fn count(run: &Run, fault: FaultKind) -> u64 {
    run.fired.iter().find(|fired| fired.fault == fault).map_or(0, |fired| fired.count)
}

#[test]
fn a_calm_run_is_heard_and_told_of() {
    let (run, moments) = ran(TextSource::Words { per_s: 1.5 }, Vec::new(), 6.0);
    assert!(run.audio_s > 1.0 && run.notes.is_empty(), "{:?}", run.notes);
    assert!(!run.series.ttfa_ms.is_empty() && !run.series.fragments.is_empty());
    assert_eq!(figure(&run, Figure::StaleSamples), 0.0);
    assert_eq!(figure(&run, Figure::LostSamples), 0.0);
    assert_eq!(figure(&run, Figure::RepeatedSamples), 0.0);
    assert_eq!(figure(&run, Figure::UnfinishedUtterances), 0.0);
    assert!(figure(&run, Figure::Rtf) > 0.0 && figure(&run, Figure::CpuPerAudioS) > 0.0);
    assert!(figure(&run, Figure::CallbackTimeP99Us) > 0.0);
    assert!(moments.len() > 20 && moments.iter().any(|moment| moment.level_s > 0.0));
    assert!(run.series.levels.iter().any(|level| level.ring_s > 0.0 && level.target_s > 0.0));
}

#[test]
fn callbacks_that_come_late_stall_or_burst_are_counted_and_underrun() {
    let faults = vec![
        Fault::LateCallback { every_s: 1.5, by_s: 0.3 },
        Fault::ConsumerStall { every_s: 2.0, for_s: 0.1 },
        Fault::CallbackBurst { every_s: 1.5, callbacks: 40 },
        Fault::ClockDrift { ppm: 300.0 },
    ];
    let (run, _) = ran(TextSource::Book, faults, 8.0);
    for fault in
        [FaultKind::LateCallback, FaultKind::ConsumerStall, FaultKind::CallbackBurst, FaultKind::ClockDrift]
    {
        assert!(count(&run, fault) > 0, "{fault:?}");
    }
    assert!(figure(&run, Figure::Underruns) > 0.0 && figure(&run, Figure::ConcealedMs) > 0.0);
    assert!(figure(&run, Figure::CallbackLatenessP99Us) > 0.0);
    assert_eq!(figure(&run, Figure::Gaps), 0.0);
    assert_eq!(figure(&run, Figure::StaleSamples), 0.0);
}

#[test]
fn a_device_that_goes_away_is_a_loss_and_one_with_another_period_is_none() {
    let faults =
        vec![Fault::DeviceLoss { at_s: 2.0, for_s: 0.5 }, Fault::PeriodChange { at_s: 4.0, frames: 512 }];
    let (run, _) = ran(TextSource::Book, faults, 6.0);
    assert_eq!((count(&run, FaultKind::DeviceLoss), count(&run, FaultKind::PeriodChange)), (1, 1));
    assert_eq!(figure(&run, Figure::DeviceLosses), 1.0);
    assert!(run.audio_s > 2.5, "{}", run.audio_s);
}

#[test]
fn a_slow_session_is_slow_and_one_that_freezes_is_given_up() {
    let (calm, _) = ran(TextSource::Book, Vec::new(), 4.0);
    let slow = Fault::SlowInference { factor: 8.0, at_s: 0.0, for_s: 60.0 };
    let stalls = Fault::Stalls { share: 0.3, factor: 3.0, run: 1.0 };
    let (run, _) = ran(TextSource::Book, vec![slow, stalls, Fault::Freeze { at_s: 0.5, for_s: 3.0 }], 6.0);
    for fault in [FaultKind::SlowInference, FaultKind::Stalls, FaultKind::Freeze] {
        assert!(count(&run, fault) > 0, "{fault:?}");
    }
    assert!(figure(&run, Figure::Rtf) > figure(&calm, Figure::Rtf));
    assert_eq!(figure(&run, Figure::StaleSamples), 0.0);
}

#[test]
fn fragments_that_fail_or_are_not_numbers_leave_gaps() {
    let faults = vec![Fault::FailedFragments { share: 0.3 }, Fault::NanFragments { share: 0.3 }];
    let (run, _) = ran(TextSource::Words { per_s: 1.0 }, faults, 12.0);
    let fired = count(&run, FaultKind::FailedFragments) + count(&run, FaultKind::NanFragments);
    assert!(count(&run, FaultKind::FailedFragments) > 0 && count(&run, FaultKind::NanFragments) > 0);
    // What the last stop broke off is not counted.
    let failed = figure(&run, Figure::FailedFragments);
    assert!(failed > 0.0 && failed <= fired as f64, "{failed} of {fired}");
    assert!(figure(&run, Figure::Gaps) > 0.0);
    assert_eq!(figure(&run, Figure::LostSamples), 0.0);
}

#[test]
fn chunks_that_come_twice_or_late_are_put_in_order() {
    let faults = vec![Fault::DuplicatedChunks { share: 0.3 }, Fault::ReorderedChunks { share: 0.3 }];
    let (run, _) = ran(TextSource::Words { per_s: 1.0 }, faults, 12.0);
    assert!(count(&run, FaultKind::DuplicatedChunks) > 0 && count(&run, FaultKind::ReorderedChunks) > 0);
    assert!(figure(&run, Figure::DuplicateChunks) + figure(&run, Figure::LateChunks) > 0.0);
    assert_eq!(figure(&run, Figure::LostSamples), 0.0);
    assert_eq!(figure(&run, Figure::UnfinishedUtterances), 0.0);
}

#[test]
fn stops_and_barge_ins_are_timed_and_leave_nothing_stale() {
    let faults = vec![Fault::StopStorm { every_s: 1.0 }, Fault::BargeIn { every_s: 0.7 }];
    let (run, _) = ran(TextSource::Article, faults, 8.0);
    assert!(count(&run, FaultKind::StopStorm) > 2 && count(&run, FaultKind::BargeIn) > 2);
    assert!(run.series.stop_ms.len() > 3 && run.series.ttfa_ms.len() > 3);
    assert_eq!(figure(&run, Figure::StaleSamples), 0.0);
    assert_eq!(figure(&run, Figure::UnfinishedUtterances), 0.0);
}

#[test]
fn over_the_memory_limit_utterances_are_refused() {
    let faults = vec![Fault::MemoryLimit { at_s: 1.0, for_s: 4.0 }];
    let (run, _) = ran(TextSource::Words { per_s: 3.0 }, faults, 12.0);
    assert_eq!(count(&run, FaultKind::MemoryLimit), 1);
    assert!(figure(&run, Figure::RefusedUtterances) > 0.0);
    assert_eq!(figure(&run, Figure::UnfinishedUtterances), 0.0);
}

#[test]
fn a_text_that_is_typed_is_heard_on_every_stream() {
    let mut scenario = scenario(TextSource::Typing { tokens_per_s: 8.0 }, Vec::new());
    scenario.speech.streams = 3;
    scenario.load.cpu_hogs = 1;
    let run = run(&scenario, options(6.0), &mut |_| {}).unwrap();
    assert!(run.series.ttfa_ms.len() >= 3, "{:?}", run.series.ttfa_ms);
    assert!(run.audio_s > 6.0, "{}", run.audio_s);
}

#[test]
fn what_is_interrupted_tells_what_was_found() {
    let (mut options, mut looks) = (options(600.0), 0);
    let interrupted = Arc::new(AtomicBool::new(false));
    options.interrupted = Arc::clone(&interrupted);
    let run = run(&scenario(TextSource::Book, Vec::new()), options, &mut |_| {
        looks += 1;
        interrupted.store(looks > 20, Ordering::Release);
    });
    let run = run.unwrap();
    assert!(run.notes[0].starts_with("it was interrupted"), "{:?}", run.notes);
    assert!(run.audio_s > 0.0 && run.seconds < 600.0);
}

#[test]
fn a_fault_that_the_sink_cannot_have_is_refused() {
    let kill = vec![Fault::ServerKill { at_s: 1.0, for_s: 1.0 }];
    let refused = run(&scenario(TextSource::Book, kill), options(1.0), &mut |_| {}).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the fault server-kill needs a sink that is server; change the scenario's sink, or simulate it"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_sound_server_that_dies_and_hangs_is_lost_and_comes_back() {
    let mut scenario = scenario(
        TextSource::Book,
        vec![Fault::ServerKill { at_s: 3.0, for_s: 0.5 }, Fault::ConsumerStall { every_s: 6.0, for_s: 0.6 }],
    );
    scenario.sink = SinkKind::Server;
    let run = match run(&scenario, options(14.0), &mut |_| {}) {
        Err(error @ RealError::NoServer(_)) => {
            println!("skipped: {error}");
            return;
        }
        run => run.unwrap(),
    };
    assert_eq!(count(&run, FaultKind::ServerKill), 1);
    assert!(count(&run, FaultKind::ConsumerStall) > 0);
    assert!(figure(&run, Figure::DeviceLosses) >= 1.0);
    assert!(run.audio_s > 4.0 && run.notes.is_empty(), "{} {:?}", run.audio_s, run.notes);
}
