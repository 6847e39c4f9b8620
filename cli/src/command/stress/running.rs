//! Scenarios run one after the other, and what is told of them.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use sostenuto_stress::{Host, Judged, Mode, Report, html, rfc3339, run_line, run_text, simulate, sum_line};

use super::plan::{Planned, mode, plan, quoted};
use super::{here, live};
use crate::exit::{Failure, INTERRUPTED};
use crate::interrupt::on_ctrl_c_do;
use crate::stress_args::StressRun;

pub(super) fn run(args: &StressRun) -> Result<ExitCode, Failure> {
    let planned = plan(args)?;
    for path in [&args.json, &args.html].into_iter().flatten() {
        check_folder(path)?;
    }
    let interrupted = Arc::new(AtomicBool::new(false));
    let press = Arc::clone(&interrupted);
    on_ctrl_c_do(move || press.store(true, Ordering::Release))?;

    let mut report = Report::new(rfc3339(SystemTime::now()), Host::here(), command());
    let mut not_run = Vec::new();
    for planned in &planned {
        match judged(planned, args, &interrupted) {
            Ok(Some(judged)) => {
                if !args.quiet || !judged.verdict.passed {
                    say(&format!("{}\n", run_line(&judged)));
                }
                report.suites.push(judged);
            }
            Ok(None) => {}
            // What others led to is not lost with it.
            Err(failure) => {
                say(&format!("FAIL  {:<24} not run: {failure}\n", planned.scenario.name));
                not_run.push((planned, failure));
            }
        }
        report.interrupted = interrupted.load(Ordering::Acquire);
        if report.interrupted {
            break;
        }
    }
    let in_full = |judged: &&Judged| !judged.verdict.passed || (planned.len() == 1 && !args.quiet);
    for judged in report.suites.iter().filter(in_full) {
        say(&format!("\n{}", run_text(judged)));
    }
    say(&format!("\n{}\n", sum_line(&report)));
    if let Some(path) = &args.json {
        report.write(path).map_err(Failure::failed)?;
    }
    if let Some(path) = &args.html {
        std::fs::write(path, html::page(&report))
            .map_err(|error| Failure::failed(format_args!("cannot write {}: {error}", path.display())))?;
    }
    if report.interrupted {
        eprintln!("sostenuto: ended early, after {} of {} runs", report.suites.len(), planned.len());
        return Ok(ExitCode::from(INTERRUPTED));
    }
    match not_run.into_iter().next() {
        Some((planned, failure)) => Err(failure.in_the_course_of(&planned.scenario.name)),
        None => Ok(ExitCode::from(u8::from(!report.passed()))),
    }
}

/// Runs what is planned; `None` where it was interrupted before it began.
fn judged(
    planned: &Planned,
    args: &StressRun,
    interrupted: &Arc<AtomicBool>,
) -> Result<Option<Judged>, Failure> {
    let scenario = &planned.scenario;
    let run = match mode(args) {
        Mode::Sim => Some(simulate(scenario).map_err(Failure::failed)?),
        Mode::Real => {
            let mut view = live::View::new(&scenario.name, scenario.real_seconds, args.quiet);
            let run = here::run(scenario, args, interrupted, &mut |moment| view.show(moment));
            view.clear();
            run?
        }
    };
    Ok(run.map(|run| Judged::new(run, &planned.profile, planned.repeat.clone())))
}

/// Writes to standard output. Whoever read it may have seen enough, and reports are still to be written.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Before hours are spent on a report that cannot be kept.
fn check_folder(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if path.is_dir() || !folder.is_dir() {
        return Err(Failure::usage(format_args!(
            "{}: a file in a folder that is there is expected",
            path.display()
        )));
    }
    Ok(())
}

/// The command as it was given.
fn command() -> String {
    let arguments = std::env::args().skip(1).map(|argument| quoted(&argument));
    std::iter::once("sostenuto".to_owned()).chain(arguments).collect::<Vec<_>>().join(" ")
}
