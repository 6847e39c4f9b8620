//! Scenarios by the wall clock, with a session that is no model.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use sostenuto_engine::g2p::{English, Language, Phonemizer};
use sostenuto_engine::inference::{SessionKind, Voice};
use sostenuto_engine::{EngineOptions, Policy, Scheduling};
use sostenuto_stress::real::{RealOptions, Tone, run};
use sostenuto_stress::{
    Fault, Figure, Figures, Load, Machine, Moment, Run, Scenario, SinkKind, Speech, TextSource,
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
