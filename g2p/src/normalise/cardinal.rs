//! Whole numbers: `1,234`, `-40`, `007`, `10k`, `10-20`, `Room 101`, `#5`.

use crate::normalise::number::{Number, digits, is_digit};
use crate::normalise::place::Place;
use crate::normalise::quantity::{self, Quantity};
use crate::normalise::{Reading, numerals};

/// Words before a number that is read by twos: "one oh one", "three seventy".
const BY_TWOS: [&str; 21] = [
    "room",
    "rooms",
    "suite",
    "flight",
    "route",
    "highway",
    "hwy",
    "interstate",
    "apartment",
    "apt",
    "gate",
    "boeing",
    "airbus",
    "bus",
    "train",
    "channel",
    "exit",
    "studio",
    "us",
    "bldg",
    "building",
];

/// Words before a number whose figures are read one by one.
const BY_FIGURES: [&str; 18] = [
    "pin",
    "zip",
    "zipcode",
    "postcode",
    "code",
    "id",
    "isbn",
    "ssn",
    "serial",
    "passcode",
    "password",
    "extension",
    "ext",
    "agent",
    "combination",
    "otp",
    "account",
    "acct",
];

/// Words before a number whose letter is a part of its name: `Apt. 4B`.
const LABELS: [&str; 16] = [
    "seat", "flat", "unit", "row", "section", "exhibit", "figure", "fig", "table", "appendix", "block",
    "hall", "floor", "class", "terminal", "pier",
];

const MAGNITUDES: [(&str, &str); 11] = [
    ("k", "thousand"),
    ("K", "thousand"),
    ("M", "million"),
    ("MM", "million"),
    ("mn", "million"),
    ("mln", "million"),
    ("bn", "billion"),
    ("B", "billion"),
    ("Bn", "billion"),
    ("tn", "trillion"),
    ("T", "trillion"),
];

/// Reads a whole number, whatever it stands for.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let here = place.here()?;
    if let Some(at) = numbered(place) {
        let number = Number::scan(place.from(at))?;
        let end = at + number.len;
        return place.ends_word(end).then(|| Reading {
            end,
            words: format!("{} {}", if here == 'N' { "Number" } else { "number" }, number.words()),
        });
    }
    if matches!(here, '-' | '–' | '‑' | '−' | '+' | '±') {
        return zone(place).or_else(|| hyphened(place)).or_else(|| signed(place));
    }
    if !is_digit(here) || is_identifier(place.rest()) || is_tail(place) {
        return None;
    }
    grades(place)
        .or_else(|| chain(place))
        .or_else(|| magnitude(place))
        .or_else(|| code(place))
        .or_else(|| range(place))
        .or_else(|| Some(whole(place)))
}

/// Where the number behind `No.`, `Nos.`, `№` or `#` begins.
fn numbered(place: &Place) -> Option<usize> {
    let text = place.rest();
    let sign =
        ["No. ", "No.", "no. ", "№ ", "№", "Nr. ", "#"].into_iter().find(|sign| text.starts_with(sign))?;
    let apart = sign != "#"
        || place.previous().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“'));
    let at = place.at() + sign.len();
    let number = digits(place.from(at));
    (apart && (1..=7).contains(&number.len()) && (number.len() == 1 || !number.starts_with('0')))
        .then_some(at)
}

/// Whether figures come back behind letters: `3f2a9` is no number.
fn is_identifier(text: &str) -> bool {
    let token = &text[..text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len())];
    let letters = token.trim_start_matches(is_digit);
    letters.contains(|c: char| c.is_ascii_digit() || c == '_')
}

/// Whether the figures here go on from a word with figures in it: `L45,000`, `M3.5`, `x86_64`.
fn is_tail(place: &Place) -> bool {
    let before = place.before();
    if let Some(before) = before.strip_suffix('_') {
        return before.ends_with(char::is_alphanumeric);
    }
    let Some(before) = before.strip_suffix([',', '.']) else { return false };
    let word = before.trim_end_matches(is_digit);
    word.len() < before.len() && word.ends_with(char::is_alphabetic)
}

