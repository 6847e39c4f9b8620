//! The session with predicted norms, where the prediction is right.

use std::sync::Arc;

use super::*;
use crate::assets::Cache;
use crate::generator::Statistics;
use crate::norms::{ENOUGH, Figures, Shape};
use crate::trim::LEAD;
use crate::{DEFAULT_VOICE, LARGEST_TILE, Models, SMALLEST_TILE, SessionKind, cache};

const SENTENCE: &str = "ðˌA wˈɔkt əlˈɔŋ ðə ɹˈɪvəɹ əntˈɪl ðə lˈæmps wɜɹ lˈɪt.";

/// A session of the models of the cache, and a sentence in the default voice.
fn session() -> Option<(Native, Fragment)> {
    cache::runtime()?;
    cache::kokoro_int8()?;
    cache::voice(DEFAULT_VOICE)?;
    let models = Models::new(Cache::of_user().unwrap()).unwrap();
    let voice = models.voice(DEFAULT_VOICE, SessionKind::Quality).unwrap();
    let fragment = Fragment { phonemes: SENTENCE.into(), voice, prosody: Prosody::default(), seed: 0 };
    Some((models.native_session(2).unwrap(), fragment))
}

/// The norms of a fragment, and how long its tokens last.
fn measured(native: &mut Native, fragment: &Fragment) -> (Statistics, Vec<u32>) {
    let (shaped, tokens) = native.trunk.shape(fragment).unwrap();
    let input = shaped.input(native.style).unwrap();
    let units = shaped.units().unwrap();
    let durations = durations(NAME, units, SAMPLES_PER_UNIT, tokens, input.source.len()).unwrap();
    (native.generator.exact(&input, &native.interrupt).unwrap().1.clone(), durations)
}

/// Another sentence in the same voice.
fn another(fragment: &Fragment, n: u64) -> Fragment {
    Fragment { phonemes: format!("{n}"), ..fragment.clone() }
}

/// A learner that foretells of every sentence what was measured on this one, and has passed.
fn foretelling(native: &mut Native, fragment: &Fragment) -> Learner {
    let (statistics, durations) = measured(native, fragment);
    let shape = Shape::of(fragment, &durations).unwrap();
    let mut learner = Learner::new(NormsChoice::Auto, None);
    for n in 0..ENOUGH {
        let share = shape.share - 0.1 + 0.2 * n as f32 / (ENOUGH - 1) as f32;
        learner.learn(&another(fragment, n), Shape { share, ..shape }, &statistics);
    }
    let fit = learner.plan(fragment, &durations).unwrap().check.unwrap();
    learner.judge(&fragment.voice, fit, Figures { log_mel: 0.0, level: 0.0 });
    learner
}

/// What comes out of a session, part by part.
#[derive(Default)]
struct Heard {
    first_tile: usize,
    begun: Vec<usize>,
    parts: Vec<Vec<f32>>,
}

impl PartSink for Heard {
    fn begin(&mut self, timing: Timing<'_>) {
        assert!(self.parts.is_empty());
        self.begun.push(timing.trimmed_lead);
    }

    fn first_tile(&self) -> usize {
        self.first_tile
    }

    fn put(&mut self, samples: &[f32]) {
        self.parts.push(samples.to_vec());
    }
}

fn speak(native: &mut Native, fragment: &Fragment, first_tile: usize) -> (Heard, Synthesis) {
    let mut heard = Heard { first_tile, ..Heard::default() };
    let synthesis = native.synthesize(fragment, &mut heard).unwrap();
    assert_eq!(heard.begun, [synthesis.trimmed_lead]);
    assert_eq!(heard.parts.iter().map(Vec::len).sum::<usize>(), synthesis.samples);
    (heard, synthesis)
}

fn ratio(expected: &[f32], found: &[f32]) -> f64 {
    assert_eq!(expected.len(), found.len());
    let power = |values: &mut dyn Iterator<Item = f32>| values.map(|v| f64::from(v).powi(2)).sum::<f64>();
    let noise = power(&mut expected.iter().zip(found).map(|(a, b)| a - b));
    10.0 * (power(&mut expected.iter().copied()) / noise).log10()
}

#[test]
fn a_fragment_whose_norms_are_foretold_leaves_in_parts_that_are_the_whole() {
    let Some((mut native, fragment)) = session() else { return };
    let (exact, told) = speak(&mut native, &fragment, 0);
    assert!(exact.parts.len() == 1 && !native.streams(&fragment.voice, fragment.prosody));
    let learner = foretelling(&mut native, &fragment);
    *native.learner() = learner;
    assert!(native.streams(&fragment.voice, fragment.prosody));
    for first_tile in [0, 5_000, usize::MAX] {
        let (streamed, synthesis) = speak(&mut native, &fragment, first_tile);
        assert_eq!(synthesis, told);
        let ratio = ratio(&exact.parts[0], &streamed.parts.concat());
        println!("{} parts, {ratio:.1} dB", streamed.parts.len());
        assert!(ratio >= 80.0, "{ratio:.1} dB");
        assert!(streamed.parts.len() > 3 && streamed.parts.len() <= MOST_PARTS);
        assert!(streamed.parts.iter().all(|part| part.len() <= LARGEST_TILE + SMALLEST_TILE + LEAD));
    }
}

#[test]
fn an_interrupt_between_two_parts_ends_the_fragment() {
    let Some((mut native, fragment)) = session() else { return };
    let learner = foretelling(&mut native, &fragment);
    *native.learner() = learner;
    let (interrupt, mut parts) = (native.interrupt(), 0);
    let ended = native.synthesize(&fragment, &mut |_: &[f32]| {
        parts += 1;
        interrupt.raise();
    });
    assert!(matches!(ended, Err(SynthesisError::Interrupted)) && parts == 1);
    interrupt.clear();
    assert!(speak(&mut native, &fragment, 0).0.parts.len() > 3);
}

#[test]
fn a_prediction_is_checked_when_there_is_time_and_then_used() {
    let Some((mut native, fragment)) = session() else { return };
    let voice = Arc::clone(&fragment.voice);
    let statistics = measured(&mut native, &fragment).0;
    *native.learner() = Learner::new(NormsChoice::Auto, None);
    for n in 0..ENOUGH {
        let shape = Shape { share: 0.05 + 0.02 * n as f32, tokens: 50, is_ordinary: true };
        native.learner().learn(&another(&fragment, n), shape, &statistics);
    }
    assert!(!native.settle());
    assert_eq!(speak(&mut native, &fragment, 0).0.parts.len(), 1);
    let interrupt = native.interrupt();
    interrupt.raise();
    assert!(native.settle() && !native.streams(&voice, fragment.prosody));
    interrupt.clear();
    assert!(native.settle() && native.streams(&voice, fragment.prosody) && !native.settle());
}
