//! A fragment whose norms are known beforehand, from tiles to parts.

use std::ops::{ControlFlow, Range};

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

/// What is asked of a fragment.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) bounds: Bounds,
    /// How many samples its tokens last.
    pub(super) durations: &'a [u32],
    /// Keep all its samples, nothing trimmed.
    pub(super) keeps: bool,
}

impl Stream {
    pub(super) fn new() -> Self {
        Self { trimmer: Trimmer::new(), part: Vec::new(), spoken: Vec::new() }
    }

    /// All samples of the last fragment, where they were to be [kept](Asked::keeps).
    pub(super) fn spoken(&self) -> &[f32] {
        &self.spoken
    }

    /// Hands a fragment out while it is computed. Returns how many samples were handed out, and their range in the
    /// fragment.
    ///
    /// # Errors
    /// - [`SynthesisError::Interrupted`].
    /// - [`SynthesisError::NotFinite`] as soon as a tile holds what is no number; what was handed out stands.
    pub(super) fn run(
        &mut self,
        generator: &mut Generator,
        (input, statistics): (&Input<'_>, &Statistics),
        interrupt: &Interrupt,
        asked: Asked<'_>,
        parts: &mut dyn PartSink,
    ) -> Result<(usize, Range<usize>), SynthesisError> {
        // What begins a fragment is trimmed, so the first tile reaches beyond that.
        let lead = asked.bounds.latest_start.saturating_sub(LEAD);
        let Partition { tiles, least } = Partition::of(input.source.len(), lead, parts.first_tile());
        let mut handing = self.begin(asked, least, parts);
        generator.predicted(input, statistics, tiles, interrupt, &mut |tile| handing.take(tile))?;
        handing.finish()
    }

    /// Begins a fragment whose parts have `least` samples at the least, but for the first and the last.
    fn begin<'a>(&'a mut self, asked: Asked<'a>, least: usize, parts: &'a mut dyn PartSink) -> Handing<'a> {
        self.trimmer.begin(asked.bounds);
        self.part.clear();
        self.spoken.clear();
        Handing { stream: self, asked, least, parts, samples: 0, is_finite: true }
    }
}

/// A fragment that is being handed out.
struct Handing<'a> {
    stream: &'a mut Stream,
    asked: Asked<'a>,
    least: usize,
    parts: &'a mut dyn PartSink,
    /// Handed out so far.
    samples: usize,
    is_finite: bool,
}

impl Handing<'_> {
    /// Takes the next tile, and says whether another is wanted.
    fn take(&mut self, tile: &[f32]) -> ControlFlow<()> {
        self.is_finite = tile.iter().all(|sample| sample.is_finite());
        if !self.is_finite {
            return ControlFlow::Break(());
        }
        let Stream { trimmer, part, spoken } = &mut *self.stream;
        if self.asked.keeps {
            spoken.extend_from_slice(tile);
        }
        trimmer.push(tile, part);
        if self.samples == 0 || part.len() >= self.least {
            let start = trimmer.start().unwrap_or_default();
            self.put(start);
        }
        ControlFlow::Continue(())
    }

    /// Hands the last part out.
    fn finish(mut self) -> Result<(usize, Range<usize>), SynthesisError> {
        if !self.is_finite {
            return Err(SynthesisError::NotFinite { session: NAME });
        }
        let Stream { trimmer, part, .. } = &mut *self.stream;
        let kept = trimmer.finish(part);
        self.put(kept.start);
        Ok((self.samples, kept))
    }

    /// Hands out what there is, of a fragment whose first `start` samples were trimmed.
    fn put(&mut self, start: usize) {
        let part = &mut self.stream.part;
        if part.is_empty() {
            return;
        }
        if self.samples == 0 {
            self.parts.begin(Timing { durations: self.asked.durations, trimmed_lead: start });
        }
        self.parts.put(part);
        self.samples += part.len();
        part.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TILE: usize = 240;

    fn handed_out(tiles: &[[f32; TILE]], keeps: bool) -> (Stream, Vec<f32>, Option<usize>) {
        let (mut stream, mut heard) = (Stream::new(), Vec::new());
        let mut sink = |part: &[f32]| heard.extend_from_slice(part);
        let mut handing =
            stream.begin(Asked { bounds: Bounds::NOTHING, durations: &[], keeps }, TILE, &mut sink);
        let taken = tiles.iter().take_while(|tile| handing.take(*tile).is_continue()).count();
        let ended = handing.finish();
        assert_eq!(ended.is_ok(), taken == tiles.len());
        if let Err(error) = &ended {
            assert!(matches!(error, SynthesisError::NotFinite { .. }));
        }
        (stream, heard, ended.ok().map(|(samples, _)| samples))
    }

    #[test]
    fn a_tile_that_is_no_number_is_the_last_and_nothing_of_it_is_heard() {
        let mut spoilt = [0.5; TILE];
        spoilt[TILE - 1] = f32::NAN;
        let (_, heard, told) = handed_out(&[[0.1; TILE], [0.2; TILE], spoilt, [0.3; TILE]], false);
        assert_eq!(told, None);
        assert!(heard == [[0.1; TILE], [0.2; TILE]].concat());
    }

    #[test]
    fn samples_are_kept_where_they_are_asked_for() {
        let tiles = [[0.1; TILE], [0.2; TILE]];
        for keeps in [false, true] {
            let (stream, heard, told) = handed_out(&tiles, keeps);
            assert!(heard == tiles.concat() && told == Some(2 * TILE));
            assert!(stream.spoken() == if keeps { tiles.concat() } else { Vec::new() });
        }
    }
}
