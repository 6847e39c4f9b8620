//! From the cache to sessions and voices that can be used.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use sostenuto_g2p::Language;

use crate::assets::{AssetError, Cache, Entry, Manifest, State};
use crate::graph::agreement::{self, Agreement, Candidate};
use crate::graph::{instrument, rebuild_float};
use crate::native::NativeSource;
use crate::{
    Blend, BlendError, Fragment, Kokoro, Native, Prosody, Runtime, SessionError, SessionOptions, Synthesizer,
    Twin, Variant, Voice, VoiceError,
};

/// The voice that speaks when none is asked for: both sessions know it.
pub const DEFAULT_VOICE: &str = "af_heart";
/// Says how the distilled graph is rewritten; a change in the making is another name.
pub(crate) const DISTILLED_GRAPH: &str = "distilled-2";
/// "Hello there.", which every graph that is made is checked with.
pub(crate) const CHECKED_PHONEMES: &str = "həlˈO ðˈɛɹ.";
const VOICE_ENTRY: &str = "voice/";
const NET_ENTRY: &str = "net/";
const NET_LETTERS_ENTRY: &str = "net-letters/";

/// Which model speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// Kokoro-82M: every voice.
    Quality,
    /// The model distilled from it: about forty times cheaper, and only some voices.
    Fast,
}

impl SessionKind {
    /// The name by which users choose it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quality => "quality",
            Self::Fast => "fast",
        }
    }

    /// The most parts that it hands a fragment out in.
    pub fn max_parts(self) -> usize {
        match self {
            Self::Quality => 1,
            Self::Fast => crate::distilled::MOST_PARTS,
        }
    }
}

impl fmt::Display for SessionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no session of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown session '{0}'; choose quality or fast")]
pub struct UnknownSession(String);

impl FromStr for SessionKind {
    type Err = UnknownSession;

    fn from_str(name: &str) -> Result<Self, UnknownSession> {
        match name {
            "quality" => Ok(Self::Quality),
            "fast" => Ok(Self::Fast),
            other => Err(UnknownSession(other.to_string())),
        }
    }
}

/// Why a session or a voice cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelsError {
    /// Choose one of the voices there are.
    #[error("unknown voice '{name}'; `sostenuto voices` lists all, for instance {examples}")]
    UnknownVoice {
        /// As asked for.
        name: String,
        /// A few that are there.
        examples: String,
    },
    /// Write the blend as it is said.
    #[error(transparent)]
    Blend(#[from] BlendError),
    /// Choose another voice, or the quality session.
    #[error(
        "the fast session does not speak '{name}'; it speaks {spoken}, and the quality session speaks every voice"
    )]
    NoTwin {
        /// As asked for.
        name: String,
        /// Voices that it speaks.
        spoken: String,
    },
    /// The runtime or the rewrite is at fault: use the fast session or another variant, and report this.
    #[error("the {variant} graph does not speak as its source does ({agreement:?}); use --session fast")]
    Disagreement {
        /// Which one.
        variant: Variant,
        /// How far apart they are.
        agreement: Agreement,
    },
    /// No session could make use of predicted norms: choose exact ones.
    #[error("the native generator does not speak here, and no other predicts norms: {reason}")]
    NothingToLearn {
        /// Why it does not.
        reason: String,
    },
    /// Give more sentences, some long and some full of pauses.
    #[error("{sentences} sentences are too few, or too much alike, to learn a voice from")]
    TooLittleToLearn {
        /// How many there were.
        sentences: usize,
    },
    /// Fetch the assets.
    #[error(transparent)]
    Asset(#[from] AssetError),
    /// Fetch the assets, or choose another session.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Fetch the assets.
    #[error(transparent)]
    Voice(#[from] VoiceError),
}

/// A voice as a user would choose it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct VoiceRow {
    /// The voice's name.
    pub name: String,
    /// The language it was recorded in, as a BCP 47 tag.
    pub language: Option<&'static str>,
    /// Whether its pack is in the cache.
    pub fetched: bool,
    /// Whether the fast session speaks it too.
    pub fast: bool,
}

/// The files of a net for words that no lexicon holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetFiles {
    /// The net itself, ONNX.
    pub weights: PathBuf,
    /// The letters it takes and the symbols it gives, JSON.
    pub letters: PathBuf,
}

/// The models of the manifest, in one cache.
#[derive(Debug)]
pub struct Models {
    manifest: Manifest,
    cache: Cache,
}

impl Models {
    /// The shipped manifest over `cache`.
    ///
    /// # Errors
    /// [`AssetError::Manifest`] when this program was built with a broken manifest.
    pub fn new(cache: Cache) -> Result<Self, AssetError> {
        Ok(Self { manifest: Manifest::shipped()?, cache })
    }

