//! Roman numerals where something is numbered: `Chapter IV`, `Henry VIII`, `Rocky II`, `XXth`.

use crate::normalise::place::Place;
use crate::normalise::{Reading, numerals};

/// What is numbered in Roman numerals and read with a cardinal.
const NUMBERED: [&str; 40] = [
    "chapter", "ch", "part", "pt", "act", "scene", "book", "volume", "vol", "section", "sec", "article",
    "art", "appendix", "title", "war", "type", "phase", "stage", "class", "grade", "level", "bowl",
    "episode", "figure", "fig", "table", "unit", "step", "schedule", "annex", "apollo", "saturn", "mark",
    "mk", "factor", "lesson", "division", "canto", "psalm",
];

/// Pages that are numbered in small Roman numerals.
const PAGED: [&str; 10] =
    ["page", "pages", "p", "pp", "footnote", "item", "Scene", "scene", "Act", "Chapter"];

/// Names of rulers and popes, whose number is an ordinal.
const RULERS: [&str; 112] = [
    "Abdulhamid",
    "Adrian",
    "Albert",
    "Alexander",
    "Alexios",
    "Alfonso",
    "Amenhotep",
    "Antiochus",
    "Artaxerxes",
    "Baldwin",
    "Beatrix",
    "Benedict",
    "Boniface",
    "Carlos",
    "Casimir",
    "Catherine",
    "Charles",
    "Christian",
    "Clement",
    "Cleopatra",
    "Constantine",
    "Cyrus",
    "Darius",
    "David",
    "Edmund",
    "Edward",
    "Elizabeth",
    "Emmanuel",
    "Eric",
    "Eugene",
    "Felipe",
    "Ferdinand",
    "Francis",
    "Franz",
    "Frederick",
    "Frederik",
    "Friedrich",
    "George",
    "Gregory",
    "Gustav",
    "Haakon",
    "Harald",
    "Harold",
    "Henri",
    "Henry",
    "Innocent",
    "Isabella",
    "Ivan",
    "James",
    "Joao",
    "John",
    "Joseph",
    "Juan",
    "Julius",
    "Justinian",
    "Karl",
    "Kenneth",
    "Leo",
    "Leopold",
    "Louis",
    "Ludwig",
    "Magnus",
    "Malcolm",
    "Manuel",
    "Margaret",
    "Margrethe",
    "Mary",
    "Matthias",
    "Maximilian",
    "Mehmed",
    "Mohammed",
    "Murad",
    "Mustafa",
    "Napoleon",
    "Nicholas",
    "Olaf",
    "Olav",
    "Oscar",
    "Otto",
    "Paul",
    "Pedro",
    "Peter",
    "Philip",
    "Philippe",
    "Pius",
    "Pope",
    "Ptolemy",
    "Rainier",
    "Ramesses",
    "Ramses",
    "Rama",
    "Richard",
    "Robert",
    "Rudolf",
    "Rudolph",
    "Selim",
    "Sigismund",
    "Sixtus",
    "Stephen",
    "Suleiman",
    "Theodosius",
    "Thomas",
    "Thutmose",
    "Umberto",
    "Urban",
    "Victor",
    "Wilhelm",
    "Willem",
    "William",
    "Vladimir",
    "Xerxes",
    "Zog",
];

/// Verbs behind `I` that show it to be a person.
const VERBS: [&str; 34] = [
    "am", "was", "have", "had", "will", "would", "can", "could", "should", "think", "know", "like", "love",
    "do", "did", "want", "need", "see", "said", "saw", "mean", "must", "may", "might", "never", "always",
    "wrote", "read", "told", "just", "also", "really", "believe", "hope",
];

/// What runs in at a vein.
const MEDICAL: [&str; 10] =
    ["drip", "drips", "fluid", "fluids", "antibiotics", "line", "lines", "bag", "access", "therapy"];

