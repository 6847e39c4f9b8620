//! Finds Kokoro's generator in the float graph, and reads what it learned.
//!
//! From the samples backwards: the inverse transform, the convolution that gives its spectrum, and two stages of three
//! residual blocks over the sum of an upsampling and a residual block of the harmonic source. What the native generator
//! takes as given (steps, slopes, the source's constants, the norm's epsilon) is compared with what the graph says.

use super::GraphError;
use super::backwards::{Site, input, integer, integers, is_ungrouped, plain_transposed, wrong};
use super::onnx::{GraphProto, NodeProto};
use super::wiring::{Wiring, constants};
use crate::generator::structure::{DILATIONS, POST_TAPS, Rate, SPECTRUM, STAGES, StageShape, TAPS, WINDOW};
use crate::generator::{ConvWeights, GeneratorWeights, Layer, ResidualBlock, Stage};

/// How far `a * (1 / a)` may be from 1 for the two to be what they seem.
const TOLERANCE: f32 = 1e-6;

/// The generator and the tensors that it takes from the rest of the graph.
pub(super) struct Found {
    pub(super) weights: GeneratorWeights,
    /// `[1, 512, frames]`.
    pub(super) hidden: String,
    /// `[1, samples, 1]`, 24,000 per second.
    pub(super) source: String,
    /// Scales and shifts of every normalisation in turn, each `[1, channels, 1]`.
    pub(super) style: Vec<String>,
}

/// Finds the one generator of `graph`.
pub(super) fn find(graph: &GraphProto) -> Result<Found, GraphError> {
    const POST: &str = "a convolution behind a leaky rectifier";
    let site = Site { graph, wiring: &Wiring::of(graph), constants: &constants(graph) };
    let inverses: Vec<&NodeProto> = graph.node.iter().filter(|node| site.is_inverse(node)).collect();
    let &[inverse] = inverses.as_slice() else {
        return Err(GraphError::Generator { found: inverses.len() });
    };
    let post = site.spectrum(inverse)?;
    let second = site.stage(site.leaky(input(post, 0, POST)?, 0.01)?, 1)?;
    let first = site.stage(&second.below, 0)?;
    if first.spectrum != second.spectrum {
        return Err(site.pattern(&first.spectrum, "both stages take the source's spectrum"));
    }
    let source = site.source(&first.spectrum)?;
    let post_rate = Rate { taps: POST_TAPS, step: 1, ends: POST_TAPS / 2 };
    let mut weights = GeneratorWeights {
        stages: [first.stage, second.stage],
        post: site.convolution(post, [SPECTRUM, STAGES[1].channels], post_rate)?,
        inverse: site.weight(inverse, 1, &dims([SPECTRUM, 1, WINDOW]))?,
        window_sum: site.window_sum(inverse)?,
        window: source.window,
    };
    let style: Vec<String> = first.style.into_iter().chain(second.style).collect();
    let mut place = 0;
    for layer in weights.stages.iter_mut().flat_map(Stage::layers_mut) {
        layer.style = place;
        place += 2 * layer.alpha.len();
    }
    weights.check()?;
    Ok(Found { weights, hidden: first.below, source: source.wave, style })
}

/// A stage and what it stands on.
struct FoundStage {
    stage: Stage,
    style: Vec<String>,
    /// What is upsampled, before its leaky rectifier.
    below: String,
    spectrum: String,
}

struct FoundBlock {
    block: ResidualBlock,
    style: Vec<String>,
    from: String,
}

struct FoundLayer<'a> {
    layer: Layer,
    scale: &'a str,
    shift: &'a str,
    from: &'a str,
}

