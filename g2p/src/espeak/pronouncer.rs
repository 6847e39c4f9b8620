//! Prose in the languages that only espeak-ng reads.

use std::ops::Range;
use std::path::Path;

use super::assignment::assign;
use super::error::EspeakError;
use super::marks::{self, Numbers, Stretch};
use super::voice::Voice;
use crate::clause::Word;
use crate::language::Language;
use crate::phonemizer::{Phonemizer, Pronunciation};
use crate::pronouncer::{Given, Pronouncer};
use crate::reason::Reason;
use crate::user_lexicon::{UserLexicon, UserWords};
use crate::version::version;
use crate::vocabulary::token_id;

/// The most bytes of words that are handed on in one piece.
const MAX_PHRASE: usize = 600;

/// espeak-ng for the prose of one language.
///
/// It reads phrase by phrase, between marks of punctuation, so no sound depends on what stands beyond one; unlike misaki
/// it leaves decimals, thousands and times of day in one piece, which espeak-ng reads as people do. Words are
/// what white space parts. Two words of which espeak-ng makes one group of sounds become one word with both in its
/// span. What espeak-ng passes over in silence is not counted as dropped.
#[derive(Clone, Debug)]
pub struct EspeakPronouncer {
    voice: Voice,
    user: UserWords,
    user_version: u64,
}

impl EspeakPronouncer {
    /// espeak-ng for `language`.
    ///
    /// Its data is taken from `data`, else from the folder that `SOSTENUTO_ESPEAK_DATA` names, else from
    /// `espeak-ng-data` beside the program, else from where it was built.
    ///
    /// # Errors
    ///
    /// There is no data, it is damaged, or it lacks the language.
    pub fn load(language: Language, data: Option<&Path>) -> Result<Self, EspeakError> {
        Ok(Self { voice: Voice::load(language, data)?, user: UserWords::default(), user_version: 0 })
    }

    /// With the entries of a user's own lexicon, which hold for words just as they are spelled there.
    #[must_use]
    pub fn with_user_lexicon(self, user: &UserLexicon) -> Self {
        Self { user: user.words(self.voice.language()), user_version: user.version(), ..self }
    }

    /// Says `text[range]`, which holds no phonemes that were given.
    fn say(&self, text: &str, range: Range<usize>, transcript: &mut Transcript) {
        let said = &text[range.clone()];
        let stretches = marks::stretches(said, Numbers::Whole);
        let phrases: Vec<Range<usize>> = stretches
            .iter()
            .filter_map(|stretch| match stretch {
                Stretch::Words(words) => Some(words.clone()),
                Stretch::Marks(_) => None,
            })
            .flat_map(|words| pieces(said, words))
            .collect();
        let texts: Vec<&str> = phrases.iter().map(|phrase| &said[phrase.clone()]).collect();
        let mut sounds = phrases.iter().zip(self.voice.say(&texts)).peekable();
        for stretch in &stretches {
            match stretch {
                Stretch::Marks(marks) => transcript.marks(&said[marks.clone()]),
                Stretch::Words(words) => {
                    while let Some((phrase, sounds)) = sounds.next_if(|(phrase, _)| phrase.start < words.end)
                    {
                        let phrase = range.start + phrase.start..range.start + phrase.end;
                        self.phrase(text, phrase, &sounds, transcript);
                    }
                }
            }
        }
    }

    /// The words whose phonemes do not come from espeak-ng, in order: those given in the text, and the user's own.
    fn fixed<'a>(&'a self, text: &str, given: &'a [Given]) -> Vec<(Range<usize>, &'a str, Reason)> {
        let overlaps = |range: &Range<usize>| {
            given.iter().any(|given| given.range.start < range.end && range.start < given.range.end)
        };
        let own = self.user.spelled(text).into_iter().filter(|(range, _)| !overlaps(range));
        let mut fixed: Vec<_> = own.map(|(range, said)| (range, said, Reason::UserLexicon)).collect();
        fixed.extend(given.iter().map(|given| (given.range.clone(), given.phonemes.as_str(), Reason::Given)));
        fixed.sort_by_key(|(range, ..)| range.start);
        fixed
    }

    /// Adds the sounds of a phrase word by word.
    fn phrase(&self, text: &str, phrase: Range<usize>, sounds: &str, transcript: &mut Transcript) {
        let words = words(text, phrase.clone());
        let groups: Vec<&str> = sounds.split(' ').filter(|group| !group.is_empty()).collect();
        transcript.space |= text[phrase.clone()].starts_with(char::is_whitespace);
        let shares = if groups.len() == words.len() {
            (0..words.len()).map(|i| i..i + 1).collect()
        } else {
            let alone: Vec<&str> = words.iter().map(|word| &text[word.clone()]).collect();
            assign(&groups, &self.voice.say(&alone))
        };
        // A word without sounds goes with the one before it, or with the next where it is the first.
        let mut open: Option<(Range<usize>, Range<usize>)> = None;
        for (word, share) in words.into_iter().zip(shares) {
            match open.as_mut() {
                Some((source, taken)) if share.is_empty() || taken.start == taken.end => {
                    source.end = word.end;
                    taken.end = share.end;
                }
                _ => {
                    if let Some((source, taken)) = open.replace((word, share)) {
                        transcript.word(source, &groups[taken], Reason::Espeak);
                    }
                }
            }
        }
        if let Some((source, taken)) = open {
            transcript.word(source, &groups[taken], Reason::Espeak);
        }
        transcript.space = text[phrase].ends_with(char::is_whitespace);
    }
}

