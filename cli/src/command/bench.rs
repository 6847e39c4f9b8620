//! `sostenuto bench`

use std::fs::OpenOptions;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};
use sostenuto_engine::calibration::Key;
use sostenuto_engine::inference::{SessionKind, SessionOptions};
use sostenuto_engine::{Engine, EngineOptions, EngineStart, Readers};
use sostenuto_stress::bench::{
    Bench, BenchError, BenchText, Configuration, Entry, History, Interrupt, Metric, Plan, Report,
    SessionSetting, Speaker, Told, compare, page, table,
};

use super::models;
use crate::bench_args;
use crate::exit::{Failure, INTERRUPTED};
use crate::interrupt::on_ctrl_c_do;
use crate::reading;
use crate::sessions::Sessions;
use crate::speaking;
use crate::text_source::{open_file, unreadable};
use crate::utf8_pieces::Utf8Pieces;

/// How often the time beside the bar goes on.
const TICK: Duration = Duration::from_millis(500);

pub(crate) fn run(args: &bench_args::Bench) -> Result<ExitCode, Failure> {
    let plan = Plan {
        texts: texts(args)?,
        pace: args.pace(),
        trials: args.trials,
        concurrency: args.concurrency,
        chunk: args.chunk(),
    };
    let history = args.history.as_deref().map(read_history).transpose()?;
    for path in [&args.json, &args.html].into_iter().flatten() {
        // Now, so that a folder that is not there is known before anything is measured.
        let opened = OpenOptions::new().create(true).append(true).open(path);
        opened.map_err(|error| unwritable(path, &error))?;
    }
    let interrupt = Interrupt::default();
    let press = interrupt.clone();
    on_ctrl_c_do(move || press.press())?;

    let models = models()?;
    let key = Key::here(&models)?;
    let speaking::Speaker { voice, language, prosody } = speaking::speaker(&args.speaking, &models)?;
    let sessions = Sessions::choose(models, &args.sessions, &voice, args.stream);
    let voice = sessions.models().voice(&voice, sessions.voice_kind())?;
    sessions.require()?;
    let speaker = Speaker { voice, language, prosody, seed: args.seed };
    let readers = Arc::new(reading::readers(&args.reading, super::models()?)?);
    let engine = start(args, &sessions, &speaker, &readers)?;
    let bench = Bench {
        engine: &engine,
        readers: &readers,
        speaker: &speaker,
        plan: &plan,
        interrupt: interrupt.clone(),
    };
    let measured = bench.run(&mut *progress(&plan)).map_err(|error| failure(&sessions, error))?;

    let policy = sessions.policy.to_string();
    let configuration = Configuration::new(key, policy, settings(&sessions), &speaker, &plan);
    let version = env!("CARGO_PKG_VERSION");
    let mut report = Report::new(version, configuration, &plan, &engine, measured, interrupt.was_pressed());
    let entry = Entry::from(&report);
    if let (Some(history), Some((last, over)), false) = (&history, args.comparison(), report.interrupted) {
        report.comparison = Some(compare(&entry, &history.entries, last, over));
    }
    // Whoever reads it may have seen enough; the files are written all the same.
    let told = write!(std::io::stdout().lock(), "{}", table(&report));
    if let Some(path) = &args.json {
        write(path, &(serde_json::to_string_pretty(&report)? + "\n"))?;
    }
    if let Some(path) = &args.html {
        write(path, &page(&report))?;
    }
    if report.interrupted {
        eprintln!("sostenuto: ended early; {}", kept_out(args));
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let unspoken = report.failed_fragments();
    if unspoken > 0 {
        return Err(Failure::failed(format_args!(
            "{unspoken} fragments could not be spoken, so the figures tell of less than the texts; {}",
            kept_out(args)
        )));
    }
    if let Some(path) = &args.history {
        History::append(path, &entry).map_err(Failure::failed)?;
    }
    told?;
    Ok(conclude(&report))
}

/// What is said of the history where a bench does not go into it.
fn kept_out(args: &bench_args::Bench) -> &'static str {
    if args.history.is_some() { "the history is left as it was" } else { "what was measured stands" }
}

