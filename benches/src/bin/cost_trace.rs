//! Records what fragments of many sizes cost a session, in random order, as lines of JSON for the cost model's tests.
//!
//! ```sh
//! cargo run --release -p sostenuto-benches --bin cost_trace -- --session quality --threads 2 > FILE.jsonl
//! ```
//!
//! The first line is the [`Header`], each further one a [`Cost`].

use std::error::Error;
use std::io::{Write, stdout};
use std::sync::Arc;
use std::time::Instant;

use clap::Parser;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::Serialize;
use sostenuto_engine::g2p::{English, Language, Phonemizer, transcribe};
use sostenuto_engine::inference::assets::Cache;
use sostenuto_engine::inference::{DEFAULT_VOICE, Fragment, Models, Prosody, SAMPLE_RATE, SessionKind};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Fragments are cut out of this text at words.
const TEXT: &str = "The harbour was quiet when the ferry came in, later than anybody had expected. Two gulls \
    followed it to the pier; the rest had gone inland, where the fields were being ploughed. Nobody on board had \
    slept, and nobody complained. A woman with a green suitcase asked the captain, who had not spoken since \
    midnight, whether the storm was over. He looked at the sky for a long time before he answered: perhaps until \
    Thursday. What would you do with a whole day in a town that you do not know? She bought bread, a map and a \
    second-hand umbrella, and walked up the hill towards the lighthouse. From there one could see both bays, the \
    railway bridge, and a thin line of smoke beyond the islands. It was the sort of morning that people describe in \
    letters, and then forget to send.";

/// The smallest and the largest fragment that is aimed at, in tokens.
const SIZES: (f64, f64) = (6.0, 200.0);

#[derive(Parser)]
struct Args {
    /// Which model speaks.
    #[arg(long, value_name = "quality|fast")]
    session: SessionKind,
    /// Threads of the session.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// How many fragments to speak.
    #[arg(long, default_value_t = 60)]
    fragments: usize,
    /// Chooses the fragments.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What else the machine was doing, for whoever reads the trace.
    #[arg(long, default_value = "")]
    note: String,
}

/// Where and when a trace was recorded.
#[derive(Serialize)]
struct Header<'a> {
    machine: String,
    cores: usize,
    load_before: String,
    note: &'a str,
}

/// What one fragment cost.
#[derive(Serialize)]
struct Cost {
    session: &'static str,
    threads: usize,
    tokens: usize,
    seconds: f64,
    audio_s: f64,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let models = Models::new(Cache::of_user()?)?;
    let mut session = models.session(args.session, DEFAULT_VOICE, args.threads)?;
    let voice = models.voice(DEFAULT_VOICE, args.session)?;
    let phonemizer: Arc<dyn Phonemizer> = Arc::new(English::load(Language::EnUs));
    let text = transcribe(&phonemizer, TEXT).phonemes;
    let words: Vec<&str> = text.split(' ').collect();

    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    line(&Header { machine: processor(), cores, load_before: load(), note: &args.note })?;
    let mut random = ChaCha8Rng::seed_from_u64(args.seed);
    for seed in 0..args.fragments as u64 {
        let phonemes = fragment(&words, &mut random);
        let tokens = phonemes.chars().count();
        let fragment = Fragment { phonemes, voice: Arc::clone(&voice), prosody: Prosody::default(), seed };
        let started = Instant::now();
        let synthesis = session.synthesize(&fragment, &mut |_: &[f32]| {})?;
        let seconds = started.elapsed().as_secs_f64();
        let audio_s = synthesis.samples as f64 / f64::from(SAMPLE_RATE);
        let (session, threads) = (session.name(), args.threads);
        line(&Cost { session, threads, tokens, seconds: round(seconds), audio_s: round(audio_s) })?;
    }
    Ok(())
}

/// A few successive words. Small sizes are as likely as large ones, by ratio.
fn fragment(words: &[&str], random: &mut ChaCha8Rng) -> String {
    let mut uniform = || f64::from(random.next_u32()) / f64::from(u32::MAX);
    let size = SIZES.0 * (SIZES.1 / SIZES.0).powf(uniform());
    let begin = (uniform() * words.len() as f64) as usize;
    let mut phonemes = String::new();
    let mut tokens = 0;
    for word in words.iter().cycle().skip(begin) {
        if !phonemes.is_empty() {
            phonemes.push(' ');
        }
        phonemes.push_str(word);
        tokens += word.chars().count() + 1;
        if tokens as f64 >= size {
            break;
        }
    }
    if !phonemes.ends_with(['.', ',', ';', ':', '?']) {
        phonemes.push('.');
    }
    phonemes
}

/// Microseconds are as fine as a trace needs.
fn round(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

fn line(row: &impl Serialize) -> Result<()> {
    let mut out = stdout().lock();
    serde_json::to_writer(&mut out, row)?;
    writeln!(out)?;
    Ok(())
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    model.map_or("unknown processor", |name| name.trim_start_matches([' ', '\t', ':'])).to_string()
}

/// Processes that wanted to run in the last one, five and fifteen minutes, where the system tells.
fn load() -> String {
    let averages = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    averages.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}
