//! `sostenuto say`

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use sostenuto_engine::g2p::{Language, given_phonemes};
use sostenuto_engine::governor::MemoryLimits;
use sostenuto_engine::inference::Voice;
use sostenuto_engine::playback::{
    Device, DeviceOptions, Encoding, Format, Freewheel, Paced, Period, Sink, SinkError, Wav, WavBlocks,
};
use sostenuto_engine::{
    Engine, EngineError, EngineOptions, EngineStart, EventOptions, Input, Outcome, Readers, SpeechEvent,
    Stream, TextWriter, Utterance,
};

use super::models;
use crate::args::{Say, SinkChoice};
use crate::events_file::EventsFile;
use crate::exit::{Failure, INTERRUPTED};
use crate::interrupt::{CtrlC, on_ctrl_c};
use crate::marks_file::KeptText;
use crate::reading;
use crate::sessions::Sessions;
use crate::speaking::{self, Speaker};
use crate::stats::Stats;
use crate::text_source::{open_file, unreadable};
use crate::utf8_pieces::{ReadError, Utf8Pieces};

/// Events that may wait for whoever reads them, such as a program behind a pipe: about ten minutes of words.
const UNREAD: usize = 2_000;
/// Written where there is neither a sound device nor a file asked for.
const FALLBACK: &str = "speech.wav";

/// What will be spoken, checked as far as it can be before anything is loaded.
enum Text {
    Whole(String),
    Phonemes(String),
    /// A text that can be read once: the pieces up to the first that is not blank, and the rest.
    Source {
        name: String,
        begin: String,
        rest: Utf8Pieces<Box<dyn Read + Send>>,
    },
}

/// Speaks what `args` ask for, in a program that has `started` then.
pub(crate) fn run(args: &Say, started: Instant) -> Result<ExitCode, Failure> {
    let ctrl_c = on_ctrl_c()?;
    check_sink(args)?;
    let memory = args.memory.limits()?;
    let Some(text) = text(args)? else {
        eprintln!("sostenuto: nothing to say");
        return Ok(ExitCode::SUCCESS);
    };
    let events = args.events.as_deref().map(EventsFile::create).transpose()?;
    let models = models()?;
    let speaker = speaking::speaker(&args.speaking, &models)?;
    let sessions = Sessions::choose(models, &args.sessions, &speaker.voice, listener_waits(args));
    let voice = sessions.models().voice(&speaker.voice, sessions.voice_kind())?;
    sessions.require()?;

    let readers = Arc::new(reading::readers(&args.reading, super::models()?)?);
    let engine = start(args, &sessions, speaker.language, memory, &readers)?;
    let stream = open(&engine, args)?;
    ctrl_c.watch(&stream);
    stream.set_volume(args.volume);
    stream.set_rate(args.rate);
    let kept = KeptText::new(args.marks.is_some() || args.events.is_some());
    let accepted_after = started.elapsed();
    let (outcome, unreadable) = speak(&ctrl_c, &stream, text, &kept, voice, &speaker, events, args)?;
    let format = stream.format();
    let stats = stream.stats();
    let closed = stream.close();
    if ctrl_c.was_pressed() {
        return Ok(ExitCode::from(INTERRUPTED));
    }
    closed?;
    reading::save(&args.reading, &readers)?;
    if let Some(file) = &args.marks {
        kept.read(|text| file.write(text, &outcome.marks, format.rate))?;
    }
    if let Some(path) = &args.stats {
        Stats::new(&engine, sessions.speaks_as(), &outcome, accepted_after, &stats, format).write(path)?;
    }
    if matches!(outcome.end, SpeechEvent::Failed { .. })
        && let Some(failure) = sessions.failure()
    {
        return Err(failure);
    }
    conclude(&outcome, unreadable)
}

/// Whether the sink takes its time, as somebody does who listens.
fn listener_waits(args: &Say) -> bool {
    !matches!((args.sink, &args.out), (Some(SinkChoice::Freewheel), _) | (None, Some(_)))
}

