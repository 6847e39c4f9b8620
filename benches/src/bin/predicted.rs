//! Speaks thirty sentences that no voice learned from with exact and with predicted norms, for judges of speech.
//!
//! ```sh
//! sostenuto models learn --voice af_heart     # and so on, for each voice
//! cargo run --release -p sostenuto-benches --bin predicted -- FOLDER --voices af_heart,am_michael,bf_emma,bm_george
//! python3 scripts/judge_pairs.py FOLDER
//! ```
//!
//! Writes VOICE-NN-exact.wav and VOICE-NN-predicted.wav (float, 24 kHz, silence untrimmed but empty) and pairs.json, an
//! array of [`Pair`]; prints the means of each voice.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser;
use serde::Serialize;
use sostenuto_benches::{Result, machine};
use sostenuto_engine::g2p::{Language, Phonemizer, transcribe};
use sostenuto_engine::inference::assets::Cache;
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
    /// Who speaks; each must have been learned.
    #[arg(long, value_delimiter = ',', default_value = "af_heart,am_michael,bf_emma,bm_george")]
    voices: Vec<String>,
    /// Threads of the sessions.
    #[arg(long, default_value_t = machine::cores())]
    threads: usize,
}

/// One sentence, spoken twice.
#[derive(Serialize)]
struct Pair {
    voice: String,
    exact: String,
    predicted: String,
    text: &'static str,
    /// Whether the second was predicted: a sentence like none that was learned from is not.
    is_predicted: bool,
    figures: Figures,
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
        let session = |norms| -> Result<Box<dyn Synthesizer>> {
            let options =
                SessionOptions { form: Some(Form::Native), norms, ..SessionOptions::on_cpu(args.threads) };
            Ok(models.load(SessionKind::Quality, name, &options)?.session)
        };
        let (mut exact, mut predicted) = (session(NormsChoice::Exact)?, session(NormsChoice::Predicted)?);
        let begin = pairs.len();
        for (n, text) in SENTENCES.lines().enumerate() {
            let phonemes = transcribe(&reader, text).phonemes;
            let (own, _) = speak(exact.as_mut(), &voice, &phonemes)?;
            let (foretold, parts) = speak(predicted.as_mut(), &voice, &phonemes)?;
            let figures = Figures::of(&own, &foretold).ok_or("a sentence is silent")?;
            let files = ["exact", "predicted"].map(|way| format!("{name}-{n:02}-{way}.wav"));
            write(&args.folder.join(&files[0]), &own)?;
            write(&args.folder.join(&files[1]), &foretold)?;
            let [exact, predicted] = files;
            pairs.push(Pair {
                voice: name.clone(),
                exact,
                predicted,
                text,
                is_predicted: parts > 1,
                figures,
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
    let predicted: Vec<&Figures> =
        pairs.iter().filter(|pair| pair.is_predicted).map(|pair| &pair.figures).collect();
    let mean =
        |of: fn(&Figures) -> f32| predicted.iter().map(|f| of(f)).sum::<f32>() / predicted.len() as f32;
    let worst = predicted.iter().map(|figures| figures.log_mel).fold(0.0, f32::max);
    println!(
        "{voice}: {} of {} predicted, log-mel {:.2} dB in the mean, {worst:.2} at worst, level {:+.2} dB in the mean",
        predicted.len(),
        pairs.len(),
        mean(|figures| figures.log_mel),
        mean(|figures| figures.level)
    );
}
