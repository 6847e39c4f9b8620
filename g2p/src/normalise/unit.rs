//! Numbers with units: `16GB`, `5 km/h`, `20 °C`, `5'10"`, `1h30`, `4K`.

use crate::normalise::measure::{self, Noun};
use crate::normalise::number::{Number, digits, is_digit};
use crate::normalise::place::Place;
use crate::normalise::quantity::Quantity;
use crate::normalise::unit_names::{self, Surety};
use crate::normalise::{Reading, fraction, numerals};

/// What a price or a rate is for, beside units.
const PER: [&str; 28] = [
    "second", "minute", "hour", "day", "night", "week", "month", "quarter", "year", "person", "user", "seat",
    "head", "unit", "piece", "item", "page", "word", "token", "request", "share", "barrel", "bottle", "box",
    "cup", "foot", "mile", "ton",
];

/// Words after inches that show that `in` is no preposition.
const AFTER_INCHES: [&str; 12] =
    ["long", "wide", "tall", "deep", "high", "thick", "diameter", "apart", "by", "x", "and", "or"];

/// Screens and what is seen on them, which have lines and not thousands of anything.
const SCREENS: [&str; 22] = [
    "TV",
    "TVs",
    "television",
    "video",
    "videos",
    "display",
    "displays",
    "monitor",
    "monitors",
    "screen",
    "screens",
    "resolution",
    "camera",
    "footage",
    "movie",
    "gaming",
    "projector",
    "content",
    "streaming",
    "run",
    "race",
    "HDR",
];

/// Reads a number with its unit.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let here = place.here()?;
    if here == '/' {
        return rate(place);
    }
    if !is_digit(here) && !matches!(here, '.' | '-' | '+' | '−' | '–' | '±') && !here.is_numeric() {
        return None;
    }
    if here == '.' && place.previous().is_some_and(char::is_alphanumeric) {
        return None;
    }
    feet_and_inches(place).or_else(|| clock(place)).or_else(|| picture(place)).or_else(|| measure(place))
}

/// Whether a unit follows the number that ends at `end`.
pub(super) fn follows(place: &Place, end: usize) -> bool {
    unit_at(place, end).is_some()
}

/// Where the unit that follows a number ending at `end` ends, and its name for many.
pub(super) fn plural_at(place: &Place, end: usize) -> Option<(usize, String)> {
    unit_at(place, end).map(|unit| (unit.end, unit.noun.many))
}

/// `/kg`, `/month` at `at`: "per kilogram", and where it ends.
pub(super) fn per(place: &Place, at: usize) -> Option<(usize, String)> {
    let rest = place.from(at).strip_prefix('/')?;
    let word = &rest[..rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len())];
    let end = at + 1 + word.len();
    if PER.contains(&word) && place.ends_word(end) {
        return Some((end, format!("per {word}")));
    }
    let unit = sign(place, at + 1)?;
    Some((unit.end, format!("per {}", unit.noun.one)))
}

struct Unit {
    end: usize,
    noun: Noun,
    surety: Surety,
}

/// The sign of one unit at `at`, with its power.
fn sign(place: &Place, at: usize) -> Option<Unit> {
    let text = place.from(at);
    let (square, text_at) = ["sq. ", "sq ", "cu. ", "cu "]
        .into_iter()
        .find(|word| text.starts_with(word))
        .map_or(("", at), |word| (if word.starts_with('s') { "square " } else { "cubic " }, at + word.len()));
    let text = place.from(text_at);
    let letters = |c: char| c.is_alphabetic() || matches!(c, '°' | 'º' | '℃' | '℉' | '·');
    let len = text.find(|c| !letters(c)).unwrap_or(text.len());
    let (noun, surety) = unit_names::find(&text[..len]).or_else(|| {
        text.starts_with("° ").then(|| unit_names::find(&format!("°{}", text[3..].get(..1)?))).flatten()
    })?;
    let len = if text.starts_with("° ") && noun.one.contains(' ') { 4 } else { len };
    let rest = &text[len..];
    let (power, more) = [
        ("²", "square "),
        ("³", "cubic "),
        ("^2", "square "),
        ("^3", "cubic "),
        ("2", "square "),
        ("3", "cubic "),
    ]
    .into_iter()
    .find(|(sign, _)| rest.starts_with(sign))
    .map_or(("", 0), |(sign, power)| (power, sign.len()));
    let end = text_at + len + more;
    let metre = noun.one.ends_with("meter")
        || matches!(noun.one.as_str(), "foot" | "inch" | "mile" | "yard" | "second");
    if !place.ends_word(end) || more > 0 && !metre {
        return None;
    }
    let noun = match (noun.one.as_str(), power, square) {
        (_, "", "") => noun,
        ("second", "square ", _) => Noun::new("second squared", "seconds squared"),
        _ => Noun {
            one: format!("{square}{power}{}", noun.one),
            many: format!("{square}{power}{}", noun.many),
        },
    };
    Some(Unit { end, noun, surety: if more > 0 { Surety::Sure } else { surety } })
}

