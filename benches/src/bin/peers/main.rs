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
        #[command(flatten)]
        pages: Pages,
    },
    /// Put what was measured before, `peers.json`, into pages.
    Page {
        /// The `peers.json`.
        #[arg(long)]
        from: PathBuf,
        #[command(flatten)]
        pages: Pages,
    },
}

/// Where tables are put, between the marks that are there for them.
#[derive(clap::Args)]
struct Pages {
    /// The page of the whole table, and beside it the plot.
    #[arg(long)]
    page: Option<PathBuf>,
    /// The page of the short table, with the plot of the other page.
    #[arg(long, requires = "page")]
    readme: Option<PathBuf>,
}

impl Pages {
    fn put(&self, report: &Report) -> Result<()> {
        let Some(page) = &self.page else { return Ok(()) };
        put(page, &report.markdown())?;
        let plot = page.with_file_name(PLOT);
        std::fs::write(&plot, plot::svg(report))?;
        match &self.readme {
            Some(readme) => put(readme, &report.short(&plot)),
            None => Ok(()),
        }
    }
}

fn main() -> Result<()> {
    match Args::parse().command {
        Command::Inputs { to } => Inputs::here(&models()?)?.write(&to),
        Command::Speak { session, threads, inputs } => {
            own::serve(&models()?, &session, threads, &Inputs::read(&inputs)?)
        }
        Command::Measure { inputs, python, worker, to, rounds, only, pages } => {
            let plan = rounds::Plan { inputs, python, worker, rounds: rounds.max(1), only };
            let floor = floor::Floor::here();
            let of = |outcome: &_| Report::of(outcome, floor.clone());
            let outcome = rounds::measure(&plan, &mut |outcome| write(&to, &of(outcome)))?;
            let report = of(&outcome);
            println!("{}", report.markdown());
            pages.put(&report)
        }
        Command::Page { from, pages } => {
            let text = std::fs::read_to_string(&from).map_err(|e| format!("{}: {e}", from.display()))?;
            pages.put(&serde_json::from_str(&text).map_err(|e| format!("{}: {e}", from.display()))?)
        }
    }
}

/// Writes the report into the folder `to`: after each round, so that a run that is cut short leaves those before.
fn write(to: &Path, report: &Report) -> Result<()> {
    std::fs::create_dir_all(to)?;
    std::fs::write(to.join("peers.json"), serde_json::to_string_pretty(report)? + "\n")?;
    std::fs::write(to.join("peers.md"), report.markdown())?;
    Ok(std::fs::write(to.join(PLOT), plot::svg(report))?)
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
