//! Kokoro's generator, computed natively: from the decoder's hidden frames and the pitch curve to samples.
//!
//! | stage | frames per second | channels |
//! | --- | --- | --- |
//! | hidden frames, pitch curve | 80 | 512, 1 |
//! | first: upsampled by 10, the harmonic source's spectrum added, three residual blocks | 800 | 256 |
//! | second: upsampled by 6, the spectrum added, three residual blocks | 4,800 | 128 |
//! | spectrum of 11 bins, inverse transform of 20 samples every 5 | 4,800 | 22 |
//! | samples | 24,000 | 1 |
//!
//! Every residual layer normalises over the whole fragment. With those statistics measured the samples are the stock
//! graph's, but the last layer waits for the first; with statistics known beforehand a tile of time goes through all
//! layers at once.
//!
//! Source: the graph of Kokoro-82M; "iSTFTNet", Kaneko et al., 2022.

mod file;
mod statistics;
mod weights;

pub use file::WeightsError;
pub use statistics::{STATISTICS, Site, Statistics};
pub use weights::{ConvWeights, GeneratorWeights, Layer, ResidualBlock, Stage};
