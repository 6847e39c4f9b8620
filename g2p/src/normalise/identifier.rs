//! Names in programs, and names of products with digits in them: `get_user_name()`, `std::vec`, `C++`, `GPT-4`.

use crate::normalise::Reading;
use crate::normalise::place::Place;
use crate::normalise::spelling;
use crate::normalise::{name_parts, numerals};

/// Months, by their first letters: `Oct-12` is a date.
const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Reads a name.
pub(super) fn read(place: &Place) -> Option<Reading> {
    if place.previous().is_some_and(|c| matches!(c, '\'' | '’' | '@' | '#' | '$')) {
        return None;
    }
    match place.here()? {
        '.' => dot_net(place),
        '0' => hexadecimal(place),
        c if c.is_ascii_alphabetic() || c == '_' => {
            signed(place).or_else(|| code(place)).or_else(|| numbered(place))
        }
        _ => None,
    }
}

/// `.NET`, and no other word after a full stop.
fn dot_net(place: &Place) -> Option<Reading> {
    let after = place.rest().strip_prefix(".NET")?;
    let begins =
        place.previous().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '"' | '“' | '/' | '`'));
    (begins && !after.starts_with(char::is_alphanumeric))
        .then(|| Reading { end: place.at() + 4, words: "dot net".to_owned() })
}

/// `0xFF`.
fn hexadecimal(place: &Place) -> Option<Reading> {
    let digits = place.rest().strip_prefix("0x").or_else(|| place.rest().strip_prefix("0X"))?;
    let len = digits.find(|c: char| !(c.is_ascii_hexdigit() || c == '_')).unwrap_or(digits.len());
    if len == 0 || digits[len..].starts_with(char::is_alphanumeric) {
        return None;
    }
    let said: Vec<String> =
        digits[..len].split("").filter(|c| !matches!(*c, "" | "_")).map(one_by_one).collect();
    Some(Reading { end: place.at() + 2 + len, words: format!("zero X {}", said.join(" ")) })
}

fn one_by_one(c: &str) -> String {
    if c.starts_with(|c: char| c.is_ascii_digit()) { name_parts::digits(c) } else { c.to_ascii_uppercase() }
}

/// The name without marks that `text` begins with.
fn plain(text: &str) -> &str {
    &text[..text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len())]
}

/// `C++`, `C#`, `i++`.
fn signed(place: &Place) -> Option<Reading> {
    let rest = place.rest();
    let name = plain(rest);
    let after = &rest[name.len()..];
    let letters = name.bytes().all(|b| b.is_ascii_alphabetic());
    let (sign, said) = match after {
        _ if after.starts_with("++") && !after.starts_with("+++") => ("++", "plus plus"),
        _ if after.starts_with('#') && name.len() == 1 && name.bytes().all(|b| b.is_ascii_uppercase()) => {
            ("#", "sharp")
        }
        _ => return None,
    };
    let ends = !after[sign.len()..].starts_with(|c: char| c.is_alphanumeric() && !c.is_ascii_digit());
    let words = if name.len() == 1 { name.to_ascii_uppercase() } else { name_parts::said(name) };
    (letters && ends)
        .then(|| Reading { end: place.at() + name.len() + sign.len(), words: format!("{words} {said}") })
}

/// What nobody writes but in programs: `snake_case`, `camelCase`, `std::vec`, `object.method()`.
fn code(place: &Place) -> Option<Reading> {
    let rest = place.rest();
    let mut end = plain(rest).len();
    let mut words = vec![name_parts::said(plain(rest))];
    let mut is_code =
        plain(rest).trim_matches('_').contains('_') || is_camel(plain(rest), place.previous() == Some('`'));
    loop {
        let after = &rest[end..];
        let (joint, said) = match after {
            _ if after.starts_with("::") => ("::", ""),
            _ if after.starts_with("->") => ("->", "arrow"),
            _ if after.starts_with('.') => (".", "dot"),
            _ => break,
        };
        let next = plain(&after[joint.len()..]);
        if !next.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            break;
        }
        let next_end = end + joint.len() + next.len();
        let called = rest[next_end..].starts_with("()");
        // A stop without a space after it joins names only where either side shows that they are names.
        let is_name = called
            || next.trim_matches('_').contains('_')
            || is_code && next.starts_with(|c: char| c.is_ascii_lowercase());
        if joint == "." && !is_name {
            break;
        }
        is_code = true;
        words.push(said.to_owned());
        words.push(name_parts::said(next));
        end = next_end;
        if called {
            end += 2;
        }
    }
    if rest[end..].starts_with("()") {
        is_code = true;
        end += 2;
    }
    is_code |= plain(rest).starts_with("__") && plain(rest).ends_with("__");
    words.retain(|word| !word.is_empty());
    let whole = !rest[end..].starts_with(char::is_alphanumeric);
    (is_code && whole && !words.is_empty()).then(|| Reading { end: place.at() + end, words: words.join(" ") })
}

