//! The files that the native form is loaded from: the trunk as the runtime has optimised it, and the generator's weights.
//!
//! Both are made from the float graph, which is read for that and let go. Nothing else is kept: the trunk's own graph goes
//! to the runtime as it is cut, so the disk holds what a session needs and no more, 255 and 69 MB.

use std::path::{Path, PathBuf};

use crate::assets::Digest;
use crate::generator::{Generator, GeneratorWeights, Int8Plan};
use crate::graph::cut;
use crate::kernels::Isa;
use crate::kokoro::NAME;
use crate::loaded::Loaded;
use crate::mapped::Mapped;
use crate::models::{CHECKED_PHONEMES, DEFAULT_VOICE, read};
use crate::norms::{Learner, NormsChoice, Store};
use crate::runtime::Model;
use crate::{
    Form, Fragment, Interrupt, Models, ModelsError, Native, Runtime, SessionError, SessionOptions, Variant,
    optimised,
};

use super::{Trunk, int8};
use crate::loading::test_fragment;

/// Says how the trunk is cut; a change in the making is another name.
const TRUNK: &str = "kokoro-trunk-2";
/// Says how the int8 form's plan is found; a change in that is another name.
const INT8_PLAN: &str = "kokoro-generator-int8-plan-2.json";
/// The generator's weights; a change in their order is another name.
const WEIGHTS: &str = "kokoro-generator-1.weights";

/// The generator in integers that norms are learned of; with another plan it is another one.
const INT8_GENERATOR: &str = "native-int8-2";
/// The generator that norms are learned of: weights in float.
pub(crate) const GENERATOR: &str = "native";

/// What the native form is made from.
pub(crate) struct NativeSource<'a> {
    models: &'a Models,
    runtime: Runtime,
    /// Of the asset that everything is derived from.
    digest: Digest,
}

/// The files.
struct Files {
    trunk: PathBuf,
    weights: PathBuf,
}

impl<'a> NativeSource<'a> {
    pub(crate) fn of(models: &'a Models) -> Result<Self, ModelsError> {
        let digest = models.manifest().entry("kokoro")?.sha256;
        Ok(Self { models, runtime: models.runtime()?, digest })
    }

