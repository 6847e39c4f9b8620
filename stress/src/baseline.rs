//! The report that later ones are held against: one to a machine.

use std::path::{Path, PathBuf};

use crate::report::ReportError;
use crate::{Host, Report};

/// Why there is no baseline.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// Set the variable, or name the file.
    #[error("no folder for the baseline: set SOSTENUTO_HOME, or HOME, or name the file")]
    NoFolder,
    /// Keep one first.
    #[error("there is no baseline for this machine ({}): keep one with `sostenuto stress baseline keep REPORT.json`", .0.display())]
    Absent(PathBuf),
    /// Run on this machine, or give a report that was.
    #[error("this report was made on another machine ({made_on}), and the baseline is for this one ({here})")]
    OtherMachine {
        /// Where the report was made.
        made_on: String,
        /// This machine.
        here: String,
    },
    /// It says what to do.
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// Where the baseline of `host` lies in `folder`. The name has the processor and its cores, so that machines that share
/// a home do not share a baseline.
pub fn baseline_path(folder: &Path, host: &Host) -> PathBuf {
    let mut words = String::new();
    for character in host.cpu.chars() {
        match character {
            c if c.is_ascii_alphanumeric() => words.push(c.to_ascii_lowercase()),
            _ if !words.is_empty() && !words.ends_with('-') => words.push('-'),
            _ => {}
        }
    }
    let words: String = words.chars().take(60).collect();
    folder.join("baselines").join(format!("{}-{}-cores.json", words.trim_end_matches('-'), host.cores))
}

/// Where this machine's baseline lies: in the user's folder of configuration, because it is not to be lost with a cache.
///
/// # Errors
/// The system names no such folder.
pub fn baseline_here() -> Result<PathBuf, BaselineError> {
    let folder = sostenuto_engine::config_folder().ok_or(BaselineError::NoFolder)?;
    Ok(baseline_path(&folder, &Host::here()))
}

/// Keeps `report` as the baseline at `path`, which is as it was or whole.
///
/// # Errors
/// The report was made on another machine than `here`, or the file cannot be written.
pub fn keep_baseline(path: &Path, report: &Report, here: &Host) -> Result<(), BaselineError> {
    if (&report.machine.cpu, report.machine.cores) != (&here.cpu, here.cores) {
        return Err(BaselineError::OtherMachine { made_on: report.machine.line(), here: here.line() });
    }
    Ok(report.write(path)?)
}

/// Reads the baseline at `path`.
///
/// # Errors
/// There is none, or it is no report.
pub fn read_baseline(path: &Path) -> Result<Report, BaselineError> {
    match Report::read(path) {
        Err(ReportError::Unreadable { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            Err(BaselineError::Absent(path.into()))
        }
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::report;

    #[test]
    fn every_machine_has_a_file_of_its_own() {
        let host = Host { cpu: "AMD EPYC (TM) 9/64".into(), cores: 2, os: String::new(), memory_mb: 0 };
        let path = baseline_path(Path::new("/c"), &host);
        assert_eq!(path, Path::new("/c/baselines/amd-epyc-tm-9-64-2-cores.json"));
        assert_ne!(path, baseline_path(Path::new("/c"), &Host { cores: 4, ..host }));
    }

    #[test]
    fn what_is_kept_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let report = report();
        let path = baseline_path(folder.path(), &report.machine);
        let error = read_baseline(&path).unwrap_err().to_string();
        assert!(error.contains("keep one with `sostenuto stress baseline"), "{error}");
        keep_baseline(&path, &report, &report.machine).unwrap();
        assert!(read_baseline(&path).unwrap() == report);
        std::fs::write(&path, "{").unwrap();
        assert!(matches!(read_baseline(&path), Err(BaselineError::Report(ReportError::NoReport { .. }))));
    }

    #[test]
    fn a_report_of_another_machine_is_no_baseline_here() {
        let folder = tempfile::tempdir().unwrap();
        let report = report();
        let here = Host { cores: 64, ..report.machine.clone() };
        let error = keep_baseline(&folder.path().join("b.json"), &report, &here).unwrap_err();
        assert!(matches!(error, BaselineError::OtherMachine { .. }), "{error}");
    }
}
