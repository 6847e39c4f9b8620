//! In which parts a fragment leaves whose norms are known beforehand.

use crate::generator::Tiles;
use crate::{LARGEST_TILE, SMALLEST_TILE};

/// The most parts of a fragment: 18 s in tiles of 300 ms, and with the chunk that closes it no more than fit on their way
/// at once.
pub(crate) const MOST_PARTS: usize = 62;

/// The tiles that a fragment is computed in, and the least samples of every part but the first and the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    pub(crate) tiles: Tiles,
    pub(crate) least: usize,
}

impl Partition {
    /// For a fragment of `total` samples whose first part is to have about `first`, `lead` samples of silence before it
    /// not counted.
    ///
    /// Parts are as large as a tile, unless there would be more than [`MOST_PARTS`] of them.
    pub(crate) fn of(total: usize, lead: usize, first: usize) -> Self {
        let first = lead + first.clamp(SMALLEST_TILE, LARGEST_TILE);
        // One part for the first tile, and one for what is left at the end.
        let least = total.saturating_sub(first).div_ceil(MOST_PARTS - 2).max(1);
        Self { tiles: Tiles { first, rest: LARGEST_TILE }, least }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many parts there are when nothing is trimmed.
    fn parts(total: usize, first: usize) -> usize {
        let partition = Partition::of(total, 0, first);
        let (mut done, mut part, mut parts) = (0, 0, 0);
        while done < total {
            let tile = if done == 0 { partition.tiles.first } else { partition.tiles.rest };
            let tile = tile.min(total - done);
            done += tile;
            part += tile;
            if parts == 0 || part >= partition.least || done == total {
                parts += 1;
                part = 0;
            }
        }
        parts
    }

    #[test]
    fn no_fragment_has_more_parts_than_there_is_room_for() {
        for total in (600..2_000_000).step_by(4_200) {
            for first in [0, 2_400, 5_000, 100_000] {
                assert!(parts(total, first) <= MOST_PARTS, "{total} {first}");
            }
        }
    }

    #[test]
    fn a_sentence_leaves_tile_by_tile() {
        let total = 5 * 24_000;
        assert_eq!(parts(total, 2_400), 1 + (total - 2_400).div_ceil(LARGEST_TILE));
        assert_eq!(Partition::of(total, 0, 2_400).tiles, Tiles { first: 2_400, rest: LARGEST_TILE });
    }
}
