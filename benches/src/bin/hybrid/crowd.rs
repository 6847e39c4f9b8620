//! Twelve listeners at once, on one fast session.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sostenuto_benches::bars::{figure, held};
use sostenuto_benches::{Result, machine};
use sostenuto_engine::inference::SessionKind;
use sostenuto_engine::{Outcome, Policy, Speech, Stream};
use sostenuto_tests::words;

use crate::{Bench, paced};

const STREAMS: usize = 12;
/// About 20 s of speech.
const WORDS: usize = 50;
/// How often the streams are looked at.
const LOOK: Duration = Duration::from_millis(10);
/// What a stream has in its ring, in front of the sink: a thread that runs so much later is heard.
const RING: Duration = Duration::from_millis(60);
/// A sentence that the texts are cut from has less words.
const LONGEST: usize = 60;

pub(crate) fn measure(bench: &Bench) -> Result<()> {
    let session = bench.session(SessionKind::Fast, machine::cores())?;
    let engine = bench.engine(Policy::Fast, vec![(SessionKind::Fast, session)])?;
    let streams = (0..STREAMS).map(|_| paced(&engine)).collect::<Result<Vec<_>>>()?;
    let texts = texts();

    let before = machine::cpu_seconds();
    let end = AtomicBool::new(false);
    let (outcomes, noted) = thread::scope(|scope| {
        let watch = scope.spawn(|| watch(&streams, &end));
        let outcomes = speak(bench, &streams, &texts);
        end.store(true, Ordering::Relaxed);
        Ok::<_, Box<dyn std::error::Error>>((
            outcomes?,
            watch.join().map_err(|_| "the watch has ended early")?,
        ))
    })?;
    let used = machine::cpu_seconds().zip(before).map(|(after, before)| after - before);

    let stats: Vec<_> = streams.iter().map(Stream::stats).collect();
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
    if let Some(pump) = engine.stage_reports().iter().find(|report| report.stage == "pump") {
        println!("  real-time priority of the pumps: {}", pump.priority);
    }
    println!("  underruns per stream: {underruns:?}");
    println!("  seconds after the start at which there were any: {:.2?}", noted.underruns);
    let late = noted.late.as_secs_f64() * 1e3;
    println!(
        "  a thread that only sleeps was later than {RING:?} {} times, at most {late:.0} ms",
        noted.times_late
    );
    held("underruns of all streams", underruns.iter().sum::<u64>() as f64, "", 0.0);
    held("gaps of all streams", stats.iter().map(|stats| stats.gaps).sum::<u64>() as f64, "", 0.0);
    for stream in streams {
        stream.close()?;
    }
    Ok(())
}

fn speak(bench: &Bench, streams: &[Stream], texts: &[String]) -> Result<Vec<Outcome>> {
    let spoken = streams.iter().zip(texts).map(|(stream, text)| stream.speak(bench.utterance(text)));
    let speeches = spoken.collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(speeches.iter().map(Speech::wait).collect())
}

/// What was noted while the streams spoke.
#[derive(Default)]
struct Noted {
    underruns: Vec<f64>,
    /// Times that the watch itself came so late that a stream would have been heard to stop, whatever the engine does.
    times_late: usize,
    late: Duration,
}

fn watch(streams: &[Stream], end: &AtomicBool) -> Noted {
    let started = Instant::now();
    let mut noted = Noted::default();
    let mut before = 0;
    while !end.load(Ordering::Relaxed) {
        let slept = Instant::now();
        thread::sleep(LOOK);
        let late = slept.elapsed().saturating_sub(LOOK);
        noted.times_late += usize::from(late > RING);
        noted.late = noted.late.max(late);
        let underruns = streams.iter().map(|stream| stream.stats().underruns).sum::<u64>();
        if underruns > before {
            noted.underruns.push(started.elapsed().as_secs_f64());
            before = underruns;
        }
    }
    noted
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
