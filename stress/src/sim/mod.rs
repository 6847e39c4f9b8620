//! Scenarios on a virtual clock.
//!
//! Planner, dispatcher's decisions, rings, pump and renderer are the real ones; sessions, texts and devices are numbers
//! (see `sostenuto_simulator`). What a scenario says of the machine becomes numbers thus:
//!
//! - A session costs a tenth of a second at its RTF for any fragment and the rest by tokens, scattered by `spread`.
//! - Hogs take their share of the cores from every session, and make callbacks late more often.
//! - Callbacks are up to 0.2 ms late, and one in a hundred up to 1 ms, without hogs. The device asks for 10 ms at once.
//! - Memory is a curve that steps over the hard limit; the engine's own governor looks at it.
//! - A lost device and a killed server are the same: nothing is asked for, and then what is next.
//! - Languages, voices, memory pressure and `stress-ng` have no meaning here.
//!
//! The same scenario gives the same run, bit for bit.

mod devices;
mod memory;
mod scripts;
mod seeds;
mod sessions;
mod strikes;
mod tally;

use sostenuto_engine::governor::MemoryLimitsError;
use sostenuto_engine::playback::SinkError;
use sostenuto_simulator::{Ending, Faults, Hearer, Lateness, World};

use crate::derived::derive;
use crate::{Fault, Mode, Run, Scenario};

/// Why a scenario cannot be simulated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// Playback refuses the device: change its period.
    #[error("playback refuses the simulated device: {0}")]
    Device(#[from] SinkError),
    /// The limits of memory contradict each other.
    #[error("the simulated limits of memory cannot be: {0}")]
    Memory(#[from] MemoryLimitsError),
}

/// Runs `scenario` on a virtual clock.
///
/// # Errors
/// [`SimError`] where playback refuses the device that the scenario asks for.
pub fn simulate(scenario: &Scenario) -> Result<Run, SimError> {
    let refuses = memory::refusals(&scenario.faults)?;
    let (mut hearers, mut kinds) = (Vec::new(), Vec::new());
    for stream in 0..scenario.speech.streams as usize {
        let (script, breaks) = scripts::scripts(scenario, stream);
        let (device, of_incidents) = devices::device(scenario, stream);
        kinds.push(of_incidents);
        hearers.push(Hearer {
            script,
            breaks,
            refuses: refuses.clone(),
            device,
            faults: chunk_faults(&scenario.faults),
            lateness: Lateness::ordinary(seeds::seed_for(scenario.seed, "pump", stream)),
            seed: seeds::seed_for(scenario.seed, "chunks", stream),
        });
    }
    let world = World::new(scenario.speech.policy, sessions::sessions(scenario), hearers)?;
    let history = world.run();
    let mut notes = notes(scenario);
    if history.records.iter().any(|record| record.ending == Ending::Stuck) {
        notes.push("nothing happened any more, though not everything had been heard".to_owned());
    }
    let (audio_s, series) = (tally::audio_s(&history), tally::series(scenario, &history));
    let mut figures = tally::figures(&history, &kinds);
    derive(&mut figures, &series, audio_s);
    Ok(Run {
        scenario: scenario.clone(),
        mode: Mode::Sim,
        seconds: history.end,
        audio_s,
        fired: strikes::fired(scenario, &history, &kinds, &refuses),
        figures,
        series,
        notes,
    })
}

/// The faults of chunks; those of several faults of a kind add up as chances do.
fn chunk_faults(faults: &[Fault]) -> Faults {
    let either = |a: f64, b: f64| 1.0 - (1.0 - a) * (1.0 - b);
    faults.iter().fold(Faults::default(), |sum, fault| match *fault {
        Fault::DroppedChunks { share } => Faults { dropped: either(sum.dropped, share), ..sum },
        Fault::DuplicatedChunks { share } => Faults { duplicated: either(sum.duplicated, share), ..sum },
        Fault::ReorderedChunks { share } => Faults { swapped: either(sum.swapped, share), ..sum },
        _ => sum,
    })
}

fn notes(scenario: &Scenario) -> Vec<String> {
    let mut notes = Vec::new();
    if scenario.load.memory.is_some() || !scenario.load.stress_ng.is_empty() {
        notes.push("memory pressure and stress-ng are not simulated".to_owned());
    }
    if scenario.speech.streams > 1 {
        notes.push("levels over time are those of the first listener".to_owned());
    }
    notes
}
