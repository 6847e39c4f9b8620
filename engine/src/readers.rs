//! Readers of all languages: lexicons, what sounds unknown words, normalisation, and one cache for all.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use sostenuto_g2p::{
    Cached, English, EnglishOptions, FragmentCache, Language, LanguageError, LetterToSound, Net, NetError,
    Normaliser, Phonemizer, Reader, UnknownWord, UserLexicon,
};
use sostenuto_inference::{Models, ModelsError};

use crate::stage::languages::LoadPhonemizer;

/// What sounds the words that no lexicon holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownWords {
    /// espeak-ng in a build that has it, else the net where it is fetched, else rules.
    #[default]
    Best,
    /// The net.
    Net,
    /// espeak-ng.
    Espeak,
    /// Rules from letters to sounds, which need no file.
    Rules,
}

/// How text is read.
#[derive(Clone, Debug, Default)]
pub struct ReadingOptions {
    /// English is pronounced as it stands, as misaki does it: not normalised, and homographs by their tags alone.
    pub raw: bool,
    /// How English is normalised; the language is that of the reader.
    pub normaliser: Normaliser,
    /// The user's own words.
    pub lexicon: Option<Arc<UserLexicon>>,
    /// What sounds the words that no lexicon holds.
    pub unknown_words: UnknownWords,
}

/// A language cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadingError {
    /// Fetch the assets, or let rules sound unknown words.
    #[error(transparent)]
    Models(#[from] ModelsError),
    /// Fetch the assets again.
    #[error(transparent)]
    Net(#[from] NetError),
    /// Build with the feature, or choose another language.
    #[error(transparent)]
    Language(#[from] LanguageError),
    /// Build with the feature, or let something else sound unknown words.
    #[error("unknown words cannot be sounded by espeak-ng: build with --features espeak (GPL-3.0)")]
    NoEspeak,
    /// Say where espeak-ng's data is.
    #[cfg(feature = "espeak")]
    #[error(transparent)]
    Espeak(#[from] sostenuto_g2p::EspeakError),
}

/// Makes a reader for each language that is asked for; what they read is remembered in one cache.
pub struct Readers {
    models: Models,
    options: ReadingOptions,
    cache: Arc<FragmentCache>,
    /// What the readers sound unknown words with, for as long as a reader lives.
    unknown_words: Mutex<Vec<Weak<dyn UnknownWord>>>,
}

impl Readers {
    /// Readers that find their files in `models`.
    pub fn new(models: Models, options: ReadingOptions) -> Self {
        let cache = Arc::new(FragmentCache::new(FragmentCache::DEFAULT_BYTES));
        Self { models, options, cache, unknown_words: Mutex::default() }
    }

    /// What has been read so far, by all readers.
    pub const fn cache(&self) -> &Arc<FragmentCache> {
        &self.cache
    }

    /// Bytes that the cache of all readers takes, by estimate.
    pub fn cache_bytes(&self) -> u64 {
        self.cache.stats().bytes
    }

    /// Empties the cache, and the memories of unknown words. Readers stay usable; they pronounce anew.
    pub fn shrink(&self) {
        self.cache.clear();
        let unknown_words = self.unknown_words.lock().unwrap_or_else(PoisonError::into_inner);
        unknown_words.iter().filter_map(Weak::upgrade).for_each(|words| words.forget());
    }

    /// Loads the reader of `language`, which takes a while: some hundred milliseconds.
    ///
    /// # Errors
    /// The build does not speak the language, or a file is missing.
    pub fn reader(&self, language: Language) -> Result<Reader, ReadingError> {
        let reader = if language.is_english() { self.english(language)? } else { self.foreign(language)? };
        Ok(reader.with_cache(Arc::clone(&self.cache)))
    }

    /// Loads readers as an engine asks for them.
    pub fn loader(self: &Arc<Self>) -> LoadPhonemizer {
        let readers = Arc::clone(self);
        Arc::new(move |language| Ok(Arc::new(readers.reader(language)?) as Arc<dyn Phonemizer>))
    }

    fn english(&self, language: Language) -> Result<Reader, ReadingError> {
        let ReadingOptions { raw, normaliser, lexicon, unknown_words } = &self.options;
        let unknown_word = self.unknown_word(language, *unknown_words)?;
        self.remember(&unknown_word);
        let mut english = English::load(language).with_unknown_word(unknown_word);
        if let Some(lexicon) = lexicon {
            english = english.with_user_lexicon(lexicon);
        }
        Ok(if *raw {
            Reader::new(Arc::new(english.with_options(EnglishOptions::LIKE_MISAKI)))
        } else {
            Reader::new(Arc::new(english)).with_normaliser(Normaliser { language, ..*normaliser })
        })
    }

    fn remember(&self, unknown_word: &Arc<dyn UnknownWord>) {
        let mut all = self.unknown_words.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|words| words.strong_count() > 0);
        all.push(Arc::downgrade(unknown_word));
    }

    fn unknown_word(
        &self,
        language: Language,
        unknown_words: UnknownWords,
    ) -> Result<Arc<dyn UnknownWord>, ReadingError> {
        match unknown_words {
            UnknownWords::Rules => Ok(Arc::new(LetterToSound::new(language))),
            UnknownWords::Net => {
                let files = self.models.net_files(language)?;
                let net = Net::load(&files.weights, &files.letters)?;
                Ok(Arc::new(Cached::new(net, Cached::<Net>::DEFAULT_CAPACITY)))
            }
            UnknownWords::Espeak => espeak_word(language),
            UnknownWords::Best => {
                let best = if cfg!(feature = "espeak") { UnknownWords::Espeak } else { UnknownWords::Net };
                self.unknown_word(language, best).or_else(|error| {
                    tracing::warn!("{error}: unknown words are sounded by rules");
                    self.unknown_word(language, UnknownWords::Rules)
                })
            }
        }
    }
}

#[cfg(feature = "espeak")]
impl Readers {
    fn foreign(&self, language: Language) -> Result<Reader, ReadingError> {
        let mut pronouncer = sostenuto_g2p::EspeakPronouncer::load(language, None)?;
        if let Some(lexicon) = &self.options.lexicon {
            pronouncer = pronouncer.with_user_lexicon(lexicon);
        }
        Ok(Reader::new(Arc::new(pronouncer)))
    }
}

#[cfg(not(feature = "espeak"))]
impl Readers {
    #[expect(clippy::unused_self, reason = "with the feature, the options are needed")]
    fn foreign(&self, language: Language) -> Result<Reader, ReadingError> {
        Err(LanguageError::NotBuilt { language }.into())
    }
}

#[cfg(feature = "espeak")]
fn espeak_word(language: Language) -> Result<Arc<dyn UnknownWord>, ReadingError> {
    use sostenuto_g2p::EspeakWord;
    let word = EspeakWord::load(language, None)?;
    Ok(Arc::new(Cached::new(word, Cached::<EspeakWord>::DEFAULT_CAPACITY)))
}

#[cfg(not(feature = "espeak"))]
fn espeak_word(_: Language) -> Result<Arc<dyn UnknownWord>, ReadingError> {
    Err(ReadingError::NoEspeak)
}
