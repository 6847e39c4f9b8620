//! `sostenuto phonemize`

use std::io::{BufRead, Write};
use std::process::ExitCode;

use serde::Serialize;
use sostenuto_engine::g2p::{Transcription, transcribe};

use crate::args::Phonemize;
use crate::exit::Failure;
use crate::phonemizer;

#[derive(Serialize)]
struct Line<'a> {
    text: &'a str,
    #[serde(flatten)]
    transcription: Transcription,
}

pub(crate) fn run(args: &Phonemize) -> Result<ExitCode, Failure> {
    let phonemizer = phonemizer::loader(args.language)?(args.language);
    let mut out = std::io::stdout().lock();
    let mut write = |text: &str| -> Result<(), Failure> {
        serde_json::to_writer(&mut out, &Line { text, transcription: transcribe(&phonemizer, text) })?;
        writeln!(out)?;
        out.flush()?;
        Ok(())
    };
    if let Some(text) = &args.text {
        write(text)?;
        return Ok(ExitCode::SUCCESS);
    }
    for (n, line) in std::io::stdin().lock().split(b'\n').enumerate() {
        let line = String::from_utf8(line?)
            .map_err(|_| Failure::usage(format_args!("standard input: line {} is not UTF-8", n + 1)))?;
        write(line.strip_suffix('\r').unwrap_or(&line))?;
    }
    Ok(ExitCode::SUCCESS)
}
