//! From espeak-ng's IPA to the symbols that Kokoro was trained on.
//!
//! Source of the tables: `E2M` of misaki 0.9.4 for English, and the table of its `EspeakG2P` for other languages. A tie
//! `^` stands within a sound that is written with several letters.

use crate::language::Language;

/// Replacements for English, in the order in which they are made.
const ENGLISH: [(&str, &str); 20] = [
    ("ʔˌn\u{329}", "ʔn"),
    ("ʔn\u{329}", "ʔn"),
    ("a^ɪ", "I"),
    ("a^ʊ", "W"),
    ("d^ʒ", "ʤ"),
    ("e^ɪ", "A"),
    ("t^ʃ", "ʧ"),
    ("ɔ^ɪ", "Y"),
    ("ə^l", "ᵊl"),
    ("ʲo", "jo"),
    ("ʲə", "jə"),
    ("e", "A"),
    ("ʲ", ""),
    ("ɚ", "əɹ"),
    ("r", "ɹ"),
    ("x", "k"),
    ("ç", "k"),
    ("ɐ", "ə"),
    ("ɬ", "l"),
    ("\u{303}", ""),
];

const AMERICAN: [(&str, &str); 5] = [("o^ʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ː", "")];

const BRITISH: [(&str, &str); 3] = [("e^ə", "ɛː"), ("iə", "ɪə"), ("ə^ʊ", "Q")];

const EVERY_ENGLISH: [(&str, &str); 4] = [("o", "ɔ"), ("ɾ", "T"), ("ʔ", "t"), ("^", "")];

const OTHERS: [(&str, &str); 13] = [
    ("a^ɪ", "I"),
    ("a^ʊ", "W"),
    ("d^z", "ʣ"),
    ("d^ʒ", "ʤ"),
    ("e^ɪ", "A"),
    ("o^ʊ", "O"),
    ("s^s", "S"),
    ("t^s", "ʦ"),
    ("t^ʃ", "ʧ"),
    ("ɔ^ɪ", "Y"),
    ("ə^ʊ", "Q"),
    ("^", ""),
    ("-", ""),
];

/// What espeak-ng says of a stretch of words, tidied: `(xx)` where it changed languages is taken out, a syllable mark
/// or a line break becomes a single space or nothing.
pub(super) fn tidy(said: &str) -> String {
    let mut out = String::with_capacity(said.len());
    let mut rest = said;
    while let Some((before, after)) = rest.split_once('(') {
        // A flag has a letter at least.
        let Some((_, after)) = after.split_once(')').filter(|(flag, _)| !flag.is_empty()) else { break };
        out.push_str(before);
        rest = after;
    }
    out.push_str(rest);
    let out = out.replace('_', "");
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The symbols for what espeak-ng said, tidied, in `language`.
pub(super) fn symbols(said: &str, language: Language) -> String {
    let replace = |said: String, table: &[(&str, &str)]| {
        table.iter().fold(
            said,
            |said, (old, new)| {
                if said.contains(old) { said.replace(old, new) } else { said }
            },
        )
    };
    let said = said.to_owned();
    match language {
        Language::EnUs | Language::EnGb => {
            let said = syllabic(&replace(said, &ENGLISH));
            let dialect: &[_] = if language == Language::EnGb { &BRITISH } else { &AMERICAN };
            replace(replace(said, dialect), &EVERY_ENGLISH)
        }
        _ => replace(said, &OTHERS),
    }
}

/// A consonant that makes a syllable (U+0329) gets a small schwa before it.
fn syllabic(said: &str) -> String {
    let mut out = String::with_capacity(said.len() + 4);
    let mut symbols = said.chars().peekable();
    while let Some(symbol) = symbols.next() {
        if symbol == '\u{329}' {
            continue;
        }
        if symbols.peek() == Some(&'\u{329}') && !symbol.is_whitespace() {
            out.push('ᵊ');
        }
        out.push(symbol);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_breaks_are_taken_out() {
        assert_eq!(tidy(" (fr)vwal^a(en-us)\n  t_ˈu "), "vwal^a tˈu");
        assert_eq!(tidy("a () b ("), "a () b (");
    }

    #[test]
    fn dialects_differ_where_the_models_do() {
        assert_eq!(symbols("ɹˈo^ʊd", Language::EnUs), "ɹˈOd");
        assert_eq!(symbols("ɹˈə^ʊd", Language::EnGb), "ɹˈQd");
        assert_eq!(symbols("ʃˈɜːli", Language::EnUs), "ʃˈɜɹli");
        assert_eq!(symbols("hˈɜːʃi", Language::EnGb), "hˈɜːʃi");
        assert_eq!(symbols("kˈɪsɪnd^ʒɚ", Language::EnUs), "kˈɪsɪnʤəɹ");
    }

    #[test]
    fn a_syllabic_consonant_gets_its_schwa() {
        assert_eq!(symbols("bˈʌʔn\u{329}", Language::EnUs), "bˈʌtn");
        assert_eq!(symbols("bˈatl\u{329}", Language::EnGb), "bˈatᵊl");
    }

    #[test]
    fn ties_vanish_in_every_language() {
        assert_eq!(symbols("t^ʃˈao k^x-a", Language::It), "ʧˈao kxa");
        assert_eq!(symbols("d^z", Language::EnUs), "dz");
    }
}
