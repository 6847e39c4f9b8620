//! Decimals, percentages, versions and other digits with points, and powers of ten: `3.5%`, `2.0.1`, `1e-5`.

use crate::normalise::number::{Number, digits, is_digit};
use crate::normalise::place::Place;
use crate::normalise::quantity::{Quantity, range};
use crate::normalise::{Reading, numerals};

/// Reads what has a point, a percent sign or an exponent.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let here = place.here()?;
    let starts = is_digit(here) || matches!(here, '.' | '-' | '+' | '−' | '–' | '±') || is_v(place);
    if !starts && !crate::normalise::fraction::is_vulgar(here) {
        return None;
    }
    let inside =
        here == '.' && place.previous().is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | ')' | '"'));
    if inside {
        return None;
    }
    percent(place).or_else(|| dotted(place)).or_else(|| exponent(place)).or_else(|| plain(place))
}

fn is_v(place: &Place) -> bool {
    place.rest().strip_prefix(['v', 'V']).is_some_and(|rest| rest.starts_with(is_digit))
}

/// `3.5%`, `5-10%`, `5%-10%`, `50 %`.
fn percent(place: &Place) -> Option<Reading> {
    let mut quantity = Quantity::scan(place, place.at())?;
    let mut end = sign(place, quantity.end)?;
    if let Some(len) = range(place.from(end.0))
        && let Some(second) = Quantity::scan(place, end.0 + len)
        && let Some(close) = sign(place, second.end)
    {
        quantity.words = format!("{} to {}", quantity.words, second.words);
        end = close;
    }
    Some(Reading { end: end.0, words: format!("{} {}", quantity.words, end.1) })
}

/// Where the percent sign at `at` ends, and its name.
fn sign(place: &Place, at: usize) -> Option<(usize, &'static str)> {
    let text = place.from(at);
    let space = usize::from(text.starts_with([' ', '-']));
    let sign = text[space..].chars().next()?;
    let name = match sign {
        '%' => "percent",
        '‰' => "per mille",
        _ => return None,
    };
    Some((at + space + sign.len_utf8(), name))
}

/// Digits with two points or more, or with one behind a `v`: every point is said.
fn dotted(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let v = usize::from(is_v(place));
    let mut end = v;
    let mut words: Vec<String> = Vec::new();
    loop {
        let group = digits(&text[end..]);
        if group.is_empty() {
            return None;
        }
        words.push(group.to_owned());
        end += group.len();
        if !text[end..].strip_prefix('.').is_some_and(|rest| rest.starts_with(is_digit)) {
            break;
        }
        end += 1;
    }
    if v == 0
        && words.len() > 2
        && words[0].len() <= 3
        && !words[0].starts_with('0')
        && words[1..].iter().all(|group| group.len() == 3)
        && !(words.len() == 4 && words.iter().all(|group| group.parse::<u8>().is_ok()))
    {
        // Thousands as they are parted on the continent.
        return Some(Reading { end: place.at() + end, words: numerals::cardinal(&words.concat()) });
    }
    let is_address = v == 0 && words.len() == 4 && words.iter().all(|group| group.parse::<u8>().is_ok());
    let fewest = if is_versioned(place.previous_word()) { 2 } else { 3 };
    if v == 0 && !(fewest..=9).contains(&words.len()) {
        return None;
    }
    let said: Vec<String> = if is_address {
        words.iter().map(|group| numerals::each(group)).collect()
    } else {
        words.iter().map(|group| version_group(group)).collect()
    };
    let mut said = said.join(if is_address { " dot " } else { " point " });
    if v == 1 {
        said = format!("version {said}");
        if place.previous_word().eq_ignore_ascii_case("version") {
            said = said.replacen("version ", "V ", 1);
        }
    }
    let end = place.at() + end;
    if let Some((end, tail)) = release(place, end) {
        return Some(Reading { end, words: format!("{said} {tail}") });
    }
    (v == 0 || place.ends_word(end) || place.char_at(end) == Some('x'))
        .then_some(Reading { end, words: said })
}

/// Whether a number with one point after `word` is a version.
fn is_versioned(word: &str) -> bool {
    const NAMES: [&str; 17] = [
        "android", "debian", "django", "fedora", "ios", "java", "kernel", "linux", "macos", "node", "perl",
        "php", "python", "ruby", "rust", "ubuntu", "version",
    ];
    NAMES.contains(&word.to_lowercase().as_str())
}

fn version_group(group: &str) -> String {
    if group.len() > 1 && group.starts_with('0') || group.len() > 3 {
        numerals::each(group)
    } else {
        numerals::cardinal(group)
    }
}

