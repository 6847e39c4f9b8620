//! Simulates hours of play-out and tells what was heard, and how much faster than real time that was.
//!
//! ```sh
//! cargo run --release -p sostenuto-benches --bin simulated -- --hours 10 > FILE.json
//! ```
//!
//! The scenario is the one that the adaptive buffer is judged by: articles of mixed lengths, spoken by the quality
//! session alone, some of whose fragments stall.

use std::error::Error;
use std::time::Instant;

use clap::Parser;
use serde::Serialize;
use sostenuto_engine::Policy;
use sostenuto_engine::inference::SessionKind;
use sostenuto_simulator::{Costs, Hearer, Record, Simulated, Stalls, World, articles};

#[derive(Parser)]
struct Args {
    /// Hours of speech.
    #[arg(long, default_value_t = 10.0)]
    hours: f64,
    /// Seconds of synthesis to a second of audio.
    #[arg(long, default_value_t = 0.5)]
    rtf: f64,
    /// Share of the fragments that stall.
    #[arg(long, default_value_t = 0.05)]
    stalled: f64,
    /// How many times as much a stalled fragment costs.
    #[arg(long, default_value_t = 3.0)]
    factor: f64,
    /// How many fragments stall in a row, on average.
    #[arg(long, default_value_t = 1.0)]
    run: f64,
    /// How many times to do it, each time with another seed.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Tell every fragment's slack and the level over time too.
    #[arg(long)]
    series: bool,
}

/// One simulation.
#[derive(Serialize)]
struct Simulation {
    seed: u64,
    /// Seconds simulated in a second.
    times_real_time: f64,
    record: Record,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    for seed in 1..=args.seeds {
        let stalls = Stalls::new(seed, args.stalled, args.factor, args.run);
        let session =
            Simulated::new(SessionKind::Quality, Costs::steady(seed, args.rtf)).warm(20).stalling(stalls);
        let script = articles(seed, 3_600.0 * args.hours);
        let world = World::new(Policy::Quality, vec![session], vec![Hearer::new(script)])?;
        let begun = Instant::now();
        let mut history = world.run();
        let times_real_time = (history.end / begun.elapsed().as_secs_f64()).round();
        let record = history.records.swap_remove(0);
        let record = if args.series { record } else { record.summary() };
        println!("{}", serde_json::to_string_pretty(&Simulation { seed, times_real_time, record })?);
    }
    Ok(())
}
