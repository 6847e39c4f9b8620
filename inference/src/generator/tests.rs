//! The generator behind the trunk, against the whole graph on ONNX Runtime.

use std::ops::ControlFlow;

use ort::value::TensorRef;

use super::*;
use crate::graph::mel;
use crate::graph::{HIDDEN as HIDDEN_FRAMES, SOURCE, STYLE, cut, rebuild_float};
use crate::runtime::{Model, Runtime};
use crate::{DEFAULT_VOICE, SessionOptions, Voice, cache};

/// "hello there", with a pause in it.
const TOKENS: [i64; 12] = [0, 50, 83, 54, 156, 31, 3, 81, 86, 123, 4, 0];

/// The float graph, what comes before its generator, and the generator's weights.
pub(super) struct Graphs {
    runtime: Runtime,
    float: Vec<u8>,
    trunk: Vec<u8>,
    /// Of the default voice, for as many tokens.
    style: Vec<f32>,
    pub(super) weights: GeneratorWeights,
}

/// What the trunk gives.
pub(super) struct Given {
    hidden: Vec<f32>,
    source: Vec<f32>,
    style: Vec<f32>,
}

impl Given {
    pub(super) fn input(&self) -> Input<'_> {
        Input { hidden: &self.hidden, source: &self.source, style: &self.style }
    }
}

impl Graphs {
    /// Those of the published model, where it is here.
    pub(super) fn published() -> Option<Self> {
        let (library, int8, voice) = (cache::runtime()?, cache::kokoro_int8()?, cache::voice(DEFAULT_VOICE)?);
        let (float, _) = rebuild_float(&std::fs::read(int8).unwrap()).unwrap();
        let (trunk, weights) = cut(&float).unwrap();
        let runtime = Runtime::load(&library).unwrap();
        let voice = Voice::load(&voice).unwrap();
        let style = voice.style(TOKENS.len() - 2).unwrap().to_vec();
        Some(Self { runtime, float, trunk, style, weights })
    }

    pub(super) fn given(&self) -> Given {
        let mut values = self.run(&self.trunk, &[HIDDEN_FRAMES, SOURCE, STYLE]).into_iter();
        let mut next = || values.next().unwrap();
        Given { hidden: next(), source: next(), style: next() }
    }

    fn run(&self, model: &[u8], names: &[&str]) -> Vec<Vec<f32>> {
        let options = SessionOptions::on_cpu(2);
        let mut session = self.runtime.session("quality", &options, Model::Bytes(model)).unwrap();
        let (speed, pitch, energy) = ([1.2_f32], [1.0_f32], [1.0_f32]);
        let outputs = session
            .run(ort::inputs![
                TensorRef::from_array_view(([1, TOKENS.len()], TOKENS.as_slice())).unwrap(),
                TensorRef::from_array_view(([1, 256], self.style.as_slice())).unwrap(),
                TensorRef::from_array_view(([1], speed.as_slice())).unwrap(),
                TensorRef::from_array_view(([1], pitch.as_slice())).unwrap(),
                TensorRef::from_array_view(([1], energy.as_slice())).unwrap(),
            ])
            .unwrap();
        names.iter().map(|&name| outputs[name].try_extract_tensor::<f32>().unwrap().1.to_vec()).collect()
    }
}

/// How far `other` is from `signal`, in dB; the more, the nearer.
pub(super) fn snr(signal: &[f32], other: &[f32]) -> f64 {
    assert_eq!(signal.len(), other.len());
    let square = |value: f32| f64::from(value) * f64::from(value);
    let power: f64 = signal.iter().map(|&value| square(value)).sum();
    let error: f64 = signal.iter().zip(other).map(|(&a, &b)| square(a - b)).sum();
    10.0 * (power / error.max(f64::MIN_POSITIVE)).log10()
}

#[test]
fn with_measured_statistics_the_samples_are_the_stock_graphs() {
    let Some(graphs) = Graphs::published() else { return };
    let stock = graphs.run(&graphs.float, &["audio"]).remove(0);
    let given = graphs.given();
    let mut generator = Generator::new(&graphs.weights, Isa::best(), 2).unwrap();
    let began = std::time::Instant::now();
    let (samples, _) = generator.exact(&given.input(), &Interrupt::new()).unwrap();
    println!("{} samples in {:?}, SNR {:.1} dB", samples.len(), began.elapsed(), snr(&stock, samples));
    assert!(snr(&stock, samples) > 60.0, "{} dB", snr(&stock, samples));
}

#[test]
fn tiles_of_any_size_give_the_samples_of_the_whole() {
    let Some(graphs) = Graphs::published() else { return };
    let given = graphs.given();
    let mut generator = Generator::new(&graphs.weights, Isa::best(), 2).unwrap();
    let interrupt = Interrupt::new();
    let (whole, statistics) = generator.exact(&given.input(), &interrupt).unwrap();
    let (whole, statistics) = (whole.to_vec(), statistics.clone());
    for tiles in [Tiles { first: 2_400, rest: 7_200 }, Tiles { first: 4_801, rest: 3_333 }] {
        let (mut samples, mut parts) = (Vec::new(), 0);
        let mut put = |part: &[f32]| {
            samples.extend_from_slice(part);
            parts += 1;
            ControlFlow::Continue(())
        };
        generator.predicted(&given.input(), &statistics, tiles, &interrupt, &mut put).unwrap();
        println!("{parts} parts, {:.1} dB", snr(&whole, &samples));
        assert!(parts > 3 && snr(&whole, &samples) > 80.0, "{tiles:?}: {} dB", snr(&whole, &samples));
    }
}

#[test]
fn no_tile_is_computed_after_the_one_at_which_it_is_broken_off() {
    let Some(graphs) = Graphs::published() else { return };
    let given = graphs.given();
    let mut generator = Generator::new(&graphs.weights, Isa::best(), 2).unwrap();
    let (interrupt, tiles) = (Interrupt::new(), Tiles { first: 2_400, rest: 2_400 });
    let mut parts = 0;
    let mut put = |_: &[f32]| {
        parts += 1;
        if parts == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    generator.predicted(&given.input(), &Statistics::new(), tiles, &interrupt, &mut put).unwrap();
    assert_eq!(parts, 2);
}

#[test]
fn in_integers_it_says_nearly_the_same_with_the_same_statistics_or_its_own() {
    let Some(graphs) = Graphs::published() else { return };
    let given = graphs.given();
    let (mut largest, interrupt) = (Largest::default(), Interrupt::new());
    let mut float = Generator::new(&graphs.weights, Isa::best(), 2).unwrap();
    let exact = float.observed(&given.input(), &mut largest, &interrupt).unwrap().to_vec();
    assert!(largest.is_whole());
    let plan = Int8Plan::all(largest);
    let mut int8 = Generator::with(&graphs.weights, Some(&plan), Isa::best(), 2).unwrap();
    let began = std::time::Instant::now();
    let found = int8.exact(&given.input(), &interrupt).unwrap().0;
    let difference = mel::difference(&exact, found).unwrap();
    println!("{:?}: {difference:?}, {:.1} dB", began.elapsed(), snr(&exact, found));
    assert!(difference.log_mel < 2.2, "{difference:?}");
    assert!(snr(&exact, found) < 60.0, "so close that it cannot have been computed in integers");
}
