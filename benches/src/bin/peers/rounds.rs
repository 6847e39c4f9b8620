//! Takes turns.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sostenuto_benches::{Result, machine};

use crate::child::{Speaker, Spoken};
use crate::inputs::Inputs;
use crate::table::{PEERS, Peer, STOCK};

/// What is to be measured.
pub(crate) struct Plan {
    pub(crate) inputs: PathBuf,
    pub(crate) python: PathBuf,
    pub(crate) worker: PathBuf,
    pub(crate) rounds: usize,
    pub(crate) only: Vec<String>,
}

/// What a peer did, in order: of each sentence, what it told in each round.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Measured {
    pub(crate) peer: String,
    pub(crate) title: String,
    pub(crate) from: String,
    /// 0 is as it comes.
    pub(crate) threads: usize,
    /// By the sentences' numbers, then by rounds.
    pub(crate) spoken: Vec<Vec<Spoken>>,
    pub(crate) peak_mb: Option<f64>,
    /// Why it was not measured.
    pub(crate) absent: Option<String>,
}

/// What all did.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Outcome {
    pub(crate) sentences: Vec<(String, String)>,
    /// Rounds that are counted.
    pub(crate) rounds: usize,
    pub(crate) all: Vec<Measured>,
    /// Processes that wanted to run, before and after.
    pub(crate) load: [String; 2],
}

/// Measures the peers of `plan`, and tells `told` after each round what is known by then. Who cannot be started is left out.
pub(crate) fn measure(plan: &Plan, told: &mut dyn FnMut(&Outcome) -> Result<()>) -> Result<Outcome> {
    let inputs = Inputs::read(&plan.inputs)?;
    let load = [machine::load(), String::new()];
    let is_wanted = |peer: &&Peer| {
        plan.only.is_empty() || peer.name == STOCK || plan.only.iter().any(|name| name == peer.name)
    };
    let (mut speakers, mut all) = (Vec::new(), Vec::new());
    for peer in PEERS.iter().filter(is_wanted) {
        for &threads in peer.threads {
            eprintln!("starting {}, {threads} threads", peer.name);
            let (speaker, absent) = match Speaker::start(peer, threads, plan) {
                Ok(speaker) => (Some(speaker), None),
                Err(reason) => (None, Some(reason.to_string())),
            };
            if let Some(reason) = &absent {
                eprintln!("{} is not measured: {reason}", peer.name);
            }
            speakers.push(speaker);
            all.push(Measured {
                peer: peer.name.to_owned(),
                title: peer.title.to_owned(),
                from: peer.from.to_owned(),
                threads,
                spoken: vec![Vec::new(); inputs.sentences.len()],
                peak_mb: None,
                absent,
            });
        }
    }
    let texts = inputs.sentences.iter().map(|s| (s.name.clone(), s.text.clone())).collect();
    let mut outcome = Outcome { sentences: texts, rounds: 0, all, load };
    // The first round warms up, and is not counted.
    for round in 0..=plan.rounds {
        eprintln!("round {round} of {}", plan.rounds);
        for turn in 0..speakers.len() {
            let index = (turn + round) % speakers.len();
            let Some(speaker) = &mut speakers[index] else { continue };
            let spoken: Result<Vec<Spoken>> =
                (0..inputs.sentences.len()).map(|sentence| speaker.speak(sentence)).collect();
            let measured = &mut outcome.all[index];
            match spoken {
                Ok(spoken) if round > 0 => {
                    measured.spoken.iter_mut().zip(spoken).for_each(|(all, one)| all.push(one));
                }
                Ok(_) => {}
                Err(reason) => {
                    eprintln!("{} is measured no more: {reason}", measured.peer);
                    measured.absent = Some(reason.to_string());
                    speakers[index] = None;
                    continue;
                }
            }
            measured.peak_mb = speaker.peak_mb();
        }
        if round > 0 {
            (outcome.rounds, outcome.load[1]) = (round, machine::load());
            told(&outcome)?;
        }
    }
    Ok(outcome)
}
