//! A fragment tile by tile, each through all layers, with statistics that are known beforehand.
//!
//! A layer's outputs look ahead, so for a tile of samples each layer computes its rows as far as the layers behind it
//! need them, from where it stopped at the tile before. What it will look back to is kept; nothing is computed twice.

use std::ops::Range;

use super::affine::{Affines, Place};
use super::inverse::{Inverse, Overlap};
use super::packed::{BLOCKS, LAST_SLOPE, POST_PAD, Packed, PackedBlock, PackedStage, SLOPE, SPECTRUM_PAD};
use super::pass::{Pass, Run};
use super::sequence::Sequence;
use super::spectrum::{BINS, Spectrum, WINDOW};
use super::statistics::{CHANNELS, Statistics};
use super::{Interrupted, Lengths, rectify};

/// Rows of the sum of stage 0 before its first one: zeros.
const SUM_PAD: usize = 1;

/// The sequences of a fragment, as far as they are still needed.
#[derive(Debug)]
pub(super) struct Tiled {
    spectrum: Sequence,
    stages: [Tracks; 2],
    waves: Sequence,
    overlap: Overlap,
    affines: Affines,
}

/// A stage's.
#[derive(Debug)]
struct Tracks {
    source: Sequence,
    entry: Sequence,
    chains: [Chain; 1 + BLOCKS],
    sum: Sequence,
}

/// What a residual block has between its layers: after the first layer of each pair, and after the first two pairs.
#[derive(Debug)]
struct Chain {
    between: [Sequence; 3],
    state: [Sequence; 2],
}

/// How far the sequences of a block have to reach so that its output reaches far enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ends {
    input: usize,
    between: [usize; 3],
    state: [usize; 2],
    output: usize,
}

impl Ends {
    fn of(block: &PackedBlock, output: usize, length: usize) -> Self {
        let reach = |layer: usize| block.layers[layer].reach();
        let before = |end: usize, layer: usize| (end + reach(layer)).min(length);
        let third = before(output, 5);
        let second_state = before(third, 4);
        let second = before(second_state, 3);
        let first_state = before(second, 2);
        let first = before(first_state, 1);
        Self {
            input: before(first, 0),
            between: [first, second, third],
            state: [first_state, second_state],
            output,
        }
    }
}

impl Tiled {
    pub(super) fn new() -> Self {
        let stages = CHANNELS.map(|channels| Tracks {
            source: Sequence::new(channels),
            entry: Sequence::new(channels),
            chains: std::array::from_fn(|_| Chain {
                between: std::array::from_fn(|_| Sequence::new(channels)),
                state: std::array::from_fn(|_| Sequence::new(channels)),
            }),
            sum: Sequence::new(channels),
        });
        Self {
            spectrum: Sequence::new(2 * BINS),
            stages,
            waves: Sequence::new(WINDOW),
            overlap: Overlap::default(),
            affines: Affines::new(),
        }
    }

    /// Begins a fragment whose tiles have up to `tile` samples.
    pub(super) fn begin(&mut self, packed: &Packed, style: &[f32], statistics: &Statistics, tile: usize) {
        for (index, stage) in packed.stages.iter().enumerate() {
            for block in 0..=BLOCKS {
                for (layer, packed) in stage.block(block).layers.iter().enumerate() {
                    self.affines.set(Place { stage: index, block, layer }, packed, style, statistics);
                }
            }
        }
        let margins = packed.stages.each_ref().map(|stage| {
            let reach = |block: usize| Ends::of(stage.block(block), 0, usize::MAX).input;
            (1..=BLOCKS).map(reach).max().unwrap_or(0) + reach(0)
        });
        // The first tile reaches ahead by the margin of its own stage and of the one behind it, and rows are kept for as
        // far back.
        let second = tile / 5 + 2 * margins[1] + 4 * POST_PAD;
        let first = second / 6 + 2 * margins[0] + 4;
        for (tracks, rows) in self.stages.iter_mut().zip([first, second]) {
            tracks.restart(rows);
        }
        self.stages[0].sum.extend_zeros(SUM_PAD);
        self.stages[1].sum.extend_zeros(POST_PAD);
        self.spectrum.restart(second.max(6 * first) + 4 * SPECTRUM_PAD);
        self.spectrum.extend_zeros(SPECTRUM_PAD);
        self.waves.restart(second);
        self.overlap = Overlap::default();
    }