/// `COVID-19`, `I-95`: the hyphen behind a word is none of the number's.
fn hyphened(place: &Place) -> Option<Reading> {
    let dash = place.here().filter(|c| matches!(c, '-' | '–' | '‑'))?;
    if !place.previous().is_some_and(char::is_alphabetic) {
        return None;
    }
    let at = place.at() + dash.len_utf8();
    let text = place.from(at);
    let group = digits(text);
    if group.is_empty() || is_identifier(text) {
        return None;
    }
    let end = at + group.len();
    let next = place.from(end);
    let many = usize::from(next.starts_with('s') && place.ends_word(end + 1));
    if many == 0 && next.starts_with(|c: char| c.is_alphabetic() || c == ':') {
        return None;
    }
    let joined = next.strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    if next.strip_prefix('.').is_some_and(|rest| rest.starts_with(is_digit)) {
        let number = Number::scan(text)?;
        return Some(Reading { end: at + number.len, words: number.words() });
    }
    let road = ["I", "US", "A", "M"].contains(&place.previous_word());
    let words = if group.starts_with('0') && group.len() > 1 {
        numerals::each(group)
    } else if road || group.len() == 3 && !group.ends_with("00") {
        by_twos(group)
    } else if group.len() == 4 {
        numerals::year(group.parse().ok()?)
    } else {
        numerals::cardinal(group)
    };
    if many == 1 {
        return Some(Reading { end: end + many, words: plural(words) });
    }
    Some(Reading {
        end: end + usize::from(joined && place.from(end + 1).starts_with(char::is_alphabetic)),
        words,
    })
}

/// `UTC+2`, `GMT-5`
fn zone(place: &Place) -> Option<Reading> {
    let sign = place.here()?;
    let said = match sign {
        '+' => "plus",
        '-' | '−' => "minus",
        _ => return None,
    };
    let named = place.before().ends_with("UTC") || place.before().ends_with("GMT");
    let at = place.at() + sign.len_utf8();
    let hours = digits(place.from(at));
    let end = at + hours.len();
    let whole =
        named && (1..=2).contains(&hours.len()) && place.ends_word(end) && place.char_at(end) != Some(':');
    whole.then(|| Reading { end, words: format!("{said} {}", numerals::cardinal(hours)) })
}

/// `-40`, `+5`, `±3`, `-10k`
fn signed(place: &Place) -> Option<Reading> {
    let (name, len) = quantity::sign(place, place.at())?;
    let at = place.at() + len;
    let number = Number::scan(place.from(at))?;
    let end = at + number.len;
    let (magnitude, end) = magnitude_at(place, end).unwrap_or(("", end));
    let space = if magnitude.is_empty() { "" } else { " " };
    Some(Reading { end, words: format!("{name} {}{space}{magnitude}", number.words()) })
}

/// `24-7-365`, `1-2-3`, `123-45-6789`, `978-3-16-148410-0`: groups of figures in a row.
fn chain(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let mut groups: Vec<&str> = Vec::new();
    let mut end = 0;
    loop {
        let group = digits(&text[end..]);
        if group.is_empty() {
            return None;
        }
        groups.push(group);
        end += group.len();
        if !text[end..].strip_prefix('-').is_some_and(|rest| rest.starts_with(is_digit)) {
            break;
        }
        end += 1;
    }
    let end = place.at() + end;
    if groups.len() < 3 || !place.ends_word(end) {
        return None;
    }
    let small = groups.iter().all(|group| group.len() <= 2 && !group.starts_with('0'));
    let said: Vec<String> = groups
        .iter()
        .map(|group| if small { numerals::cardinal(group) } else { numerals::each(group) })
        .collect();
    Some(Reading { end, words: said.join(" ") })
}

/// The word for the letters of a magnitude at `at`, and where they end.
fn magnitude_at(place: &Place, at: usize) -> Option<(&'static str, usize)> {
    let text = place.from(at);
    let letters = &text[..text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len())];
    let (written, said) = MAGNITUDES.into_iter().find(|(written, _)| *written == letters)?;
    let end = at + written.len();
    place.ends_word(end).then_some((said, end))
}

/// Whether the number up to `end` is that of a house: `221B Baker Street`.
fn is_house(place: &Place, quantity: &Quantity, end: usize) -> bool {
    let plain =
        quantity.plain.as_ref().is_some_and(|number| number.fraction.is_none() && number.whole.len() < 4);
    let street = place.from(end).strip_prefix(' ').is_some_and(|rest| rest.starts_with(char::is_uppercase));
    plain && street && place.char_before(end) == Some('B')
}

