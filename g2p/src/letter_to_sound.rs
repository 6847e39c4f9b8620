//! The sound of a word that no lexicon holds, from its letters alone.
//!
//! [Letter rules](crate::letter_rules) give the sounds; here they get stress, reduced vowels, and for British
//! English a conversion of the American vowels. Right for regular spelling, a guess for names.

use crate::language::Language;
use crate::letter_rules::{RULES, Rule};
use crate::unknown_word::UnknownWord;

/// Endings that put the stress on the syllable before them, with the vowels that they have themselves.
const STRESS_BEFORE: [(&str, usize); 22] = [
    ("tion", 1),
    ("tions", 1),
    ("sion", 1),
    ("sions", 1),
    ("ically", 3),
    ("ical", 2),
    ("ic", 1),
    ("ics", 1),
    ("ity", 2),
    ("ities", 2),
    ("ian", 2),
    ("ians", 2),
    ("ious", 2),
    ("io", 2),
    ("ia", 2),
    ("ium", 2),
    ("logy", 2),
    ("logies", 2),
    ("graphy", 2),
    ("nomy", 2),
    ("meter", 2),
    ("tial", 1),
];

/// Endings that carry the stress themselves.
const STRESS_ON: [&str; 7] = ["eer", "ee", "ese", "ette", "esque", "oon", "ique"];

/// Endings of the silent e, as the sign `S` of the rules means them.
const SILENT_E: [&str; 8] = ["e", "es", "ed", "er", "ers", "ely", "ing", "ings"];

const PRIMARY: char = 'ˈ';
const SECONDARY: char = 'ˌ';

/// Letter-to-sound rules for one dialect.
#[derive(Clone, Copy, Debug)]
pub struct LetterToSound {
    language: Language,
}

impl LetterToSound {
    /// The rules as the dialect `language` of English sounds them; another language is read as American English.
    pub const fn new(language: Language) -> Self {
        Self { language }
    }
}

impl UnknownWord for LetterToSound {
    fn pronounce(&self, word: &str) -> Option<String> {
        let letters: Vec<u8> =
            word.bytes().filter(u8::is_ascii_alphabetic).map(|b| b.to_ascii_lowercase()).collect();
        if !letters.iter().any(|&l| is_vowel(l)) {
            return None;
        }
        let sounds = american(&letters);
        let stressed = stress(&letters, &sounds)?;
        Some(match self.language {
            Language::EnGb => british(&stressed),
            _ => flap(&stressed),
        })
    }
}

fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// A sound that makes a syllable.
fn is_nucleus(sound: char) -> bool {
    "AIOQWYaiuæɑɒɔəɛɜɪʊʌᵊᵻ".contains(sound)
}

/// The sounds of lower-case ASCII letters, without stress.
fn american(letters: &[u8]) -> Vec<char> {
    let mut sounds = Vec::with_capacity(letters.len());
    let mut at = 0;
    while at < letters.len() {
        let rules = RULES[usize::from(letters[at] - b'a')];
        let rule = rules.iter().find(|rule| matches(rule, letters, at));
        let (spelling, sound) = rule.map_or(("?", ""), |&(_, spelling, _, sound)| (spelling, sound));
        sounds.extend(sound.chars());
        at += spelling.len();
    }
    sounds.dedup_by(|b, a| a == b && !is_nucleus(*a));
    sounds
}

fn matches(&(before, spelling, after, _): &Rule, letters: &[u8], at: usize) -> bool {
    letters[at..].starts_with(spelling.as_bytes())
        && follows(after.as_bytes(), letters, at + spelling.len())
        && precedes(before.as_bytes(), letters, at)
}

/// Whether the letters from `at` on match the context `signs`.
fn follows(signs: &[u8], letters: &[u8], at: usize) -> bool {
    let Some((&sign, rest)) = signs.split_first() else { return true };
    match (sign, letters.get(at)) {
        (b'_', letter) => letter.is_none(),
        (b'S', _) => SILENT_E.iter().any(|ending| &letters[at.min(letters.len())..] == ending.as_bytes()),
        (b'K', letter) => {
            follows(rest, letters, at)
                || letter.is_some_and(|&l| !is_vowel(l)) && follows(signs, letters, at + 1)
        }
        (_, letter) => letter.is_some_and(|&l| is_sign(sign, l)) && follows(rest, letters, at + 1),
    }
}

