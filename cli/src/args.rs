//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use sostenuto_engine::g2p::Language;
use sostenuto_engine::inference::compare::Speaker;
use sostenuto_engine::inference::{DEFAULT_VOICE, SessionKind, Variant};
use sostenuto_engine::playback::{RATE_RANGE, ResampleQuality};

use crate::bench_args::Bench;
use crate::marks_file::MarksFile;
use crate::memory::Memory;
use crate::session_args::{FormArg, SessionArgs};
use crate::speaking::{CastFiles, Speaking, number};
use crate::stress_args::Stress;
use crate::text_source::What;

/// What `--version` says: the licence goes with what was built in.
const LONG_VERSION: &str = if cfg!(feature = "espeak") {
    concat!(env!("CARGO_PKG_VERSION"), "\nBuilt with espeak-ng: licensed under GPL-3.0-or-later")
} else {
    concat!(env!("CARGO_PKG_VERSION"), "\nLicensed under MIT OR Apache-2.0")
};

/// Text in, speech out: at once, and without gaps.
#[derive(Debug, Parser)]
#[command(name = "sostenuto", version, long_version = LONG_VERSION)]
pub(crate) struct Args {
    /// Say more about what happens, on standard error; twice for everything.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Speak text.
    Say(Say),
    /// Speak text, or what a recipe says, into a file: all of it at once, and never more than a given time.
    Render(Render),
    /// List the voices, the characters and the emotions.
    Voices(Voices),
    /// Turn lines of text into lines of JSON: text, phonemes, words with their bytes.
    Phonemize(Phonemize),
    /// Fetch, list and verify models and libraries.
    Assets(Assets),
    /// Find out how sessions run best on this machine, and remember it.
    Calibrate(Calibrate),
    /// Make variants of Kokoro's graph, and compare them.
    Models(Models),
    /// Measure how fast texts are spoken here, and remember it.
    Bench(Bench),
    /// Find out whether this machine holds: speech under load and faults, judged by a profile.
    Stress(Box<Stress>),
    /// Tell what was found on this machine, and what is missing.
    Doctor(Doctor),
}

/// How text is read, for every command that reads some.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Reading")]
pub(crate) struct Reading {
    /// Pronounce words as this TOML file says: a table per language tag, `word = "phonemes"` in it.
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) lexicon: Option<PathBuf>,

    /// Read the text as it stands: numbers, abbreviations and symbols are not written out first.
    #[arg(long)]
    pub(crate) raw: bool,

    /// What becomes of emoji.
    #[arg(long, value_enum, default_value = "named")]
    pub(crate) emoji: EmojiChoice,

    /// What sounds the words that no lexicon holds; the best there is, unless given: espeak in a build that has it,
    /// else the net where it is fetched, else rules.
    #[arg(long, value_enum, value_name = "net|espeak|rules")]
    pub(crate) unknown_words: Option<UnknownWordsChoice>,

    /// Remember in this file how sentences are pronounced, from one run to the next.
    #[arg(long, value_name = "FILE")]
    pub(crate) fragment_cache: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EmojiChoice {
    /// Said by their names.
    Named,
    /// Left out.
    Dropped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnknownWordsChoice {
    Net,
    Espeak,
    Rules,
}

#[derive(Debug, Parser)]
pub(crate) struct Say {
    #[command(flatten)]
    pub(crate) what: What,

    /// Loudness, 0.0 (silence) to 2.0; what would be too loud is held below full scale.
    #[arg(long, value_name = "V", default_value_t = 1.0, value_parser = parse_volume)]
    pub(crate) volume: f32,

    /// Play so many times as fast, 0.5 to 4.0, at the same pitch: what is spoken is stretched in time, on top of --speed,
    /// by which the model itself speaks faster.
    #[arg(long, value_name = "R", default_value_t = 1.0, value_parser = parse_rate)]
    pub(crate) rate: f32,

    /// How well the sound is resampled to the rate of the device: fast (least delay), balanced, or best.
    #[arg(long, value_enum, default_value = "balanced", value_name = "fast|balanced|best")]
    pub(crate) resampling: ResamplingChoice,

    /// Where the sound goes; unless given, to the sound device, or with --out into the file as fast as possible.
    #[arg(long, value_enum)]
    pub(crate) sink: Option<SinkChoice>,

    /// Play on this device; `sostenuto doctor` lists them.
    #[arg(long, value_name = "NAME")]
    pub(crate) device: Option<String>,

    /// Ask the device for periods of this length, 1 to 500 ms: shorter ones answer sooner and run short sooner. 10 unless
    /// given; a sound system may grant another one.
    #[arg(long, value_name = "MS", value_parser = parse_buffer)]
    pub(crate) buffer_ms: Option<Duration>,

    /// Wait so many seconds for a device that was lost, or for another one, before giving up; 30 unless given.
    #[arg(long, value_name = "S", value_parser = parse_duration)]
    pub(crate) device_patience: Option<Duration>,

    /// Write a WAV file.
    #[arg(long, value_name = "FILE.wav")]
    pub(crate) out: Option<PathBuf>,

    /// Write 32-bit float samples instead of 16-bit ones.
    #[arg(long, requires = "out")]
    pub(crate) float: bool,

    /// Write what was measured, as one JSON object.
    #[arg(long, value_name = "FILE.json")]
    pub(crate) stats: Option<PathBuf>,

    /// Write where words, sentences and the marks of the text, `<mark name="here"/>`, are in the speech: as JSON, or as
    /// subtitles.
    #[arg(long, value_name = "FILE.json|srt|vtt")]
    pub(crate) marks: Option<MarksFile>,

    /// Write what happens as it is heard (the first sound, sentences, words, the marks of the text, the end), each at
    /// once as a line of JSON; - for standard output.
    #[arg(long, value_name = "FILE|-")]
    pub(crate) events: Option<PathBuf>,

    /// Starts the noise of the fast session: the same text and seed give the same samples.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,

    #[command(flatten)]
    pub(crate) sessions: SessionArgs,

    #[command(flatten)]
    pub(crate) memory: Memory,

    #[command(flatten)]
    pub(crate) speaking: Speaking,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Parser)]
