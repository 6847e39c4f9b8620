//! How the parts of one word go together: spaces between them, and which of their stresses stays.

use super::stress;
use super::subtokens::is_apostrophe;
use super::token::{Sound, Token};
use super::words::is_pause;
use crate::reason::Reason;

/// Whether `c` joins parts without a sound.
pub(super) fn is_silent(c: char) -> bool {
    is_apostrophe(c) || matches!(c, ',' | '-' | '.' | '_' | '/')
}

/// Settles spaces and stress between the parts of one word; sounds that are still missing stay so.
pub(super) fn settle(parts: &mut [Token<'_>]) {
    let apart = stand_apart(parts);
    let last = parts.len().saturating_sub(1);
    for (i, part) in parts.iter_mut().enumerate() {
        if part.sound.is_some() {
            part.apart = i > 0 && apart;
        } else if i == last && part.text.chars().all(is_pause) && part.text.chars().count() == 1 {
            part.sound = Some(Sound::mark(part.text.as_ref()));
        } else if part.text.chars().all(is_silent) {
            part.sound = Some(Sound::mark(""));
        }
    }
    if !apart {
        give_way(parts);
    }
}

/// Parts numbers that follow each other.
pub(super) fn part_numbers(parts: &mut [Token<'_>]) {
    let mut last = None;
    for part in parts.iter_mut().filter(|part| !part.phonemes().is_empty()) {
        let reason = part.sound.as_ref().map(|sound| sound.reason);
        part.apart |= reason == Some(Reason::Number) && reason == last;
        last = reason;
    }
}

/// Whether the parts are of more than one kind (letters, digits, symbols), or divided by a slash.
fn stand_apart(parts: &[Token<'_>]) -> bool {
    let mut kinds = [false; 3];
    for c in parts.iter().flat_map(|part| part.text.chars()) {
        if c == '/' {
            return true;
        }
        if !is_silent(c) {
            let kind = if c.is_alphabetic() { 0 } else { 2 - usize::from(c.is_ascii_digit()) };
            kinds[kind] = true;
        }
    }
    kinds.into_iter().filter(|&kind| kind).count() > 1
}

/// Weakens the lighter half of the parts where more than half of them carry a primary stress.
fn give_way(parts: &mut [Token<'_>]) {
    let mut sounding: Vec<(bool, usize, usize)> = parts
        .iter()
        .enumerate()
        .filter(|(_, part)| !part.phonemes().is_empty())
        .map(|(i, part)| {
            let phonemes = part.phonemes();
            (phonemes.contains(stress::PRIMARY), stress::weight(phonemes), i)
        })
        .collect();
    let count = sounding.len();
    let stressed = sounding.iter().filter(|&&(primary, ..)| primary).count();
    if count == 2 && parts[sounding[0].2].text.chars().count() == 1 {
        sounding.remove(0);
    } else if count < 2 || stressed <= count.div_ceil(2) {
        return;
    } else {
        sounding.sort_unstable();
        sounding.truncate(count / 2);
    }
    for (_, _, i) in sounding {
        if let Some(sound) = &mut parts[i].sound {
            sound.phonemes = stress::set(&sound.phonemes, -0.5);
        }
    }
}

/// The phonemes of all parts, in order; `missing` once for each part without a sound.
pub(super) fn join(parts: &[Token<'_>], missing: char) -> String {
    let mut phonemes = String::new();
    for part in parts {
        if part.apart && !phonemes.is_empty() && !phonemes.ends_with(' ') && !part.phonemes().is_empty() {
            phonemes.push(' ');
        }
        match &part.sound {
            Some(sound) => phonemes.push_str(&sound.phonemes),
            None => phonemes.push(missing),
        }
    }
    phonemes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(parts: &[(&'static str, Option<&str>)]) -> String {
        let mut parts: Vec<_> = parts
            .iter()
            .map(|&(text, phonemes)| {
                let mut part = Token::new(text, 0..text.len(), "NN", false);
                part.sound = phonemes.map(Sound::mark);
                part
            })
            .collect();
        settle(&mut parts);
        join(&parts, '?')
    }

    #[test]
    fn parts_of_different_kinds_stand_apart() {
        assert_eq!(
            settled(&[("24", Some("twˈɛnti fˈɔɹ")), ("-", None), ("bit", Some("bˈɪt"))]),
            "twˈɛnti fˈɔɹ bˈɪt"
        );
        assert_eq!(settled(&[("and", Some("ænd")), ("/", None), ("or", Some("ɔɹ"))]), "ænd ɔɹ");
    }

    #[test]
    fn the_lighter_parts_of_a_compound_give_way() {
        assert_eq!(settled(&[("x", Some("ˈɛks")), ("ray", Some("ɹˈA"))]), "ˈɛksɹˌA");
        assert_eq!(settled(&[("well", Some("wˈɛl")), ("-", None), ("known", Some("nˈOn"))]), "wˌɛlnˈOn");
        assert_eq!(settled(&[("a", Some("ɐ")), ("b", None), ("!", None)]), "ɐ?!");
    }
}