/// `10k`, `1.5M`, `10-20k`, `100+`
fn magnitude(place: &Place) -> Option<Reading> {
    let quantity = Quantity::scan(place, place.at())?;
    let before = place.before().trim_end_matches([' ', '.']);
    let label = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase();
    if LABELS.contains(&label.as_str()) || BY_TWOS.contains(&label.as_str()) {
        return None;
    }
    let (said, end) = magnitude_at(place, quantity.end)
        .filter(|&(_, end)| !is_house(place, &quantity, end))
        .unwrap_or(("", quantity.end));
    let space = if said.is_empty() { "" } else { " " };
    let plus =
        place.char_at(end) == Some('+') && place.ends_word(end + 1) && !place.from(end + 1).starts_with('+');
    if said.is_empty() && !plus {
        return None;
    }
    let hyphen = place.from(end).strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    let words = format!("{}{space}{said}", quantity.words);
    if !said.is_empty()
        && let Some(len) = quantity::range(place.from(end))
        && let Some(upper) = Quantity::scan(place, end + len)
        && let Some((upper_said, end)) = magnitude_at(place, upper.end)
    {
        return Some(Reading { end, words: format!("{words} to {} {upper_said}", upper.words) });
    }
    if plus {
        return Some(Reading { end: end + 1, words: words + " plus" });
    }
    Some(Reading { end: end + usize::from(hyphen), words })
}

/// `Room 101`, `Agent 007`, `zip 90210`, and other figures that count nothing.
pub(super) fn code(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let group = digits(text);
    let end = place.at() + group.len();
    let goes_on = place.from(end).strip_prefix(['.', ',']).is_some_and(|rest| rest.starts_with(is_digit));
    if group.len() < 2 || goes_on {
        return None;
    }
    let before = place.before().trim_end_matches([' ', ':', '#', '.']);
    let before = before.strip_suffix(" is").or_else(|| before.strip_suffix(" number")).unwrap_or(before);
    let start =
        before.rfind(|c: char| !c.is_alphanumeric()).map_or(0, |at| before.ceil_char_boundary(at + 1));
    let word = before[start..].to_lowercase();
    let state = before[start..].len() == 2 && before[start..].bytes().all(|b| b.is_ascii_uppercase());
    let words = if let Some(rest) = group.strip_prefix("00").filter(|rest| rest.len() == 1 && *rest != "0") {
        format!("double oh {}", numerals::cardinal(rest))
    } else if group.len() == 2 && group.starts_with('0') && group != "00" {
        format!("oh {}", numerals::cardinal(group))
    } else if group.starts_with('0')
        || BY_FIGURES.contains(&word.as_str()) && group.len() > 2
        || state && group.len() == 5
    {
        numerals::each(group)
    } else if BY_TWOS.contains(&word.as_str()) && (3..=4).contains(&group.len()) && place.ends_word(end) {
        let model = place.from(end).strip_prefix('-').is_some_and(|rest| rest.starts_with(is_digit));
        return Some(Reading { end: end + usize::from(model), words: by_twos(group) });
    } else {
        return None;
    };
    Some(Reading { end, words })
}

/// `101` is "one oh one", `370` "three seventy", `1408` "fourteen oh eight", `200` "two hundred".
fn by_twos(group: &str) -> String {
    let (first, last) = group.split_at(group.len().saturating_sub(2));
    match (first, last) {
        ("", _) | (_, "00") => numerals::cardinal(group),
        (_, last) => {
            let oh = if last.starts_with('0') { "oh " } else { "" };
            format!("{} {oh}{}", numerals::cardinal(first), numerals::cardinal(last))
        }
    }
}

/// `10-20`, also where it is a score; with a letter behind as in `10-20x` it is left to other classes.
fn range(place: &Place) -> Option<Reading> {
    let quantity = Quantity::scan(place, place.at())?;
    if quantity.plain.is_some() || !place.ends_word(quantity.end) {
        return None;
    }
    let end = quantity.end;
    let hyphen = place.from(end).strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    Some(Reading { end: end + usize::from(hyphen), words: quantity.words })
}

/// A number and nothing else; the hyphen to a word parts the two: `24-bit`.
fn whole(place: &Place) -> Reading {
    let text = place.rest();
    let (words, len) = match Number::scan(text).filter(|number| number.fraction.is_none()) {
        Some(number) => (number.words(), number.len),
        None => (numerals::cardinal(digits(text)), digits(text).len()),
    };
    let end = place.at() + len;
    let rest = place.from(end);
    let hyphen = rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    Reading { end: end + usize::from(hyphen), words }
}

