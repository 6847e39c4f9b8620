//! What a normalisation and the style come to: a scale and a shift per channel.

use super::int8::LAYERS;
use super::packed::PackedLayer;
use super::statistics::{CHANNELS, Site, Statistics};

/// What the graph adds to a variance before it takes the root.
const EPSILON: f64 = 1e-5;

/// The scales and shifts of all layers.
#[derive(Debug)]
pub(super) struct Affines {
    values: Vec<f32>,
}

/// A layer by its place: stage 0 or 1, block 0 (of the source) to 3, layer 0 to 5.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) stage: usize,
    pub(super) block: usize,
    pub(super) layer: usize,
}

impl Place {
    /// Where its statistics are.
    pub(super) fn site(self) -> Site {
        let Self { stage, block, layer } = self;
        match block.checked_sub(1) {
            None => Site::Source { stage, layer },
            Some(block) => Site::Block { stage, block, layer },
        }
    }

    /// Which of all layers it is, in the order in which they are computed.
    pub(super) fn layer_of_all(self) -> usize {
        (self.stage * 4 + self.block) * 6 + self.layer
    }

    fn start(self) -> usize {
        self.layer_of_all() * 2 * CHANNELS[0]
    }
}

impl Affines {
    pub(super) fn new() -> Self {
        Self { values: vec![0.0; LAYERS * 2 * CHANNELS[0]] }
    }

    /// The scales of the layer at `place`, and then the shifts.
    pub(super) fn of(&self, place: Place) -> &[f32] {
        &self.values[place.start()..][..2 * CHANNELS[place.stage]]
    }

    /// Sets those of the layer at `place`.
    pub(super) fn set(&mut self, place: Place, layer: &PackedLayer, style: &[f32], statistics: &Statistics) {
        let channels = CHANNELS[place.stage];
        let (mean, deviation) =
            (&statistics.mean[place.site().channels()], &statistics.deviation[place.site().channels()]);
        let (scales, shifts) = style[layer.style..][..2 * channels].split_at(channels);
        let own = &mut self.values[place.start()..][..2 * channels];
        for channel in 0..channels {
            let scale = f64::from(scales[channel]) / f64::from(deviation[channel]);
            own[channel] = scale as f32;
            own[channels + channel] = (f64::from(shifts[channel]) - f64::from(mean[channel]) * scale) as f32;
        }
    }
}

/// Writes the statistics of a site from the sums over `rows` rows: first all sums, then all sums of squares.
pub(super) fn conclude(site: Site, sums: &[f64], rows: usize, statistics: &mut Statistics) {
    let channels = site.channels();
    let (sum, squares) = sums.split_at(channels.len());
    for (channel, (sum, squares)) in channels.zip(sum.iter().zip(squares)) {
        let mean = sum / rows as f64;
        let variance = (squares / rows as f64 - mean * mean).max(0.0);
        statistics.mean[channel] = mean as f32;
        statistics.deviation[channel] = (variance + EPSILON).sqrt() as f32;
    }
}
