//! Twelve listeners at once, on one fast session.

use sostenuto_benches::bars::{figure, held};
use sostenuto_benches::{Result, machine};
use sostenuto_engine::Policy;
use sostenuto_engine::inference::SessionKind;
use sostenuto_tests::words;

use crate::{Bench, paced};

const STREAMS: usize = 12;
/// About 20 s of speech.
const WORDS: usize = 50;
/// A sentence that the texts are cut from has less words.
const LONGEST: usize = 60;

pub(crate) fn measure(bench: &Bench) -> Result<()> {
    let session = bench.session(SessionKind::Fast, machine::cores())?;
    let engine = bench.engine(Policy::Fast, vec![(SessionKind::Fast, session)])?;
    let streams = (0..STREAMS).map(|_| paced(&engine)).collect::<Result<Vec<_>>>()?;
    let texts = texts();

    let before = machine::cpu_seconds();
    let spoken = streams.iter().zip(&texts).map(|(stream, text)| stream.speak(bench.utterance(text)));
    let speeches = spoken.collect::<std::result::Result<Vec<_>, _>>()?;
    let outcomes: Vec<_> = speeches.iter().map(sostenuto_engine::Speech::wait).collect();
    let used = machine::cpu_seconds().zip(before).map(|(after, before)| after - before);

    let stats: Vec<_> = streams.iter().map(sostenuto_engine::Stream::stats).collect();
    let audio: f64 = stats.iter().map(|stats| stats.audio_s).sum();
    let rtf = stats.iter().map(|stats| stats.stages.inference_ms / 1e3).sum::<f64>() / audio;
    let late = outcomes.iter().filter_map(|outcome| outcome.ttfa).max().unwrap_or_default();
    let underruns: Vec<u64> = stats.iter().map(|stats| stats.underruns).collect();
    figure("streams", STREAMS as f64, "");
    figure("audio of all streams", audio, "s");
    figure("inference seconds per audio second", rtf, "");
    if let Some(used) = used {
        figure("CPU seconds per audio second, whole process", used / audio, "");
    }
    figure("TTFA of the last stream to be heard", late.as_secs_f64() * 1e3, "ms");
    println!("  underruns per stream: {underruns:?}");
    held("underruns of all streams", underruns.iter().sum::<u64>() as f64, "", 0.0);
    held("gaps of all streams", stats.iter().map(|stats| stats.gaps).sum::<u64>() as f64, "", 0.0);
    for stream in streams {
        stream.close()?;
    }
    Ok(())
}

/// A text for each stream, of whole sentences.
fn texts() -> Vec<String> {
    let all = words(STREAMS * (WORDS + LONGEST));
    let mut sentences = all.split_inclusive(['.', '!', '?']);
    let text = |_| {
        let mut text = String::new();
        while text.split_whitespace().count() < WORDS {
            let Some(sentence) = sentences.next() else { break };
            text.push_str(sentence);
        }
        text
    };
    (0..STREAMS).map(text).collect()
}