    /// Where the files are, once they were made.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        let path = |name: &str| self.models.cache().derived_path(self.digest, name);
        vec![path(&self.trunk_name()), path(WEIGHTS)]
    }

    /// Where what is learned of the norms is kept.
    pub(crate) fn norms(&self, form: Option<Form>) -> Store {
        let generator = if form == Some(Form::NativeInt8) { INT8_GENERATOR } else { GENERATOR };
        Store::new(self.models.cache().clone(), self.digest, generator)
    }

    /// The plan of the int8 form, found where that was not done before.
    fn int8_plan(
        &self,
        trunk: &mut Trunk,
        weights: &GeneratorWeights,
        (isa, threads): (Isa, usize),
    ) -> Result<Int8Plan, ModelsError> {
        if !isa.has_int8() {
            return Err(SessionError::NoInt8 { isa }.into());
        }
        let cache = self.models.cache();
        let path = cache.derive_recorded::<ModelsError>(self.digest, INT8_PLAN, || {
            tracing::info!("finding out which layers speak as well in integers, once");
            let plan = int8::plan(self.models, trunk, weights, (isa, threads))?;
            Ok(serde_json::to_vec(&plan).map_err(|source| SessionError::Int8Plan { source })?)
        })?;
        let plan: Int8Plan =
            serde_json::from_slice(&read(&path)?).map_err(|source| SessionError::Int8Plan { source })?;
        if plan.is_whole() { Ok(plan) } else { Err(SessionError::NoInt8 { isa }.into()) }
    }

    /// A session, from files that are made where they are not there yet. Files that are not as they were
    /// made are deleted.
    pub(crate) fn open(&self, options: &SessionOptions) -> Result<Native, ModelsError> {
        let files = self.files(options)?;
        self.load(&files, options).inspect_err(|error| {
            let ModelsError::Session(
                SessionError::Unreadable { .. }
                | SessionError::Interface { .. }
                | SessionError::Build { .. }
                | SessionError::Weights { .. },
            ) = error
            else {
                return;
            };
            let unwanted = [self.trunk_name(), WEIGHTS.to_owned()];
            self.models.cache().delete_derived(self.digest, |name| unwanted.iter().any(|file| file == name));
        })
    }

    fn load(&self, files: &Files, options: &SessionOptions) -> Result<Native, ModelsError> {
        let Files { trunk, weights } = files;
        let interrupt = Interrupt::new();
        let graph = Mapped::open(trunk).map_err(|source| unreadable(trunk, source))?;
        let loaded = self
            .runtime
            .session(NAME, options, Model::Optimised(graph))
            .map_err(|source| SessionError::Build { path: trunk.into(), source })?;
        let mut trunk = Trunk::over(loaded, interrupt.clone(), options.memory, trunk)?;
        let (generator, style) = {
            let bytes = Mapped::open(weights).map_err(|source| unreadable(weights, source))?;
            let read = GeneratorWeights::from_bytes(&bytes)
                .map_err(|source| SessionError::Weights { path: weights.into(), source })?;
            let (isa, threads) = (Isa::chosen().map_err(SessionError::from)?, options.threads.max(1));
            let plan = match options.form {
                Some(Form::NativeInt8) => Some(self.int8_plan(&mut trunk, &read, (isa, threads))?),
                _ => None,
            };
            let generator = Generator::with(&read, plan.as_ref(), isa, threads);
            (generator.map_err(SessionError::Threads)?, read.style_values())
        };
        // Where every fragment has its own norms nothing is learned: the same sentence over and over is no lesson.
        let store = (options.norms != NormsChoice::Exact).then(|| self.norms(options.form));
        let learner = Learner::new(options.norms, store);
        Ok(Native::new(trunk, generator, style, interrupt, learner))
    }

    fn trunk_name(&self) -> String {
        optimised::file_name(TRUNK, &self.runtime)
    }

    fn files(&self, options: &SessionOptions) -> Result<Files, ModelsError> {
        let (cache, name) = (self.models.cache(), self.trunk_name());
        if let (Some(trunk), Some(weights)) =
            (cache.recorded(self.digest, &name), cache.recorded(self.digest, WEIGHTS))
        {
            return Ok(Files { trunk, weights });
        }
        tracing::info!("cutting Kokoro's graph before its generator, once");
        let float = self.models.graph(Variant::Float)?;
        let unfit = |source| SessionError::Graph { path: float.clone(), source };
        let (graph, learned) = cut(&read(&float)?).map_err(unfit)?;
        let weights =
            cache.derive_recorded::<ModelsError>(self.digest, WEIGHTS, || Ok(learned.to_bytes()))?;
        drop(learned);
        let fragment = test_fragment(CHECKED_PHONEMES, &self.models.quality_voice(DEFAULT_VOICE)?);
        let said = |loaded| Self::said(loaded, &fragment, options);
        let trunk = cache.derive_recorded::<ModelsError>(self.digest, &name, || {
            let model = Model::Bytes(&graph);
            optimised::make(&self.runtime, NAME, options, model, cache.folder(), said)
        })?;
        cache.delete_derived(self.digest, |other| other != name && optimised::is_of(TRUNK, other));
        Ok(Files { trunk, weights })
    }

    /// What a trunk gives the generator for `fragment`.
    fn said(loaded: Loaded, fragment: &Fragment, options: &SessionOptions) -> Result<Vec<f32>, SessionError> {
        let mut trunk = Trunk::over(loaded, Interrupt::new(), options.memory, Path::new(TRUNK))?;
        let (shaped, _) = trunk.shape(fragment)?;
        let given = shaped.input(shaped.style()?.len())?;
        Ok([given.hidden, given.source, given.style, shaped.units()?].concat())
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> SessionError {
    SessionError::Unreadable { path: path.into(), source }
}
