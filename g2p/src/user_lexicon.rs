//! The user's own lexicon: a TOML file of words and the phonemes that they shall have.
//!
//! ```toml
//! [en]              # every dialect of English
//! Kokoro = "kˈOkəɹO"
//! [en-US]           # this one only; goes before [en]
//! "New Orleans" = "nu ˈɔɹlᵊnz"
//! ```

use std::collections::{BTreeMap, HashMap};
#[cfg(feature = "espeak")]
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;

use crate::english::endings;
use crate::language::Language;
use crate::vocabulary::token_id;

/// The shortest stem that lends its sound to words with an ending, in letters.
const SHORTEST_STEM: usize = 3;

/// Words with their phonemes, for each language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserLexicon {
    /// By language tag, then by word.
    tables: BTreeMap<String, BTreeMap<String, String>>,
}

/// Why a user's lexicon could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum UserLexiconError {
    /// The file could not be read: check its name and its rights.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is no TOML, or not of this shape: mend the line.
    #[error("line {line}: {message}: write a table such as [en-US] with lines such as word = \"phonemes\"")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// What the parser said.
        message: String,
    },
    /// A table is named after a language that there is not: name it after one of those listed.
    #[error("line {line}: unknown language [{tag}]: choose one of [en], [en-US], [en-GB]")]
    Language {
        /// Counted from 1.
        line: usize,
        /// The name of the table.
        tag: String,
    },
    /// The phonemes hold a symbol that the models do not know: remove it or write it differently.
    #[error("line {line}: unknown phoneme '{}' in the sound of '{word}': remove it or write it differently", symbol.escape_debug())]
    Phoneme {
        /// Counted from 1.
        line: usize,
        /// The word whose entry it is.
        word: String,
        /// The first symbol outside the vocabulary.
        symbol: char,
    },
    /// A word or its phonemes are blank: fill them in or remove the line.
    #[error("line {line}: the word or its sound is blank: fill it in or remove the line")]
    Blank {
        /// Counted from 1.
        line: usize,
    },
}

impl UserLexicon {
    /// Reads a lexicon from a file.
    ///
    /// # Errors
    ///
    /// [`UserLexiconError::Read`] if there is no such file, and as [`parse`](Self::parse).
    pub fn load(path: &Path) -> Result<Self, UserLexiconError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| UserLexiconError::Read { path: path.to_owned(), source })?;
        Self::parse(&text)
    }

    /// Reads a lexicon from the text of a TOML file.
    ///
    /// # Errors
    ///
    /// The first entry that cannot be taken, with its line.
    pub fn parse(text: &str) -> Result<Self, UserLexiconError> {
        type Tables = BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Spanned<String>>>;
        let line = |byte: usize| 1 + text.bytes().take(byte).filter(|&b| b == b'\n').count();
        let tables: Tables = toml::from_str(text).map_err(|error| UserLexiconError::Syntax {
            line: line(error.span().map_or(0, |span| span.start)),
            message: error.message().lines().next().unwrap_or_default().to_owned(),
        })?;
        let mut lexicon = Self::default();
        for (tag, entries) in tables {
            let at = line(tag.span().start);
            let tag = tag.into_inner();
            let language: Language =
                tag.parse().map_err(|_| UserLexiconError::Language { line: at, tag: tag.clone() })?;
            let tag = if tag.eq_ignore_ascii_case("en") { "en" } else { language.tag() };
            let table = lexicon.tables.entry(tag.to_owned()).or_default();
            for (word, phonemes) in entries {
                let line = line(word.span().start);
                let word = word.into_inner().split_whitespace().collect::<Vec<_>>().join(" ");
                let phonemes = phonemes.into_inner().split_whitespace().collect::<Vec<_>>().join(" ");
                if word.is_empty() || phonemes.is_empty() {
                    return Err(UserLexiconError::Blank { line });
                }
                if let Some(symbol) = phonemes.chars().find(|&c| token_id(c).is_none()) {
                    return Err(UserLexiconError::Phoneme { line, word, symbol });
                }
                table.insert(word.replace('’', "'"), phonemes);
            }
        }
        Ok(lexicon)
    }

    /// A digest of the entries: the same for the same entries, whatever their order and the comments between them.
    ///
    /// FNV-1a of 64 bits (Fowler, Noll and Vo), so it stays the same from one build to the next.
    pub fn version(&self) -> u64 {
        let words = self.tables.iter().flat_map(|(tag, table)| {
            table.iter().flat_map(move |(word, phonemes)| [tag.as_str(), word.as_str(), phonemes.as_str()])
        });
        let bytes = words.flat_map(|word| word.bytes().chain([0]));
        bytes
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    /// Whether there is no entry for any language.
    pub fn is_empty(&self) -> bool {
        self.tables.values().all(BTreeMap::is_empty)
    }

    /// The entries that hold for `language`.
    pub(crate) fn words(&self, language: Language) -> UserWords {
        let mut words = UserWords::default();
        // Entries for the dialect come last and take the place of those for all dialects.
        let all_dialects = language.is_english().then_some("en");
        for tag in all_dialects.into_iter().chain([language.tag()]) {
            for (word, phonemes) in self.tables.get(tag).into_iter().flatten() {
                words.insert(word, phonemes);
            }
        }
        words
    }
}

