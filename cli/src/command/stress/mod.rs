//! `sostenuto stress`

mod compared;
mod here;
mod listed;
mod live;
mod plan;
mod running;

use std::process::ExitCode;

use crate::exit::Failure;
use crate::stress_args::{Stress, StressCommand};

pub(crate) fn run(args: &Stress) -> Result<ExitCode, Failure> {
    match &args.command {
        None => running::run(&args.run),
        Some(StressCommand::List { name }) => listed::run(name.as_deref()),
        Some(StressCommand::Compare { before, after, tolerance }) => {
            compared::reports(before, after, tolerance.tolerance)
        }
        Some(StressCommand::Baseline { command }) => compared::baseline(command),
    }
}
