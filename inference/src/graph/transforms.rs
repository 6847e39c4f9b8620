//! The generator's two transforms: of the harmonic source into its spectrum, and of the last spectrum into samples.

use super::GraphError;
use super::backwards::{Site, input, integer, integers, plain_transposed, text, wrong};
use super::generator::dims;
use super::onnx::NodeProto;
use crate::generator::structure::{HOP, SPECTRUM, WINDOW};

/// Bins of a spectrum.
const BINS: i64 = (SPECTRUM / 2) as i64;
/// Samples that are mirrored before the first frame and cut off again behind the inverse transform, and as many at the end.
const LEAD: i64 = (WINDOW / 2) as i64;

/// The harmonic source, as the generator takes it in.
pub(super) struct Source {
    pub(super) window: Vec<f32>,
    /// Its samples.
    pub(super) wave: String,
}

impl<'a> Site<'a> {
    /// Whether `node` makes one row of samples from a spectrum, a step of a frame apart.
    pub(super) fn is_inverse(&self, node: &NodeProto) -> bool {
        node.op() == "ConvTranspose"
            && integers(node, "strides") == dims([HOP])
            && self.constant(node, 1).is_some_and(|basis| basis.dims == dims([SPECTRUM, 1, WINDOW]))
    }

    /// The convolution whose first half of channels is the logarithm of the magnitudes, and the second half what the sine
    /// is taken of for the phases.
    pub(super) fn spectrum(&self, inverse: &'a NodeProto) -> Result<&'a NodeProto, GraphError> {
        const EXPECTED: &str = "magnitudes times cosine and sine of phases, from one convolution";
        const TRANSFORM: &str = "an inverse transform with neither bias nor ends cut off";
        plain_transposed(inverse, 0, TRANSFORM)?;
        if inverse.input.get(2).is_some_and(|bias| !bias.is_empty()) {
            return Err(wrong(inverse, TRANSFORM));
        }
        let both = self.made(input(inverse, 0, EXPECTED)?, "Concat", EXPECTED)?;
        let [real, imaginary] = both.input.as_slice() else { return Err(wrong(both, EXPECTED)) };
        if integer(both, "axis") != Some(1) {
            return Err(wrong(both, EXPECTED));
        }
        let mut made_by = Vec::new();
        for (part, wave) in [(real, "Cos"), (imaginary, "Sin")] {
            let product = self.made(part, "Mul", EXPECTED)?;
            let (magnitude, phase) = self.either(product, "Exp", EXPECTED)?;
            let low = self.sliced(input(magnitude, 0, EXPECTED)?, 1, [0, BINS])?;
            let high = self.sliced(self.back(phase, &[wave, "Sin"], EXPECTED)?, 1, [BINS, 2 * BINS])?;
            made_by.extend([low, high]);
        }
        if made_by.iter().any(|tensor| *tensor != made_by[0]) {
            return Err(wrong(both, EXPECTED));
        }
        self.made(made_by[0], "Conv", EXPECTED)
    }

    /// What the first samples of the inverse transform are divided by. What is done to the samples after that is
    /// compared too.
    pub(super) fn window_sum(&self, inverse: &'a NodeProto) -> Result<Vec<f32>, GraphError> {
        const EXPECTED: &str =
            "its first samples are divided by a constant of as many values, where that is not zero";
        const SAMPLES: &str = "samples four times as loud, without half a window at each end";
        let row = self.taker(inverse, "Squeeze", EXPECTED)?;
        let gathered = self.taker(row, "Gather", EXPECTED)?;
        let divided = self.taker(gathered, "Div", EXPECTED)?;
        if self.back(input(divided, 0, EXPECTED)?, &["Gather", "Squeeze"], EXPECTED)? != output(inverse)
            || integer(gathered, "axis") != Some(1)
        {
            return Err(wrong(gathered, EXPECTED));
        }
        let sums = self.made(input(divided, 1, EXPECTED)?, "Gather", EXPECTED)?;
        let (table, places) = (input(sums, 0, EXPECTED)?, input(sums, 1, EXPECTED)?);
        if input(gathered, 1, EXPECTED)? != places {
            return Err(wrong(sums, EXPECTED));
        }
        let greater = self.back(places, &["Transpose", "NonZero"], EXPECTED)?;
        let greater = self.made(greater, "Greater", EXPECTED)?;
        self.number_at(greater, 1, f32::MIN_POSITIVE, EXPECTED)?;
        let slice = self.made(table, "Slice", EXPECTED)?;
        if input(greater, 0, EXPECTED)? != table || self.integers_at(slice, 1).is_none_or(|from| from != [0])
        {
            return Err(wrong(slice, EXPECTED));
        }
        let sums = self.weight(slice, 0, &dims([WINDOW]))?;

        let scattered = self.taker(row, "ScatterND", SAMPLES)?;
        if self.back(input(scattered, 2, SAMPLES)?, &["Reshape"], SAMPLES)? != output(divided) {
            return Err(wrong(scattered, SAMPLES));
        }
        let loud = self.taker(self.taker(scattered, "Unsqueeze", SAMPLES)?, "Mul", SAMPLES)?;
        self.number(loud, (WINDOW / HOP) as f32, SAMPLES)?;
        let begun = self.taker(loud, "Slice", SAMPLES)?;
        self.sliced(output(begun), 2, [LEAD, i64::MAX])?;
        let ended = self.taker(begun, "Slice", SAMPLES)?;
        self.sliced(output(ended), 2, [0, -LEAD])?;
        Ok(sums)
    }

    /// The harmonic source whose spectrum is `spectrum`, and the window of the transform.
    pub(super) fn source(&self, spectrum: &str) -> Result<Source, GraphError> {
        const EXPECTED: &str = "magnitude and phase of the harmonic source, mirrored at both ends";
        let both = self.made(spectrum, "Concat", EXPECTED)?;
        let [magnitude, phase] = both.input.as_slice() else { return Err(wrong(both, EXPECTED)) };
        if integer(both, "axis") != Some(1) {
            return Err(wrong(both, EXPECTED));
        }
        let squares = self.made(self.back(magnitude, &["Sqrt"], EXPECTED)?, "Add", EXPECTED)?;
        let part = |slot: usize| -> Result<&'a NodeProto, GraphError> {
            let square = self.made(input(squares, slot, EXPECTED)?, "Pow", EXPECTED)?;
            self.number_at(square, 1, 2.0, EXPECTED)?;
            let part = self.made(input(square, 0, EXPECTED)?, "Gather", EXPECTED)?;
            let is_part = self.integers_at(part, 1).is_some_and(|index| index == [slot as i64]);
            if is_part && integer(part, "axis") == Some(3) { Ok(part) } else { Err(wrong(part, EXPECTED)) }
        };
        let (real, imaginary) = (part(0)?, part(1)?);
        self.phase(phase, output(real), output(imaginary))?;
        let turned = self.made(input(real, 0, EXPECTED)?, "Transpose", EXPECTED)?;
        if input(imaginary, 0, EXPECTED)? != output(turned) || integers(turned, "perm") != [0, 2, 1, 3] {
            return Err(wrong(turned, EXPECTED));
        }
        let transform = self.made(input(turned, 0, EXPECTED)?, "STFT", EXPECTED)?;
        self.steps(transform)?;
        let window = self.weight(transform, 2, &dims([WINDOW]))?;

        let padded = self.back(input(transform, 0, EXPECTED)?, &["Reshape"], EXPECTED)?;
        let pad = self.made(padded, "Pad", EXPECTED)?;
        self.mirrors(pad, [0, 0, LEAD, 0, 0, LEAD], EXPECTED)?;
        let turned = self.back(input(pad, 0, EXPECTED)?, &["Reshape", "Squeeze"], EXPECTED)?;
        let turned = self.made(turned, "Transpose", EXPECTED)?;
        if integers(turned, "perm") != [0, 2, 1] {
            return Err(wrong(turned, EXPECTED));
        }
        let wave = self.made(input(turned, 0, EXPECTED)?, "Tanh", EXPECTED)?;
        Ok(Source { window, wave: output(wave).to_owned() })
    }

