//! `sostenuto doctor`

use std::io::Write;
use std::process::ExitCode;

use serde::Serialize;
use sostenuto_engine::calibration::{Key, NotUsed};
use sostenuto_engine::inference::assets::{State, list};
use sostenuto_engine::inference::{Chosen, Models, Provider, SessionKind};
use sostenuto_engine::playback::{DeviceInfo, output_devices};
use sostenuto_engine::{Calibration, Scheduling, StageReport, probe_scheduling};

use super::models;
use crate::args::Doctor;
use crate::exit::Failure;

#[derive(Serialize)]
struct Report {
    version: &'static str,
    cores: usize,
    cache: String,
    assets_there: usize,
    assets_all: usize,
    missing: Vec<String>,
    runtime: Finding,
    providers: Vec<&'static str>,
    calibration: Finding,
    form: Finding,
    sessions: Vec<(&'static str, Finding)>,
    devices: Vec<String>,
    scheduling_by_default: bool,
    threads: Vec<StageReport>,
}

/// What was found, or why not.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Finding {
    Found(String),
    Missing(String),
}

impl Finding {
    fn of(result: Result<String, impl std::fmt::Display>) -> Self {
        result.map_or_else(|error| Self::Missing(error.to_string()), Self::Found)
    }

    fn is_found(&self) -> bool {
        matches!(self, Self::Found(_))
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Found(what) => write!(f, "ok       {what}"),
            Self::Missing(why) => write!(f, "MISSING  {why}"),
        }
    }
}

pub(crate) fn run(args: &Doctor) -> Result<ExitCode, Failure> {
    let report = look(&models()?)?;
    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        report.print(&mut out)?;
    }
    let speaks = report.sessions.iter().any(|(_, finding)| finding.is_found());
    Ok(if speaks { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn look(models: &Models) -> Result<Report, Failure> {
    let rows = list(models.manifest(), models.cache())?;
    let missing: Vec<_> = rows
        .iter()
        .filter(|row| !matches!(row.state, State::Present | State::Unverified))
        .map(|row| row.name.clone())
        .collect();
    let runtime = models.runtime().map(|runtime| {
        format!("ONNX Runtime {}, {}", runtime.version().unwrap_or("?"), runtime.path().display())
    });
    let session = |kind: SessionKind| {
        let loaded = models.session(kind, sostenuto_engine::inference::DEFAULT_VOICE, 1);
        (kind.name(), Finding::of(loaded.map(|_| "loads and runs".to_string())))
    };
    let sessions = vec![session(SessionKind::Fast), session(SessionKind::Quality)];
    // The choice may have just been made.
    let form = models.recorded_form().map(|chosen| chosen.map_or_else(|| NOT_CHOSEN.to_owned(), form));
    let devices = output_devices()
        .into_iter()
        .map(|device| {
            let DeviceInfo { host, name, is_default, rate, channels } = device;
            let rate = rate.map(|rate| format!(", {rate} Hz")).unwrap_or_default();
            let channels = channels.map(|channels| format!(", {channels} channels")).unwrap_or_default();
            format!("{host}: {name}{rate}{channels}{}", if is_default { " (default)" } else { "" })
        })
        .collect();
    let by_default = Scheduling::default();
    Ok(Report {
        version: env!("CARGO_PKG_VERSION"),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        cache: models.cache().folder().display().to_string(),
        assets_there: rows.len() - missing.len(),
        assets_all: rows.len(),
        missing,
        runtime: Finding::of(runtime),
        providers: Provider::built().map(Provider::name).collect(),
        calibration: Finding::of(calibration(models)?),
        form: Finding::of(form),
        sessions,
        devices,
        scheduling_by_default: by_default.pin,
        threads: probe_scheduling()?,
    })
}

/// Said of the form of the quality session where none was chosen yet.
const NOT_CHOSEN: &str = "chosen when the quality session is first loaded";

/// Which form the quality session comes in, and why.
fn form(chosen: Chosen) -> String {
    let Chosen { form, isa, signal_to_noise, reason, .. } = chosen;
    let ratio = signal_to_noise.map(|ratio| format!(", {ratio:.0} dB from stock")).unwrap_or_default();
    format!("{form} with {isa}: {reason}{ratio}")
}

/// What `say` would do by the calibration, or why it would not.
fn calibration(models: &Models) -> Result<Result<String, NotUsed>, Failure> {
    let path = Calibration::path(models);
    let found = Calibration::load(&path, &Key::here(models)?);
    Ok(found.map(|calibration| {
        let session = |kind: SessionKind| {
            let settings = calibration.session(kind)?;
            Some(format!("{kind} on {} with {} threads, ", settings.provider, settings.threads))
        };
        let sessions = [SessionKind::Fast, SessionKind::Quality].into_iter().filter_map(session);
        let twin = if calibration.twin.on { "on" } else { "off" };
        format!("{}twin {twin}, {}", sessions.collect::<String>(), path.display())
    }))
}

impl Report {
    fn print(&self, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(out, "sostenuto  {}", self.version)?;
        writeln!(out, "cores      {}", self.cores)?;
        writeln!(out, "cache      {} ({} of {} files)", self.cache, self.assets_there, self.assets_all)?;
        match self.missing.len() {
            0 => {}
            1..=4 => writeln!(out, "           missing: {}", self.missing.join(", "))?,
            n => writeln!(out, "           missing: {} and {} more", self.missing[..3].join(", "), n - 3)?,
        }
        writeln!(out, "runtime    {}", self.runtime)?;
        writeln!(out, "providers  {}", self.providers.join(", "))?;
        writeln!(out, "calibrated {}", self.calibration)?;
        writeln!(out, "quality is {}", self.form)?;
        for (name, finding) in &self.sessions {
            writeln!(out, "{name:<10} {finding}")?;
        }
        if self.devices.is_empty() {
            writeln!(out, "devices    none: `say` writes a WAV file")?;
        }
        for (n, device) in self.devices.iter().enumerate() {
            writeln!(out, "{:<10} {device}", if n == 0 { "devices" } else { "" })?;
        }
        let default = if self.scheduling_by_default { "on" } else { "off" };
        writeln!(out, "threads    pinning and priority are {default} by default here; asked for now:")?;
        for thread in &self.threads {
            writeln!(
                out,
                "           {:<6} pinned: {}; priority: {}",
                thread.stage, thread.pinned, thread.priority
            )?;
        }
        Ok(())
    }
}
