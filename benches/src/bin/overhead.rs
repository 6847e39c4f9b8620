//! Holds what the engine adds to its bar: from the moment at which the session has the first samples of an utterance
//! ready to the moment at which the sink takes the first of them.
//!
//! ```sh
//! cargo run --release -p sostenuto-benches --bin overhead -- [--utterances 200]
//! ```
//!
//! The session is watched from outside (what it hands to the engine), and so is the sink (what the engine hands to its
//! writer), both by the same clock. The fast session hands its samples out while it is still at work, so the bar is
//! held from its first part; counted from the end of the inference, as a session of one part would be, is shown too. On a
//! machine with more work than cores most of it is the pump's wait for a core, which the system tells: beside the whole
//! stands what is left without the wait since the sink was last served.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use clap::Parser;
use sostenuto_benches::bars::{figure, held, quantile};
use sostenuto_benches::watched::{Seen, Watched};
use sostenuto_benches::{Result, machine};
use sostenuto_engine::g2p::Language;
use sostenuto_engine::inference::assets::Cache;
use sostenuto_engine::inference::{
    DEFAULT_VOICE, Models, Prosody, SessionKind, SessionOptions, Synthesizer, Voice,
};
use sostenuto_engine::playback::{BlockWriter, Format, Paced, Sink, SinkError};
use sostenuto_engine::{
    Engine, EngineOptions, EngineStart, EventOptions, Input, Policy, Readers, ReadingOptions, Scheduling,
    SessionSpec, Utterance,
};
use sostenuto_tests::Scatter;

const RATE: u32 = 24_000;
/// The sink's period: that of an ordinary desktop, and of one that was asked to be quick.
const PERIODS_MS: [u32; 2] = [10, 5];
/// The bar: so many periods, and so much more.
const BAR_PERIODS: f64 = 2.0;
const BAR_MS: f64 = 2.0;
const WARM_UP: usize = 5;
/// Longest wait before an utterance, so that they begin anywhere in a period.
const SCATTER_US: usize = 20_000;
const TEXTS: [&str; 6] = [
    "The ferry left the harbour early.",
    "Please close the window behind you.",
    "Nobody knew where the keys were.",
    "Turn left after the stone bridge.",
    "There is bread on the table.",
    "The train stops here at noon.",
];

#[derive(Parser)]
struct Args {
    /// Utterances at each period.
    #[arg(long, default_value_t = 200)]
    utterances: usize,
    /// Run the pump at real-time priority, whatever the machine is.
    #[arg(long)]
    priority: bool,
}

fn main() -> Result<()> {
    let args = Args::parse();
    println!("{}, {} cores, load before {}", machine::processor(), machine::cores(), machine::load());
    let models = Models::new(Cache::of_user()?)?;
    let readers = Arc::new(Readers::new(Models::new(Cache::of_user()?)?, ReadingOptions::default()));
    let voice = models.voice(DEFAULT_VOICE, SessionKind::Fast)?;
    for period_ms in PERIODS_MS {
        let (started, stolen) = (Instant::now(), machine::stolen_seconds());
        let options = SessionOptions::on_cpu(machine::cores());
        let session = models.load(SessionKind::Fast, DEFAULT_VOICE, &options)?.session;
        measure(&args, &readers, &voice, session, period_ms)?;
        if let Some((after, before)) = machine::stolen_seconds().zip(stolen) {
            let had = started.elapsed().as_secs_f64() * machine::cores() as f64;
            figure("the host gave to others", 100.0 * (after - before) / had, "%");
        }
    }
    println!("load after {}", machine::load());
    Ok(())
}

