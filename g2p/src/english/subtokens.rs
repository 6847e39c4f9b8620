//! The parts of a token that are looked up alone where the whole is not known.
//!
//! The cuts are those of misaki's expression for them: at humps, hyphens, between letters, digits and marks.

use std::ops::Range;

/// Cuts `token` into parts, in order; an apostrophe between characters that are no letters belongs to none.
pub(super) fn cut(token: &str) -> Vec<Range<usize>> {
    let letters: Vec<(usize, char)> = token.char_indices().collect();
    let byte = |index: usize| letters.get(index).map_or(token.len(), |&(at, _)| at);
    let mut parts = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        match length(&letters, at) {
            0 => at += 1,
            length => {
                parts.push(byte(at)..byte(at + length));
                at += length;
            }
        }
    }
    parts
}

/// Characters of the part that begins `at`, nought if none does.
fn length(letters: &[(usize, char)], at: usize) -> usize {
    let get = |index: usize| letters.get(index).map(|&(_, c)| c);
    let run = |from: usize, is: fn(char) -> bool| {
        letters[from.min(letters.len())..].iter().take_while(|&&(_, c)| is(c)).count()
    };
    let Some(first) = get(at) else { return 0 };
    let apostrophes = run(at, is_apostrophe);
    if apostrophes > 0 {
        let whole = at == 0 || apostrophes > 1 || at + apostrophes == letters.len();
        return if whole { apostrophes } else { 0 };
    }
    let begins_hump =
        get(at + 1).is_some_and(char::is_uppercase) && get(at + 2).is_some_and(char::is_lowercase);
    if first.is_uppercase() && begins_hump {
        return 1;
    }
    let digits = |from: usize| {
        let mut end = from;
        while let Some(c) = get(end) {
            let mark = matches!(c, ',' | '.') && get(end + 1).is_some_and(|c| c.is_ascii_digit());
            if !c.is_ascii_digit() && !mark {
                break;
            }
            end += 1;
        }
        end
    };
    let sign = usize::from(at == 0 && first == '-');
    let end = digits(at + sign);
    if end > at + sign {
        return end - at;
    }
    let hyphens = run(at, |c| matches!(c, '-' | '_'));
    if hyphens > 0 {
        return hyphens;
    }
    let plain = run(at, char::is_alphabetic);
    if plain == 0 {
        return 1;
    }
    // Groups of an apostrophe and one letter, as in "don't", go with the letters before them.
    let group = |index: usize| {
        get(index).is_some_and(is_apostrophe) && get(index + 1).is_some_and(char::is_alphabetic)
    };
    for before in 0..=plain {
        let mut last = at + before;
        loop {
            if get(last).is_some_and(char::is_lowercase) && get(last + 1).is_some_and(char::is_uppercase) {
                return last + 1 - at;
            }
            if !group(last) {
                break;
            }
            last += 2;
        }
    }
    let mut end = at + plain;
    while group(end) {
        end += 2;
    }
    end - at
}

pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '‘' | '’')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(token: &str) -> Vec<&str> {
        cut(token).into_iter().map(|range| &token[range]).collect()
    }

    #[test]
    fn humps_digits_and_marks_part() {
        assert_eq!(parts("parseRequest"), ["parse", "Request"]);
        assert_eq!(parts("ABc"), ["A", "Bc"]);
        assert_eq!(parts("1..2"), ["1", ".", ".2"]);
        assert_eq!(parts("x86_64"), ["x", "86", "_", "64"]);
        assert_eq!(parts("v1.2.3,4"), ["v", "1.2.3,4"]);
        assert_eq!(parts("-12,000."), ["-12,000", "."]);
        assert_eq!(parts("a-1"), ["a", "-", "1"]);
        assert_eq!(parts("get_user()"), ["get", "_", "user", "(", ")"]);
    }

    #[test]
    fn apostrophes_belong_to_letters() {
        assert_eq!(parts("don't"), ["don't"]);
        assert_eq!(parts("O'Brien"), ["O'B", "rien"]);
        assert_eq!(parts("'tis"), ["'", "tis"]);
        assert_eq!(parts("dogs'"), ["dogs", "'"]);
        assert_eq!(parts("7'2"), ["7", "2"]);
        assert_eq!(parts("''"), ["''"]);
    }
}