    /// Sees that `transform` is of windows of the generator's length and step, one-sided.
    fn steps(&self, transform: &NodeProto) -> Result<(), GraphError> {
        let is = |slot, value: usize| {
            self.integers_at(transform, slot).is_some_and(|found| found == dims([value]))
        };
        let has_length = transform.input.get(3).is_none_or(String::is_empty) || is(3, WINDOW);
        if is(1, HOP) && has_length && integer(transform, "onesided").unwrap_or(1) == 1 {
            Ok(())
        } else {
            Err(wrong(transform, "one-sided spectra of 20 samples, one every 5"))
        }
    }

    /// Sees that `tensor` is the angle of these two: an arc tangent, half a turn further left of the origin.
    fn phase(&self, tensor: &str, real: &str, imaginary: &str) -> Result<(), GraphError> {
        const EXPECTED: &str = "an arc tangent, half a turn further left of the origin";
        let left = self.made(tensor, "Where", EXPECTED)?;
        let is_left = self.made(input(left, 0, EXPECTED)?, "Less", EXPECTED)?;
        let half = self.made(input(left, 1, EXPECTED)?, "Where", EXPECTED)?;
        let is_above = self.made(input(half, 0, EXPECTED)?, "Greater", EXPECTED)?;
        let (above, below) = (
            self.made(input(half, 1, EXPECTED)?, "Add", EXPECTED)?,
            self.made(input(half, 2, EXPECTED)?, "Sub", EXPECTED)?,
        );
        for (node, of) in [(is_left, real), (is_above, imaginary)] {
            self.number_at(node, 1, 0.0, EXPECTED)?;
            if input(node, 0, EXPECTED)? != of {
                return Err(wrong(node, EXPECTED));
            }
        }
        let angle = input(left, 2, EXPECTED)?;
        for node in [above, below] {
            self.number_at(node, 1, std::f32::consts::PI, EXPECTED)?;
            if input(node, 0, EXPECTED)? != angle {
                return Err(wrong(node, EXPECTED));
            }
        }
        let ratio = self.made(self.back(angle, &["Atan"], EXPECTED)?, "Div", EXPECTED)?;
        if ratio.input == [imaginary, real] { Ok(()) } else { Err(wrong(ratio, EXPECTED)) }
    }

