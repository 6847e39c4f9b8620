//! One language as it is read: markup, normalisation, pronunciation, and a memory of what was read before.

use std::ops::Range;
use std::sync::Arc;

use crate::clause::Word;
use crate::fragment_cache::FragmentCache;
use crate::inline::{self, Inline};
use crate::normalise::{Normalised, Normaliser, Rule};
use crate::phonemizer::{Phonemizer, Pronunciation};
use crate::pronouncer::{Given, Pronouncer};
use crate::reason::Reason;
use crate::sentence::Segmenter;
use crate::span_map::SpanMap;
use crate::user_marks::UserMarks;

/// Reads sentences of one language; shared by all its streams.
#[derive(Clone)]
pub struct Reader {
    pronouncer: Arc<dyn Pronouncer>,
    normaliser: Option<Normaliser>,
    cache: Option<Arc<FragmentCache>>,
}

/// A word, and why it sounds as it does.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Explanation {
    /// Bytes of the text.
    pub source: Range<usize>,
    /// The word as it was read, after normalisation.
    pub read: String,
    /// What it sounds like.
    pub phonemes: String,
    /// The class by which it was normalised, if it was.
    pub rule: Option<Rule>,
    /// Where the phonemes came from.
    pub reason: Reason,
    /// Whether the sentence had been read before, so that its phonemes came out of the cache.
    pub cached: bool,
}

/// A sentence on its way.
struct Reading<'a> {
    inline: Inline<'a>,
    normalised: Normalised,
    pronunciation: Arc<Pronunciation>,
    cached: bool,
}

impl Reader {
    /// Reads text as `pronouncer` takes it, without normalisation and without a cache.
    pub fn new(pronouncer: Arc<dyn Pronouncer>) -> Self {
        Self { pronouncer, normaliser: None, cache: None }
    }

    /// Normalises text before it is pronounced.
    #[must_use]
    pub fn with_normaliser(mut self, normaliser: Normaliser) -> Self {
        self.normaliser = Some(normaliser);
        self
    }

    /// Remembers in `cache`, which other readers may share, what was pronounced.
    #[must_use]
    pub fn with_cache(mut self, cache: Arc<FragmentCache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Forgets the cache: every sentence is pronounced anew.
    #[must_use]
    pub fn without_cache(mut self) -> Self {
        self.cache = None;
        self
    }

    /// Why each word of `text` sounds as it does.
    pub fn explain(&self, text: &str) -> Vec<Explanation> {
        let mut segmenter = Segmenter::new();
        let mut marks = UserMarks::default();
        marks.push(text, |piece| segmenter.push(piece));
        marks.finish(|rest| segmenter.push(rest));
        segmenter.finish();
        let sentences = std::iter::from_fn(|| segmenter.next());
        sentences
            .flat_map(|sentence| {
                let marker = sentence.marker();
                self.explain_sentence(&sentence.text[marker..], sentence.source.start + marker)
            })
            .map(|explanation| Explanation { source: marks.source(&explanation.source), ..explanation })
            .collect()
    }

    /// Why each word of a sentence, which begins at byte `at`, sounds as it does.
    fn explain_sentence(&self, sentence: &str, at: usize) -> Vec<Explanation> {
        let Reading { inline, normalised, pronunciation, cached } = self.read(sentence);
        let source = |word: &Word| inline.map.source(normalised.map.source(word.source.clone()));
        let explain = |word: &Word| Explanation {
            source: source(word).start + at..source(word).end + at,
            read: normalised.text.get(word.source.clone()).unwrap_or_default().to_owned(),
            phonemes: pronunciation.phonemes.get(word.phonemes.clone()).unwrap_or_default().to_owned(),
            rule: rule_at(&normalised.rules, &word.source),
            reason: word.reason,
            cached,
        };
        pronunciation.words.iter().map(explain).collect()
    }

    fn read<'a>(&self, sentence: &'a str) -> Reading<'a> {
        let inline = inline::take(sentence);
        let (normalised, given) = self.normalise(&inline);
        let version = self.pronouncer.version();
        // What the text gives is seldom given twice.
        let cache = self.cache.as_deref().filter(|_| given.is_empty());
        if let Some(pronunciation) = cache.and_then(|cache| cache.get(version, &normalised.text)) {
            return Reading { inline, normalised, pronunciation, cached: true };
        }
        let pronunciation = Arc::new(self.pronouncer.pronounce(&normalised.text, &given));
        if let Some(cache) = cache {
            cache.insert(version, &normalised.text, Arc::clone(&pronunciation));
        }
        Reading { inline, normalised, pronunciation, cached: false }
    }

    /// The text as it is said, and what is given to its words.
    fn normalise(&self, inline: &Inline) -> (Normalised, Vec<Given>) {
        let Some(normaliser) = self.normaliser else {
            return (unchanged(&inline.text), inline.given.clone());
        };
        let normalised = normaliser.normalise(&inline.text);
        let moved: Option<Vec<Given>> = inline.given.iter().map(|given| moved(given, &normalised)).collect();
        match moved {
            Some(given) => (normalised, given),
            None => around(normaliser, inline),
        }
    }
}

impl Phonemizer for Reader {
    fn phonemize(&self, sentence: &str) -> Pronunciation {
        let Reading { inline, normalised, pronunciation, cached } = self.read(sentence);
        let mut pronunciation = Arc::unwrap_or_clone(pronunciation);
        for word in &mut pronunciation.words {
            word.source = inline.map.source(normalised.map.source(word.source.clone()));
        }
        pronunciation.dropped += inline.dropped + normalised.dropped;
        pronunciation.cached = cached;
        pronunciation
    }

