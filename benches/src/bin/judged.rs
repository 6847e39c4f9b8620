//! Speaks twenty sentences with the quality session, the fast session and both, for judges of speech.
//!
//! ```sh
//! cargo run --release -p sostenuto-benches --bin judged -- FOLDER
//! python3 scripts/judge_speech.py FOLDER
//! ```
//!
//! Writes POLICY-NN.wav (float, 24 kHz) and speech.json, an array of [`Take`]. With both sessions it speaks in real
//! time, since time decides which of them speaks; the longer the machine has nothing else to do, the more is spoken by
//! the quality session. One session alone speaks as fast as it can.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Parser;
use serde::Serialize;
use sostenuto_benches::watched::{Seen, Watched};
use sostenuto_benches::{Result, machine};
use sostenuto_engine::g2p::Language;
use sostenuto_engine::inference::assets::Cache;
use sostenuto_engine::inference::{DEFAULT_VOICE, Models, Prosody, SessionKind, SessionOptions};
use sostenuto_engine::playback::{
    BlockWriter, Encoding, Format, Freewheel, Paced, Sink, SinkError, WavBlocks,
};
use sostenuto_engine::{
    Engine, EngineOptions, EngineStart, EventOptions, Input, MarkKind, Outcome, Policy, Readers,
    ReadingOptions, SessionSpec, Stream, Utterance,
};

const SENTENCES: [&str; 20] = [
    "The harbour was quiet when the ferry came in, later than anybody had expected.",
    "Two gulls followed it to the pier, and the rest had gone inland, where the fields were wet.",
    "Nobody on board had slept, nobody complained, and the captain did not say a word.",
    "What would you do with a whole day in a town that you do not know, when it rains?",
    "Please turn left after the church, and then follow the narrow road down to the river.",
    "She bought bread, a map and a large umbrella, and walked up the hill towards the castle.",
    "It is raining again, so we will meet inside the station.",
    "The meeting starts at nine, so bring your own coffee, and leave your telephone at the door.",
    "He looked at the sky for a long time, and then he answered that the storm was over.",
    "If the window is open, the papers on the table will not stay there for very long.",
    "Seventeen ships left the bay before the storm, but only four of them came back that week.",
    "From there one could see both bays, the old railway bridge, and a thin line of smoke beyond the islands.",
    "Your battery is almost empty, and the next place to charge it is far away.",
    "That is wonderful news, and I hope that you will tell everybody about it.",
    "Mix the flour with the butter, add three eggs, and let the dough rest for an hour.",
    "The judge asked whether anybody had seen the letter, and nobody in the room stood up.",
    "Every evening my father walked the dog around the lake, in summer and in winter, until he was very old.",
    "Some questions have no answer, however often they are asked, and this was one of them.",
    "Wait a moment, there is somebody at the door, and I think that it is your brother.",
    "It was the sort of morning that people describe in letters, and then they forget to send them.",
];
/// A sound card's usual period.
const PACED: Format = Format { rate: 24_000, channels: 1, period: 240 };
/// So much of a fragment is looked for in what was heard.
const KEY: usize = 1_200;

#[derive(Parser)]
struct Args {
    /// Where to write.
    folder: PathBuf,
}

/// One sentence as it was spoken.
#[derive(Serialize)]
struct Take {
    file: String,
    policy: Policy,
    sentence: usize,
    text: &'static str,
    rate: u32,
    underruns: u64,
    words: Vec<Word>,
    fragments: Vec<Place>,
}

/// A word mark, in samples of the file.
#[derive(Serialize)]
struct Word {
    text: &'static str,
    begin: u64,
    end: u64,
}

/// Where a fragment is, in samples of the file.
#[derive(Clone, Copy, Serialize)]
struct Place {
    session: &'static str,
    begin: usize,
    end: usize,
}

fn main() -> Result<()> {
    let args = Args::parse();
    std::fs::create_dir_all(&args.folder)?;
    println!("{} cores, load before {}", machine::cores(), machine::load());
    let models = Models::new(Cache::of_user()?)?;
    let readers = Arc::new(Readers::new(Models::new(Cache::of_user()?)?, ReadingOptions::default()));
    let mut takes = Vec::new();
    for policy in [Policy::Quality, Policy::Fast, Policy::Hybrid] {
        let studio = Studio::new(&models, &readers, policy)?;
        // The first of all is slower than the rest.
        studio.take(0, &args.folder)?;
        for sentence in 0..SENTENCES.len() {
            takes.push(studio.take(sentence, &args.folder)?);
        }
        println!("{policy}: load after {}", machine::load());
    }
    std::fs::write(args.folder.join("speech.json"), serde_json::to_string_pretty(&takes)? + "\n")?;
    Ok(())
}

/// An engine whose sessions are watched.
struct Studio<'a> {
    models: &'a Models,
    policy: Policy,
    engine: Engine,
    watched: Vec<(&'static str, Receiver<Seen>)>,
}

