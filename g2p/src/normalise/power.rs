//! Powers, roots, functions and factorials: `2^10`, `mc²`, `√16`, `f(x)`, `5! = 120`.

use crate::normalise::math::{is_operator, is_product, spell};
use crate::normalise::number::{Number, digits, is_digit};
use crate::normalise::place::Place;
use crate::normalise::{Reading, numerals, unit};

/// Functions that are written with their short names.
const FUNCTIONS: [(&str, &str); 8] = [
    ("sin", "sine"),
    ("cos", "cosine"),
    ("tan", "tangent"),
    ("log", "log"),
    ("ln", "natural log"),
    ("exp", "exponential"),
    ("sqrt", "square root"),
    ("abs", "absolute value"),
];

pub(super) const SUPERSCRIPTS: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/// "squared", "cubed", or "to the minus five" for the exponent that begins at `at`.
pub(super) fn exponent(place: &Place, at: usize) -> Option<Reading> {
    let text = place.from(at);
    let text = text.trim_start_matches(' ');
    let at = at + place.from(at).len() - text.len();
    let bracket = usize::from(text.starts_with(['(', '{']));
    let inner = &text[bracket..];
    let (minus, rest) = match inner.strip_prefix(['-', '−']) {
        Some(rest) => ("minus ", rest),
        None => ("", inner),
    };
    let group = digits(rest);
    let (said, len) = if group.is_empty() {
        let letter = rest.chars().next().filter(|c| c.is_alphabetic())?;
        (spell(letter), letter.len_utf8())
    } else {
        (numerals::cardinal(group), group.len())
    };
    let end = at + text.len() - rest.len() + len;
    let end = if bracket == 1 {
        if !place.from(end).starts_with([')', '}']) {
            return None;
        }
        end + 1
    } else {
        end
    };
    if !place.ends_word(end) {
        return None;
    }
    let words = raised(minus, group, &said);
    let number = place.before().trim_end().ends_with(is_digit);
    Some(match unit::plural_at(place, end).filter(|_| number) {
        Some((end, name)) => Reading { end, words: format!("{words} {name}") },
        None => Reading { end, words },
    })
}

fn raised(minus: &str, group: &str, said: &str) -> String {
    match (minus, group) {
        ("", "2") => "squared".to_owned(),
        ("", "3") => "cubed".to_owned(),
        _ => format!("to the {minus}{said}"),
    }
}

/// A variable or a number with superscript figures: `mc²`, `10⁻⁵`.
pub(super) fn raised_to(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let base =
        text.find(|c: char| SUPERSCRIPTS.contains(c) || matches!(c, '⁻' | 'ⁿ') || !c.is_alphanumeric())?;
    let figures_at = &text[base..];
    let minus = figures_at.strip_prefix('⁻');
    let figures = minus.unwrap_or(figures_at);
    let mut group = String::new();
    let mut len = 0;
    for c in figures.chars() {
        let Some(figure) = SUPERSCRIPTS.chars().position(|s| s == c) else { break };
        group += &figure.to_string();
        len += c.len_utf8();
    }
    let n = group.is_empty() && figures.starts_with('ⁿ');
    if base == 0 && place.previous() != Some(')') || group.is_empty() && !n {
        return None;
    }
    let end = place.at() + text.len() - figures.len() + if n { 'ⁿ'.len_utf8() } else { len };
    let letters = text[..base].trim_start_matches(is_digit);
    let number = &text[..base - letters.len()];
    let names = letters.chars().count() < 4
        && letters
            .chars()
            .all(|c| is_product(c) || c.is_ascii_uppercase() || c == 'l' || c == 'i' || c == 'j');
    if !names || !place.ends_word(end) || number.len() > 18 {
        return None;
    }
    let mut words: Vec<String> = Vec::new();
    if !number.is_empty() {
        words.push(numerals::cardinal(number));
    }
    words.extend(letters.chars().map(spell));
    let said = if n { "N".to_owned() } else { numerals::cardinal(&group) };
    words.push(raised(if minus.is_some() { "minus " } else { "" }, &group, &said));
    if let Some((close, name)) = unit::plural_at(place, end).filter(|_| letters.is_empty()) {
        words.push(name);
        return Some(Reading { end: close, words: words.join(" ") });
    }
    Some(Reading { end, words: words.join(" ") })
}

/// `f(x)`: "F of X".
pub(super) fn call(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let mut letters = text.chars();
    if let Some((name, said)) =
        FUNCTIONS.into_iter().find(|(name, _)| text.starts_with(name) && text[name.len()..].starts_with('('))
    {
        let inner = &text[name.len() + 1..];
        let operand = &inner[..inner.find(')')?];
        let words = if operand.chars().count() == 1 {
            spell(operand.chars().next()?)
        } else {
            Number::scan(operand).filter(|number| number.len == operand.len())?.words()
        };
        let end = place.at() + name.len() + operand.len() + 2;
        return place.ends_word(end).then(|| Reading { end, words: format!("{said} of {words}") });
    }
    let function = letters.next().filter(|c| matches!(c, 'f' | 'g' | 'h' | 'P' | 'E'))?;
    let open = letters.next()?;
    let variable = letters.next().filter(|c| c.is_alphabetic())?;
    if open != '(' || letters.next()? != ')' {
        return None;
    }
    let end = place.at() + 3 + variable.len_utf8();
    place
        .ends_word(end)
        .then(|| Reading { end, words: format!("{} of {}", spell(function), spell(variable)) })
}

/// `√16`, `√x`
pub(super) fn root(place: &Place) -> Option<Reading> {
    let name = match place.here()? {
        '√' => "square",
        '∛' => "cube",
        _ => return None,
    };
    let article = if place.previous_word().eq_ignore_ascii_case("the") { "" } else { "the " };
    let end = place.at() + '√'.len_utf8();
    let rest = place.from(end);
    let variable = rest.chars().next().filter(|c| c.is_alphabetic() && place.ends_word(end + c.len_utf8()));
    let (letter, end) = match variable {
        Some(letter) => (format!(" {}", spell(letter)), end + letter.len_utf8()),
        None => (String::new(), end),
    };
    Some(Reading { end, words: format!("{article}{name} root of{letter}") })
}

/// `5! = 120`
pub(super) fn factorial(place: &Place) -> Option<Reading> {
    let group = digits(place.rest());
    let at = place.at() + group.len();
    let after = place.from(at).strip_prefix('!')?;
    let reckoned =
        after.trim_start().starts_with(|c: char| is_operator(c) || c == '/') && !after.starts_with('=');
    (!group.is_empty() && group.len() < 16 && reckoned)
        .then(|| Reading { end: at + 1, words: format!("{} factorial", numerals::cardinal(group)) })
}