/// Words before a numeral that is none: "the IV drip", "vitamin C".
const NO_NAMES: [&str; 18] = [
    "The", "A", "An", "In", "On", "At", "My", "And", "Or", "But", "If", "As", "Is", "To", "Of", "For", "By",
    "With",
];

/// Reads a Roman numeral whose neighbours say that it is one.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let len =
        text.find(|c: char| !matches!(c, 'I' | 'V' | 'X' | 'L' | 'C' | 'D' | 'M')).unwrap_or(text.len());
    if len == 0 {
        return great_war(place).or_else(|| small(place));
    }
    let numeral = &text[..len];
    let value = value(numeral)?;
    let end = place.at() + len;
    if let Some(after) = ["th", "st", "nd", "rd"].into_iter().find(|ending| text[len..].starts_with(ending)) {
        return (numeral.len() > 1 || "XV".contains(numeral)).then_some(()).and_then(|()| {
            place
                .ends_word(end + after.len())
                .then(|| Reading { end: end + after.len(), words: ordinal(value) })
        });
    }
    if !place.ends_word(end)
        || place.from(end).starts_with(['\'', '’']) && numeral == "I"
        || is_inside(place, end)
    {
        return None;
    }
    // `?v=1` in an address.
    if place.before().ends_with("question mark ") {
        return None;
    }
    let names = names(place);
    let cardinal = || Reading { end, words: numerals::cardinal(&value.to_string()) };
    let said = || Reading { end, words: format!("the {}", ordinal(value)) };
    if numeral.len() > 1 && follows_numbered(place) {
        return Some(cardinal());
    }
    // `Type C` and `Section D` are letters.
    let is_safe = numeral.contains(['I', 'V', 'X']) || names.0 == "Bowl";
    if is_numbered(names.0) && (numeral != "I" || names.0 == "War" || is_number(place, end)) {
        return between(place, end, value).or_else(|| (value < 400 && is_safe).then(cardinal));
    }
    if place.next_word(end).eq_ignore_ascii_case("century") && numeral.len() > 1 {
        return Some(Reading { end, words: ordinal(value) });
    }
    if numeral == "IV" && MEDICAL.contains(&place.next_word(end)) || numeral == "VI" && names.1.is_empty() {
        return None;
    }
    let named = names.0.starts_with(char::is_uppercase) && names.0.len() > 1 && !NO_NAMES.contains(&names.0);
    if !named || !place.before().ends_with(' ') || value > 100 {
        return None;
    }
    let ruler = RULERS.contains(&names.0);
    let heir = RULERS.contains(&names.1) && names.0.chars().skip(1).any(char::is_lowercase);
    match numeral {
        "I" => (ruler && of_or_mark(place, end)).then(said),
        "C" | "D" | "L" | "M" | "CC" | "CD" | "DC" | "CV" | "MC" | "MD" | "MM" | "XL" | "XXX" | "CL"
        | "LI" | "DI" => (ruler && numeral == "X").then(said),
        "X" if names.0 == "Malcolm" => None,
        "V" | "X" => {
            if ruler {
                Some(said())
            } else {
                (names.0.chars().all(char::is_uppercase) && numeral == "V" && names.0 == "GTA"
                    || matches!(names.0, "Fantasy" | "Rocky" | "Civilization"))
                .then(cardinal)
            }
        }
        _ if !numeral.contains(['I', 'V', 'X']) => None,
        _ if ruler || heir && numeral.len() > 1 && value < 10 => Some(said()),
        _ => Some(cardinal()),
    }
}

/// The word before the place and the one before that.
fn names<'a>(place: &Place<'a>) -> (&'a str, &'a str) {
    let before = place.before().trim_end();
    let stopped = before.trim_end_matches('.');
    let mut words = stopped.rsplit(|c: char| !(c.is_alphanumeric() || c == '\''));
    let first = words.next().unwrap_or_default();
    let abbreviated = NUMBERED.contains(&first.to_lowercase().as_str()) && first.len() < 4;
    if stopped.len() < before.len() && !abbreviated {
        return ("", "");
    }
    (first, words.next().unwrap_or_default())
}

