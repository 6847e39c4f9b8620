//! `sostenuto phonemize`

use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;
use sostenuto_engine::g2p::{Explanation, Phonemizer, Reader, Transcription, transcribe};

use super::models;
use crate::args::{ExplainChoice, Phonemize};
use crate::exit::Failure;
use crate::reading;

#[derive(Serialize)]
struct Line<'a> {
    text: &'a str,
    #[serde(flatten)]
    transcription: Transcription,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Vec<Explanation>>,
}

pub(crate) fn run(args: &Phonemize) -> Result<ExitCode, Failure> {
    let readers = reading::readers(&args.reading, models()?)?;
    let reader = readers.reader(args.language).map_err(Failure::failed)?;
    let phonemizer: Arc<dyn Phonemizer> = Arc::new(reader.clone());
    let mut out = std::io::stdout().lock();
    let mut write = |text: &str| -> Result<(), Failure> {
        match args.explain {
            Some(ExplainChoice::Table) => write_table(&mut out, text, &reader)?,
            explain => {
                let explanation = explain.map(|_| reader.explain(text));
                let transcription = transcribe(&phonemizer, text);
                serde_json::to_writer(&mut out, &Line { text, transcription, explanation })?;
                writeln!(out)?;
            }
        }
        out.flush()?;
        Ok(())
    };
    if let Some(text) = &args.text {
        write(text)?;
    } else {
        for (n, line) in std::io::stdin().lock().split(b'\n').enumerate() {
            let line = String::from_utf8(line?)
                .map_err(|_| Failure::usage(format_args!("standard input: line {} is not UTF-8", n + 1)))?;
            write(line.strip_suffix('\r').unwrap_or(&line))?;
        }
    }
    reading::save(&args.reading, &readers)?;
    Ok(ExitCode::SUCCESS)
}

/// A row for each word: as it was written, as it is read, its phonemes, and why.
fn write_table(out: &mut impl Write, text: &str, reader: &Reader) -> Result<(), Failure> {
    let rows: Vec<[String; 4]> = reader
        .explain(text)
        .into_iter()
        .map(|word| {
            let written = text.get(word.source.clone()).unwrap_or_default().to_owned();
            let mut why =
                word.rule.map(|rule| format!("{rule}, ")).unwrap_or_default() + &word.reason.to_string();
            if word.cached {
                why.push_str(", cached");
            }
            [written, word.read, word.phonemes, why]
        })
        .collect();
    let widths: [usize; 3] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    for [written, read, phonemes, why] in &rows {
        writeln!(out, "{written:0$}  {read:1$}  {phonemes:2$}  {why}", widths[0], widths[1], widths[2])?;
    }
    writeln!(out)?;
    Ok(())
}
