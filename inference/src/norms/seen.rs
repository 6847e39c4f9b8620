//! Which sentences were learned from.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

/// So many sentences are remembered, 2 KB of them.
const MOST: usize = 256;

/// The last sentences of a voice that were learned from, by a hash of their phonemes: a sentence that is spoken again
/// tells nothing new, and what it was learned from does not judge a prediction.
///
/// It is not kept: the next process counts a sentence again that this one has counted.
#[derive(Debug, Default)]
pub(super) struct Seen {
    hashes: VecDeque<u64>,
}

impl Seen {
    pub(super) fn holds(&self, phonemes: &str) -> bool {
        self.hashes.contains(&hash(phonemes))
    }

    /// Remembers a sentence, and forgets the oldest where there are too many.
    pub(super) fn add(&mut self, phonemes: &str) {
        if self.hashes.len() >= MOST {
            self.hashes.pop_front();
        }
        self.hashes.push_back(hash(phonemes));
    }
}

fn hash(phonemes: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    phonemes.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sentences_are_remembered_and_no_more_of_them_than_may_be() {
        let mut seen = Seen::default();
        for n in 0..=MOST {
            assert!(!seen.holds(&n.to_string()));
            seen.add(&n.to_string());
            assert!(seen.hashes.len() <= MOST);
        }
        assert!(!seen.holds("0") && seen.holds("1") && seen.holds(&MOST.to_string()));
    }
}
