//! The voices that a learner holds in memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::seen::Seen;
use super::{Store, Unkept, VoiceNorms};
use crate::Voice;

/// So many voices are held, 1.1 to 1.5 MB each with their packs.
const MOST: usize = 16;

/// How often it is tried at the end to keep what was found out, and how long after a try comes the next.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// What is known of the voices that were used last, and the files where that is kept.
#[derive(Debug)]
pub(super) struct KnownVoices {
    store: Option<Store>,
    /// By their names.
    voices: HashMap<String, Known>,
    /// How often one was asked for.
    asked: u64,
}

/// What is known of a voice.
#[derive(Debug)]
pub(super) struct Known {
    voice: Arc<Voice>,
    pub(super) norms: VoiceNorms,
    pub(super) seen: Seen,
    unkept: Unkept,
    /// Something was found out since the last try to keep it.
    is_due: bool,
    /// When it was asked for last, counted in questions.
    last: u64,
}

impl Known {
    fn new(voice: &Arc<Voice>, norms: VoiceNorms) -> Self {
        let (voice, seen, unkept) = (Arc::clone(voice), Seen::default(), Unkept::default());
        Self { voice, norms, seen, unkept, is_due: false, last: 0 }
    }

    fn is(&self, voice: &Voice) -> bool {
        std::ptr::eq(&raw const *self.voice, voice) || *self.voice == *voice
    }

    /// Forgets all but whose it is.
    pub(super) fn forget(&mut self) {
        *self = Self { last: self.last, ..Self::new(&self.voice, VoiceNorms::default()) };
    }

    /// Notes that something was found out.
    pub(super) fn note(&mut self, found: impl FnOnce(&mut Unkept)) {
        found(&mut self.unkept);
        self.is_due = true;
    }

    /// Adds what was found out to what is kept. What `store` cannot take is tried again once more was found out, with a
    /// line in the log; where another process keeps it from that, it is due still.
    fn keep(&mut self, store: &Store) {
        match store.add(&self.voice, &mut self.norms, &self.unkept) {
            Ok(true) => self.unkept = Unkept::default(),
            Ok(false) => return,
            Err(error) => tracing::warn!("norms of {} are not kept: {error}", self.voice.name()),
        }
        self.is_due = false;
    }
}

impl KnownVoices {
    /// Nothing but what `store` holds; without one all is forgotten at the end.
    pub(super) fn new(store: Option<Store>) -> Self {
        Self { store, voices: HashMap::new(), asked: 0 }
    }

    /// What is known of `voice`, where that is in memory.
    pub(super) fn get(&self, voice: &Voice) -> Option<&Known> {
        self.voices.get(voice.name()).filter(|known| known.is(voice))
    }

    /// What is known of `voice`.
    pub(super) fn of(&mut self, voice: &Arc<Voice>) -> &mut Known {
        match self.voices.get(voice.name()).map(|known| known.is(voice)) {
            Some(true) => {}
            // Another pack under a name that is known is another voice.
            Some(false) => self.let_go(voice.name()),
            None => self.make_room(),
        }
        self.asked += 1;
        let Self { store, voices, asked } = self;
        let load = || {
            let norms = store.as_ref().map_or_else(VoiceNorms::default, |store| store.load(voice));
            Known::new(voice, norms)
        };
        let known = voices.entry(voice.name().to_owned()).or_insert_with(load);
        known.voice = Arc::clone(voice);
        known.last = *asked;
        known
    }

    /// Adds what was found out of a voice since the last time to what is kept, without waiting for another process. Returns
    /// whether that was done and another voice is due.
    pub(super) fn keep(&mut self) -> bool {
        let Some(store) = &self.store else { return false };
        let mut due = self.voices.values_mut().filter(|known| known.is_due);
        let Some(known) = due.next() else { return false };
        known.keep(store);
        !known.is_due && due.next().is_some()
    }

    /// Makes room for another voice: lets the one go that was not used for longest, first of those of which everything is
    /// kept, for somebody waits for the one that comes.
    fn make_room(&mut self) {
        if self.voices.len() < MOST {
            return;
        }
        let oldest = self.voices.iter().min_by_key(|(_, known)| (!known.unkept.is_empty(), known.last));
        if let Some(name) = oldest.map(|(name, _)| name.clone()) {
            self.let_go(&name);
        }
    }

