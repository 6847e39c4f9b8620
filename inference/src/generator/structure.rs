//! The generator as it is built: sizes, steps and ends of every convolution. One table for the graph that it is found in,
//! for the file that its weights are kept in, and for the layout that it is computed with.

use super::file::WeightsError;
pub(crate) use super::inverse::SPECTRUM;
use super::packed::HIDDEN;
pub(crate) use super::spectrum::{HOP, WINDOW};
use super::statistics::CHANNELS;
use super::weights::{ConvWeights, GeneratorWeights, ResidualBlock};

/// A convolution that makes rows of another rate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// Taps.
    pub(crate) taps: usize,
    /// Rows out for each row in where it is transposed, else rows in for each row out.
    pub(crate) step: usize,
    /// Rows cut off at each end where it is transposed, else rows of zeros at each end.
    pub(crate) ends: usize,
}

/// An upsampling and what follows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StageShape {
    /// Channels that are upsampled.
    pub(crate) inputs: usize,
    /// Channels of everything behind.
    pub(crate) channels: usize,
    /// Transposed.
    pub(crate) upsample: Rate,
    /// From the source's spectrum.
    pub(crate) source: Rate,
    /// Taps of the source's block.
    pub(crate) source_taps: usize,
    /// Whether a row is put before the first upsampled one, the mirror image of the one behind that.
    pub(crate) mirrored: bool,
}

/// Both stages.
pub(crate) const STAGES: [StageShape; 2] = [
    StageShape {
        inputs: HIDDEN,
        channels: CHANNELS[0],
        upsample: Rate { taps: 20, step: 10, ends: 5 },
        source: Rate { taps: 12, step: 6, ends: 3 },
        source_taps: 7,
        mirrored: false,
    },
    StageShape {
        inputs: CHANNELS[0],
        channels: CHANNELS[1],
        upsample: Rate { taps: 12, step: 6, ends: 3 },
        source: Rate { taps: 1, step: 1, ends: 0 },
        source_taps: 11,
        mirrored: true,
    },
];
/// Taps of the residual blocks of a stage.
pub(crate) const TAPS: [usize; 3] = [3, 7, 11];
/// Rows from one tap to the next, per layer of a residual block.
pub(crate) const DILATIONS: [usize; 6] = [1, 1, 3, 1, 5, 1];
/// Taps of the last convolution.
pub(crate) const POST_TAPS: usize = 7;

impl GeneratorWeights {
    /// Sees that they have the sizes of this generator, that every layer takes its style behind that of the layer before,
    /// and that all of them are numbers.
    ///
    /// # Errors
    /// [`WeightsError::Unfit`] with the first part that is not so.
    pub fn check(&self) -> Result<(), WeightsError> {
        let mut style = 0;
        for (index, (stage, shape)) in self.stages.iter().zip(&STAGES).enumerate() {
            let (place, &StageShape { inputs, channels, upsample, source, source_taps, .. }) =
                (index + 1, shape);
            let is_part = |part: &str| format!("{part} of stage {place}");
            convolution(&stage.upsample, [inputs, channels, upsample.taps, 1])
                .map_err(unfit(|| is_part("the upsampling")))?;
            convolution(&stage.source, [SPECTRUM, channels, source.taps, 1])
                .map_err(unfit(|| is_part("the source's convolution")))?;
            let blocks = [&stage.source_block].into_iter().chain(&stage.blocks);
            for (index, (block, taps)) in blocks.zip([source_taps].into_iter().chain(TAPS)).enumerate() {
                let name =
                    || if index == 0 { "the source's block".to_owned() } else { format!("block {index}") };
                self::block(block, channels, taps, &mut style).map_err(|(layer, why)| {
                    unfit(|| is_part(&format!("layer {layer} of {}", name())))(why)
                })?;
            }
        }
        convolution(&self.post, [CHANNELS[1], SPECTRUM, POST_TAPS, 1])
            .map_err(unfit(|| "the last convolution".to_owned()))?;
        for (part, values, count) in [
            ("the inverse transform", &self.inverse, SPECTRUM * WINDOW),
            ("the sum of the windows", &self.window_sum, WINDOW),
            ("the source's window", &self.window, WINDOW),
        ] {
            numbers("values", values, count).map_err(unfit(|| part.to_owned()))?;
        }
        Ok(())
    }
}

/// An error of the part that is called so, from what is wrong with it.
fn unfit(part: impl FnOnce() -> String) -> impl FnOnce(String) -> WeightsError {
    |why| WeightsError::Unfit { part: part(), why }
}

