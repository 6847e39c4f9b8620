//! A session whose speech can be read back.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sostenuto_engine::fragment_marks::EARLY;
use sostenuto_inference::norms::is_predictable;
use sostenuto_inference::{
    Fragment, Interrupt, PartSink, Prosody, Synthesis, SynthesisError, Synthesizer, Timing, Voice, Voices,
};

use crate::Scatter;
use crate::symbol_audio::{LEAD, SYMBOL, sample_of};

/// How often a slow session looks at its interrupt.
const LOOK: Duration = Duration::from_millis(1);
/// Parts of a fragment that streams, at the most.
const MOST_TILES: usize = 100;

/// What a [`FakeSynthesizer`] was asked to do.
#[derive(Debug, Default)]
pub struct Calls {
    /// Fragments begun.
    pub begun: AtomicUsize,
    /// Fragments spoken to their end.
    pub spoken: AtomicUsize,
    /// Fragments that failed.
    pub failed: AtomicUsize,
    /// Fragments that an interrupt ended.
    pub interrupted: AtomicUsize,
    /// Whether it is at a fragment that it holds.
    pub holding: AtomicBool,
    /// Whether it is at what can wait.
    pub settling: AtomicBool,
    /// Set it to make a deaf session let go, and a mute one answer.
    pub released: AtomicBool,
    /// Parts handed out.
    pub parts: AtomicUsize,
    /// Samples that the first part of each fragment was asked to have.
    pub first_tiles: Mutex<Vec<usize>>,
}

/// Speaks each symbol as [`SYMBOL`] samples of its own value, after [`LEAD`] samples of silence.
///
/// It hands fragments out in parts cut at places that the fragment's seed decides, empty parts among them, and obeys
/// its interrupt between parts.
pub struct FakeSynthesizer {
    interrupt: Interrupt,
    calls: Arc<Calls>,
    parts: usize,
    delay: Duration,
    fails_at: Option<char>,
    holds_at: Option<char>,
    deaf: bool,
    mute: bool,
    settles: bool,
    tile: Option<usize>,
}

impl Default for FakeSynthesizer {
    fn default() -> Self {
        Self {
            interrupt: Interrupt::new(),
            calls: Arc::default(),
            parts: 1,
            delay: Duration::ZERO,
            fails_at: None,
            holds_at: None,
            deaf: false,
            mute: false,
            settles: false,
            tile: None,
        }
    }
}

impl FakeSynthesizer {
    /// Hands each fragment out in up to `most` parts, at least one.
    #[must_use]
    pub fn in_parts(mut self, most: usize) -> Self {
        self.parts = most.max(1);
        self
    }

    /// Works for `delay` on each fragment, unless interrupted.
    #[must_use]
    pub fn slow(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Fails when it comes to `symbol`: what stands before it in the fragment has been handed out then.
    #[must_use]
    pub fn failing_at(mut self, symbol: char) -> Self {
        self.fails_at = Some(symbol);
        self
    }

    /// Works on a fragment that holds `symbol` for ever: only the interrupt ends it.
    #[must_use]
    pub fn holding_at(mut self, symbol: char) -> Self {
        self.holds_at = Some(symbol);
        self
    }

    /// Lets go of a fragment that it holds only when told to through [`Calls::released`]: it hangs.
    #[must_use]
    pub fn deaf(mut self) -> Self {
        self.deaf = true;
        self
    }

    /// Answers whether it streams only when told to through [`Calls::released`].
    #[must_use]
    pub fn mute(mut self) -> Self {
        self.mute = true;
        self
    }

    /// Has work that can wait, and that takes for ever: only the interrupt ends it.
    #[must_use]
    pub fn settling(mut self) -> Self {
        self.settles = true;
        self
    }

    /// Streams, where [norms could be predicted](is_predictable) for the prosody: hands each fragment out in tiles of `tile`
    /// samples, and more where that would be too many, works an equal share of its delay on each, and holds, if it is to,
    /// only when it comes to the symbol. One that is deaf then goes on to the end, interrupted or not.
    #[must_use]
    pub fn streaming(mut self, tile: usize) -> Self {
        self.tile = Some(tile.max(1));
        self.parts = MOST_TILES;
        self
    }

    /// What it is asked to do, as it happens.
    pub fn calls(&self) -> Arc<Calls> {
        Arc::clone(&self.calls)
    }

    fn work(&self, phonemes: &str) {
        self.hold(self.holds_at.is_some_and(|symbol| phonemes.contains(symbol)));
        self.delay(self.delay);
    }

    fn hold(&self, holds: bool) {
        if holds {
            self.calls.holding.store(true, Ordering::Release);
            while !self.calls.released.load(Ordering::Acquire) && (self.deaf || !self.interrupt.is_raised()) {
                std::thread::sleep(LOOK);
            }
            self.calls.holding.store(false, Ordering::Release);
        }
    }

    fn delay(&self, delay: Duration) {
        let mut left = delay;
        while !left.is_zero() && !self.interrupt.is_raised() {
            let step = left.min(LOOK);
            std::thread::sleep(step);
            left -= step;
        }
    }

    /// Hands `samples` out tile by tile, those of the symbol at which it holds being there from sample `held` on. Says how
    /// many samples went before it was interrupted.
    fn stream(&self, samples: &[f32], tile: usize, held: Option<usize>, parts: &mut dyn PartSink) -> usize {
        let tile = tile.max(samples.len().div_ceil(MOST_TILES));
        let share = self.delay / samples.len().div_ceil(tile) as u32;
        let mut handed_out = 0;
        for part in samples.chunks(tile) {
            self.hold(held.is_some_and(|held| (handed_out..handed_out + part.len()).contains(&held)));
            self.delay(share);
            if self.interrupt.is_raised() && !self.deaf {
                break;
            }
            parts.put(part);
            self.calls.parts.fetch_add(1, Ordering::AcqRel);
            handed_out += part.len();
        }
        handed_out
    }

    /// Hands `samples` out in parts, and says how many samples went before it was interrupted.
    fn hand_out(&self, samples: &[f32], seed: u64, parts: &mut dyn PartSink) -> usize {
        let mut scatter = Scatter::new(seed);
        let count = 1 + scatter.below(self.parts);
        let mut cuts: Vec<_> = (1..count).map(|_| scatter.below(samples.len() + 1)).collect();
        cuts.push(samples.len());
        cuts.sort_unstable();
        let mut from = 0;
        for to in cuts {
            if self.interrupt.is_raised() {
                break;
            }
            parts.put(&samples[from..to]);
            from = to;
        }
        from
    }
}

impl Synthesizer for FakeSynthesizer {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    fn max_parts(&self, _tokens: usize) -> usize {
        self.parts
    }