/// `2000s` and `20s` that no other class read, `747s`: several of a number.
fn grades(place: &Place) -> Option<Reading> {
    let group = digits(place.rest());
    let end = place.at() + group.len();
    let ending = ["s", "'s", "’s"].into_iter().find(|ending| place.from(end).starts_with(ending))?;
    let end = end + ending.len();
    if !place.ends_word(end) || group.len() > 4 {
        return None;
    }
    let said = if group.len() == 3 { by_twos(group) } else { numerals::cardinal(group) };
    Some(Reading { end, words: plural(said) })
}

/// "seven forty sevens", "sixes", "twenties".
fn plural(words: String) -> String {
    if let Some(stem) = words.strip_suffix('y') {
        format!("{stem}ies")
    } else if words.ends_with("six") {
        words + "es"
    } else {
        words + "s"
    }
}

#[cfg(test)]
mod tests {
    use crate::normalise::assert_said;

    #[test]
    fn whole_numbers_are_read_as_said() {
        assert_said(&[
            ("There are 1,234 of them.", "There are one thousand two hundred thirty four of them."),
            (
                "There are 1 234 567.",
                "There are one million two hundred thirty four thousand five hundred sixty seven.",
            ),
            ("There are 1\u{202f}234.", "There are one thousand two hundred thirty four."),
            ("It is −40 now.", "It is minus forty now."),
            ("Add +5 now.", "Add plus five now."),
            ("It is ±3 at most.", "It is plus or minus three at most."),
            ("About ~50 came.", "About about fifty came."),
            ("I am 007.", "I am double oh seven."),
            ("Use 5M rows.", "Use five million rows."),
            ("Use 3bn rows.", "Use three billion rows."),
            ("A 7B model.", "A seven billion model."),
            ("The #5 car.", "The number five car."),
            ("No. 12 is here.", "Number twelve is here."),
            ("Count 1-2-3 now.", "Count one two three now."),
            ("In Room 101 now.", "In Room one oh one now."),
            ("On Flight 370 now.", "On Flight three seventy now."),
            ("Take bus 42.", "Take bus forty two."),
            ("Take I-95 north.", "Take I ninety five north."),
            ("On Route 66 now.", "On Route sixty six now."),
            ("Read 10–20 pages.", "Read ten to twenty pages."),
            ("They won 3-1.", "They won three to one."),
            ("They won 21-14 today.", "They won twenty one to fourteen today."),
            ("The covid-19 wave.", "The covid nineteen wave."),
            ("A 24-bit file.", "A twenty four bit file."),
            ("A 10-year-old boy.", "A ten year-old boy."),
            ("The PIN is 1234.", "The PIN is one two three four."),
            ("Zip code 90210.", "Zip code nine zero two one zero."),
            ("CA 90210 is hot.", "CA nine zero two one zero is hot."),
            ("Over 100+ people.", "Over one hundred plus people."),
            ("It is 0.", "It is zero."),
            ("He is 5, she 6.", "He is five, she six."),
            ("The key 3f2a9 fits.", "The key 3f2a9 fits."),
            ("Use utf8 and mp3.", "Use U T F eight and M P three."),
            ("He paid L45,000 then.", "He paid L45,000 then."),
            (
                "Two F-16s and a Boeing 747-400.",
                "Two F sixteens and a Boeing seven forty seven four hundred.",
            ),
            ("It is CHF 1'000 now.", "It is one thousand Swiss francs now."),
            ("Steps 1/2/3 follow.", "Steps one slash two slash three follow."),
            ("It is at UTC+2 now.", "It is at UTC plus two now."),
            ("Get 100K-200K of it.", "Get one hundred thousand to two hundred thousand of it."),
            ("At 221B Baker Street.", "At two hundred twenty one B Baker Street."),
            ("In Apt. 4B now.", "In Apartment four B now."),
            ("Dial ext. 204 now.", "Dial extension two zero four now."),
            ("Two 747s landed.", "Two seven forty sevens landed."),
            ("A Boeing 747 landed.", "A Boeing seven forty seven landed."),
            ("We need 1000000.", "We need one million."),
            ("Page 5 of 10.", "Page five of ten."),
            (
                "It is 12,34,567 in all.",
                "It is one million two hundred thirty four thousand five hundred sixty seven in all.",
            ),
        ]);
    }
}
