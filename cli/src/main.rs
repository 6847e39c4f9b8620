//! Speak: the Sostenuto program.

mod args;
mod bench_args;
mod command;
mod events_file;
mod exit;
mod interrupt;
mod logging;
mod marks_file;
mod memory;
mod progress;
mod reading;
mod session_args;
mod sessions;
mod speaking;
mod stats;
mod stress_args;
mod text_source;
mod utf8_pieces;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

use crate::args::{Args, Command};
use crate::exit::Failure;

fn main() -> ExitCode {
    let started = Instant::now();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return exit::report_arguments(&error),
    };
    logging::start(args.verbose);
    let result = match args.command {
        Command::Say(say) => command::say::run(&say, started),
        Command::Render(render) => command::render::run(&render),
        Command::Voices(voices) => command::voices::run(&voices),
        Command::Phonemize(phonemize) => command::phonemize::run(&phonemize),
        Command::Assets(assets) => command::assets::run(assets),
        Command::Calibrate(calibrate) => command::calibrate::run(&calibrate),
        Command::Models(models) => command::models::run(models),
        Command::Bench(bench) => command::bench::run(&bench),
        Command::Stress(stress) => command::stress::run(&stress),
        Command::Doctor(doctor) => command::doctor::run(&doctor),
    };
    result.unwrap_or_else(Failure::report)
}
