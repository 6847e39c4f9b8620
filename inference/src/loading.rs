//! From files in the cache to a session that has spoken.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::assets::{Cache, Digest};
use crate::fallback::{Heard, PATIENCE, ProviderReport, Refusal, first_that_speaks, judge};
use crate::graph::instrument;
use crate::kernels::Isa;
use crate::loaded::Loaded;
use crate::mapped::Mapped;
use crate::models::{CHECKED_PHONEMES, DISTILLED_GRAPH, no_twin, read, twin_of};
use crate::native::NativeSource;
use crate::norms::NormsChoice;
use crate::runtime::Model;
use crate::{
    DEFAULT_VOICE, Distilled, Form, Fragment, Kokoro, Models, ModelsError, Prosody, Provider, Runtime,
    SessionError, SessionKind, SessionOptions, Synthesizer, Twin, Variant, Voice, distilled, kokoro,
    optimised,
};

/// "huh": what a session speaks before it counts as loaded. It pays for first use, and is listened to.
const TEST_PHONEMES: &str = "hə";

/// A session that has spoken its test fragment.
pub struct Ready {
    /// The session.
    pub session: Box<dyn Synthesizer>,
    /// What runs it.
    pub form: Form,
    /// Where it runs.
    pub report: ProviderReport,
}

impl Models {
    /// Loads a session that speaks `voice`, on the first provider of the [chain](Provider::chain) that speaks.
    ///
    /// On the CPU it is loaded from the graph as the runtime has optimised it before, which is made and kept where it
    /// is not there yet; that takes about a second for the fast session and some for the quality session. There the
    /// quality session comes in the [form](Form) that is asked for or [chosen](Self::choose_form), and in the stock form,
    /// with a line in the log, where the native one cannot be had.
    ///
    /// # Errors
    /// A file is not fetched, this build lacks the provider, or none of the chain runs the model.
    pub fn load(
        &self,
        kind: SessionKind,
        voice: &str,
        options: &SessionOptions,
    ) -> Result<Ready, ModelsError> {
        options.provider.require().map_err(SessionError::from)?;
        if kind == SessionKind::Quality && options.provider == Provider::Cpu {
            let form = match options.form {
                Some(form) => form,
                None => self.form()?.form,
            };
            if form != Form::Stock {
                match self.load_native(voice, form, options) {
                    Ok(ready) => return Ok(ready),
                    Err(error) if form == Form::NativeInt8 || options.norms == NormsChoice::Predicted => {
                        return Err(error);
                    }
                    Err(error) => tracing::warn!("the native generator is not used: {error}"),
                }
            }
        }
        if kind == SessionKind::Quality && options.norms == NormsChoice::Predicted {
            let reason = "the stock form is chosen, or runs elsewhere than on the CPU".to_owned();
            return Err(ModelsError::NothingToLearn { reason });
        }
        let source = self.source(kind, voice)?;
        let optimised = if options.provider == Provider::Cpu {
            source.optimised(self.cache(), options)
        } else {
            self.cache().recorded(source.digest, &source.optimised_name())
        };
        let cache = self.cache().clone();
        let options = *options;
        let load = move |provider| {
            let options = SessionOptions { provider, ..options };
            if let Some(path) = optimised.as_ref().filter(|_| provider == Provider::Cpu) {
                match source.open(path, &options) {
                    Ok(ready) => return Ok(ready),
                    Err(error) => {
                        tracing::warn!("{} does not serve and will be made anew: {error}", path.display());
                        let unwanted = source.optimised_name();
                        cache.delete_derived(source.digest, |name| name == unwanted);
                    }
                }
            }
            source.build(&options)
        };
        match first_that_speaks(&options.provider.chain(), PATIENCE, load) {
            Ok((session, report)) => Ok(Ready { session, form: Form::Stock, report }),
            Err(mut refused) => match refused.pop() {
                Some((_, Refusal::Failed(error))) if refused.is_empty() => Err(error),
                last => {
                    let reasons: Vec<_> =
                        refused.into_iter().chain(last).map(|(p, r)| format!("{p}: {r}")).collect();
                    Err(SessionError::NoProvider { reasons: reasons.join("; ") }.into())
                }
            },
        }
    }

