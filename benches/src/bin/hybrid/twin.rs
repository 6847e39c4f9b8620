//! Two quality sessions of half the threads each, against one with all of them.

use std::time::Instant;

use sostenuto_benches::bars::{figure, held, median};
use sostenuto_benches::{Result, machine};
use sostenuto_engine::inference::SessionKind;
use sostenuto_engine::{Calibration, Policy, Stream};

use crate::{Bench, freewheel};

/// Six clauses, each a fragment.
const TEXT: &str = "The meeting starts at nine on Thursday. Two gulls followed the ferry to the pier. She bought \
    bread, a map and an umbrella. Nobody on board had slept that night. The judge asked who had seen the letter. \
    Every evening my father walked the dog.";
const ROUNDS: usize = 3;
const BAR: f64 = 0.9;

pub(crate) fn measure(bench: &Bench) -> Result<()> {
    let threads = machine::cores();
    let quality = |threads| {
        Ok::<_, Box<dyn std::error::Error>>((
            SessionKind::Quality,
            bench.session(SessionKind::Quality, threads)?,
        ))
    };
    let half = (threads / 2).max(1);
    let one = bench.engine(Policy::Quality, vec![quality(threads)?])?;
    let two = bench.engine(Policy::Twin, vec![quality(half)?, quality(half)?])?;
    let (one_stream, two_stream) = (freewheel(&one)?, freewheel(&two)?);
    speak(bench, &one_stream)?;
    speak(bench, &two_stream)?;
    let (mut by_one, mut by_two) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        by_one.push(speak(bench, &one_stream)?);
        by_two.push(speak(bench, &two_stream)?);
        println!("  round {round}: one {:.3} s, two {:.3} s", by_one[round], by_two[round]);
    }
    let shares: Vec<u64> = two.session_stats().iter().map(|session| session.fragments).collect();
    one_stream.close()?;
    two_stream.close()?;

    figure(&format!("one session, {threads} threads, median"), median(&by_one), "s");
    figure(&format!("two sessions, {half} threads each, median"), median(&by_two), "s");
    println!("  fragments of the two sessions: {shares:?}");
    held("two against one", median(&by_two) / median(&by_one), "", BAR);
    match Calibration::here(&bench.models) {
        Some(calibration) => {
            println!("  calibration: ratio {:?}, twins {}", calibration.twin.ratio, calibration.twin.on);
        }
        None => println!("  calibration: this machine has none"),
    }
    Ok(())
}

fn speak(bench: &Bench, stream: &Stream) -> Result<f64> {
    let started = Instant::now();
    let outcome = stream.speak(bench.utterance(TEXT))?.wait();
    if outcome.failed_fragments > 0 {
        return Err("a fragment was not spoken".into());
    }
    Ok(started.elapsed().as_secs_f64())
}