    fn warm(&self) {
        self.pronouncer.warm();
    }
}

fn unchanged(text: &str) -> Normalised {
    Normalised { text: text.to_owned(), map: SpanMap::identity(text.len()), ..Normalised::default() }
}

/// What is given to words of the text, given to the same words of the normalised text.
///
/// `None` where the words were rewritten together with others.
fn moved(given: &Given, normalised: &Normalised) -> Option<Given> {
    let range = normalised.map.rewritten(given.range.clone())?;
    let words = normalised.text.get(range.clone())?;
    let start = range.start + (words.len() - words.trim_start().len());
    Some(Given { range: start..start + words.trim().len(), phonemes: given.phonemes.clone() })
}

/// Normalises what stands between the given words, and leaves these as they are.
fn around(normaliser: Normaliser, inline: &Inline) -> (Normalised, Vec<Given>) {
    let mut whole = Normalised::default();
    let mut moved = Vec::new();
    let mut from = 0;
    let end = Given { range: inline.text.len()..inline.text.len(), phonemes: String::new() };
    for given in inline.given.iter().chain([&end]) {
        let between = normaliser.normalise(&inline.text[from..given.range.start]);
        let at = whole.text.len();
        whole.map.append(&between.map, from);
        whole
            .rules
            .extend(between.rules.into_iter().map(|(range, rule)| (range.start + at..range.end + at, rule)));
        whole.text.push_str(&between.text);
        whole.dropped += between.dropped;
        let at = whole.text.len();
        whole.map.copy(given.range.clone());
        whole.text.push_str(&inline.text[given.range.clone()]);
        moved.push(Given { range: at..whole.text.len(), phonemes: given.phonemes.clone() });
        from = given.range.end;
    }
    moved.pop();
    (whole, moved)
}

/// The rule that wrote the word at `range`.
fn rule_at(rules: &[(Range<usize>, Rule)], range: &Range<usize>) -> Option<Rule> {
    let wrote = |(stretch, _): &&(Range<usize>, Rule)| stretch.start < range.end && range.start < stretch.end;
    rules.iter().find(wrote).map(|&(_, rule)| rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pronounces every word as it is written, in lower case.
    struct AsWritten;

    impl Pronouncer for AsWritten {
        fn pronounce(&self, text: &str, given: &[Given]) -> Pronunciation {
            let mut said = Pronunciation::default();
            let mut from = 0;
            for piece in text.split_inclusive(' ') {
                let source = from..from + piece.trim_end().len();
                from += piece.len();
                let given = given
                    .iter()
                    .find(|given| given.range.start < source.end && source.start < given.range.end);
                let (phonemes, reason) = match given {
                    Some(given) => (given.phonemes.clone(), Reason::Given),
                    None => (piece.trim_end().to_lowercase(), Reason::Lexicon),
                };
                if !said.phonemes.is_empty() {
                    said.phonemes.push(' ');
                }
                let start = said.phonemes.len();
                said.phonemes.push_str(&phonemes);
                said.words.push(Word { source, phonemes: start..said.phonemes.len(), reason });
            }
            said
        }

        fn version(&self) -> u64 {
            7
        }
    }

    fn reader() -> Reader {
        Reader::new(Arc::new(AsWritten)).with_normaliser(Normaliser::default())
    }

    fn words<'a>(sentence: &'a str, said: &'a Pronunciation) -> Vec<(&'a str, &'a str)> {
        said.words.iter().map(|w| (&sentence[w.source.clone()], &said.phonemes[w.phonemes.clone()])).collect()
    }

    #[test]
    fn every_word_that_is_said_leads_back_to_what_was_written() {
        let sentence = "Take 21 [now](/nW/) please";
        let said = reader().phonemize(sentence);
        assert_eq!(
            words(sentence, &said),
            [("Take", "take"), ("21", "twenty"), ("21", "one"), ("now", "nW"), ("please", "please")]
        );
    }

    #[test]
    fn what_is_given_holds_also_where_a_rule_rewrote_the_word() {
        let sentence = "It is [21](/blˈækʤæk/) again";
        let said = reader().phonemize(sentence);
        assert_eq!(said.phonemes, "it is blˈækʤæk blˈækʤæk again");
        assert_eq!(words(sentence, &said)[2].0, "21");
    }

    #[test]
    fn a_sentence_is_pronounced_once() {
        let cache = Arc::new(FragmentCache::new(FragmentCache::DEFAULT_BYTES));
        let reader = reader().with_cache(Arc::clone(&cache));
        let first = reader.phonemize("All 5 of them");
        let second = reader.phonemize("All  five of them");
        assert!(!first.cached && second.cached);
        assert_eq!(first.phonemes, second.phonemes);
        assert_eq!(second.words[1].source, 5..9);
        reader.phonemize("All [five](/fˈIv/) of them");
        assert_eq!((cache.stats().hits, cache.stats().misses), (1, 1));
    }

    #[test]
    fn every_word_is_explained_where_it_stands() {
        let text = "Here <mark name='x'/>we go.\n\n- Take 5 [now](/nW/)";
        let explained = reader().explain(text);
        assert_eq!(&text[explained[4].source.clone()], "5");
        let explained = &explained[3..];
        let told: Vec<_> = explained.iter().map(|e| (e.read.as_str(), e.rule, e.reason, e.cached)).collect();
        assert_eq!(
            told,
            [
                ("Take", None, Reason::Lexicon, false),
                ("five", Some(Rule::Cardinal), Reason::Lexicon, false),
                ("now", None, Reason::Given, false),
            ]
        );
    }
}