impl<'a> Site<'a> {
    /// The stage that makes `output`.
    fn stage(&self, output: &str, place: usize) -> Result<FoundStage, GraphError> {
        const MEAN: &str = "the mean of residual blocks with 3, 7 and 11 taps over the same rows";
        const SUM: &str = "an upsampling and the source's residual block, added";
        const UPSAMPLING: &str = "its steps and ends are those of Kokoro's upsampling";
        const SOURCE: &str = "a convolution of the source's spectrum";
        let StageShape { inputs, channels, upsample: rate, source: source_rate, source_taps, mirrored } =
            STAGES[place];
        let mean = self.made(output, "Div", MEAN)?;
        self.number_at(mean, 1, TAPS.len() as f32, MEAN)?;
        let mut ends = Vec::new();
        self.summands(input(mean, 0, MEAN)?, TAPS.len() - 1, &mut ends);
        let blocks: Result<Vec<_>, _> = ends.iter().map(|end| self.block(end, channels)).collect();
        let mut blocks = blocks?;
        blocks.sort_by_key(|found| found.block.layers[0].conv.taps);
        let taps: Vec<usize> = blocks.iter().map(|found| found.block.layers[0].conv.taps).collect();
        if taps != TAPS || blocks.iter().any(|found| found.from != blocks[0].from) {
            return Err(wrong(mean, MEAN));
        }
        let sum = self.made(&blocks[0].from, "Add", SUM)?;
        let (upsample, source) = if mirrored {
            let (pad, source) = self.either(sum, "Pad", SUM)?;
            self.mirrors(pad, [0, 0, 1, 0, 0, 0], "one row is put before the first, mirrored")?;
            (self.made(input(pad, 0, SUM)?, "ConvTranspose", SUM)?, source)
        } else {
            self.either(sum, "ConvTranspose", SUM)?
        };
        let Rate { taps, step, ends } = rate;
        plain_transposed(upsample, ends, UPSAMPLING)?;
        if integers(upsample, "strides") != dims([step]) {
            return Err(wrong(upsample, UPSAMPLING));
        }
        let below = self.leaky(input(upsample, 0, UPSAMPLING)?, 0.1)?.to_owned();
        let upsample = ConvWeights {
            weights: self.weight(upsample, 1, &dims([inputs, channels, taps]))?,
            bias: self.weight(upsample, 2, &dims([channels]))?,
            taps,
            dilation: 1,
        };
        let source_block = self.block(source, channels)?;
        if source_block.block.layers[0].conv.taps != source_taps {
            return Err(self.pattern(source, "the source's blocks have 7 and 11 taps"));
        }
        let source = self.made(&source_block.from, "Conv", SOURCE)?;
        let spectrum = input(source, 0, SOURCE)?.to_owned();
        let source = self.convolution(source, [channels, SPECTRUM], source_rate)?;
        let mut style = source_block.style;
        let mut kept = [ResidualBlock::default(), ResidualBlock::default(), ResidualBlock::default()];
        for (slot, found) in kept.iter_mut().zip(blocks) {
            *slot = found.block;
            style.extend(found.style);
        }
        let stage = Stage { upsample, source, source_block: source_block.block, blocks: kept };
        Ok(FoundStage { stage, style, below, spectrum })
    }

