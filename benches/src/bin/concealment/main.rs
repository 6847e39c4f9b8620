//! Plays speech through the renderer with gaps in it, for `benches/plc/judge.py` to judge.
//!
//! ```sh
//! scripts/plc.sh
//! cargo run --release -p sostenuto-benches --bin concealment -- --to FOLDER [FILE.wav ...]
//! ```
//!
//! The speech is the fast session's, and that of the files given (24 kHz). Of each take come three files: `whole`
//! without a gap; `plain`, where each gap is digital silence and nothing else; and `ours`, as the renderer played it.
//! The gaps are the same in both, at random places while the audio was due. Nothing is lost in either: what follows a
//! gap is played after it, as a listener of late speech hears it.

mod stage;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser;
use serde::Serialize;
use sostenuto_benches::Result;
use sostenuto_engine::g2p::{English, Language, Phonemizer, transcribe};
use sostenuto_engine::inference::assets::Cache;
use sostenuto_engine::inference::{DEFAULT_VOICE, Fragment, Models, Prosody, SessionKind};
use sostenuto_engine::playback::{BlockWriter, Encoding, Format, WavBlocks};
use sostenuto_tests::{Recording, Scatter};

use stage::{Gap, RATE, play};

/// Lengths of the gaps, one for each take.
const GAPS_MS: [usize; 6] = [10, 20, 40, 60, 80, 120];
/// A gap for so much speech.
const SPACING_MS: usize = 700;
/// Least speech before the first gap, after the last, and between two.
const MARGIN_MS: usize = 150;
const SEED: u64 = 0x1234_5678;
const SENTENCES: [&str; 12] = [
    "The harbour was quiet when the ferry came in, later than anybody on the pier had expected.",
    "She opened the letter at once, read it twice, and put it back without a single word.",
    "Most of the bridges over this river were built before the railway came to the valley.",
    "If the rain does not stop before noon, we shall have to walk along the upper road.",
    "A good map tells you where you are, and a better one tells you where you could have been.",
    "The old clock in the hall is four minutes slow, and nobody has ever wanted to mend it.",
    "He bought apples, a loaf of rye bread, some yellow cheese and a bottle of cider.",
    "Every spring the swallows return to the barn, and every autumn we hear them leave.",
    "Please remember to lock the gate behind you, because the goats are cleverer than you think.",
    "They measured the depth of the lake in seven places and got seven very different numbers.",
    "On clear evenings you can see the lighthouse from here, blinking once in eleven seconds.",
    "The engineer explained how the machine worked, and why it should never have been built.",
];

#[derive(Parser)]
struct Args {
    /// Where the files go.
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// More speech to play.
    files: Vec<PathBuf>,
}

/// A take, for the judge.
#[derive(Serialize)]
struct Take {
    speech: String,
    gap_ms: usize,
    /// Milliseconds from the beginning of the file at which each gap begins.
    gaps_at_ms: Vec<f64>,
    /// Silence that was put in, in all.
    inserted_ms: f64,
    whole: String,
    plain: String,
    ours: String,
}

fn main() -> Result<()> {
    let args = Args::parse();
    std::fs::create_dir_all(&args.to)?;
    let mut speeches = spoken()?;
    for path in &args.files {
        let Recording { rate, samples } = Recording::read(path)?;
        if rate != RATE {
            return Err(format!("{}: {rate} Hz, and not {RATE}", path.display()).into());
        }
        let name = path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        speeches.push((name, samples));
    }
    let mut takes = Vec::new();
    let mut scatter = Scatter::new(SEED);
    for (speech, samples) in &speeches {
        let whole = format!("{speech}-whole.wav");
        write(&args.to.join(&whole), &play(samples, &[])?.ours)?;
        for gap_ms in GAPS_MS {
            let gaps = gaps(&mut scatter, samples.len(), gap_ms);
            let played = play(samples, &gaps)?;
            let [plain, ours] = ["plain", "ours"].map(|kind| format!("{speech}-{gap_ms:03}-{kind}.wav"));
            write(&args.to.join(&plain), &played.plain)?;
            write(&args.to.join(&ours), &played.ours)?;
            takes.push(Take {
                speech: speech.clone(),
                gap_ms,
                gaps_at_ms: played.gaps.iter().map(|&at| ms(at)).collect(),
                inserted_ms: ms(played.inserted),
                whole: whole.clone(),
                plain,
                ours,
            });
        }
    }
    std::fs::write(args.to.join("takes.json"), serde_json::to_string_pretty(&takes)? + "\n")?;
    println!("{} speeches, {} takes in {}", speeches.len(), takes.len(), args.to.display());
    Ok(())
}

/// The fast session's own speech.
fn spoken() -> Result<Vec<(String, Vec<f32>)>> {
    let models = Models::new(Cache::of_user()?)?;
    let mut session = models.session(SessionKind::Fast, DEFAULT_VOICE, 1)?;
    let voice = models.voice(DEFAULT_VOICE, SessionKind::Fast)?;
    let phonemizer: Arc<dyn Phonemizer> = Arc::new(English::load(Language::EnUs));
    let mut speeches = Vec::new();
    for (n, sentence) in SENTENCES.iter().enumerate() {
        let phonemes = transcribe(&phonemizer, sentence).phonemes;
        let fragment = Fragment { phonemes, voice: Arc::clone(&voice), prosody: Prosody::default(), seed: 0 };
        let mut samples = Vec::new();
        session.synthesize(&fragment, &mut |part: &[f32]| samples.extend_from_slice(part))?;
        speeches.push((format!("fast-{n:02}"), samples));
    }
    Ok(speeches)
}

/// Gaps at random places of so many samples, in order.
fn gaps(scatter: &mut Scatter, samples: usize, gap_ms: usize) -> Vec<Gap> {
    let margin = frames(MARGIN_MS);
    let room = samples.saturating_sub(2 * margin);
    let count = (room / frames(SPACING_MS)).max(1);
    let stretch = room / count;
    // One in each stretch of the speech, the margin kept to the next.
    let place = |n: usize, scatter: &mut Scatter| {
        margin + n * stretch + scatter.below(stretch.saturating_sub(margin).max(1))
    };
    (0..count).map(|n| Gap { at: place(n, scatter), frames: frames(gap_ms) }).collect()
}

fn frames(ms: usize) -> usize {
    ms * RATE as usize / 1_000
}

fn ms(frames: usize) -> f64 {
    1e3 * frames as f64 / f64::from(RATE)
}

fn write(path: &Path, samples: &[f32]) -> Result<()> {
    let mut wav = WavBlocks::create(path, Format::NATIVE, Encoding::Float)?;
    wav.write(samples)?;
    Ok(wav.finish()?)
}
