//! Numbers of digits, as misaki reads them: years, ordinals, decimals, amounts of money, groups digit by digit.

use super::endings;
use super::lexicon::Lexicon;
use super::token::Sound;
use crate::numerals;
use crate::reason::Reason;

/// Signs of currencies, with the names of the unit and of its hundredth.
const CURRENCIES: [(char, &str, &str); 3] =
    [('$', "dollar", "cent"), ('£', "pound", "pence"), ('€', "euro", "cent")];

/// The most digits that are read as one number.
const MAX_DIGITS: usize = 18;

const ORDINALS: [&str; 4] = ["st", "nd", "rd", "th"];

/// The endings that a number may have.
const ENDINGS: [&str; 9] = ["ing", "'d", "ed", "'s", "st", "nd", "rd", "th", "s"];

/// The currency that `sign` stands for.
pub(super) fn currency(sign: &str) -> Option<char> {
    CURRENCIES.iter().map(|&(sign, ..)| sign).find(|&s| sign.chars().eq([s]))
}

/// The unit of a currency in the plural.
pub(super) fn units(lexicon: &Lexicon, sign: char) -> Option<String> {
    let &(_, unit, _) = CURRENCIES.iter().find(|&&(s, ..)| s == sign)?;
    lexicon.s(&format!("{unit}s"), "", None, None).map(|sound| sound.phonemes)
}

/// Whether `word` is digits, with marks between them and an ending; a sign only at the `head` of a word.
pub(super) fn is_number(word: &str, head: bool) -> bool {
    if !word.bytes().any(|b| b.is_ascii_digit()) {
        return false;
    }
    let stem = ENDINGS.iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word);
    let stem = stem.strip_prefix('-').filter(|_| head).unwrap_or(stem);
    stem.bytes().all(|b| b.is_ascii_digit() || b == b',' || b == b'.')
}

/// The sound of a word that [is a number](is_number).
///
/// `head` tells whether it begins its word; later numbers, as in "R2D2", are read in smaller pieces.
pub(super) fn read(lexicon: &Lexicon, word: &str, currency: Option<char>, head: bool) -> Option<Sound> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_lowercase() || c == '\'');
    let ending = &word[digits.len()..];
    let mut said = Said { lexicon, phonemes: String::new() };
    let number = match digits.strip_prefix('-') {
        Some(number) => {
            said.word("minus")?;
            number
        }
        None => digits,
    };
    said.number(number, ending, currency, head)?;
    let british = lexicon.british;
    let phonemes = match ending {
        "s" | "'s" => endings::s(&said.phonemes, british),
        "ed" | "'d" => endings::ed(&said.phonemes, british),
        "ing" => endings::ing(&said.phonemes, british),
        _ => Some(said.phonemes).filter(|phonemes| !phonemes.is_empty()),
    };
    Some(Sound::new(phonemes?, Reason::Number))
}

struct Said<'a> {
    lexicon: &'a Lexicon,
    phonemes: String,
}

