//! A scenario on this machine, with the models that are here or with a tone in their place.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use sostenuto_engine::inference::{DEFAULT_VOICE, SessionKind, Voice};
use sostenuto_engine::{EngineOptions, Policy, SessionSpec};
use sostenuto_stress::real::{self, RealError, RealOptions, Tone};
use sostenuto_stress::{Machine, Moment, Run, Scenario};

use crate::command::models;
use crate::exit::Failure;
use crate::reading;
use crate::sessions::Sessions;
use crate::speaking::own_language;
use crate::stress_args::StressRun;

/// Runs `scenario`; `None` where it was interrupted before it began.
pub(super) fn run(
    scenario: &Scenario,
    args: &StressRun,
    interrupted: &Arc<AtomicBool>,
    observer: &mut dyn FnMut(&Moment),
) -> Result<Option<Run>, Failure> {
    let readers = Arc::new(reading::readers(&args.reading, models()?)?);
    let policy = scenario.speech.policy;
    let mut engine =
        EngineOptions { scheduling: args.sessions.scheduling(), policy, ..EngineOptions::default() };
    let name = scenario.speech.voice.as_deref().unwrap_or(DEFAULT_VOICE);
    let mut run_with = |engine, voice, sessions| {
        let options = RealOptions {
            engine,
            sessions,
            voice,
            language: own_language(name)?,
            load: readers.loader(),
            readers: Some(Arc::clone(&readers)),
            seconds: None,
            interrupted: Arc::clone(interrupted),
        };
        match real::run(scenario, options, observer) {
            Err(RealError::Interrupted) => Ok(Ok(None)),
            run => Ok::<_, Failure>(run.map(Some)),
        }
    };
    if args.tone {
        let run = run_with(engine, Arc::new(Voice::named(name)), tones(policy, &scenario.machine))?;
        return run.map_err(failure).map(|run| run.map(noted));
    }
    let wanted = args.sessions.with_policy(policy);
    let sessions = Sessions::choose(models()?, &wanted, name, true);
    let voice = sessions.models().voice(name, sessions.voice_kind())?;
    sessions.require()?;
    engine.policy = sessions.policy;
    engine.budget.opening = sessions.opening.unwrap_or(engine.budget.opening);
    run_with(engine, voice, sessions.specs())?
        .map_err(|error| sessions.failure().unwrap_or_else(|| failure(error)))
}

/// A reader of the report must know that no model spoke.
fn noted(mut run: Run) -> Run {
    run.notes
        .push("tones of the cost that the scenario gives its machine stood in for the models".to_owned());
    run
}

/// Tones that cost what the scenario's machine takes for speech.
fn tones(policy: Policy, machine: &Machine) -> Vec<SessionSpec> {
    let tone = |kind: SessionKind| {
        let rtf = match kind {
            SessionKind::Fast => machine.fast_rtf,
            SessionKind::Quality => machine.quality_rtf,
        };
        Tone::at_rtf(kind, rtf).spec()
    };
    policy.kinds().iter().copied().map(tone).collect()
}

/// What a scenario asks for and cannot be done is bad use; what went wrong on the way has failed.
fn failure(error: RealError) -> Failure {
    match error {
        RealError::NoLanguage { .. } | RealError::Unfit { .. } | RealError::Crowded => Failure::usage(error),
        _ => Failure::failed(error),
    }
}
