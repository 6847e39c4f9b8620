//! Where what was learned is kept: one file per voice, beside what else was made from the model.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::file::{VERSION, decode, encode};
use super::{Unkept, VoiceNorms};
use crate::Voice;
use crate::assets::{AssetError, Cache, Digest};

/// Characters of a voice's name that its file is named with; the digest tells voices apart.
const NAME: usize = 40;

/// The files of one generator of one model.
#[derive(Clone, Debug)]
pub struct Store {
    cache: Cache,
    model: Digest,
    generator: &'static str,
}

impl Store {
    /// Files in `cache` for the model with digest `model`, as `generator` computes it: norms that were measured where
    /// weights are rounded hold for no other rounding.
    pub fn new(cache: Cache, model: Digest, generator: &'static str) -> Self {
        Self { cache, model, generator }
    }

    /// What is known of `voice`; nothing, with a line in the log, where its file cannot be used.
    pub fn load(&self, voice: &Voice) -> VoiceNorms {
        self.path(voice).and_then(|path| read(voice, &path)).unwrap_or_default()
    }

    /// Keeps `norms` of `voice` in the place of what was kept before.
    ///
    /// # Errors
    /// The cache cannot take it; what was kept before stays.
    pub fn save(&self, voice: &Voice, norms: &VoiceNorms) -> Result<(), AssetError> {
        match self.file_name(voice) {
            Some(name) => self.cache.renew_derived(self.model, &name, |_| encode(norms)),
            None => Ok(()),
        }
    }

    /// Adds what was found out of `voice` since its file was read to what the file holds by now, and makes `norms`, as it
    /// is known here, what comes of that. Where no file can be used, `norms` is kept as it is. Returns whether it was done:
    /// not where another process changes the cache, which is not waited for.
    ///
    /// # Errors
    /// The cache cannot take it; what was kept before stays, and so does `norms`.
    pub(super) fn add(
        &self,
        voice: &Voice,
        norms: &mut VoiceNorms,
        unkept: &Unkept,
    ) -> Result<bool, AssetError> {
        let Some(name) = self.file_name(voice) else { return Ok(true) };
        let mut joined = None;
        let make = |path: &Path| {
            let all = read(voice, path).map_or_else(|| norms.clone(), |kept| unkept.join(norms, kept));
            let bytes = encode(&all);
            joined = Some(all);
            bytes
        };
        let is_done = self.cache.try_renew_derived(self.model, &name, make)?;
        if let Some(joined) = joined {
            *norms = joined;
        }
        Ok(is_done)
    }

    /// Where what is known of `voice` is kept, whether anything is or not; `None` for a voice without a pack.
    pub fn path(&self, voice: &Voice) -> Option<PathBuf> {
        Some(self.cache.derived_path(self.model, &self.file_name(voice)?))
    }

    /// `None` for a voice without a pack, which has nothing to be known by.
    fn file_name(&self, voice: &Voice) -> Option<String> {
        let digest = voice.digest()?.to_string();
        let plain = |c: char| if c.is_ascii_alphanumeric() || "_-.+".contains(c) { c } else { '_' };
        let name: String = voice.name().chars().take(NAME).map(plain).collect();
        Some(format!("norms-{VERSION}-{}-{name}-{}", self.generator, &digest[..16]))
    }
}

/// What the file at `path` holds of `voice`; `None`, with a line in the log, where it cannot be used, and where there is
/// none.
fn read(voice: &Voice, path: &Path) -> Option<VoiceNorms> {
    let reason = match std::fs::read(path).map(|bytes| decode(&bytes)) {
        Ok(Ok(norms)) => return Some(norms),
        Ok(Err(reason)) => reason.to_string(),
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => error.to_string(),
    };
    tracing::warn!(
        "what was kept of the norms of {} is lost, {} cannot be used: {reason}",
        voice.name(),
        path.display()
    );
    None
}

#[cfg(test)]
mod tests {
    use super::super::Shape;
    use super::*;
    use crate::generator::{STATISTICS, Statistics};
    use crate::voice::PACK_BYTES;

    fn store(folder: &tempfile::TempDir) -> Store {
        let cache = Cache::at(folder.path()).unwrap();
        Store::new(cache, Digest::of_bytes(b"model"), "native")
    }

    fn voice(name: &str, value: f32) -> Voice {
        let pack: Vec<u8> = value.to_le_bytes().into_iter().cycle().take(PACK_BYTES).collect();
        Voice::from_pack(name, &pack, Path::new(name)).unwrap()
    }

    fn learned() -> VoiceNorms {
        let mut norms = VoiceNorms::default();
        let measured = Statistics { mean: vec![0.5; STATISTICS], deviation: vec![2.0; STATISTICS] };
        assert!(norms.learn(Shape { share: 0.2, tokens: 60, is_ordinary: true }, &measured));
        norms
    }

    #[test]
    fn what_was_learned_is_there_the_next_time_and_for_that_voice_only() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let (ours, theirs) = (voice("af_sarah(0.3)+af_jessica(0.7)", 0.1), voice("af_heart", 0.2));
        assert!(store.load(&ours) == VoiceNorms::default());
        store.save(&ours, &learned()).unwrap();
        assert!(store.load(&ours) == learned());
        assert!(store.load(&theirs) == VoiceNorms::default());
        assert!(store.load(&voice(ours.name(), 0.3)) == VoiceNorms::default(), "another pack of that name");
        let other = Store { generator: "native-int8", ..store.clone() };
        assert!(other.load(&ours) == VoiceNorms::default());
        let name = store.path(&ours).unwrap().file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name.starts_with("norms-1-native-af_sarah_0.3_+af_jessica_0.7_-"), "{name}");
    }

    #[test]
    fn a_file_that_cannot_be_used_is_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let voice = voice("af_heart", 0.1);
        store.save(&voice, &learned()).unwrap();
        let path = store.path(&voice).unwrap();
        std::fs::write(&path, b"SOSTNORM and nothing else").unwrap();
        assert!(store.load(&voice) == VoiceNorms::default());
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(store.load(&voice) == VoiceNorms::default());
    }
}
