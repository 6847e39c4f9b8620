//! A fragment whose norms are known beforehand, from tiles to parts.

use std::ops::Range;

use super::parts::Partition;
use crate::generator::{Generator, Input, Statistics};
use crate::kokoro::NAME;
use crate::trim::{Bounds, LEAD, Trimmer};
use crate::{Interrupt, PartSink, SynthesisError, Timing};

/// What is kept from one fragment to the next: memory.
pub(super) struct Stream {
    trimmer: Trimmer,
    part: Vec<f32>,
    spoken: Vec<f32>,
}

impl Stream {
    pub(super) fn new() -> Self {
        Self { trimmer: Trimmer::new(), part: Vec::new(), spoken: Vec::new() }
    }

    /// All samples of the last fragment, nothing trimmed.
    pub(super) fn spoken(&self) -> &[f32] {
        &self.spoken
    }

    /// Hands a fragment out while it is computed, whose tokens last `durations` samples. Returns how many samples were
    /// handed out, and their range in the fragment.
    pub(super) fn run(
        &mut self,
        generator: &mut Generator,
        (input, statistics): (&Input<'_>, &Statistics),
        interrupt: &Interrupt,
        (bounds, durations): (Bounds, &[u32]),
        parts: &mut dyn PartSink,
    ) -> Result<(usize, Range<usize>), SynthesisError> {
        let Self { trimmer, part, spoken } = self;
        trimmer.begin(bounds);
        part.clear();
        spoken.clear();
        // What begins a fragment is trimmed, so the first tile reaches beyond that.
        let lead = bounds.latest_start.saturating_sub(LEAD);
        let Partition { tiles, least } = Partition::of(input.source.len(), lead, parts.first_tile());
        let (mut samples, mut finite) = (0, true);
        let mut take = |tile: &[f32]| {
            finite = finite && tile.iter().all(|sample| sample.is_finite());
            if !finite {
                return;
            }
            spoken.extend_from_slice(tile);
            trimmer.push(tile, part);
            if !part.is_empty() && (samples == 0 || part.len() >= least) {
                if samples == 0 {
                    let trimmed_lead = trimmer.start().unwrap_or_default();
                    parts.begin(Timing { durations, trimmed_lead });
                }
                parts.put(part);
                samples += part.len();
                part.clear();
            }
        };
        generator.predicted(input, statistics, tiles, interrupt, &mut take)?;
        if !finite {
            return Err(SynthesisError::NotFinite { session: NAME });
        }
        let kept = trimmer.finish(part);
        if !part.is_empty() {
            if samples == 0 {
                parts.begin(Timing { durations, trimmed_lead: kept.start });
            }
            parts.put(part);
            samples += part.len();
        }
        Ok((samples, kept))
    }
}