/// The unit of a number that ends at `at`, with what it is per, where it surely is one.
fn unit_at(place: &Place, at: usize) -> Option<Unit> {
    let text = place.from(at);
    let gap = usize::from(text.starts_with([' ', '-']));
    let mut unit = sign(place, at + gap)?;
    let symbol = &place.from(at + gap)[..unit.end - at - gap];
    let spaced = text.starts_with(' ');
    let joined = text.starts_with('-');
    if joined && (symbol.len() < 2 && symbol != "m" || symbol == "in") {
        return None;
    }
    if let Some((end, per)) = per(place, unit.end) {
        unit = Unit {
            end,
            noun: Noun { one: format!("{} {per}", unit.noun.one), many: format!("{} {per}", unit.noun.many) },
            surety: Surety::Sure,
        };
    }
    let sure = match unit.surety {
        Surety::Sure => !(spaced && symbol.len() == 1 && !is_apart(place, unit.end)),
        Surety::Apart => spaced && is_apart(place, unit.end),
        Surety::Alone if symbol == "in" => !spaced || are_inches(place, unit.end),
        Surety::Alone => {
            !spaced && symbol != "A" && symbol != "N" && symbol != "J" || is_alone(place, unit.end)
        }
    };
    if !sure || symbol.len() == 1 && is_label(place, spaced, unit.end) {
        return None;
    }
    unit.end = place.past_stop(unit.end).max(unit.end);
    if place.char_before(unit.end) == Some('.') && !is_abbreviated(symbol) {
        unit.end -= 1;
    }
    Some(unit)
}

/// Whether a sign is an abbreviation that takes a full stop.
fn is_abbreviated(symbol: &str) -> bool {
    const STOPPED: [&str; 24] = [
        "in", "ins", "ft", "yd", "yds", "mi", "lb", "lbs", "oz", "gal", "gals", "qt", "pt", "tsp", "tbsp",
        "sec", "secs", "min", "mins", "hr", "hrs", "yr", "yrs", "wk",
    ];
    STOPPED.contains(&symbol.trim_start_matches(|c: char| !c.is_alphabetic()))
        || symbol.starts_with("sq")
        || symbol.starts_with("cu")
}

/// Whether a sign of one letter behind a space is no name: `5 m away`, not `5 A grades` or `5 s's`.
fn is_apart(place: &Place, end: usize) -> bool {
    !place.from(end).starts_with(['\'', '’', '.']) || is_alone(place, end)
}

fn is_alone(place: &Place, end: usize) -> bool {
    let after = place.from(end).trim_start();
    !after.starts_with(char::is_alphanumeric) && !after.starts_with(['\'', '’'])
        || measure::is_determined(place)
            && measure::noun_after(place, end)
            && !measure::is_plural(place.next_word(end))
        || ["of", "at", "and", "or", "to", "max"].contains(&place.next_word(end))
}

/// Whether `in` behind a number and a space is a length: "5 in 10" is none.
fn are_inches(place: &Place, end: usize) -> bool {
    let after = place.from(end);
    let next = place.next_word(end);
    let feet = ["ft", "feet", "foot"].contains(&place.previous_word());
    feet || place.ends_sentence(end)
        || after.starts_with(['.', ',', ')', ';'])
        || AFTER_INCHES.contains(&next)
        || measure::is_determined(place) && measure::noun_after(place, end)
}

fn measure(place: &Place) -> Option<Reading> {
    let (words, number_end, one) = amount(place)?;
    let unit = unit_at(place, number_end).filter(|_| !are_aircraft(place))?;
    let hyphen =
        place.from(unit.end).strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    let joined = place.char_at(number_end) == Some('-');
    let one = one || joined || hyphen || measure::describes(place, unit.end);
    let end = unit.end + usize::from(hyphen);
    Some(Reading { end, words: format!("{words} {}", unit.noun.form(one)) })
}