/// Whether the letters before `at` match the context `signs`, read from its end.
fn precedes(signs: &[u8], letters: &[u8], at: usize) -> bool {
    let Some((&sign, rest)) = signs.split_last() else { return true };
    let letter = at.checked_sub(1).map(|i| letters[i]);
    match (sign, letter) {
        (b'_', letter) => letter.is_none(),
        (b'K', letter) => {
            precedes(rest, letters, at)
                || letter.is_some_and(|l| !is_vowel(l)) && precedes(signs, letters, at - 1)
        }
        (_, letter) => letter.is_some_and(|l| is_sign(sign, l)) && precedes(rest, letters, at - 1),
    }
}

fn is_sign(sign: u8, letter: u8) -> bool {
    match sign {
        b'V' => is_vowel(letter),
        b'C' => !is_vowel(letter),
        b'F' => matches!(letter, b'e' | b'i' | b'y'),
        plain => plain == letter,
    }
}

/// Writes the sounds with stress before the vowel that carries it, and reduces the vowels that carry none.
///
/// The place is that of the ending if it decides, else the first of two syllables, else the last but one if it is
/// heavy (a long vowel, or two consonants after it), else the one before.
fn stress(letters: &[u8], sounds: &[char]) -> Option<String> {
    let nuclei: Vec<usize> = (0..sounds.len()).filter(|&i| is_nucleus(sounds[i])).collect();
    let can_carry = |n: usize| !matches!(sounds[nuclei[n]], 'ə' | 'ᵊ' | 'ᵻ');
    let count = nuclei.len();
    let wanted = wanted_syllable(letters, sounds, &nuclei)?;
    let primary = (0..count).filter(|&n| can_carry(n)).min_by_key(|&n| n.abs_diff(wanted)).unwrap_or(wanted);

    let mut out = String::with_capacity(sounds.len() * 2 + 4);
    let mut syllable = 0;
    for (i, &sound) in sounds.iter().enumerate() {
        if !is_nucleus(sound) {
            out.push(sound);
            continue;
        }
        let n = syllable;
        syllable += 1;
        let secondary = can_carry(n)
            && (n == 0 && primary >= 2
                || n == primary + 2 && "AIOWYiuɑæɛ".contains(sound) && i + 1 < sounds.len());
        if n == primary {
            out.push(PRIMARY);
            out.push(if sound == 'ə' { 'ʌ' } else { sound });
        } else if secondary {
            out.push(SECONDARY);
            out.push(sound);
        } else {
            out.push(match sound {
                'æ' | 'ʌ' | 'ɑ' | 'ɛ' if n > 0 && n + 1 < count => 'ə',
                'ɜ' => 'ə',
                kept => kept,
            });
        }
    }
    Some(out)
}

fn wanted_syllable(letters: &[u8], sounds: &[char], nuclei: &[usize]) -> Option<usize> {
    let last = nuclei.len().checked_sub(1)?;
    if STRESS_ON.iter().any(|ending| letters.ends_with(ending.as_bytes())) {
        return Some(last);
    }
    let before = STRESS_BEFORE.iter().filter(|(ending, _)| letters.ends_with(ending.as_bytes()));
    if let Some(&(_, own)) = before.max_by_key(|(ending, _)| ending.len()) {
        return Some((last + 1).saturating_sub(own + 1));
    }
    if last < 2 {
        return Some(0);
    }
    let penult = nuclei[last - 1];
    let long = "AIOWYiuɔɜ".contains(sounds[penult]);
    Some(if long || nuclei[last] - penult > 2 { last - 1 } else { last - 2 })
}

/// An American t between a vowel and a vowel without stress is a tap, which the models know as `T`.
fn flap(stressed: &str) -> String {
    let sounds: Vec<char> = stressed.chars().collect();
    let tapped = |i: usize| {
        i > 0 && is_nucleus(sounds[i - 1]) && sounds.get(i + 1).is_some_and(|&next| is_nucleus(next))
    };
    sounds.iter().enumerate().map(|(i, &s)| if s == 't' && tapped(i) { 'T' } else { s }).collect()
}