impl Pronouncer for EspeakPronouncer {
    fn pronounce(&self, text: &str, given: &[Given]) -> Pronunciation {
        let mut transcript = Transcript::default();
        let mut start = 0;
        for (range, phonemes, reason) in self.fixed(text, given) {
            self.say(text, start..range.start, &mut transcript);
            let groups: Vec<&str> = phonemes.split_whitespace().collect();
            transcript.word(range.clone(), &groups, reason);
            transcript.space = false;
            start = range.end;
        }
        self.say(text, start..text.len(), &mut transcript);
        transcript.pronunciation
    }

    fn version(&self) -> u64 {
        version(&["espeak", self.voice.language().tag(), &self.user_version.to_string()])
    }
}

impl Phonemizer for EspeakPronouncer {
    fn phonemize(&self, sentence: &str) -> Pronunciation {
        self.pronounce(sentence, &[])
    }
}

/// Cuts a stretch of words at white space into pieces of at most [`MAX_PHRASE`] bytes, or at characters where there is
/// no white space.
fn pieces(text: &str, words: Range<usize>) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = words.start;
    while words.end - start > MAX_PHRASE {
        let window = &text[start..start + text[start..words.end].floor_char_boundary(MAX_PHRASE)];
        let end = start + window.rfind(char::is_whitespace).filter(|&at| at > 0).unwrap_or(window.len());
        pieces.push(start..end);
        start = end;
    }
    pieces.push(start..words.end);
    pieces
}

/// The words between white space, without marks at their edges; a word of nothing but marks stays whole.
fn words(text: &str, phrase: Range<usize>) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut at = phrase.start;
    for word in text[phrase].split(char::is_whitespace) {
        let mark = |c: char| c.is_ascii_punctuation() || matches!(c, '।' | '॥' | '’' | '‘' | '–');
        let bare = word.trim_matches(mark);
        let lead = word.len() - word.trim_start_matches(mark).len();
        if !bare.is_empty() {
            words.push(at + lead..at + lead + bare.len());
        } else if !word.is_empty() {
            words.push(at..at + word.len());
        }
        at += word.len() + text[at + word.len()..].chars().next().map_or(0, char::len_utf8);
    }
    words
}

/// A pronunciation in the making.
#[derive(Default)]
struct Transcript {
    pronunciation: Pronunciation,
    /// Whether the next symbol stands apart from the last.
    space: bool,
}

impl Transcript {
    fn marks(&mut self, marks: &str) {
        for mark in marks.chars() {
            if mark.is_whitespace() {
                self.space = true;
            } else {
                self.symbol(marks::known(mark));
            }
        }
    }

    fn word(&mut self, source: Range<usize>, groups: &[&str], reason: Reason) {
        let mut first = None;
        let mut sounds = false;
        for group in groups {
            for symbol in group.chars() {
                let Some(at) = self.symbol(symbol) else { continue };
                first.get_or_insert(at);
                sounds |= symbol.is_alphabetic();
            }
            self.space = true;
        }
        let Pronunciation { phonemes, words, .. } = &mut self.pronunciation;
        if let Some(first) = first.filter(|_| sounds) {
            words.push(Word { source, phonemes: first..phonemes.len(), reason });
        }
    }