    /// What there is to fetch.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Where it is kept.
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// The ONNX Runtime of the cache, loaded into this process.
    ///
    /// # Errors
    /// It is not fetched, or cannot be loaded.
    pub fn runtime(&self) -> Result<Runtime, ModelsError> {
        let library = self.cache.require(self.manifest.entry("onnxruntime")?)?;
        Ok(Runtime::load(&library)?)
    }

    /// Loads and warms up a session that runs on `threads` threads and speaks `voice`.
    ///
    /// # Errors
    /// A file is not fetched, or the runtime cannot run it.
    pub fn session(
        &self,
        kind: SessionKind,
        voice: &str,
        threads: usize,
    ) -> Result<Box<dyn Synthesizer>, ModelsError> {
        Ok(self.load(kind, voice, &SessionOptions::on_cpu(threads))?.session)
    }

    /// Loads and warms up the quality session on a chosen variant of its graph, which is made where it was not before.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub fn quality_session(&self, variant: Variant, threads: usize) -> Result<Kokoro, ModelsError> {
        let mut session = Kokoro::load(&self.runtime()?, &self.graph(variant)?, threads)?;
        session.warm_up()?;
        Ok(session)
    }

    /// Loads the quality session with our own generator, from files that are made where they were not before. Every
    /// fragment gets its own norms, unless it is given a learner.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub fn native_session(&self, threads: usize) -> Result<Native, ModelsError> {
        NativeSource::of(self)?.open(&SessionOptions::on_cpu(threads))
    }

    /// The session that speaks `voice` best out of what is fetched.
    pub fn best_session(&self, voice: &str) -> SessionKind {
        let kokoro = self.manifest.entry("kokoro").and_then(|entry| self.cache.state(entry));
        let here = matches!(kokoro, Ok(State::Present | State::Unverified));
        if here || twin_of(voice).is_none() { SessionKind::Quality } else { SessionKind::Fast }
    }

    /// Whether the fast session can speak `voice`: it has a twin, and the twin's model is here.
    pub fn has_fast(&self, voice: &str) -> bool {
        let model = twin_of(voice).and_then(|twin| self.entry_of_file(twin.model).ok());
        model.is_some_and(|entry| matches!(self.cache.state(entry), Ok(State::Present | State::Unverified)))
    }

    /// Loads a voice, or a [`Blend`] of voices, for a session of `kind`.
    ///
    /// # Errors
    /// It is no blend, there is no such voice, the session does not speak it, or a pack is not fetched or damaged.
    pub fn voice(&self, name: &str, kind: SessionKind) -> Result<Arc<Voice>, ModelsError> {
        let blend: Blend = name.parse()?;
        for (voice, _) in blend.parts() {
            self.voice_entry(voice)?;
        }
        Ok(Arc::new(match kind {
            SessionKind::Quality => blend.mix(|voice| self.voice_pack(voice))?,
            SessionKind::Fast => match blend.sole().filter(|voice| Twin::of(voice).is_some()) {
                Some(voice) => Voice::named(voice),
                None => return Err(no_twin(&blend.to_string())),
            },
        }))
    }

    /// Whether there is a voice of this name, fetched or not.
    pub fn has_voice(&self, name: &str) -> bool {
        self.voice_entry(name).is_ok()
    }

    fn voice_entry(&self, name: &str) -> Result<&Entry, ModelsError> {
        self.manifest.entry(&format!("{VOICE_ENTRY}{name}")).map_err(|_| self.unknown_voice(name))
    }

    fn voice_pack(&self, name: &str) -> Result<Voice, ModelsError> {
        match self.cache.require(self.voice_entry(name)?) {
            Ok(path) => Ok(Voice::load(&path)?),
            // What is wrong with a pack tells more than that its digest is another.
            Err(AssetError::Damaged { name, path }) => {
                Voice::load(&path)?;
                Err(AssetError::Damaged { name, path }.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// All voices.
    pub fn voices(&self) -> Vec<VoiceRow> {
        let row = |entry: &Entry| {
            let name = entry.name.strip_prefix(VOICE_ENTRY)?;
            let fetched = matches!(self.cache.state(entry), Ok(State::Present | State::Unverified));
            let language = Voice::named(name).language();
            Some(VoiceRow { name: name.to_string(), language, fetched, fast: Twin::of(name).is_some() })
        };
        self.manifest.entries().iter().filter_map(row).collect()
    }

    /// Where the net for `language` is, once its files were compared with their digests.
    ///
    /// # Errors
    /// There is none for the language, or it is not fetched, or damaged.
    pub fn net_files(&self, language: Language) -> Result<NetFiles, ModelsError> {
        let weights = self.manifest.entry(&format!("{NET_ENTRY}{language}"))?;
        let letters = self.manifest.entry(&format!("{NET_LETTERS_ENTRY}{language}"))?;
        let (weights, letters) = (self.cache.require(weights)?, self.cache.require(letters)?);
        Ok(NetFiles { weights, letters })
    }

    /// The file of a variant of Kokoro's graph; made from the int8 export where that was not done before, and compared
    /// with what it was made from by speaking two words before it is kept, which takes seconds.
    ///
    /// # Errors
    /// The export is not fetched, the graph does not speak as its source does, or the cache cannot take it.
    pub fn graph(&self, variant: Variant) -> Result<PathBuf, ModelsError> {
        let entry = self.manifest.entry("kokoro")?;
        let export = self.cache.require(entry)?;
        self.cache.derive(entry.sha256, variant.file_name(), || {
            tracing::info!(%variant, "making Kokoro's graph, once");
            Ok(self.build_graph(variant, &export)?.0)
        })
    }

    /// The content of a variant of Kokoro's graph and how far it speaks from what it was made from, made anew from the
    /// int8 export, whatever the cache holds.
    ///
    /// # Errors
    /// As [`graph`](Self::graph).
    pub fn build(&self, variant: Variant) -> Result<(Vec<u8>, Agreement), ModelsError> {
        let export = self.cache.require(self.manifest.entry("kokoro")?)?;
        self.build_graph(variant, &export)
    }

    /// Keeps a variant that [`build`](Self::build) made where [`graph`](Self::graph) finds it; one that was kept before
    /// stays.
    ///
    /// # Errors
    /// The cache cannot take it.
    pub fn keep(&self, variant: Variant, graph: Vec<u8>) -> Result<PathBuf, ModelsError> {
        self.cache.derive(self.manifest.entry("kokoro")?.sha256, variant.file_name(), || Ok(graph))
    }

    fn build_graph(&self, variant: Variant, export: &Path) -> Result<(Vec<u8>, Agreement), ModelsError> {
        let unfit = |source| SessionError::Graph { path: export.into(), source };
        let int8 = read(export)?;
        let (float, report) = rebuild_float(&int8).map_err(unfit)?;
        tracing::debug!(?report, "float graph rebuilt");
        let path = self.cache.derived_path(self.manifest.entry("kokoro")?.sha256, Variant::Float.file_name());
        let made_before = path.is_file() && std::fs::read(&path).is_ok_and(|kept| kept == float);
        let mut agreement = None;
        if variant == Variant::Float || !made_before {
            let source = instrument(&int8).map_err(unfit)?;
            agreement = Some(self.agree(Variant::Float, (export, &source), &float)?);
        }
        match agreement {
            Some(agreement) if variant == Variant::Float => Ok((float, agreement)),
            _ => {
                let graph = variant.build(&float).map_err(unfit)?;
                let agreement = self.agree(variant, (&path, &float), &graph)?;
                Ok((graph, agreement))
            }
        }
    }

    /// Speaks two words with a graph and with what it was made from, and sees that they are as close as they should be.
    fn agree(
        &self,
        variant: Variant,
        (path, source): (&Path, &[u8]),
        built: &[u8],
    ) -> Result<Agreement, ModelsError> {
        let voice = self.voice(DEFAULT_VOICE, SessionKind::Quality)?;
        let fragment =
            Fragment { phonemes: CHECKED_PHONEMES.to_string(), voice, prosody: Prosody::default(), seed: 0 };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let source = Candidate { path, graph: source };
        let built = Candidate { path: Path::new(variant.file_name()), graph: built };
        let agreement = agreement::measure(&self.runtime()?, source, built, &fragment, threads)?;
        tracing::debug!(%variant, ?agreement, "graph compared with its source");
        if agreement.within(&variant.bounds()) {
            Ok(agreement)
        } else {
            Err(ModelsError::Disagreement { variant, agreement })
        }
    }

    pub(crate) fn entry_of_file(&self, file: &str) -> Result<&Entry, ModelsError> {
        let found = self.manifest.entries().iter().find(|entry| entry.file_name() == file);
        found.map_or_else(|| self.manifest.entry(file).map_err(ModelsError::from), Ok)
    }

    fn unknown_voice(&self, name: &str) -> ModelsError {
        let examples: Vec<_> = self.voices().into_iter().step_by(7).take(5).map(|row| row.name).collect();
        ModelsError::UnknownVoice { name: name.to_string(), examples: examples.join(", ") }
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, SessionError> {
    std::fs::read(path).map_err(|source| SessionError::Unreadable { path: path.into(), source })
}

/// The twin of a voice, which may be written as a blend of that voice alone.
pub(crate) fn twin_of(voice: &str) -> Option<&'static Twin> {
    Twin::of(voice.parse::<Blend>().ok()?.sole()?)
}

pub(crate) fn no_twin(name: &str) -> ModelsError {
    let spoken: Vec<_> = crate::distilled::TWINS.iter().map(|twin| twin.voice).collect();
    ModelsError::NoTwin { name: name.to_string(), spoken: spoken.join(", ") }
}