pub(crate) struct Render {
    #[command(flatten)]
    pub(crate) what: What,

    /// Speak this recipe: `{ "audio_track": { "script", "voice_id", "speed", "emotion" }, "seed" }`, the last three
    /// where they are wanted.
    #[arg(long, value_name = "FILE.json",
          conflicts_with_all = ["text", "file", "phonemes", "voice", "character", "emotion"])]
    pub(crate) recipe: Option<PathBuf>,

    /// Write this WAV file.
    #[arg(long, value_name = "FILE.wav")]
    pub(crate) out: PathBuf,

    /// Write 32-bit float samples instead of 16-bit ones.
    #[arg(long)]
    pub(crate) float: bool,

    /// Write where words and sentences are: as JSON, or as subtitles where the name ends in .srt or .vtt.
    #[arg(long, value_name = "FILE.json|srt|vtt")]
    pub(crate) marks: Option<MarksFile>,

    /// End at the end of a word after this many seconds at the latest; 45 for a recipe, unless given.
    #[arg(long, value_name = "S", value_parser = parse_duration)]
    pub(crate) max_duration: Option<Duration>,

    /// Which model speaks: quality (every voice) or fast (about forty times cheaper); quality unless given.
    #[arg(long, value_name = "quality|fast")]
    pub(crate) session: Option<SessionKind>,

    /// Starts the noise of the fast session, in place of the recipe's seed; 0 unless given.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,

    /// Threads of the session; all cores unless given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,

    #[command(flatten)]
    pub(crate) form: FormArg,

    #[command(flatten)]
    pub(crate) speaking: Speaking,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SinkChoice {
    /// A sound device.
    Device,
    /// Real time, without a device.
    Paced,
    /// As fast as possible, without a device.
    Freewheel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ResamplingChoice {
    Fast,
    Balanced,
    Best,
}

impl From<ResamplingChoice> for ResampleQuality {
    fn from(choice: ResamplingChoice) -> Self {
        match choice {
            ResamplingChoice::Fast => Self::Fast,
            ResamplingChoice::Balanced => Self::Balanced,
            ResamplingChoice::Best => Self::Best,
        }
    }
}

#[derive(Debug, Parser)]
pub(crate) struct Voices {
    /// One JSON object per line.
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) cast: CastFiles,
}

