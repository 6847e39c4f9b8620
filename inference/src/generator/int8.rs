//! Which layers are computed in integers of 8 bits, and how large their activations get.

use serde::{Deserialize, Serialize};

use super::affine::Place;
use super::statistics::CHANNELS;

/// Layers of all residual blocks.
pub const LAYERS: usize = 2 * 4 * 6;

/// The largest activation of every channel of every layer, seen so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Largest {
    /// Layer by layer, in the order in which they are computed; per channel.
    layers: Vec<Vec<f32>>,
}

/// What is computed in integers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Int8Plan {
    /// How large the activations get.
    pub largest: Largest,
    /// Per layer, whether it stays in float.
    pub float: Vec<bool>,
}

impl Default for Largest {
    fn default() -> Self {
        let channels = |layer: usize| CHANNELS[layer / (LAYERS / 2)];
        Self { layers: (0..LAYERS).map(|layer| vec![0.0; channels(layer)]).collect() }
    }
}

impl Largest {
    pub(super) fn of_mut(&mut self, place: Place) -> &mut [f32] {
        &mut self.layers[place.layer_of_all()]
    }

    /// Makes every activation `factor` times as large.
    pub(crate) fn enlarge(&mut self, factor: f32) {
        self.layers.iter_mut().flatten().for_each(|largest| *largest *= factor);
    }

    /// Whether it holds a number that is one for every channel of every layer.
    pub fn is_whole(&self) -> bool {
        let fits = |(layer, channels): (usize, &Vec<f32>)| {
            channels.len() == CHANNELS[layer / (LAYERS / 2)]
                && channels.iter().all(|largest| largest.is_finite())
        };
        self.layers.len() == LAYERS && self.layers.iter().enumerate().all(fits)
    }
}

impl Int8Plan {
    /// All layers in integers.
    pub fn all(largest: Largest) -> Self {
        Self { largest, float: vec![false; LAYERS] }
    }

    /// Whether it says of every layer what is to be done.
    pub fn is_whole(&self) -> bool {
        self.largest.is_whole() && self.float.len() == LAYERS
    }

    /// The largest activations of the layer at `place`; `None` where it stays in float.
    pub(super) fn of(&self, place: Place) -> Option<&[f32]> {
        let layer = place.layer_of_all();
        let float = self.float.get(layer).copied().unwrap_or(true);
        self.largest.layers.get(layer).filter(|_| !float).map(Vec::as_slice)
    }
}
