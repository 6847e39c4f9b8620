//! The generator's weights as the kernels want them.

use super::affine::Place;
use super::int8::Int8Plan;
use super::inverse::{Inverse, SPECTRUM};
use super::spectrum::{BINS, Spectrum};
use super::statistics::CHANNELS;
use super::structure::{POST_TAPS, Rate, STAGES, StageShape};
use super::weights::{ConvWeights, GeneratorWeights, Layer, ResidualBlock, Stage};
use crate::kernels::{Conv, ConvJob, ConvShape, Dense, Int8Conv, Isa, Load};

/// Channels of the hidden frames.
pub(super) const HIDDEN: usize = 512;
/// Slope of the rectifier before each upsampling.
pub(super) const SLOPE: f32 = 0.1;
/// Slope of the rectifier before the last layer.
pub(super) const LAST_SLOPE: f32 = 0.01;
/// Rows of zeros before and behind the last layer's input.
pub(super) const POST_PAD: usize = (POST_TAPS - 1) / 2;
/// Rows of zeros before and behind the source's spectrum.
pub(super) const SPECTRUM_PAD: usize = STAGES[0].source.ends;
/// Residual blocks of a stage, whose mean is taken.
pub(super) const BLOCKS: usize = 3;

/// All of it.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) stages: [Box<PackedStage>; 2],
    pub(super) post: Dense,
    pub(super) spectrum: Spectrum,
    pub(super) inverse: Inverse,
}

/// One upsampling and what follows.
#[derive(Debug)]
pub(super) struct PackedStage {
    pub(super) channels: usize,
    /// Rows for each row of the stage before, and rows cut off before the first.
    pub(super) factor: usize,
    pub(super) cut: usize,
    /// Whether a row is mirrored before the first.
    pub(super) mirrored: bool,
    /// From two rows to `factor` rows.
    pub(super) upsample: Dense,
    /// From rows of the source's spectrum.
    pub(super) source: Dense,
    /// Rows of the spectrum from one row to the next, and before the first.
    pub(super) source_step: usize,
    pub(super) source_lead: usize,
    pub(super) source_block: PackedBlock,
    pub(super) blocks: [PackedBlock; BLOCKS],
}

/// Six layers.
#[derive(Debug)]
pub(super) struct PackedBlock {
    pub(super) layers: [PackedLayer; 6],
}

/// A normalisation, Snake and a convolution.
#[derive(Debug)]
pub(super) struct PackedLayer {
    pub(super) style: usize,
    conv: Convolution,
    alpha: Vec<f32>,
    inverse: Vec<f32>,
}

/// In float, or in integers of 8 bits.
#[derive(Debug)]
enum Convolution {
    Float(Conv),
    Int8(Int8Conv),
}

impl PackedLayer {
    fn new(isa: Isa, layer: &Layer, channels: usize, int8: Option<&[f32]>) -> Self {
        let ConvWeights { weights, bias, taps, dilation } = &layer.conv;
        let shape = ConvShape { inputs: channels, outputs: channels, taps: *taps, dilation: *dilation };
        Self {
            style: layer.style,
            conv: match int8 {
                None => Convolution::Float(Conv::pack(isa, shape, weights, bias)),
                Some(largest) => Convolution::Int8(Int8Conv::pack(isa, shape, weights, bias, largest)),
            },
            inverse: layer.alpha.iter().map(|alpha| 1.0 / alpha).collect(),
            alpha: layer.alpha.clone(),
        }
    }

    /// What the layer does as it loads: `affine` are the scales of its channels, and then the shifts.
    pub(super) fn load<'a>(&'a self, affine: &'a [f32]) -> Load<'a> {
        let (scale, shift) = affine.split_at(self.alpha.len());
        Load::Snake { scale, shift, alpha: &self.alpha, inverse: &self.inverse }
    }

    /// Rows that an output looks at on each side.
    pub(super) fn reach(&self) -> usize {
        match &self.conv {
            Convolution::Float(conv) => conv.shape().reach(),
            Convolution::Int8(conv) => conv.shape().reach(),
        }
    }

    /// Floats that a call needs to work in.
    fn scratch(&self) -> usize {
        match &self.conv {
            Convolution::Float(conv) => conv.scratch(),
            Convolution::Int8(conv) => conv.scratch(),
        }
    }

