//! What a command's runs led to, as a file.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::recorded::recorded;
use crate::slope::{MemorySlope, memory_slope};
use crate::{Figure, Host, Profile, Run, Verdict, judge};

/// The version of the schema that is written and read: `docs/stress-schema.md`.
pub const SCHEMA: u32 = 1;

/// What a command's runs led to.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Report {
    /// The version of the schema.
    pub schema: u32,
    /// When it was made, in UTC, as RFC 3339 writes it.
    pub made: String,
    /// The program's version.
    pub version: String,
    /// The machine it was made on.
    pub machine: Host,
    /// The command that made it.
    pub command: String,
    /// It was ended before everything was run that was asked for.
    #[serde(default)]
    pub interrupted: bool,
    /// Every run with its verdict, in the order in which they were made.
    pub suites: Vec<Judged>,
}

/// A run with its verdict.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Judged {
    /// What happened.
    pub run: Run,
    /// Whether that held.
    pub verdict: Verdict,
    /// How fast memory grew; left out where too little is known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_slope: Option<MemorySlope>,
    /// The command that repeats the run.
    pub repeat: String,
}

impl Judged {
    /// Judges `run`, which the command `repeat` repeats, by `profile`. It is rounded to millionths, and values that are
    /// no numbers (which JSON cannot hold) are left out, with a note; a figure that is none fails the run.
    pub fn new(mut run: Run, profile: &Profile, repeat: String) -> Self {
        let memory_slope = memory_slope(&run.series.memory);
        run.figures.extend(memory_slope.map(|slope| (Figure::MemorySlopeMbPerHour, slope.mb_per_hour)));
        let are_numbers = run.figures.values().all(|value| value.is_finite());
        let run = recorded(run);
        let mut verdict = judge(&run, profile);
        verdict.passed &= are_numbers;
        Self { run, verdict, memory_slope, repeat }
    }
}

/// Why a report cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// Make the file readable, or give another.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's own words.
        source: std::io::Error,
    },
    /// Give a file that `sostenuto stress --json` wrote, whole.
    #[error("{}: {field}: {expected}", path.display())]
    NoReport {
        /// The file.
        path: PathBuf,
        /// The field.
        field: String,
        /// What it should be.
        expected: String,
    },
    /// Use the program that wrote it, or make the report anew.
    #[error("{}: schema: it is {found}, and this program reads {SCHEMA}; make the report anew with it", path.display())]
    OtherSchema {
        /// The file.
        path: PathBuf,
        /// What the file says.
        found: String,
    },
    /// Give a folder that can be written to.
    #[error("cannot write {}: {source}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The system's own words.
        source: std::io::Error,
    },
}

impl Report {
    /// An empty report of this program on `machine`, made at `made` (RFC 3339) by `command`.
    pub fn new(made: String, machine: Host, command: String) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { schema: SCHEMA, made, version, machine, command, interrupted: false, suites: Vec::new() }
    }

    /// Whether every run that was asked for held, and there was at least one.
    pub fn passed(&self) -> bool {
        !self.interrupted && !self.suites.is_empty() && self.suites.iter().all(|judged| judged.verdict.passed)
    }

    /// It as JSON.
    ///
    /// # Errors
    /// Never for a report that was made by this program.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string(self)? + "\n")
    }

    /// The report in `text`, which stood in the file at `path`.
    ///
    /// # Errors
    /// It is no report, or one of another schema.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ReportError> {
        let wrong =
            |field: String, expected: String| ReportError::NoReport { path: path.into(), field, expected };
        let value: Value = serde_json::from_str(text)
            .map_err(|error| wrong(format!("line {}", error.line()), format!("no JSON: {error}")))?;
        match value.get("schema") {
            Some(found) if found.as_u64() == Some(u64::from(SCHEMA)) => {}
            Some(found) => {
                return Err(ReportError::OtherSchema { path: path.into(), found: found.to_string() });
            }
            None => return Err(wrong("schema".into(), "it is missing: this is no stress report".into())),
        }
        serde_path_to_error::deserialize(value)
            .map_err(|error| wrong(error.path().to_string(), error.inner().to_string()))
    }

    /// Reads the report in the file at `path`.
    ///
    /// # Errors
    /// There is none, or it is no report, or one of another schema.
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ReportError::Unreadable { path: path.into(), source })?;
        Self::parse(path, &text)
    }

    /// Writes it to `path`, which is as it was or whole. The folder is made where there is none. A pipe or a device is
    /// written to, and not replaced.
    ///
    /// # Errors
    /// Those of the system.
    pub fn write(&self, path: &Path) -> Result<(), ReportError> {
        let write = || {
            if path.metadata().is_ok_and(|there| !there.is_file()) {
                return std::fs::write(path, self.to_json()?);
            }
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder)?;
            let mut file = readable_by_others().tempfile_in(folder)?;
            file.write_all(self.to_json()?.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(path)?;
            Ok(())
        };
        write().map_err(|source| ReportError::Unwritable { path: path.into(), source })
    }
}