/// Whether one capital letter behind a number is no unit: the `N.` of `123 N. Main St.`, the `A` of `seat 14A`.
fn is_label(place: &Place, spaced: bool, end: usize) -> bool {
    const LABELLED: [&str; 20] = [
        "apartment",
        "apt",
        "bay",
        "building",
        "bus",
        "exhibit",
        "flat",
        "form",
        "gate",
        "platform",
        "room",
        "row",
        "seat",
        "section",
        "stand",
        "suite",
        "table",
        "terminal",
        "track",
        "unit",
    ];
    if !place.char_before(end).is_some_and(|c| c.is_ascii_uppercase()) {
        return false;
    }
    let name = place
        .from(end)
        .strip_prefix(". ")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_uppercase() || is_digit(c)));
    spaced && name || !spaced && LABELLED.contains(&place.previous_word().to_lowercase().as_str())
}

/// `747s` are no seconds.
fn are_aircraft(place: &Place) -> bool {
    matches!(place.rest().as_bytes(), [b'7', b'0'..=b'8', b'7', b's', ..])
}

/// The quantity before a unit, also as sides of something: `5 x 10 cm`, and with a power of ten: `10k km`.
fn amount(place: &Place) -> Option<(String, usize, bool)> {
    let quantity = Quantity::scan(place, place.at())?;
    let (mut words, mut end, mut one) = (quantity.words, quantity.end, quantity.one);
    // A range may name its unit twice: `5km-10km`.
    while let Some(len) = [" x ", " × ", "x", "×"].into_iter().find_map(|by| {
        place.from(end).strip_prefix(by).filter(|rest| rest.starts_with(is_digit)).map(|_| by.len())
    }) {
        let side = Number::scan(place.from(end + len))?;
        words = format!("{words} by {}", side.words());
        end += len + side.len;
        one = false;
    }
    for magnitude in ["million", "billion", "thousand", "trillion", "hundred"] {
        if place.from(end).strip_prefix(' ').is_some_and(|rest| rest.starts_with(magnitude)) {
            let close = end + 1 + magnitude.len();
            let unit = place.from(close).starts_with(' ')
                && unit_at(place, close).is_some_and(|unit| unit.end - close > 2);
            if unit {
                return Some((format!("{words} {magnitude}"), close, false));
            }
        }
    }
    Some((words, end, one))
}

/// `5'10"`, `6′`, `5 ft 2 in`, `12″`: feet and inches.
fn feet_and_inches(place: &Place) -> Option<Reading> {
    let text = place.rest();
    if let Some(reading) = fraction_of_inch(place) {
        return Some(reading);
    }
    let number = Number::scan(text)?;
    let mut end = number.len;
    if let Some(inches) = text[end..].strip_prefix(['"', '″', '”']) {
        let quoted = place.before().matches('"').count() % 2 == 1 || place.before().contains('“');
        let is_open = inches.starts_with(char::is_alphanumeric);
        if text[end..].starts_with('″') || !quoted && !is_open && !inches.contains('"') {
            let end = place.at() + text.len() - inches.len();
            let one = number.is_one() || measure::describes(place, end);
            let noun = if one { "inch" } else { "inches" };
            return Some(Reading { end, words: format!("{} {noun}", number.words()) });
        }
        return None;
    }
    let prime = text[end..].chars().next().filter(|c| matches!(c, '\'' | '’' | '′'))?;
    let opened = place.before().contains(['‘', '\'']) && prime != '′';
    end += prime.len_utf8();
    let rest = &text[end..];
    let space = usize::from(rest.starts_with(' '));
    let inches = Number::scan(&rest[space..]).filter(|inches| inches.value().is_none_or(|value| value < 12));
    if let Some(inches) = inches.filter(|_| number.value().is_some_and(|value| value < 100)) {
        let after = &rest[space + inches.len..];
        let close = ["\"", "″", "”", "''", "′′"]
            .into_iter()
            .find(|close| after.starts_with(close))
            .map_or(0, str::len);
        let end = place.at() + end + space + inches.len + close;
        if (close > 0 || space == 0) && place.ends_word(end) {
            return Some(Reading { end, words: format!("{} foot {}", number.words(), inches.words()) });
        }
    }
    let end = place.at() + end;
    let plain = !opened && place.ends_word(end) && number.value().is_some_and(|value| value < 10);
    (prime == '′' || plain).then(|| {
        let one = number.is_one() || measure::describes(place, end);
        let noun = if one { "foot" } else { "feet" };
        Reading { end, words: format!("{} {noun}", number.words()) }
    })
}

