//! Numbers in English words, as the Python package num2words writes them.

use crate::numerals::{SMALL, TENS, THOUSANDS};

/// The most digits that are read as one number.
pub(super) const MAX_DIGITS: usize = 18;

/// The name of one decimal digit.
pub(super) fn digit(digit: u8) -> &'static str {
    SMALL[usize::from(digit % 10)]
}

/// The words of `number`, without any "and".
pub(super) fn cardinal(number: u64) -> Vec<&'static str> {
    if number == 0 {
        return vec![SMALL[0]];
    }
    let mut words = Vec::new();
    for (power, name) in THOUSANDS[..=MAX_DIGITS / 3].iter().enumerate().rev() {
        let group = (number / 1000_u64.pow(power as u32) % 1000) as usize;
        if group == 0 {
            continue;
        }
        if group >= 100 {
            words.extend([SMALL[group / 100], "hundred"]);
        }
        let rest = group % 100;
        if rest >= 20 {
            words.push(TENS[rest / 10]);
            if !rest.is_multiple_of(10) {
                words.push(SMALL[rest % 10]);
            }
        } else if rest > 0 {
            words.push(SMALL[rest]);
        }
        if power > 0 {
            words.push(name);
        }
    }
    words
}

/// The words of the ordinal of `number`.
pub(super) fn ordinal(number: u64) -> Vec<String> {
    let mut words: Vec<String> = cardinal(number).into_iter().map(str::to_owned).collect();
    if let Some(last) = words.last_mut() {
        *last = match last.as_str() {
            "one" => "first".to_owned(),
            "two" => "second".to_owned(),
            "three" => "third".to_owned(),
            "five" => "fifth".to_owned(),
            "eight" => "eighth".to_owned(),
            "nine" => "ninth".to_owned(),
            "twelve" => "twelfth".to_owned(),
            word => match word.strip_suffix('y') {
                Some(stem) => format!("{stem}ieth"),
                None => format!("{word}th"),
            },
        };
    }
    words
}

/// The words of `number` as a year of four digits.
pub(super) fn year(number: u64) -> Vec<&'static str> {
    let (century, rest) = (number / 100, number % 100);
    if century == 0 || century.is_multiple_of(10) && rest < 10 || century >= 100 {
        return cardinal(number);
    }
    let mut words = cardinal(century);
    match rest {
        0 => words.push("hundred"),
        1..10 => words.extend(["oh", SMALL[rest as usize]]),
        _ => words.extend(cardinal(rest)),
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cardinals() {
        assert_eq!(cardinal(0), ["zero"]);
        assert_eq!(cardinal(21_000).join(" "), "twenty one thousand");
        assert_eq!(cardinal(1_000_001).join(" "), "one million one");
        assert_eq!(cardinal(999).join(" "), "nine hundred ninety nine");
        assert!(cardinal(u64::MAX).starts_with(&["eighteen", "quintillion"]));
    }

    #[test]
    fn ordinals() {
        for (number, words) in [
            (0, "zeroth"),
            (1, "first"),
            (20, "twentieth"),
            (112, "one hundred twelfth"),
            (1000, "one thousandth"),
        ] {
            assert_eq!(ordinal(number).join(" "), words);
        }
    }

    #[test]
    fn years() {
        for (number, words) in [
            (1984, "nineteen eighty four"),
            (1905, "nineteen oh five"),
            (1900, "nineteen hundred"),
            (2005, "two thousand five"),
            (2010, "twenty ten"),
            (12, "twelve"),
        ] {
            assert_eq!(year(number).join(" "), words);
        }
    }
}
