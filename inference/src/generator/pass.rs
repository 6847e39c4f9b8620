//! One operation after another, each by the whole team.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Interrupted;
use super::inverse::{Inverse, SPECTRUM};
use super::packed::{Packed, PackedLayer, PackedStage, SPECTRUM_PAD};
use super::sequence::Sequence;
use super::spectrum::{Spectrum, WINDOW, Workspace};
use super::statistics::CHANNELS;
use super::structure::POST_TAPS;
use super::team::Team;
use crate::Interrupt;
use crate::kernels::{ConvJob, Dense, DenseJob, Isa, Rows, Sums, activate, add_sums};

/// Rows of a convolution that are computed at a time, at most: about two milliseconds of the longest.
const ROWS: [usize; 2] = [360, 720];
/// What the rows of a chunk are a multiple of, so that tiles of eight fit at every dilation, and those of six at most.
const STEP: usize = 120;
/// Rows of the other layers that are computed at a time.
const FRAMES: usize = 240;
/// Groups of upsampled rows that are computed at a time, at least and at most.
const GROUPS: Range<usize> = 8..64;

/// What is done, with some memory, to a chunk of this index and its sums.
type Work<'w> = dyn Fn(&mut Memory, usize, &mut [f32], &mut [f64]) + Sync + 'w;

/// What a member of the team works in.
struct Memory {
    floats: Vec<f32>,
    workspace: Box<Workspace>,
}

impl Memory {
    /// With room for convolutions that need `scratch` floats, and for the rows of the stages' upsampling.
    fn new(scratch: usize, stages: &[Box<PackedStage>; 2]) -> Self {
        let widest = stages.iter().map(|stage| stage.upsample.outputs()).max().unwrap_or(0);
        let floats = scratch.max((GROUPS.end + 2) * widest).max(FRAMES * CHANNELS[0]);
        Self { floats: vec![0.0; floats], workspace: Workspace::new() }
    }
}

/// The team and what it works in.
pub(super) struct Crew {
    isa: Isa,
    team: Team,
    memory: Vec<Memory>,
    /// Room for the sums of every chunk.
    sums: Vec<f64>,
}

impl Crew {
    /// A crew of `threads` threads, the one that calls included.
    pub(super) fn new(isa: Isa, threads: usize, packed: &Packed) -> std::io::Result<Self> {
        let team = Team::new(threads)?;
        let memory = (0..team.size()).map(|_| Memory::new(packed.scratch(), &packed.stages)).collect();
        Ok(Self { isa, team, memory, sums: Vec::new() })
    }

    /// Sets to work on a fragment.
    pub(super) fn pass<'p>(&'p mut self, interrupt: &'p Interrupt) -> Pass<'p> {
        let Self { isa, team, memory, sums } = self;
        Pass { isa: *isa, team, memory, sums, interrupt }
    }
}

impl fmt::Debug for Crew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crew")
            .field("isa", &self.isa)
            .field("threads", &self.team.size())
            .finish_non_exhaustive()
    }
}

/// The crew at work on one fragment.
pub(super) struct Pass<'p> {
    isa: Isa,
    team: &'p mut Team,
    memory: &'p mut [Memory],
    pub(super) sums: &'p mut Vec<f64>,
    interrupt: &'p Interrupt,
}

/// What a convolution is given besides its weights.
pub(super) struct Run<'a> {
    pub(super) affine: &'a [f32],
    pub(super) input: Rows<'a>,
    /// Rows of the whole sequence.
    pub(super) length: usize,
    /// The rows of `out`.
    pub(super) rows: Range<usize>,
    pub(super) residual: Option<Rows<'a>>,
    pub(super) onto: bool,
    pub(super) out: &'a mut [f32],
    /// Whether the sums of the output are wanted.
    pub(super) measured: bool,
}

