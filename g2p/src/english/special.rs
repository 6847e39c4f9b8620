//! Words whose sound hangs on what stands around them: articles, "to", "in", "used", and letters with dots.

use super::lexicon::{self, Lexicon, parent};
use super::stress::Level;
use super::token::{Context, Sound};
use crate::reason::Reason;

/// The sound of a word that has a rule of its own.
pub(super) fn word(
    lexicon: &Lexicon,
    word: &str,
    tag: &str,
    level: Option<Level>,
    context: Context,
) -> Option<Sound> {
    let sound = |phonemes: &str| Some(Sound::new(phonemes, Reason::Lexicon));
    if tag == "ADD" && matches!(word, "." | "/") {
        let name = if word == "." { "dot" } else { "slash" };
        return lexicon.look_up(name, "", Some(-0.5), Some(context));
    }
    if let Some(name) = lexicon::symbol(word) {
        return lexicon.look_up(name, "", None, Some(context));
    }
    if is_dotted(word) {
        return lexicon.letters(word);
    }
    let noun = tag.starts_with("NN");
    match word {
        "a" | "A" => sound(if tag == "DT" { "ɐ" } else { "ˈA" }),
        "am" | "Am" | "AM" | "AN" if noun => lexicon.letters(word),
        "am" | "Am" | "AM" => {
            if context.vowel.is_none() || word != "am" || level.is_some_and(|level| level > 0.0) {
                lexicon.reading("am", "DEFAULT").and_then(sound)
            } else {
                sound("ɐm")
            }
        }
        "an" | "An" | "AN" => sound("ɐn"),
        "I" if tag == "PRP" => sound("ˌI"),
        "by" | "By" | "BY" if parent(tag) == "ADV" => sound("bˈI"),
        "to" | "To" | "TO" if word != "TO" || matches!(tag, "TO" | "IN") => match context.vowel {
            None => lexicon.reading("to", "DEFAULT").and_then(sound),
            Some(false) => sound("tə"),
            Some(true) => sound("tʊ"),
        },
        "in" | "In" | "IN" if word != "IN" || tag != "NNP" => {
            sound(if context.vowel.is_none() || tag != "IN" { "ˈɪn" } else { "ɪn" })
        }
        "the" | "The" | "THE" if word != "THE" || tag == "DT" => {
            sound(if context.vowel == Some(true) { "ði" } else { "ðə" })
        }
        _ if tag == "IN" && (word.eq_ignore_ascii_case("vs") || word.eq_ignore_ascii_case("vs.")) => {
            lexicon.look_up("versus", "", None, Some(context))
        }
        "used" | "Used" | "USED" => {
            let accustomed = matches!(tag, "VBD" | "JJ") && context.to;
            let key = if accustomed { "VBD" } else { "DEFAULT" };
            lexicon.reading("used", key).map(|used| Sound::new(used, Reason::Homograph))
        }
        _ => None,
    }
}

/// Whether the tag of `word` decides what [`word`] says of it; `None` for words without a rule of their own.
///
/// For words in small letters but for the first.
pub(super) fn depends_on_tag(word: &str) -> Option<bool> {
    match word {
        "the" | "The" | "to" | "To" | "an" | "An" => Some(false),
        "a" | "A" | "I" | "am" | "Am" | "by" | "By" | "in" | "In" | "used" | "Used" | "vs" | "Vs" => {
            Some(true)
        }
        _ => None,
    }
}

/// Whether `word` is letters with dots between them, never three in a row.
fn is_dotted(word: &str) -> bool {
    word.trim_matches('.').contains('.')
        && word.chars().all(|c| c == '.' || c.is_alphabetic())
        && word.split('.').all(|part| part.chars().nth(2).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_with_dots_are_told_from_abbreviated_words() {
        for dotted in ["U.S.", "a.m", "K.T.V", "Ph.D"] {
            assert!(is_dotted(dotted), "{dotted}");
        }
        for word in ["Mr.", "etc.", "Inc.", "file.rs2", "libc.a", "..."] {
            assert!(!is_dotted(word), "{word}");
        }
    }
}