    /// Makes what sessions of `kind` are loaded from, where it is not there yet, so that no first start has to.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn prepare(&self, kind: SessionKind) -> Result<(), ModelsError> {
        if kind == SessionKind::Fast || self.form()?.form == Form::Stock {
            self.prepare_stock(kind)?;
        }
        Ok(())
    }

    /// As [`prepare`](Self::prepare), for the stock form.
    pub(crate) fn prepare_stock(&self, kind: SessionKind) -> Result<(), ModelsError> {
        let source = self.source(kind, DEFAULT_VOICE)?;
        source.optimised(self.cache(), &SessionOptions::on_all_cores());
        Ok(())
    }

    /// The quality session with our own generator.
    fn load_native(&self, voice: &str, form: Form, options: &SessionOptions) -> Result<Ready, ModelsError> {
        let speaker = self.quality_voice(voice)?;
        let source = NativeSource::of(self)?;
        let mut session = source.open(&SessionOptions { form: Some(form), ..*options })?;
        session.learner().voice(&speaker);
        let test = test_fragment(TEST_PHONEMES, &speaker);
        let heard = Heard::from(&mut session, &test).map_err(SessionError::WarmUp)?;
        let session = judge(Ok::<_, SessionError>((session, heard)))
            .map_err(|refusal| SessionError::NoProvider { reasons: refusal.to_string() })?;
        let isa = Isa::chosen().map_err(SessionError::from)?;
        tracing::info!(%isa, threads = options.threads, "the native generator speaks");
        let report = ProviderReport { used: Provider::Cpu, refused: vec![] };
        Ok(Ready { session: Box::new(session), form, report })
    }

    /// The voice called `voice`, or the default one where the quality session does not speak it.
    pub(crate) fn quality_voice(&self, voice: &str) -> Result<Arc<Voice>, ModelsError> {
        let kind = SessionKind::Quality;
        self.voice(voice, kind).or_else(|_| self.voice(DEFAULT_VOICE, kind))
    }

    /// Sees that what a session that speaks `voice` is made from is here, without loading any of it.
    ///
    /// # Errors
    /// A file is not fetched, or the session does not speak the voice.
    pub fn require(&self, kind: SessionKind, voice: &str) -> Result<(), ModelsError> {
        self.cache().require(self.manifest().entry("onnxruntime")?)?;
        let entry = match kind {
            SessionKind::Quality => self.manifest().entry("kokoro")?,
            SessionKind::Fast => self.entry_of_file(twin_of(voice).ok_or_else(|| no_twin(voice))?.model)?,
        };
        self.cache().require(entry)?;
        Ok(())
    }

    fn source(&self, kind: SessionKind, voice: &str) -> Result<Source, ModelsError> {
        let runtime = self.runtime()?;
        Ok(match kind {
            SessionKind::Quality => {
                let digest = self.manifest().entry("kokoro")?.sha256;
                let speaker = self.quality_voice(voice)?;
                Source {
                    runtime,
                    digest,
                    speaker,
                    graph: Graph::Quality { float: self.graph(Variant::default())? },
                }
            }
            SessionKind::Fast => {
                let twin = twin_of(voice).ok_or_else(|| no_twin(voice))?;
                let entry = self.entry_of_file(twin.model)?;
                let (digest, model) = (entry.sha256, self.cache().require(entry)?);
                let speaker = Arc::new(Voice::named(twin.voice));
                Source { runtime, digest, speaker, graph: Graph::Fast { twin, model } }
            }
        })
    }
}

/// What a session is built from.
struct Source {
    runtime: Runtime,
    /// Of the asset that everything is derived from.
    digest: Digest,
    /// Speaks the test fragment.
    speaker: Arc<Voice>,
    graph: Graph,
}

enum Graph {
    Quality { float: PathBuf },
    Fast { twin: &'static Twin, model: PathBuf },
}

type Spoken = (Box<dyn Synthesizer>, Heard);

impl Source {
    fn name(&self) -> &'static str {
        match self.graph {
            Graph::Quality { .. } => kokoro::NAME,
            Graph::Fast { .. } => distilled::NAME,
        }
    }