/// What is wrong with a block, and in which layer, counted from 1; its first layer takes its style at `style`.
fn block(
    block: &ResidualBlock,
    channels: usize,
    taps: usize,
    style: &mut usize,
) -> Result<(), (usize, String)> {
    for (index, (layer, dilation)) in block.layers.iter().zip(DILATIONS).enumerate() {
        let own = || {
            convolution(&layer.conv, [channels, channels, taps, dilation])?;
            numbers("frequencies", &layer.alpha, channels)?;
            if !layer.alpha.iter().all(|alpha| alpha.recip().is_finite()) {
                return Err("a frequency is zero".to_owned());
            }
            same("begin of the style", layer.style, *style)
        };
        own().map_err(|why| (index + 1, why))?;
        *style += 2 * channels;
    }
    Ok(())
}

/// What is wrong with a convolution of so many inputs, outputs, taps and rows from one tap to the next.
fn convolution(conv: &ConvWeights, [inputs, outputs, taps, dilation]: [usize; 4]) -> Result<(), String> {
    same("taps", conv.taps, taps)?;
    same("rows from tap to tap", conv.dilation, dilation)?;
    numbers("weights", &conv.weights, inputs * outputs * taps)?;
    numbers("biases", &conv.bias, outputs)
}

fn numbers(what: &str, values: &[f32], count: usize) -> Result<(), String> {
    same(what, values.len(), count)?;
    // Without a branch per value, of which there are 17 million.
    let are_finite = values.iter().fold(true, |all, value| all & value.is_finite());
    if are_finite { Ok(()) } else { Err(format!("one of its {what} is no finite number")) }
}

fn same(what: &str, found: usize, expected: usize) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found} where {expected} belong")) }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    /// Weights of the right sizes.
    fn weights() -> GeneratorWeights {
        sample::weights(&mut |count, _| vec![0.0; count])
    }

    /// What is said of weights of which `spoil` has changed something.
    fn said(weights: &GeneratorWeights, spoil: impl FnOnce(&mut GeneratorWeights)) -> String {
        let mut spoilt = weights.clone();
        spoil(&mut spoilt);
        spoilt.check().unwrap_err().to_string()
    }

    #[test]
    fn weights_of_the_right_sizes_pass_and_come_back_from_their_bytes() {
        let weights = weights();
        assert_eq!(weights.check(), Ok(()));
        assert!(GeneratorWeights::from_bytes(&weights.to_bytes()) == Ok(weights));
    }

    #[test]
    fn a_convolution_of_any_other_size_is_refused_by_name() {
        type Of = fn(&mut GeneratorWeights) -> &mut ConvWeights;
        type Spoil = fn(&mut ConvWeights);
        let right = weights();
        let parts: [(&str, Of); 6] = [
            ("the upsampling of stage 1", |all| &mut all.stages[0].upsample),
            ("the source's convolution of stage 2", |all| &mut all.stages[1].source),
            ("layer 1 of the source's block of stage 1", |all| {
                &mut all.stages[0].source_block.layers[0].conv
            }),
            ("layer 6 of block 3 of stage 2", |all| &mut all.stages[1].blocks[2].layers[5].conv),
            ("layer 2 of block 1 of stage 1", |all| &mut all.stages[0].blocks[0].layers[1].conv),
            ("the last convolution", |all| &mut all.post),
        ];
        let spoils: [(&str, Spoil); 7] = [
            ("weights", |conv| conv.weights.truncate(conv.weights.len() - 1)),
            ("weights", |conv| conv.weights.clear()),
            ("biases", |conv| conv.bias.push(0.0)),
            ("taps", |conv| conv.taps = 0),
            ("taps", |conv| conv.taps = usize::MAX),
            ("rows from tap to tap", |conv| conv.dilation = 0),
            ("no finite number", |conv| conv.bias[0] = f32::NAN),
        ];
        for (part, of) in parts {
            for (why, spoil) in spoils {
                let said = said(&right, |weights| spoil(of(weights)));
                assert!(said.starts_with(part) && said.contains(why), "{part}, {why}: {said}");
            }
        }
    }

    #[test]
    fn styles_frequencies_and_windows_that_do_not_fit_are_refused_by_name() {
        type Spoil = fn(&mut GeneratorWeights);
        let right = weights();
        let spoils: [(&str, Spoil); 8] = [
            ("begin of the style: 999999", |all| all.stages[1].blocks[2].layers[5].style = 999_999),
            ("begin of the style", |all| all.stages[0].source_block.layers[1].style = 0),
            ("frequencies: 255 where 256 belong", |all| {
                all.stages[0].blocks[0].layers[2].alpha.truncate(255);
            }),
            ("a frequency is zero", |all| all.stages[1].blocks[0].layers[2].alpha[7] = 0.0),
            ("frequencies is no finite number", |all| {
                all.stages[1].blocks[0].layers[2].alpha[7] = f32::INFINITY;
            }),
            ("the inverse transform", |all| all.inverse.clear()),
            ("the sum of the windows", |all| all.window_sum.push(1.0)),
            ("the source's window", |all| all.window[3] = f32::NAN),
        ];
        for (why, spoil) in spoils {
            let said = said(&right, spoil);
            assert!(said.contains(why), "{why}: {said}");
        }
    }
}
