//! Years, decades and eras: `1984`, `1990s`, `'80s`, `44 BC`, `1914-18`, `2019/20`.

use crate::normalise::measure::is_plural;
use crate::normalise::number::{Number, digits, is_digit};
use crate::normalise::place::Place;
use crate::normalise::quantity::range;
use crate::normalise::{Reading, cardinal, numerals, unit};

/// Words before a year, whatever noun follows it.
const BEFORE_YEARS: [&str; 22] = [
    "in",
    "since",
    "until",
    "till",
    "during",
    "circa",
    "ca",
    "mid",
    "early",
    "late",
    "by",
    "year",
    "summer",
    "winter",
    "spring",
    "fall",
    "autumn",
    "copyright",
    "election",
    "class",
    "christmas",
    "season",
];

/// Words that say that a number counts.
const COUNTING: [&str; 20] = [
    "over",
    "than",
    "nearly",
    "almost",
    "least",
    "only",
    "exactly",
    "approximately",
    "roughly",
    "another",
    "these",
    "those",
    "all",
    "first",
    "last",
    "next",
    "per",
    "costs",
    "weighs",
    "some",
];

/// Words between a count and its noun.
const ADJECTIVES: [&str; 20] = [
    "new",
    "old",
    "more",
    "other",
    "different",
    "square",
    "cubic",
    "young",
    "active",
    "small",
    "large",
    "local",
    "extra",
    "additional",
    "registered",
    "unique",
    "such",
    "or",
    "of",
    "plus",
];

/// Words before or after a decade without a century, which would else be seconds or a count.
const DECADE_BEFORE: [&str; 17] = [
    "the", "early", "late", "mid", "his", "her", "my", "their", "our", "your", "of", "in", "roaring",
    "swinging", "since", "until", "into",
];
const DECADE_AFTER: [&str; 8] = ["music", "style", "fashion", "rock", "pop", "hits", "movie", "movies"];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Reads a year, some years, a decade, or a year with its era.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let here = place.here()?;
    match here {
        'A' => anno(place),
        'F' | 'C' => fiscal(place),
        'c' => circa(place),
        '\'' | '’' | '‘' => short(place),
        '-' | '–' => hyphened(place),
        _ if is_digit(here) => {
            decade(place, place.at()).or_else(|| era(place)).or_else(|| years(place)).or_else(|| year(place))
        }
        _ => None,
    }
}

/// The letters of an era at `at`, as said, and where they end.
fn era_at(place: &Place, at: usize) -> Option<(&'static str, usize)> {
    const ERAS: [(&str, &str); 9] = [
        ("BCE", "B C E"),
        ("B.C.E.", "B C E"),
        ("BC", "B C"),
        ("B.C.", "B C"),
        ("AD", "A D"),
        ("A.D.", "A D"),
        ("CE", "C E"),
        ("C.E.", "C E"),
        ("BP", "B P"),
    ];
    let text = place.from(at);
    let (written, said) = ERAS.into_iter().find(|(written, _)| {
        text.starts_with(written) && !text[written.len()..].starts_with(char::is_alphanumeric)
    })?;
    let end = at + written.len();
    let end = if written.ends_with('.') && place.ends_sentence(end) { end - 1 } else { end };
    Some((said, end))
}

/// `44 BC`, `300-200 B.C.`
fn era(place: &Place) -> Option<Reading> {
    let number =
        Number::scan(place.rest()).filter(|number| number.fraction.is_none() && number.whole.len() <= 9)?;
    let mut end = place.at() + number.len;
    let mut words = era_year(&number);
    if let Some(len) = range(place.from(end))
        && let Some(second) = Number::scan(place.from(end + len))
    {
        end += len + second.len;
        words = format!("{words} to {}", era_year(&second));
    }
    let space = usize::from(place.char_at(end) == Some(' '));
    let (era, end) = era_at(place, end + space)?;
    Some(Reading { end, words: format!("{words} {era}") })
}

