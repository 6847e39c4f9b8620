//! Dates: `2019-10-12`, `10/12/2019`, `12.10.2019`, `Jan. 5th`, `5 Jan 2020`, `Mon-Fri`.
//!
//! Figures with strokes are month first in American English, "October twelfth", and day first in British English,
//! "the tenth of December"; with points they are day first in both. What begins with the year, and names, are read
//! in the order in which they are written.

use crate::language::Language;
use crate::normalise::number::{digits, is_digit};
use crate::normalise::place::Place;
use crate::normalise::quantity::range;
use crate::normalise::{Reading, numerals};

const MONTHS: [(&str, &str); 12] = [
    ("January", "Jan"),
    ("February", "Feb"),
    ("March", "Mar"),
    ("April", "Apr"),
    ("May", "May"),
    ("June", "Jun"),
    ("July", "Jul"),
    ("August", "Aug"),
    ("September", "Sep"),
    ("October", "Oct"),
    ("November", "Nov"),
    ("December", "Dec"),
];

const DAYS: [(&str, &str); 11] = [
    ("Mon", "Monday"),
    ("Tues", "Tuesday"),
    ("Tue", "Tuesday"),
    ("Wed", "Wednesday"),
    ("Weds", "Wednesday"),
    ("Thurs", "Thursday"),
    ("Thur", "Thursday"),
    ("Thu", "Thursday"),
    ("Fri", "Friday"),
    ("Sat", "Saturday"),
    ("Sun", "Sunday"),
];

/// Words before a short month that make it one even without a day or a year.
const BEFORE_MONTHS: [&str; 14] = [
    "in", "since", "until", "till", "by", "last", "next", "this", "late", "early", "mid", "from", "during",
    "every",
];

/// Words before two figures that make them a date and no fraction.
const BEFORE_DATES: [&str; 12] =
    ["on", "since", "until", "till", "by", "before", "after", "dated", "due", "date", "from", "born"];

/// Reads a date or what is written of one.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let here = place.here()?;
    if is_digit(here) {
        if place.previous().is_some_and(|c| matches!(c, '/' | '.' | '-' | ':' | '$' | '+')) {
            return None;
        }
        return year_first(place).or_else(|| figures(place)).or_else(|| day_and_month(place));
    }
    if here.is_ascii_uppercase() {
        return month_and_day(place).or_else(|| weekday(place));
    }
    None
}

fn ordinal(day: u8) -> String {
    numerals::ordinal(&numerals::cardinal(&day.to_string()))
}

/// A day of the month at the beginning of `text`, also as `5th`: the day and its bytes.
fn day_at(text: &str) -> Option<(u8, usize)> {
    let group = digits(text);
    let day = group.parse().ok().filter(|day| group.len() <= 2 && (1..=31).contains(day))?;
    let rest = &text[group.len()..];
    let ending =
        ["st", "nd", "rd", "th"].into_iter().find(|ending| rest.starts_with(ending)).map_or(0, str::len);
    let rest = &rest[ending..];
    let decimal = rest.strip_prefix(['.', ',', ':', '/']).is_some_and(|r| r.starts_with(is_digit));
    (!decimal && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '%'))
        .then_some((day, group.len() + ending))
}

/// The month that `text` names, and the bytes of the name with its stop.
fn month_at(text: &str) -> Option<(&'static str, usize, bool)> {
    let len = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    let name = &text[..len];
    let whole = MONTHS
        .into_iter()
        .find(|(whole, _)| *whole == name || name.len() > 3 && whole.to_uppercase() == name);
    if let Some((whole, _)) = whole {
        return Some((whole, len, true));
    }
    let (whole, _) = MONTHS.into_iter().find(|(_, short)| {
        *short == name || short.to_uppercase() == name || name == "Sept" && *short == "Sep"
    })?;
    Some((whole, len + usize::from(text[len..].starts_with('.')), false))
}

/// A year at `text`, of four figures or two, in words.
fn year_words(group: &str) -> Option<String> {
    let value: u16 = group.parse().ok()?;
    match group.len() {
        4 => Some(numerals::year(value)),
        2 => Some(numerals::year(if value < 50 { 2000 + value } else { 1900 + value })),
        _ => None,
    }
}

