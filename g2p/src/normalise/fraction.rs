//! Fractions and ratios: `1/2`, `2⅓`, `1 1/2`, `16:9`, `24/7`.

use crate::normalise::measure;
use crate::normalise::number::{Number, digits, is_digit};
use crate::normalise::place::Place;
use crate::normalise::{Reading, numerals};

const VULGAR: [(char, u32, u32); 18] = [
    ('½', 1, 2),
    ('⅓', 1, 3),
    ('⅔', 2, 3),
    ('¼', 1, 4),
    ('¾', 3, 4),
    ('⅕', 1, 5),
    ('⅖', 2, 5),
    ('⅗', 3, 5),
    ('⅘', 4, 5),
    ('⅙', 1, 6),
    ('⅚', 5, 6),
    ('⅐', 1, 7),
    ('⅛', 1, 8),
    ('⅜', 3, 8),
    ('⅝', 5, 8),
    ('⅞', 7, 8),
    ('⅑', 1, 9),
    ('⅒', 1, 10),
];

/// Two numbers with a stroke that are a name of their own.
const NAMES: [(&str, &str); 4] = [
    ("24/7", "twenty four seven"),
    ("9/11", "nine eleven"),
    ("50/50", "fifty fifty"),
    ("20/20", "twenty twenty"),
];

/// Words beside two numbers that make them a ratio, whatever a clock could show.
const RATIO: [&str; 10] =
    ["ratio", "ratios", "scale", "odds", "dilution", "split", "mix", "aspect", "gearing", "proportion"];

/// Books whose chapters and verses are written with a colon.
pub(super) const BOOKS: [&str; 24] = [
    "Acts",
    "Corinthians",
    "Daniel",
    "Deuteronomy",
    "Ecclesiastes",
    "Ephesians",
    "Exodus",
    "Ezekiel",
    "Genesis",
    "Hebrews",
    "Isaiah",
    "James",
    "Jeremiah",
    "Job",
    "John",
    "Luke",
    "Mark",
    "Matthew",
    "Peter",
    "Proverbs",
    "Psalm",
    "Psalms",
    "Revelation",
    "Romans",
];

pub(super) fn is_vulgar(c: char) -> bool {
    VULGAR.iter().any(|&(vulgar, ..)| vulgar == c)
}

/// Reads a fraction, a ratio or a name of two numbers.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let text = place.rest();
    if !text.starts_with(|c| is_digit(c) || is_vulgar(c)) {
        return None;
    }
    if let Some(reading) = name(place) {
        return Some(reading);
    }
    let (words, len, _) = scan(text)?;
    let end = place.at() + len;
    let alone = place.previous().is_none_or(|c| !matches!(c, '/' | '.' | ':' | '-'));
    let hyphen = place.from(end).strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    let rated = measure::is_plural(place.next_word(end))
        && !words.starts_with("one ")
        && place.char_at(end) == Some(' ');
    let words = match words.strip_suffix(" tenths").filter(|_| rated) {
        Some(some) => format!("{some} out of ten"),
        None => words,
    };
    (alone && place.ends_word(end)).then_some(Reading { end: end + usize::from(hyphen), words })
}

fn name(place: &Place) -> Option<Reading> {
    let (written, said) = NAMES.into_iter().find(|(written, _)| place.rest().starts_with(written))?;
    let end = place.at() + written.len();
    let whole = place.ends_word(end) && place.char_at(end) != Some('/');
    whole.then(|| Reading { end, words: said.to_owned() })
}

/// `16:9` is "sixteen to nine"; with two digits behind the colon it is one only beside a word that says so.
pub(super) fn ratio(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let first = Number::scan(text)?;
    let spaced = text[first.len..].starts_with(" : ");
    let colon = if spaced { 3 } else { 1 };
    let rest = text[first.len..].strip_prefix(if spaced { " : " } else { ":" })?;
    let second = Number::scan(rest)?;
    let mut end = place.at() + first.len + colon + second.len;
    let mut words = format!("{} to {}", first.words(), second.words());
    if let Some(third) = place.from(end).strip_prefix(':').and_then(Number::scan) {
        if second.len > 1 || third.len > 1 {
            return None;
        }
        end += 1 + third.len;
        words = format!("{words} to {}", third.words());
    }
    if BOOKS.contains(&place.previous_word()) {
        return None;
    }
    let next = place.next_word(end);
    let named = RATIO.contains(&next) || RATIO.contains(&place.previous_word());
    let of_named = place.previous_word() == "of" && place.before().trim_end().ends_with("ratio of");
    let single = second.len != 2 || second.fraction.is_some();
    ((single || named || of_named || spaced) && place.ends_word(end)).then_some(Reading { end, words })
}

/// The fraction that `text` begins with: its words, its bytes, and whether it is no more than one.
pub(super) fn scan(text: &str) -> Option<(String, usize, bool)> {
    let whole = digits(text);
    if let Some((words, len)) = vulgar(&text[whole.len()..]) {
        return Some(mixed(whole, &words, whole.len() + len));
    }
    if let Some(rest) =
        text[whole.len()..].strip_prefix([' ', '-']).filter(|_| !whole.is_empty() && whole.len() <= 3)
        && let Some((words, len)) = vulgar(rest).or_else(|| stroke(rest).filter(|_| is_proper(rest)))
    {
        return Some(mixed(whole, &words, whole.len() + 1 + len));
    }
    stroke(text).map(|(words, len)| (words, len, is_proper(text)))
}