    /// What is added up in `tensor` by up to `sums` sums, from left to right: sums of which one summand is a convolution are
    /// ends of residual blocks and not taken apart.
    fn summands<'t>(&'t self, tensor: &'t str, sums: usize, ends: &mut Vec<&'t str>) {
        let add = self.maker(tensor).filter(|node| node.op() == "Add");
        let is_conv = |input: &String| self.maker(input).is_some_and(|node| node.op() == "Conv");
        match add {
            Some(add) if sums > 0 && !add.input.iter().any(is_conv) => {
                add.input.iter().for_each(|input| self.summands(input, sums - 1, ends));
            }
            _ => ends.push(tensor),
        }
    }

    /// The residual block that makes `output`.
    fn block(&self, output: &str, channels: usize) -> Result<FoundBlock, GraphError> {
        const EXPECTED: &str = "two layers of a residual block, added to what they were made from";
        let mut found = Vec::new();
        let mut from = output;
        for _ in 0..3 {
            let sum = self.made(from, "Add", EXPECTED)?;
            let (convolution, residual) = self.either(sum, "Conv", EXPECTED)?;
            let plain = self.layer(convolution, channels)?;
            let dilated = self.layer(self.made(plain.from, "Conv", EXPECTED)?, channels)?;
            if dilated.from != residual {
                return Err(wrong(sum, EXPECTED));
            }
            from = residual;
            found.extend([plain, dilated]);
        }
        found.reverse();
        let style = found.iter().flat_map(|layer| [layer.scale, layer.shift]).map(str::to_owned).collect();
        let mut block = ResidualBlock::default();
        for ((slot, found), dilation) in block.layers.iter_mut().zip(found).zip(DILATIONS) {
            if found.layer.conv.dilation != dilation {
                return Err(self.pattern(output, "its dilations are 1, 3 and 5"));
            }
            *slot = found.layer;
        }
        Ok(FoundBlock { block, style, from: from.to_owned() })
    }

    /// The layer whose last node is `convolution`.
    fn layer(&self, convolution: &'a NodeProto, channels: usize) -> Result<FoundLayer<'a>, GraphError> {
        const SNAKE: &str = "x + sin(a x)^2 / a, with an a per channel";
        const NORM: &str = "a normalisation over time with scale and shift per channel";
        const ROWS: &str = "it has as many rows out as in";
        let per_channel = dims([1, channels, 1]);
        let size = |value: Option<i64>| value.and_then(|value| usize::try_from(value).ok());
        let weight = self.constant(convolution, 1).ok_or_else(|| wrong(convolution, ROWS))?;
        let taps = size(weight.dims.get(2).copied());
        let dilation = size(integers(convolution, "dilations").first().copied().or(Some(1)));
        let (Some(taps), Some(dilation)) = (
            taps.filter(|taps| TAPS.contains(taps)),
            dilation.filter(|dilation| DILATIONS.contains(dilation)),
        ) else {
            return Err(wrong(convolution, "its taps are 3, 7 or 11, and 1, 3 or 5 rows apart"));
        };
        if integers(convolution, "pads") != dims([taps / 2 * dilation; 2]) {
            return Err(wrong(convolution, ROWS));
        }
        let conv = self.dilated(convolution, [channels, channels, taps], (1, dilation))?;

        let snake = self.made(input(convolution, 0, SNAKE)?, "Add", SNAKE)?;
        let (scaled, normal) = self.either(snake, "Mul", SNAKE)?;
        let (square, inverse) = self.by_constant(scaled, &per_channel, SNAKE)?;
        let square = self.made(square, "Pow", SNAKE)?;
        self.number_at(square, 1, 2.0, SNAKE)?;
        let product = self.back(input(square, 0, SNAKE)?, &["Sin"], SNAKE)?;
        let (x, alpha) = self.by_constant(self.made(product, "Mul", SNAKE)?, &per_channel, SNAKE)?;
        let inverses = alpha.iter().zip(&inverse).all(|(a, r)| (a * r - 1.0).abs() <= TOLERANCE);
        if x != normal || !inverses {
            return Err(wrong(snake, SNAKE));
        }

        let shifted = self.made(normal, "Add", NORM)?;
        let (scaled, shift) = self.either(shifted, "Mul", NORM)?;
        let (divided, scale) = self.either(scaled, "Div", NORM)?;
        let centred = self.made(input(divided, 0, NORM)?, "Sub", NORM)?;
        let x = input(centred, 0, NORM)?;
        let mean = self.mean(input(centred, 1, NORM)?, NORM)?;
        let root = self.back(input(divided, 1, NORM)?, &["Sqrt"], NORM)?;
        let sum = self.made(root, "Add", NORM)?;
        self.number_at(sum, 1, 1e-5, NORM)?;
        let squares = self.mean(input(sum, 0, NORM)?, NORM)?;
        let squares = self.made(squares, "Mul", NORM)?;
        if squares.input.len() != 2
            || squares.input.iter().any(|factor| centred.output.first() != Some(factor))
        {
            return Err(wrong(squares, NORM));
        }
        if mean != x {
            return Err(wrong(centred, NORM));
        }
        let layer = Layer { style: 0, alpha, conv };
        Ok(FoundLayer { layer, scale, shift, from: x })
    }

    /// What the mean over time that makes `tensor` is taken of.
    fn mean(&self, tensor: &str, expected: &'static str) -> Result<&'a str, GraphError> {
        let mean = self.made(tensor, "ReduceMean", expected)?;
        let over_time = self.integers_at(mean, 1).is_some_and(|axes| axes == [2]);
        if over_time && integer(mean, "keepdims").unwrap_or(1) == 1 {
            input(mean, 0, expected)
        } else {
            Err(wrong(mean, expected))
        }
    }

    /// What a leaky rectifier of slope `slope` that makes `tensor` takes.
    fn leaky(&self, tensor: &str, slope: f32) -> Result<&'a str, GraphError> {
        const EXPECTED: &str = "a leaky rectifier with the slope that Kokoro's generator has there";
        let node = self.made(tensor, "LeakyRelu", EXPECTED)?;
        match node.attribute("alpha").and_then(|alpha| alpha.f) {
            Some(alpha) if alpha == slope => input(node, 0, EXPECTED),
            _ => Err(wrong(node, EXPECTED)),
        }
    }

    /// The weights of a convolution from so many channels to so many others, with taps side by side.
    fn convolution(
        &self,
        node: &NodeProto,
        [outputs, inputs]: [usize; 2],
        Rate { taps, step, ends }: Rate,
    ) -> Result<ConvWeights, GraphError> {
        if integers(node, "pads") != dims([ends, ends]) {
            return Err(wrong(node, "its ends are those that Kokoro's generator has there"));
        }
        self.dilated(node, [outputs, inputs, taps], (step, 1))
    }

    /// The weights of an ungrouped convolution of these sizes, whatever its ends are.
    fn dilated(
        &self,
        node: &NodeProto,
        [outputs, inputs, taps]: [usize; 3],
        (step, dilation): (usize, usize),
    ) -> Result<ConvWeights, GraphError> {
        let dilations = integers(node, "dilations");
        let has_dilation = if dilations.is_empty() { dilation == 1 } else { dilations == dims([dilation]) };
        let has_step = integers(node, "strides") == dims([step]);
        if node.op() != "Conv" || !has_step || !has_dilation || !is_ungrouped(node) {
            return Err(wrong(node, "a convolution with the step that Kokoro's generator has there"));
        }
        let weights = self.weight(node, 1, &dims([outputs, inputs, taps]))?;
        let bias = self.weight(node, 2, &dims([outputs]))?;
        Ok(ConvWeights { weights, bias, taps, dilation })
    }
}

