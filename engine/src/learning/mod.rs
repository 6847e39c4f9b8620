//! A voice learned ahead: sentences of our own, read and spoken to nobody.

use std::sync::Arc;

use sostenuto_g2p::{Language, Phonemizer, transcribe};
use sostenuto_inference::{Learnt, Models, ModelsError, SessionKind, Voice};

use crate::{Readers, ReadingError};

/// One sentence a line, in English: 5 to 38 words, with few pauses and with many, from short to long.
const SENTENCES: &str = include_str!("sentences.txt");
/// How many sentences there are.
pub const SENTENCES_COUNT: usize = 40;
/// The fewest that a voice is learned from: eight of them are kept back for the check.
pub const FEWEST_SENTENCES: usize = 28;
/// From one sentence to the next that is spoken. It shares no factor with their number, so each comes once, and short
/// and long ones take turns: any number of them is a mixture.
const STRIDE: usize = 17;

/// A voice cannot be learned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LearnError {
    /// Let it learn while it speaks: with `--norms auto` it does.
    #[error(
        "{voice} speaks {language}, and the sentences to learn from are English; it learns from what it speaks (--norms \
         auto)"
    )]
    OtherLanguage {
        /// Who was to be learned.
        voice: String,
        /// As a BCP 47 tag.
        language: String,
    },
    /// Fetch the assets, or learn on a machine on which the native generator speaks.
    #[error(transparent)]
    Models(#[from] ModelsError),
    /// Fetch the assets.
    #[error(transparent)]
    Reading(#[from] ReadingError),
}

/// The sentences, in the order in which a voice learns from them.
pub fn sentences() -> impl Iterator<Item = &'static str> {
    let all: Vec<&str> = SENTENCES.lines().collect();
    (0..all.len()).map(move |n| all[n * STRIDE % all.len()])
}

/// Learns a voice, or a blend of voices, from the first `count` sentences on `threads` threads. Tells `told` after each
/// how many are done.
///
/// # Errors
/// - [`LearnError::OtherLanguage`]: the voice does not speak English.
/// - [`ModelsError::NothingToLearn`]: the native generator does not speak on this machine.
/// - A file is not fetched, or the model does not run.
pub fn learn(
    models: &Models,
    readers: &Readers,
    voice: &str,
    count: usize,
    threads: usize,
    told: &mut dyn FnMut(usize),
) -> Result<Learnt, LearnError> {
    let voice = models.voice(voice, SessionKind::Quality)?;
    let reader: Arc<dyn Phonemizer> = Arc::new(readers.reader(english_of(&voice)?)?);
    let sentences: Vec<String> = sentences()
        .take(count.max(FEWEST_SENTENCES))
        .map(|text| transcribe(&reader, text).phonemes)
        .collect();
    Ok(models.learn(&voice, &sentences, threads, told)?)
}

/// The English that `voice` speaks: its own, or else, where its name tells nothing, that of the United States.
fn english_of(voice: &Voice) -> Result<Language, LearnError> {
    match voice.language() {
        None => Ok(Language::EnUs),
        Some(tag) => match tag.parse::<Language>() {
            Ok(language) if language.is_english() => Ok(language),
            _ => Err(LearnError::OtherLanguage { voice: voice.name().to_owned(), language: tag.to_owned() }),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn there_are_forty_sentences_of_all_lengths_and_each_comes_once() {
        let all: Vec<_> = sentences().collect();
        assert_eq!((all.len(), all.iter().collect::<HashSet<_>>().len()), (SENTENCES_COUNT, SENTENCES_COUNT));
        let words: Vec<_> = all.iter().map(|sentence| sentence.split_whitespace().count()).collect();
        assert_eq!((words.iter().min(), words.iter().max()), (Some(&5), Some(&38)));
    }

    #[test]
    fn any_number_of_them_is_short_and_long() {
        let words: Vec<_> = sentences().map(|sentence| sentence.split_whitespace().count()).collect();
        for part in [&words[..FEWEST_SENTENCES - 8], &words[SENTENCES_COUNT - 8..]] {
            assert!(
                part.iter().any(|&words| words <= 12) && part.iter().any(|&words| words >= 30),
                "{part:?}"
            );
        }
    }

    #[test]
    fn voices_of_other_languages_are_refused_with_what_they_do_instead() {
        assert_eq!(english_of(&Voice::named("bf_emma")).unwrap(), Language::EnGb);
        assert_eq!(english_of(&Voice::named("narrator")).unwrap(), Language::EnUs);
        let refused = english_of(&Voice::named("ef_dora")).unwrap_err().to_string();
        assert!(refused.starts_with("ef_dora speaks es") && refused.contains("--norms auto"), "{refused}");
    }
}