fn mixed(whole: &str, part: &str, len: usize) -> (String, usize, bool) {
    if whole.is_empty() {
        return (part.to_owned(), len, true);
    }
    let part = part.strip_prefix("one ").map_or_else(
        || part.to_owned(),
        |rest| {
            if rest.starts_with("eigh") { format!("an {rest}") } else { format!("a {rest}") }
        },
    );
    (format!("{} and {part}", numerals::cardinal(whole)), len, false)
}

fn vulgar(text: &str) -> Option<(String, usize)> {
    let first = text.chars().next()?;
    let &(c, top, bottom) = VULGAR.iter().find(|&&(c, ..)| c == first)?;
    Some((parts(top, bottom)?, c.len_utf8()))
}

/// `3/4`, also with the fraction stroke; not beside another stroke.
fn stroke(text: &str) -> Option<(String, usize)> {
    let top = digits(text);
    let stroke = text[top.len()..].chars().next().filter(|c| matches!(c, '/' | '⁄'))?;
    let after = &text[top.len() + stroke.len_utf8()..];
    let bottom = digits(after);
    let rest = &after[bottom.len()..];
    let goes_on = rest.starts_with(['/', '⁄'])
        || rest.strip_prefix('-').is_some_and(|rest| !rest.starts_with(char::is_alphabetic))
        || rest.strip_prefix(['.', ',']).is_some_and(|r| r.starts_with(is_digit));
    if top.len() > 3
        || bottom.len() > 4
        || bottom.starts_with('0')
        || top.len() > 1 && top.starts_with('0')
        || goes_on
    {
        return None;
    }
    Some((parts(top.parse().ok()?, bottom.parse().ok()?)?, text.len() - rest.len()))
}

/// Whether the fraction that `text` begins with is less than one.
fn is_proper(text: &str) -> bool {
    let top = digits(text);
    let bottom = digits(text[top.len()..].trim_start_matches(['/', '⁄']));
    top.parse::<u32>().ok() < bottom.parse::<u32>().ok()
}

/// "three quarters", "one half"; "five over twelve hundred" is never said, but "five over one".
fn parts(top: u32, bottom: u32) -> Option<String> {
    let count = numerals::cardinal(&top.to_string());
    let one = top == 1;
    let part = match bottom {
        0 => return None,
        1 => return Some(format!("{count} over one")),
        _ if top == bottom => return Some(format!("{count} out of {count}")),
        2 => (if one { "half" } else { "halves" }).to_owned(),
        4 => (if one { "quarter" } else { "quarters" }).to_owned(),
        _ => numerals::ordinal(&numerals::cardinal(&bottom.to_string())) + if one { "" } else { "s" },
    };
    Some(format!("{count} {part}"))
}

#[cfg(test)]
mod tests {
    use crate::normalise::assert_said;

    #[test]
    fn fractions_and_ratios_are_read_as_said() {
        assert_said(&[
            ("Add 3/4 cup.", "Add three quarters cup."),
            ("Use 1/3 of it.", "Use one third of it."),
            ("About 2/3 agree.", "About two thirds agree."),
            ("A 5/8 inch bolt.", "A five eighths inch bolt."),
            ("It took 1 1/2 hours.", "It took one and a half hours."),
            ("It took 2½ hours.", "It took two and a half hours."),
            ("It took 3 ¼ hours.", "It took three and a quarter hours."),
            ("Drink 1⅛ cups.", "Drink one and an eighth cups."),
            ("Cut ⅓ off.", "Cut one third off."),
            ("Cut ⅞ off.", "Cut seven eighths off."),
            ("It was 3⁄4 full.", "It was three quarters full."),
            ("A chance of 1/100.", "A chance of one one hundredth."),
            ("We are open 24/7.", "We are open twenty four seven."),
            ("After 9/11 it changed.", "After nine eleven it changed."),
            ("A 50/50 chance.", "A fifty fifty chance."),
            ("A 16:9 screen.", "A sixteen to nine screen."),
            ("In 4:3 format.", "In four to three format."),
            ("A 1:10 scale model.", "A one to ten scale model."),
            ("A ratio of 1:50 is fine.", "A ratio of one to fifty is fine."),
            ("Mix 3:2:1 of it.", "Mix three to two to one of it."),
            ("Odds of 100:1 against.", "Odds of one hundred to one against."),
            ("Take 3/2 of it.", "Take three halves of it."),
            ("and/or is fine.", "and or is fine."),
            ("A 1:1 copy.", "A one to one copy."),
            ("It is 1/16 of an inch.", "It is one sixteenth of an inch."),
            ("Only 1 in 10 came.", "Only one in ten came."),
            ("Call it 7/12.", "Call it seven twelfths."),
            ("It is a 10/10 film.", "It is a ten out of ten film."),
            ("A 1/2-inch bolt.", "A one half inch bolt."),
            ("It is 5-1/2 cups.", "It is five and a half cups."),
            ("Of them 9/10 dentists agree.", "Of them nine out of ten dentists agree."),
            ("See Psalm 23:4 there.", "See Psalm twenty three four there."),
        ]);
    }
}