    /// Sees that `node` puts rows before and behind what it takes, as many as `rows` says, mirrored.
    pub(super) fn mirrors(
        &self,
        node: &NodeProto,
        rows: [i64; 6],
        expected: &'static str,
    ) -> Result<(), GraphError> {
        let has_rows = self.integers_at(node, 1).is_some_and(|found| found == rows);
        let of_all_axes = node.input.get(3).is_none_or(String::is_empty);
        if has_rows && of_all_axes && text(node, "mode") == Some("reflect") {
            Ok(())
        } else {
            Err(wrong(node, expected))
        }
    }

    /// What the slice that makes `tensor` takes `from` to `to` of, along `axis`. An end behind the last is as good as the
    /// last where the axis has `to` channels.
    fn sliced(&self, tensor: &str, axis: i64, [from, to]: [i64; 2]) -> Result<&'a str, GraphError> {
        const EXPECTED: &str = "a slice of the channels or samples that belong there";
        let slice = self.made(tensor, "Slice", EXPECTED)?;
        let at = |slot| self.integers_at(slice, slot);
        let is = |slot, value: i64| at(slot).is_some_and(|found| found == [value]);
        let ends =
            is(2, to) || to == 2 * BINS && at(2).is_some_and(|found| found.len() == 1 && found[0] > to);
        let has_step = slice.input.get(4).is_none_or(String::is_empty) || is(4, 1);
        if is(1, from) && ends && is(3, axis) && has_step {
            input(slice, 0, EXPECTED)
        } else {
            Err(wrong(slice, EXPECTED))
        }
    }

    /// The first node of kind `op` that takes what `node` makes.
    fn taker(&self, node: &NodeProto, op: &str, expected: &'static str) -> Result<&'a NodeProto, GraphError> {
        let takers = self.wiring.takers(output(node)).iter().map(|&taker| &self.graph.node[taker]);
        takers.into_iter().find(|taker| taker.op() == op).ok_or_else(|| wrong(node, expected))
    }
}

/// What `node` makes first; empty where it makes nothing.
fn output(node: &NodeProto) -> &str {
    node.output.first().map_or("", String::as_str)
}