impl Said<'_> {
    fn number(&mut self, number: &str, ending: &str, currency: Option<char>, head: bool) -> Option<()> {
        let ordinal = ORDINALS.contains(&ending);
        let whole = is_digits(number);
        let plain = number.replace(',', "");
        let points = number.matches('.').count();
        if plain.bytes().filter(u8::is_ascii_digit).count() > MAX_DIGITS {
            return self.one_by_one(&plain);
        }
        if whole && ordinal {
            self.words(&numerals::ordinal(&in_words(whole_number(number))))
        } else if whole && number.len() == 4 && currency.is_none() && self.phonemes.is_empty() {
            self.words(&numerals::year(number.parse().ok()?))
        } else if !head && points == 0 {
            self.group(&plain)
        } else if points > 1 || !head {
            plain.split('.').filter(|part| !part.is_empty()).try_for_each(|part| {
                let long = part.len() != 2 && part.bytes().skip(1).any(|b| b != b'0');
                if part.starts_with('0') || long { self.one_by_one(part) } else { self.cardinal(part) }
            })
        } else if let Some(sign) = currency.filter(|_| is_amount(number)) {
            self.amount(&plain, sign)
        } else if points == 0 {
            if ordinal {
                self.words(&numerals::ordinal(&in_words(whole_number(&plain))))
            } else {
                self.cardinal(&plain)
            }
        } else {
            self.decimal(&plain)
        }
    }

    /// A number inside a word: of three digits as one says house numbers, longer ones digit by digit.
    fn group(&mut self, number: &str) -> Option<()> {
        match number.as_bytes() {
            [b'0', ..] | [_, _, _, _, ..] => self.one_by_one(number),
            [_, b'0', b'0'] => self.cardinal(number),
            [_, b'0', _] => {
                self.cardinal(&number[..1])?;
                let oh = self.lexicon.look_up("O", "", Some(-2.0), None)?;
                self.push(&oh.phonemes);
                self.cardinal(&number[2..])
            }
            [_, _, _] => {
                self.cardinal(&number[..1])?;
                self.cardinal(&number[1..])
            }
            _ => self.cardinal(number),
        }
    }

    /// Units and hundredths of a currency; what is nought is not said.
    fn amount(&mut self, number: &str, sign: char) -> Option<()> {
        let &(_, unit, hundredth) = CURRENCIES.iter().find(|&&(s, ..)| s == sign)?;
        let (units, hundredths) = number.split_once('.').unwrap_or((number, ""));
        let mut parts = vec![(whole_number(units), unit), (whole_number(hundredths), hundredth)];
        if parts[1].0 == 0 {
            parts.pop();
        } else if parts[0].0 == 0 {
            parts.remove(0);
        }
        for (i, &(count, name)) in parts.iter().enumerate() {
            if i > 0 {
                self.word("and")?;
            }
            self.words(&in_words(count))?;
            if count == 1 || name == "pence" {
                self.word(name)?;
            } else {
                let names = self.lexicon.s(&format!("{name}s"), "", None, None)?;
                self.push(&names.phonemes);
            }
        }
        Some(())
    }

    fn decimal(&mut self, number: &str) -> Option<()> {
        let (whole, fraction) = number.split_once('.')?;
        // One that begins with the point keeps its last noughts; any other is read as the quantity that it is.
        let fraction = if whole.is_empty() { fraction } else { fraction.trim_end_matches('0') };
        if !whole.is_empty() {
            self.cardinal(whole)?;
        }
        if fraction.is_empty() {
            return Some(());
        }
        let point = self.lexicon.look_up("point", "", Some(-2.0), None)?;
        self.push(&point.phonemes);
        self.one_by_one(fraction)
    }

    fn one_by_one(&mut self, digits: &str) -> Option<()> {
        self.words(&numerals::each(digits))
    }

    fn cardinal(&mut self, digits: &str) -> Option<()> {
        self.words(&in_words(whole_number(digits)))
    }

    fn words(&mut self, words: &str) -> Option<()> {
        words.split_whitespace().try_for_each(|word| self.word(word))
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let sound = self.lexicon.look_up(word, "", None, None)?;
        self.push(&sound.phonemes);
        Some(())
    }

    fn push(&mut self, phonemes: &str) {
        if !self.phonemes.is_empty() {
            self.phonemes.push(' ');
        }
        self.phonemes.push_str(phonemes);
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a number has no more than two places after the point, as money has.
fn is_amount(number: &str) -> bool {
    number.split_once('.').is_none_or(|(_, hundredths)| hundredths.len() < 3)
}

fn in_words(number: u64) -> String {
    numerals::cardinal(&number.to_string())
}

/// The number that at most [`MAX_DIGITS`] digits stand for; nought for none.
fn whole_number(digits: &str) -> u64 {
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use std::sync::LazyLock;

    static US: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::load(Language::EnUs));

    fn says(words: &str) -> String {
        let sounds = words.split(' ').map(|word| match word {
            "point" => US.look_up(word, "", Some(-2.0), None).unwrap().phonemes,
            _ => US.look_up(word, "", None, None).or_else(|| US.s(word, "", None, None)).unwrap().phonemes,
        });
        sounds.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn numbers_are_read_as_what_they_are() {
        for (number, words) in [
            ("5", "five"),
            ("1,234", "one thousand two hundred thirty four"),
            ("1984", "nineteen eighty four"),
            ("21st", "twenty first"),
            ("3.140", "three point one four"),
            (".50", "point five zero"),
            ("2.0.1", "two zero one"),
            ("-40", "minus forty"),
            ("1,000th", "one thousandth"),
        ] {
            assert!(is_number(number, true), "{number}");
            assert_eq!(read(&US, number, None, true).unwrap().phonemes, says(words), "{number}");
        }
        assert_eq!(read(&US, "305", None, false).unwrap().phonemes.matches(' ').count(), 2);
        assert_eq!(read(&US, "1990s", None, true).unwrap().phonemes, says("nineteen ninety") + "z");
    }

    #[test]
    fn money_has_two_units() {
        for (number, sign, words) in [
            ("5.99", '$', "five dollars and ninety nine cents"),
            ("1.01", '$', "one dollar and one cent"),
            ("0.50", '€', "fifty cents"),
            ("20.00", '£', "twenty pounds"),
            ("1.05", '£', "one pound and five pence"),
        ] {
            assert_eq!(read(&US, number, Some(sign), true).unwrap().phonemes, says(words), "{number}");
        }
    }

    #[test]
    fn a_number_without_end_is_read_digit_by_digit() {
        let said = read(&US, &"7".repeat(100), None, true).unwrap();
        assert_eq!(said.phonemes.split(' ').count(), 100);
    }

    #[test]
    fn not_everything_with_a_digit_is_a_number() {
        assert!(!is_number("a1", true) && !is_number("-5", false) && !is_number("x", true));
        assert!(is_number("20's", false) && is_number("-5", true));
    }
}
