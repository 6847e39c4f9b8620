//! Reports held against each other.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use sostenuto_stress::{
    BaselineError, Host, Report, ReportError, baseline_here, compare, keep_baseline, read_baseline, sum_line,
};

use crate::exit::Failure;
use crate::stress_args::BaselineCommand;

pub(super) fn reports(before: &Path, after: &Path, tolerance: f64) -> Result<ExitCode, Failure> {
    conclude(&read(before)?, &read(after)?, tolerance)
}

pub(super) fn baseline(command: &BaselineCommand) -> Result<ExitCode, Failure> {
    let path = baseline_here().map_err(Failure::usage)?;
    let mut out = std::io::stdout().lock();
    match command {
        BaselineCommand::Keep { report } => {
            let report = read(report)?;
            if report.interrupted {
                return Err(Failure::usage(
                    "the report was broken off; a baseline is of everything that was asked for",
                ));
            }
            keep_baseline(&path, &report, &Host::here()).map_err(|error| match error {
                BaselineError::OtherMachine { .. } => Failure::usage(error),
                _ => Failure::failed(error),
            })?;
            writeln!(out, "kept as the baseline of this machine: {}", path.display())?;
            Ok(ExitCode::SUCCESS)
        }
        BaselineCommand::Compare { report, tolerance } => {
            let after = read(report)?;
            conclude(&kept(&path)?, &after, tolerance.tolerance)
        }
        BaselineCommand::Show => {
            let report = kept(&path)?;
            writeln!(out, "{}\n{}, {}\n{}", path.display(), report.made, report.command, sum_line(&report))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn kept(path: &Path) -> Result<Report, Failure> {
    read_baseline(path).map_err(Failure::usage)
}

fn read(path: &Path) -> Result<Report, Failure> {
    Report::read(path).map_err(|error| match error {
        ReportError::Unwritable { .. } => Failure::failed(error),
        _ => Failure::usage(error),
    })
}

fn conclude(before: &Report, after: &Report, tolerance: f64) -> Result<ExitCode, Failure> {
    let comparison = compare(before, after, tolerance);
    if comparison.pairs.is_empty() {
        return Err(Failure::usage("the two reports have no run in common: same scenario, seed and mode"));
    }
    // The status is the answer, also for one who reads no more.
    let _ = write!(std::io::stdout().lock(), "{}", comparison.text());
    Ok(ExitCode::from(u8::from(comparison.regressed())))
}