fn check_sink(args: &Say) -> Result<(), Failure> {
    if args.out.is_some() && (args.sink == Some(SinkChoice::Device) || args.device.is_some()) {
        return Err(Failure::usage(
            "--out writes a file, and a sound device does not: leave one of them out",
        ));
    }
    if args.device.is_some() && !matches!(args.sink, None | Some(SinkChoice::Device)) {
        return Err(Failure::usage(
            "--device names a sound device: leave --sink out, or choose --sink device",
        ));
    }
    Ok(())
}

/// What to say, or `None` when there is nothing in it.
fn text(args: &Say) -> Result<Option<Text>, Failure> {
    if let Some(phonemes) = &args.what.phonemes {
        let clauses = given_phonemes(phonemes).map_err(Failure::usage)?;
        return Ok((!clauses.is_empty()).then(|| Text::Phonemes(phonemes.clone())));
    }
    if let Some(text) = &args.what.text {
        return Ok((!text.trim().is_empty()).then(|| Text::Whole(text.clone())));
    }
    match &args.what.file {
        Some(path) if path.as_os_str() != "-" => {
            check_file(path)?;
            first_text(path.display().to_string(), Box::new(open_file(path)?))
        }
        _ => first_text("standard input".to_string(), Box::new(std::io::stdin())),
    }
}

/// Reads up to the first piece that is not blank; `None` where there is none. The blanks before it are let go, so
/// that they cannot fill the memory.
fn first_text(name: String, source: Box<dyn Read + Send>) -> Result<Option<Text>, Failure> {
    let mut rest = Utf8Pieces::new(source);
    for piece in rest.by_ref() {
        let begin = piece.map_err(|error| unreadable(&name, &error))?;
        if !begin.trim().is_empty() {
            return Ok(Some(Text::Source { name, begin, rest }));
        }
    }
    Ok(None)
}

/// Reads a file through once, so that a byte that is no text is found before anything is spoken. What is not a file,
/// such as a pipe, can be read only once, and is left alone.
fn check_file(path: &Path) -> Result<(), Failure> {
    if path.is_file() {
        for piece in Utf8Pieces::new(open_file(path)?) {
            piece.map_err(|error| unreadable(&path.display().to_string(), &error))?;
        }
    }
    Ok(())
}

/// Starts the engine; the lexicon and the sessions are loaded side by side.
fn start(
    args: &Say,
    sessions: &Sessions,
    language: Language,
    memory: MemoryLimits,
    readers: &Arc<Readers>,
) -> Result<Engine, Failure> {
    let scheduling = args.sessions.scheduling();
    let mut options = EngineOptions { scheduling, policy: sessions.policy, ..EngineOptions::default() };
    options.memory = memory;
    options.resampling = args.resampling.into();
    options.budget.opening = sessions.opening.unwrap_or(options.budget.opening);
    let start = EngineStart::new(options, readers.loader(), language)?.with_readers(Arc::clone(readers));
    Ok(start.with_sessions(sessions.specs())?)
}

fn open(engine: &Engine, args: &Say) -> Result<Stream, Failure> {
    let encoding = if args.float { Encoding::Float } else { Encoding::Pcm16 };
    let wav = |path: &Path| engine.open(|_, _| Ok(boxed(Wav::create(path, Format::NATIVE, encoding)?)));
    let device = || {
        engine.open(|clock, transport| {
            Ok(boxed(Device::open(device_options(args), clock, Arc::clone(transport))?))
        })
    };
    let opened = match (args.sink, &args.out) {
        (None | Some(SinkChoice::Freewheel), Some(path)) => wav(path),
        (Some(SinkChoice::Freewheel), None) => engine.open(|_, _| Ok(boxed(Freewheel::new(Format::NATIVE)))),
        (Some(SinkChoice::Paced), Some(path)) => engine
            .open(|_, _| Ok(boxed(Paced::into_writer(PACED, WavBlocks::create(path, PACED, encoding)?)))),
        (Some(SinkChoice::Paced), None) => engine.open(|_, _| Ok(boxed(Paced::new(PACED)))),
        (Some(SinkChoice::Device), _) => device(),
        (None, None) => match device() {
            Err(EngineError::Sink(SinkError::NoDevice { reason })) if args.device.is_none() => {
                eprintln!("sostenuto: no sound device ({reason}); writing {FALLBACK}");
                wav(Path::new(FALLBACK))
            }
            opened => opened,
        },
    };
    opened.map_err(|error| match error {
        EngineError::Sink(SinkError::UnknownDevice { .. }) => Failure::usage(error),
        other => Failure::failed(other),
    })
}

