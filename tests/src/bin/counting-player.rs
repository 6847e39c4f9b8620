//! Plays counted audio through the whole engine and a sound device, as it is told to on standard input, and tells on
//! standard output what happens. For tests, which need it in a process of its own: where its sound server is, the
//! environment says.
//!
//! `speak SYMBOLS` accepts an utterance of so many symbols of 100 ms, `stop` stops, `close` waits for the end, prints
//! the counters and leaves. Arguments: `--device NAME`, `--patience MS`, `--idle MS`, `--period FRAMES`.

use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Duration;

use sostenuto_engine::{Input, SpeechEvent};
use sostenuto_playback::{Device, DeviceOptions, KeepAlive, Period};
use sostenuto_tests::{Counting, engine_with, utterance};

fn main() -> Result<(), Box<dyn Error>> {
    let mut options = DeviceOptions::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or("an argument has a value")?;
        match name.as_str() {
            "--device" => options.name = Some(value),
            "--patience" => options.patience = Duration::from_millis(value.parse()?),
            "--idle" => options.keep_alive = KeepAlive::For(Duration::from_millis(value.parse()?)),
            "--period" => options.period = Period::Frames(value.parse()?),
            _ => return Err(format!("no argument {name}").into()),
        }
    }
    let engine = engine_with(Box::<Counting>::default())?;
    let opened = engine.open(|clock, transport| {
        Ok(Box::new(Device::open(options.clone(), clock, std::sync::Arc::clone(transport))?))
    });
    let stream = match opened {
        Ok(stream) => stream,
        Err(error) => return tell(&format!("refused {error}")),
    };
    let format = stream.format();
    tell(&format!("opened {} {} {}", format.rate, format.channels, format.period))?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<_> = line.split_whitespace().collect();
        match words[..] {
            ["speak", symbols] => {
                let phonemes = "a".repeat(symbols.parse()?);
                let speech = match stream.speak(utterance(Input::Phonemes(phonemes), 0)) {
                    Ok(speech) => speech,
                    Err(error) => {
                        tell(&format!("failed {error}"))?;
                        continue;
                    }
                };
                std::thread::spawn(move || {
                    if let Some(ttfa) = speech.wait_audible() {
                        let _ = tell(&format!("audible {:.1} ms", ttfa.as_secs_f64() * 1e3));
                    }
                    let _ = match speech.wait().end {
                        SpeechEvent::Finished => tell("finished"),
                        SpeechEvent::Stopped => tell("stopped"),
                        SpeechEvent::Failed { reason } => tell(&format!("failed {reason}")),
                        _ => tell("went on"),
                    };
                });
            }
            ["stop"] => stream.stop(),
            _ => break,
        }
    }
    let stats = stream.stats();
    let closed = stream.close();
    tell(&format!("counters {}", serde_json::to_string(&stats)?))?;
    if let Err(error) = closed {
        tell(&format!("closed {error}"))?;
    }
    Ok(())
}

fn tell(line: &str) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