/// Whether `name` is written in humps as names in programs are, and not as brands (`iPhone`, `GitHub`, `macOS`).
fn is_camel(name: &str, quoted: bool) -> bool {
    let hump = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_uppercase())
            && part[1..].starts_with(|c: char| c.is_ascii_lowercase())
    };
    let letters = name.bytes().all(|b| b.is_ascii_alphanumeric());
    let parts = name_parts::parts(name);
    let Some((first, others)) = parts.split_first().filter(|(_, others)| letters && !others.is_empty())
    else {
        return false;
    };
    let lower = first.len() > 1 && first.bytes().all(|b| b.is_ascii_lowercase());
    let humps = others.iter().filter(|part| hump(part)).count();
    if quoted {
        return parts.len() > 1;
    }
    lower && (humps > 0 || others.iter().any(|part| is_capitals(part) && spelling::is_acronym(part)))
        || hump(first) && humps > 1 && !name.starts_with("Mc")
        || hump(first)
            && others.len() > 1
            && humps > 0
            && others.iter().all(|part| part.len() > 1 && part.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// More than two capitals.
fn is_capitals(part: &str) -> bool {
    part.len() > 2 && part.bytes().all(|b| b.is_ascii_uppercase())
}

/// Letters and digits in one name: `H100`, `utf8`, `B2B`, `GPT-4`, `COVID-19`, `ISO-8859-1`.
fn numbered(place: &Place) -> Option<Reading> {
    let rest = place.rest();
    let first = plain(rest);
    if first.contains('_') || place.previous().is_some_and(|c| matches!(c, '-' | '.' | '/')) {
        return None;
    }
    let mut end = first.len();
    let mut words = segment(first)?;
    let mut has_digits = first.bytes().any(|b| b.is_ascii_digit());
    let capital = first.starts_with(|c: char| c.is_ascii_uppercase());
    let is_month = first.len() >= 3 && MONTHS.contains(&first[..3].to_ascii_lowercase().as_str());
    if capital && !is_month || has_digits {
        while let Some(next) = rest[end..]
            .strip_prefix('-')
            .map(plain)
            .filter(|next| next.starts_with(|c: char| c.is_ascii_digit()))
        {
            let mut next_end = end + 1 + next.len();
            let mut said = segment(next)?;
            let fraction = rest[next_end..].strip_prefix('.').map(plain).unwrap_or_default();
            if !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit()) {
                said = format!("{said} point {}", numerals::each(fraction));
                next_end += 1 + fraction.len();
            }
            words = format!("{words} {said}");
            has_digits = true;
            end = next_end;
        }
    }
    let after = &rest[end..];
    let ends = !after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '%' | '$'))
        && !after
            .strip_prefix(['.', ',', ':'])
            .is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()));
    // `v2` is a version.
    let version = matches!(first.as_bytes(), [b'v' | b'V', b'0'..=b'9', ..]);
    (has_digits && ends && !version && first.len() <= 24).then(|| Reading { end: place.at() + end, words })
}

/// Letters and digits as they are said; none for decades and plurals of numbers, which are not names.
fn segment(name: &str) -> Option<String> {
    let parts = name_parts::parts(name);
    let starts_with_digit = name.starts_with(|c: char| c.is_ascii_digit());
    let suffix = parts.windows(2).any(|pair| {
        pair[0].bytes().all(|b| b.is_ascii_digit()) && matches!(pair[1], "s" | "st" | "nd" | "rd" | "th")
    });
    if suffix || starts_with_digit && parts.len() > 2 {
        return None;
    }
    let said: Vec<String> = parts
        .iter()
        .map(|part| {
            // What stands in capitals is known to the lexicon as it is written.
            let capitals = part.len() > 1 && part.bytes().all(|b| b.is_ascii_uppercase());
            let name = part.len() > 2
                && part.starts_with(|c: char| c.is_ascii_uppercase())
                && part.bytes().all(|b| b.is_ascii_alphabetic());
            if capitals || name { (*part).to_owned() } else { name_parts::part(part) }
        })
        .collect();
    Some(said.join(" "))
}

#[cfg(test)]
mod tests {
    use crate::normalise::said;

    #[test]
    fn names_of_programs_and_products_are_read_in_parts() {
        for (text, expected) in [
            ("Call get_user_name() now.", "Call get user name now."),
            ("getUserName and setValue()", "get user name and set value"),
            ("the MAX_VALUE constant", "the max value constant"),
            ("std::vec", "S.T.D vec"),
            ("std::collections::HashMap", "S.T.D collections hash map"),
            ("list.append() works", "list dot append works"),
            ("self.max_len", "self dot max len"),
            ("node->next", "node arrow next"),
            ("main()", "main"),
            ("__init__", "init"),
            ("MyClassName", "my class name"),
            ("parseHTTPRequest", "parse H.T.T.P request"),
            ("`HashMap`", "hash map"),
            ("x86_64", "X eighty six sixty four"),
            ("utf8 and UTF-8", "U.T.F eight and UTF eight"),
            ("sha256", "sha two hundred fifty six"),
            ("mp3 and MP4", "M.P three and MP four"),
            ("The H100 is fast", "The H one hundred is fast"),
            ("GPT-4, GPT-3.5", "GPT four, GPT three point five"),
            ("COVID-19", "COVID nineteen"),
            ("COBOL-85", "COBOL eighty five"),
            ("B2B and i18n", "B two B and I eighteen N"),
            ("an F-16", "an F sixteen"),
            ("ISO-8859-1", "ISO eighty eight fifty nine one"),
            ("C++ and C#", "C plus plus and C sharp"),
            ("F#, .NET and i++", "F sharp, dot net and I plus plus"),
            ("0xFF", "zero X.F.F"),
            ("H2O and CO2", "H two O and CO two"),
            ("A320", "A three hundred twenty"),
            ("k8s", "k8s"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn brands_and_words_are_left_alone() {
        for text in [
            "iPhone",
            "eBay",
            "macOS",
            "GitHub",
            "YouTube",
            "JavaScript",
            "LaTeX",
            "PostgreSQL",
            "OpenAI",
            "McDonald's",
            "MacArthur",
            "PyTorch",
            "kebab-case",
            "e-mail",
            "USB-C",
            "Wi-Fi",
            "X-ray",
            "well.",
            "MacBook",
            "TensorFlow",
            "DeepMind",
            "non-linear",
        ] {
            assert_eq!(said(text), text);
        }
    }
}
