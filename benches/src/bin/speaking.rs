//! Measures both sessions and the whole corridor on this machine, interleaved, and prints a table.
//!
//! Absolute times are those of the machine; compare what stands in one run.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sostenuto_benches::machine;
use sostenuto_engine::g2p::{English, Language, Phonemizer, transcribe};
use sostenuto_engine::inference::assets::Cache;
use sostenuto_engine::inference::{
    DEFAULT_VOICE, Fragment, Models, Prosody, SAMPLE_RATE, SessionKind, Synthesizer,
};
use sostenuto_engine::playback::{Format, Paced, Sink};
use sostenuto_engine::{
    Engine, EngineOptions, EngineStart, EventOptions, Input, LoadPhonemizer, Stream, Utterance, peak_rss_mb,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SENTENCE: &str = "The quick brown fox jumps over the lazy dog, and the dog did not even wake up.";
const ROUNDS: usize = 7;
const UTTERANCES: usize = 15;
const PERIOD: Format = Format { rate: 24_000, channels: 1, period: 240 };

fn main() -> Result<()> {
    let models = Models::new(Cache::of_user()?)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("machine: {}, {cores} cores", machine::processor());
    println!("sentence: {SENTENCE}");
    println!();
    let phonemizer = g2p()?;
    sessions(&models, &phonemizer, cores)?;
    corridor(&models, cores)?;
    if let Some(peak) = peak_rss_mb() {
        println!("peak memory of this program, which holds up to four sessions: {peak:.0} MB");
    }
    Ok(())
}

/// Times stage 1 alone.
fn g2p() -> Result<Arc<dyn Phonemizer>> {
    let started = Instant::now();
    let phonemizer: Arc<dyn Phonemizer> = Arc::new(English::load(Language::EnUs));
    let load = started.elapsed();
    let times = repeat(30, || {
        transcribe(&phonemizer, SENTENCE);
        Ok(())
    })?;
    println!(
        "g2p: loads in {}, the sentence takes {} (p95 {})",
        ms(load),
        ms(median(&times)),
        ms(p95(&times))
    );
    println!();
    Ok(phonemizer)
}

struct Measured {
    name: String,
    session: Box<dyn Synthesizer>,
    load: Duration,
    whole: Vec<Duration>,
    first: Vec<Duration>,
    audio: f64,
}

/// Times stage 2 alone: every session once per round, so that all see the same machine.
fn sessions(models: &Models, phonemizer: &Arc<dyn Phonemizer>, cores: usize) -> Result<()> {
    let phonemes = transcribe(phonemizer, SENTENCE).phonemes;
    let mut threads = vec![1, cores];
    threads.dedup();
    let mut all = Vec::new();
    for kind in [SessionKind::Fast, SessionKind::Quality] {
        for &threads in &threads {
            let started = Instant::now();
            let session = models.session(kind, DEFAULT_VOICE, threads)?;
            let load = started.elapsed();
            let name = format!("{kind}, {threads} thread{}", if threads == 1 { "" } else { "s" });
            all.push(Measured { name, session, load, whole: Vec::new(), first: Vec::new(), audio: 0.0 });
        }
    }
    for _ in 0..ROUNDS {
        for measured in &mut all {
            let kind =
                if measured.session.name() == "fast" { SessionKind::Fast } else { SessionKind::Quality };
            let voice = models.voice(DEFAULT_VOICE, kind)?;
            let fragment =
                Fragment { phonemes: phonemes.clone(), voice, prosody: Prosody::default(), seed: 0 };
            measured.speak(&fragment)?;
        }
    }
    println!("{:<20} {:>10} {:>12} {:>12} {:>14}", "session", "load", "RTF median", "RTF best", "first part");
    for measured in &all {
        let rtf = |time: Duration| time.as_secs_f64() / measured.audio;
        println!(
            "{:<20} {:>10} {:>12.4} {:>12.4} {:>14}",
            measured.name,
            ms(measured.load),
            rtf(median(&measured.whole)),
            rtf(measured.whole.iter().copied().min().unwrap_or_default()),
            ms(median(&measured.first)),
        );
    }
    println!();
    Ok(())
}

impl Measured {
    fn speak(&mut self, fragment: &Fragment) -> Result<()> {
        let started = Instant::now();
        let mut first = None;
        let mut samples = 0;
        self.session.synthesize(fragment, &mut |part: &[f32]| {
            first.get_or_insert_with(|| started.elapsed());
            samples += part.len();
        })?;
        self.whole.push(started.elapsed());
        self.first.extend(first);
        self.audio = samples as f64 / f64::from(SAMPLE_RATE);
        Ok(())
    }
}

/// Times all three stages, warm, to a sink in real time: from accepting the sentence to its first audible sample.
fn corridor(models: &Models, cores: usize) -> Result<()> {
    println!(
        "{:<20} {:>12} {:>12} {:>12} {:>12}",
        "whole corridor", "TTFA median", "TTFA p95", "underruns", "stop"
    );
    for kind in [SessionKind::Fast, SessionKind::Quality] {
        let load: LoadPhonemizer =
            Arc::new(|language| Ok(Arc::new(English::load(language)) as Arc<dyn Phonemizer>));
        let start = EngineStart::new(EngineOptions::default(), load, Language::EnUs)?;
        let engine = start.with_session(models.session(kind, DEFAULT_VOICE, cores)?)?;
        let sink = || -> Box<dyn Sink> { Box::new(Paced::new(PERIOD)) };
        let stream = engine.open(|_, _| Ok(sink()))?;
        speak_until_audible(models, kind, &stream)?;
        let mut ttfa = Vec::new();
        let mut stop = Vec::new();
        for _ in 0..UTTERANCES {
            let (audible, silent) = speak_until_audible(models, kind, &stream)?;
            ttfa.push(audible);
            stop.push(silent);
        }
        let name = format!("{kind}, {cores} threads");
        let underruns = stream.stats().underruns;
        println!(
            "{name:<20} {:>12} {:>12} {underruns:>12} {:>12}",
            ms(median(&ttfa)),
            ms(p95(&ttfa)),
            ms(median(&stop))
        );
        finish(stream, engine)?;
    }
    println!("  (stop: from the call until its caller knows that the sink is silent)");
    println!();
    Ok(())
}

/// Speaks the sentence, stops it once it is heard, and returns TTFA and how long the stop took.
fn speak_until_audible(models: &Models, kind: SessionKind, stream: &Stream) -> Result<(Duration, Duration)> {
    let voice = models.voice(DEFAULT_VOICE, kind)?;
    let input = Input::Text(SENTENCE.to_string());
    let (language, prosody) = (Language::EnUs, Prosody::default());
    let speech = stream.speak(Utterance {
        input,
        language,
        voice,
        prosody,
        seed: 0,
        marks: false,
        events: EventOptions::default(),
    })?;
    let ttfa = speech.wait_audible().ok_or("the sentence was not heard")?;
    let stopped = Instant::now();
    stream.stop();
    speech.wait();
    Ok((ttfa, stopped.elapsed()))
}

fn finish(stream: Stream, engine: Engine) -> Result<()> {
    stream.close()?;
    drop(engine);
    Ok(())
}

fn repeat(times: usize, mut work: impl FnMut() -> Result<()>) -> Result<Vec<Duration>> {
    (0..times)
        .map(|_| {
            let started = Instant::now();
            work().map(|()| started.elapsed())
        })
        .collect()
}

fn median(times: &[Duration]) -> Duration {
    quantile(times, 0.5)
}

fn p95(times: &[Duration]) -> Duration {
    quantile(times, 0.95)
}

fn quantile(times: &[Duration], q: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * q).round() as usize).copied().unwrap_or_default()
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
