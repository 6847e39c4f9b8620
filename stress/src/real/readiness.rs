//! Gets an engine ready, so that no figure tells of a cold start.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sostenuto_engine::g2p::Language;
use sostenuto_engine::inference::{Prosody, Voice};
use sostenuto_engine::playback::{Format, Freewheel};
use sostenuto_engine::{Engine, EventOptions, Input, SessionState, Utterance};

use super::RealError;
use super::prose::Prose;

/// How long sessions may take to be loaded: the first time a model is rewritten for this machine.
const LOADING: Duration = Duration::from_mins(10);
/// How long a sentence may take before the scenario begins.
const WARMING: Duration = Duration::from_mins(2);

/// How often it is looked whether something is ready, or was interrupted.
const LOOK: Duration = Duration::from_millis(50);

/// Waits until every session is loaded, or known not to be; at least one is.
pub(super) fn wait_until_loaded(
    engine: &Engine,
    interrupted: &AtomicBool,
    notes: &mut Vec<String>,
) -> Result<(), RealError> {
    let begun = Instant::now();
    loop {
        let sessions = engine.session_stats();
        let count = |state| sessions.iter().filter(|session| session.state == state).count();
        let (loading, failed) = (count(SessionState::Loading), count(SessionState::Failed));
        if failed == sessions.len() || loading > 0 && begun.elapsed() > LOADING {
            return Err(RealError::NoSession);
        }
        if interrupted.load(Ordering::Acquire) {
            return Err(RealError::Interrupted);
        }
        if loading == 0 {
            let failed = sessions.iter().filter(|session| session.state == SessionState::Failed);
            notes.extend(failed.map(|failed| format!("the {} session could not be loaded", failed.session)));
            return Ok(());
        }
        std::thread::sleep(LOOK);
    }
}

/// Has a sentence of each language spoken that nobody hears.
pub(super) fn warm_up(
    engine: &Engine,
    languages: &[Language],
    voice: &Arc<Voice>,
    interrupted: &AtomicBool,
) -> Result<(), RealError> {
    let stream = engine.open(|_, _| Ok(Box::new(Freewheel::new(Format::NATIVE))))?;
    for &language in languages {
        let speech = stream.speak(Utterance {
            input: Input::Text(Prose::new(language, 0).sentence().to_owned()),
            language,
            voice: Arc::clone(voice),
            prosody: Prosody::default(),
            seed: 0,
            marks: false,
            events: EventOptions::default(),
        })?;
        let begun = Instant::now();
        while speech.wait_within(LOOK).is_none() {
            if interrupted.load(Ordering::Acquire) {
                return Err(RealError::Interrupted);
            }
            if begun.elapsed() > WARMING {
                return Err(RealError::Mute);
            }
        }
    }
    Ok(())
}
