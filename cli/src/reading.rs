//! How texts are read: what `say` and `phonemize` have in common.

use std::path::Path;
use std::sync::Arc;

use sostenuto_engine::g2p::fragment_file::{self, FragmentFileError};
use sostenuto_engine::g2p::{Emoji, FragmentCache, Normaliser, UserLexicon};
use sostenuto_engine::inference::Models;
use sostenuto_engine::{Readers, ReadingOptions, UnknownWords};

use crate::args::{EmojiChoice, Reading, UnknownWordsChoice};
use crate::exit::Failure;

/// Readers as the arguments want them.
pub(crate) fn readers(args: &Reading, models: Models) -> Result<Readers, Failure> {
    let lexicon = args.lexicon.as_deref().map(UserLexicon::load).transpose().map_err(Failure::usage)?;
    let emoji = match args.emoji {
        EmojiChoice::Named => Emoji::Named,
        EmojiChoice::Dropped => Emoji::Dropped,
    };
    let unknown_words = match args.unknown_words {
        None => UnknownWords::Best,
        Some(UnknownWordsChoice::Net) => UnknownWords::Net,
        Some(UnknownWordsChoice::Espeak) => UnknownWords::Espeak,
        Some(UnknownWordsChoice::Rules) => UnknownWords::Rules,
    };
    let normaliser = Normaliser { emoji, ..Normaliser::default() };
    let lexicon = lexicon.map(Arc::new);
    let readers = Readers::new(models, ReadingOptions { raw: args.raw, normaliser, lexicon, unknown_words });
    if let Some(path) = &args.fragment_cache {
        recall(readers.cache(), path);
    }
    Ok(readers)
}

/// Fills the cache with what earlier runs wrote. Without it everything is as before, only slower, so nothing fails.
fn recall(cache: &FragmentCache, path: &Path) {
    match fragment_file::load(cache, path) {
        Ok(entries) => tracing::debug!(entries, path = %path.display(), "read the fragment cache"),
        Err(FragmentFileError::Missing { .. }) => {}
        Err(error) => tracing::warn!("{error}"),
    }
}

/// Writes the cache for the next run.
pub(crate) fn save(args: &Reading, readers: &Readers) -> Result<(), Failure> {
    match &args.fragment_cache {
        Some(path) => fragment_file::save(readers.cache(), path).map_err(Failure::failed),
        None => Ok(()),
    }
}