/// `2019-10-12`, also with a time behind a `T`; `2019/10/12`; `2019-10`.
fn year_first(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let year = digits(text);
    let separator = text[year.len()..].chars().next().filter(|c| matches!(c, '-' | '/' | '.' | '‑'))?;
    if year.len() != 4 {
        return None;
    }
    let mut at = year.len() + separator.len_utf8();
    let month = digits(&text[at..]);
    let number: usize = month.parse().ok().filter(|n| month.len() == 2 && (1..=12).contains(n))?;
    at += month.len();
    let name = MONTHS[number - 1].0;
    let year_said = numerals::year(year.parse().ok()?);
    let day = text[at..].strip_prefix(separator).map(digits).filter(|day| !day.is_empty());
    let Some(day) = day else {
        // `2010-12` are the years 2010 to 2012.
        let years = number as u16 > year.parse::<u16>().ok()? % 100;
        let end = place.at() + at;
        let first = year.starts_with("19") || year.starts_with("20");
        let next_year = (year.parse::<usize>().ok()? + 1) % 100 == number;
        return (separator == '-' && !years && first && !next_year && place.ends_word(end))
            .then(|| Reading { end, words: format!("{name} {year_said}") });
    };
    at += separator.len_utf8() + day.len();
    let value: u8 = day.parse().ok().filter(|value| day.len() == 2 && (1..=31).contains(value))?;
    let mut words = format!("{name} {} {year_said}", ordinal(value));
    let rest = &text[at..];
    let time = rest.strip_prefix('T');
    if let Some((said, len)) = time.and_then(stamp) {
        words = format!("{words} at {said}");
        at += 1 + len;
    }
    let end = place.at() + at;
    place.ends_word(end).then_some(Reading { end, words })
}

/// The time of a time stamp, `09:05:00Z`: its words and bytes.
fn stamp(text: &str) -> Option<(String, usize)> {
    let (hour, minute) = (text.get(..2)?, text.get(3..5)?);
    let numbers = [hour, minute].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    if !numbers || !text[2..].starts_with(':') {
        return None;
    }
    let mut len = 5;
    let mut words = match minute {
        "00" if hour == "00" => "midnight".to_owned(),
        "00" if hour <= "12" => numerals::cardinal(hour) + " o'clock",
        "00" => numerals::cardinal(hour) + " hundred",
        _ if minute.starts_with('0') => {
            format!("{} oh {}", numerals::cardinal(hour), numerals::cardinal(minute))
        }
        _ => format!("{} {}", numerals::cardinal(hour), numerals::cardinal(minute)),
    };
    if let Some(seconds) = text[len..].strip_prefix(':').map(digits).filter(|seconds| seconds.len() == 2) {
        len += 3;
        if seconds != "00" {
            words = format!("{words} and {} seconds", numerals::cardinal(seconds));
        }
        let fraction = text[len..].strip_prefix('.').map(digits).filter(|fraction| !fraction.is_empty());
        len += fraction.map_or(0, |fraction| fraction.len() + 1);
    }
    if text[len..].starts_with('Z') {
        len += 1;
        words += " U T C";
    } else if let Some(rest) = text[len..].strip_prefix(['+', '-']) {
        let sign = if text[len..].starts_with('+') { "plus" } else { "minus" };
        let zone = digits(rest);
        let minutes = rest[zone.len()..].strip_prefix(':').map(digits).filter(|m| m.len() == 2);
        if zone.len() == 2 {
            words = format!("{words} {sign} {}", numerals::cardinal(zone));
            len += 1 + zone.len() + minutes.map_or(0, |m| m.len() + 1);
        }
    }
    Some((words, len))
}

/// `10/12/2019`, `12.10.2019`, `10-12-2019`, and `12/25` behind a word that makes it a date.
fn figures(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let first = digits(text);
    let separator = text[first.len()..].chars().next().filter(|c| matches!(c, '/' | '.' | '-'))?;
    let rest = &text[first.len() + 1..];
    let second = digits(rest);
    let mut end = place.at() + first.len() + 1 + second.len();
    if !(1..=2).contains(&first.len()) || !(1..=2).contains(&second.len()) {
        return None;
    }
    let year = rest[second.len()..].strip_prefix(separator).map(digits).filter(|year| !year.is_empty());
    let (first, second): (u8, u8) = (first.parse().ok()?, second.parse().ok()?);
    let day_first = separator == '.' || place.language() == Language::EnGb && separator == '/';
    let (day, month) = match (first, second) {
        (1..=12, 1..=12) if day_first => (first, second),
        (1..=12, 1..=31) => (second, first),
        (1..=31, 1..=12) => (first, second),
        _ => return None,
    };
    let day_first = day_first || first > 12;
    let Some(year) = year else {
        let padded = text.starts_with('0') && digits(rest).len() == 2;
        let dated = BEFORE_DATES.iter().any(|word| word.eq_ignore_ascii_case(place.previous_word()));
        return (separator == '/' && (dated || padded) && place.ends_word(end) && !is_said_otherwise(place))
            .then(|| Reading { end, words: spoken(place, day, month, day_first) });
    };
    if year.len() == 2 && separator != '/' {
        return None;
    }
    end += 1 + year.len();
    let words = format!("{} {}", spoken(place, day, month, day_first), year_words(year)?);
    let goes_on = place.from(end).starts_with(['/', '-'])
        || place.from(end).starts_with('.') && place.from(end + 1).starts_with(is_digit);
    (place.ends_word(end) && !goes_on).then_some(Reading { end, words })
}

