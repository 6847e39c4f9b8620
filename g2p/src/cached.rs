//! Unknown words come again: a memory of how they were pronounced.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::reason::Reason;
use crate::unknown_word::UnknownWord;

/// A word longer than this, in bytes, is pronounced anew each time.
const MAX_WORD: usize = 64;

/// What a [`Cached`] has been asked for so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct CacheCounts {
    /// Words that were remembered.
    pub hits: u64,
    /// Words that had to be pronounced.
    pub misses: u64,
    /// Words that were forgotten to make room.
    pub evicted: u64,
    /// Words that are remembered now.
    pub entries: usize,
}

/// Remembers the words that `U` pronounced, up to a number of them.
///
/// Two generations: a word that is asked for lives on, the others are forgotten by the half of the memory at once.
/// The lock is never held while a word is pronounced, so two threads may pronounce the same word at once.
#[derive(Debug)]
pub struct Cached<U> {
    inner: U,
    capacity: usize,
    memory: Mutex<Memory>,
}

/// The phonemes of a word, or that it has none.
type Answer = Option<String>;

#[derive(Debug, Default)]
struct Memory {
    young: HashMap<String, Answer>,
    old: HashMap<String, Answer>,
    counts: CacheCounts,
}

impl<U> Cached<U> {
    /// Words that are remembered unless told otherwise: at some 100 bytes each, under 2 MB.
    pub const DEFAULT_CAPACITY: usize = 16_384;

    /// A memory of at most `capacity` words, and at least two.
    pub fn new(inner: U, capacity: usize) -> Self {
        Self { inner, capacity: capacity.max(2), memory: Mutex::default() }
    }

    /// How often it has helped.
    pub fn counts(&self) -> CacheCounts {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        CacheCounts { entries: memory.young.len() + memory.old.len(), ..memory.counts }
    }
}

impl Memory {
    fn recall(&mut self, word: &str, capacity: usize) -> Option<Answer> {
        let said = if let Some(said) = self.young.get(word) {
            Some(said.clone())
        } else if let Some((word, said)) = self.old.remove_entry(word) {
            self.keep(word, said.clone(), capacity);
            Some(said)
        } else {
            None
        };
        let count = if said.is_some() { &mut self.counts.hits } else { &mut self.counts.misses };
        *count += 1;
        said
    }

    fn keep(&mut self, word: String, said: Answer, capacity: usize) {
        if self.young.len() >= capacity / 2 {
            self.counts.evicted += self.old.len() as u64;
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(word, said);
    }
}

impl<U: UnknownWord> UnknownWord for Cached<U> {
    fn pronounce(&self, word: &str) -> Option<String> {
        if word.len() > MAX_WORD {
            return self.inner.pronounce(word);
        }
        let memory = || self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let remembered = memory().recall(word, self.capacity);
        remembered.unwrap_or_else(|| {
            let said = self.inner.pronounce(word);
            memory().keep(word.to_owned(), said.clone(), self.capacity);
            said
        })
    }

    fn reason(&self) -> Reason {
        self.inner.reason()
    }

    fn reads_anything(&self) -> bool {
        self.inner.reads_anything()
    }

    fn forget(&self) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.counts.evicted += (memory.young.len() + memory.old.len()) as u64;
        (memory.young, memory.old) = Default::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Says every word backwards, none that begins with x, and counts.
    #[derive(Default)]
    struct Backwards(AtomicUsize);

    impl UnknownWord for Backwards {
        fn pronounce(&self, word: &str) -> Option<String> {
            self.0.fetch_add(1, Ordering::Relaxed);
            (!word.starts_with('x')).then(|| word.chars().rev().collect())
        }

        fn reason(&self) -> Reason {
            Reason::Net
        }
    }

    #[test]
    fn a_word_is_pronounced_once_even_when_it_has_no_sound() {
        let cached = Cached::new(Backwards::default(), 8);
        for _ in 0..3 {
            assert_eq!(cached.pronounce("ab").as_deref(), Some("ba"));
            assert_eq!(cached.pronounce("xb"), None);
        }
        assert_eq!(cached.inner.0.load(Ordering::Relaxed), 2);
        assert_eq!(cached.counts(), CacheCounts { hits: 4, misses: 2, evicted: 0, entries: 2 });
        assert_eq!((cached.reason(), cached.reads_anything()), (Reason::Net, false));
    }

    #[test]
    fn a_word_that_is_asked_for_outlives_those_that_are_not() {
        let cached = Cached::new(Backwards::default(), 4);
        for word in ["ab", "b", "ab", "c", "ab", "d", "ab", "e", "ab", "f", "ab"] {
            cached.pronounce(word);
        }
        assert_eq!(cached.counts().misses, 6);
        assert!(cached.counts().evicted > 0);
    }

    #[test]
    fn a_word_without_end_is_not_kept() {
        let cached = Cached::new(Backwards::default(), 4);
        cached.pronounce(&"a".repeat(1_000));
        assert_eq!(cached.counts().entries, 0);
    }

    #[test]
    fn what_was_forgotten_is_pronounced_anew() {
        let cached = Cached::new(Backwards::default(), 4);
        cached.pronounce("ab");
        cached.forget();
        assert_eq!(cached.counts(), CacheCounts { hits: 0, misses: 1, evicted: 1, entries: 0 });
        assert_eq!(cached.pronounce("ab").as_deref(), Some("ba"));
        assert_eq!(cached.counts().misses, 2);
    }

    proptest! {
        #[test]
        fn the_answer_is_that_of_the_one_behind_and_the_memory_is_bounded(
            words in prop::collection::vec("[a-dx]{1,3}", 0..200), capacity in 0_usize..20,
        ) {
            let cached = Cached::new(Backwards::default(), capacity);
            for word in words {
                prop_assert_eq!(cached.pronounce(&word), Backwards::default().pronounce(&word));
                prop_assert!(cached.counts().entries <= capacity.max(2));
            }
        }
    }
}
