//! Numbers in words.

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const THOUSANDS: [&str; 12] = [
    "",
    "thousand",
    "million",
    "billion",
    "trillion",
    "quadrillion",
    "quintillion",
    "sextillion",
    "septillion",
    "octillion",
    "nonillion",
    "decillion",
];

/// The most digits that are read as one number; more are read one by one.
const MOST_DIGITS: usize = 3 * THOUSANDS.len();

/// `digits`, ASCII digits only, as a whole number: "1234" is "one thousand two hundred thirty four".
///
/// More than 36 digits are read one by one.
pub(crate) fn cardinal(digits: &str) -> String {
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return SMALL[0].to_owned();
    }
    if significant.len() > MOST_DIGITS {
        return each(digits);
    }
    let mut words: Vec<&str> = Vec::new();
    let groups = significant.len().div_ceil(3);
    for group in (0..groups).rev() {
        let end = significant.len() - 3 * group;
        let value = significant[end.saturating_sub(3)..end]
            .bytes()
            .fold(0, |n, digit| 10 * n + usize::from(digit - b'0'));
        if value == 0 {
            continue;
        }
        if value >= 100 {
            words.extend([SMALL[value / 100], "hundred"]);
        }
        words.extend(below_hundred(value % 100));
        words.extend(Some(THOUSANDS[group]).filter(|name| !name.is_empty()));
    }
    words.join(" ")
}

/// The words of a number from 1 to 99; none for 0.
fn below_hundred(value: usize) -> impl Iterator<Item = &'static str> {
    let (tens, ones) = if value < 20 { (0, value) } else { (value / 10, value % 10) };
    let tens = Some(TENS[tens]).filter(|name| !name.is_empty());
    tens.into_iter().chain((ones > 0).then_some(SMALL[ones]))
}

/// The ordinal of a number in words: "twenty three" is "twenty third".
pub(crate) fn ordinal(cardinal: &str) -> String {
    let (before, last) = cardinal.rsplit_once(' ').map_or(("", cardinal), |(before, last)| (before, last));
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        ty if ty.ends_with('y') => ty[..ty.len() - 1].to_owned() + "ieth",
        other => other.to_owned() + "th",
    };
    if before.is_empty() { last } else { format!("{before} {last}") }
}

/// Each digit by itself: "415" is "four one five".
pub(crate) fn each(digits: &str) -> String {
    let names: Vec<&str> =
        digits.bytes().filter(u8::is_ascii_digit).map(|digit| SMALL[usize::from(digit - b'0')]).collect();
    names.join(" ")
}

/// A year, 0 to 9999: "1984" is "nineteen eighty four", "2005" "two thousand five", "1900" "nineteen hundred".
pub(crate) fn year(year: u16) -> String {
    let (century, rest) = (year / 100, year % 100);
    if century == 0 || century % 10 == 0 && rest < 10 || year > 9999 {
        return cardinal(&year.to_string());
    }
    let century = cardinal(&century.to_string());
    match rest {
        0 => century + " hundred",
        1..=9 => format!("{century} oh {}", SMALL[usize::from(rest)]),
        _ => format!("{century} {}", cardinal(&rest.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_in_words() {
        for (digits, words) in [
            ("0", "zero"),
            ("000", "zero"),
            ("13", "thirteen"),
            ("40", "forty"),
            ("100", "one hundred"),
            ("1234", "one thousand two hundred thirty four"),
            ("1000000", "one million"),
            ("7800000000", "seven billion eight hundred million"),
            ("1000001", "one million one"),
            ("21000", "twenty one thousand"),
            ("999", "nine hundred ninety nine"),
        ] {
            assert_eq!(cardinal(digits), words);
        }
        assert!(cardinal(&u64::MAX.to_string()).starts_with("eighteen quintillion"));
        assert!(cardinal(&"9".repeat(36)).starts_with("nine hundred ninety nine decillion"));
        assert!(cardinal(&"9".repeat(37)).starts_with("nine nine nine"));
    }

    #[test]
    fn ordinals_in_words() {
        for (digits, words) in [
            ("0", "zeroth"),
            ("112", "one hundred twelfth"),
            ("1000", "one thousandth"),
            ("1", "first"),
            ("12", "twelfth"),
            ("20", "twentieth"),
            ("23", "twenty third"),
            ("100", "one hundredth"),
        ] {
            assert_eq!(ordinal(&cardinal(digits)), words);
        }
    }

    #[test]
    fn years_in_words() {
        for (number, words) in [
            (1984, "nineteen eighty four"),
            (2024, "twenty twenty four"),
            (2005, "two thousand five"),
            (2000, "two thousand"),
            (1905, "nineteen oh five"),
            (1900, "nineteen hundred"),
            (1066, "ten sixty six"),
            (44, "forty four"),
            (2010, "twenty ten"),
            (12, "twelve"),
        ] {
            assert_eq!(year(number), words);
        }
    }
}
