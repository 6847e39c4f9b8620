//! How long the quality session's thread is busy after a stop in the middle of a fragment.

use std::time::{Duration, Instant};

use sostenuto_benches::bars::{figure, held, quantile};
use sostenuto_benches::watched::{Seen, Watched};
use sostenuto_benches::{Result, machine};
use sostenuto_engine::Policy;
use sostenuto_engine::inference::SessionKind;
use sostenuto_tests::Scatter;

use crate::{Bench, freewheel};

/// One sentence, spoken in an opening fragment and a larger one.
const TEXT: &str = "The harbour was quiet when the ferry came in, later than anybody on the pier had expected, \
    and two gulls followed it.";
/// A stop in the last of a fragment may find it ended.
const LATEST: f64 = 0.95;
const BAR_MS: f64 = 50.0;

pub(crate) fn measure(bench: &Bench, stops: usize) -> Result<()> {
    let (session, seen) = Watched::over(bench.session(SessionKind::Quality, machine::cores())?);
    let engine = bench.engine(Policy::Quality, vec![(SessionKind::Quality, session)])?;
    let stream = freewheel(&engine)?;

    stream.speak(bench.utterance(TEXT))?.wait();
    let started = Instant::now();
    stream.speak(bench.utterance(TEXT))?.wait();
    let whole = started.elapsed();
    let fragments = seen.try_iter().filter(|seen| matches!(seen, Seen::Begun { .. })).count() / 2;

    let mut scatter = Scatter::new(7);
    let (mut busy, mut between) = (Vec::new(), 0);
    while busy.len() < stops && between < stops {
        let after = LATEST * scatter.below(1_000_000) as f64 / 1e6;
        let speech = stream.speak(bench.utterance(TEXT))?;
        let first = seen.recv()?;
        std::thread::sleep(Duration::from_secs_f64(after * whole.as_secs_f64()));
        let last = seen.try_iter().last().unwrap_or(first);
        let stopped = Instant::now();
        stream.stop();
        if matches!(last, Seen::Begun { .. }) {
            let Seen::Ended { at, .. } = seen.recv()? else { return Err("two fragments at once".into()) };
            busy.push(at.saturating_duration_since(stopped).as_secs_f64() * 1e3);
        } else {
            between += 1;
        }
        speech.wait();
        drain(&seen);
    }
    stream.close()?;

    figure("the whole utterance, not stopped", whole.as_secs_f64() * 1e3, "ms");
    figure("fragments of it", fragments as f64, "");
    figure("stops in the middle of a fragment", busy.len() as f64, "");
    figure("stops that found none running, left out", between as f64, "");
    figure("session's thread free after, p50", quantile(&busy, 0.5), "ms");
    figure("session's thread free after, most", quantile(&busy, 1.0), "ms");
    held("session's thread free after, p99", quantile(&busy, 0.99), "ms", BAR_MS);
    Ok(())
}

/// Lets a fragment end that was begun as the stop came.
fn drain(seen: &std::sync::mpsc::Receiver<Seen>) {
    const SETTLED: Duration = Duration::from_millis(100);
    while seen.recv_timeout(SETTLED).is_ok() {}
}
