//! Text in, clauses out, for one stream.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::clause::{Boundary, Clause, Word};
use crate::clauses;
use crate::phonemizer::Phonemizer;
use crate::sentence::Segmenter;

/// Stage 1 of one stream: turns the text of an utterance into clauses while it arrives.
///
/// A sentence is phonemised when its first clause is asked for, so nothing is done ahead of need but the rest of
/// that sentence. It has no thread and never waits.
pub struct FrontEnd {
    phonemizer: Arc<dyn Phonemizer>,
    segmenter: Segmenter,
    ready: VecDeque<Clause>,
    dropped: usize,
    read: SentencesRead,
}

/// Sentences that a front end has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SentencesRead {
    /// Those whose phonemes were still known.
    pub cached: u64,
    /// Those that had to be pronounced.
    pub pronounced: u64,
}

impl FrontEnd {
    /// A front end at the beginning of an utterance.
    pub fn new(phonemizer: Arc<dyn Phonemizer>) -> Self {
        Self {
            phonemizer,
            segmenter: Segmenter::new(),
            ready: VecDeque::new(),
            dropped: 0,
            read: SentencesRead::default(),
        }
    }

    /// Appends a piece of the utterance's text; where it is cut changes nothing.
    pub fn push(&mut self, text: &str) {
        self.segmenter.push(text);
    }

    /// Says that the text of the utterance is complete.
    pub fn finish(&mut self) {
        self.segmenter.finish();
    }

    /// The next clause, spans counted from the first byte of the utterance.
    ///
    /// `None` until a sentence is complete; after [`finish`](Self::finish), `None` is the end.
    pub fn next_clause(&mut self) -> Option<Clause> {
        while self.ready.is_empty() {
            let sentence = self.segmenter.next()?;
            let marker = sentence.marker();
            let said = &sentence.text[marker..];
            let pronunciation = self.phonemizer.phonemize(said);
            self.dropped += pronunciation.dropped;
            *(if pronunciation.cached { &mut self.read.cached } else { &mut self.read.pronounced }) += 1;
            let offset = sentence.source.start + marker;
            self.ready.extend(clauses::cut(said, &pronunciation, offset, sentence.boundary));
        }
        self.ready.pop_front()
    }

    /// Symbols of this utterance, so far, that found no way into the vocabulary.
    pub const fn dropped(&self) -> usize {
        self.dropped
    }

    /// The sentences it has read since this was asked last.
    pub fn take_sentences_read(&mut self) -> SentencesRead {
        std::mem::take(&mut self.read)
    }

    /// Forgets the utterance, spoken or not, and begins the next.
    pub fn reset(&mut self) {
        self.segmenter = Segmenter::new();
        self.ready.clear();
        self.dropped = 0;
    }
}

/// A whole text in phonemes, for people and files.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Transcription {
    /// All clauses, with a space between them.
    pub phonemes: String,
    /// `source` in bytes of the text, `phonemes` in bytes of `phonemes` above.
    pub words: Vec<Word>,
    /// Symbols that found no way into the vocabulary.
    pub dropped: usize,
}

/// Turns a whole text into phonemes at once.
pub fn transcribe(phonemizer: &Arc<dyn Phonemizer>, text: &str) -> Transcription {
    let mut front_end = FrontEnd::new(Arc::clone(phonemizer));
    front_end.push(text);
    front_end.finish();
    let mut whole = Transcription::default();
    let mut boundary = Boundary::Paragraph;
    while let Some(clause) = front_end.next_clause() {
        let glued = boundary == Boundary::Clause && whole.phonemes.ends_with('—');
        if !whole.phonemes.is_empty() && !glued {
            whole.phonemes.push(' ');
        }
        let start = whole.phonemes.len();
        whole.phonemes.push_str(&clause.phonemes);
        whole.words.extend(clause.words.into_iter().map(|word| Word {
            source: word.source,
            phonemes: word.phonemes.start + start..word.phonemes.end + start,
            reason: word.reason,
        }));
        boundary = clause.boundary;
    }
    whole.dropped = front_end.dropped();
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phonemizer::Pronunciation;
    use crate::reason::Reason;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Spells every word as it is written and counts the sentences it was asked for.
    #[derive(Default)]
    struct AsWritten {
        sentences: AtomicUsize,
    }

    impl Phonemizer for AsWritten {
        fn phonemize(&self, sentence: &str) -> Pronunciation {
            self.sentences.fetch_add(1, Ordering::Relaxed);
            let mut pronunciation =
                Pronunciation { dropped: sentence.matches('€').count(), ..Default::default() };
            for word in sentence.split_inclusive(char::is_whitespace) {
                let source = pronunciation.phonemes.len();
                pronunciation.phonemes.push_str(word);
                let range = source..source + word.trim_end().len();
                pronunciation.words.push(Word {
                    source: range.clone(),
                    phonemes: range,
                    reason: Reason::Lexicon,
                });
            }
            pronunciation
        }
    }

    fn drain(front_end: &mut FrontEnd) -> Vec<Clause> {
        std::iter::from_fn(|| front_end.next_clause()).collect()
    }

    #[test]
    fn the_first_clause_leaves_before_the_rest_is_looked_at() {
        let phonemizer = Arc::new(AsWritten::default());
        let mut front_end = FrontEnd::new(phonemizer.clone());
        front_end.push("We came, we saw. We won. We left. And");
        assert_eq!(front_end.next_clause().unwrap().phonemes, "We came,");
        assert_eq!(front_end.next_clause().unwrap().phonemes, "we saw.");
        assert_eq!(phonemizer.sentences.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn spans_are_those_of_the_whole_utterance() {
        let text = "We came. - We saw, and so on.\n\nWe won.";
        let mut front_end = FrontEnd::new(Arc::new(AsWritten::default()));
        for piece in text.split_inclusive(' ') {
            front_end.push(piece);
        }
        front_end.finish();
        let clauses = drain(&mut front_end);
        let said: Vec<_> = clauses.iter().map(|c| (&text[c.source.clone()], c.boundary)).collect();
        assert_eq!(
            said,
            [
                ("We came.", Boundary::Sentence),
                ("We saw,", Boundary::Comma),
                ("and so on.", Boundary::Paragraph),
                ("We won.", Boundary::Sentence),
            ]
        );
        for word in clauses.iter().flat_map(|c| &c.words) {
            assert!(!text[word.source.clone()].contains(' '));
        }
    }

    #[test]
    fn a_reset_front_end_is_as_new() {
        let mut front_end = FrontEnd::new(Arc::new(AsWritten::default()));
        front_end.push("One € two. Three");
        assert!(front_end.next_clause().is_some());
        assert_eq!(front_end.dropped(), 1);
        front_end.reset();
        assert_eq!(front_end.dropped(), 0);
        assert_eq!(front_end.take_sentences_read(), SentencesRead { cached: 0, pronounced: 1 });
        front_end.push("Four.");
        front_end.finish();
        let clauses = drain(&mut front_end);
        assert_eq!((clauses.len(), clauses[0].source.clone()), (1, 0..5));
    }

    #[test]
    fn a_transcription_joins_all_clauses() {
        let phonemizer: Arc<dyn Phonemizer> = Arc::new(AsWritten::default());
        let whole = transcribe(&phonemizer, "We came, we saw.  We won.");
        assert_eq!(whole.phonemes, "We came, we saw. We won.");
        assert_eq!(whole.words.len(), 6);
        assert_eq!(&whole.phonemes[whole.words[5].phonemes.clone()], "won.");
        assert!(serde_json::to_string(&whole).unwrap().starts_with("{\"phonemes\":\"We came,"));
    }
}
