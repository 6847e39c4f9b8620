//! `sostenuto voices`

use std::io::Write;
use std::process::ExitCode;

use super::models;
use crate::args::Voices;
use crate::exit::Failure;

pub(crate) fn run(args: &Voices) -> Result<ExitCode, Failure> {
    let mut out = std::io::stdout().lock();
    for voice in models()?.voices() {
        if args.json {
            serde_json::to_writer(&mut out, &voice)?;
            writeln!(out)?;
            continue;
        }
        let sessions = if voice.fast { "quality, fast" } else { "quality" };
        let fetched = if voice.fetched { "" } else { "not fetched" };
        let line =
            format!("{:<16} {:<6} {sessions:<14} {fetched}", voice.name, voice.language.unwrap_or("?"));
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}