/// What is spoken, read before anything is loaded.
fn texts(args: &bench_args::Bench) -> Result<Vec<BenchText>, Failure> {
    let mut texts: Vec<BenchText> = args.presets().iter().copied().map(BenchText::from).collect();
    for path in &args.text {
        let name = path.display().to_string();
        let pieces: Result<String, _> = Utf8Pieces::new(open_file(path)?).collect();
        let text = pieces.map_err(|error| unreadable(&name, &error))?;
        if text.trim().is_empty() {
            return Err(Failure::usage(format_args!("{name}: nothing to say")));
        }
        texts.push(BenchText { name, text });
    }
    Ok(texts)
}

fn read_history(path: &Path) -> Result<History, Failure> {
    let history = History::read(path).map_err(Failure::usage)?;
    if history.unreadable > 0 {
        tracing::warn!(
            lines = history.unreadable,
            "{}: lines that are no runs are passed over",
            path.display()
        );
    }
    Ok(history)
}

fn start(
    args: &bench_args::Bench,
    sessions: &Sessions,
    speaker: &Speaker,
    readers: &Arc<Readers>,
) -> Result<Engine, Failure> {
    let mut options = EngineOptions {
        scheduling: args.sessions.scheduling(),
        policy: sessions.policy,
        ..EngineOptions::default()
    };
    options.budget.opening = sessions.opening.unwrap_or(options.budget.opening);
    let start =
        EngineStart::new(options, readers.loader(), speaker.language)?.with_readers(Arc::clone(readers));
    Ok(start.with_sessions(sessions.specs())?)
}

fn settings(sessions: &Sessions) -> Vec<SessionSetting> {
    let setting = |(kind, options): (SessionKind, SessionOptions)| {
        let speaks_as = sessions.speaks_as().filter(|_| kind == SessionKind::Quality);
        SessionSetting {
            session: kind.name().to_owned(),
            provider: options.provider.name().to_owned(),
            threads: options.threads,
            variant: speaks_as.map(|speaks_as| speaks_as.form.to_owned()),
            norms: speaks_as.and_then(|speaks_as| speaks_as.norms).map(str::to_owned),
        }
    };
    sessions.settings().map(setting).collect()
}

/// Where no session could be loaded, why the last could not.
fn failure(sessions: &Sessions, error: BenchError) -> Failure {
    match sessions.failure() {
        Some(failure) => failure,
        None => Failure::failed(error),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format_args!("cannot write {}: {error}", path.display()))
}

/// Status 1, and a line for each metric that got worse.
fn conclude(report: &Report) -> ExitCode {
    let Some(comparison) = &report.comparison else { return ExitCode::SUCCESS };
    let mut worse = false;
    for (text, regression) in comparison.regressions() {
        worse = true;
        let metric = regression.metric;
        eprintln!(
            "sostenuto: {text}: {} {} is worse than {}, the median of the last runs",
            metric.label(),
            metric.told(regression.now),
            metric.told(regression.before)
        );
    }
    if worse { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// How a bench shows: a bar below the lines on a terminal, the lines alone elsewhere.
fn progress(plan: &Plan) -> Box<dyn FnMut(Told<'_>)> {
    let trials = plan.trials;
    if !std::io::stderr().is_terminal() {
        return Box::new(move |told| {
            if !matches!(told, Told::Begins { .. }) {
                eprintln!("{}", line(told, trials));
            }
        });
    }
    let all = plan.texts.len() as u64 * u64::from(trials);
    let bar = ProgressBar::with_draw_target(Some(all), ProgressDrawTarget::stderr());
    let bar = bar.with_finish(ProgressFinish::AndClear);
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} {elapsed} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    Box::new(move |told| match told {
        Told::WarmUp { .. } | Told::Begins { .. } => bar.set_message(line(told, trials)),
        Told::Trial { .. } => {
            bar.println(line(told, trials));
            bar.inc(1);
        }
    })
}

fn line(told: Told<'_>, trials: u32) -> String {
    match told {
        Told::WarmUp { text } => format!("{}: warm-up, not counted", text.name),
        Told::Begins { text, number } => format!("{} {number}/{trials}", text.name),
        Told::Trial { text, number, trial } => {
            let one = std::slice::from_ref(trial);
            let told = |metric: Metric| {
                let value = metric.samples(one).into_iter().fold(0.0, f64::max);
                format!("{} {}", metric.label(), metric.told(value))
            };
            format!("{} {number}/{trials}: {}, {}", text.name, told(Metric::TtfaMs), told(Metric::Rtf))
        }
    }
}