fn era_year(number: &Number) -> String {
    match number.value() {
        Some(value) if number.len == 4 && value > 1000 => numerals::year(value as u16),
        Some(value) if number.len == 3 && value % 100 > 0 => numerals::year(value as u16),
        _ => number.words(),
    }
}

/// `AD 79`
fn anno(place: &Place) -> Option<Reading> {
    let (said, end) = era_at(place, place.at()).filter(|(said, _)| *said == "A D")?;
    let number = Number::scan(place.from(end).strip_prefix(' ')?).filter(|number| number.len <= 4)?;
    let end = end + 1 + number.len;
    (place.ends_word(end) && number.value().is_some())
        .then(|| Reading { end, words: format!("{said} {}", era_year(&number)) })
}

/// `FY2023`, `FY23`, `CY2024`
fn fiscal(place: &Place) -> Option<Reading> {
    let (name, said) =
        [("FY", "F Y"), ("CY", "C Y")].into_iter().find(|(name, _)| place.rest().starts_with(name))?;
    let text = place.from(place.at() + name.len());
    let rest = text.strip_prefix([' ', '-', '\'', '’']).unwrap_or(text);
    let group = digits(rest);
    let end = place.at() + name.len() + text.len() - rest.len() + group.len();
    let words = match group.len() {
        4 => numerals::year(group.parse().ok()?),
        2 => two_digits(group),
        _ => return None,
    };
    place.ends_word(end).then(|| Reading { end, words: format!("{said} {words}") })
}

/// `'69`, and `'80s`.
fn short(place: &Place) -> Option<Reading> {
    let mark = place.here()?.len_utf8();
    if place.previous().is_some_and(char::is_alphanumeric) {
        return None;
    }
    let at = place.at() + mark;
    if let Some(reading) = decade(place, at) {
        return Some(reading);
    }
    let group = digits(place.from(at));
    let end = at + group.len();
    let closes = place.from(end).starts_with(['\'', '’']);
    (group.len() == 2 && place.ends_word(end) && !closes).then(|| Reading { end, words: two_digits(group) })
}

fn two_digits(group: &str) -> String {
    match group.strip_prefix('0') {
        Some(ones) => format!("oh {}", numerals::cardinal(ones)),
        None => numerals::cardinal(group),
    }
}

/// `mid-1960s`, `pre-1990`: the hyphen parts two words.
fn hyphened(place: &Place) -> Option<Reading> {
    const PREFIXES: [&str; 6] = ["mid", "pre", "post", "early", "late", "circa"];
    let dash = place.here()?.len_utf8();
    if follows_decade(place) {
        let reading = decade(place, place.at() + dash)?;
        return Some(Reading { words: format!("to {}", reading.words), ..reading });
    }
    let previous = place.previous_word().to_lowercase();
    if !PREFIXES.contains(&previous.as_str()) || place.previous().is_some_and(char::is_whitespace) {
        return None;
    }
    let at = place.at() + dash;
    let mark = place.char_at(at).filter(|c| matches!(c, '\'' | '’')).map_or(0, char::len_utf8);
    decade(place, at + mark).or_else(|| {
        let group = digits(place.from(at));
        let value: u16 = group.parse().ok().filter(|_| group.len() == 4)?;
        let end = at + 4;
        (place.ends_word(end) && (1000..2100).contains(&value))
            .then(|| Reading { end, words: numerals::year(value) })
    })
}

/// `1990s`, `1990's`, `80s`; without a century only beside words that speak of decades.
fn decade(place: &Place, at: usize) -> Option<Reading> {
    let text = place.from(at);
    let group = digits(text);
    let rest = &text[group.len()..];
    let ending = ["s", "'s", "’s"].into_iter().find(|ending| rest.starts_with(ending))?;
    let end = at + group.len() + ending.len();
    let value: u16 = group.parse().ok().filter(|value| value % 10 == 0)?;
    let singular = match group.len() {
        4 if (1000..2100).contains(&value) => numerals::year(value),
        2 if at > place.at() || is_of_decade(place, end) => numerals::cardinal(group),
        _ => return None,
    };
    place.ends_word(end).then(|| Reading { end, words: plural(&singular) })
}