fn is_said_otherwise(place: &Place) -> bool {
    place.rest().starts_with("9/11") || place.rest().starts_with("24/7")
}

/// "October twelfth", or "the twelfth of October" without a second article.
fn spoken(place: &Place, day: u8, month: u8, day_first: bool) -> String {
    let name = MONTHS[usize::from(month) - 1].0;
    if day_first {
        format!("{}{} of {name}", article(place), ordinal(day))
    } else {
        format!("{name} {}", ordinal(day))
    }
}

fn article(place: &Place) -> &'static str {
    if place.previous_word().eq_ignore_ascii_case("the") { "" } else { "the " }
}

/// `July 4`, `Jan. 5th`, `Jan 5-7`, `Oct. 2019`; a whole name alone is a word already.
fn month_and_day(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let (month, len, whole) = month_at(text)?;
    let name_end = place.at() + len;
    let rest = text[len..].strip_prefix(' ');
    if let Some((day, day_len)) = rest.and_then(day_at).filter(|_| !is_time(place, name_end + 1)) {
        let mut end = name_end + 1 + day_len;
        let mut words = format!("{month} {}", ordinal(day));
        let until = range(place.from(end)).and_then(|len| {
            let (last, last_len) = day_at(place.from(end + len)).filter(|&(last, _)| last > day)?;
            Some((last, end + len + last_len))
        });
        if let Some((last, close)) = until {
            words = format!("{words} to {}", ordinal(last));
            end = close;
        }
        return Some(Reading { end, words });
    }
    let year = rest.map(digits).is_some_and(|year| year.len() == 4)
        || rest
            .and_then(|rest| rest.strip_prefix(['\'', '’']))
            .map(digits)
            .is_some_and(|year| year.len() == 2)
        || text[len..].strip_prefix(", ").map(digits).is_some_and(|year| year.len() == 4);
    let dated = BEFORE_MONTHS.iter().any(|word| word.eq_ignore_ascii_case(place.previous_word()));
    let between = text[len..].strip_prefix(['-', '–', '/']).and_then(month_at).filter(|_| !whole);
    if let Some((second, second_len, _)) = between {
        let end = place.at() + len + text[len..].chars().next()?.len_utf8() + second_len;
        let end = if place.char_before(end) == Some('.') && place.ends_sentence(end) { end - 1 } else { end };
        return Some(Reading { end, words: format!("{month} to {second}") });
    }
    let end =
        if text[..len].ends_with('.') && place.ends_sentence(name_end) { name_end - 1 } else { name_end };
    let is_name = matches!(month, "March" | "January") && !text[..len].ends_with('.');
    (!whole && (year || dated && !is_name) && place.ends_word(end))
        .then(|| Reading { end, words: month.to_owned() })
}

/// Whether the figures at `at` are a time of day: "May 5pm".
fn is_time(place: &Place, at: usize) -> bool {
    let text = place.from(at);
    let rest = &text[digits(text).len()..];
    [" am", " pm", " a.m", " p.m", " AM", " PM", ":"].into_iter().any(|half| rest.starts_with(half))
}

/// `5 Jan 2020`, `4 July`, `5th Sept`, `5-7 Jan`: "the fifth of January".
fn day_and_month(place: &Place) -> Option<Reading> {
    let (day, len) = day_at(place.rest())?;
    let mut end = place.at() + len;
    let mut words = ordinal(day);
    let until = range(place.from(end)).and_then(|dash| {
        let (last, last_len) = day_at(place.from(end + dash)).filter(|&(last, _)| last > day)?;
        Some((last, end + dash + last_len))
    });
    if let Some((last, close)) = until {
        words = format!("{words} to {}{}", article(place), ordinal(last));
        end = close;
    }
    let of = ["-", " of ", " "]
        .into_iter()
        .find(|of| place.from(end).starts_with(of) && month_at(place.from(end + of.len())).is_some())?;
    end += of.len();
    let (month, len, _) = month_at(place.from(end))?;
    end += len;
    if place.char_before(end) == Some('.') && place.ends_sentence(end) {
        end -= 1;
    }
    let year_behind = place.from(end).strip_prefix('-').map(digits).filter(|_| of == "-");
    if of == "-" {
        let year = year_behind.filter(|year| matches!(year.len(), 2 | 4))?;
        end += 1 + year.len();
        let words = format!("{}{words} of {month} {}", article(place), year_words(year)?);
        return place.ends_word(end).then_some(Reading { end, words });
    }
    place.ends_word(end).then(|| Reading { end, words: format!("{}{words} of {month}", article(place)) })
}

