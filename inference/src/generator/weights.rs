//! The generator's weights, as they stand in the graph.

/// Everything that the generator learned, and where the style's share of it is among the values that the rest of the
/// graph gives for each fragment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GeneratorWeights {
    /// From 80 to 800 frames per second, and from there to 4,800.
    pub stages: [Stage; 2],
    /// `[22][128][7]`.
    pub post: ConvWeights,
    /// `[22][20]`: the inverse transform, real parts of 11 bins and then imaginary ones.
    pub inverse: Vec<f32>,
    /// `[20]`: what the first samples of the inverse transform are divided by.
    pub window_sum: Vec<f32>,
    /// `[20]`: the window of the source's transform.
    pub window: Vec<f32>,
}

/// A convolution's weights.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConvWeights {
    /// `[outputs][inputs][taps]`; `[inputs][outputs][taps]` where it is transposed.
    pub weights: Vec<f32>,
    /// Per output.
    pub bias: Vec<f32>,
    /// Taps.
    pub taps: usize,
    /// Rows from one tap to the next.
    pub dilation: usize,
}

/// An upsampling and what follows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stage {
    /// Transposed: `[512][256][20]` with a step of 10, `[256][128][12]` with a step of 6.
    pub upsample: ConvWeights,
    /// From the source's spectrum: `[256][22][12]` with a step of 6, `[128][22][1]`.
    pub source: ConvWeights,
    /// Through which the source enters.
    pub source_block: ResidualBlock,
    /// With 3, 7 and 11 taps. Their mean is the output of the stage.
    pub blocks: [ResidualBlock; 3],
}

/// Six layers: three times a dilated one and a plain one, with a residual around each pair.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResidualBlock {
    /// In the order in which they are computed.
    pub layers: [Layer; 6],
}

/// A normalisation, Snake and a convolution.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layer {
    /// Where the scales of this normalisation begin among the style's values, one per channel; the shifts follow, and
    /// behind them the scales of the next layer.
    pub style: usize,
    /// Snake's frequency per channel.
    pub alpha: Vec<f32>,
    /// As many channels out as in.
    pub conv: ConvWeights,
}

impl GeneratorWeights {
    /// Values of the style that the generator takes.
    pub fn style_values(&self) -> usize {
        self.stages.iter().flat_map(Stage::layers).map(|layer| 2 * layer.alpha.len()).sum()
    }
}

impl Stage {
    /// The layers of the source's block, then those of the three residual blocks.
    pub fn layers(&self) -> impl Iterator<Item = &Layer> {
        std::iter::once(&self.source_block).chain(&self.blocks).flat_map(|block| &block.layers)
    }

    /// As [`layers`](Self::layers).
    pub(crate) fn layers_mut(&mut self) -> impl Iterator<Item = &mut Layer> {
        std::iter::once(&mut self.source_block).chain(&mut self.blocks).flat_map(|block| &mut block.layers)
    }
}
