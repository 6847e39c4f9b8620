//! Our own sessions, as peers.

use std::io::{BufRead, Write};
use std::sync::Arc;
use std::time::Instant;

use sostenuto_benches::Result;
use sostenuto_engine::inference::norms::NormsChoice;
use sostenuto_engine::inference::{
    DEFAULT_VOICE, Form, Fragment, Models, Prosody, SAMPLE_RATE, SessionKind, SessionOptions, Synthesizer,
};

use crate::child::Spoken;
use crate::inputs::Inputs;

/// Loads the session that the table calls `name`.
fn load(models: &Models, name: &str, threads: usize) -> Result<(SessionKind, Box<dyn Synthesizer>)> {
    let on_cpu = SessionOptions::on_cpu(threads);
    let native = SessionOptions { form: Some(Form::Native), ..on_cpu };
    let predicted = SessionOptions { norms: NormsChoice::Predicted, ..native };
    let (kind, options) = match name {
        "fast" => (SessionKind::Fast, on_cpu),
        "fused" => (SessionKind::Quality, SessionOptions { form: Some(Form::Stock), ..on_cpu }),
        "native" => (SessionKind::Quality, native),
        "native-predicted" => (SessionKind::Quality, predicted),
        "native-int8" => (SessionKind::Quality, SessionOptions { form: Some(Form::NativeInt8), ..on_cpu }),
        _ => return Err(format!("there is no session '{name}'").into()),
    };
    let ready = models.load(kind, DEFAULT_VOICE, &options)?;
    if options.form.is_some_and(|form| form != ready.form) {
        return Err(format!("{name}: {} speaks in its place", ready.form).into());
    }
    Ok((kind, ready.session))
}

/// Speaks the sentences whose numbers come on standard input, one line each.
pub(crate) fn serve(models: &Models, name: &str, threads: usize, inputs: &Inputs) -> Result<()> {
    let (kind, mut session) = match load(models, name, threads) {
        Ok(loaded) => loaded,
        Err(reason) => {
            println!("{reason}");
            return Ok(());
        }
    };
    let voice = models.voice(DEFAULT_VOICE, kind)?;
    let mut stdout = std::io::stdout();
    if name == "native-predicted" && !session.streams(&voice, Prosody::default()) {
        writeln!(stdout, "the norms of {DEFAULT_VOICE} have not been learned on this machine")?;
        return Ok(());
    }
    writeln!(stdout, "ready")?;
    for line in std::io::stdin().lock().lines() {
        let sentence = inputs.sentences.get(line?.trim().parse::<usize>()?).ok_or("no such sentence")?;
        let fragment = Fragment {
            phonemes: sentence.phonemes.clone(),
            voice: Arc::clone(&voice),
            prosody: Prosody::default(),
            seed: 0,
        };
        let started = Instant::now();
        let (mut first, mut samples) = (None, 0);
        session.synthesize(&fragment, &mut |part: &[f32]| {
            first.get_or_insert_with(|| started.elapsed());
            samples += part.len();
        })?;
        let whole = started.elapsed();
        let spoken = Spoken {
            whole_s: whole.as_secs_f64(),
            first_s: first.unwrap_or(whole).as_secs_f64(),
            audio_s: samples as f64 / f64::from(SAMPLE_RATE),
            peak_mb: None,
        };
        writeln!(stdout, "{}", serde_json::to_string(&spoken)?)?;
        stdout.flush()?;
    }
    Ok(())
}
