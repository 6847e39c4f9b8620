//! Weights and fragments for tests that need no model.

use super::structure::{DILATIONS, POST_TAPS, SPECTRUM, STAGES, StageShape, TAPS, WINDOW};
use super::weights::{ConvWeights, GeneratorWeights, Layer, ResidualBlock, Stage};
use super::{HIDDEN, Input, SAMPLES_PER_FRAME};
use crate::kernels::chance::Chance;

/// Gives so many numbers of about this size.
pub(super) type Numbers<'n> = dyn FnMut(usize, f32) -> Vec<f32> + 'n;

/// Weights of the right sizes, of such `numbers` that no layer's output is much larger than its input.
pub(super) fn weights(numbers: &mut Numbers<'_>) -> GeneratorWeights {
    let mut style = 0;
    let mut filled = |[inputs, outputs, taps, dilation]: [usize; 4]| {
        let weights = numbers(inputs * outputs * taps, 1.0 / ((inputs * taps) as f32).sqrt());
        ConvWeights { weights, bias: numbers(outputs, 0.1), taps, dilation }
    };
    let mut block = |filled: &mut dyn FnMut([usize; 4]) -> ConvWeights, channels: usize, taps: usize| {
        let layers = DILATIONS.map(|dilation| {
            style += 2 * channels;
            Layer {
                style: style - 2 * channels,
                alpha: vec![1.0; channels],
                conv: filled([channels, channels, taps, dilation]),
            }
        });
        ResidualBlock { layers }
    };
    let stages = STAGES.map(|StageShape { inputs, channels, upsample, source, source_taps, .. }| Stage {
        upsample: filled([inputs, channels, upsample.taps, 1]),
        source: filled([SPECTRUM, channels, source.taps, 1]),
        source_block: block(&mut filled, channels, source_taps),
        blocks: TAPS.map(|taps| block(&mut filled, channels, taps)),
    });
    let post = filled([STAGES[1].channels, SPECTRUM, POST_TAPS, 1]);
    GeneratorWeights {
        stages,
        post,
        inverse: numbers(SPECTRUM * WINDOW, 0.05),
        window_sum: vec![1.0; WINDOW],
        window: vec![1.0; WINDOW],
    }
}

/// What the rest of the graph might give for a fragment.
pub(super) struct Sample {
    hidden: Vec<f32>,
    source: Vec<f32>,
    style: Vec<f32>,
}

impl Sample {
    /// Of so many frames, for a generator of these weights.
    pub(super) fn of(frames: usize, weights: &GeneratorWeights, chance: &mut Chance) -> Self {
        let mut style = vec![0.0; weights.style_values()];
        for layer in weights.stages.iter().flat_map(Stage::layers) {
            let channels = layer.alpha.len();
            let [scale, shift, ..] = chance.snake(channels);
            style[layer.style..][..channels].copy_from_slice(&scale);
            style[layer.style + channels..][..channels].copy_from_slice(&shift);
        }
        let hidden = chance.floats(HIDDEN * frames, 1.0);
        Self { hidden, source: chance.floats(SAMPLES_PER_FRAME * frames, 0.1), style }
    }

    pub(super) fn input(&self) -> Input<'_> {
        Input { hidden: &self.hidden, source: &self.source, style: &self.style }
    }
}
