//! Prints what a session costs on this machine: load time, first part, synthesis per second of audio, memory.
//!
//! `cargo run --release --example figures -- CACHE fast|quality|rebuild THREADS [FLOAT_MODEL]`
//!
//! CACHE holds `runtime/`, `models/` and `voices/`. `rebuild` writes the float graph to `FLOAT_MODEL`, `quality`
//! reads it from there.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sostenuto_inference::graph::rebuild_float;
use sostenuto_inference::{Distilled, Fragment, Kokoro, Runtime, SAMPLE_RATE, Synthesizer, Twin, Voice};

const SHORT: &str = "həlˈO ðˈɛɹ";
const SENTENCE: &str =
    "ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps ˈOvəɹ ðə lˈAzi dˈɔɡ, ænd ðə dˈɔɡ dˈɪd nˌɑt ˈivən wˈAk ˌʌp.";
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [cache, kind, threads, rest @ ..] = arguments.as_slice() else {
        return Err("usage: figures CACHE fast|quality|rebuild THREADS [FLOAT_MODEL]".into());
    };
    let (cache, threads) = (Path::new(cache), threads.parse()?);
    let float_model = rest.first().ok_or("which float model?").map(Path::new);
    let voice = Arc::new(Voice::load(&cache.join("voices/af_heart.bin"))?);
    match kind.as_str() {
        "rebuild" => {
            let int8 = std::fs::read(cache.join("models/kokoro-v1.0.int8.onnx"))?;
            let start = Instant::now();
            let (float, report) = rebuild_float(&int8)?;
            println!("rebuilt in {:.2?}: {} bytes, {report:?}", start.elapsed(), float.len());
            std::fs::write(float_model?, float)?;
        }
        "fast" => {
            let start = Instant::now();
            let runtime = load_runtime(cache)?;
            let twin = Twin::of(voice.name()).ok_or("no twin")?;
            let mut session =
                Distilled::load(&runtime, twin, &cache.join("models").join(twin.model), threads)?;
            println!("loaded in {:.1?}, runtime included", start.elapsed());
            session.warm_up()?;
            println!("loaded and warm after {:.1?}", start.elapsed());
            measure(&mut session, &voice)?;
        }
        "quality" => {
            let runtime = load_runtime(cache)?;
            let start = Instant::now();
            let mut session = Kokoro::load(&runtime, float_model?, threads)?;
            println!("loaded in {:.1?}", start.elapsed());
            session.warm_up()?;
            println!("loaded and warm after {:.1?}", start.elapsed());
            measure(&mut session, &voice)?;
        }
        other => return Err(format!("{other} is no session").into()),
    }
    println!("peak resident memory: {}", status("VmHWM")?);
    println!("resident memory: {}", status("VmRSS")?);
    Ok(())
}

fn load_runtime(cache: &Path) -> Result<Runtime, Box<dyn Error>> {
    let library = std::fs::read_dir(cache.join("runtime"))?.next().ok_or("no runtime")??;
    let runtime = Runtime::load(&library.path())?;
    println!("ONNX Runtime {} ({})", runtime.version().unwrap_or("of unknown version"), runtime.build());
    Ok(runtime)
}

fn measure(session: &mut dyn Synthesizer, voice: &Arc<Voice>) -> Result<(), Box<dyn Error>> {
    for phonemes in [SHORT, SENTENCE] {
        let fragment = Fragment { phonemes: phonemes.into(), voice: Arc::clone(voice), speed: 1.0, seed: 1 };
        let (mut best, mut first_part) = (Duration::MAX, Duration::MAX);
        let (mut produced, mut kept, mut parts) = (0, 0, 0);
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let mut first = None;
            parts = 0;
            let synthesis = session.synthesize(&fragment, &mut |_: &[f32]| {
                first.get_or_insert_with(|| start.elapsed());
                parts += 1;
            })?;
            best = best.min(start.elapsed());
            first_part = first_part.min(first.unwrap_or_default());
            kept = synthesis.samples;
            produced = synthesis.durations.iter().sum::<u32>() as usize;
        }
        let seconds = |samples: usize| samples as f64 / f64::from(SAMPLE_RATE);
        println!(
            "{:3} tokens: {:.2} s of audio, {:.2} s of it kept; best of {ROUNDS}: {best:.2?}, RTF {:.4}; first part after {first_part:.2?}, {parts} parts",
            phonemes.chars().count(),
            seconds(produced),
            seconds(kept),
            best.as_secs_f64() / seconds(produced),
        );
    }
    Ok(())
}

fn status(field: &str) -> Result<String, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(field)).ok_or("no such figure")?;
    Ok(line[field.len() + 1..].trim().to_owned())
}
