//! A fragment layer by layer, each over all of its rows, with statistics that are measured on the way.

use super::affine::{Affines, Place, conclude};
use super::int8::Largest;
use super::inverse::Overlap;
use super::packed::{BLOCKS, LAST_SLOPE, POST_PAD, Packed, PackedStage, SLOPE, SPECTRUM_PAD};
use super::pass::{Pass, Run};
use super::sequence::Sequence;
use super::spectrum::{BINS, Spectrum, WINDOW};
use super::statistics::{CHANNELS, Statistics};
use super::{Interrupted, Lengths, rectify};

/// The sequences of a whole fragment.
#[derive(Debug)]
pub(super) struct Whole {
    spectrum: Sequence,
    stages: [Buffers; 2],
    waves: Sequence,
    affines: Affines,
}

/// A stage's: what enters the residual blocks, a block's state, what lies between the two layers of a pair, and the
/// sum of the blocks with zeros around it.
#[derive(Debug)]
struct Buffers {
    entry: Sequence,
    state: Sequence,
    between: Sequence,
    sum: Sequence,
}

/// A stage at work.
struct StageAt<'a> {
    stage: &'a PackedStage,
    index: usize,
    length: usize,
    style: &'a [f32],
}

impl Whole {
    pub(super) fn new() -> Self {
        let stages = CHANNELS.map(|channels| {
            let [entry, state, between, sum] = std::array::from_fn(|_| Sequence::new(channels));
            Buffers { entry, state, between, sum }
        });
        Self {
            spectrum: Sequence::new(2 * BINS),
            stages,
            waves: Sequence::new(WINDOW),
            affines: Affines::new(),
        }
    }

    /// Computes all samples; `hidden` are the hidden frames with a row of zeros before and behind them.
    pub(super) fn run(
        &mut self,
        pass: &mut Pass<'_>,
        packed: &Packed,
        (hidden, source, style): (&Sequence, &[f32], &[f32]),
        (statistics, mut largest): (&mut Statistics, Option<&mut Largest>),
        samples: &mut Vec<f32>,
    ) -> Result<(), Interrupted> {
        let lengths = Lengths::of(source.len());
        let frames = Spectrum::frames(source.len());
        self.spectrum.restart(frames + 2 * SPECTRUM_PAD);
        self.spectrum.extend_zeros(SPECTRUM_PAD);
        pass.spectrum(&packed.spectrum, source, 0, self.spectrum.extend(SPECTRUM_PAD + frames))?;
        self.spectrum.extend_zeros(frames + 2 * SPECTRUM_PAD);
        let [first, second] = &mut self.stages;
        let [first_stage, second_stage] = &packed.stages;
        let at = StageAt { stage: first_stage, index: 0, length: lengths.rows[0], style };
        first.run(
            pass,
            &at,
            (hidden, &self.spectrum),
            (&mut self.affines, statistics, largest.as_deref_mut()),
            1,
        )?;
        rectify(first.sum.tail_mut(1), SLOPE);
        let at = StageAt { stage: second_stage, index: 1, length: lengths.rows[1], style };
        second.run(
            pass,
            &at,
            (&first.sum, &self.spectrum),
            (&mut self.affines, statistics, largest),
            POST_PAD,
        )?;
        rectify(second.sum.tail_mut(POST_PAD), LAST_SLOPE);
        self.waves.restart(frames);
        let inverse = &packed.inverse;
        pass.waves((&packed.post, inverse), &second.sum, 0, self.waves.extend(frames))?;
        inverse.overlap(&mut Overlap::default(), self.waves.tail(0), frames, samples);
        Ok(())
    }
}

impl Buffers {
    fn run(
        &mut self,
        pass: &mut Pass<'_>,
        at: &StageAt<'_>,
        (input, spectrum): (&Sequence, &Sequence),
        (affines, statistics, mut largest): (&mut Affines, &mut Statistics, Option<&mut Largest>),
        pad: usize,
    ) -> Result<(), Interrupted> {
        let (stage, length) = (at.stage, at.length);
        let Self { entry, state, between, sum } = self;
        for sequence in [&mut *entry, &mut *state, &mut *between] {
            sequence.restart(length);
            sequence.extend(length);
        }
        sum.restart(length + 2 * pad);
        sum.extend_zeros(pad);
        sum.extend(pad + length);

        let mut measure = |pass: &Pass<'_>, affines: &mut Affines, block: usize, layer: usize| {
            let place = Place { stage: at.index, block, layer };
            // The first layer of every block but the source's normalises the same rows.
            if layer > 0 || block < 2 {
                conclude(place.site(), &pass.sums[..2 * stage.channels], length, statistics);
            }
            affines.set(place, &stage.block(block).layers[layer], at.style, statistics);
        };
        pass.source(stage, spectrum, 0, entry.tail_mut(0), true)?;
        for layer in 0..6 {
            measure(pass, affines, 0, layer);
            let packed = &stage.source_block.layers[layer];
            let place = Place { stage: at.index, block: 0, layer };
            let affine = affines.of(place);
            let (input, onto, out) = if layer % 2 == 0 {
                (entry.rows(), false, between.tail_mut(0))
            } else {
                (between.rows(), true, entry.tail_mut(0))
            };
            let rows = 0..length;
            let run = Run { affine, input, length, rows, residual: None, onto, out, measured: layer < 5 };
            if let Some(largest) = &mut largest {
                pass.observe(packed, &run, largest.of_mut(place));
            }
            pass.layer(packed, run)?;
        }
        pass.upsample(stage, input, 0, entry.tail_mut(0), true)?;
        measure(pass, affines, 1, 0);
        for block in 1..=BLOCKS {
            if block > 1 {
                measure(pass, affines, block, 0);
            }
            for layer in 0..6 {
                if layer > 0 {
                    measure(pass, affines, block, layer);
                }
                let packed = &stage.block(block).layers[layer];
                let place = Place { stage: at.index, block, layer };
                let affine = affines.of(place);
                let (input, residual, onto, out) = match layer {
                    0 => (entry.rows(), None, false, between.tail_mut(0)),
                    2 | 4 => (state.rows(), None, false, between.tail_mut(0)),
                    1 => (between.rows(), Some(entry.rows()), false, state.tail_mut(0)),
                    3 => (between.rows(), None, true, state.tail_mut(0)),
                    _ => (between.rows(), Some(state.rows()), block > 1, sum.tail_mut(pad)),
                };
                let rows = 0..length;
                let run = Run { affine, input, length, rows, residual, onto, out, measured: layer < 5 };
                if let Some(largest) = &mut largest {
                    pass.observe(packed, &run, largest.of_mut(place));
                }
                pass.layer(packed, run)?;
            }
        }
        sum.extend_zeros(length + 2 * pad);
        Ok(())
    }
}