/// `7/8"`, `2½"`
fn fraction_of_inch(place: &Place) -> Option<Reading> {
    let (words, len, one) = fraction::scan(place.rest())?;
    let end = place.at() + len + 1;
    let quoted = place.before().matches('"').count() % 2 == 1;
    if quoted || !place.from(end - 1).starts_with('"') || !place.ends_word(end) {
        return None;
    }
    let noun = if one || measure::describes(place, end) { "inch" } else { "inches" };
    Some(Reading { end, words: format!("{words} {noun}") })
}

/// The stroke in `100 requests/s` and `5 apples/day`.
fn rate(place: &Place) -> Option<Reading> {
    let counted = place.previous_word();
    let before = place.before().strip_suffix(counted)?;
    let number = before
        .strip_suffix(' ')
        .is_some_and(|before| before.ends_with(is_digit) || before.ends_with(['k', 'K', 'M', 'B']));
    if !number || counted.len() < 3 || !counted.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    per(place, place.at()).map(|(end, words)| Reading { end, words })
}

/// `1h30`, `2h 15m`, `3m20s`: hours, minutes and seconds in a row.
fn clock(place: &Place) -> Option<Reading> {
    const PARTS: [(char, &str); 3] = [('h', "hour"), ('m', "minute"), ('s', "second")];
    let text = place.rest();
    let mut end = 0;
    let mut words: Vec<String> = Vec::new();
    let mut from = 0;
    loop {
        let space = usize::from(!words.is_empty() && text[end..].starts_with(' '));
        let group = digits(&text[end + space..]);
        if group.is_empty() || group.len() > 3 {
            break;
        }
        let close = end + space + group.len();
        let count = numerals::cardinal(group);
        let Some(part) = PARTS[from..].iter().position(|(sign, _)| text[close..].starts_with(*sign)) else {
            let bare = from == 1 && space == 0 && group.len() == 2 && place.ends_word(place.at() + close);
            if bare {
                words.push(count);
                end = close;
            }
            break;
        };
        let (_, name) = PARTS[from + part];
        let after = close + 1;
        if text[after..].starts_with(char::is_alphabetic) {
            break;
        }
        let one = group == "1";
        words.push(format!("{count} {name}{}", if one { "" } else { "s" }));
        end = after;
        from += part + 1;
        if from == PARTS.len() {
            break;
        }
    }
    let end = place.at() + end;
    (words.len() > 1 && place.ends_word(end)).then(|| Reading { end, words: words.join(" ") })
}

/// `4K`, `1080p`, `1920x1080`: how many lines or dots a picture has.
fn picture(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let group = digits(text);
    let rest = &text[group.len()..];
    let value: u16 = group.parse().ok()?;
    let end = place.at() + group.len() + 1;
    if rest.starts_with(['p', 'i']) && place.ends_word(end) {
        let lines = [144, 240, 360, 480, 576, 720, 1080, 1440, 2160, 4320].contains(&value);
        let letter = if rest.starts_with('p') { "P" } else { "I" };
        return lines.then(|| Reading { end, words: format!("{} {letter}", dots(group)) });
    }
    if rest.starts_with(['K', 'k']) && place.ends_word(end) && value < 17 {
        let seen = SCREENS.contains(&place.next_word(end));
        let seen = seen && (rest.starts_with('K') || matches!(place.next_word(end), "run" | "race"));
        let alone =
            matches!(value, 4 | 8) && rest.starts_with('K') && !measure::is_plural(place.next_word(end));
        return (seen || alone).then(|| Reading { end, words: format!("{} K", numerals::cardinal(group)) });
    }
    let by = ['x', '×'].into_iter().find(|by| rest.starts_with(*by))?;
    let second = digits(&rest[by.len_utf8()..]);
    let end = place.at() + group.len() + by.len_utf8() + second.len();
    let sides = group.len() >= 3 && second.len() >= 3 && second.len() <= 4 && place.ends_word(end);
    (sides && !follows(place, end))
        .then(|| Reading { end, words: format!("{} by {}", dots(group), dots(second)) })
}

/// Dots by twos: "ten eighty", "seven sixty eight".
fn dots(group: &str) -> String {
    let (first, last) = group.split_at(group.len().saturating_sub(2));
    if last == "00" || last.starts_with('0') || first.is_empty() {
        return numerals::cardinal(group);
    }
    format!("{} {}", numerals::cardinal(first), numerals::cardinal(last))
}