    /// Computes rows of the output.
    pub(super) fn run(&self, job: ConvJob<'_>) {
        match &self.conv {
            Convolution::Float(conv) => conv.run(job),
            Convolution::Int8(conv) => conv.run(job),
        }
    }
}

impl PackedBlock {
    fn new(
        isa: Isa,
        residual: &ResidualBlock,
        (stage, block): (usize, usize),
        int8: Option<&Int8Plan>,
    ) -> Self {
        let layers = std::array::from_fn(|layer| {
            let largest = int8.and_then(|plan| plan.of(Place { stage, block, layer }));
            PackedLayer::new(isa, &residual.layers[layer], CHANNELS[stage], largest)
        });
        Self { layers }
    }
}

impl PackedStage {
    fn new(isa: Isa, stage: &Stage, index: usize, int8: Option<&Int8Plan>) -> Self {
        let StageShape { inputs, channels, upsample: Rate { step, ends, .. }, source, mirrored, .. } =
            STAGES[index];
        let scale = if index == 0 { 1.0 } else { MEAN };
        Self {
            channels,
            factor: step,
            cut: ends,
            mirrored,
            upsample: upsample(isa, &stage.upsample, [inputs, channels, step], scale),
            source: over_rows(isa, &stage.source, [2 * BINS, channels], 1.0),
            source_step: source.step,
            source_lead: source.ends,
            source_block: PackedBlock::new(isa, &stage.source_block, (index, 0), int8),
            blocks: std::array::from_fn(|block| {
                PackedBlock::new(isa, &stage.blocks[block], (index, block + 1), int8)
            }),
        }
    }

    /// The block of the source, and then the three others.
    pub(super) fn block(&self, index: usize) -> &PackedBlock {
        if index == 0 { &self.source_block } else { &self.blocks[index - 1] }
    }
}

/// The mean over the residual blocks is taken by the weights that follow: a rectifier does not mind a factor.
const MEAN: f32 = 1.0 / BLOCKS as f32;

impl Packed {
    pub(super) fn new(isa: Isa, weights: &GeneratorWeights, int8: Option<&Int8Plan>) -> Self {
        let [first, second] = &weights.stages;
        Self {
            stages: [(first, 0), (second, 1)]
                .map(|(stage, index)| Box::new(PackedStage::new(isa, stage, index, int8))),
            post: over_rows(isa, &weights.post, [CHANNELS[1], SPECTRUM], MEAN),
            spectrum: Spectrum::new(&weights.window),
            inverse: Inverse::new(isa, &weights.inverse, &weights.window_sum),
        }
    }

    /// Floats that any layer needs to work in.
    pub(super) fn scratch(&self) -> usize {
        let blocks = self.stages.iter().flat_map(|stage| (0..=BLOCKS).map(|index| stage.block(index)));
        blocks.flat_map(|block| &block.layers).map(PackedLayer::scratch).max().unwrap_or(0)
    }
}

/// A transposed convolution with twice as many taps as steps: `step` rows from two.
fn upsample(isa: Isa, conv: &ConvWeights, [inputs, outputs, step]: [usize; 3], scale: f32) -> Dense {
    let width = step * outputs;
    let mut weights = vec![0.0; 2 * inputs * width];
    for (input, rows) in conv.weights.chunks_exact(outputs * conv.taps).enumerate() {
        for (output, taps) in rows.chunks_exact(conv.taps).enumerate() {
            for (tap, &weight) in taps.iter().enumerate() {
                // The earlier of the two rows reaches the later half of the taps.
                let row = if tap < step { inputs + input } else { input };
                weights[row * width + tap % step * outputs + output] = weight * scale;
            }
        }
    }
    let bias: Vec<f32> = conv.bias.iter().copied().cycle().take(width).collect();
    Dense::pack(isa, 2 * inputs, width, &weights, &bias)
}

/// A convolution over rows that stand one after another.
fn over_rows(isa: Isa, conv: &ConvWeights, [inputs, outputs]: [usize; 2], scale: f32) -> Dense {
    let mut weights = vec![0.0; conv.weights.len()];
    for (output, rows) in conv.weights.chunks_exact(inputs * conv.taps).enumerate() {
        for (input, taps) in rows.chunks_exact(conv.taps).enumerate() {
            for (tap, &weight) in taps.iter().enumerate() {
                weights[(tap * inputs + input) * outputs + output] = weight * scale;
            }
        }
    }
    Dense::pack(isa, conv.taps * inputs, outputs, &weights, &conv.bias)
}