    /// Computes the tile that ends with sample `end`, or with the fragment, and appends its samples.
    pub(super) fn tile(
        &mut self,
        pass: &mut Pass<'_>,
        packed: &Packed,
        (hidden, source): (&Sequence, &[f32]),
        end: usize,
        samples: &mut Vec<f32>,
    ) -> Result<(), Interrupted> {
        let lengths = Lengths::of(source.len()).rows;
        let frames = Spectrum::frames(source.len());
        let waves = if end >= source.len() { frames } else { Inverse::frames_for(end).min(frames) };
        let [first, second] = &packed.stages;

        let sum_ends = {
            let last = (waves + POST_PAD).min(lengths[1]);
            let entry = entry_end(second, last, lengths[1]);
            [(second.place(entry - 1).max(second.place(0)) / second.factor + 1).min(lengths[0]), last]
        };
        let source_ends = [(first, 0), (second, 1)].map(|(stage, index)| {
            let entry = entry_end(stage, sum_ends[index], lengths[index]);
            Ends::of(&stage.source_block, entry, lengths[index]).input
        });
        let seen = [(first, 0), (second, 1)].map(|(stage, index)| {
            let taps = 1 + 2 * stage.source_lead + stage.source_step - 1;
            (source_ends[index] - 1) * stage.source_step + taps - stage.source_lead
        });
        let wanted = seen[0].max(seen[1]).min(frames);
        let had = self.spectrum.end() - SPECTRUM_PAD;
        if wanted > had {
            pass.spectrum(&packed.spectrum, source, had, self.spectrum.extend(SPECTRUM_PAD + wanted))?;
            if wanted == frames {
                self.spectrum.extend_zeros(frames + 2 * SPECTRUM_PAD);
            }
        }

        let [early, late] = &mut self.stages;
        let affines = &self.affines;
        let at = |index: usize, stage| StageAt { stage, index, length: lengths[index], affines };
        early.advance(pass, &at(0, first), (hidden, &self.spectrum), sum_ends[0], (SUM_PAD, SLOPE))?;
        late.advance(
            pass,
            &at(1, second),
            (&early.sum, &self.spectrum),
            sum_ends[1],
            (POST_PAD, LAST_SLOPE),
        )?;

        let done = self.waves.end();
        pass.waves((&packed.post, &packed.inverse), &late.sum, done, self.waves.extend(waves))?;
        packed.inverse.overlap(&mut self.overlap, self.waves.tail(done), frames, samples);

        self.waves.forget(waves);
        late.sum.forget(waves);
        early.sum.forget(second.place(late.entry.end()) / second.factor);
        let needed = (early.source.end() * first.source_step).min(late.source.end() + SPECTRUM_PAD);
        self.spectrum.forget(needed);
        Ok(())
    }
}

/// How far the entry of the residual blocks has to reach for their sum to reach `end`.
fn entry_end(stage: &PackedStage, end: usize, length: usize) -> usize {
    stage.blocks.iter().map(|block| Ends::of(block, end, length).input).max().unwrap_or(end)
}

/// A stage at work.
struct StageAt<'a> {
    stage: &'a PackedStage,
    index: usize,
    length: usize,
    affines: &'a Affines,
}

impl Tracks {
    fn restart(&mut self, rows: usize) {
        for sequence in [&mut self.source, &mut self.entry, &mut self.sum] {
            sequence.restart(rows);
        }
        for sequence in
            self.chains.iter_mut().flat_map(|chain| chain.between.iter_mut().chain(&mut chain.state))
        {
            sequence.restart(rows);
        }
    }

