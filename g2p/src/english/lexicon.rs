//! The lexicon of one dialect: words, their readings, and what can be said of words by their endings.
//!
//! The order of the rules is that of misaki 0.9.4, whose lexicons these are.

use std::collections::HashMap;
use std::sync::OnceLock;

use misaki_rs::data;
use misaki_rs::lexicon::PhonemeEntry;

use super::stress::{self, Level};
use super::token::{Context, Sound};
use super::{endings, special};
use crate::language::Language;
use crate::reason::Reason;

/// Symbols that are read as words wherever they stand.
const SYMBOLS: [(&str, &str); 4] = [("%", "percent"), ("&", "and"), ("+", "plus"), ("@", "at")];

pub(super) type Table = HashMap<String, PhonemeEntry>;

/// Two tables of words: one checked by people, one that was not.
pub(super) struct Lexicon {
    pub(super) british: bool,
    golds: Table,
    /// Loaded when a word is not among the golds: the first words of a text seldom need it.
    silvers: OnceLock<Table>,
}

impl Lexicon {
    pub(super) fn load(language: Language) -> Self {
        let golds = match language {
            Language::EnGb => data::load_gb_gold(),
            _ => data::load_us_gold(),
        };
        Self { british: language == Language::EnGb, golds, silvers: OnceLock::new() }
    }

    /// The table that was not checked by people.
    pub(super) fn silvers(&self) -> &Table {
        self.silvers
            .get_or_init(|| if self.british { data::load_gb_silver() } else { data::load_us_silver() })
    }

    pub(super) fn in_gold(&self, word: &str) -> bool {
        entry(&self.golds, word).is_some()
    }

    fn holds(&self, word: &str) -> bool {
        self.in_gold(word) || entry(self.silvers(), word).is_some()
    }

    /// Whether the sound of `word` is the same for every tag.
    ///
    /// True only of words that stand in a table with one reading, in small letters but for the first.
    pub(super) fn has_one_reading(&self, word: &str) -> bool {
        let found = || entry(&self.golds, word).or_else(|| entry(self.silvers(), word));
        is_lower(after_first(word))
            && word.len() > 1
            && match special::depends_on_tag(word) {
                Some(depends) => !depends,
                None => matches!(found(), Some(PhonemeEntry::Simple(_))),
            }
    }

    /// The sound of a word, by the lexicon, by its case and by its ending.
    pub(super) fn word(
        &self,
        word: &str,
        tag: &str,
        level: Option<Level>,
        context: Context,
    ) -> Option<Sound> {
        if let Some(special) = special::word(self, word, tag, level, context) {
            return Some(special);
        }
        let lower = word.to_lowercase();
        let lowered = word != lower
            && word.chars().nth(1).is_some()
            && word.chars().all(|c| c == '\'' || c.is_alphabetic())
            && (tag != "NNP" || word.chars().count() > 7)
            && !self.holds(word)
            && (is_upper(word) || is_lower(after_first(word)))
            && (self.holds(&lower) || self.inflected(&lower, tag, level, level, context).is_some());
        let word = if lowered { lower.as_str() } else { word };
        if self.is_known(word) {
            return self.look_up(word, tag, level, Some(context));
        }
        if let Some(owners) = word.strip_suffix("s'") {
            let owner = format!("{owners}'s");
            if self.is_known(&owner) {
                return self.look_up(&owner, tag, level, Some(context));
            }
        }
        if let Some(plain) = word.strip_suffix('\'')
            && self.is_known(plain)
        {
            return self.look_up(plain, tag, level, Some(context));
        }
        self.inflected(word, tag, level, level.or(Some(0.5)), context)
    }

    fn inflected(
        &self,
        word: &str,
        tag: &str,
        level: Option<Level>,
        ing: Option<Level>,
        context: Context,
    ) -> Option<Sound> {
        let context = Some(context);
        self.s(word, tag, level, context)
            .or_else(|| self.ed(word, tag, level, context))
            .or_else(|| self.ing(word, tag, ing, context))
    }

    /// A word with -s, -'s, -es or -ies.
    pub(super) fn s(
        &self,
        word: &str,
        tag: &str,
        level: Option<Level>,
        context: Option<Context>,
    ) -> Option<Sound> {
        let plain = word.strip_suffix('s').filter(|stem| stem.chars().nth(1).is_some())?;
        let long = plain.chars().nth(3).is_some();
        let with_y;
        let stem = if !plain.ends_with('s') && self.is_known(plain) {
            plain
        } else if let Some(stem) = plain
            .strip_suffix('\'')
            .or_else(|| plain.strip_suffix('e').filter(|stem| long && !stem.ends_with('i')))
            .filter(|stem| self.is_known(stem))
        {
            stem
        } else {
            with_y = format!("{}y", plain.strip_suffix("ie").filter(|_| long)?);
            Some(with_y.as_str()).filter(|stem| self.is_known(stem))?
        };
        self.end(stem, tag, level, context, endings::s)
    }

