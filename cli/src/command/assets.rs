//! `sostenuto assets`

use std::io::Write;
use std::process::ExitCode;

use sostenuto_engine::inference::SessionKind;
use sostenuto_engine::inference::assets::{FetchOptions, Set, State, fetch, list, verify};

use super::{learn, models};
use crate::args::{Assets, AssetsCommand, SetChoice};
use crate::exit::Failure;
use crate::progress::progress;

pub(crate) fn run(args: Assets) -> Result<ExitCode, Failure> {
    let models = models()?;
    let mut out = std::io::stdout().lock();
    match args.command {
        AssetsCommand::Fetch { set, from, no_learning } => {
            let set = set.into();
            let options = FetchOptions { from, ..FetchOptions::default() };
            let report = fetch(models.manifest(), models.cache(), set, &options, &mut *progress())?;
            eprintln!("making what the sessions are loaded from, where it is not there yet");
            models.prepare(SessionKind::Fast)?;
            if set == Set::Full {
                models.prepare(SessionKind::Quality)?;
            }
            eprintln!(
                "{} files fetched, {} were there, in {}",
                report.fetched.len(),
                report.present,
                models.cache().folder().display()
            );
            if set == Set::Full && !no_learning {
                learn::default_voice(&models);
            }
            Ok(ExitCode::SUCCESS)
        }
        AssetsCommand::List => {
            for row in list(models.manifest(), models.cache())? {
                writeln!(
                    out,
                    "{:<24} {:<8} {:<8} {:>7.1} MB  {:<24} {}",
                    row.name,
                    row.version,
                    row.set.to_string(),
                    row.bytes as f64 / 1e6,
                    row.licence,
                    words(row.state)
                )?;
            }
            Ok(ExitCode::SUCCESS)
        }
        AssetsCommand::Verify { set } => {
            let checked = verify(models.manifest(), models.cache(), set.into())?;
            let mut bad = 0;
            for entry in checked {
                bad += usize::from(entry.state != State::Present);
                writeln!(out, "{:<24} {}", entry.name, words(entry.state))?;
            }
            if bad > 0 {
                return Err(Failure::failed(format_args!(
                    "{bad} files are missing or damaged: run `sostenuto assets fetch`"
                )));
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn words(state: State) -> &'static str {
    match state {
        State::Present => "verified",
        State::Unverified => "there, not verified",
        State::Missing => "missing",
        State::Damaged => "damaged",
    }
}

impl From<SetChoice> for Set {
    fn from(choice: SetChoice) -> Self {
        match choice {
            SetChoice::Minimal => Self::Minimal,
            SetChoice::Full => Self::Full,
        }
    }
}