fn is_of_decade(place: &Place, end: usize) -> bool {
    DECADE_BEFORE.iter().any(|word| word.eq_ignore_ascii_case(place.previous_word()))
        || DECADE_AFTER.contains(&place.next_word(end))
        || follows_decade(place)
}

/// Whether the place goes on from a decade: `the 1980s and 90s`, `1920s-30s`.
fn follows_decade(place: &Place) -> bool {
    let before = place.before();
    ["0s and ", "0s or ", "0s to ", "0s, ", "0s", "0s & ", "0's and "]
        .into_iter()
        .any(|joint| before.ends_with(joint))
}

fn plural(words: &str) -> String {
    words.strip_suffix('y').map_or_else(|| words.to_owned() + "s", |stem| stem.to_owned() + "ies")
}

fn is_year(group: &str) -> Option<u16> {
    (group.len() == 4).then(|| group.parse().ok()).flatten().filter(|value| (1100..2100).contains(value))
}

/// `1914-18`, `1914–1918`, `2019/20`
fn years(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let first = digits(text);
    let start = is_year(first)?;
    let rest = &text[first.len()..];
    let dash = range(rest);
    let len = dash.or_else(|| rest.starts_with('/').then_some(1))?;
    let second = digits(&rest[len..]);
    let end = place.at() + first.len() + len + second.len();
    let later = match second.len() {
        2 if len < 3 && rest[len..].len() >= 2 => {
            let last: u16 = second.parse().ok()?;
            let follows = last == (start + 1) % 100 || dash.is_some() && last > start % 100;
            follows.then(|| two_digits(second))
        }
        4 => is_year(second).filter(|&year| year > start).map(numerals::year),
        _ => None,
    }?;
    let apart = place.from(end).starts_with(['-', '/', '–']) || unit::follows(place, end);
    let to = if dash.is_some() { " to " } else { " " };
    (place.ends_word(end) && !apart && !is_counted(place, end))
        .then(|| Reading { end, words: format!("{}{to}{later}", numerals::year(start)) })
}

fn year(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let group = digits(text);
    let value: u16 = group.parse().ok().filter(|_| group.len() == 4)?;
    let end = place.at() + group.len();
    let previous = place.previous_word().to_lowercase();
    let dated = BEFORE_YEARS.contains(&previous.as_str())
        || MONTHS.contains(&place.previous_word())
        || is_quarter(&previous);
    let earliest = if dated { 1000 } else { 1100 };
    let rest = place.from(end);
    let glued = rest.strip_prefix(['.', ',', ':', '/']).is_some_and(|rest| rest.starts_with(is_digit))
        || rest.starts_with(['%', '+', '×', '*', '^', '°', '$', '€', '£', '¢'])
        || place.previous().is_some_and(|c| matches!(c, '#' | '.' | ',' | '-' | '+' | '_'));
    if !(earliest..2100).contains(&value) || !place.ends_word(end) || glued {
        return None;
    }
    let counts = !dated && is_counted(place, end) || unit::follows(place, end);
    if counts || cardinal::code(place).is_some() {
        return None;
    }
    let mut end = end;
    if place.from(end).strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphabetic)) {
        end += 1;
    }
    Some(Reading { end, words: numerals::year(value) })
}

/// Whether `word` is the quarter of a year: `q3`.
fn is_quarter(word: &str) -> bool {
    matches!(word.as_bytes(), [b'q' | b'h', b'1'..=b'4'])
}

/// `c. 1850`
fn circa(place: &Place) -> Option<Reading> {
    let written = ["c. ", "ca. ", "c."].into_iter().find(|written| place.rest().starts_with(written))?;
    let at = place.at() + written.len();
    let group = digits(place.from(at));
    let value: u16 = group.parse().ok().filter(|_| group.len() == 4)?;
    let end = at + 4;
    (place.ends_word(end) && (1000..2100).contains(&value))
        .then(|| Reading { end, words: format!("circa {}", numerals::year(value)) })
}