    fn ed(&self, word: &str, tag: &str, level: Option<Level>, context: Option<Context>) -> Option<Sound> {
        let plain = word.strip_suffix('d').filter(|stem| stem.chars().nth(2).is_some())?;
        let stem = if !plain.ends_with('d') && self.is_known(plain) {
            plain
        } else {
            let stem = plain.strip_suffix('e').filter(|stem| !stem.ends_with('e'))?;
            Some(stem).filter(|stem| stem.chars().nth(2).is_some() && self.is_known(stem))?
        };
        self.end(stem, tag, level, context, endings::ed)
    }

    fn ing(&self, word: &str, tag: &str, level: Option<Level>, context: Option<Context>) -> Option<Sound> {
        let plain = word.strip_suffix("ing").filter(|stem| stem.chars().nth(1).is_some())?;
        let long = plain.chars().nth(2).is_some();
        let with_e;
        let stem = if long && self.is_known(plain) {
            plain
        } else {
            with_e = format!("{plain}e");
            if self.is_known(&with_e) {
                &with_e
            } else {
                Some(undoubled(plain)?).filter(|stem| long && self.is_known(stem))?
            }
        };
        self.end(stem, tag, level, context, endings::ing)
    }

    fn end(
        &self,
        stem: &str,
        tag: &str,
        level: Option<Level>,
        context: Option<Context>,
        ending: fn(&str, bool) -> Option<String>,
    ) -> Option<Sound> {
        let stem = self.look_up(stem, tag, level, context)?;
        Some(Sound::new(ending(&stem.phonemes, self.british)?, stem.reason))
    }

    /// The sound of a word as it stands in a table, or of its letters where it is an abbreviation.
    pub(super) fn look_up(
        &self,
        word: &str,
        tag: &str,
        level: Option<Level>,
        context: Option<Context>,
    ) -> Option<Sound> {
        let shouted = is_upper(word) && !self.in_gold(word);
        let lower;
        let word = if shouted {
            lower = word.to_lowercase();
            &lower
        } else {
            word
        };
        let name = shouted && tag == "NNP";
        let found = entry(&self.golds, word)
            .or_else(|| if name { None } else { entry(self.silvers(), word) })
            .and_then(|entry| read(entry, tag, context));
        match found {
            Some((phonemes, reason)) if !name || phonemes.contains(stress::PRIMARY) => {
                let phonemes =
                    level.map_or_else(|| phonemes.to_owned(), |level| stress::set(phonemes, level));
                Some(Sound::new(phonemes, reason))
            }
            _ => self.letters(word),
        }
    }

    /// The letters of `word` by their names, the last one stressed; `None` where one has no name.
    pub(super) fn letters(&self, word: &str) -> Option<Sound> {
        let mut names = String::new();
        for letter in word.chars().filter(|c| c.is_alphabetic()) {
            let PhonemeEntry::Simple(name) = self.golds.get(&letter.to_uppercase().to_string())? else {
                return None;
            };
            names.push_str(name);
        }
        let mut names = stress::set(&names, 0.0);
        if let Some(last) = names.rfind(stress::SECONDARY) {
            names.replace_range(last..last + stress::SECONDARY.len_utf8(), "ˈ");
        }
        Some(Sound::new(names, Reason::Letters))
    }

    /// The reading of `word` under `key`, as it stands in the better table.
    pub(super) fn reading(&self, word: &str, key: &str) -> Option<&str> {
        match self.golds.get(word)? {
            PhonemeEntry::Simple(phonemes) => Some(phonemes),
            PhonemeEntry::Tagged(readings) => {
                readings.get(key).or_else(|| readings.get("DEFAULT"))?.as_deref()
            }
        }
    }

    /// Whether [`look_up`](Self::look_up) has an answer of its own for `word`.
    fn is_known(&self, word: &str) -> bool {
        if self.holds(word) || symbol(word).is_some() {
            return true;
        }
        if word.is_empty() || !word.bytes().all(|b| b.is_ascii_alphabetic()) {
            return false;
        }
        word.len() == 1 || is_upper(word) && self.in_gold(&word.to_lowercase()) || is_upper(after_first(word))
    }
}

