//! The generator's weights as bytes: a mark, and then every number in the order of its field, little-endian.
//!
//! A list is its length and its values, in 32 bits each, so that everything is aligned to four bytes. There are no names:
//! whoever changes [`GeneratorWeights`] changes [`MARK`] and the name of the file.

use super::{ConvWeights, GeneratorWeights, Stage};

/// What the bytes begin with: what they are, and the version of their order.
const MARK: [u8; 8] = *b"SosGen\x00\x01";

/// The bytes are no generator's weights, or not all of them: make the file anew.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// They begin otherwise.
    #[error("these are no weights of a generator of this version")]
    Mark,
    /// They end too early, or too late.
    #[error("the weights of the generator are cut short, or something follows them")]
    Length,
    /// They are weights of another generator, or damaged.
    #[error("{part} of the generator does not fit: {why}")]
    Unfit {
        /// Which part.
        part: String,
        /// What is wrong with it.
        why: String,
    },
}

impl GeneratorWeights {
    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MARK.to_vec();
        let mut put = |values: &[f32]| {
            bytes.extend((values.len() as u32).to_le_bytes());
            bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        };
        for conv in self.convolutions() {
            put(&conv.weights);
            put(&conv.bias);
        }
        for layer in self.stages.iter().flat_map(Stage::layers) {
            put(&layer.alpha);
        }
        for list in [&self.inverse, &self.window_sum, &self.window] {
            put(list);
        }
        let sizes = self.convolutions().flat_map(|conv| [conv.taps, conv.dilation]);
        let styles = self.stages.iter().flat_map(Stage::layers).map(|layer| layer.style);
        bytes.extend(sizes.chain(styles).flat_map(|number| (number as u32).to_le_bytes()));
        bytes
    }

    /// From what [`to_bytes`](Self::to_bytes) gave.
    ///
    /// # Errors
    /// The bytes are no such weights, or do not pass their [check](Self::check).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WeightsError> {
        let weights = Self::read(bytes)?;
        weights.check()?;
        Ok(weights)
    }

    /// Whatever their sizes are.
    fn read(bytes: &[u8]) -> Result<Self, WeightsError> {
        let mut rest = Rest(bytes.strip_prefix(&MARK).ok_or(WeightsError::Mark)?);
        let mut weights = Self::default();
        for conv in weights.convolutions_mut() {
            (conv.weights, conv.bias) = (rest.floats()?, rest.floats()?);
        }
        for layer in weights.stages.iter_mut().flat_map(Stage::layers_mut) {
            layer.alpha = rest.floats()?;
        }
        for list in [&mut weights.inverse, &mut weights.window_sum, &mut weights.window] {
            *list = rest.floats()?;
        }
        for conv in weights.convolutions_mut() {
            (conv.taps, conv.dilation) = (rest.number()?, rest.number()?);
        }
        for layer in weights.stages.iter_mut().flat_map(Stage::layers_mut) {
            layer.style = rest.number()?;
        }
        if rest.0.is_empty() { Ok(weights) } else { Err(WeightsError::Length) }
    }

    fn convolutions(&self) -> impl Iterator<Item = &ConvWeights> {
        let of_stage = |stage| {
            let Stage { upsample, source, .. }: &Stage = stage;
            [upsample, source].into_iter().chain(stage.layers().map(|layer| &layer.conv))
        };
        self.stages.iter().flat_map(of_stage).chain([&self.post])
    }

    /// In the order of [`convolutions`](Self::convolutions).
    fn convolutions_mut(&mut self) -> impl Iterator<Item = &mut ConvWeights> {
        let of_stage = |stage| {
            let Stage { upsample, source, source_block, blocks }: &mut Stage = stage;
            let layers = std::iter::once(source_block).chain(blocks).flat_map(|block| &mut block.layers);
            [upsample, source].into_iter().chain(layers.map(|layer| &mut layer.conv))
        };
        self.stages.iter_mut().flat_map(of_stage).chain([&mut self.post])
    }
}

/// What is not read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn number(&mut self) -> Result<usize, WeightsError> {
        let (number, rest) = self.0.split_first_chunk().ok_or(WeightsError::Length)?;
        self.0 = rest;
        Ok(u32::from_le_bytes(*number) as usize)
    }

    fn floats(&mut self) -> Result<Vec<f32>, WeightsError> {
        let length = self.number()?.checked_mul(4).ok_or(WeightsError::Length)?;
        let (values, rest) = self.0.split_at_checked(length).ok_or(WeightsError::Length)?;
        self.0 = rest;
        Ok(values.as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Weights of odd sizes, each value another one.
    fn weights() -> GeneratorWeights {
        let mut weights = GeneratorWeights::default();
        let mut next = 0.5_f32;
        let mut some = |count: usize| -> Vec<f32> {
            (0..count)
                .map(|_| {
                    next += 1.0;
                    next
                })
                .collect()
        };
        for (n, conv) in weights.convolutions_mut().enumerate() {
            *conv = ConvWeights { weights: some(1 + n), bias: some(2), taps: n + 3, dilation: n + 1 };
        }
        for (n, layer) in weights.stages.iter_mut().flat_map(Stage::layers_mut).enumerate() {
            (layer.alpha, layer.style) = (some(n % 3), 100 + n);
        }
        (weights.inverse, weights.window_sum, weights.window) = (some(4), some(0), some(3));
        weights
    }

    #[test]
    fn weights_come_back_as_they_went_in() {
        let weights = weights();
        assert_eq!(weights.convolutions().count(), 2 * (2 + 24) + 1);
        assert_eq!(GeneratorWeights::read(&weights.to_bytes()), Ok(weights));
    }

    #[test]
    fn every_value_begins_at_a_multiple_of_four_bytes() {
        assert_eq!(weights().to_bytes().len() % 4, 0);
    }

    #[test]
    fn bytes_that_are_cut_short_run_on_or_are_something_else_are_refused() {
        let bytes = weights().to_bytes();
        for length in [8, 9, 40, bytes.len() / 2, bytes.len() - 1] {
            assert_eq!(GeneratorWeights::from_bytes(&bytes[..length]), Err(WeightsError::Length), "{length}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(GeneratorWeights::from_bytes(&longer), Err(WeightsError::Length));
        assert_eq!(GeneratorWeights::from_bytes(b"an ONNX model"), Err(WeightsError::Mark));
        assert_eq!(GeneratorWeights::from_bytes(b""), Err(WeightsError::Mark));
    }
}