fn measure(
    args: &Args,
    readers: &Arc<Readers>,
    voice: &Arc<Voice>,
    session: Box<dyn Synthesizer>,
    period_ms: u32,
) -> Result<()> {
    let (session, seen) = Watched::over(session);
    let usual = Scheduling::default();
    let scheduling = Scheduling { priority: args.priority || usual.priority, ..usual };
    let options = EngineOptions { policy: Policy::Fast, scheduling, ..EngineOptions::default() };
    let engine: Engine = EngineStart::new(options, readers.loader(), Language::EnUs)?
        .with_sessions(vec![SessionSpec::ready(SessionKind::Fast, session)])?;
    let (sounds, heard) = channel();
    let listens = Arc::new(AtomicBool::new(false));
    let listener = Listener { sounds, listens: Arc::clone(&listens), waited: Duration::ZERO };
    let format = Format { rate: RATE, channels: 1, period: RATE * period_ms / 1_000 };
    let stream = engine.open(|_, _| Ok(Box::new(Paced::into_writer(format, listener)) as Box<dyn Sink>))?;

    let mut scatter = Scatter::new(u64::from(period_ms));
    let (mut from_first_part, mut from_end, mut waits, mut own) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for n in 0..WARM_UP + args.utterances {
        std::thread::sleep(Duration::from_micros(scatter.below(SCATTER_US) as u64));
        listens.store(true, Ordering::Release);
        let utterance = Utterance {
            input: Input::Text(TEXTS[n % TEXTS.len()].to_string()),
            language: Language::EnUs,
            voice: Arc::clone(voice),
            prosody: Prosody::default(),
            seed: n as u64,
            marks: false,
            events: EventOptions::default(),
        };
        let speech = stream.speak(utterance)?;
        let Sound { at: sound, waited } = heard.recv()?;
        let (first_part, end) = loop {
            if let Seen::Ended { first_part, at, .. } = seen.recv()? {
                break (first_part.ok_or("nothing was spoken")?, at);
            }
        };
        stream.stop();
        speech.wait();
        if n >= WARM_UP {
            let whole = ms_between(first_part, sound);
            let waited = waited.as_secs_f64() * 1e3;
            from_first_part.push(whole);
            waits.push(waited);
            own.push(whole - waited.min(whole.max(0.0)));
            from_end.push(ms_between(end, sound));
        }
    }
    stream.close()?;

    println!("period of {period_ms} ms, {} utterances", from_first_part.len());
    let bar = BAR_PERIODS * f64::from(period_ms) + BAR_MS;
    figure("from the first part, p50", quantile(&from_first_part, 0.5), "ms");
    held("from the first part, p99", quantile(&from_first_part, 0.99), "ms", bar);
    figure("from the first part, most", quantile(&from_first_part, 1.0), "ms");
    figure("the pump waited for a core, p99", quantile(&waits, 0.99), "ms");
    held("from the first part, those waits taken off, p99", quantile(&own, 0.99), "ms", bar);
    figure("from the end of the inference, p50", quantile(&from_end, 0.5), "ms");
    held("from the end of the inference, p99", quantile(&from_end, 0.99), "ms", bar);
    Ok(())
}

/// Milliseconds from `a` to `b`, negative where `b` comes first.
fn ms_between(a: Instant, b: Instant) -> f64 {
    1e3 * (b.saturating_duration_since(a).as_secs_f64() - a.saturating_duration_since(b).as_secs_f64())
}

/// The first sample of an utterance.
struct Sound {
    /// When the sink took it.
    at: Instant,
    /// How long the sink's thread waited for a core since the period before.
    waited: Duration,
}

/// Tells when the first sample of an utterance is taken, while it listens.
struct Listener {
    sounds: Sender<Sound>,
    listens: Arc<AtomicBool>,
    /// Of the sink's thread, as of the last period.
    waited: Duration,
}

impl BlockWriter for Listener {
    fn write(&mut self, block: &[f32]) -> std::result::Result<(), SinkError> {
        let now = Instant::now();
        let waited = machine::waited_for_core().unwrap_or_default();
        let waited = waited.saturating_sub(std::mem::replace(&mut self.waited, waited));
        let Some(first) = block.iter().position(|&sample| sample != 0.0) else { return Ok(()) };
        if self.listens.swap(false, Ordering::AcqRel) {
            let at = now + Duration::from_secs_f64(first as f64 / f64::from(RATE));
            // Whoever measures may have seen enough.
            let _ = self.sounds.send(Sound { at, waited });
        }
        Ok(())
    }

    fn finish(&mut self) -> std::result::Result<(), SinkError> {
        Ok(())
    }
}
