//! Whether memory grows while changing texts are spoken as fast as possible.
//!
//! ```sh
//! cargo run --release -p sostenuto-benches --bin memory_soak -- --minutes 30 --session fast
//! ```
//!
//! Prints the growth after the first minute and its slope, and ends with status 1 where it grew by more than 5 MB.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use sostenuto_engine::g2p::Language;
use sostenuto_engine::inference::assets::Cache;
use sostenuto_engine::inference::{DEFAULT_VOICE, Models, Prosody, SessionKind};
use sostenuto_engine::playback::{Format, Freewheel, Sink};
use sostenuto_engine::{
    Engine, EngineOptions, EngineStart, EventOptions, Input, Readers, ReadingOptions, SpeechEvent, Utterance,
    resident_bytes,
};
use sostenuto_tests::{Scatter, words};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Until then caches and arenas find their size.
const SETTLED: Duration = Duration::from_mins(1);
/// The most that memory may grow after that.
const MOST_BYTES: f64 = 5e6;
const INTERVAL: Duration = Duration::from_secs(1);

#[derive(Parser)]
struct Args {
    /// How long to speak.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(2..))]
    minutes: u64,
    /// Which model speaks.
    #[arg(long, value_name = "quality|fast", default_value = "fast")]
    session: SessionKind,
    /// Threads of the session.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Chooses the texts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What was resident, and when.
struct Sample {
    seconds: f64,
    bytes: f64,
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    resident_bytes().ok_or("this system does not tell how much memory is resident")?;
    let end = AtomicBool::new(false);
    let started = Instant::now();
    let samples = thread::scope(|scope| {
        let sampler = scope.spawn(|| sample(started, &end));
        let spoken = speak(&args, started);
        end.store(true, Ordering::Relaxed);
        sampler.thread().unpark();
        let samples = sampler.join().map_err(|_| "the sampling thread has ended early")?;
        let (utterances, characters) = spoken?;
        println!("{}: {utterances} utterances, {characters} characters", args.session);
        Ok::<_, Box<dyn Error>>(samples)
    })?;
    Ok(if report(&samples)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Looks at what is resident until the `end`.
fn sample(started: Instant, end: &AtomicBool) -> Vec<Sample> {
    let mut samples = Vec::new();
    while !end.load(Ordering::Relaxed) {
        let seconds = started.elapsed().as_secs_f64();
        samples.extend(resident_bytes().map(|bytes| Sample { seconds, bytes: bytes as f64 }));
        thread::park_timeout(INTERVAL);
    }
    samples
}

/// Speaks one text after the other; returns how many, and how many characters in all.
fn speak(args: &Args, started: Instant) -> Result<(u64, usize)> {
    let models = Models::new(Cache::of_user()?)?;
    let voice = models.voice(DEFAULT_VOICE, args.session)?;
    let readers = Arc::new(Readers::new(Models::new(Cache::of_user()?)?, ReadingOptions::default()));
    let engine = engine(&models, args, &readers)?;
    let stream = engine.open(|_, _| Ok(Box::new(Freewheel::new(Format::NATIVE)) as Box<dyn Sink>))?;
    let sentences = words(200_000);
    let sentences: Vec<&str> = sentences.split_inclusive(['.', '!', '?']).map(str::trim).collect();
    let mut scatter = Scatter::new(args.seed);
    let (mut utterances, mut characters) = (0, 0);
    while started.elapsed() < Duration::from_secs(60 * args.minutes) {
        let text = text(&sentences, &mut scatter);
        characters += text.chars().count();
        let speech = stream.speak(Utterance {
            input: Input::Text(text),
            language: Language::EnUs,
            voice: Arc::clone(&voice),
            prosody: Prosody::default(),
            seed: utterances,
            marks: true,
            events: EventOptions::default(),
        })?;
        let outcome = speech.wait();
        if let SpeechEvent::Failed { reason } = outcome.end {
            return Err(reason.into());
        }
        utterances += 1;
    }
    stream.close()?;
    println!("fragment cache at the end: {:.2} MB", readers.cache_bytes() as f64 / 1e6);
    Ok((utterances, characters))
}

fn engine(models: &Models, args: &Args, readers: &Arc<Readers>) -> Result<Engine> {
    let start = EngineStart::new(EngineOptions::default(), readers.loader(), Language::EnUs)?;
    Ok(start.with_session(models.session(args.session, DEFAULT_VOICE, args.threads)?)?)
}

/// One to six sentences, each cut to a part of its words, so that fragments have all sizes, and with a number that
/// makes it new to every cache.
fn text(sentences: &[&str], scatter: &mut Scatter) -> String {
    let mut text = String::new();
    for _ in 0..=scatter.below(6) {
        let words: Vec<&str> = scatter.pick(sentences).split_whitespace().collect();
        let count = 1 + scatter.below(words.len());
        text.push_str(&words[..count].join(" "));
        let number = scatter.below(1_000_000).to_string();
        text.extend([" ", &number, ". "]);
    }
    text
}

/// Prints the growth; tells whether it stayed within bounds.
fn report(samples: &[Sample]) -> Result<bool> {
    let settled: Vec<&Sample> =
        samples.iter().filter(|sample| sample.seconds >= SETTLED.as_secs_f64()).collect();
    let (Some(first), Some(last)) = (settled.first(), settled.last()) else {
        return Err("nothing was measured after the first minute".into());
    };
    let most = settled.iter().map(|sample| sample.bytes).fold(0.0, f64::max);
    let growth = most - first.bytes;
    println!("resident after a minute {:.1} MB, at the end {:.1} MB", first.bytes / 1e6, last.bytes / 1e6);
    println!(
        "growth after the first minute, at most {:.2} MB; slope {:+.3} MB/min",
        growth / 1e6,
        slope(&settled)
    );
    Ok(growth <= MOST_BYTES)
}

/// Least-squares slope in megabytes per minute.
fn slope(samples: &[&Sample]) -> f64 {
    let count = samples.len() as f64;
    let mean_s = samples.iter().map(|sample| sample.seconds).sum::<f64>() / count;
    let mean = samples.iter().map(|sample| sample.bytes).sum::<f64>() / count;
    let both: f64 = samples.iter().map(|sample| (sample.seconds - mean_s) * (sample.bytes - mean)).sum();
    let squares: f64 = samples.iter().map(|sample| (sample.seconds - mean_s).powi(2)).sum();
    both / squares.max(f64::MIN_POSITIVE) * 60.0 / 1e6
}
