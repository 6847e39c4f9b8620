//! What there is to say: plain sentences, written for this crate and under its licence, in an order that a seed decides.

use sostenuto_engine::g2p::Language;
use sostenuto_simulator::Scatter;

/// Characters of text that are spoken in a second, about: the sentences here at the default voice.
const CHARACTERS_A_SECOND: f64 = 15.0;

/// Sentences without end.
#[derive(Clone, Debug)]
pub(super) struct Prose {
    sentences: Vec<&'static str>,
    scatter: Scatter,
    at: usize,
}

/// The sentences in `language`.
fn text(language: Language) -> &'static str {
    match language {
        Language::EnUs | Language::EnGb => include_str!("texts/en.txt"),
        Language::Es => include_str!("texts/es.txt"),
        Language::FrFr => include_str!("texts/fr.txt"),
        Language::It => include_str!("texts/it.txt"),
        Language::PtBr => include_str!("texts/pt.txt"),
        Language::Hi => include_str!("texts/hi.txt"),
    }
}

impl Prose {
    /// Sentences in `language`, beginning where `seed` says.
    pub(super) fn new(language: Language, seed: u64) -> Self {
        let sentences: Vec<&str> = text(language).lines().collect();
        let mut scatter = Scatter::new(seed);
        let at = scatter.below(sentences.len());
        Self { sentences, scatter, at }
    }

    /// The next sentence.
    pub(super) fn sentence(&mut self) -> &'static str {
        let sentence = self.sentences[self.at];
        self.at = (self.at + 1) % self.sentences.len();
        sentence
    }

    /// A word, without punctuation.
    pub(super) fn word(&mut self) -> String {
        let sentence = self.sentences[self.scatter.below(self.sentences.len())];
        let words: Vec<&str> = sentence.split_whitespace().collect();
        let word = words[self.scatter.below(words.len())];
        word.chars().filter(|letter| letter.is_alphanumeric()).collect()
    }

    /// A text that takes about `seconds` to say, at least a sentence.
    pub(super) fn article(&mut self, seconds: f64) -> String {
        let mut article = String::new();
        while (article.chars().count() as f64) < seconds * CHARACTERS_A_SECOND {
            if !article.is_empty() {
                article.push(' ');
            }
            article.push_str(self.sentence());
        }
        article
    }

    /// How long the next article is, in seconds: from a sentence to some minutes, evenly spread in their logarithm, as
    /// the lengths of texts roughly are.
    pub(super) fn article_length(&mut self) -> f64 {
        4.0 * 60.0_f64.powf(self.scatter.share())
    }

    /// A number from 0 to below 1.
    pub(super) fn share(&mut self) -> f64 {
        self.scatter.share()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_something_to_say_in_every_language() {
        for language in Language::ALL {
            let mut prose = Prose::new(language, 1);
            assert!(prose.sentence().chars().count() > 20, "{language}");
            assert!(!prose.word().is_empty());
        }
    }

    #[test]
    fn the_same_seed_says_the_same() {
        let say = |seed| {
            let mut prose = Prose::new(Language::EnUs, seed);
            let seconds = prose.article_length();
            (prose.article(seconds), prose.word())
        };
        assert_eq!(say(7), say(7));
        assert_ne!(say(7), say(8));
    }

    #[test]
    fn an_article_is_whole_sentences_and_about_as_long_as_asked_for() {
        let mut prose = Prose::new(Language::EnUs, 3);
        let article = prose.article(60.0);
        assert!(
            (900..1_100).contains(&article.chars().count()) && article.ends_with(['.', '"']),
            "{article}"
        );
        assert!((0..1_000).map(|_| prose.article_length()).all(|length| (4.0..240.0).contains(&length)));
    }
}
