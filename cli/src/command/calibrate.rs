//! `sostenuto calibrate`

use std::io::Write;
use std::process::ExitCode;

use sostenuto_engine::calibration::{Calibration, Measured, Thoroughness, measure};

use super::models;
use crate::args::Calibrate;
use crate::exit::Failure;

pub(crate) fn run(args: &Calibrate) -> Result<ExitCode, Failure> {
    let models = models()?;
    let path = args.out.clone().unwrap_or_else(|| Calibration::path(&models));
    let thoroughness = if args.quick { Thoroughness::Quick } else { Thoroughness::Full };
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:<8} {:<14} {:>7} {:>7} {:>9} {:>9} {:>6}",
        "session", "provider", "threads", "tokens", "load", "inference", "RTF"
    )?;
    let mut written = Ok(());
    let calibration = measure(&models, thoroughness, &mut |measured| {
        if written.is_ok() {
            written = print(&mut out, measured);
        }
    })
    .map_err(Failure::failed)?;
    written?;
    calibration
        .save(&path)
        .map_err(|error| Failure::failed(format_args!("cannot write {}: {error}", path.display())))?;
    for (name, settings) in [("fast", calibration.fast), ("quality", calibration.quality)] {
        let Some(settings) = settings else { continue };
        writeln!(
            out,
            "{name:<8} {} with {} threads: {:.1} ms + {:.2} ms per token, give or take {:.1} ms",
            settings.provider,
            settings.threads,
            settings.cost.c0_s * 1e3,
            settings.cost.c1_s_per_token * 1e3,
            settings.cost.spread_s * 1e3
        )?;
    }
    let twin = if calibration.twin.on { "on" } else { "off" };
    writeln!(out, "twin {twin}; opening fragment of {} tokens", calibration.opening_tokens)?;
    writeln!(out, "written to {}", path.display())?;
    Ok(ExitCode::SUCCESS)
}

/// One line of the table.
fn print(out: &mut impl Write, measured: &Measured) -> std::io::Result<()> {
    match measured {
        Measured::Skipped { session, reason } => writeln!(out, "{:<8} {reason}", session.name()),
        Measured::Refused { session, provider, reason } => {
            writeln!(out, "{:<8} {provider:<14} {reason}", session.name())
        }
        Measured::Form(chosen) => {
            writeln!(out, "{:<8} {} with {}: {}", "quality", chosen.form, chosen.isa, chosen.reason)
        }
        Measured::Setting { session, provider, threads, load_s, seconds, rtf } => writeln!(
            out,
            "{:<8} {provider:<14} {threads:>7} {:>7} {:>6.0} ms {:>6.0} ms {rtf:>6.3}",
            session.name(),
            "",
            load_s * 1e3,
            seconds * 1e3
        ),
        Measured::Length { session, point } => writeln!(
            out,
            "{:<8} {:<14} {:>7} {:>7} {:>9} {:>6.0} ms {:>6.3}",
            session.name(),
            "",
            "",
            point.tokens,
            "",
            point.seconds * 1e3,
            point.seconds / point.audio_s
        ),
        Measured::Twin { session, one_s, two_s } => writeln!(
            out,
            "{:<8} two sessions {two_s:.2} s, one {one_s:.2} s: {:.2}",
            session.name(),
            two_s / one_s
        ),
    }?;
    out.flush()
}