/// The entries for one language, in the order of looking up.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserWords {
    /// By spelling.
    exact: HashMap<String, String>,
    /// By spelling in capitals.
    shouted: HashMap<String, String>,
    /// Entries with spaces or symbols in them, which the text must be searched for, by their first letter in lower
    /// case.
    phrases: HashMap<char, Vec<(String, String)>>,
}

impl UserWords {
    fn insert(&mut self, word: &str, phonemes: &str) {
        let plain = word.chars().all(|c| c.is_alphanumeric() || matches!(c, '\'' | '-'));
        if plain {
            self.exact.insert(word.to_owned(), phonemes.to_owned());
            self.shouted.insert(word.to_uppercase(), phonemes.to_owned());
        } else if let Some(first) = word.chars().next() {
            let phrases = self.phrases.entry(lower(first)).or_default();
            phrases.retain(|(other, _)| other != word);
            phrases.push((word.to_owned(), phonemes.to_owned()));
            phrases.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        }
    }

    /// The phonemes of `word` by its own entry, or by that of its stem.
    pub(crate) fn find(&self, word: &str, british: bool) -> Option<String> {
        self.entry(word).map(str::to_owned).or_else(|| self.inflected(word, british))
    }

    /// An entry in this spelling; one in lower case serves words with capitals, any one serves words in capitals.
    fn entry(&self, word: &str) -> Option<&str> {
        let found = self.exact.get(word).or_else(|| {
            let mut letters = word.chars();
            let first = letters.next()?;
            let capitals = letters.clone().all(|c| !c.is_lowercase());
            let capitalised = first.is_uppercase() && letters.all(|c| !c.is_uppercase());
            let lowered = || self.exact.get(&word.to_lowercase());
            if first.is_uppercase() && capitals {
                lowered().or_else(|| self.shouted.get(word))
            } else if capitalised {
                lowered()
            } else {
                None
            }
        });
        found.map(String::as_str)
    }

    fn inflected(&self, word: &str, british: bool) -> Option<String> {
        let stem = |stem: &str| self.entry(stem).filter(|_| stem.chars().count() >= SHORTEST_STEM);
        let with = |plain: &str, letter| stem(&format!("{plain}{letter}"));
        if let Some(plain) = word.strip_suffix('s') {
            let owner = plain.strip_suffix('\'');
            let hissing = plain.strip_suffix('e').filter(|p| p.ends_with(['s', 'x', 'z', 'h']));
            let found = owner
                .and_then(stem)
                .or_else(|| if plain.ends_with('s') { None } else { stem(plain) })
                .or_else(|| hissing.and_then(stem))
                .or_else(|| plain.strip_suffix("ie").and_then(|p| with(p, 'y')));
            return endings::s(found?, british);
        }
        if let Some(plain) = word.strip_suffix("s'") {
            return endings::s(stem(plain)?, british);
        }
        if let Some(plain) = word.strip_suffix("ed") {
            let found = stem(plain).or_else(|| with(plain, 'e')).or_else(|| stem(undoubled(plain)?));
            return endings::ed(found?, british);
        }
        let plain = word.strip_suffix("ing")?;
        let found = stem(plain).or_else(|| with(plain, 'e')).or_else(|| stem(undoubled(plain)?));
        endings::ing(found?, british)
    }

    /// The entry with spaces or symbols that begins `text`, with its length in bytes of `text`.
    ///
    /// The caller sees to it that `text` begins a word.
    pub(crate) fn phrase(&self, text: &str) -> Option<(usize, &str)> {
        let candidates = self.phrases.get(&lower(text.chars().next()?))?;
        candidates.iter().find_map(|(phrase, phonemes)| {
            let length: usize = text.chars().take(phrase.chars().count()).map(char::len_utf8).sum();
            let (there, after) = text.split_at(length);
            let same = there == phrase
                || there == phrase.to_uppercase()
                || *phrase == phrase.to_lowercase() && there.to_lowercase() == *phrase;
            let ends = !after.starts_with(char::is_alphanumeric);
            (same && ends).then_some((length, phonemes.as_str()))
        })
    }

