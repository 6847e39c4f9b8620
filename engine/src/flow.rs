//! How the audio of a fragment flows that a session hands out while it is still at work. Pure.
//!
//! The encoder and the decoder run over the whole fragment, then the first tile comes, and from then on tile after tile
//! at a steady pace. A listener needs the first tile at once, and each further one when those before have been heard: a
//! fragment is late where any of its tiles is.

use sostenuto_inference::{LARGEST_TILE, SAMPLE_RATE, SMALLEST_TILE};

/// The frames that tiles are made of, in samples.
const FRAME: usize = 300;

/// Seconds of audio in the smallest first tile.
pub const SMALLEST_TILE_S: f64 = SMALLEST_TILE as f64 / SAMPLE_RATE as f64;
/// Seconds of audio in any other tile, at the most.
pub const LARGEST_TILE_S: f64 = LARGEST_TILE as f64 / SAMPLE_RATE as f64;

/// When the audio of a fragment is there, in seconds after it was begun, and for how long it is heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    /// Its first tile.
    pub first: f64,
    /// All of it.
    pub whole: f64,
    /// So many seconds it is heard.
    pub audio: f64,
}

impl Flow {
    /// How soon after it was begun it may begin to sound without running dry in its midst.
    ///
    /// `max(F, F + r T - t, C - (A - T))`: the first tile of `t` seconds is there after `F`, the one after it a tile `T`
    /// of work later at `r = (C - F) / (A - t)`, and the last one after `C`. Those between lie on the line between the
    /// second and the last, so none of them is later than both.
    pub fn lead(&self) -> f64 {
        let second = self.first + self.tile() - SMALLEST_TILE_S;
        self.first.max(second).max(self.whole - self.until_last())
    }

    /// The same of what is left of it: `spent` seconds ago it was begun, `got` seconds of it are with the listener,
    /// and it is done in `left` seconds. So long, from now, what is before it must last; below zero where not even all
    /// that is there of it must have been heard.
    pub fn lead_of_rest(&self, spent: f64, got: f64, left: f64) -> f64 {
        let last = left - self.until_last().max(got);
        if got > 0.0 {
            return (self.tile().min(left) - got).max(last);
        }
        let first = (self.first - spent).max(0.0).min(left);
        let second = (first + self.tile() - SMALLEST_TILE_S).min(left);
        first.max(second).max(last)
    }

    /// Seconds that a tile takes after the first.
    fn tile(&self) -> f64 {
        let rest = self.audio - SMALLEST_TILE_S;
        if rest <= 0.0 {
            return 0.0;
        }
        (self.whole - self.first).max(0.0) * (LARGEST_TILE_S / rest).min(1.0)
    }

    /// Seconds of it that are heard before its last tile.
    fn until_last(&self) -> f64 {
        (self.audio - LARGEST_TILE_S).max(0.0)
    }
}

/// Samples of the first tile of a fragment that is promised so many seconds before it is needed: the smallest where
/// its listener waits, and as much more as there is time for. A second of `slack` buys a second of audio, for where
/// sessions stream a tile takes no longer to make than to hear.
pub fn first_tile(slack: f64) -> usize {
    let more = (LARGEST_TILE - SMALLEST_TILE) as f64;
    let samples = (slack * f64::from(SAMPLE_RATE)).clamp(0.0, more);
    SMALLEST_TILE + samples as usize / FRAME * FRAME
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// When each of the tiles of `flow` is there that begin at a position of its audio.
    fn tiles(flow: &Flow) -> Vec<(f64, f64)> {
        let pace = (flow.whole - flow.first) / (flow.audio - SMALLEST_TILE_S);
        let mut tiles = vec![(0.0, flow.first)];
        let mut begin = SMALLEST_TILE_S;
        while begin < flow.audio {
            let end = (begin + LARGEST_TILE_S).min(flow.audio);
            tiles.push((begin, flow.first + pace * (end - SMALLEST_TILE_S)));
            begin = end;
        }
        tiles
    }

    #[test]
    fn a_quick_session_may_begin_with_its_first_tile_and_a_slow_one_when_the_rest_is_in_time() {
        assert!((Flow { first: 0.2, whole: 1.0, audio: 5.0 }.lead() - 0.2).abs() < 1e-9);
        // 4.5 s for 5 s: the second tile takes 0.26 s, and the first lasts 0.1 s.
        let slow = Flow { first: 0.4, whole: 4.5, audio: 5.0 }.lead();
        assert!((slow - (0.4 + 4.1 * 0.3 / 4.9 - 0.1)).abs() < 1e-9, "{slow}");
        let slower = Flow { first: 0.5, whole: 7.5, audio: 5.0 }.lead();
        assert!((slower - (7.5 - 4.7)).abs() < 1e-9, "{slower}");
    }

    #[test]
    fn of_what_has_begun_the_next_tile_and_the_last_decide() {
        let flow = Flow { first: 0.2, whole: 1.5, audio: 5.0 };
        assert!((flow.lead_of_rest(0.05, 0.0, 1.45) - 0.15).abs() < 1e-9);
        assert!(flow.lead_of_rest(1.0, 2.0, 0.5) < -1.5);
        let stalled = flow.lead_of_rest(5.0, 2.0, 6.0);
        assert!((stalled - 1.3).abs() < 1e-9, "{stalled}");
    }

    #[test]
    fn who_waits_gets_the_smallest_tile_and_who_has_time_the_largest() {
        assert_eq!([-1.0, 0.0, 0.0124].map(first_tile), [SMALLEST_TILE; 3]);
        assert_eq!(first_tile(0.1), SMALLEST_TILE + 2_400);
        assert_eq!([0.2, 9.0, f64::INFINITY].map(first_tile), [LARGEST_TILE; 3]);
        assert_eq!(first_tile(f64::NAN), SMALLEST_TILE);
    }

    proptest! {
        #[test]
        fn no_tile_is_late_that_begins_to_sound_after_the_lead_and_with_less_lead_one_is(
            first in 0.01..2.0, rest in 0.0..20.0, audio in 0.5..20.0,
        ) {
            let flow = Flow { first, whole: first + rest, audio };
            let late = |lead: f64| tiles(&flow).iter().any(|&(begin, there)| there > lead + begin + 1e-9);
            prop_assert!(!late(flow.lead()));
            // The last tile may be a short one, so the lead may be too much by a tile.
            prop_assert!(late(flow.lead() - LARGEST_TILE_S.max(0.02)));
        }

        #[test]
        fn a_first_tile_is_made_of_frames_and_grows_with_the_slack(slack in -1.0..1.0, more in 0.0..1.0) {
            let tile = first_tile(slack);
            prop_assert!(tile.is_multiple_of(FRAME) && (SMALLEST_TILE..=LARGEST_TILE).contains(&tile));
            prop_assert!(first_tile(slack + more) >= tile);
        }
    }
}
