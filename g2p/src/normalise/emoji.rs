//! Pictures in the text, by their names.
//!
//! Pictures in a row are one reading: each name once, no more than [`MOST_NAMED`], and not the tone of a skin.
//! Smileys made of marks, such as `:-)`, are a tone of voice and silent; `<3` is "heart".

use crate::normalise::place::Place;
use crate::normalise::{Emoji, Reading};

/// The most names that are said for pictures in a row.
const MOST_NAMED: usize = 4;

/// Names that are said in another way than the Unicode names.
#[rustfmt::skip]
const NAMES: &[(&str, &str)] = &[
    ("❤", "heart"), ("♥", "heart"), ("✅", "check mark"), ("✔", "check mark"), ("☑", "check mark"), ("❌", "cross mark"),
    ("✖", "cross mark"), ("🥇", "gold medal"), ("🥈", "silver medal"), ("🥉", "bronze medal"), ("🔟", "ten"), ("🔞", "no one under eighteen"),
    ("😀", "grinning face"), ("😂", "tears of joy"), ("🤣", "rolling on the floor laughing"), ("💯", "hundred points"), ("⭐", "star"),
    ("🔢", "input numbers"), ("🆗", "okay"), ("🆒", "cool"), ("🆕", "new"), ("🆓", "free"), ("🆘", "S O S"), ("🆚", "versus"),
    ("🅰", "A button"), ("🅱", "B button"), ("🅾", "O button"), ("🔤", "input letters"), ("➡", "right arrow"), ("⬅", "left arrow"),
];

/// Smileys, the longer before those that they begin with.
#[rustfmt::skip]
const SMILEYS: &[&str] = &[
    ":'-(", ":'(", ":-)", ":-(", ":-D", ":-P", ":-p", ":-/", ":-|", ":-O", ":-o", ":-*", ";-)", "=)", ":)", ":(", ":D", ":P", ":p", ":/",
    ":|", ":O", ":o", ":*", ";)", ";D", "^_^", "^^", "-_-", "o_O", "O_o", ">:(", "xD", "\\_(ツ)_/",
];

/// Reads pictures in a row, and smileys.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let here = place.here()?;
    if here.is_ascii() && !here.is_ascii_digit() {
        return keycap(place.rest()).and_then(|_| pictures(place)).or_else(|| smiley(place));
    }
    if is_picture(here) || here.is_ascii_digit() && keycap(place.rest()).is_some() {
        return pictures(place);
    }
    None
}

fn pictures(place: &Place) -> Option<Reading> {
    let rest = place.rest();
    let mut names: Vec<String> = Vec::new();
    let mut end = 0;
    let mut at = 0;
    while let Some(len) = cluster(&rest[at..]) {
        let name = name(&rest[at..at + len]);
        if !name.is_empty() && names.len() < MOST_NAMED && !names.contains(&name) {
            names.push(name);
        }
        end = at + len;
        at = end + usize::from(rest[end..].starts_with(' '));
    }
    if end == 0 {
        return None;
    }
    // A row longer than a class can see is read in pieces: those after the first are silent.
    let goes_on = place.before().trim_end().ends_with(is_picture);
    let silent = place.emoji() == Emoji::Dropped || goes_on;
    Some(Reading { end: place.at() + end, words: if silent { String::new() } else { names.join(", ") } })
}

/// The bytes of the one picture that `text` begins with.
fn cluster(text: &str) -> Option<usize> {
    let mut characters = text.char_indices().peekable();
    let (_, first) = characters.next()?;
    if let Some(len) = keycap(text) {
        return Some(len);
    }
    if !is_picture(first) {
        return None;
    }
    if is_region(first) {
        characters.next_if(|&(_, c)| is_region(c));
        return Some(characters.peek().map_or(text.len(), |&(at, _)| at));
    }
    while let Some((_, c)) = characters.next_if(|&(_, c)| {
        matches!(c, '\u{fe0e}' | '\u{fe0f}' | '\u{20e3}' | '\u{200d}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e007f}')
    }) {
        if c == '\u{200d}' {
            characters.next_if(|&(_, c)| is_picture(c) || matches!(c, '♀' | '♂' | '⚕' | '⚖' | '✈' | '➡' | '↔' | '↕'));
        }
    }
    Some(characters.peek().map_or(text.len(), |&(at, _)| at))
}

/// The bytes of a key with a digit or sign on it.
fn keycap(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(|c: char| matches!(c, '0'..='9' | '#' | '*'))?;
    let rest = rest.strip_prefix('\u{fe0f}').unwrap_or(rest);
    rest.strip_prefix('\u{20e3}').map(|rest| text.len() - rest.len())
}