/// `Parts I-III`
fn between(place: &Place, end: usize, first: u32) -> Option<Reading> {
    let dash = ["-", "–"].into_iter().find(|dash| place.from(end).starts_with(dash))?;
    let rest = &place.from(end)[dash.len()..];
    let len = rest.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(rest.len());
    let last = value(&rest[..len])?;
    let end = end + dash.len() + len;
    let said = |value: u32| numerals::cardinal(&value.to_string());
    place.ends_word(end).then(|| Reading { end, words: format!("{} to {}", said(first), said(last)) })
}

/// Whether `word` names what is numbered, one or several.
fn is_numbered(word: &str) -> bool {
    let word = word.to_lowercase();
    NUMBERED.contains(&word.as_str()) || word.strip_suffix('s').is_some_and(|word| NUMBERED.contains(&word))
}

/// Whether the place ends a list of what is numbered: the `II` of `Wars I and II`.
fn follows_numbered(place: &Place) -> bool {
    let mut words = place.before().trim_end().rsplit(' ');
    let joint = words.next().is_some_and(|word| matches!(word, "and" | "or" | "to" | "through"));
    joint && words.next().is_some_and(|word| value(word).is_some()) && words.next().is_some_and(is_numbered)
}

/// Whether letters around the numeral make it a part of something longer, as in `MI-5` or `I/O`.
fn is_inside(place: &Place, end: usize) -> bool {
    let follows = |c: char| matches!(c, '/' | '&' | '+' | '#' | '@' | '=');
    place.from(end).starts_with(follows)
        || place.previous().is_some_and(|c| follows(c) || matches!(c, '-' | '.'))
        || place.from(end).strip_prefix('.').is_some_and(|rest| rest.starts_with(char::is_alphanumeric))
}

/// Whether what follows `I` does not make it a person.
fn is_number(place: &Place, end: usize) -> bool {
    let next = place.next_word(end);
    let named = place.previous_word().starts_with(char::is_uppercase);
    !place.from(end).starts_with(' ') || !VERBS.contains(&next) && (named || !next.ends_with("ed"))
}

fn of_or_mark(place: &Place, end: usize) -> bool {
    let rest = place.from(end);
    rest.is_empty()
        || rest.starts_with([',', '.', ';', ')', '\'', '’', '?', '!', ':'])
        || ["of", "and", "was", "is", "became", "ruled", "died", "had"].contains(&place.next_word(end))
}

/// `WWII`
fn great_war(place: &Place) -> Option<Reading> {
    let numeral = place.rest().strip_prefix("WW")?;
    let len = numeral.find(|c: char| !c.is_alphanumeric()).unwrap_or(numeral.len());
    let which = match &numeral[..len] {
        "I" | "1" => "one",
        "II" | "2" => "two",
        "III" | "3" => "three",
        _ => return None,
    };
    Some(Reading { end: place.at() + 2 + len, words: format!("World War {which}") })
}

/// `page iv`, `pp. xii-xv`
fn small(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let len = text.find(|c: char| !matches!(c, 'i' | 'v' | 'x' | 'l')).unwrap_or(text.len());
    let before = place.before().trim_end();
    let word = before.trim_end_matches('.').rsplit(|c: char| !c.is_alphabetic()).next()?;
    if len == 0 || !PAGED.contains(&word) || !place.before().ends_with(' ') {
        return None;
    }
    let value = value(&text[..len].to_uppercase())?;
    let end = place.at() + len;
    place.ends_word(end).then(|| Reading { end, words: numerals::cardinal(&value.to_string()) })
}

fn ordinal(value: u32) -> String {
    numerals::ordinal(&numerals::cardinal(&value.to_string()))
}

