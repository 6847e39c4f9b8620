//! A voice learned before it is spoken.

use std::path::PathBuf;
use std::sync::Arc;

use super::{GENERATOR, NativeSource};
use crate::loading::test_fragment;
use crate::norms::{Figures, NormsChoice, Store};
use crate::{Form, Models, ModelsError, SessionError, SessionOptions, Synthesizer, Voice};

/// Sentences that the prediction is checked on, after all others were learned from. Single sentences differ: of thirty
/// in each of two voices most are 1.2 to 2 dB from their own norms, and five more than 2.2.
const CHECKED: usize = 8;

/// What came of learning a voice.
#[derive(Clone, Debug, PartialEq)]
pub struct Learnt {
    /// Sentences that the prediction was made from.
    pub sentences: usize,
    /// Sentences that it was checked on.
    pub checked: usize,
    /// How far it was from their own norms, [together](Figures::together).
    pub figures: Figures,
    /// Where it is kept.
    pub path: PathBuf,
}

impl Models {
    /// Speaks `sentences`, phonemes that [`Voice`] can say, to nobody: learns the norms of `voice` anew from all but the
    /// last eight, checks the prediction on those, and keeps it in the place of what was kept. Engines that speak meanwhile
    /// add to that what they have learned since. Tells `told` after each how many are done.
    ///
    /// # Errors
    /// - [`ModelsError::NothingToLearn`]: the native generator does not speak on this machine.
    /// - [`ModelsError::TooLittleToLearn`]: give more sentences, of more kinds.
    /// - A file is not fetched, or the model does not run.
    pub fn learn(
        &self,
        voice: &Arc<Voice>,
        sentences: &[String],
        threads: usize,
        told: &mut dyn FnMut(usize),
    ) -> Result<Learnt, ModelsError> {
        let chosen = self.form()?;
        if chosen.form == Form::Stock {
            return Err(ModelsError::NothingToLearn { reason: chosen.reason });
        }
        let options = SessionOptions { norms: NormsChoice::Exact, ..SessionOptions::on_cpu(threads) };
        let mut session = NativeSource::of(self)?.open(&options)?;
        session.learner().forget(voice);
        let learned_from = sentences.len().saturating_sub(CHECKED);
        let mut fit = None;
        let mut checks = Vec::with_capacity(CHECKED);
        for (n, sentence) in sentences.iter().enumerate() {
            if n == learned_from {
                fit = session.learner().voice(voice).learned().fit();
            }
            if let Some(fit) = &fit {
                session.learner().examine(fit.clone());
            }
            let fragment = test_fragment(sentence, voice);
            session.synthesize(&fragment, &mut |_: &[f32]| {}).map_err(SessionError::from)?;
            if session.settle() {
                checks.extend(session.learner().last_check());
            }
            told(n + 1);
        }
        let (Some(fit), Some(figures)) = (fit, Figures::together(&checks)) else {
            return Err(ModelsError::TooLittleToLearn { sentences: sentences.len() });
        };
        session.learner().decide(voice, fit, figures);
        let store = self.norms()?;
        store.save(voice, session.learner().voice(voice))?;
        let path = store.path(voice).unwrap_or_default();
        Ok(Learnt { sentences: learned_from, checked: checks.len(), figures, path })
    }

    /// What is kept of the norms of voices, as the native generator computes them.
    ///
    /// # Errors
    /// [`crate::assets::AssetError::Manifest`] when this program was built with a broken manifest.
    pub fn norms(&self) -> Result<Store, ModelsError> {
        Ok(Store::new(self.cache().clone(), self.manifest().entry("kokoro")?.sha256, GENERATOR))
    }
}
