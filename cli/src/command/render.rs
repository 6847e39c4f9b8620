//! `sostenuto render`

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use sostenuto_engine::cast::combine;
use sostenuto_engine::inference::{Models, SessionKind, SessionOptions};
use sostenuto_engine::playback::{BlockWriter, Encoding, Format, WavBlocks};
use sostenuto_engine::{EventOptions, Input, Offline, RECIPE_DURATION, Recipe, Utterance};

use super::models;
use crate::args::Render;
use crate::exit::Failure;
use crate::interrupt::on_ctrl_c;
use crate::reading;
use crate::speaking::{self, Speaker};
use crate::text_source::{open_file, unreadable};
use crate::utf8_pieces::{ReadError, Utf8Pieces};

pub(crate) fn run(args: &Render) -> Result<ExitCode, Failure> {
    let _ctrl_c = on_ctrl_c()?;
    let models = models()?;
    let recipe = args.recipe.as_deref().map(Recipe::read).transpose().map_err(Failure::usage)?;
    let (input, speaker) = match &recipe {
        Some(recipe) => {
            let speaker = recipe_speaker(recipe, args, &models)?;
            (Input::Text(recipe.audio_track.script.clone()), speaker)
        }
        None => (input(args)?, speaking::speaker(&args.speaking, &models)?),
    };
    if is_blank(&input) {
        eprintln!("sostenuto: nothing to say");
        return Ok(ExitCode::SUCCESS);
    }
    let kind = args.session.unwrap_or(SessionKind::Quality);
    let voice = models.voice(&speaker.voice, kind)?;
    let readers = Arc::new(reading::readers(&args.reading, super::models()?)?);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.threads.map_or(cores, usize::from);
    let options = SessionOptions { form: args.form.asked(), ..SessionOptions::on_cpu(threads) };
    let session = models.load(kind, &speaker.voice, &options)?.session;
    let Speaker { language, prosody, .. } = speaker;
    let seed = args.seed.unwrap_or_else(|| recipe.as_ref().map_or(0, |recipe| recipe.seed));
    let text = match &input {
        Input::Text(text) | Input::Phonemes(text) => text.clone(),
        Input::Stream(_) => String::new(),
    };
    let (marks, events) = (args.marks.is_some(), EventOptions::default());
    let utterance = Utterance { input, language, voice, prosody, seed, marks, events };
    let limit = args.max_duration.or(recipe.is_some().then_some(RECIPE_DURATION));

    let (samples, synthesis) = Offline::new(session, readers.loader()).synthesize(&utterance, limit)?;
    reading::save(&args.reading, &readers)?;
    if samples.is_empty() && !synthesis.truncated {
        eprintln!("sostenuto: nothing to say");
        return Ok(ExitCode::SUCCESS);
    }
    write_wav(&args.out, &samples, if args.float { Encoding::Float } else { Encoding::Pcm16 })?;
    if let Some(file) = &args.marks {
        file.write(&text, &synthesis.marks, Format::NATIVE.rate)?;
    }
    if synthesis.truncated {
        let seconds = |samples: usize| samples as f64 / f64::from(Format::NATIVE.rate);
        eprintln!(
            "sostenuto: the text is longer than {} s (--max-duration); cut at the end of a word, after {:.2} s",
            limit.unwrap_or_default().as_secs_f64(),
            seconds(synthesis.samples)
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Who speaks a recipe, what was given by hand on top of it.
fn recipe_speaker(recipe: &Recipe, args: &Render, models: &Models) -> Result<Speaker, Failure> {
    let mut part = recipe.part();
    part.prosody = combine(&[part.prosody, speaking::by_hand(&args.speaking)]);
    speaking::speaker_of(&part, &args.speaking, models)
}

/// What to say, read to its end.
fn input(args: &Render) -> Result<Input, Failure> {
    if let Some(phonemes) = &args.what.phonemes {
        return Ok(Input::Phonemes(phonemes.clone()));
    }
    if let Some(text) = &args.what.text {
        return Ok(Input::Text(text.clone()));
    }
    match &args.what.file {
        Some(path) if path.as_os_str() != "-" => whole_text(&path.display().to_string(), open_file(path)?),
        _ => whole_text("standard input", std::io::stdin()),
    }
}

fn whole_text(name: &str, source: impl Read) -> Result<Input, Failure> {
    let text: Result<String, ReadError> = Utf8Pieces::new(source).collect();
    text.map(Input::Text).map_err(|error| unreadable(name, &error))
}

fn is_blank(input: &Input) -> bool {
    match input {
        Input::Text(text) | Input::Phonemes(text) => text.trim().is_empty(),
        Input::Stream(_) => false,
    }
}

fn write_wav(path: &Path, samples: &[f32], encoding: Encoding) -> Result<(), Failure> {
    let mut blocks = WavBlocks::create(path, Format::NATIVE, encoding).map_err(Failure::failed)?;
    blocks.write(samples).and_then(|()| blocks.finish()).map_err(Failure::failed)
}