/// What a numeral in its proper form is worth: `IV` but not `IIII`.
fn value(numeral: &str) -> Option<u32> {
    const SIGNS: [(&str, u32); 13] = [
        ("M", 1000),
        ("CM", 900),
        ("D", 500),
        ("CD", 400),
        ("C", 100),
        ("XC", 90),
        ("L", 50),
        ("XL", 40),
        ("X", 10),
        ("IX", 9),
        ("V", 5),
        ("IV", 4),
        ("I", 1),
    ];
    let mut rest = numeral;
    let mut value = 0;
    for (sign, worth) in SIGNS {
        let most = if sign.len() == 2 || matches!(sign, "D" | "L" | "V") { 1 } else { 3 };
        for _ in 0..most {
            if let Some(after) = rest.strip_prefix(sign) {
                rest = after;
                value += worth;
            }
        }
    }
    let proper = rest.is_empty() && value > 0 && canonical(value, &SIGNS) == numeral;
    proper.then_some(value)
}

fn canonical(mut value: u32, signs: &[(&str, u32)]) -> String {
    let mut numeral = String::new();
    for &(sign, worth) in signs {
        while value >= worth {
            numeral.push_str(sign);
            value -= worth;
        }
    }
    numeral
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::assert_said;

    #[test]
    fn numerals_have_one_form() {
        for (numeral, worth) in [("I", 1), ("IV", 4), ("XIV", 14), ("XLII", 42), ("MCMXC", 1990)] {
            assert_eq!(value(numeral), Some(worth));
        }
        for numeral in ["", "IIII", "IC", "VX", "MIX I", "CIVIL", "IVI"] {
            assert_eq!(value(numeral), None, "{numeral}");
        }
    }

    #[test]
    fn numerals_are_read_where_something_is_numbered() {
        assert_said(&[
            ("Read Chapter IX.", "Read Chapter nine."),
            ("After World War II it grew.", "After World War two it grew."),
            ("World War I began.", "World War one began."),
            ("Henry VIII had wives.", "Henry the eighth had wives."),
            ("Henry VIII's wives.", "Henry the eighth's wives."),
            ("Louis XIV of France.", "Louis the fourteenth of France."),
            ("See Part III, Act V.", "See Part three, Act five."),
            ("At Super Bowl XLII.", "At Super Bowl forty two."),
            ("He saw Rocky II.", "He saw Rocky two."),
            ("A Type II error.", "A Type two error."),
            ("Queen Elizabeth II died.", "Queen Elizabeth the second died."),
            ("Pope John Paul II came.", "Pope John Paul the second came."),
            ("James I of England.", "James the first of England."),
            ("The XXth century.", "The twentieth century."),
            ("The XIX century.", "The nineteenth century."),
            ("See Vol. IV of it.", "See Volume four of it."),
            ("See page iv.", "See page four."),
            ("Part I is short.", "Part one is short."),
            ("The part I like.", "The part I like."),
            ("I am here.", "I am here."),
            ("Mix it well.", "Mix it well."),
            ("Send your CV.", "Send your CV."),
            ("He joined MI5.", "He joined MI five."),
            ("Use an IV drip.", "Use an IV drip."),
            ("Malcolm X spoke.", "Malcolm X spoke."),
            ("William Gates III came.", "William Gates the third came."),
            ("Charles V and Philip II met.", "Charles the fifth and Philip the second met."),
            ("Read Books I-III.", "Read Books one to three."),
            ("In World Wars I and II.", "In World Wars one and two."),
            ("A Type C cable, Grade D too.", "A Type C cable, Grade D too."),
            ("At Super Bowl L.", "At Super Bowl fifty."),
            ("Charles I was tried.", "Charles the first was tried."),
            ("Start IV fluids.", "Start IV fluids."),
            ("World War I was long.", "World War one was long."),
            ("A Grade I listed house.", "A Grade one listed house."),
            ("Read Book I-III.", "Read Book one to three."),
            ("A DVD and a CD.", "A DVD and a CD."),
            ("After WWII it grew.", "After World War two it grew."),
            ("When John I think of came.", "When John I think of came."),
            ("It is an I/O error.", "It is an I O error."),
        ]);
    }
}