    fn graph_name(&self) -> &'static str {
        match self.graph {
            Graph::Quality { .. } => Variant::default().file_name().trim_end_matches(".onnx"),
            Graph::Fast { .. } => DISTILLED_GRAPH,
        }
    }

    fn optimised_name(&self) -> String {
        optimised::file_name(self.graph_name(), &self.runtime)
    }

    fn fragment(&self, phonemes: &str) -> Fragment {
        test_fragment(phonemes, &self.speaker)
    }

    /// The file of the optimised graph, made where it is not there; `None`, and a line in the log, where it cannot be.
    fn optimised(&self, cache: &Cache, options: &SessionOptions) -> Option<PathBuf> {
        let name = self.optimised_name();
        let make = || {
            tracing::info!("optimising the {} session's graph, once", self.name());
            self.with_model(|model| {
                let fragment = self.fragment(CHECKED_PHONEMES);
                let said = |loaded| optimised::samples(self.session(loaded, options)?.as_mut(), &fragment);
                optimised::make(&self.runtime, self.name(), options, model, cache.folder(), said)
            })
        };
        let had = cache.recorded(self.digest, &name).is_some();
        match cache.derive_recorded::<ModelsError>(self.digest, &name, make) {
            Ok(path) => {
                if !had {
                    let graph = self.graph_name();
                    cache
                        .delete_derived(self.digest, |other| other != name && optimised::is_of(graph, other));
                }
                Some(path)
            }
            Err(error) => {
                tracing::warn!("the {} session's optimised graph is not kept: {error}", self.name());
                None
            }
        }
    }

    /// A session from the optimised graph in `path`.
    fn open(&self, path: &Path, options: &SessionOptions) -> Result<Spoken, ModelsError> {
        let mapped =
            Mapped::open(path).map_err(|source| SessionError::Unreadable { path: path.into(), source })?;
        self.speak(Model::Optimised(mapped), path, options)
    }

    /// A session from the graph as it is.
    fn build(&self, options: &SessionOptions) -> Result<Spoken, ModelsError> {
        self.with_model(|model| self.speak(model, self.path(), options))
    }

    fn path(&self) -> &Path {
        match &self.graph {
            Graph::Quality { float } => float,
            Graph::Fast { model, .. } => model,
        }
    }

    fn with_model<T>(
        &self,
        take: impl FnOnce(Model<'_>) -> Result<T, ModelsError>,
    ) -> Result<T, ModelsError> {
        match &self.graph {
            Graph::Quality { float } => take(Model::File(float)),
            Graph::Fast { model, .. } => {
                let bytes = instrument(&read(model)?)
                    .map_err(|source| SessionError::Graph { path: model.clone(), source })?;
                take(Model::Bytes(&bytes))
            }
        }
    }

    fn speak(&self, model: Model<'_>, path: &Path, options: &SessionOptions) -> Result<Spoken, ModelsError> {
        let mut session = self
            .runtime
            .session(self.name(), options, model)
            .map_err(|source| SessionError::Build { path: path.into(), source })
            .and_then(|loaded| self.session(loaded, options))?;
        let heard =
            Heard::from(session.as_mut(), &self.fragment(TEST_PHONEMES)).map_err(SessionError::WarmUp)?;
        Ok((session, heard))
    }

    fn session(
        &self,
        loaded: Loaded,
        options: &SessionOptions,
    ) -> Result<Box<dyn Synthesizer>, SessionError> {
        let path = self.path();
        Ok(match self.graph {
            Graph::Quality { .. } => Box::new(Kokoro::over(loaded, options.memory, path)?),
            Graph::Fast { twin, .. } => Box::new(Distilled::over(loaded, twin, options.memory, path)?),
        })
    }
}

/// `phonemes` as `voice` says them of itself.
pub(crate) fn test_fragment(phonemes: &str, voice: &Arc<Voice>) -> Fragment {
    Fragment {
        phonemes: phonemes.to_string(),
        voice: Arc::clone(voice),
        prosody: Prosody::default(),
        seed: 0,
    }
}