/// What the arguments ask of the device.
fn device_options(args: &Say) -> DeviceOptions {
    let by_default = DeviceOptions::default();
    DeviceOptions {
        name: args.device.clone(),
        period: args.buffer_ms.map_or(by_default.period, Period::Time),
        patience: args.device_patience.unwrap_or(by_default.patience),
        ..by_default
    }
}

/// A sound card's usual period.
const PACED: Format = Format { rate: 24_000, channels: 1, period: 240 };

fn boxed(sink: impl Sink + 'static) -> Box<dyn Sink> {
    Box::new(sink)
}

/// Speaks, tells of what is heard, and waits. Also returns what made the text end early, if anything did.
#[expect(clippy::too_many_arguments, reason = "all of it is what was asked for and what it needs")]
fn speak(
    ctrl_c: &CtrlC,
    stream: &Stream,
    text: Text,
    kept: &KeptText,
    voice: Arc<Voice>,
    speaker: &Speaker,
    events: Option<EventsFile>,
    args: &Say,
) -> Result<(Outcome, Option<Failure>), Failure> {
    let mut feeder = None;
    let input = match text {
        Text::Whole(text) => {
            kept.keep(&text);
            Input::Text(text)
        }
        Text::Phonemes(phonemes) => {
            kept.keep(&phonemes);
            Input::Phonemes(phonemes)
        }
        Text::Source { name, begin, rest } => {
            let (writer, reader) = stream.text();
            feeder = Some(feed(writer, kept.clone(), name, begin, rest)?);
            Input::Stream(reader)
        }
    };
    let &Speaker { language, prosody, .. } = speaker;
    let speech = stream.speak(Utterance {
        input,
        language,
        voice,
        prosody,
        seed: args.seed,
        marks: args.marks.is_some(),
        events: EventOptions { marks: events.is_some(), unread: UNREAD },
    })?;
    if ctrl_c.was_pressed() {
        // It came before there was anything to stop.
        stream.stop();
    }
    if let Some(events) = events {
        events.follow(&speech, kept, stream.format().rate)?;
    }
    let outcome = speech.wait();
    let unreadable = feeder.and_then(|failure: Receiver<Failure>| failure.try_recv().ok());
    Ok((outcome, unreadable))
}

/// Writes a text into the utterance on a thread of its own. What ends it early comes through the channel.
fn feed(
    writer: TextWriter,
    kept: KeptText,
    name: String,
    begin: String,
    rest: impl Iterator<Item = Result<String, ReadError>> + Send + 'static,
) -> Result<Receiver<Failure>, Failure> {
    let (failed, failure) = channel();
    std::thread::Builder::new().name("text".to_string()).spawn(move || {
        for piece in std::iter::once(Ok(begin)).chain(rest) {
            match piece {
                Ok(piece) => {
                    kept.keep(&piece);
                    if writer.write(piece).is_err() {
                        return;
                    }
                }
                Err(error) => {
                    // The receiver waits for the end of the text, which is the end of this thread.
                    let _ = failed.send(unreadable(&name, &error));
                    return;
                }
            }
        }
    })?;
    Ok(failure)
}

fn conclude(outcome: &Outcome, unreadable: Option<Failure>) -> Result<ExitCode, Failure> {
    if let Some(failure) = unreadable {
        return Err(failure);
    }
    if outcome.dropped_symbols > 0 {
        tracing::info!(dropped = outcome.dropped_symbols, "symbols that cannot be read were left out");
    }
    match &outcome.end {
        SpeechEvent::Failed { reason } => Err(Failure::failed(reason)),
        _ if outcome.failed_fragments > 0 => Err(Failure::failed(format_args!(
            "{} fragments could not be spoken; the rest was",
            outcome.failed_fragments
        ))),
        _ if outcome.fragments == 0 => {
            eprintln!("sostenuto: nothing to say");
            Ok(ExitCode::SUCCESS)
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}
