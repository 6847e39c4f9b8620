//! The shortest fragments, the smallest and the largest tiles, and interrupts.

use std::ops::ControlFlow;
use std::sync::LazyLock;
use std::thread::JoinHandle;
use std::time::Duration;

use super::sample::{self, Sample};
use super::tests::snr;
use super::*;
use crate::kernels::chance::Chance;

static WEIGHTS: LazyLock<GeneratorWeights> = LazyLock::new(|| {
    let mut chance = Chance::new(8);
    sample::weights(&mut |count, spread| chance.floats(count, spread))
});
/// Of one sample, of a few, and of more than there are, in the beginning and after it.
const TILES: [Tiles; 6] = [
    Tiles { first: 1, rest: 1 },
    Tiles { first: 1, rest: usize::MAX },
    Tiles { first: 7, rest: 299 },
    Tiles { first: 301, rest: 1 },
    Tiles { first: usize::MAX, rest: 1 },
    Tiles { first: usize::MAX, rest: usize::MAX },
];

/// What rounding may make of samples, in dB: with weights that nobody trained more than in Kokoro.
const ROUNDED: f64 = 70.0;

fn generator(threads: usize) -> Generator {
    Generator::new(&WEIGHTS, Isa::best(), threads).unwrap()
}

fn sample(frames: usize) -> Sample {
    Sample::of(frames, &WEIGHTS, &mut Chance::new(frames as u64))
}

fn exact(generator: &mut Generator, sample: &Sample) -> (Vec<f32>, Statistics) {
    let (samples, statistics) = generator.exact(&sample.input(), &Interrupt::new()).unwrap();
    (samples.to_vec(), statistics.clone())
}

fn predicted(
    generator: &mut Generator,
    sample: &Sample,
    statistics: &Statistics,
    tiles: Tiles,
) -> Vec<Vec<f32>> {
    let mut parts = Vec::new();
    let mut put = |part: &[f32]| {
        parts.push(part.to_vec());
        ControlFlow::Continue(())
    };
    generator.predicted(&sample.input(), statistics, tiles, &Interrupt::new(), &mut put).unwrap();
    parts
}

#[test]
fn a_fragment_without_frames_has_no_samples_either_way() {
    let mut generator = generator(2);
    let (nothing, one) = (sample(0), sample(1));
    for _ in 0..2 {
        assert!(exact(&mut generator, &nothing).0.is_empty());
        for tiles in TILES {
            assert_eq!(predicted(&mut generator, &nothing, &Statistics::new(), tiles).len(), 0);
        }
        assert_eq!(exact(&mut generator, &one).0.len(), SAMPLES_PER_FRAME);
    }
}

#[test]
fn a_fragment_of_few_frames_has_the_same_samples_in_tiles_of_any_size() {
    let mut generator = generator(2);
    for frames in 1..=3 {
        let sample = sample(frames);
        let total = frames * SAMPLES_PER_FRAME;
        let (whole, statistics) = exact(&mut generator, &sample);
        assert!(whole.len() == total && whole.iter().all(|sample| sample.is_finite()));
        assert!(whole.iter().any(|&sample| sample.abs() > 1e-3), "{frames} frames say nothing");
        for tiles in TILES {
            let parts = predicted(&mut generator, &sample, &statistics, tiles);
            let [first, rest] =
                [tiles.first, tiles.rest].map(|size| size.clamp(1, total).next_multiple_of(HOP));
            assert_eq!(parts[0].len(), first, "{tiles:?}");
            assert_eq!(parts.len(), 1 + (total - first).div_ceil(rest), "{tiles:?}");
            let ratio = snr(&whole, &parts.concat());
            assert!(ratio > ROUNDED, "{frames} frames, {tiles:?}: {ratio:.1} dB");
        }
    }
}