#[derive(Debug, Parser)]
pub(crate) struct Phonemize {
    /// Text to read; without it, each line of standard input is.
    pub(crate) text: Option<String>,

    /// How the text is read: en-US or en-GB, and with espeak-ng es, fr-FR, it, pt-BR or hi.
    #[arg(long, value_name = "L", default_value = "en-US")]
    pub(crate) language: Language,

    /// Tell of each word why it sounds as it does: as a table, or with --explain=json in the JSON of the line.
    #[arg(long, value_enum, value_name = "table|json", num_args = 0..=1, require_equals = true,
          default_missing_value = "table")]
    pub(crate) explain: Option<ExplainChoice>,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainChoice {
    Table,
    Json,
}

#[derive(Debug, Parser)]
pub(crate) struct Assets {
    #[command(subcommand)]
    pub(crate) command: AssetsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AssetsCommand {
    /// Bring what is missing.
    Fetch {
        /// minimal: ONNX Runtime, the fast session's model and the nets for unknown words (about 41 MB); full: Kokoro
        /// and its voices as well.
        #[arg(long, value_enum, default_value = "full")]
        set: SetChoice,
        /// Look into this folder first.
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
        /// Do not learn the default voice, which follows the full set; `sostenuto models learn` does it at any time.
        #[arg(long)]
        no_learning: bool,
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
pub(crate) enum SetChoice {
    Minimal,
    Full,
}

#[derive(Debug, Parser)]
pub(crate) struct Calibrate {
    /// Measure less: the fewest runs that tell something.
    #[arg(long)]
    pub(crate) quick: bool,

    /// Write to this file; unless given, to where `say` looks for it.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Parser)]
pub(crate) struct Models {
    #[command(subcommand)]
    pub(crate) command: ModelsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// Make a variant, and tell how far it speaks from what it was made from.
    Build {
        /// float, fused (the float graph in cheaper operators), int8 (weights in eight bits), hybrid (fused, and only
        /// the encoder's weights in eight bits) or int4 (an experiment).
        #[arg(long, value_name = "float|fused|int8|hybrid|int4")]
        variant: Variant,
        /// Write it into this file; into the cache unless given.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Learn ahead how a voice is spoken without waiting for the end of a sentence: speaks sentences of our own to nobody,
    /// and checks the prediction on some that it was not made from.
    Learn {
        /// Who is learned: a voice, or a blend of voices such as `af_sarah(0.3)+af_jessica(0.7)`.
        #[arg(long, value_name = "V", default_value = DEFAULT_VOICE)]
        voice: String,
        /// How many sentences; all of them unless given.
        #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u16).range(28..=40))]
        sentences: u16,
        /// Threads of the session; all cores unless given.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
        threads: Option<u16>,
    },
    /// Measure variants of the graph and the native form side by side: size, load time, speed, and how far each speaks
    /// from the float graph.
    Compare {
        /// Which ones, with commas between them, `native` and `native-int8` among them; all unless given.
        #[arg(long, value_name = "V,V", value_delimiter = ',')]
        variants: Vec<Speaker>,
        /// How often each speaks per number of threads.
        #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
        rounds: u16,
        /// Judges with DNSMOS, where it has the package speechmos.
        #[arg(long, value_name = "PATH", default_value = "python3")]
        python: PathBuf,
        /// One JSON object per line.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Parser)]
pub(crate) struct Doctor {
    /// One JSON object instead of lines.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Reads a length of time in seconds, as the arguments give it.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds > 0.0);
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or_else(|| "a duration is a number of seconds above 0".to_owned())
}

fn parse_rate(text: &str) -> Result<f32, String> {
    let (low, high) = RATE_RANGE.into_inner();
    number(text, low, high).ok_or_else(|| format!("a rate is a number from {low:.1} to {high:.1}"))
}

fn parse_buffer(text: &str) -> Result<Duration, String> {
    let ms = number(text, 1.0, 500.0).ok_or("a period is a number of milliseconds from 1 to 500")?;
    Ok(Duration::from_secs_f32(ms / 1e3))
}

fn parse_volume(text: &str) -> Result<f32, String> {
    let (low, high) = sostenuto_engine::playback::VOLUME_RANGE.into_inner();
    number(text, low, high).ok_or_else(|| format!("a volume is a number from {low:.1} to {high:.1}"))
}
