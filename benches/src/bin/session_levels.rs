//! How much the fast session differs in loudness from the quality session, over twenty sentences, as it is and as
//! [`LevelMatch`] makes it.
//!
//! ```sh
//! cargo run --release -p sostenuto-benches --bin session_levels
//! ```

use std::error::Error;
use std::sync::Arc;

use sostenuto_engine::g2p::{English, Language, Phonemizer, transcribe};
use sostenuto_engine::inference::assets::Cache;
use sostenuto_engine::inference::{
    DEFAULT_VOICE, Fragment, Models, Prosody, SAMPLE_RATE, SessionKind, Synthesizer, Voice,
};
use sostenuto_engine::loudness::{ActiveLevel, Level, LevelMatch};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SENTENCES: [&str; 20] = [
    "The harbour was quiet when the ferry came in.",
    "Two gulls followed it to the pier, and the rest had gone inland.",
    "Nobody on board had slept, and nobody complained.",
    "What would you do with a whole day in a town that you do not know?",
    "Please turn left after the church.",
    "She bought bread, a map and a second-hand umbrella.",
    "It is raining again.",
    "The meeting starts at nine, so bring your own coffee.",
    "He looked at the sky for a long time before he answered.",
    "Could you open the window a little?",
    "Seventeen ships left the bay before the storm.",
    "From there one could see both bays, the railway bridge, and a thin line of smoke beyond the islands.",
    "Your battery is almost empty.",
    "That is wonderful news!",
    "Mix the flour with the butter, then add three eggs.",
    "The judge asked whether anybody had seen the letter.",
    "Every evening my father walked the dog around the lake.",
    "Some questions have no answer, however often they are asked.",
    "Wait, there is somebody at the door.",
    "It was the sort of morning that people describe in letters, and then forget to send.",
];

struct Speaker {
    session: Box<dyn Synthesizer>,
    voice: Arc<Voice>,
}

impl Speaker {
    fn new(models: &Models, kind: SessionKind) -> Result<Self> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let session = models.session(kind, DEFAULT_VOICE, threads)?;
        Ok(Self { session, voice: models.voice(DEFAULT_VOICE, kind)? })
    }

    fn level(&mut self, phonemes: &str) -> Result<Level> {
        let mut level = ActiveLevel::new(SAMPLE_RATE);
        let (phonemes, voice) = (phonemes.to_string(), Arc::clone(&self.voice));
        let fragment = Fragment { phonemes, voice, prosody: Prosody::default(), seed: 0 };
        self.session.synthesize(&fragment, &mut |part: &[f32]| level.push(part))?;
        Ok(level.level().ok_or("a session was silent")?)
    }
}

fn main() -> Result<()> {
    let models = Models::new(Cache::of_user()?)?;
    let mut quality = Speaker::new(&models, SessionKind::Quality)?;
    let mut fast = Speaker::new(&models, SessionKind::Fast)?;
    let phonemizer: Arc<dyn Phonemizer> = Arc::new(English::load(Language::EnUs));

    let mut pairs = Vec::new();
    println!("{:>9} {:>9} {:>7}  sentence", "quality", "fast", "differ");
    for sentence in SENTENCES {
        let phonemes = transcribe(&phonemizer, sentence).phonemes;
        let (quality, fast) = (quality.level(&phonemes)?, fast.level(&phonemes)?);
        let (q, f) = (quality.dbfs(), fast.dbfs());
        println!("{q:>9.2} {f:>9.2} {:>+7.2}  {sentence}", f - q);
        pairs.push((quality, fast));
    }
    let as_it_is: Vec<f64> = pairs.iter().map(|(quality, fast)| fast.dbfs() - quality.dbfs()).collect();
    report("as it is", &as_it_is);
    for opening in [2, 4] {
        let matched = matched(&pairs, opening);
        report(&format!("matched, the fast session speaking one sentence in {opening}"), &matched);
    }
    Ok(())
}

/// The differences that are left where one sentence in `every` is spoken by the fast session, the others by the
/// quality session, and each is heard from that session only.
fn matched(pairs: &[(Level, Level)], every: usize) -> Vec<f64> {
    let mut levels = LevelMatch::default();
    let mut left = Vec::new();
    for (n, &(quality, fast)) in pairs.iter().enumerate() {
        if n % every == 0 {
            let gain = 20.0 * f64::from(levels.next_gain()).log10();
            left.push(fast.dbfs() + gain - quality.dbfs());
            levels.hear(SessionKind::Fast, fast);
        } else {
            levels.hear(SessionKind::Quality, quality);
        }
    }
    left
}

fn report(name: &str, differences: &[f64]) {
    let count = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let variance = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let worst = differences.iter().fold(0.0_f64, |worst, d| if d.abs() > worst.abs() { *d } else { worst });
    println!("{name}: mean {mean:+.2} dB, deviation {:.2} dB, worst {worst:+.2} dB", variance.sqrt());
}