    fn voices(&self) -> Voices {
        Voices::Every
    }

    fn streams(&self, _voice: &Voice, prosody: Prosody) -> bool {
        while self.mute && !self.calls.released.load(Ordering::Acquire) {
            std::thread::sleep(LOOK);
        }
        self.tile.is_some() && is_predictable(prosody)
    }

    fn settle(&mut self) -> bool {
        self.calls.settling.store(self.settles, Ordering::Release);
        while self.settles && !self.interrupt.is_raised() {
            std::thread::sleep(LOOK);
        }
        self.calls.settling.store(false, Ordering::Release);
        self.settles
    }

    fn synthesize(
        &mut self,
        fragment: &Fragment,
        parts: &mut dyn PartSink,
    ) -> Result<Synthesis, SynthesisError> {
        self.calls.begun.fetch_add(1, Ordering::AcqRel);
        self.calls.first_tiles.lock().unwrap_or_else(PoisonError::into_inner).push(parts.first_tile());
        let tile = self.tile.filter(|_| is_predictable(fragment.prosody));
        if tile.is_none() {
            self.work(&fragment.phonemes);
        }
        let mut samples = vec![0.0; LEAD];
        let mut failure = None;
        for symbol in fragment.phonemes.chars() {
            let Some(sample) = sample_of(symbol).filter(|_| self.fails_at != Some(symbol)) else {
                failure = Some(SynthesisError::UnknownSymbol { symbol });
                break;
            };
            samples.extend([sample; SYMBOL]);
        }
        // Late by as much as the models tell them; the silence before the symbols is the first pad's.
        let symbols = (samples.len() - LEAD) / SYMBOL;
        let durations: Vec<u32> =
            std::iter::once((LEAD + EARLY) as u32).chain(vec![SYMBOL as u32; symbols]).chain([0]).collect();
        if failure.is_none() {
            parts.begin(Timing { durations: &durations, trimmed_lead: 0 });
        }
        let handed_out = match tile {
            Some(tile) => {
                let symbol = fragment.phonemes.chars().position(|symbol| self.holds_at == Some(symbol));
                self.stream(&samples, tile, symbol.map(|n| LEAD + n * SYMBOL), parts)
            }
            None => self.hand_out(&samples, fragment.seed, parts),
        };
        if self.interrupt.is_raised() {
            self.calls.interrupted.fetch_add(1, Ordering::AcqRel);
            return Err(SynthesisError::Interrupted);
        }
        if let Some(error) = failure {
            self.calls.failed.fetch_add(1, Ordering::AcqRel);
            return Err(error);
        }
        self.calls.spoken.fetch_add(1, Ordering::AcqRel);
        Ok(Synthesis { samples: handed_out, durations, ..Synthesis::default() })
    }
}