    /// What the entries, just as they are spelled, say of the words of `text`: in order, without overlap.
    #[cfg(feature = "espeak")]
    pub(crate) fn spelled(&self, text: &str) -> Vec<(Range<usize>, &str)> {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’' | '-');
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(ahead) = text[at..].find(|c: char| !c.is_whitespace()) {
            let start = at + ahead;
            let rest = &text[start..];
            let word = &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())];
            let entry = self.phrase(rest).or_else(|| Some((word.len(), self.entry(word)?)));
            if let Some((len, phonemes)) = entry {
                found.push((start..start + len, phonemes));
            }
            let len = entry.map_or(word.len(), |(len, _)| len);
            at = start + if len > 0 { len } else { rest.chars().next().map_or(1, char::len_utf8) };
        }
        found
    }

    pub(crate) fn has_phrases(&self) -> bool {
        !self.phrases.is_empty()
    }
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// A stem without the second of two equal last letters.
fn undoubled(plain: &str) -> Option<&str> {
    let mut letters = plain.chars().rev();
    let (last, before) = (letters.next()?, letters.next()?);
    (last == before).then(|| &plain[..plain.len() - last.len_utf8()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> UserWords {
        UserLexicon::parse(text).unwrap().words(Language::EnUs)
    }

    fn find(words: &UserWords, word: &str) -> Option<String> {
        words.find(word, false)
    }

    #[test]
    fn an_entry_serves_the_cases_that_its_own_case_allows() {
        let words = words("[en]\nrouter = \"ɹˈWTəɹ\"\nKokoro = \"kˈOkəɹO\"\niOS = \"ˌIˌOˈɛs\"\n");
        for word in ["router", "Router", "ROUTER"] {
            assert_eq!(find(&words, word).as_deref(), Some("ɹˈWTəɹ"), "{word}");
        }
        assert!(find(&words, "Kokoro").is_some() && find(&words, "KOKORO").is_some());
        assert_eq!(find(&words, "kokoro"), None);
        assert!(find(&words, "iOS").is_some() && find(&words, "IOS").is_some());
        assert_eq!(find(&words, "Ios"), None);
    }

    #[test]
    fn endings_follow_the_sound_of_the_entry() {
        let words = words("[en]\nbork = \"bˈɔɹk\"\nfrob = \"fɹˈɑb\"\nzat = \"zˈæt\"\nquiche = \"kˈiʃ\"\n");
        for (word, sound) in [
            ("borks", "bˈɔɹks"),
            ("bork's", "bˈɔɹks"),
            ("Borked", "bˈɔɹkt"),
            ("frobbing", "fɹˈɑbɪŋ"),
            ("zatted", "zˈæɾᵻd"),
            ("quiches", "kˈiʃᵻz"),
        ] {
            assert_eq!(find(&words, word).as_deref(), Some(sound), "{word}");
        }
        assert_eq!(find(&words, "borkish"), None);
    }

    #[test]
    fn a_dialect_goes_before_the_language() {
        let lexicon = UserLexicon::parse("[en]\nzo = \"zˈO\"\n[en-GB]\nzo = \"zˈQ\"").unwrap();
        assert_eq!(lexicon.words(Language::EnGb).find("zo", true).as_deref(), Some("zˈQ"));
        assert_eq!(lexicon.words(Language::EnUs).find("zo", false).as_deref(), Some("zˈO"));
    }

    #[test]
    fn phrases_are_found_where_they_begin() {
        let words = words("[en]\n\"New Orleans\" = \"nu ˈɔɹlᵊnz\"\n\"c++\" = \"sˌi plˈʌs\"\n");
        assert_eq!(words.phrase("New Orleans, La."), Some((11, "nu ˈɔɹlᵊnz")));
        assert_eq!(words.phrase("new orleans"), None);
        assert_eq!(words.phrase("C++ code").map(|(length, _)| length), Some(3));
        assert_eq!(words.phrase("New Orleansian"), None);
    }

    #[test]
    fn errors_tell_the_line() {
        let message = |text| UserLexicon::parse(text).unwrap_err().to_string();
        assert!(
            message("[en]\na = \"ˈA\"\nb = \"b❓\"\n")
                .starts_with("line 3: unknown phoneme '❓' in the sound of 'b'")
        );
        assert!(message("[en]\na = ").starts_with("line 2:"));
        assert!(message("\n[tlh]\na = \"ˈA\"").starts_with("line 2: unknown language [tlh]"));
        assert!(message("[en]\na = 5").starts_with("line 2:"));
        assert!(message("[en]\na = \" \"").starts_with("line 2: the word or its sound is blank"));
        let missing = UserLexicon::load(Path::new("no/such.toml")).unwrap_err();
        assert!(missing.to_string().starts_with("no/such.toml: "));
    }

    #[test]
    fn the_version_is_that_of_the_entries() {
        let version = |text| UserLexicon::parse(text).unwrap().version();
        let one = version("[en]\na = \"ˈA\"\nb = \"bˈi\"");
        assert_eq!(one, version("# my words\n[en]\nb = \"bˈi\"\na =   \"ˈA\""));
        assert_ne!(one, version("[en]\na = \"ˈA\"\nb = \"bˈI\""));
        assert_ne!(one, version("[en-US]\na = \"ˈA\"\nb = \"bˈi\""));
        assert!(UserLexicon::parse("").unwrap().is_empty());
    }
}
