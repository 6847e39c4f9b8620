//! Telephone numbers, digit by digit: `(415) 555-2671`, `+44 20 7946 0958`, `1-800-FLOWERS`, `911`.

use crate::normalise::number::{digits, is_digit};
use crate::normalise::place::Place;
use crate::normalise::{Reading, numerals};

/// Words before a number that is called.
const CALLING: [&str; 18] = [
    "call",
    "calls",
    "called",
    "calling",
    "dial",
    "dialed",
    "dialled",
    "dialing",
    "phone",
    "phoned",
    "ring",
    "tel",
    "fax",
    "telephone",
    "mobile",
    "cell",
    "text",
    "hotline",
];

/// Short numbers that everybody calls.
const SHORT: [&str; 12] =
    ["911", "999", "112", "101", "111", "110", "119", "411", "311", "211", "988", "000"];

/// The most figures in a telephone number, without the sign before them (ITU-T E.164).
const MOST: usize = 15;

/// Reads a telephone number.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let here = place.here()?;
    if !(is_digit(here) || matches!(here, '+' | '('))
        || place
            .previous()
            .is_some_and(|c| matches!(c, '-' | '.' | '/' | '$' | '(' | '+') && !(c == '(' && is_digit(here)))
    {
        return None;
    }
    short(place).or_else(|| number(place))
}

/// The emergency numbers behind a word of calling.
fn short(place: &Place) -> Option<Reading> {
    let group = digits(place.rest());
    let end = place.at() + group.len();
    let more =
        place.from(end).strip_prefix(['-', '.', ' ', ':']).is_some_and(|rest| rest.starts_with(is_digit));
    (SHORT.contains(&group) && is_called(place) && place.ends_word(end) && !more)
        .then(|| Reading { end, words: numerals::each(group) })
}

fn is_called(place: &Place) -> bool {
    let before = place.before().trim_end_matches([' ', ':', '.', '#']);
    let start = before.rfind(|c: char| !c.is_alphabetic()).map_or(0, |at| before.ceil_char_boundary(at + 1));
    let word = before[start..].to_lowercase();
    CALLING.contains(&word.as_str())
}

/// Groups of figures with separators, judged by how many figures stand where.
fn number(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let plus = text.starts_with('+');
    let mut at = usize::from(plus);
    let mut groups: Vec<&str> = Vec::new();
    let mut bracketed = false;
    let mut separators = String::new();
    let mut end = 0;
    let mut parted = 0;
    let mut letters = None;
    while groups.len() <= MOST {
        let rest = &text[at..];
        if let Some(inner) = rest.strip_prefix('(') {
            let group = digits(inner);
            if group.is_empty() || group.len() > 5 || !inner[group.len()..].starts_with(')') {
                break;
            }
            bracketed = true;
            parted = separators.len();
            groups.push(group);
            at += group.len() + 2;
            end = at;
        } else {
            let group = digits(rest);
            if group.is_empty() {
                letters = (groups.len() == 2 || groups.len() == 3).then(|| word(rest)).flatten();
                break;
            }
            parted = separators.len();
            groups.push(group);
            at += group.len();
            end = at;
        }
        let next = &text[at..];
        if next.starts_with(is_digit) {
            continue;
        }
        let Some(separator) = next.chars().next().filter(|c| matches!(c, ' ' | '-' | '.' | '‑' | '('))
        else {
            break;
        };
        if separator != '(' {
            separators.push(separator);
            at += separator.len_utf8();
        }
    }
    let mut said: Vec<String> = groups.iter().map(|group| numerals::each(group)).collect();
    if let Some(word) = letters.filter(|_| is_free(&groups) && separators.ends_with('-')) {
        said.push(word.to_lowercase());
        end = at + word.len();
    } else if !is_telephone(place, &groups, plus, bracketed, &separators[..parted]) {
        return None;
    }
    let end = place.at() + end;
    let sign = if plus { "plus " } else { "" };
    place.ends_word(end).then(|| Reading { end, words: format!("{sign}{}", said.join(" ")) })
}

/// The word of capitals at the beginning of `text`, as in `1-800-FLOWERS`.
fn word(text: &str) -> Option<&str> {
    let len = text.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(text.len());
    (3..=9).contains(&len).then(|| &text[..len])
}

fn is_free(groups: &[&str]) -> bool {
    matches!(groups, ["1", area, ..] | [area, ..] if area.len() == 3 && area.starts_with('8'))
}

fn is_telephone(place: &Place, groups: &[&str], plus: bool, bracketed: bool, separators: &str) -> bool {
    let total: usize = groups.iter().map(|group| group.len()).sum();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let same = separators.chars().all(|c| separators.starts_with(c));
    if total > MOST || separators.contains('.') && !same {
        return false;
    }
    if plus {
        return total >= 7;
    }
    match lengths[..] {
        [3, 3, 4] | [1, 3, 3, 4] => true,
        [3, 4] if groups[0] == "555" => separators == "-",
        [3, 4] => separators == "-" && is_called(place),
        _ if bracketed => total >= 9,
        [_, _, ..] if groups[0].starts_with('0') && groups[0].len() > 2 => {
            (9..=11).contains(&total) && !separators.contains('.')
        }
        _ => total >= 6 && is_called(place),
    }
}

#[cfg(test)]
mod tests {
    use crate::normalise::assert_said;

    #[test]
    fn telephone_numbers_are_read_as_said() {
        assert_said(&[
            ("Call 415-555-2671.", "Call four one five five five five two six seven one."),
            ("Call 415.555.2671 now.", "Call four one five five five five two six seven one now."),
            ("Call 415 555 2671 now.", "Call four one five five five five two six seven one now."),
            ("Call (415)555-2671.", "Call four one five five five five two six seven one."),
            ("Call 1-800-555-0199.", "Call one eight zero zero five five five zero one nine nine."),
            ("Call +1 (415) 555-2671.", "Call plus one four one five five five five two six seven one."),
            ("Ring 020 7946 0958.", "Ring zero two zero seven nine four six zero nine five eight."),
            (
                "Ring +44 20 7946 0958.",
                "Ring plus four four two zero seven nine four six zero nine five eight.",
            ),
            ("Ring 07911 123456 now.", "Ring zero seven nine one one one two three four five six now."),
            ("Dial 555-1234.", "Dial five five five one two three four."),
            ("Call 867-5309 now.", "Call eight six seven five three zero nine now."),
            ("Call 1-800-FLOWERS.", "Call one eight zero zero flowers."),
            ("Call 911 now.", "Call nine one one now."),
            ("Dial 999.", "Dial nine nine nine."),
            ("Text 988 for help.", "Text nine eight eight for help."),
            ("Tel: 0800 123 4567.", "Tel: zero eight zero zero one two three four five six seven."),
            ("There are 911 of them.", "There are nine hundred eleven of them."),
            ("From 200-1000 people.", "From two hundred to one thousand people."),
            ("Add +5 to it.", "Add plus five to it."),
            ("My tel. 5551234 is old.", "My telephone five five five one two three four is old."),
            ("Between 100-2000 steps.", "Between one hundred to two thousand steps."),
            (
                "Call +33 1 23 45 67 89.",
                "Call plus three three one two three four five six seven eight nine.",
            ),
            ("Call me at 5.", "Call me at five."),
            ("See (12) and (13).", "See (twelve) and (thirteen)."),
            ("(020) 7946 0958", "zero two zero seven nine four six zero nine five eight"),
        ]);
    }
}