/// A temporary file is for its owner alone; a report is not, as far as the system's mask lets it.
fn readable_by_others() -> tempfile::Builder<'static, 'static> {
    #[allow(unused_mut, reason = "only Unix has modes")]
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Figure;
    use crate::trial::{growing, report, run};

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/report.json");
        let report = report();
        report.write(&path).unwrap();
        assert!(Report::read(&path).unwrap() == report);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_an_error_and_a_device_stays_one() {
        let full = Path::new("/dev/full");
        let error = report().write(full).unwrap_err().to_string();
        assert!(error.starts_with("cannot write /dev/full: "), "{error}");
        assert!(!full.metadata().unwrap().is_file());
    }

    #[test]
    fn another_schema_is_refused_in_plain_words() {
        let text = report().to_json().unwrap().replacen("\"schema\":1", "\"schema\":2", 1);
        let error = Report::parse(Path::new("r.json"), &text).unwrap_err();
        assert!(matches!(error, ReportError::OtherSchema { .. }));
        assert!(
            error.to_string().starts_with("r.json: schema: it is 2, and this program reads 1"),
            "{error}"
        );
    }

    #[test]
    fn what_is_no_report_is_told_by_file_and_field() {
        let whole = report().to_json().unwrap();
        for (text, told) in [
            ("[1]", "r.json: schema: it is missing"),
            ("{", "r.json: line 1: no JSON"),
            (&whole.replacen("\"cores\":", "\"kerne\":", 1), "r.json: machine.kerne: unknown field"),
            (&whole.replacen("\"audio-s\":", "\"audio\":", 1), "r.json: suites[0].run"),
        ] {
            let error = Report::parse(Path::new("r.json"), text).unwrap_err().to_string();
            assert!(error.starts_with(told), "{error}");
        }
        let missing = Report::read(Path::new("/no/such/report.json")).unwrap_err().to_string();
        assert!(missing.starts_with("cannot read /no/such/report.json"), "{missing}");
    }

    #[test]
    fn what_is_no_number_is_left_out_and_told() {
        let mut broken = run();
        broken.figures.insert(Figure::Rtf, f64::NAN);
        broken.series.fragments[0].slack_s = f64::INFINITY;
        let profile = Profile::find("stable").unwrap();
        let judged = Judged::new(broken, &profile, String::new());
        assert!(!judged.verdict.passed);
        assert!(judged.verdict.not_measured.contains(&Figure::Rtf));
        assert_eq!(judged.run.series.fragments.len(), run().series.fragments.len() - 1);
        assert!(judged.run.notes.iter().any(|note| note.contains("no number")), "{:?}", judged.run.notes);
        let mut report = report();
        report.suites.push(judged);
        assert!(Report::parse(Path::new("r"), &report.to_json().unwrap()).unwrap() == report);
    }

    #[test]
    fn memory_that_grows_for_certain_fails_the_run() {
        let mut run = run();
        run.figures.remove(&Figure::MemorySlopeMbPerHour);
        run.series.memory = growing(600, 60.0, 0.1);
        let judged = Judged::new(run, &Profile::find("stable").unwrap(), String::new());
        let failed: Vec<_> = judged.verdict.failures().map(|check| check.figure).collect();
        assert_eq!(failed, [Figure::MemorySlopeMbPerHour]);
    }

    #[test]
    fn a_report_that_was_broken_off_does_not_pass() {
        let mut report = report();
        report.suites.retain(|judged| judged.verdict.passed);
        assert!(report.passed());
        assert!(!Report { interrupted: true, ..report }.passed());
    }

    #[test]
    fn a_report_without_a_run_proves_nothing() {
        assert!(!Report { suites: Vec::new(), ..report() }.passed());
    }
}