/// Sizes as a graph writes them.
pub(super) fn dims<const N: usize>(sizes: [usize; N]) -> [i64; N] {
    sizes.map(|size| size as i64)
}

#[cfg(test)]
mod tests {
    use super::super::onnx::{AttributeProto, TensorProto};
    use super::*;

    /// A layer of two channels over `x`, as exports spell it out.
    fn layer(inverse: [f32; 2]) -> GraphProto {
        let conv = [("strides", vec![1]), ("dilations", vec![3]), ("pads", vec![3, 3])]
            .iter()
            .fold(NodeProto::of("Conv", &["snake", "w", "b"], "y"), |node, (name, values)| {
                node.with(AttributeProto::integers(name, values))
            });
        GraphProto {
            node: vec![
                NodeProto::of("ReduceMean", &["x", "time"], "mean"),
                NodeProto::of("Sub", &["x", "mean"], "centred"),
                NodeProto::of("Mul", &["centred", "centred"], "squares"),
                NodeProto::of("ReduceMean", &["squares", "time"], "variance"),
                NodeProto::of("Add", &["variance", "epsilon"], "sum"),
                NodeProto::of("Sqrt", &["sum"], "root"),
                NodeProto::of("Div", &["centred", "root"], "normal"),
                NodeProto::of("Mul", &["scale", "normal"], "scaled"),
                NodeProto::of("Add", &["scaled", "shift"], "z"),
                NodeProto::of("Mul", &["a", "z"], "az"),
                NodeProto::of("Sin", &["az"], "sine"),
                NodeProto::of("Pow", &["sine", "two"], "square"),
                NodeProto::of("Mul", &["inverse", "square"], "bump"),
                NodeProto::of("Add", &["z", "bump"], "snake"),
                conv,
            ],
            initializer: vec![
                TensorProto::floats("epsilon".into(), vec![], &[1e-5]),
                TensorProto::integers("time".into(), &[2]),
                TensorProto::floats("two".into(), vec![], &[2.0]),
                TensorProto::floats("a".into(), vec![1, 2, 1], &[0.5, 4.0]),
                TensorProto::floats("inverse".into(), vec![1, 2, 1], &inverse),
                TensorProto::floats("w".into(), vec![2, 2, 3], &[0.25; 12]),
                TensorProto::floats("b".into(), vec![2], &[1.0, 2.0]),
            ],
            ..GraphProto::default()
        }
    }

    fn found(graph: &GraphProto) -> Result<(Layer, [String; 3]), GraphError> {
        let site = Site { graph, wiring: &Wiring::of(graph), constants: &constants(graph) };
        let found = site.layer(graph.node.last().unwrap(), 2)?;
        Ok((found.layer, [found.scale, found.shift, found.from].map(str::to_owned)))
    }

    #[test]
    fn a_layer_is_read_with_the_style_that_it_takes_and_what_it_stands_on() {
        let (layer, tensors) = found(&layer([2.0, 0.25])).unwrap();
        assert_eq!(tensors, ["scale", "shift", "x"]);
        assert_eq!(layer.alpha, [0.5, 4.0]);
        assert_eq!((layer.conv.taps, layer.conv.dilation, layer.conv.bias), (3, 3, vec![1.0, 2.0]));
    }

    #[test]
    fn a_layer_that_computes_something_else_is_refused_by_name() {
        let refused = |graph: &GraphProto| found(graph).unwrap_err().to_string();
        assert!(refused(&layer([2.0, 0.5])).contains("sin(a x)^2 / a"));
        let mut epsilon = layer([2.0, 0.25]);
        epsilon.initializer[0] = TensorProto::floats("epsilon".into(), vec![], &[1e-3]);
        assert!(refused(&epsilon).contains("a normalisation over time"));
        let mut shorter = layer([2.0, 0.25]);
        shorter.node[14].attribute[2] = AttributeProto::integers("pads", &[0, 0]);
        assert!(refused(&shorter).contains("as many rows out as in"));
    }
}