impl Pass<'_> {
    /// A layer of a residual block. The sums, where wanted, are in the first values of `sums` then.
    pub(super) fn layer(&mut self, layer: &PackedLayer, run: Run<'_>) -> Result<(), Interrupted> {
        let Run { affine, input, length, rows, residual, onto, out, measured } = run;
        let channels = input.width;
        let most = ROWS[usize::from(channels < 256)];
        let shared = rows.len().div_ceil(self.team.size()).next_multiple_of(STEP);
        let chunk = shared.min(most);
        let (load, start) = (layer.load(affine), rows.start);
        let sums_length = if measured { 2 * channels } else { 0 };
        self.chunks(out, chunk * channels, sums_length, &|memory, index, out, sums| {
            let first = start + index * chunk;
            sums.fill(0.0);
            let (sum, squares) = sums.split_at_mut(sums_length / 2);
            layer.run(ConvJob {
                input,
                length,
                load,
                rows: first..first + out.len() / channels,
                residual,
                onto,
                out,
                sums: measured.then_some(Sums { sum, squares }),
                scratch: &mut memory.floats,
            });
        })
    }

    /// Raises `largest` to the largest activations of a layer that is about to run.
    pub(super) fn observe(&mut self, layer: &PackedLayer, run: &Run<'_>, largest: &mut [f32]) {
        let load = layer.load(run.affine);
        let Some(memory) = self.memory.first_mut() else { return };
        for first in run.rows.clone().step_by(FRAMES) {
            let last = (first + FRAMES).min(run.rows.end);
            let floats = &mut memory.floats[..(last - first) * largest.len()];
            activate(self.isa, &load, run.input, run.length, first as isize..last as isize, floats);
            for row in floats.chunks_exact(largest.len()) {
                largest.iter_mut().zip(row).for_each(|(largest, value)| *largest = largest.max(value.abs()));
            }
        }
    }

    /// The source's spectrum of rows `rows`.
    pub(super) fn spectrum(
        &mut self,
        spectrum: &Spectrum,
        source: &[f32],
        first: usize,
        out: &mut [f32],
    ) -> Result<(), Interrupted> {
        let isa = self.isa;
        self.chunks(out, FRAMES * SPECTRUM, 0, &|memory, index, out, _| {
            spectrum.rows(isa, source, first + index * FRAMES, out, &mut memory.workspace);
        })
    }

    /// What enters a stage from the source's spectrum, rows `first..` of the stage.
    pub(super) fn source(
        &mut self,
        stage: &PackedStage,
        spectrum: &Sequence,
        first: usize,
        out: &mut [f32],
        measured: bool,
    ) -> Result<(), Interrupted> {
        let (channels, isa) = (stage.channels, self.isa);
        let sums_length = if measured { 2 * channels } else { 0 };
        self.chunks(out, FRAMES * channels, sums_length, &|_, index, out, sums| {
            let row = first + index * FRAMES;
            let input = spectrum.tail(row * stage.source_step + SPECTRUM_PAD - stage.source_lead);
            stage.source.run(DenseJob { input, step: stage.source_step * SPECTRUM, out });
            if measured {
                sums.fill(0.0);
                let (sum, squares) = sums.split_at_mut(channels);
                add_sums(isa, out, &mut Sums { sum, squares });
            }
        })
    }

    /// Adds the upsampled rows to rows `first..` of a stage. Row `r` of the input is row `r + 1` of `input`.
    pub(super) fn upsample(
        &mut self,
        stage: &PackedStage,
        input: &Sequence,
        first: usize,
        out: &mut [f32],
        measured: bool,
    ) -> Result<(), Interrupted> {
        let (channels, isa) = (stage.channels, self.isa);
        let total = out.len() / channels / stage.factor;
        let groups = total.div_ceil(self.team.size()).clamp(GROUPS.start, GROUPS.end);
        let rows = groups * stage.factor;
        let sums_length = if measured { 2 * channels } else { 0 };
        let width = stage.upsample.outputs();
        let inputs = stage.upsample.inputs() / 2;
        self.chunks(out, rows * channels, sums_length, &|memory, index, out, sums| {
            let start = first + index * rows;
            let end = start + out.len() / channels;
            let places = stage.place(start).min(stage.place(start + 1))
                ..stage.place(end - 1).max(stage.place(start)) + 1;
            let groups = places.start / stage.factor..(places.end - 1) / stage.factor + 1;
            let upsampled = &mut memory.floats[..groups.len() * width];
            let input = input.tail(groups.start);
            stage.upsample.run(DenseJob { input, step: inputs, out: upsampled });
            for (row, out) in (start..).zip(out.chunks_exact_mut(channels)) {
                let place = stage.place(row) - groups.start * stage.factor;
                let added = &upsampled[place * channels..][..channels];
                out.iter_mut().zip(added).for_each(|(out, added)| *out += added);
            }
            if measured {
                sums.fill(0.0);
                let (sum, squares) = sums.split_at_mut(channels);
                add_sums(isa, out, &mut Sums { sum, squares });
            }
        })
    }

    /// The last layer and the inverse transform's frames `first..`, [`WINDOW`] samples each.
    pub(super) fn waves(
        &mut self,
        (post, inverse): (&Dense, &Inverse),
        input: &Sequence,
        first: usize,
        out: &mut [f32],
    ) -> Result<(), Interrupted> {
        let step = post.inputs() / POST_TAPS;
        self.chunks(out, FRAMES * WINDOW, 0, &|memory, index, out, _| {
            let rows = &mut memory.floats[..out.len() / WINDOW * SPECTRUM];
            post.run(DenseJob { input: input.tail(first + index * FRAMES), step, out: rows });
            inverse.waves(rows, out);
        })
    }

    /// Does `work` to every chunk of `out`, until the interrupt is raised.
    fn chunks(
        &mut self,
        out: &mut [f32],
        length: usize,
        sums_length: usize,
        work: &Work<'_>,
    ) -> Result<(), Interrupted> {
        let chunks = out.len().div_ceil(length);
        if self.sums.len() < chunks * sums_length {
            self.sums.resize(chunks * sums_length, 0.0);
        }
        let interrupt = self.interrupt;
        // An interrupt that is raised and cleared again leaves chunks undone, so that its end state does not tell.
        let skipped = AtomicBool::new(false);
        self.team.each_chunk(
            self.memory,
            (out, length),
            (self.sums, sums_length),
            &|memory, index, out, sums| {
                if interrupt.is_raised() {
                    skipped.store(true, Ordering::Relaxed);
                } else {
                    work(memory, index, out, sums);
                }
            },
        );
        if skipped.into_inner() || interrupt.is_raised() {
            return Err(Interrupted);
        }
        if let Some((first, others)) = self.sums[..chunks * sums_length].split_at_mut_checked(sums_length)
            && sums_length > 0
        {
            for other in others.chunks_exact(sums_length) {
                first.iter_mut().zip(other).for_each(|(sum, other)| *sum += other);
            }
        }
        Ok(())
    }
}

impl PackedStage {
    /// Where row `row` of the stage is among upsampled rows, those that are cut off included.
    pub(super) fn place(&self, row: usize) -> usize {
        let row = match (self.mirrored, row) {
            (false, row) => row,
            (true, 0) => 1,
            (true, row) => row - 1,
        };
        row + self.cut
    }
}