fn is_region(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Whether `c` begins a picture, or a piece of one that a class did not see whole.
fn is_picture(c: char) -> bool {
    match c {
        '\u{1f000}'..='\u{1faff}' | '\u{fe0f}' | '\u{200d}' => true,
        // Marks of the text that are pictures to Unicode as well.
        '©' | '®' | '™' | '‼' | '⁉' | 'ℹ' | '↔'..='↪' | '▪' | '▫' | '〰' | '〽' => false,
        '\u{2300}'..='\u{23ff}' | '\u{25aa}'..='\u{2bff}' | '\u{3297}' | '\u{3299}' => {
            emojis::get(c.encode_utf8(&mut [0; 4])).is_some()
        }
        _ => false,
    }
}

/// The words for one picture; none where it has no name.
fn name(picture: &str) -> String {
    if let Some(key) = keycap(picture).and(picture.chars().next()) {
        return match key {
            '#' => "hash".to_owned(),
            '*' => "star".to_owned(),
            digit => crate::normalise::numerals::each(digit.encode_utf8(&mut [0; 4])),
        };
    }
    let plain: String = picture
        .chars()
        .filter(|c| !matches!(c, '\u{fe0e}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}'))
        .collect();
    if let Some((_, name)) = NAMES.iter().find(|(known, _)| *known == plain) {
        return (*name).to_owned();
    }
    let known = emojis::get(picture).or_else(|| emojis::get(&plain));
    let Some(emoji) = known else {
        let mut parts: Vec<String> = Vec::new();
        for part in plain.split('\u{200d}').filter(|part| *part != plain && !part.is_empty()) {
            parts.extend(Some(name(part)).filter(|name| !name.is_empty() && !parts.contains(name)));
        }
        return parts.join(" ");
    };
    let (subject, detail) = emoji.name().split_once(": ").unwrap_or((emoji.name(), ""));
    let named = match subject {
        "flag" => format!("{detail} flag"),
        "family" | "keycap" => subject.to_owned(),
        _ => {
            let detail: Vec<&str> =
                detail.split(", ").filter(|part| !part.is_empty() && !part.ends_with("skin tone")).collect();
            if detail.is_empty() { subject.to_owned() } else { format!("{subject} {}", detail.join(" ")) }
        }
    };
    plain_words(&named)
}

/// A name in plain words.
fn plain_words(name: &str) -> String {
    let mut words = String::with_capacity(name.len());
    for c in name.replace('&', "and").replace("St. ", "Saint ").chars() {
        match c {
            c if c.is_alphanumeric() => words.push(c),
            '\'' | '’' => words.push('\''),
            _ if words.ends_with(' ') || words.is_empty() => {}
            _ => words.push(' '),
        }
    }
    words.trim_end().to_owned()
}

/// `:-)` after white space and before white space or a mark.
fn smiley(place: &Place) -> Option<Reading> {
    if place.previous().is_some_and(|c| !c.is_whitespace()) {
        return None;
    }
    let rest = place.rest();
    let ends = |len: usize| {
        rest[len..].chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, '.' | ',' | '!' | '?'))
    };
    if rest.starts_with("<3") && ends(2) {
        return Some(Reading { end: place.at() + 2, words: "heart".to_owned() });
    }
    let smiley = SMILEYS.iter().find(|smiley| rest.starts_with(**smiley) && ends(smiley.len()))?;
    Some(Reading { end: place.at() + smiley.len(), words: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::{Normaliser, said};

    #[test]
    fn pictures_have_names() {
        for (text, expected) in [
            ("I ❤️ you.", "I heart you."),
            ("OK ✅ done ❌ fail.", "OK check mark done cross mark fail."),
            ("Thumbs up 👍🏽.", "Thumbs up thumbs up."),
            ("👍🏻👍🏿", "thumbs up"),
            ("🎉🎊 Party", "party popper, confetti ball Party"),
            ("🎉 🎉 🎉 yay", "party popper yay"),
            ("wow🎉wow", "wow party popper wow"),
            ("🇺🇸", "United States flag"),
            ("🇬🇧 and 🇯🇵", "United Kingdom flag and Japan flag"),
            ("🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", "England flag"),
            ("👨\u{200d}👩\u{200d}👧 time", "family time"),
            ("👩\u{200d}💻", "woman technologist"),
            ("👩🏽\u{200d}🚀", "woman astronaut"),
            ("🤷\u{200d}♂\u{fe0f}", "man shrugging"),
            ("🏳\u{fe0f}\u{200d}🌈", "rainbow flag"),
            ("1\u{fe0f}\u{20e3} first", "one first"),
            ("🔟", "ten"),
            ("🥇", "gold medal"),
            ("😀", "grinning face"),
            ("😂!", "tears of joy!"),
            ("⭐ review", "star review"),
            ("♥", "heart"),
            ("🚀 launch 🔥", "rocket launch fire"),
            ("🐈\u{200d}⬛", "black cat"),
            ("☕", "hot beverage"),
            ("Great :-)", "Great"),
            ("Fine ;) then", "Fine then"),
            ("I <3 you", "I heart you"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn marks_are_no_smileys() {
        for text in ["Note: (this)", "a ratio of x:y", "one (or two:)", "He said: Do"] {
            assert_eq!(said(text), text);
        }
    }

    #[test]
    fn a_row_of_pictures_is_said_in_few_words_however_long() {
        assert_eq!(said(&"🎉".repeat(10_000)), "party popper");
        assert_eq!(
            said("😀😎🤔😴🙃🐶"),
            "grinning face, smiling face with sunglasses, thinking face, sleeping face"
        );
        assert!(said(&"😀😎🤔😴🙃🐶🦊🐱".repeat(500)).len() < 100);
    }

    #[test]
    fn pictures_may_be_left_out() {
        let quiet = Normaliser { emoji: Emoji::Dropped, ..Normaliser::default() };
        assert_eq!(quiet.normalise("Great 🎉 job").text, "Great job");
    }

    #[test]
    fn every_known_picture_has_a_name_of_plain_words() {
        for emoji in emojis::iter() {
            let name = name(emoji.as_str());
            assert!(
                !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '\'')),
                "{emoji}: {name}"
            );
        }
    }
}