    /// Computes the stage until its sum reaches row `end`. The sum has `pad` rows of zeros on each side, and is rectified.
    fn advance(
        &mut self,
        pass: &mut Pass<'_>,
        at: &StageAt<'_>,
        (input, spectrum): (&Sequence, &Sequence),
        end: usize,
        (pad, slope): (usize, f32),
    ) -> Result<(), Interrupted> {
        let StageAt { stage, length, .. } = *at;
        let entry_end = entry_end(stage, end, length);
        let ends = Ends::of(&stage.source_block, entry_end, length);
        let [source_chain, chains @ ..] = &mut self.chains;

        let had = self.source.end();
        if ends.input > had {
            pass.source(stage, spectrum, had, self.source.extend(ends.input), false)?;
        }
        let had = self.entry.end();
        if entry_end > had {
            let rows = had..entry_end;
            let out = self.entry.extend(entry_end);
            source_chain.advance(pass, at, 0, &self.source, ends, (rows, out, false))?;
            pass.upsample(stage, input, had, self.entry.tail_mut(had), false)?;
        }
        source_chain.forget(&mut self.source, &stage.source_block, entry_end);

        let had = self.sum.end() - pad;
        if end > had {
            self.sum.extend(pad + end);
            for (index, chain) in chains.iter_mut().enumerate() {
                let ends = Ends::of(&stage.blocks[index], end, length);
                let out = self.sum.tail_mut(pad + had);
                chain.advance(pass, at, index + 1, &self.entry, ends, (had..end, out, index > 0))?;
            }
            rectify(self.sum.tail_mut(pad + had), slope);
            if end == length {
                self.sum.extend_zeros(length + 2 * pad);
            }
        }
        let mut needed = usize::MAX;
        for (chain, block) in chains.iter_mut().zip(&stage.blocks) {
            needed = needed.min(chain.needed(block));
            chain.forget_inner(block, end);
        }
        self.entry.forget(needed);
        Ok(())
    }
}

impl Chain {
    /// Computes a block's sequences up to `ends`, and its output into `out`.
    fn advance(
        &mut self,
        pass: &mut Pass<'_>,
        at: &StageAt<'_>,
        block: usize,
        input: &Sequence,
        ends: Ends,
        (rows, out, onto): (Range<usize>, &mut [f32], bool),
    ) -> Result<(), Interrupted> {
        let packed = at.stage.block(block);
        let length = at.length;
        let affine = |layer: usize| at.affines.of(Place { stage: at.index, block, layer });
        let Self { between, state } = self;
        let mut out = Some((rows, out));
        for pair in 0..3 {
            let entry = if pair == 0 { input } else { &state[pair - 1] };
            let rows = between[pair].end()..ends.between[pair];
            if !rows.is_empty() {
                let first = 2 * pair;
                let run = Run {
                    affine: affine(first),
                    input: entry.rows(),
                    length,
                    rows: rows.clone(),
                    residual: None,
                    onto: false,
                    out: between[pair].extend(rows.end),
                    measured: false,
                };
                pass.layer(&packed.layers[first], run)?;
            }
            let second = 2 * pair + 1;
            let (earlier, later) = state.split_at_mut(pair.min(2));
            let entry = if pair == 0 { input } else { &earlier[pair - 1] };
            let (rows, out, onto) = match later.first_mut() {
                Some(state) => {
                    let rows = state.end()..ends.state[pair];
                    (rows.clone(), state.extend(rows.end), false)
                }
                None => match out.take() {
                    Some((rows, out)) => (rows, out, onto),
                    None => continue,
                },
            };
            if !rows.is_empty() {
                let (input, residual) = (between[pair].rows(), Some(entry.rows()));
                let affine = affine(second);
                let run = Run { affine, input, length, rows, residual, onto, out, measured: false };
                pass.layer(&packed.layers[second], run)?;
            }
        }
        Ok(())
    }

    /// The first row of its input that it will look at again.
    fn needed(&self, block: &PackedBlock) -> usize {
        let ahead = self.between[0].end().saturating_sub(block.layers[0].reach());
        ahead.min(self.state[0].end())
    }

    /// Forgets what it will not look at again, of its input too; its output has reached `end`.
    fn forget(&mut self, input: &mut Sequence, block: &PackedBlock, end: usize) {
        input.forget(self.needed(block));
        self.forget_inner(block, end);
    }

    fn forget_inner(&mut self, block: &PackedBlock, end: usize) {
        let ends = [self.state[0].end(), self.state[1].end(), end];
        for (pair, (between, end)) in self.between.iter_mut().zip(ends).enumerate() {
            between.forget(end.saturating_sub(block.layers[2 * pair + 1].reach()));
        }
        for pair in 0..2 {
            let ahead = self.between[pair + 1].end().saturating_sub(block.layers[2 * pair + 2].reach());
            self.state[pair].forget(ahead.min(ends[pair + 1]));
        }
    }
}