#[test]
fn a_short_fragment_is_not_changed_by_the_threads_or_by_what_was_said_before() {
    let (mut alone, mut many) = (generator(1), generator(5));
    let statistics = exact(&mut alone, &sample(40)).1;
    for frames in 1..=3 {
        let sample = sample(frames);
        let tiles = Tiles { first: 1, rest: 1 };
        let said = |generator: &mut Generator| {
            let whole = exact(generator, &sample).0;
            (whole, predicted(generator, &sample, &statistics, tiles).concat())
        };
        let (expected, found) = (said(&mut alone), said(&mut many));
        for ratio in [snr(&expected.0, &found.0), snr(&expected.1, &found.1)] {
            assert!(ratio > ROUNDED, "{frames} frames: {ratio:.1} dB");
        }
    }
}

/// Raises `interrupt` from another thread, after so long.
fn raise_after(wait: Duration, interrupt: &Interrupt) -> JoinHandle<()> {
    let raise = interrupt.clone();
    std::thread::spawn(move || {
        std::thread::sleep(wait);
        raise.raise();
    })
}

#[test]
fn an_exact_fragment_that_is_interrupted_anywhere_leaves_nothing_behind() {
    let mut generator = generator(3);
    let (long, short) = (sample(30), sample(2));
    let expected = (exact(&mut generator, &long), exact(&mut generator, &short));
    let interrupt = Interrupt::new();
    interrupt.raise();
    assert!(matches!(generator.exact(&long.input(), &interrupt), Err(Interrupted)));
    interrupt.clear();
    // From an interrupt at once to one that comes too late.
    let mut wait = Duration::from_micros(100);
    loop {
        let stop = raise_after(wait, &interrupt);
        let is_whole = generator.exact(&long.input(), &interrupt).is_ok();
        stop.join().unwrap();
        interrupt.clear();
        assert!(exact(&mut generator, &short) == expected.1, "after {wait:?}");
        assert!(exact(&mut generator, &long) == expected.0, "after {wait:?}");
        if is_whole {
            break;
        }
        wait *= 3;
    }
}

#[test]
fn a_predicted_fragment_that_is_interrupted_after_any_part_leaves_nothing_behind() {
    let mut generator = generator(3);
    let (long, short) = (sample(12), sample(2));
    let tiles = Tiles { first: 300, rest: 800 };
    let statistics = exact(&mut generator, &long).1;
    let expected = predicted(&mut generator, &long, &statistics, tiles);
    let expected_short = predicted(&mut generator, &short, &statistics, tiles);
    let interrupt = Interrupt::new();
    for last in 0..=expected.len() {
        let mut parts = Vec::new();
        if last == 0 {
            interrupt.raise();
        }
        let ended = generator.predicted(&long.input(), &statistics, tiles, &interrupt, &mut |part| {
            parts.push(part.to_vec());
            if parts.len() == last {
                interrupt.raise();
            }
            ControlFlow::Continue(())
        });
        // The last part is put when all is done.
        assert_eq!(ended, if last == expected.len() { Ok(()) } else { Err(Interrupted) });
        assert_eq!(parts, expected[..last]);
        interrupt.clear();
        assert!(
            predicted(&mut generator, &short, &statistics, tiles) == expected_short,
            "after {last} parts"
        );
        assert!(predicted(&mut generator, &long, &statistics, tiles) == expected, "after {last} parts");
    }
}

#[test]
fn a_predicted_fragment_that_is_interrupted_within_a_part_leaves_nothing_behind() {
    let mut generator = generator(3);
    let sample = sample(30);
    let (whole, statistics) = exact(&mut generator, &sample);
    let tiles = Tiles { first: usize::MAX, rest: 1 };
    let expected = predicted(&mut generator, &sample, &statistics, tiles);
    let interrupt = Interrupt::new();
    let mut wait = Duration::from_micros(100);
    loop {
        let stop = raise_after(wait, &interrupt);
        let mut put = |_: &[f32]| ControlFlow::Continue(());
        let ended = generator.predicted(&sample.input(), &statistics, tiles, &interrupt, &mut put);
        stop.join().unwrap();
        interrupt.clear();
        assert!(predicted(&mut generator, &sample, &statistics, tiles) == expected, "after {wait:?}");
        assert!(exact(&mut generator, &sample).0 == whole, "after {wait:?}");
        if ended.is_ok() {
            break;
        }
        wait *= 3;
    }
}
