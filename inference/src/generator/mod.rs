//! Kokoro's generator, computed natively: from the decoder's hidden frames and the harmonic source to samples.
//!
//! | stage | frames per second | channels |
//! | --- | --- | --- |
//! | hidden frames | 80 | 512 |
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

mod affine;
#[cfg(test)]
mod edges;
mod file;
mod int8;
mod inverse;
#[cfg(all(test, loom))]
mod models;
mod packed;
mod pass;
#[cfg(test)]
mod sample;
mod sequence;
mod spectrum;
mod statistics;
pub(crate) mod structure;
mod sync;
mod team;
#[cfg(test)]
mod tests;
mod tiled;
mod weights;
mod whole;

use std::fmt;
use std::ops::ControlFlow;

pub use file::WeightsError;
pub use int8::{Int8Plan, LAYERS, Largest};
use packed::{HIDDEN, Packed, SLOPE};
use pass::Crew;
use sequence::Sequence;
use spectrum::{HOP, Spectrum};
pub use statistics::{STATISTICS, Site, Statistics};
use tiled::Tiled;
pub use weights::{ConvWeights, GeneratorWeights, Layer, ResidualBlock, Stage};
use whole::Whole;

use crate::Interrupt;
use crate::kernels::Isa;

/// Samples for each hidden frame.
pub const SAMPLES_PER_FRAME: usize = 300;

/// The generator with its threads and all memory that it works in.
pub struct Generator {
    packed: Packed,
    crew: Crew,
    hidden: Sequence,
    whole: Whole,
    tiled: Tiled,
    statistics: Statistics,
    samples: Vec<f32>,
}

/// What the rest of the graph gives for a fragment.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The decoder's last frames, `[512][frames]`.
    pub hidden: &'a [f32],
    /// The harmonic source, [`SAMPLES_PER_FRAME`] samples for each frame.
    pub source: &'a [f32],
    /// Scales and shifts of every layer, where [`Layer::style`] says.
    pub style: &'a [f32],
}

/// How many samples are computed at a time, rounded up to a multiple of five. Fewer come earlier, more cost less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiles {
    /// In the first tile.
    pub first: usize,
    /// In each that follows.
    pub rest: usize,
}

/// The fragment is not wanted any more: the interrupt was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

impl fmt::Debug for Generator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generator").field("crew", &self.crew).finish_non_exhaustive()
    }
}

impl Generator {
    /// A generator that works on `threads` threads, the one that calls included.
    ///
    /// # Errors
    /// The system refuses a thread.
    ///
    /// # Panics
    /// The weights do not pass their [check](GeneratorWeights::check).
    pub fn new(weights: &GeneratorWeights, isa: Isa, threads: usize) -> std::io::Result<Self> {
        Self::with(weights, None, isa, threads)
    }

    /// As [`new`](Self::new), with layers in integers of 8 bits where `int8` says so.
    ///
    /// # Errors
    /// The system refuses a thread.
    ///
    /// # Panics
    /// The weights do not pass their [check](GeneratorWeights::check), or the plan holds other numbers of channels.
    pub fn with(
        weights: &GeneratorWeights,
        int8: Option<&Int8Plan>,
        isa: Isa,
        threads: usize,
    ) -> std::io::Result<Self> {
        let packed = Packed::new(isa, weights, int8);
        let crew = Crew::new(isa, threads, &packed)?;
        Ok(Self {
            packed,
            crew,
            hidden: Sequence::new(HIDDEN),
            whole: Whole::new(),
            tiled: Tiled::new(),
            statistics: Statistics::new(),
            samples: Vec::new(),
        })
    }

    /// Computes a fragment with statistics measured on it, and returns its samples and the statistics.
    ///
    /// Memory is taken before the work starts, and only where no fragment before was as long.
    ///
    /// # Errors
    /// [`Interrupted`], within some milliseconds of the interrupt.
    ///
    /// # Panics
    /// The lengths of the input do not match.
    pub fn exact(
        &mut self,
        input: &Input<'_>,
        interrupt: &Interrupt,
    ) -> Result<(&[f32], &Statistics), Interrupted> {
        self.whole(input, None, interrupt)?;
        Ok((&self.samples, &self.statistics))
    }

