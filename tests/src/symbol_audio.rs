//! Audio that says which symbol it stands for, and a listener who reads it back.

use std::sync::{Arc, Mutex, PoisonError};

use sostenuto_g2p::vocabulary::{symbols, token_id};
use sostenuto_playback::{BlockWriter, SinkError};

/// Samples of one symbol at 24 kHz.
pub const SYMBOL: usize = 48;
/// Zero samples before the first symbol of a fragment: the renderer fades in over 5 ms, which is 120 samples.
pub const LEAD: usize = 200;
/// Values are multiples of this, so that a float holds them exactly.
const STEP: f32 = 1.0 / 256.0;

/// The constant that `symbol` sounds as, or `None` outside the vocabulary.
pub fn sample_of(symbol: char) -> Option<f32> {
    token_id(symbol).map(|id| f32::from(id) * STEP)
}

/// What a listener understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The symbols in order, spaces left out: two fragments have none between them.
    pub symbols: String,
    /// Samples that stand for no symbol, or for a part of one only: what a stop tore.
    pub torn: usize,
}

/// Reads `samples` back. Silence tells nothing.
pub fn read(samples: &[f32]) -> Read {
    let mut heard = Read::default();
    for run in samples.chunk_by(|a, b| a == b) {
        if run[0] == 0.0 {
            continue;
        }
        let symbol = symbols().find(|&(_, id)| f32::from(id) * STEP == run[0]).map(|(symbol, _)| symbol);
        match symbol {
            Some(symbol) => {
                heard.torn += run.len() % SYMBOL;
                let times = run.len() / SYMBOL;
                heard.symbols.extend(std::iter::repeat_n(symbol, times).filter(|&symbol| symbol != ' '));
            }
            None => heard.torn += run.len(),
        }
    }
    heard
}

/// A writer that keeps every sample; copies share what they keep.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    samples: Arc<Mutex<Vec<f32>>>,
}

impl Kept {
    /// Every sample so far.
    pub fn samples(&self) -> Vec<f32> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Everything so far, read back.
    pub fn read(&self) -> Read {
        read(&self.samples())
    }
}

impl BlockWriter for Kept {
    fn write(&mut self, block: &[f32]) -> Result<(), SinkError> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(block);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audio(symbols: &str) -> Vec<f32> {
        symbols.chars().flat_map(|symbol| [sample_of(symbol).unwrap(); SYMBOL]).collect()
    }

    #[test]
    fn what_was_said_is_read_back_with_doubled_letters_and_without_spaces() {
        let samples = [vec![0.0; LEAD], audio("hello ll"), vec![0.0; 9_600], audio("lˈ.")].concat();
        assert_eq!(read(&samples), Read { symbols: "hellolllˈ.".into(), torn: 0 });
    }

    #[test]
    fn half_a_symbol_and_a_fade_are_torn() {
        let mut samples = audio("ab");
        samples.truncate(SYMBOL + 20);
        samples.extend([0.001, 0.0005]);
        assert_eq!(read(&samples), Read { symbols: "a".into(), torn: 22 });
    }
}