#[cfg(test)]
mod tests {
    use crate::normalise::assert_said;

    #[test]
    fn measures_are_read_as_said() {
        assert_said(&[
            ("It is 5 km away.", "It is five kilometers away."),
            ("It is 1 km away.", "It is one kilometer away."),
            ("It is 5km away.", "It is five kilometers away."),
            ("A 5 km run.", "A five kilometer run."),
            ("A 5-km run.", "A five kilometer run."),
            ("It weighs 70kg.", "It weighs seventy kilograms."),
            ("It weighs 1.5 kg.", "It weighs one point five kilograms."),
            ("It is 20°C outside.", "It is twenty degrees Celsius outside."),
            ("It is -5 °C outside.", "It is minus five degrees Celsius outside."),
            ("It is 72°F.", "It is seventy two degrees Fahrenheit."),
            ("Turn 90° left.", "Turn ninety degrees left."),
            ("A 45° angle.", "A forty five degree angle."),
            ("It hit 100 km/h.", "It hit one hundred kilometers per hour."),
            ("It fell at 9.8 m/s².", "It fell at nine point eight meters per second squared."),
            ("A 100 Mbps link.", "A one hundred megabit per second link."),
            ("It copies 50 MB/s.", "It copies fifty megabytes per second."),
            ("It uses 4 GiB.", "It uses four gibibytes."),
            ("It took 100ms.", "It took one hundred milliseconds."),
            ("It took 10 s.", "It took ten seconds."),
            ("It is 50 m² large.", "It is fifty square meters large."),
            ("Pour 5 cm³ in.", "Pour five cubic centimeters in."),
            ("It has 1200 sq ft.", "It has one thousand two hundred square feet."),
            ("It draws 5 mW, not 5 MW.", "It draws five milliwatts, not five megawatts."),
            ("It uses 3.5 kWh.", "It uses three point five kilowatt hours."),
            ("A 12V battery.", "A twelve volt battery."),
            ("It runs at 3.2 GHz.", "It runs at three point two gigahertz."),
            ("It is 6 ft 2 in tall.", "It is six feet two inches tall."),
            ("He is 5'10\".", "He is five foot ten."),
            ("He is 6′2″ tall.", "He is six foot two tall."),
            ("A 12 in. pipe.", "A twelve inch pipe."),
            ("It is 12 in. long.", "It is twelve inches long."),
            ("He found 5 in 10 minutes.", "He found five in ten minutes."),
            ("He got 5 A grades.", "He got five A grades."),
            ("Wait 5 mins.", "Wait five minutes."),
            ("Wait 1 hr. or so.", "Wait one hour or so."),
            ("It took 1h30.", "It took one hour thirty."),
            ("It took 2h 15m.", "It took two hours fifteen minutes."),
            ("Add 2 tbsp sugar.", "Add two tablespoons sugar."),
            ("Add 8 oz. of milk.", "Add eight ounces of milk."),
            ("At 1080p it runs.", "At ten eighty P it runs."),
            ("A 4K screen.", "A four K screen."),
            ("A 1920x1080 screen.", "A nineteen twenty by ten eighty screen."),
            ("It runs at 60 fps.", "It runs at sixty frames per second."),
            ("A 300 dpi scan.", "A three hundred dot per inch scan."),
            ("From 5-10 km away.", "From five to ten kilometers away."),
            ("Cut 5 x 10 cm.", "Cut five by ten centimeters."),
            ("It is at 300 K now.", "It is at three hundred kelvin now."),
            ("It is 1/2 mile away.", "It is one half mile away."),
            ("It holds ½ l.", "It holds one half liter."),
            ("Only 5 ppm of it.", "Only five parts per million of it."),
            ("It is 1500 kg.", "It is one thousand five hundred kilograms."),
            ("A 5G network.", "A five G network."),
            ("Cut 7/8\" of it.", "Cut seven eighths inch of it."),
            ("It serves 100 requests/s now.", "It serves one hundred requests per second now."),
            ("It is 5 kΩ or 5 N·m.", "It is five kilohms or five newton meters."),
            ("A 10k run.", "A ten K run."),
            ("A 90° angle.", "A ninety degree angle."),
            ("Eat a 10 oz steak.", "Eat a ten ounce steak."),
            ("He ate 10 oz steak.", "He ate ten ounce steak."),
        ]);
    }
}