/// `Mon.` beside a date, and `Mon-Fri`.
fn weekday(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let day = |text: &str| {
        let len = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
        DAYS.into_iter().find(|(short, _)| *short == &text[..len]).map(|(_, whole)| (whole, len))
    };
    let (whole, len) = day(text)?;
    let rest = &text[len..];
    let stop = usize::from(rest.starts_with('.'));
    let dash = ["-", "–", " - ", " – "].into_iter().find(|dash| rest[stop..].starts_with(dash));
    if let Some((last, last_len)) = dash.and_then(|dash| day(&rest[stop + dash.len()..])) {
        let end = place.at() + len + stop + dash.map_or(0, str::len) + last_len;
        return Some(Reading { end: place.past_stop(end), words: format!("{whole} to {last}") });
    }
    let after = rest[stop..].trim_start_matches([',', ' ']);
    let dated = rest[stop..].starts_with([',', ' '])
        && (month_at(after).is_some() || {
            let (_, len) = day_at(after)?;
            month_at(after[len..].trim_start()).is_some()
        });
    dated.then(|| Reading { end: place.at() + len + stop, words: whole.to_owned() })
}

#[cfg(test)]
mod tests {
    use crate::language::Language;
    use crate::normalise::{assert_said, assert_said_in};

    #[test]
    fn dates_are_read_as_said() {
        assert_said(&[
            ("On 2024-02-29 it rained.", "On February twenty ninth twenty twenty four it rained."),
            ("At 2019-10-12T09:05:00Z.", "At October twelfth twenty nineteen at nine oh five U T C."),
            ("On 1/2/03 it rained.", "On January second two thousand three it rained."),
            ("On 13/2/1999 it rained.", "On the thirteenth of February nineteen ninety nine it rained."),
            ("On 12/25 we rest.", "On December twenty fifth we rest."),
            ("On 10.12.2019 we met.", "On the tenth of December twenty nineteen we met."),
            ("On July 4, 1776, they met.", "On July fourth, seventeen seventy six, they met."),
            ("On July 4 they met.", "On July fourth they met."),
            ("On Sept 3 they met.", "On September third they met."),
            ("On Sept. 3rd they met.", "On September third they met."),
            ("On 5 Jan 2020 they met.", "On the fifth of January twenty twenty they met."),
            ("On the 4th of July they met.", "On the fourth of July they met."),
            ("On 4 July they met.", "On the fourth of July they met."),
            ("In Oct. 2019 they met.", "In October twenty nineteen they met."),
            ("In Oct they met.", "In October they met."),
            ("On Mon., Jan. 5 they met.", "On Monday, January fifth they met."),
            ("Open Mon-Fri all day.", "Open Monday to Friday all day."),
            ("From Jan 5-7 we met.", "From January fifth to seventh we met."),
            ("From Jan-Mar it rains.", "From January to March it rains."),
            ("In 1990-01 it rained.", "In January nineteen ninety it rained."),
            ("In 2005-06 it rained.", "In two thousand five to oh six it rained."),
            ("Born Dec 25, 1980.", "Born December twenty fifth, nineteen eighty."),
            ("On 12-Oct-2019 we met.", "On the twelfth of October twenty nineteen we met."),
            ("The sun is out.", "The sun is out."),
            ("Sent 07/04 by mail.", "Sent July fourth by mail."),
            ("Mark sat on May.", "Mark sat on May."),
            ("They march 10 miles.", "They march ten miles."),
            ("Jan and Sun met.", "Jan and Sun met."),
            ("May 5, 2020", "May fifth, twenty twenty"),
        ]);
        assert_said_in(
            Language::EnGb,
            &[
                ("On 10/12/2019 we met.", "On the tenth of December twenty nineteen we met."),
                ("On 12/25/2019 we met.", "On the twenty fifth of December twenty nineteen we met."),
                ("On 2019-10-12 we met.", "On October twelfth twenty nineteen we met."),
                ("On the 10/12/2019 we met.", "On the tenth of December twenty nineteen we met."),
            ],
        );
    }
}