/// American sounds as a speaker of British English has them: no r but before a vowel, long vowels marked.
fn british(stressed: &str) -> String {
    let sounds: Vec<char> = stressed.chars().collect();
    let mut out = String::with_capacity(stressed.len() + 8);
    let mut i = 0;
    while i < sounds.len() {
        let next = sounds.get(i + 1).copied();
        let after_r = sounds.get(i + 2).copied();
        let r_is_heard = after_r.is_some_and(|s| is_nucleus(s) || s == PRIMARY || s == SECONDARY);
        let strong = i > 0 && matches!(sounds[i - 1], PRIMARY | SECONDARY);
        let with_r = next == Some('ɹ');
        let sound: &str = match sounds[i] {
            'ɑ' if with_r => "ɑː",
            'ɔ' => "ɔː",
            'ɜ' => "ɜː",
            'ɛ' if with_r && !r_is_heard => "ɛː",
            'ɪ' if with_r && !r_is_heard => "ɪə",
            'ʊ' if with_r && !r_is_heard => "ʊə",
            'ɑ' => "ɒ",
            'æ' => "a",
            'O' => "Q",
            'ᵻ' => "ɪ",
            'T' => "t",
            'i' if strong => "iː",
            'u' => "uː",
            'ɹ' => {
                let heard = next.is_some_and(|s| is_nucleus(s) || s == PRIMARY || s == SECONDARY);
                let coloured = i > 0 && is_nucleus(sounds[i - 1]);
                if heard || !coloured { "ɹ" } else { "" }
            }
            other => {
                out.push(other);
                ""
            }
        };
        out.push_str(sound);
        i += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::token_id;
    use proptest::prelude::*;

    fn us(word: &str) -> String {
        LetterToSound::new(Language::EnUs).pronounce(word).unwrap()
    }

    fn gb(word: &str) -> String {
        LetterToSound::new(Language::EnGb).pronounce(word).unwrap()
    }

    #[test]
    fn regular_words_sound_regular() {
        for (word, sound) in [
            ("blick", "blˈɪk"),
            ("frobe", "fɹˈOb"),
            ("knight", "nˈIt"),
            ("shirley", "ʃˈɜɹli"),
            ("Harvard", "hˈɑɹvəɹd"),
            ("zation", "zˈAʃən"),
            ("grokking", "ɡɹˈɑkɪŋ"),
        ] {
            assert_eq!(us(word), sound, "{word}");
        }
    }

    #[test]
    fn british_and_american_differ_in_r_and_vowels() {
        assert_eq!(gb("Shirley"), "ʃˈɜːli");
        assert_eq!(gb("frobe"), "fɹˈQb");
        assert_eq!(gb("black"), "blˈak");
        assert_eq!(gb("marten"), "mˈɑːtən");
    }

    #[test]
    fn endings_decide_the_stress() {
        assert!(us("frobnication").ends_with("ˈAʃən"));
        assert!(us("blarkic").starts_with("blˈ"));
        assert!(us("dromology").contains("ˈ"));
    }

    #[test]
    fn a_tap_stands_between_vowels_in_american_only() {
        assert!(us("blotter").contains('T'));
        assert!(!gb("blotter").contains('T'));
    }

    #[test]
    fn a_word_without_vowels_is_not_for_letter_rules() {
        assert_eq!(LetterToSound::new(Language::EnUs).pronounce("xkcd"), None);
        assert_eq!(LetterToSound::new(Language::EnUs).pronounce(""), None);
    }

    #[test]
    fn every_letter_ends_with_a_rule_that_always_matches() {
        for (rules, letter) in RULES.iter().zip('a'..='z') {
            let &(before, spelling, after, _) = rules.last().unwrap();
            assert_eq!((before, spelling, after), ("", letter.to_string().as_str(), ""));
            assert!(rules.iter().all(|(_, spelling, _, _)| spelling.starts_with(letter)));
        }
    }

    proptest! {
        #[test]
        fn any_word_sounds_in_the_vocabulary_with_one_primary_stress(word in "[a-zA-Z]{1,24}") {
            for language in [Language::EnUs, Language::EnGb] {
                if let Some(sound) = LetterToSound::new(language).pronounce(&word) {
                    prop_assert!(sound.chars().all(|c| token_id(c).is_some()), "{sound}");
                    prop_assert_eq!(sound.matches(PRIMARY).count(), 1, "{}", sound);
                }
            }
        }
    }
}
