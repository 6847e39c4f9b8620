//! `sostenuto models learn`, and the default voice after a fetch.

use std::io::{IsTerminal, Write};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sostenuto_engine::inference::{DEFAULT_VOICE, Form, Models, SessionKind};
use sostenuto_engine::learning::{FEWEST_SENTENCES, learn};
use sostenuto_engine::{Readers, ReadingOptions};

use crate::exit::Failure;

/// Learns `voice` and tells what came of it.
pub(crate) fn voice(models: &Models, voice: &str, sentences: usize, threads: usize) -> Result<(), Failure> {
    let begun = Instant::now();
    let readers = Readers::new(super::models()?, ReadingOptions::default());
    let bar = bar(voice, sentences);
    let told = |done: usize| bar.set_position(done as u64);
    let learnt = learn(models, &readers, voice, sentences, threads, &mut { told });
    bar.finish_and_clear();
    let learnt = learnt.map_err(Failure::failed)?;
    let (figures, verdict) = (learnt.figures, if learnt.figures.pass() { "passed" } else { "not passed" });
    writeln!(
        std::io::stdout().lock(),
        "{voice}: learned from {} sentences in {:.0} s; on {} others the prediction is {:.2} dB from their own norms, \
         their level {:.2} dB off, in the mean: {verdict}; kept in {}",
        learnt.sentences,
        begun.elapsed().as_secs_f64(),
        learnt.checked,
        figures.log_mel,
        figures.level,
        learnt.path.display()
    )?;
    if learnt.figures.pass() {
        Ok(())
    } else {
        Err(Failure::failed(format_args!(
            "{voice} is spoken with exact norms: its prediction is too far off"
        )))
    }
}

/// Learns the default voice where it can be and was not. Speech does not depend on it, so what fails is told and no
/// more.
pub(crate) fn default_voice(models: &Models) {
    let is_native = models.form().is_ok_and(|chosen| chosen.form == Form::Native);
    let is_known = || {
        let kept = models.voice(DEFAULT_VOICE, SessionKind::Quality).ok().zip(models.norms().ok());
        kept.is_some_and(|(voice, store)| store.load(&voice).has_passed())
    };
    if !is_native || is_known() {
        return;
    }
    eprintln!("learning {DEFAULT_VOICE}, once; Ctrl-C leaves that for later");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    if let Err(failure) = voice(models, DEFAULT_VOICE, FEWEST_SENTENCES, cores) {
        tracing::warn!("{failure}");
    }
}

/// A bar on a terminal, nothing elsewhere.
fn bar(voice: &str, sentences: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(sentences as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} sentences, {msg}") {
        bar.set_style(style);
    }
    bar.set_message(voice.to_owned());
    bar
}
