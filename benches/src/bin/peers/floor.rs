//! What this machine cannot go below.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sostenuto_benches::{machine, unsafe_fma};

/// Billions of float operations in the convolutions of a second of audio: 47.8 in the generator's residual blocks, and
/// the rest in its other parts, the decoder and the encoder.
const ALL: f64 = 51.0;
/// Of these, in convolutions with 3, 7 and 11 taps: `2 C^2 k` for each of six convolutions of a residual block at each
/// of 800 frames a second (C = 256) or 4,800 (C = 128). Three blocks a stage, of 3, 7 and 11 taps, and one for the
/// noise, of 7 and of 11.
const BY_TAPS: [f64; 3] = [4.72, 15.41, 27.68];
/// So many times fewer multiplications than that these take in tiles: `F(6, 3)` has 8 points for 18 products, `F(6, 7)`
/// 12 for 42, and 11 taps are two filters of six, of 11 points each, for 66.
const FEWER: [f64; 3] = [18.0 / 8.0, 42.0 / 12.0, 66.0 / 22.0];
/// How long the processor is kept busy, five times.
const TIME: Duration = Duration::from_millis(300);

/// The least that a float program needs, in seconds of work to a second of audio.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Floor {
    /// The vectors that were used.
    pub(crate) vectors: String,
    /// Each with its threads.
    pub(crate) on: Vec<OnThreads>,
    /// Billions of float operations in a second of audio, straight on, and in tiles.
    pub(crate) gflop: [f64; 2],
}

/// The floor on some threads.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct OnThreads {
    pub(crate) threads: usize,
    /// Billions of float operations in a second, measured.
    pub(crate) peak_gflops: f64,
    /// All multiplications straight on.
    pub(crate) straight: f64,
    /// In tiles, their transforms not counted.
    pub(crate) tiles: f64,
}

impl Floor {
    /// That of this machine.
    pub(crate) fn here() -> Self {
        let tiled = ALL - BY_TAPS.iter().sum::<f64>()
            + BY_TAPS.iter().zip(FEWER).map(|(gflop, fewer)| gflop / fewer).sum::<f64>();
        let mut vectors = "";
        let mut counts = vec![1, machine::cores().min(2)];
        counts.dedup();
        let on = counts.into_iter().map(|threads| {
            let (peak_gflops, name) = unsafe_fma::peak_gflops(threads, TIME);
            vectors = name;
            OnThreads { threads, peak_gflops, straight: ALL / peak_gflops, tiles: tiled / peak_gflops }
        });
        let on = on.collect();
        Self { vectors: vectors.to_owned(), on, gflop: [ALL, tiled] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operations_are_those_of_the_residual_blocks() {
        let conv =
            |channels: f64, frames: f64, taps: f64| 6.0 * 2.0 * channels * channels * taps * frames / 1e9;
        let both = |taps: f64| conv(256.0, 800.0, taps) + conv(128.0, 4_800.0, taps);
        let counted =
            [both(3.0), both(7.0) + conv(256.0, 800.0, 7.0), both(11.0) + conv(128.0, 4_800.0, 11.0)];
        for (counted, told) in counted.iter().zip(BY_TAPS) {
            assert!((counted - told).abs() < 0.01, "{counted} {told}");
        }
    }
}