/// The name of an early release behind a version: `-beta`, `-rc.1`, `rc2`.
fn release(place: &Place, at: usize) -> Option<(usize, String)> {
    const NAMES: [(&str, &str); 6] = [
        ("alpha", "alpha"),
        ("beta", "beta"),
        ("rc", "R C"),
        ("dev", "dev"),
        ("preview", "preview"),
        ("pre", "pre"),
    ];
    let text = place.from(at);
    let rest = text.strip_prefix('-').unwrap_or(text);
    let (name, said) = NAMES.into_iter().find(|(name, _)| rest.starts_with(name))?;
    let rest = &rest[name.len()..];
    let number = rest.strip_prefix(['.', '-']).unwrap_or(rest);
    let group = digits(number);
    let (rest, said) = if group.is_empty() {
        (rest, said.to_owned())
    } else {
        (&number[group.len()..], format!("{said} {}", version_group(group)))
    };
    let end = at + text.len() - rest.len();
    place.ends_word(end).then_some((end, said))
}

/// `1e-5`, `6.02e23`, `6.02E+23`: "six point zero two times ten to the twenty three".
fn exponent(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let (minus, start) = match text.strip_prefix(['-', '−']) {
        Some(_) => ("minus ", text.chars().next()?.len_utf8()),
        None => ("", 0),
    };
    if start > 0 {
        crate::normalise::quantity::sign(place, place.at())?;
    }
    let number = Number::scan(&text[start..])?;
    let after = text[start + number.len..].strip_prefix(['e', 'E'])?;
    let (sign, rest) = match after.chars().next()? {
        '-' | '−' => ("minus ", &after[after.chars().next()?.len_utf8()..]),
        '+' => ("", &after[1..]),
        _ => ("", after),
    };
    let power = digits(rest);
    let end = place.at() + text.len() - (rest.len() - power.len());
    if power.is_empty() || power.len() > 3 || !place.ends_word(end) {
        return None;
    }
    let words = format!("{minus}{} times ten to the {sign}{}", number.words(), numerals::cardinal(power));
    Some(Reading { end, words })
}

/// A number with one point, with its sign.
fn plain(place: &Place) -> Option<Reading> {
    let quantity = Quantity::scan(place, place.at())?;
    let points = quantity.words.contains("point");
    let magnitude = place.from(quantity.end).starts_with(['k', 'K', 'M', 'B', 'b', 'T', 'x', '×']);
    let plus = place.char_at(quantity.end) == Some('+') && place.ends_word(quantity.end + 1);
    (points && !magnitude && !plus).then_some(Reading { end: quantity.end, words: quantity.words })
}

#[cfg(test)]
mod tests {
    use crate::normalise::assert_said;

    #[test]
    fn points_percents_and_powers_are_read_as_said() {
        assert_said(&[
            ("Pi is 3.14159.", "Pi is three point one four one five nine."),
            ("It is 0.05 now.", "It is zero point zero five now."),
            ("Only .5 of it.", "Only point five of it."),
            ("About 1,234.5 in all.", "About one thousand two hundred thirty four point five in all."),
            ("Minus: -3.5.", "Minus: minus three point five."),
            ("It fell 100%.", "It fell one hundred percent."),
            ("It fell by 5-10%.", "It fell by five to ten percent."),
            ("It fell by 5%–10%.", "It fell by five to ten percent."),
            ("A 50 % share.", "A fifty percent share."),
            ("Between 1.5 and 2.5.", "Between one point five and two point five."),
            ("A rate of 3‰ is low.", "A rate of three per mille is low."),
            ("Up +2.5% today.", "Up plus two point five percent today."),
            ("Use v2.0.1 here.", "Use version two point zero point one here."),
            ("Version 2.0 came.", "Version two point zero came."),
            ("Python 3.11 is out.", "Python three point eleven is out."),
            ("Get 1.2.3-beta now.", "Get one point two point three beta now."),
            ("Get 1.0.0-rc.1 now.", "Get one point zero point zero R C one now."),
            ("Ping 192.168.0.1 first.", "Ping one nine two dot one six eight dot zero dot one first."),
            ("Below 1e-5 it stops.", "Below one times ten to the minus five it stops."),
            ("It is 6.02e23 or so.", "It is six point zero two times ten to the twenty three or so."),
            ("It is 6.02E+23.", "It is six point zero two times ten to the twenty three."),
            ("See section 4.2.", "See section four point two."),
            ("Wait... .NET is here.", "Wait... dot net is here."),
            ("It is 5. Go on.", "It is five. Go on."),
            ("From 0.5-1.5 it holds.", "From zero point five to one point five it holds."),
            ("½% is little.", "one half percent is little."),
            ("It made 1.500.000 in all.", "It made one million five hundred thousand in all."),
            ("Needs 1.60+ to run.", "Needs one point six zero plus to run."),
            ("Within +/-15% of it.", "Within plus or minus fifteen percent of it."),
            ("It was −0.5%.", "It was minus zero point five percent."),
        ]);
    }
}
