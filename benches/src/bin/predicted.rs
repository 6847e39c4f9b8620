//! Speaks thirty sentences that no voice learned from with exact and with predicted norms, or in float and in integers, for
//! judges of speech.
//!
//! ```sh
//! sostenuto models learn --voice af_heart     # and so on, for each voice
//! cargo run --release -p sostenuto-benches --bin predicted -- FOLDER --voices af_heart,am_michael,bf_emma,bm_george
//! cargo run --release -p sostenuto-benches --bin predicted -- FOLDER --int8
//! python3 scripts/judge_pairs.py FOLDER
//! ```
//!
//! Writes VOICE-NN-exact.wav and VOICE-NN-predicted.wav or VOICE-NN-int8.wav (float, 24 kHz, silence untrimmed but empty)
//! and pairs.json, an array of [`Pair`]; prints the means of each voice.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser;
use serde::Serialize;
use sostenuto_benches::{Result, machine};
use sostenuto_engine::g2p::{Language, Phonemizer, transcribe};
use sostenuto_engine::inference::assets::Cache;
use sostenuto_engine::inference::graph::agreement::log_spectral_distance;
use sostenuto_engine::inference::norms::{Figures, NormsChoice};
use sostenuto_engine::inference::{
    Form, Fragment, Models, Prosody, SessionKind, SessionOptions, Synthesizer, Voice,
};
use sostenuto_engine::playback::{BlockWriter, Encoding, Format, WavBlocks};
use sostenuto_engine::{Readers, ReadingOptions};

/// One a line.
const SENTENCES: &str = include_str!("../unseen.txt");

#[derive(Parser)]
struct Args {
    /// Where to write.
    folder: PathBuf,
    /// Who speaks; each must have been learned, unless in integers.
    #[arg(long, value_delimiter = ',', default_value = "af_heart,am_michael,bf_emma,bm_george")]
    voices: Vec<String>,
    /// Compare with the form in integers, with exact norms, instead of predicted ones.
    #[arg(long)]
    int8: bool,
    /// Threads of the sessions.
    #[arg(long, default_value_t = machine::cores())]
    threads: usize,
}

/// One sentence, spoken twice.
#[derive(Serialize)]
struct Pair {
    voice: String,
    exact: String,
    other: String,
    /// What the other is: `predicted` or `int8`.
    way: &'static str,
    text: &'static str,
    /// Whether the second was predicted: a sentence like none that was learned from is not.
    is_predicted: bool,
    figures: Figures,
    log_spectral: f32,
}

fn main() -> Result<()> {
    let args = Args::parse();
    std::fs::create_dir_all(&args.folder)?;
    let models = Models::new(Cache::of_user()?)?;
    let readers = Readers::new(Models::new(Cache::of_user()?)?, ReadingOptions::default());
    let mut pairs = Vec::new();
    for name in &args.voices {
        let voice = models.voice(name, SessionKind::Quality)?;
        let language = voice.language().unwrap_or_default().parse().unwrap_or(Language::EnUs);
        let reader: Arc<dyn Phonemizer> = Arc::new(readers.reader(language)?);
        let session = |form, norms| -> Result<Box<dyn Synthesizer>> {
            let options = SessionOptions { form: Some(form), norms, ..SessionOptions::on_cpu(args.threads) };
            Ok(models.load(SessionKind::Quality, name, &options)?.session)
        };
        let mut exact = session(Form::Native, NormsChoice::Exact)?;
        let (way, mut other) = if args.int8 {
            ("int8", session(Form::NativeInt8, NormsChoice::Exact)?)
        } else {
            ("predicted", session(Form::Native, NormsChoice::Predicted)?)
        };
        let begin = pairs.len();
        for (n, text) in SENTENCES.lines().enumerate() {
            let phonemes = transcribe(&reader, text).phonemes;
            let (own, _) = speak(exact.as_mut(), &voice, &phonemes)?;
            let (others, parts) = speak(other.as_mut(), &voice, &phonemes)?;
            let figures = Figures::of(&own, &others).ok_or("a sentence is silent")?;
            let log_spectral = log_spectral_distance(&own, &others).ok_or("a sentence is silent")?;
            let files = ["exact", way].map(|way| format!("{name}-{n:02}-{way}.wav"));
            write(&args.folder.join(&files[0]), &own)?;
            write(&args.folder.join(&files[1]), &others)?;
            let [exact, other] = files;
            pairs.push(Pair {
                voice: name.clone(),
                exact,
                other,
                way,
                text,
                is_predicted: parts > 1,
                figures,
                log_spectral,
            });
        }
        print(name, &pairs[begin..]);
    }
    std::fs::write(args.folder.join("pairs.json"), serde_json::to_string_pretty(&pairs)? + "\n")?;
    Ok(())
}

/// The sentence at its full length, empty where silence was trimmed, and in how many parts it came.
fn speak(session: &mut dyn Synthesizer, voice: &Arc<Voice>, phonemes: &str) -> Result<(Vec<f32>, usize)> {
    let fragment = Fragment {
        phonemes: phonemes.to_owned(),
        voice: Arc::clone(voice),
        prosody: Prosody::default(),
        seed: 0,
    };
    let (mut spoken, mut parts) = (Vec::new(), 0);
    let synthesis = session.synthesize(&fragment, &mut |part: &[f32]| {
        spoken.extend_from_slice(part);
        parts += 1;
    })?;
    let mut samples = vec![0.0; synthesis.trimmed_lead];
    samples.append(&mut spoken);
    samples.resize(samples.len() + synthesis.trimmed_tail, 0.0);
    Ok((samples, parts))
}

fn write(path: &Path, samples: &[f32]) -> Result<()> {
    let mut wav = WavBlocks::create(path, Format::NATIVE, Encoding::Float)?;
    wav.write(samples)?;
    wav.finish()?;
    Ok(())
}

fn print(voice: &str, pairs: &[Pair]) {
    let told: Vec<&Pair> = pairs.iter().filter(|pair| pair.is_predicted || pair.way == "int8").collect();
    let mean = |of: fn(&Pair) -> f32| told.iter().map(|pair| of(pair)).sum::<f32>() / told.len() as f32;
    let worst = told.iter().map(|pair| pair.figures.log_mel).fold(0.0, f32::max);
    println!(
        "{voice}: {} of {} {}, log-mel {:.2} dB in the mean, {worst:.2} at worst, log-spectral {:.2} dB, level {:+.2} dB",
        told.len(),
        pairs.len(),
        told.first().map_or("told", |pair| pair.way),
        mean(|pair| pair.figures.log_mel),
        mean(|pair| pair.log_spectral),
        mean(|pair| pair.figures.level)
    );
}
