//! Symbols that stand where a word would, and are said by name although the rules for prose leave them silent.

use super::UNPRONOUNCED;
use super::compound::Compound;
use super::token::Sound;
use super::words::{Word, is_mark};
use crate::symbol_names;

/// Names symbols that have no sound yet; one that is part of the markup around a word stays silent and is counted.
pub(super) fn name_all(words: &mut [Word<'_>], compound: &Compound<'_>) {
    let mut begins = true;
    for i in 0..words.len() {
        let next = words.get(i + 1).and_then(|word| word.parts.first()).map(|part| part.text.to_string());
        let next = next.unwrap_or_default();
        let before = begins;
        let Some(last) = words[i].parts.last() else { continue };
        begins = last.spaced;
        let alone = before && (begins || next.is_empty()) && *next != *last.text;
        let [part] = words[i].parts.as_mut_slice() else { continue };
        let mut characters = part.text.chars();
        let (Some(symbol), None, "") = (characters.next(), characters.next(), part.phonemes()) else {
            continue;
        };
        let named = part.sound.is_none() || alone;
        part.sound = match symbol {
            c if c.is_alphabetic() => Some(compound.pronounce(&part.text)),
            '#' if next.starts_with(|c: char| c.is_ascii_digit()) => Some(compound.named("number", 1)),
            '$' | '£' | '€' if next.starts_with(|c: char| c.is_ascii_digit()) => continue,
            c if is_mark(c) => continue,
            c => match symbol_names::name(c) {
                Some(name) if named => Some(compound.named(name, 1)),
                Some(_) => Some(Sound::mark(UNPRONOUNCED)),
                None => continue,
            },
        };
    }
}
