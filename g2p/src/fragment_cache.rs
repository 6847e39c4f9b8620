//! Pronunciations of fragments of text that were read before.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Equivalent, Lifecycle, Weighter};

use crate::clause::Word;
use crate::phonemizer::Pronunciation;

/// What an entry costs beside its texts and words: key, counters and the table's own room.
const ENTRY_BYTES: usize = 160;

/// Text in its normalised form, and the version of what pronounces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) version: u64,
    pub(crate) text: Box<str>,
}

/// A key that is only looked up.
struct KeyRef<'a> {
    version: u64,
    text: &'a str,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        KeyRef { version: self.version, text: &self.text }.hash(state);
    }
}

impl Hash for KeyRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.version.hash(state);
        self.text.hash(state);
    }
}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.version == key.version && *self.text == *key.text
    }
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Arc<Pronunciation>> for Bytes {
    fn weight(&self, key: &Key, value: &Arc<Pronunciation>) -> u64 {
        let words = value.words.len() * size_of::<Word>();
        (key.text.len() + value.phonemes.len() + words + ENTRY_BYTES) as u64
    }
}

#[derive(Clone, Default)]
struct CountEvictions(Arc<AtomicU64>);

impl Lifecycle<Key, Arc<Pronunciation>> for CountEvictions {
    type RequestState = ();

    fn on_evict(&self, (): &mut (), _: Key, _: Arc<Pronunciation>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a cache has done since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct CacheStats {
    /// Look-ups that found their text.
    pub hits: u64,
    /// Look-ups that did not.
    pub misses: u64,
    /// Entries given up for want of room.
    pub evicted: u64,
    /// Entries now.
    pub entries: u64,
    /// Bytes that the entries take, by estimate.
    pub bytes: u64,
}

/// Remembers how fragments of text are pronounced; shared by any number of threads, streams and languages.
///
/// It holds no more than the bytes that it was given room for, and gives up first what is asked for least. It does
/// not know when a lexicon changes: whoever asks gives a version, and entries of other versions are not found.
pub struct FragmentCache {
    entries: Cache<Key, Arc<Pronunciation>, Bytes, DefaultHashBuilder, CountEvictions>,
    evicted: Arc<AtomicU64>,
}

impl FragmentCache {
    /// Room for most of what a desktop says again and again: about 10,000 sentences.
    pub const DEFAULT_BYTES: usize = 2 << 20;

    /// A cache with room for `bytes`, which are not taken before they are needed.
    pub fn new(bytes: usize) -> Self {
        const TYPICAL_ENTRY: usize = 800;
        let lifecycle = CountEvictions::default();
        let evicted = Arc::clone(&lifecycle.0);
        let hasher = DefaultHashBuilder::default();
        let entries = Cache::with(bytes / TYPICAL_ENTRY, bytes as u64, Bytes, hasher, lifecycle);
        Self { entries, evicted }
    }

    /// How `text` was pronounced by `version`.
    pub fn get(&self, version: u64, text: &str) -> Option<Arc<Pronunciation>> {
        self.entries.get(&KeyRef { version, text })
    }

    /// Remembers how `text` is pronounced by `version`.
    pub fn insert(&self, version: u64, text: &str, pronunciation: Arc<Pronunciation>) {
        self.entries.insert(Key { version, text: text.into() }, pronunciation);
    }

    /// Gives all entries up, which count as evicted.
    pub fn clear(&self) {
        let entries = self.entries.len() as u64;
        self.entries.clear();
        self.evicted.fetch_add(entries, Ordering::Relaxed);
    }

    /// What it has done so far.
    pub fn stats(&self) -> CacheStats {
        CacheStats {
            hits: self.entries.hits(),
            misses: self.entries.misses(),
            evicted: self.evicted.load(Ordering::Relaxed),
            entries: self.entries.len() as u64,
            bytes: self.entries.weight(),
        }
    }

    /// All entries, in no order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Key, Arc<Pronunciation>)> + '_ {
        self.entries.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(phonemes: &str) -> Arc<Pronunciation> {
        Arc::new(Pronunciation { phonemes: phonemes.to_owned(), ..Pronunciation::default() })
    }

    #[test]
    fn what_was_put_in_comes_out_for_the_same_text_and_version_only() {
        let cache = FragmentCache::new(FragmentCache::DEFAULT_BYTES);
        cache.insert(1, "hello", said("həlˈO"));
        assert_eq!(cache.get(1, "hello"), Some(said("həlˈO")));
        assert_eq!(cache.get(2, "hello"), None);
        assert_eq!(cache.get(1, "Hello"), None);
        let stats = cache.stats();
        assert_eq!((stats.hits, stats.misses, stats.entries), (1, 2, 1));
    }

    #[test]
    fn it_never_holds_more_than_its_bytes() {
        const BYTES: usize = 100_000;
        let cache = FragmentCache::new(BYTES);
        for n in 0..2_000 {
            cache.insert(1, &format!("This is sentence number {n}."), said(&"a".repeat(n % 300)));
            assert!(cache.stats().bytes <= BYTES as u64);
        }
        let stats = cache.stats();
        assert!(stats.entries > 100 && stats.evicted > 1_000, "{stats:?}");
    }

    #[test]
    fn what_is_larger_than_the_cache_is_not_kept() {
        let cache = FragmentCache::new(10_000);
        cache.insert(1, &"long ".repeat(10_000), said("l"));
        assert_eq!(cache.stats().entries, 0);
    }

    #[test]
    fn a_cleared_cache_takes_no_bytes_and_can_be_filled_again() {
        let cache = FragmentCache::new(10_000);
        cache.insert(1, "hello", said("həlˈO"));
        cache.clear();
        let stats = cache.stats();
        assert_eq!((stats.entries, stats.bytes, stats.evicted), (0, 0, 1));
        assert_eq!(cache.get(1, "hello"), None);
        cache.insert(1, "hello", said("həlˈO"));
        assert_eq!(cache.get(1, "hello"), Some(said("həlˈO")));
    }

    #[test]
    fn several_threads_may_use_it_at_once() {
        let cache = FragmentCache::new(50_000);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let cache = &cache;
                scope.spawn(move || {
                    for n in 0..1_000 {
                        let text = format!("text {}", (n * (thread + 1)) % 200);
                        if let Some(found) = cache.get(1, &text) {
                            assert_eq!(found.phonemes, text);
                        }
                        cache.insert(1, &text, said(&text));
                    }
                });
            }
        });
        let stats = cache.stats();
        assert_eq!(stats.hits + stats.misses, 4_000);
    }
}