    /// As [`exact`](Self::exact), and raises `largest` to the largest activations of the fragment.
    ///
    /// # Errors
    /// As [`exact`](Self::exact).
    ///
    /// # Panics
    /// As [`exact`](Self::exact).
    pub fn observed(
        &mut self,
        input: &Input<'_>,
        largest: &mut Largest,
        interrupt: &Interrupt,
    ) -> Result<&[f32], Interrupted> {
        self.whole(input, Some(largest), interrupt)?;
        Ok(&self.samples)
    }

    fn whole(
        &mut self,
        input: &Input<'_>,
        largest: Option<&mut Largest>,
        interrupt: &Interrupt,
    ) -> Result<(), Interrupted> {
        let frames = self.take_in(input);
        self.samples.clear();
        if frames == 0 {
            return Ok(());
        }
        self.samples.reserve(frames * SAMPLES_PER_FRAME);
        let mut pass = self.crew.pass(interrupt);
        let given = (&self.hidden, input.source, input.style);
        let measured = (&mut self.statistics, largest);
        self.whole.run(&mut pass, &self.packed, given, measured, &mut self.samples)
    }

    /// Computes a fragment with statistics known beforehand and puts its samples tile by tile: first `tiles.first` of
    /// them, then `tiles.rest` at a time, until `put` breaks off.
    ///
    /// The samples do not depend on the size of the tiles, but for rounding. Memory is taken before the work starts, and
    /// only where no tiles before were as large.
    ///
    /// # Errors
    /// [`Interrupted`], within some milliseconds of the interrupt; what was put stands.
    ///
    /// # Panics
    /// The lengths of the input do not match.
    pub fn predicted(
        &mut self,
        input: &Input<'_>,
        statistics: &Statistics,
        tiles: Tiles,
        interrupt: &Interrupt,
        put: &mut dyn FnMut(&[f32]) -> ControlFlow<()>,
    ) -> Result<(), Interrupted> {
        let total = self.take_in(input) * SAMPLES_PER_FRAME;
        if total == 0 {
            return Ok(());
        }
        let [first, rest] =
            [tiles.first, tiles.rest].map(|samples| samples.clamp(1, total).next_multiple_of(HOP));
        self.samples.clear();
        self.samples.reserve(first.max(rest) + HOP);
        self.tiled.begin(&self.packed, input.style, statistics, first.max(rest));
        let mut pass = self.crew.pass(interrupt);
        let mut end = 0;
        while end < total {
            end = (end + if end == 0 { first } else { rest }).min(total);
            self.samples.clear();
            let given = (&self.hidden, input.source);
            self.tiled.tile(&mut pass, &self.packed, given, end, &mut self.samples)?;
            if put(&self.samples).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Lays the hidden frames out by time, rectified, with a row of zeros on each side; returns how many there are.
    fn take_in(&mut self, input: &Input<'_>) -> usize {
        let frames = input.hidden.len() / HIDDEN;
        assert_eq!(input.hidden.len(), frames * HIDDEN, "whole frames");
        assert_eq!(input.source.len(), frames * SAMPLES_PER_FRAME, "the source of every frame");
        self.hidden.restart(frames + 2);
        self.hidden.extend_zeros(1);
        let rows = self.hidden.extend(1 + frames);
        for (channel, values) in input.hidden.chunks_exact(frames.max(1)).enumerate() {
            for (row, &value) in rows.chunks_exact_mut(HIDDEN).zip(values) {
                row[channel] = value;
            }
        }
        rectify(rows, SLOPE);
        self.hidden.extend_zeros(2 + frames);
        frames
    }
}

/// How many rows the stages have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lengths {
    rows: [usize; 2],
}

impl Lengths {
    /// For a fragment of so many samples.
    fn of(samples: usize) -> Self {
        Self { rows: [samples / 30, Spectrum::frames(samples)] }
    }
}

/// A leaky rectifier, in place; what is no number stays none.
fn rectify(values: &mut [f32], slope: f32) {
    for value in values {
        *value = if *value < 0.0 { *value * slope } else { *value };
    }
}
