//! Peers side by side: who speaks how fast, how soon, and in how much memory, on this machine.
//!
//! ```sh
//! benches/peers/run.sh                    # all of it, with a Python environment of its own
//! benches/peers/run.sh --only native --only native-predicted --rounds 3
//! benches/peers/run.sh --page docs/performance.md --readme README.md
//! ```
//!
//! Every peer is a process of its own that stays, speaks a sentence when it is told to, and tells how long that took; all
//! but one wait meanwhile. Peers take turns, in another order each round, and ratios are made within a round, so that
//! all see the same machine. Who is measured stands in [`table`], a line each.

mod child;
mod floor;
mod inputs;
mod own;
mod plot;
mod report;
mod rounds;
mod table;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use sostenuto_benches::Result;
use sostenuto_engine::inference::Models;
use sostenuto_engine::inference::assets::Cache;

use inputs::Inputs;
use report::Report;

/// The plot's file.
const PLOT: &str = "peers.svg";

#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write what all peers speak, and where the models are, for those who prepare other graphs.
    Inputs {
        /// Where to.
        #[arg(long)]
        to: PathBuf,
    },
    /// Be one of our own peers: a sentence's number on standard input, its times on standard output.
    Speak {
        /// A session, as the table names it.
        #[arg(long)]
        session: String,
        /// Its threads.
        #[arg(long)]
        threads: usize,
        /// What all peers speak.
        #[arg(long)]
        inputs: PathBuf,
    },
    /// Measure all peers, and write `peers.json`, `peers.md` and `peers.svg`.
    Measure {
        /// What all peers speak.
        #[arg(long)]
        inputs: PathBuf,
        /// The Python of the other peers' environment.
        #[arg(long)]
        python: PathBuf,
        /// The program that is the other peers.
        #[arg(long)]
        worker: PathBuf,
        /// Where to write.
        #[arg(long)]
        to: PathBuf,
        /// How often each speaks each sentence.
        #[arg(long, default_value_t = 7)]
        rounds: usize,
        /// Measure this peer, as the table names it; all unless given.
        #[arg(long)]
        only: Vec<String>,
        /// Put the table into this page as well, between its marks, and the plot beside it.
        #[arg(long)]
        page: Option<PathBuf>,
        /// Put the short table into this page as well, between its marks, with the plot of the other page.
        #[arg(long, requires = "page")]
        readme: Option<PathBuf>,
    },
}

fn main() -> Result<()> {
    match Args::parse().command {
        Command::Inputs { to } => Inputs::here(&models()?)?.write(&to),
        Command::Speak { session, threads, inputs } => {
            own::serve(&models()?, &session, threads, &Inputs::read(&inputs)?)
        }
        Command::Measure { inputs, python, worker, to, rounds, only, page, readme } => {
            let plan = rounds::Plan { inputs, python, worker, rounds: rounds.max(1), only };
            let report = Report::of(rounds::measure(&plan)?, floor::Floor::here());
            std::fs::create_dir_all(&to)?;
            std::fs::write(to.join("peers.json"), serde_json::to_string_pretty(&report)? + "\n")?;
            std::fs::write(to.join("peers.md"), report.markdown())?;
            std::fs::write(to.join(PLOT), plot::svg(&report))?;
            if let Some(page) = &page {
                put(page, &report.markdown())?;
                std::fs::write(page.with_file_name(PLOT), plot::svg(&report))?;
            }
            if let Some((readme, page)) = readme.zip(page) {
                put(&readme, &report.short(&page.with_file_name(PLOT)))?;
            }
            println!("{}", report.markdown());
            Ok(())
        }
    }
}

/// Puts `table` into the page at `path`, between its marks.
fn put(path: &Path, table: &str) -> Result<()> {
    let page = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let page =
        report::within(&page, table).ok_or_else(|| format!("{}: no marks for a table", path.display()))?;
    Ok(std::fs::write(path, page)?)
}

fn models() -> Result<Models> {
    Ok(Models::new(Cache::of_user()?)?)
}
