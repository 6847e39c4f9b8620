//! Time to first audio of a short sentence, beside what the fast session takes for its opening by itself.

use std::time::{Duration, Instant};

use sostenuto_benches::bars::{figure, held, median, quantile};
use sostenuto_benches::watched::{Seen, Watched};
use sostenuto_benches::{Result, machine};
use sostenuto_engine::Policy;
use sostenuto_engine::inference::SessionKind;

use crate::{Bench, PACED, paced};

/// Six words each; none is said twice, so that no cache has read it before.
const SENTENCES: [&str; 20] = [
    "The ferry left the harbour early.",
    "Please close the window behind you.",
    "My sister paints houses and boats.",
    "Nobody knew where the keys were.",
    "We walked slowly through the garden.",
    "Your parcel will arrive on Monday.",
    "Turn left after the stone bridge.",
    "He never forgets a friendly face.",
    "The kettle is boiling once more.",
    "Most people prefer a quiet room.",
    "She answered every letter by hand.",
    "There is bread on the table.",
    "The train stops here at noon.",
    "A small lamp lit the stairs.",
    "They sold the farm last winter.",
    "Could you read that line again?",
    "Every morning begins with strong coffee.",
    "His coat was far too large.",
    "The river froze before the lake.",
    "I will call you back tomorrow.",
];
/// Said once before, so that everything is warm.
const WARM_UP: &str = "Everything has been spoken once before.";
/// Until then whatever was stopped has ended.
const REST: Duration = Duration::from_millis(200);
/// The bar: so many times the fast session's own time, and so many periods of the sink.
const FACTOR: f64 = 3.0;
const PERIODS: f64 = 2.0;

pub(crate) fn measure(bench: &Bench) -> Result<()> {
    let threads = machine::cores();
    let (fast, seen) = Watched::over(bench.session(SessionKind::Fast, threads)?);
    let quality = bench.session(SessionKind::Quality, threads)?;
    let mut alone = bench.session(SessionKind::Fast, threads)?;
    let engine =
        bench.engine(Policy::Hybrid, vec![(SessionKind::Fast, fast), (SessionKind::Quality, quality)])?;
    let stream = paced(&engine)?;

    let (mut ttfa, mut inside, mut by_itself) = (Vec::new(), Vec::new(), Vec::new());
    for (n, sentence) in std::iter::once(&WARM_UP).chain(&SENTENCES).enumerate() {
        let speech = stream.speak(bench.utterance(sentence))?;
        let audible = speech.wait_audible().ok_or("a sentence was not heard")?;
        // The fast session speaks the opening; what follows is not measured.
        let Seen::Begun { at, fragment } = seen.recv()? else { return Err("nothing was begun".into()) };
        let Seen::Ended { at: ended, .. } = seen.recv()? else { return Err("nothing was ended".into()) };
        stream.stop();
        speech.wait();
        std::thread::sleep(REST);
        while seen.try_recv().is_ok() {}
        let started = Instant::now();
        alone.synthesize(&fragment, &mut |_: &[f32]| {})?;
        if n > 0 {
            by_itself.push(ms(started.elapsed()));
            ttfa.push(ms(audible));
            inside.push(ms(ended - at));
        }
    }
    stream.close()?;

    let period = 1e3 * f64::from(PACED.period) / f64::from(PACED.rate);
    let bar = FACTOR * median(&by_itself) + PERIODS * period;
    figure("fast session alone, whole opening, median", median(&by_itself), "ms");
    figure("fast session alone, whole opening, p95", quantile(&by_itself, 0.95), "ms");
    figure("fast session in the engine, whole opening, median", median(&inside), "ms");
    held("TTFA, median", median(&ttfa), "ms", bar);
    held("TTFA, p95", quantile(&ttfa, 0.95), "ms", bar);
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
