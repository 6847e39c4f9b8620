//! Stage 1 for the language of a command.

use std::sync::Arc;

use sostenuto_engine::LoadPhonemizer;
use sostenuto_engine::g2p::{Language, Misaki, Phonemizer};

use crate::exit::Failure;

/// How to read `language`. English is loaded when it is asked for, because that takes a while; the others are loaded
/// here, because that can fail.
pub(crate) fn loader(language: Language) -> Result<LoadPhonemizer, Failure> {
    if language.is_english() {
        return Ok(Box::new(|language| Arc::new(Misaki::load(language))));
    }
    let phonemizer = by_espeak(language)?;
    Ok(Box::new(move |_| Arc::clone(&phonemizer)))
}

#[cfg(feature = "espeak")]
fn by_espeak(language: Language) -> Result<Arc<dyn Phonemizer>, Failure> {
    let pronouncer = sostenuto_engine::g2p::EspeakPronouncer::load(language, None);
    Ok(Arc::new(pronouncer.map_err(Failure::failed)?))
}

#[cfg(not(feature = "espeak"))]
fn by_espeak(language: Language) -> Result<Arc<dyn Phonemizer>, Failure> {
    Err(Failure::usage(sostenuto_engine::g2p::LanguageError::NotBuilt { language }))
}
