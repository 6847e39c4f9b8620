//! Our own sessions, as peers.

use std::io::{BufRead, Write};
use std::sync::Arc;
use std::time::Instant;

use sostenuto_benches::Result;
use sostenuto_engine::inference::{
    DEFAULT_VOICE, Fragment, Models, Prosody, SAMPLE_RATE, SessionKind, Synthesizer,
};

use crate::child::Spoken;
use crate::inputs::Inputs;

/// Loads the session that the table calls `name`: `fast`, or a variant of the quality session.
fn load(models: &Models, name: &str, threads: usize) -> Result<(SessionKind, Box<dyn Synthesizer>)> {
    Ok(match name {
        "fast" => (SessionKind::Fast, models.session(SessionKind::Fast, DEFAULT_VOICE, threads)?),
        variant => {
            (SessionKind::Quality, Box::new(models.quality_session(variant.parse()?, threads)?) as Box<_>)
        }
    })
}

/// Speaks the sentences whose numbers come on standard input, one line each.
pub(crate) fn serve(models: &Models, name: &str, threads: usize, inputs: &Inputs) -> Result<()> {
    let (kind, mut session) = load(models, name, threads)?;
    let voice = models.voice(DEFAULT_VOICE, kind)?;
    let mut stdout = std::io::stdout();
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
