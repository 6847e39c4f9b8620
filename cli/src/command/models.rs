//! `sostenuto models`

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use sostenuto_engine::inference::compare::{Measured, Plan, Speaker, compare};
use sostenuto_engine::inference::graph::agreement::Agreement;
use sostenuto_engine::inference::{Models, Variant};

use super::dnsmos::{self, Judgement};
use super::{learn, models};
use crate::args::{self, ModelsCommand};
use crate::exit::Failure;

pub(crate) fn run(args: args::Models) -> Result<ExitCode, Failure> {
    let models = models()?;
    match args.command {
        ModelsCommand::Build { variant, out } => build(&models, variant, out)?,
        ModelsCommand::Learn { voice, sentences, threads } => {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            learn::voice(&models, &voice, sentences.into(), threads.map_or(cores, usize::from))?;
        }
        ModelsCommand::Compare { variants, rounds, python, json } => {
            let speakers = if variants.is_empty() { Speaker::all().collect() } else { variants };
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let threads = if cores > 1 { vec![1, cores] } else { vec![1] };
            let plan = Plan { speakers, rounds: rounds.into(), threads };
            let rows = compare(&models, &plan, &mut |line| eprintln!("{line}"))?;
            let rows: Vec<Row> = rows.into_iter().map(|row| Row::of(row, &python)).collect();
            if json { print_json(&rows)? } else { print_table(&rows, &plan.threads)? }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn build(models: &Models, variant: Variant, out: Option<PathBuf>) -> Result<(), Failure> {
    let (graph, agreement) = models.build(variant)?;
    let path = match out {
        Some(path) => {
            std::fs::write(&path, &graph)
                .map_err(|error| Failure::usage(format_args!("cannot write {}: {error}", path.display())))?;
            path
        }
        None => models.keep(variant, graph)?,
    };
    let bytes = std::fs::metadata(&path)?.len();
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", path.display())?;
    writeln!(stdout, "{variant}: {:.1} MB, {}", bytes as f64 / 1e6, words(&agreement))?;
    Ok(())
}

/// How far a graph speaks from what it was made from.
fn words(agreement: &Agreement) -> String {
    format!(
        "from its source: durations {:.2} units, spectrum {:.2} dB, signal to noise {}, log-mel {}, log-spectral {}",
        agreement.durations,
        agreement.spectrum,
        decibels(agreement.signal_to_noise, 1),
        decibels(agreement.log_mel, 3),
        decibels(agreement.log_spectral, 2),
    )
}

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    measured: Measured,
    dnsmos: Option<Judgement>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dnsmos_missing: Option<String>,
}

impl Row {
    fn of(measured: Measured, python: &Path) -> Self {
        match dnsmos::judge(python, &measured.samples) {
            Ok(judgement) => Self { measured, dnsmos: Some(judgement), dnsmos_missing: None },
            Err(reason) => Self { measured, dnsmos: None, dnsmos_missing: Some(reason) },
        }
    }
}

fn print_json(rows: &[Row]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    for row in rows {
        serde_json::to_writer(&mut out, row)?;
        writeln!(out)?;
    }
    Ok(())
}

fn print_table(rows: &[Row], threads: &[usize]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let speeds: Vec<String> =
        threads.iter().map(|threads| format!("RTF at {threads}: best median ratio")).collect();
    writeln!(
        out,
        "{:<11} {:>8} {:>7}  {}  {:>9} {:>8} {:>8} {:>8}  DNSMOS P.808",
        "variant",
        "MB",
        "load s",
        speeds.iter().map(|speed| format!("{speed:>29}")).collect::<Vec<_>>().join("  "),
        "durations",
        "SNR",
        "log-mel",
        "spectral",
    )?;
    for row in rows {
        let measured = &row.measured;
        let speeds: Vec<String> = (0..threads.len())
            .map(|place| {
                let (speed, first) = (measured.speeds[place], rows[0].measured.speeds[place]);
                let ratio = speed.best / first.best;
                format!("{:>15.3} {:>6.3} {ratio:>6.2}", speed.best, speed.median)
            })
            .collect();
        let judged = row
            .dnsmos
            .map_or_else(|| "-".to_owned(), |judged| format!("{:.2}   {:.2}", judged.overall, judged.p808));
        writeln!(
            out,
            "{:<11} {:>8.1} {:>7.2}  {}  {:>9.2} {:>8} {:>8} {:>8}  {judged}",
            measured.speaker,
            measured.bytes as f64 / 1e6,
            measured.load,
            speeds.join("  "),
            measured.agreement.durations,
            decibels(measured.agreement.signal_to_noise, 1),
            decibels(measured.agreement.log_mel, 3),
            decibels(measured.agreement.log_spectral, 2),
        )?;
    }
    if let Some(reason) = rows.iter().find_map(|row| row.dnsmos_missing.as_ref()) {
        writeln!(out, "no DNSMOS: {reason}")?;
    }
    Ok(())
}

/// In dB, or a dash where two recordings differ in length.
fn decibels(value: Option<f32>, digits: usize) -> String {
    match value {
        None => "-".into(),
        Some(value) if value.is_infinite() => "equal".into(),
        Some(value) => format!("{value:.digits$} dB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_and_incomparable_recordings_are_told_in_words() {
        assert_eq!(decibels(Some(f32::INFINITY), 1), "equal");
        assert_eq!(decibels(None, 1), "-");
        assert_eq!(decibels(Some(34.96), 1), "35.0 dB");
    }
}
