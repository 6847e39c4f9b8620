//! A run for tests, which looks like one of a machine that stalls now and then.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use crate::{
    Fault, FaultKind, Figure, Fired, Fragment, Host, Judged, Level, Load, Machine, Memory, Mode, Profile,
    Report, Run, Scenario, Series, SinkKind, Speech, TextSource,
};

/// From 0 to 1.
fn share(random: &mut ChaCha8Rng) -> f64 {
    f64::from(random.next_u32()) / f64::from(u32::MAX)
}

/// Memory once a second that grows by `mb_per_hour`, with noise.
pub(crate) fn growing(seconds: u32, mb_per_hour: f64, noise_mb: f64) -> Vec<Memory> {
    let mut random = ChaCha8Rng::seed_from_u64(11);
    (0..seconds)
        .map(|second| Memory {
            at_s: f64::from(second),
            resident_mb: 400.0
                + mb_per_hour * f64::from(second) / 3600.0
                + noise_mb * 2.0 * (share(&mut random) - 0.5),
        })
        .collect()
}

pub(crate) fn scenario() -> Scenario {
    Scenario {
        name: "stalls".into(),
        about: "A machine on which inference stalls now and then.".into(),
        sim_seconds: 600.0,
        real_seconds: 60.0,
        seed: 7,
        text: TextSource::Article,
        speech: Speech { voice: Some("af_heart".into()), ..Speech::default() },
        sink: SinkKind::Device { name: Some("null".into()) },
        load: Load { cpu_hogs: 1, pinned: true, ..Load::default() },
        faults: vec![Fault::Stalls { share: 0.1, factor: 4.0, run: 3.0 }],
        machine: Machine::default(),
        limits: [(Figure::Interruptions, 5.0)].into(),
    }
}

/// A run on a machine with everything measured.
pub(crate) fn run() -> Run {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut series = Series { memory: growing(600, 3.0, 2.0), ..Series::default() };
    let (mut waiting, mut concealed, mut delay) = (2.0_f64, 0.0, 0.0);
    for step in 0..6_000_u32 {
        let at_s = f64::from(step) * 0.1;
        let stalled = (at_s % 120.0) > 100.0 && (at_s % 120.0) < 106.0;
        waiting = (waiting + if stalled { -0.1 } else { 0.02 * (2.5 - waiting) }).max(0.0);
        if waiting == 0.0 {
            concealed += 0.1;
            delay += 0.1;
        }
        delay *= 0.997;
        let ring_s = waiting.min(0.06 + 0.01 * share(&mut random));
        series.levels.push(Level {
            at_s,
            waiting_s: waiting,
            ring_s,
            target_s: if (at_s % 120.0) > 100.0 { 0.12 } else { 0.06 },
            added_delay_s: delay,
            concealed_s: concealed,
        });
    }
    for number in 0..400_u32 {
        let tokens = 8 + (90.0 * share(&mut random)) as usize;
        let is_fast = number % 9 == 0;
        let audio_s = 0.3 + 0.06 * tokens as f64;
        let rtf = if is_fast { 0.03 } else { 0.5 * (0.8 + 0.4 * share(&mut random)) + 2.0 / tokens as f64 };
        let slow = if number % 40 > 36 { 4.0 } else { 1.0 };
        let cost_s = audio_s * rtf * slow;
        series.fragments.push(Fragment {
            at_s: f64::from(number) * 1.5,
            tokens,
            cost_s,
            audio_s,
            slack_s: 2.5 - cost_s,
            is_fast,
        });
        series.ttfa_ms.push(60.0 + 300.0 * share(&mut random).powi(4));
        series.stop_ms.push(4.0 + 12.0 * share(&mut random));
    }
    for (edge, count) in [(50.0, 9_000), (100.0, 4_000), (200.0, 700), (500.0, 90), (1e3, 12), (1e4, 3)] {
        series.lateness_us.push((edge, count));
    }
    Run {
        scenario: scenario(),
        mode: Mode::Real,
        seconds: 600.0,
        audio_s: 571.0,
        fired: vec![Fired {
            fault: FaultKind::Stalls,
            count: 5,
            at_s: vec![100.0, 220.0, 340.0, 460.0, 580.0],
        }],
        figures: [
            (Figure::TtfaP50Ms, 82.1),
            (Figure::TtfaP95Ms, 290.5),
            (Figure::TtfaP99Ms, 355.0),
            (Figure::Interruptions, 4.0),
            (Figure::StopP99Ms, 15.9),
            (Figure::StaleSamples, 0.0),
            (Figure::LostSamples, 0.0),
            (Figure::Rtf, 0.61),
            (Figure::PeakMemoryMb, 404.0),
        ]
        .into(),
        series,
        notes: vec!["stress-ng is not installed: its load was left out.".into()],
    }
}

/// A report of [`run`] that held and of one that did not.
pub(crate) fn report() -> Report {
    let host = Host { cpu: "A <processor>".into(), cores: 2, os: "Linux & more".into(), memory_mb: 16_000 };
    let mut report = Report::new("2026-11-21T17:04:40Z".into(), host, "sostenuto stress --real".into());
    let profile = Profile::find("stable").unwrap_or_else(|error| panic!("{error}"));
    let mut failed = run();
    failed.scenario.name = "frozen".into();
    failed.scenario.faults.push(Fault::Freeze { at_s: 900.0, for_s: 2.0 });
    failed.fired.push(Fired { fault: FaultKind::Freeze, count: 0, at_s: Vec::new() });
    failed.figures.insert(Figure::LostSamples, 480.0);
    let mut simulated = run();
    simulated.mode = Mode::Sim;
    simulated.scenario.name = "simulated".into();
    simulated.series.memory.clear();
    simulated.series.lateness_us.clear();
    simulated.figures.remove(&Figure::PeakMemoryMb);
    let repeat = |run: &Run| format!("sostenuto stress {} --seed {}", run.scenario.name, run.scenario.seed);
    report.suites = [run(), failed, simulated]
        .map(|run| {
            let repeat = repeat(&run);
            Judged::new(run, &profile, repeat)
        })
        .into();
    report
}