    /// Adds a symbol of the vocabulary and says where it stands; any other is counted.
    fn symbol(&mut self, symbol: char) -> Option<usize> {
        let Pronunciation { phonemes, dropped, .. } = &mut self.pronunciation;
        if token_id(symbol).is_none() {
            *dropped += 1;
            return None;
        }
        if self.space && !phonemes.is_empty() {
            phonemes.push(' ');
        }
        self.space = false;
        phonemes.push(symbol);
        Some(phonemes.len() - symbol.len_utf8())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pronounced(language: Language, text: &str) -> Vec<(String, String)> {
        let spoken = EspeakPronouncer::load(language, None).unwrap().phonemize(text);
        let words = spoken.words.iter();
        words
            .map(|w| (text[w.source.clone()].to_owned(), spoken.phonemes[w.phonemes.clone()].to_owned()))
            .collect()
    }

    fn sources(language: Language, text: &str) -> Vec<String> {
        pronounced(language, text).into_iter().map(|(source, _)| source).collect()
    }

    #[test]
    fn every_word_leads_back_to_its_bytes() {
        assert_eq!(
            pronounced(Language::Es, " ¿La niña, comió?")
                .iter()
                .map(|(a, b)| (a.as_str(), b.as_str()))
                .collect::<Vec<_>>(),
            [("La", "la"), ("niña", "nˈiɲa"), ("comió", "komjˈo")]
        );
        assert_eq!(sources(Language::Hi, "मेरा नाम राहुल है।"), ["मेरा", "नाम", "राहुल", "है"]);
    }

    #[test]
    fn a_number_of_several_groups_is_one_word() {
        let spoken = pronounced(Language::Es, "publicada en 1967 por él");
        assert_eq!(spoken[2], ("1967".into(), "mˈil nˌoβeθjˈɛntos sɛsˌɛntaisjˈete".into()));
        assert_eq!(spoken[3].0, "por");
        assert_eq!(
            sources(Language::FrFr, "Le 14 juillet 1789 à 20 h 30"),
            ["Le", "14", "juillet", "1789", "à", "20", "h", "30"]
        );
    }

    #[test]
    fn decimals_thousands_and_times_are_read_whole() {
        assert_eq!(
            pronounced(Language::Es, "Son 3,5 y 1.234.")[1],
            ("3,5".into(), "tɾˈes koma θˈinko".into())
        );
        assert_eq!(sources(Language::It, "Sono le 10:30, o no"), ["Sono", "le", "10:30", "o", "no"]);
    }

    #[test]
    fn given_phonemes_stand_where_they_were_given() {
        let voice = EspeakPronouncer::load(Language::It, None).unwrap();
        let text = "Ciao (Kokoro), ciao";
        let given = [Given { range: 6..12, phonemes: "kˈokoɾo".into() }];
        let spoken = voice.pronounce(text, &given);
        assert_eq!(spoken.phonemes, "ʧˈao (kˈokoɾo), ʧˈao");
        let reasons: Vec<_> =
            spoken.words.iter().map(|word| (&text[word.source.clone()], word.reason)).collect();
        assert_eq!(reasons, [("Ciao", Reason::Espeak), ("Kokoro", Reason::Given), ("ciao", Reason::Espeak)]);
    }

    #[test]
    fn the_users_own_words_hold_as_they_are_spelled() {
        let user = UserLexicon::parse("[es]\nzorbi = \"ˈɔɹbi\"\n[en]\nhola = \"hˈO\"").unwrap();
        let voice = EspeakPronouncer::load(Language::Es, None).unwrap().with_user_lexicon(&user);
        let text = "Hola, Zorbi y zorbis.";
        let spoken = voice.phonemize(text);
        let own: Vec<_> = spoken.words.iter().filter(|word| word.reason == Reason::UserLexicon).collect();
        assert_eq!(own.len(), 1);
        assert_eq!(
            (&text[own[0].source.clone()], &spoken.phonemes[own[0].phonemes.clone()]),
            ("Zorbi", "ˈɔɹbi")
        );
        assert!(spoken.phonemes.starts_with("ˈola,"), "{}", spoken.phonemes);
    }

    #[test]
    fn symbols_outside_the_vocabulary_are_counted() {
        let spoken = EspeakPronouncer::load(Language::Es, None).unwrap().phonemize("¡Hola! ¿Qué?");
        assert_eq!((spoken.phonemes.as_str(), spoken.dropped), ("ˈola! kˈe?", 2));
    }

    #[test]
    fn anything_at_all_is_read_or_left() {
        let voice = EspeakPronouncer::load(Language::FrFr, None).unwrap();
        assert_eq!(voice.phonemize(""), Pronunciation::default());
        assert_eq!(voice.phonemize(" \0\n"), Pronunciation::default());
        assert_eq!(voice.phonemize("bon\0jour").phonemes, voice.phonemize("bonjour").phonemes);
        let text = "le prix est de 25 euros ".repeat(2_000);
        let spoken = voice.phonemize(&text);
        assert!(spoken.words.len() > 11_000, "{}", spoken.words.len());
        assert!(!voice.phonemize(&"x1".repeat(2_000)).phonemes.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn any_text_gives_vocabulary_symbols_and_spans_in_order(
            text in prop_oneof![
                "(?s).{0,40}",
                "[a-zéàñç0-9'’ .,;:!?¿()«»%&+-]{0,80}",
                "([a-zéà]{1,6}|[0-9]{1,9}|[0-9]{1,3}[%€]|l'[a-z]{3}) ([a-zéà]{1,6}|[0-9]{1,4})( [a-z]{1,5}){0,6}",
            ],
            language in prop::sample::select(&Language::ALL[2..]),
        ) {
            let spoken = EspeakPronouncer::load(language, None).unwrap().phonemize(&text);
            prop_assert!(spoken.phonemes.chars().all(|c| token_id(c).is_some()));
            prop_assert!(!spoken.phonemes.contains("  ") && spoken.phonemes.trim() == spoken.phonemes);
            let (mut source, mut phonemes) = (0, 0);
            for word in &spoken.words {
                prop_assert!(word.source.start >= source && text.get(word.source.clone()).is_some());
                prop_assert!(word.phonemes.start >= phonemes && spoken.phonemes.get(word.phonemes.clone()).is_some());
                prop_assert!(!word.source.is_empty() && !word.phonemes.is_empty());
                source = word.source.end;
                phonemes = word.phonemes.end;
            }
        }
    }
}
