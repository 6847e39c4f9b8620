//! Text in, clauses out, for one stream.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::clause::{Boundary, Clause, ClauseMark, Word};
use crate::clauses;
use crate::phonemizer::Phonemizer;
use crate::sentence::{Segmenter, Sentence};
use crate::user_marks::UserMarks;

/// Stage 1 of one stream: turns the text of an utterance into clauses while it arrives.
///
/// A sentence is phonemised when its first clause is asked for, so nothing is done ahead of need but the rest of
/// that sentence. It has no thread and never waits.
///
/// A mark, `<mark name="here"/>`, is not read. It stands before the first word that begins at it or after it; where
/// no such word follows in its clause, after the clause's last word; where none follows in the text, after the
/// last word of the last clause.
pub struct FrontEnd {
    phonemizer: Arc<dyn Phonemizer>,
    marks: UserMarks,
    segmenter: Segmenter,
    finished: bool,
    /// What was pushed is read to its end, whatever follows.
    flushing: bool,
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
            marks: UserMarks::default(),
            segmenter: Segmenter::new(),
            finished: false,
            flushing: false,
            ready: VecDeque::new(),
            dropped: 0,
            read: SentencesRead::default(),
        }
    }

    /// Appends a piece of the utterance's text; where it is cut changes nothing.
    pub fn push(&mut self, text: &str) {
        if std::mem::take(&mut self.flushing) {
            self.segmenter.go_on();
        }
        self.marks.push(text, |plain| self.segmenter.push(plain));
    }

    /// Ends the sentence that was pushed so far, so that [`next_clause`](Self::next_clause) gives all of it. Take that
    /// before more is pushed: what has not been taken then waits again for its end.
    ///
    /// What may be the beginning of a mark is held back. A mark after the last word so far belongs to the next one.
    pub fn flush(&mut self) {
        self.segmenter.finish();
        self.flushing = true;
    }

    /// Says that the text of the utterance is complete.
    pub fn finish(&mut self) {
        self.marks.finish(|rest| self.segmenter.push(rest));
        self.segmenter.finish();
        self.finished = true;
    }

    /// The next clause, spans counted from the first byte of the utterance.
    ///
    /// `None` until a sentence is complete; after [`finish`](Self::finish), `None` is the end. A clause that a mark
    /// follows is kept until it is certain that it is not the last one.
    pub fn next_clause(&mut self) -> Option<Clause> {
        let awaits_word = self.marks.is_waiting() && self.finished;
        while self.ready.is_empty() || self.ready.len() == 1 && awaits_word {
            let Some(sentence) = self.segmenter.next() else { break };
            self.read(&sentence);
        }
        if self.ready.len() == 1 && self.marks.is_waiting() {
            if !self.finished && !self.flushing && !self.segmenter.holds_words() {
                return None;
            }
            if let Some(last) = self.ready.front_mut().filter(|_| self.finished) {
                let word = last.words.len();
                last.marks.extend(self.marks.take_rest().map(|name| ClauseMark { name, word }));
            }
        }
        self.ready.pop_front()
    }

    /// The names of the marks that came after the last clause had been given out, in a text that arrived in pieces or
    /// ends with what cannot be read. Asked for at the end of the text.
    pub fn take_marks_left(&mut self) -> Vec<String> {
        self.marks.take_rest().collect()
    }

    fn read(&mut self, sentence: &Sentence) {
        let marker = sentence.marker();
        let said = &sentence.text[marker..];
        let pronunciation = self.phonemizer.phonemize(said);
        self.dropped += pronunciation.dropped;
        *(if pronunciation.cached { &mut self.read.cached } else { &mut self.read.pronounced }) += 1;
        let offset = sentence.source.start + marker;
        for mut clause in clauses::cut(said, &pronunciation, offset, sentence.boundary) {
            self.marks.place(&mut clause);
            clause.source = self.marks.source(&clause.source);
            for word in &mut clause.words {
                word.source = self.marks.source(&word.source);
            }
            self.ready.push_back(clause);
        }
        self.marks.forget_before(sentence.source.end);
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
        self.marks = UserMarks::default();
        self.segmenter = Segmenter::new();
        self.finished = false;
        self.flushing = false;
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
    fn a_flush_gives_what_was_pushed_and_the_text_goes_on_after_it() {
        let text = "Let me look, it may be at 5. Here it is.";
        let mut front_end = FrontEnd::new(Arc::new(AsWritten::default()));
        front_end.push(&text[..28]);
        let before = drain(&mut front_end);
        assert!(before.is_empty(), "{before:?}");
        front_end.flush();
        let mut clauses = drain(&mut front_end);
        assert_eq!(clauses.last().map(|clause| clause.source.end), Some(28));
        front_end.push(&text[28..]);
        assert!(drain(&mut front_end).is_empty(), "the next sentence waits for its own end");
        front_end.finish();
        clauses.extend(drain(&mut front_end));
        let said: Vec<_> = clauses.iter().map(|clause| &text[clause.source.clone()]).collect();
        assert_eq!(said, ["Let me look,", "it may be at 5.", "Here it is."]);
    }

    #[test]
    fn a_flush_of_nothing_changes_nothing() {
        let mut front_end = FrontEnd::new(Arc::new(AsWritten::default()));
        front_end.flush();
        assert!(drain(&mut front_end).is_empty());
        front_end.push("We");
        assert!(drain(&mut front_end).is_empty());
        front_end.finish();
        assert_eq!(drain(&mut front_end).len(), 1);
    }

    #[test]
    fn a_mark_before_a_flush_stands_before_the_word_after_it() {
        let mut front_end = FrontEnd::new(Arc::new(AsWritten::default()));
        front_end.push("We came<mark name='a'/>");
        front_end.flush();
        let came = drain(&mut front_end);
        assert_eq!((came.len(), came[0].marks.len()), (1, 0));
        front_end.push(" and saw.");
        front_end.finish();
        let saw = drain(&mut front_end);
        assert_eq!(saw[0].marks, [ClauseMark { name: "a".into(), word: 0 }]);
    }

    /// Every mark with the word that it stands before, or `None` after the last of a clause, by clause.
    fn marked(text: &str, pieces: &[&str]) -> Vec<Vec<(String, Option<String>)>> {
        let mut front_end = FrontEnd::new(Arc::new(AsWritten::default()));
        let mut clauses = Vec::new();
        for piece in pieces {
            front_end.push(piece);
            clauses.extend(drain(&mut front_end));
        }
        front_end.finish();
        clauses.extend(drain(&mut front_end));
        assert_eq!(front_end.take_marks_left(), Vec::<String>::new());
        let word = |clause: &Clause, mark: &ClauseMark| {
            clause.words.get(mark.word).map(|word| text[word.source.clone()].to_owned())
        };
        let of = |clause: &Clause| clause.marks.iter().map(|m| (m.name.clone(), word(clause, m))).collect();
        clauses.iter().map(of).collect()
    }

    #[test]
    fn marks_stand_before_the_words_that_follow_them_wherever_the_text_is_cut() {
        let text = "<mark name='a'/>We came<mark name='b'/>, we <mark name='c'/>saw. <mark name='d'/>\n\n\
                    We<mark name='e'/> won.\n<mark name='f'/>\n";
        let before = |name: &str, word: &str| (name.to_owned(), Some(word.to_owned()));
        let after = |name: &str| (name.to_owned(), None);
        let expected = [
            vec![before("a", "We"), after("b")],
            vec![before("c", "saw.")],
            vec![before("d", "We"), before("e", "won."), after("f")],
        ];
        assert_eq!(marked(text, &[text]), expected);
        for size in [1, 7, 20] {
            let pieces: Vec<_> = text.as_bytes().chunks(size).map(|p| str::from_utf8(p).unwrap()).collect();
            assert_eq!(marked(text, &pieces), expected, "in pieces of {size}");
        }
    }

    #[test]
    fn a_clause_that_a_mark_follows_is_kept_until_it_is_known_not_to_be_the_last() {
        let mut front_end = FrontEnd::new(Arc::new(AsWritten::default()));
        front_end.push("We came.\n\n<mark name='a'/>\n");
        assert_eq!(front_end.next_clause(), None);
        front_end.push("W");
        assert_eq!(front_end.next_clause().unwrap().marks, []);
        front_end.push("e won.\n\n");
        assert_eq!(front_end.next_clause().unwrap().marks, [ClauseMark { name: "a".into(), word: 0 }]);
        front_end.push("<mark name='late'/>");
        front_end.finish();
        assert_eq!(front_end.next_clause(), None);
        assert_eq!(front_end.take_marks_left(), ["late"]);
    }

    #[test]
    fn a_reset_front_end_is_as_new() {
        let mut front_end = FrontEnd::new(Arc::new(AsWritten::default()));
        front_end.push("One € two. Three <mark name='x'/> <ma");
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
