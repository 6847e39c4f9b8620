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
    for planned in &planned {
        if interrupted.load(Ordering::Acquire) {
            break;
        }
        let judged = judged(planned, args, &interrupted)?;
        tell(&judged, args.quiet)?;
        report.suites.push(judged);
    }
    let mut out = std::io::stdout().lock();
    for judged in report.suites.iter().filter(|judged| !judged.verdict.passed) {
        write!(out, "\n{}", run_text(judged))?;
    }
    if let ([judged], false) = (report.suites.as_slice(), args.quiet)
        && judged.verdict.passed
    {
        write!(out, "\n{}", run_text(judged))?;
    }
    writeln!(out, "\n{}", sum_line(&report))?;
    if let Some(path) = &args.json {
        report.write(path).map_err(Failure::failed)?;
    }
    if let Some(path) = &args.html {
        std::fs::write(path, html::page(&report))
            .map_err(|error| Failure::failed(format_args!("cannot write {}: {error}", path.display())))?;
    }
    if interrupted.load(Ordering::Acquire) {
        eprintln!("sostenuto: ended early, after {} of {} runs", report.suites.len(), planned.len());
        return Ok(ExitCode::from(INTERRUPTED));
    }
    Ok(ExitCode::from(u8::from(!report.passed())))
}

fn judged(planned: &Planned, args: &StressRun, interrupted: &Arc<AtomicBool>) -> Result<Judged, Failure> {
    let scenario = &planned.scenario;
    let run = match mode(args) {
        Mode::Sim => simulate(scenario).map_err(Failure::failed)?,
        Mode::Real => {
            let mut view = live::View::new(&scenario.name, scenario.real_seconds, args.quiet);
            let run = here::run(scenario, args, interrupted, &mut |moment| view.show(moment));
            view.clear();
            run?
        }
    };
    Ok(Judged { repeat: planned.repeat.clone(), ..Judged::new(run, &planned.profile) })
}

/// A line as soon as a run is over. Of many that are over at once, those that passed are counted on one line of a
/// terminal.
fn tell(judged: &Judged, quiet: bool) -> Result<(), Failure> {
    if !quiet || !judged.verdict.passed {
        writeln!(std::io::stdout().lock(), "{}", run_line(judged))?;
    }
    Ok(())
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
