//! `sostenuto models learn`, and the default voice after a fetch.

use std::io::{IsTerminal, Write};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sostenuto_engine::inference::{DEFAULT_VOICE, Form, Models, SessionKind};
use sostenuto_engine::learning::{FEWEST_SENTENCES, learn};
use sostenuto_engine::{Readers, ReadingOptions};

use crate::exit::{DONE, Failure, leave};
use crate::interrupt::on_ctrl_c_do;

/// Said before the default voice is learned, which follows a fetch and takes its time.
const BEGINS: &str = "all is there and speaks; now the default voice is learned, once, so that its sentences are \
                      heard while they are computed. Ctrl-C leaves that for later and harms nothing, and so does \
                      --no-learning; `sostenuto models learn` does it at any time";
/// Said where that was ended.
const ENDED: &str =
    "not learned; all that was fetched is there, and `sostenuto models learn` learns the voice at any time";
/// Sentences from one line to the next, where there is no bar.
const LINES: usize = 7;

/// Learns `voice` and tells what came of it.
pub(crate) fn voice(models: &Models, voice: &str, sentences: usize, threads: usize) -> Result<(), Failure> {
    let begun = Instant::now();
    let readers = Readers::new(super::models()?, ReadingOptions::default());
    let bar = bar(voice, sentences);
    let told = |done: usize| {
        bar.set_position(done as u64);
        if let Some(line) = line(done, sentences).filter(|_| bar.is_hidden()) {
            eprintln!("{line}");
        }
    };
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
    eprintln!("{BEGINS}");
    // Nothing is written before the end, and then as a whole. What was asked for is done: that is no failure.
    let handled = on_ctrl_c_do(|| {
        eprintln!("{ENDED}");
        leave(DONE);
    });
    if let Err(failure) = handled {
        tracing::warn!("{failure}");
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    if let Err(failure) = voice(models, DEFAULT_VOICE, FEWEST_SENTENCES, cores) {
        tracing::warn!("{failure}");
    }
}

/// What is told after so many of the sentences, where it is time for a line.
fn line(done: usize, sentences: usize) -> Option<String> {
    (done.is_multiple_of(LINES) || done == sentences).then(|| format!("{done} of {sentences} sentences"))
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Args, AssetsCommand, Command};

    #[test]
    fn before_the_default_voice_is_learned_it_is_said_how_to_leave_it_out_and_how_to_have_it_later() {
        for way in ["Ctrl-C", "--no-learning", "`sostenuto models learn`"] {
            assert!(BEGINS.contains(way), "{way}");
        }
        assert!(ENDED.contains("`sostenuto models learn`"));
        assert!(!BEGINS.contains("  "), "{BEGINS}");
    }

    #[test]
    fn a_fetch_learns_unless_it_is_told_not_to() {
        let no_learning = |args: &[&str]| {
            let all = ["sostenuto", "assets", "fetch"].iter().chain(args);
            match Args::try_parse_from(all).unwrap().command {
                Command::Assets(assets) => {
                    matches!(assets.command, AssetsCommand::Fetch { no_learning: true, .. })
                }
                _ => panic!("another command"),
            }
        };
        assert!(!no_learning(&[]) && no_learning(&["--no-learning"]));
    }

    #[test]
    fn where_there_is_no_bar_a_line_is_told_now_and_then_and_at_the_end() {
        let told: Vec<usize> = (1..=30).filter(|&done| line(done, 30).is_some()).collect();
        assert_eq!(told, [7, 14, 21, 28, 30]);
        assert_eq!(line(30, 30).as_deref(), Some("30 of 30 sentences"));
    }
}