impl<'a> Studio<'a> {
    fn new(models: &'a Models, readers: &Arc<Readers>, policy: Policy) -> Result<Self> {
        let kinds: &[SessionKind] = match policy {
            Policy::Hybrid => &[SessionKind::Fast, SessionKind::Quality],
            Policy::Fast => &[SessionKind::Fast],
            Policy::Quality | Policy::Twin => &[SessionKind::Quality],
        };
        let (mut specs, mut watched) = (Vec::new(), Vec::new());
        for &kind in kinds {
            let session =
                models.load(kind, DEFAULT_VOICE, &SessionOptions::on_cpu(machine::cores()))?.session;
            let (session, seen) = Watched::over(session);
            specs.push(SessionSpec::ready(kind, session));
            watched.push((kind.name(), seen));
        }
        let options = EngineOptions { policy, ..EngineOptions::default() };
        let engine = EngineStart::new(options, readers.loader(), Language::EnUs)?.with_sessions(specs)?;
        Ok(Self { models, policy, engine, watched })
    }

    fn take(&self, sentence: usize, folder: &Path) -> Result<Take> {
        let text = SENTENCES[sentence];
        let tape = Tape::default();
        let (recorder, waits) = (tape.clone(), self.policy == Policy::Hybrid);
        let stream = self.engine.open(move |_, _| {
            Ok(if waits {
                Box::new(Paced::into_writer(PACED, recorder)) as Box<dyn Sink>
            } else {
                Box::new(Freewheel::into_writer(Format::NATIVE, recorder))
            })
        })?;
        let outcome = self.speak(&stream, text)?;
        let underruns = stream.stats().underruns;
        stream.close()?;
        if outcome.failed_fragments > 0 {
            return Err(format!("a fragment was not spoken: {text}").into());
        }
        let samples = tape.samples();
        let fragments = self.places(&samples)?;
        let begin = fragments.first().ok_or("nothing was spoken")?.begin as u64;
        let is_word = |mark: &&sostenuto_engine::Mark| mark.kind == MarkKind::Word;
        let word = |mark: &sostenuto_engine::Mark| Word {
            text: &text[mark.text.clone()],
            begin: begin + mark.samples.start,
            end: begin + mark.samples.end,
        };
        let words = outcome.marks.iter().filter(is_word).map(word).collect();
        let file = format!("{}-{sentence:02}.wav", self.policy);
        let mut wav = WavBlocks::create(&folder.join(&file), PACED, Encoding::Float)?;
        wav.write(&samples)?;
        wav.finish()?;
        Ok(Take { file, policy: self.policy, sentence, text, rate: PACED.rate, underruns, words, fragments })
    }

    fn speak(&self, stream: &Stream, text: &str) -> Result<Outcome> {
        let voice = self.models.voice(DEFAULT_VOICE, SessionKind::Quality)?;
        let (input, prosody) = (Input::Text(text.to_string()), Prosody::default());
        let language = Language::EnUs;
        Ok(stream
            .speak(Utterance {
                input,
                language,
                voice,
                prosody,
                seed: 0,
                marks: true,
                events: EventOptions::default(),
            })?
            .wait())
    }

    /// Where in `heard` the fragments are that were spoken whole since the last time.
    fn places(&self, heard: &[f32]) -> Result<Vec<Place>> {
        let mut spoken = Vec::new();
        for (session, seen) in &self.watched {
            for seen in seen.try_iter() {
                if let Seen::Ended { was_spoken: true, samples, .. } = seen {
                    spoken.push((*session, samples));
                }
            }
        }
        let mut places: Vec<Place> = Vec::new();
        for (session, samples) in spoken {
            let begin = find(heard, &samples).ok_or("a fragment is not in what was heard")?;
            places.push(Place { session, begin, end: begin + samples.len() });
        }
        places.sort_by_key(|place| place.begin);
        Ok(places)
    }
}

/// Where `fragment` begins in `heard`, whatever the volume: where its loudest part correlates best.
fn find(heard: &[f32], fragment: &[f32]) -> Option<usize> {
    let energy = |samples: &[f32]| samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>();
    let loudest = |a: &usize, b: &usize| {
        energy(&fragment[*a..fragment.len().min(a + KEY)])
            .total_cmp(&energy(&fragment[*b..fragment.len().min(b + KEY)]))
    };
    let from = (0..fragment.len()).step_by(KEY).max_by(loudest)?;
    let key = &fragment[from..fragment.len().min(from + KEY)];
    let likeness = |window: &[f32]| {
        let dot: f64 = window.iter().zip(key).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        dot / (energy(window) * energy(key)).sqrt().max(f64::MIN_POSITIVE)
    };
    let best = heard
        .windows(key.len())
        .enumerate()
        .map(|(at, window)| (at, likeness(window)))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    (best.1 > 0.99).then(|| best.0.checked_sub(from)).flatten()
}

/// What a sink rendered.
#[derive(Clone, Default)]
struct Tape(Arc<Mutex<Vec<f32>>>);

impl Tape {
    fn samples(&self) -> Vec<f32> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl BlockWriter for Tape {
    fn write(&mut self, block: &[f32]) -> std::result::Result<(), SinkError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(block);
        Ok(())
    }

    fn finish(&mut self) -> std::result::Result<(), SinkError> {
        Ok(())
    }
}