/// How strongly a word is said because of its capitals.
pub(super) fn level(word: &str) -> Option<Level> {
    match (is_lower(word), is_upper(word)) {
        (true, _) => None,
        (false, true) => Some(2.0),
        (false, false) => Some(0.5),
    }
}

/// The word that a symbol is read as.
pub(super) fn symbol(text: &str) -> Option<&'static str> {
    SYMBOLS.iter().find(|&&(symbol, _)| symbol == text).map(|&(_, word)| word)
}

pub(super) fn is_upper(word: &str) -> bool {
    !word.chars().any(char::is_lowercase)
}

pub(super) fn is_lower(word: &str) -> bool {
    !word.chars().any(char::is_uppercase)
}

fn after_first(word: &str) -> &str {
    let mut rest = word.chars();
    rest.next();
    rest.as_str()
}

/// The stem of a word that doubled its last consonant before -ing, or added a k to a final c.
fn undoubled(plain: &str) -> Option<&str> {
    let mut letters = plain.bytes().rev();
    let (last, before) = (letters.next()?, letters.next()?);
    let doubled = last == before && b"bcdgklmnprstvxz".contains(&last) || (before, last) == (b'c', b'k');
    doubled.then(|| &plain[..plain.len() - 1])
}

/// The entry for `word`; a lower-case entry also serves the word with a capital, and the other way round.
fn entry<'a>(table: &'a Table, word: &str) -> Option<&'a PhonemeEntry> {
    table.get(word).or_else(|| table.get(&other_case(word)?))
}

fn other_case(word: &str) -> Option<String> {
    let mut letters = word.chars();
    let first = letters.next()?;
    letters.clone().next()?;
    if !is_lower(letters.as_str()) {
        return None;
    }
    let other: String =
        if first.is_uppercase() { first.to_lowercase().collect() } else { first.to_uppercase().collect() };
    (!other.starts_with(first)).then(|| other + letters.as_str())
}

/// The reading of an entry for a tag, and whether it was chosen among sounds that differ.
fn read<'a>(entry: &'a PhonemeEntry, tag: &str, context: Option<Context>) -> Option<(&'a str, Reason)> {
    let readings = match entry {
        PhonemeEntry::Simple(phonemes) => return Some((phonemes, Reason::Lexicon)),
        PhonemeEntry::Tagged(readings) => readings,
    };
    let before_pause = context.is_some_and(|context| context.vowel.is_none());
    let tag = if before_pause && readings.contains_key("None") { "None" } else { tag };
    let chosen = readings.get(tag).or_else(|| readings.get(parent(tag)));
    let chosen = chosen.or_else(|| readings.get("DEFAULT"))?.as_deref()?;
    let differs = |other: &String| !stress::without(other).eq(stress::without(chosen));
    let homograph = readings.iter().any(|(key, other)| key != "None" && other.as_ref().is_some_and(differs));
    Some((chosen, if homograph { Reason::Homograph } else { Reason::Lexicon }))
}

/// The class of words that a tag belongs to.
pub(super) fn parent(tag: &str) -> &str {
    match tag {
        _ if tag.starts_with("VB") => "VERB",
        _ if tag.starts_with("NN") => "NOUN",
        _ if tag.starts_with("ADV") || tag.starts_with("RB") => "ADV",
        _ if tag.starts_with("ADJ") || tag.starts_with("JJ") => "ADJ",
        _ => tag,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::LazyLock;

    static US: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::load(Language::EnUs));

    fn us(word: &str, tag: &str) -> Option<String> {
        US.word(word, tag, None, Context { vowel: Some(false), to: false }).map(|sound| sound.phonemes)
    }

    #[test]
    fn case_and_endings_lead_to_the_entry() {
        assert_eq!(us("apple", "NN"), us("Apple", "NN"));
        assert_eq!(
            us("costarring", "VBG").unwrap(),
            US.word("costar", "VB", Some(0.5), Context::default()).unwrap().phonemes + "ɪŋ"
        );
        assert!(us("PDFs", "NNS").unwrap().ends_with("ˈɛfs"));
        assert_eq!(us("sautéing", "VBG"), None);
    }

    #[test]
    fn the_tag_chooses_between_readings() {
        assert_ne!(us("record", "NN"), us("record", "VB"));
        let record = US.word("record", "NN", None, Context::default()).unwrap();
        assert_eq!(record.reason, Reason::Homograph);
    }

    #[test]
    fn abbreviations_are_spelled() {
        let spelled = US.word("U.S.A", "NNP", None, Context::default()).unwrap();
        assert_eq!(spelled.reason, Reason::Letters);
        assert_eq!(US.letters("fbi").unwrap().phonemes, "ˌɛfbˌiˈI");
    }
}