    /// Keeps what was found out of a voice, and forgets the voice. What cannot be kept at once is lost: no speech hangs on
    /// it.
    fn let_go(&mut self, name: &str) {
        let known = self.voices.remove(name).filter(|known| !known.unkept.is_empty());
        if let (Some(mut known), Some(store)) = (known, &self.store) {
            known.keep(store);
        }
    }
}

impl Drop for KnownVoices {
    /// Another process that changes the cache may be making a model: it is waited for, but not for long, since whoever
    /// closes an engine waits for this.
    fn drop(&mut self) {
        let Some(store) = &self.store else { return };
        let mut left: Vec<&mut Known> = self.voices.values_mut().collect();
        for known in &mut left {
            known.is_due = !known.unkept.is_empty();
        }
        for is_last in (0..TRIES).map(|tried| tried + 1 == TRIES) {
            left.retain_mut(|known| {
                if known.is_due {
                    known.keep(store);
                }
                known.is_due
            });
            if left.is_empty() {
                return;
            }
            if !is_last {
                std::thread::sleep(PAUSE);
            }
        }
        tracing::debug!(
            "what was learned last of {} voices is lost: another process holds the cache",
            left.len()
        );
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Shape;
    use super::*;
    use crate::assets::{Cache, Digest};
    use crate::generator::{STATISTICS, Statistics};
    use crate::voice::PACK_BYTES;

    fn voice(name: &str) -> Arc<Voice> {
        Arc::new(Voice::from_pack(name, &vec![0; PACK_BYTES], Path::new(name)).unwrap())
    }

    fn model() -> Digest {
        Digest::of_bytes(b"model")
    }

    fn learn(voices: &mut KnownVoices, voice: &Arc<Voice>) {
        let measured = Statistics { mean: vec![0.5; STATISTICS], deviation: vec![2.0; STATISTICS] };
        let shape = Shape { share: 0.2, tokens: 60, is_ordinary: true };
        let known = voices.of(voice);
        assert!(known.norms.learn(shape, &measured));
        known.note(|unkept| unkept.learn(shape, &measured));
    }

    #[test]
    fn no_more_voices_are_held_than_may_be_and_what_they_taught_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(Cache::at(folder.path()).unwrap(), model(), "native");
        let mut known = KnownVoices::new(Some(store.clone()));
        let voices: Vec<_> = (0..MOST + 2).map(|n| voice(&format!("af_{n}"))).collect();
        voices[..MOST].iter().chain([&voices[0], &voices[MOST]]).for_each(|voice| learn(&mut known, voice));
        assert_eq!(known.voices.len(), MOST);
        assert!(known.get(&voices[0]).is_some() && known.get(&voices[1]).is_none());
        assert_eq!(store.load(&voices[1]).learned().count(), 1);
        let mut kept = 1;
        while known.keep() {
            kept += 1;
        }
        assert_eq!(kept, MOST, "one at a time");
        learn(&mut known, &voices[2]);
        // All but this one are kept, so another goes, although this was used before them.
        for voice in voices[3..=MOST].iter().chain([&voices[0]]) {
            known.of(voice);
        }
        known.of(&voices[MOST + 1]);
        assert!(known.get(&voices[2]).is_some() && known.get(&voices[3]).is_none());
    }

    #[test]
    fn what_is_learned_while_another_process_changes_the_cache_is_kept_later() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let store = Store::new(cache.clone(), model(), "native");
        let heart = voice("af_heart");
        let mut known = KnownVoices::new(Some(store.clone()));
        learn(&mut known, &heart);
        let meanwhile = |_: &Path| {
            assert!(!known.keep(), "it is not waited for");
            assert_eq!(store.load(&heart).learned().count(), 0);
            vec![]
        };
        cache.renew_derived(model(), "another file", meanwhile).unwrap();
        known.keep();
        assert_eq!(store.load(&heart).learned().count(), 1);
    }
}