/// Whether the number up to `end` counts what follows it.
fn is_counted(place: &Place, end: usize) -> bool {
    let previous = place.previous_word().to_lowercase();
    if COUNTING.contains(&previous.as_str()) {
        return true;
    }
    if place.char_at(end) != Some(' ') {
        return false;
    }
    let next = place.next_word(end);
    if is_plural(next) {
        // "the 2008 elections", but "the 2000 pages"
        let round = place.from(place.at()).get(1..4) == Some("000");
        return previous != "the" || round;
    }
    ADJECTIVES[..17].contains(&next) && is_plural(place.next_word(end + 1 + next.len()))
        || next == "or" && place.from(end).strip_prefix(" or ").is_some_and(|rest| rest.starts_with("more"))
}

#[cfg(test)]
mod tests {
    use crate::normalise::assert_said;

    #[test]
    fn years_decades_and_eras_are_read_as_said() {
        assert_said(&[
            ("In 1900 it began.", "In nineteen hundred it began."),
            ("In 1905 it began.", "In nineteen oh five it began."),
            ("It was 2000.", "It was two thousand."),
            ("Since 2010 we know.", "Since twenty ten we know."),
            ("In 1066 he came.", "In ten sixty six he came."),
            ("The 1990s were good.", "The nineteen nineties were good."),
            ("The 1990's were good.", "The nineteen nineties were good."),
            ("The '80s were loud.", "The eighties were loud."),
            ("The ’60s were loud.", "The sixties were loud."),
            ("In the 80s we danced.", "In the eighties we danced."),
            ("He is in his 40s now.", "He is in his forties now."),
            ("The mid-1960s were calm.", "The mid nineteen sixties were calm."),
            ("The 1900s began.", "The nineteen hundreds began."),
            ("The 2010s ended.", "The twenty tens ended."),
            ("It fell in AD 79.", "It fell in A D seventy nine."),
            ("It fell in 1200 CE.", "It fell in twelve hundred C E."),
            ("In 300 B.C. it rose.", "In three hundred B C it rose."),
            ("It rose in 44 B.C.", "It rose in forty four B C."),
            ("In FY2023 it grew.", "In F Y twenty twenty three it grew."),
            ("The war of 1914-18.", "The war of nineteen fourteen to eighteen."),
            ("From 1939–1945 it lasted.", "From nineteen thirty nine to nineteen forty five it lasted."),
            ("The 2019/20 season.", "The twenty nineteen twenty season."),
            ("The summer of '69.", "The summer of sixty nine."),
            ("The class of '05.", "The class of oh five."),
            ("Some 1500 people came.", "Some one thousand five hundred people came."),
            ("It holds 1024 bytes.", "It holds one thousand twenty four bytes."),
            ("We sold 1984 copies.", "We sold one thousand nine hundred eighty four copies."),
            ("Over 1500 came.", "Over one thousand five hundred came."),
            ("The 2008 elections.", "The two thousand eight elections."),
            ("In 2024 sales rose.", "In twenty twenty four sales rose."),
            ("It has 3500 words.", "It has three thousand five hundred words."),
            ("On July 4, 1776, they met.", "On July fourth, seventeen seventy six, they met."),
            ("Pre-1990 cars.", "Pre nineteen ninety cars."),
            ("Windows 2000 is old.", "Windows two thousand is old."),
            ("Wait 30s more.", "Wait thirty seconds more."),
            ("The 1980s and 90s passed.", "The nineteen eighties and nineties passed."),
            ("The 1920s-30s passed.", "The nineteen twenties to thirties passed."),
            ("In his 20's he left.", "In his twenties he left."),
            ("A 1950s house.", "A nineteen fifties house."),
            ("In May, 1907: it began.", "In May, nineteen oh seven: it began."),
            ("It is 2024's best.", "It is twenty twenty four's best."),
            ("Made c. 1850 in Rome.", "Made circa eighteen fifty in Rome."),
            ("The Q3 2024 results.", "The Q three twenty twenty four results."),
            ("He wrote '1984' there.", "He wrote 'nineteen eighty four' there."),
        ]);
    }
}
