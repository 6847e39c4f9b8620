//! Holds two sessions in one engine to their bars: time to first audio, stop, many streams, twins and a cold start.
//!
//! ```sh
//! cargo build --release -p sostenuto
//! cargo run --release -p sostenuto-benches --bin hybrid -- [--only ttfa|stop|crowd|twin|cold]...
//! ```
//!
//! Absolute times are those of the machine and of what else it does; compare what stands in one run.

mod cold;
mod crowd;
mod stop;
mod ttfa;
mod twin;

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Parser, ValueEnum};
use sostenuto_benches::{Result, machine};
use sostenuto_engine::g2p::Language;
use sostenuto_engine::inference::assets::Cache;
use sostenuto_engine::inference::{
    DEFAULT_VOICE, Models, Prosody, SessionKind, SessionOptions, Synthesizer, Voice,
};
use sostenuto_engine::playback::{Format, Freewheel, Paced, Sink};
use sostenuto_engine::{
    Engine, EngineOptions, EngineStart, EventOptions, Input, Policy, Readers, ReadingOptions, Scheduling,
    SessionSpec, Stream, Utterance,
};

/// A sound card's usual period.
const PACED: Format = Format { rate: 24_000, channels: 1, period: 240 };

#[derive(Parser)]
struct Args {
    /// Measure this; all of it unless given.
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// How often to stop.
    #[arg(long, default_value_t = 100)]
    stops: usize,
    /// Run the pumps at real-time priority, whatever the machine is.
    #[arg(long)]
    priority: bool,
    /// The program whose cold start is measured; beside this one unless given.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    Ttfa,
    Stop,
    Crowd,
    Twin,
    Cold,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let bench = Bench::new(args.priority)?;
    for part in Part::value_variants() {
        if !args.only.is_empty() && !args.only.contains(part) {
            continue;
        }
        println!("{part:?}: {} cores, load before {}", machine::cores(), machine::load());
        match part {
            Part::Ttfa => ttfa::measure(&bench)?,
            Part::Stop => stop::measure(&bench, args.stops)?,
            Part::Crowd => crowd::measure(&bench)?,
            Part::Twin => twin::measure(&bench)?,
            Part::Cold => cold::measure(args.program.clone())?,
        }
        println!("  load after {}\n", machine::load());
    }
    Ok(())
}

/// What every part needs.
struct Bench {
    models: Models,
    readers: Arc<Readers>,
    voice: Arc<Voice>,
    scheduling: Scheduling,
}

impl Bench {
    fn new(priority: bool) -> Result<Self> {
        let usual = Scheduling::default();
        let scheduling = Scheduling { priority: priority || usual.priority, ..usual };
        let models = Models::new(Cache::of_user()?)?;
        let readers = Arc::new(Readers::new(Models::new(Cache::of_user()?)?, ReadingOptions::default()));
        let voice = models.voice(DEFAULT_VOICE, SessionKind::Quality)?;
        Ok(Self { models, readers, voice, scheduling })
    }

    /// A session that is loaded and warm.
    fn session(&self, kind: SessionKind, threads: usize) -> Result<Box<dyn Synthesizer>> {
        Ok(self.models.load(kind, DEFAULT_VOICE, &SessionOptions::on_cpu(threads))?.session)
    }

    fn engine(&self, policy: Policy, sessions: Vec<(SessionKind, Box<dyn Synthesizer>)>) -> Result<Engine> {
        let options = EngineOptions { policy, scheduling: self.scheduling, ..EngineOptions::default() };
        let start = EngineStart::new(options, self.readers.loader(), Language::EnUs)?;
        let specs = sessions.into_iter().map(|(kind, session)| SessionSpec::ready(kind, session));
        Ok(start.with_sessions(specs.collect())?)
    }

    fn utterance(&self, text: &str) -> Utterance {
        Utterance {
            input: Input::Text(text.to_string()),
            language: Language::EnUs,
            voice: Arc::clone(&self.voice),
            prosody: Prosody::default(),
            seed: 0,
            marks: false,
            events: EventOptions::default(),
        }
    }
}

/// A stream to a listener who does not wait longer than real time.
fn paced(engine: &Engine) -> Result<Stream> {
    Ok(engine.open(|_, _| Ok(Box::new(Paced::new(PACED)) as Box<dyn Sink>))?)
}

/// A stream to nobody, as fast as possible.
fn freewheel(engine: &Engine) -> Result<Stream> {
    Ok(engine.open(|_, _| Ok(Box::new(Freewheel::new(Format::NATIVE)) as Box<dyn Sink>))?)
}
