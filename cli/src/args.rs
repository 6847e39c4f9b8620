//! The command line.

use std::path::PathBuf;

use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use sostenuto_engine::g2p::Language;
use sostenuto_engine::inference::SessionKind;

/// Text in, speech out: at once, and without gaps.
#[derive(Debug, Parser)]
#[command(name = "sostenuto", version)]
pub struct Args {
    /// Say more about what happens, on standard error; twice for everything.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Speak text.
    Say(Say),
    /// List the voices.
    Voices(Voices),
    /// Turn lines of text into lines of JSON: text, phonemes, words with their bytes.
    Phonemize(Phonemize),
    /// Fetch, list and verify models and libraries.
    Assets(Assets),
    /// Tell what was found on this machine, and what is missing.
    Doctor(Doctor),
}

#[derive(Debug, Parser)]
pub struct Say {
    /// What to say; without it, --file or --phonemes, text is read from standard input.
    #[arg(conflicts_with_all = ["file", "phonemes"])]
    pub text: Option<String>,

    /// Speak this UTF-8 file; `-` is standard input.
    #[arg(long, value_name = "F", conflicts_with = "phonemes")]
    pub file: Option<PathBuf>,

    /// Speak these phonemes instead of text.
    #[arg(long, value_name = "P")]
    pub phonemes: Option<String>,

    /// Who speaks; `sostenuto voices` lists them.
    #[arg(long, value_name = "V", default_value = sostenuto_engine::inference::DEFAULT_VOICE)]
    pub voice: String,

    /// Tempo, 0.5 (slow) to 2.0 (fast).
    #[arg(long, value_name = "S", default_value_t = 1.0, value_parser = parse_speed)]
    pub speed: f32,

    /// How the text is read: en-US or en-GB; the voice's own language unless given.
    #[arg(long, value_name = "L")]
    pub language: Option<Language>,

    /// Which model speaks: quality (every voice) or fast (about forty times cheaper); quality where it is fetched,
    /// unless given.
    #[arg(long, value_name = "quality|fast")]
    pub session: Option<SessionKind>,

    /// Where the sound goes; unless given, to the sound device, or with --out into the file as fast as possible.
    #[arg(long, value_enum)]
    pub sink: Option<SinkChoice>,

    /// Play on this device; `sostenuto doctor` lists them.
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,

    /// Write a WAV file.
    #[arg(long, value_name = "FILE.wav")]
    pub out: Option<PathBuf>,

    /// Write 32-bit float samples instead of 16-bit ones.
    #[arg(long, requires = "out")]
    pub float: bool,

    /// Write what was measured, as one JSON object.
    #[arg(long, value_name = "FILE.json")]
    pub stats: Option<PathBuf>,

    /// Starts the noise of the fast session: the same text and seed give the same samples.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,

    /// Threads of the session; all cores unless given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,

    /// Keep the pump and g2p threads on a core each; on from four cores on, unless given.
    #[arg(long, value_enum, value_name = "on|off")]
    pub pin: Option<Switch>,

    /// Run the pump at real-time priority; on from four cores on, unless given.
    #[arg(long, value_enum, value_name = "on|off")]
    pub priority: Option<Switch>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SinkChoice {
    /// A sound device.
    Device,
    /// Real time, without a device.
    Paced,
    /// As fast as possible, without a device.
    Freewheel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

#[derive(Debug, Parser)]
pub struct Voices {
    /// One JSON object per line.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Parser)]
pub struct Phonemize {
    /// Text to read; without it, each line of standard input is.
    pub text: Option<String>,

    /// How the text is read: en-US or en-GB.
    #[arg(long, value_name = "L", default_value = "en-US")]
    pub language: Language,
}

#[derive(Debug, Parser)]
pub struct Assets {
    #[command(subcommand)]
    pub command: AssetsCommand,
}

#[derive(Debug, Subcommand)]
pub enum AssetsCommand {
    /// Bring what is missing.
    Fetch {
        /// minimal: ONNX Runtime and the fast session's model (about 37 MB); full: Kokoro and its voices as well.
        #[arg(long, value_enum, default_value = "full")]
        set: SetChoice,
        /// Look into this folder first.
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
    },
    /// Show every file, its version and licence, and whether it is there.
    List,
    /// Compare every file that is there with its digest.
    Verify {
        /// Which files must be there.
        #[arg(long, value_enum, default_value = "full")]
        set: SetChoice,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SetChoice {
    Minimal,
    Full,
}

#[derive(Debug, Parser)]
pub struct Doctor {
    /// One JSON object instead of lines.
    #[arg(long)]
    pub json: bool,
}

fn parse_speed(text: &str) -> Result<f32, String> {
    let range = sostenuto_engine::SPEED_RANGE;
    match text.parse::<f32>() {
        Ok(speed) if range.contains(&speed) => Ok(speed),
        _ => Err(format!("a speed is a number from {:.1} to {:.1}", range.start(), range.end())),
    }
}
