//! Signs between words: those that stand for a word, those of programs, and marks that are repeated.

use crate::normalise::Reading;
use crate::normalise::numerals;
use crate::normalise::place::Place;
use crate::normalise::spelling;

/// Signs of programs, the longer before those that they begin with.
const OPERATORS: &[(&str, &str)] = &[
    ("===", "equals"),
    ("!==", "is not equal to"),
    ("==", "equals"),
    ("!=", "is not equal to"),
    ("<=>", "compared with"),
    ("<=", "is less than or equal to"),
    (">=", "is greater than or equal to"),
    ("&&", "and"),
    ("||", "or"),
    ("->", "to"),
    ("=>", "to"),
    ("<-", "from"),
    (":=", "is"),
    ("+=", "plus equals"),
    ("-=", "minus equals"),
    ("*=", "times equals"),
    ("??", "or else"),
    ("|>", "to"),
];

/// Signs of which one stands for words, wherever it stands.
const NAMES: &[(char, &str)] = &[
    ('→', "to"),
    ('⟶', "to"),
    ('←', "from"),
    ('↑', "up arrow"),
    ('↓', "down arrow"),
    ('↔', "and"),
    ('⇒', "implies"),
    ('⇔', "if and only if"),
    ('✓', "check mark"),
    ('✗', "cross mark"),
    ('✘', "cross mark"),
    ('☆', "star"),
    ('♡', "heart"),
    ('©', "copyright"),
    ('¶', "paragraph"),
    ('♯', "sharp"),
    ('♭', "flat"),
    ('♪', "music"),
    ('♫', "music"),
    ('⌘', "command"),
    ('⌥', "option"),
    ('⇧', "shift"),
    ('℅', "care of"),
    ('♀', "female"),
    ('♂', "male"),
    ('∴', "therefore"),
    ('∵', "because"),
];

/// Words between which a slash is "or".
const EITHER: &[&str] = &[
    "he", "she", "him", "her", "his", "hers", "they", "them", "it", "yes", "no", "true", "false", "on",
    "off", "s", "mother", "father", "mom", "dad", "boy", "girl", "man", "woman", "husband", "wife", "this",
    "that", "is", "are", "was", "were", "buy", "sell", "pass", "fail", "win", "lose", "hot", "cold", "left",
    "right", "good", "bad",
];

/// Reads a sign.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let c = place.here()?;
    if c.is_ascii_uppercase() {
        return letters_and_letters(place);
    }
    if c.is_alphanumeric() || c.is_whitespace() {
        return None;
    }
    repeated(place, c).or_else(|| stars(place)).or_else(|| operator(place)).or_else(|| single(place, c))
}

/// `R&D` and `AT&T`.
fn letters_and_letters(place: &Place) -> Option<Reading> {
    let rest = place.rest();
    let first = capitals(rest);
    let second = capitals(rest[first.len()..].strip_prefix('&')?);
    let len = first.len() + 1 + second.len();
    let fits = (1..=3).contains(&first.len()) && (1..=3).contains(&second.len());
    (fits && !rest[len..].starts_with(char::is_alphanumeric)).then(|| Reading {
        end: place.at() + len,
        words: format!("{} and {}", spelling::apart(first), spelling::apart(second)),
    })
}

fn capitals(text: &str) -> &str {
    &text[..text.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(text.len())]
}

/// Marks in a row: `!!!` is one, `-----` an ornament, `--` a dash.
fn repeated(place: &Place, c: char) -> Option<Reading> {
    let rest = place.rest();
    let reading = |len: usize, words: &str| Some(Reading { end: place.at() + len, words: words.to_owned() });
    if matches!(c, '!' | '?') {
        let len = rest.find(|c| !matches!(c, '!' | '?')).unwrap_or(rest.len());
        let marks = &rest[..len];
        let one = match (marks.contains('!'), marks.contains('?')) {
            (true, true) => "?!",
            (true, false) => "!",
            _ => "?",
        };
        let operator = marks == "!"
            || rest[len..].starts_with('=')
            || marks == "??"
                && rest[len..].starts_with(' ')
                && rest[len + 1..].starts_with(char::is_lowercase);
        return if len > 1 && marks != one && !operator { reading(len, one) } else { None };
    }
    let len = rest.find(|other| other != c).unwrap_or(rest.len());
    let count = len / c.len_utf8();
    // A row longer than a class can see is read in pieces.
    let before = place.before().chars().rev().take(3).take_while(|&other| other == c).count();
    let spaced = place.previous().is_none_or(char::is_whitespace)
        && rest[len..].chars().next().is_none_or(char::is_whitespace);
    match c {
        '.' if count > 3 => reading(len, if before == 3 { "" } else { "..." }),
        ',' | ';' | ':' | '…' if count > 1 && !(c == ':' && count == 2) => {
            reading(len, c.encode_utf8(&mut [0; 4]))
        }
        '-' if count == 2 && (spaced || joins_letters(place, len)) => reading(len, "—"),
        '-' | '–' | '—' if count > 2 && joins_letters(place, len) => reading(len, "—"),
        '★' | '☆' | '.' | ',' | ';' | ':' => None,
        _ if count > 2 || before == 3 => reading(len, ""),
        _ => None,
    }
}

fn joins_letters(place: &Place, len: usize) -> bool {
    let before = place.previous().is_some_and(|c| c.is_alphabetic() || matches!(c, '"' | '”' | ')'));
    before && place.rest()[len..].starts_with(|c: char| c.is_alphabetic() || matches!(c, '"' | '“' | '('))
}

/// `★★★★☆`.
fn stars(place: &Place) -> Option<Reading> {
    let rest = place.rest();
    let full = rest.chars().take_while(|c| *c == '★').count();
    let empty = rest.chars().skip(full).take_while(|c| *c == '☆').count();
    let end = place.at() + '★'.len_utf8() * (full + empty);
    let number = |n: usize| numerals::cardinal(&n.to_string());
    let words = match (full, empty) {
        (0, _) => return None,
        (1, 0) => "star".to_owned(),
        (2..=10, 0) => format!("{} stars", number(full)),
        (_, 1..=10) => format!("{} out of {} stars", number(full), number(full + empty)),
        _ => String::new(),
    };
    Some(Reading { end, words })
}

/// `==` between what it compares.
fn operator(place: &Place) -> Option<Reading> {
    let rest = place.rest();
    let (sign, words) = OPERATORS.iter().find(|(sign, _)| rest.starts_with(sign))?;
    let is_sign = |c: char| matches!(c, '=' | '!' | '<' | '>' | '&' | '|' | '+' | '*' | '?' | ':');
    let after = rest[sign.len()..].chars().next();
    let operand = |c: char| {
        c.is_alphanumeric() || matches!(c, '(' | '"' | '\'' | '_' | '$' | ')' | ']' | '`' | '-' | '[')
    };
    let before = place.before().trim_end().chars().next_back();
    let follows = rest[sign.len()..].trim_start().chars().next();
    let between =
        before.is_some_and(operand) && follows.is_some_and(|c| operand(c) || c == '!') && before != Some('-');
    // A question asked twice is no sign of a program.
    let asks = *sign == "??" && place.previous().is_some_and(|c| !c.is_whitespace());
    (between && !asks && !after.is_some_and(is_sign))
        .then(|| Reading { end: place.at() + sign.len(), words: (*words).to_owned() })
}

/// One sign.
fn single(place: &Place, c: char) -> Option<Reading> {
    let end = place.at() + c.len_utf8();
    let reading = |words: &str| Some(Reading { end, words: words.to_owned() });
    let before = place.previous();
    let after = place.from(end).chars().next();
    let word_before =
        before.is_some_and(|c| c.is_alphanumeric() || matches!(c, ')' | '"' | '”' | '\'' | '’'));
    let word_after = after.is_some_and(char::is_alphanumeric);
    let alone = before.is_none_or(char::is_whitespace)
        && after.is_none_or(char::is_whitespace)
        && !(before.is_none() && after.is_none());
    let between = word_before && word_after;
    let letter_before = before.is_some_and(char::is_alphabetic);
    let letters = letter_before && after.is_some_and(char::is_alphabetic);
    if let Some((_, name)) = NAMES.iter().find(|(sign, _)| *sign == c) {
        return reading(name);
    }
    match c {
        '&' if alone || between || word_before && after == Some(' ') || before == Some(' ') && word_after => {
            reading("and")
        }
        '@' if alone || between || before.is_none_or(char::is_whitespace) && word_after => reading("at"),
        '%' if alone => reading("percent"),
        '#' if !word_before && after.is_some_and(|c| c.is_ascii_digit()) => reading("number"),
        '+' if alone && before.is_some() || letters => reading("plus"),
        '+' if letter_before
            && after.is_none_or(|c| c.is_whitespace() || matches!(c, '.' | ',' | '!' | '?' | ')')) =>
        {
            reading("plus")
        }
        '=' if alone && before.is_some()
            || between && (letter_before || after.is_some_and(char::is_alphabetic)) =>
        {
            reading("equals")
        }
        '*' if letters => reading("times"),
        '\\' if between => reading("backslash"),
        '/' if letters => reading(slash(place, end)),
        '/' if alone && before.is_some() && after.is_some() => reading("slash"),
        '~' if alone && before.is_some() && after.is_some() => reading("tilde"),
        '^' if letters => reading("to the"),
        '|' if between => reading("or"),
        '™' | '®' if word_before => reading(""),
        '™' => reading("trademark"),
        '®' => reading("registered trademark"),
        '†' | '‡' | '※' | '_' => reading(""),
        _ => None,
    }
}

/// What the slash between two words says.
fn slash(place: &Place, end: usize) -> &'static str {
    let before = place.before();
    let start = before.rfind(|c: char| !c.is_alphabetic()).map_or(0, |at| before.ceil_char_boundary(at + 1));
    let (left, right) = (&before[start..], place.from(end));
    let right = &right[..right.find(|c: char| !c.is_alphabetic()).unwrap_or(right.len())];
    let small = |word: &str| EITHER.contains(&word.to_lowercase().as_str());
    let capitals = |word: &str| word.chars().all(char::is_uppercase);
    if small(left) && small(right) {
        "or"
    } else if left.eq_ignore_ascii_case("and") || capitals(left) && capitals(right) {
        ""
    } else {
        "slash"
    }
}

#[cfg(test)]
mod tests {
    use crate::normalise::said;

    #[test]
    fn signs_are_words() {
        for (text, expected) in [
            ("Smith & Sons", "Smith and Sons"),
            ("salt&pepper", "salt and pepper"),
            ("AT&T, R&D, Q&A", "A T and T, R and D, Q and A"),
            ("meet @ noon", "meet at noon"),
            ("ten % more", "ten percent more"),
            ("you + me", "you plus me"),
            ("grade A+.", "grade A plus."),
            ("a==b", "A equals B"),
            ("left==right", "left equals right"),
            ("if x != null && y == z then", "if X is not equal to null and Y equals Z then"),
            ("a || b", "a or b"),
            ("x <= y", "X is less than or equal to Y"),
            ("File -> Save", "File to Save"),
            ("A → B", "A to B"),
            ("x=y", "X equals Y"),
            ("and/or", "and or"),
            ("he/she", "he or she"),
            ("yes/no", "yes or no"),
            ("TCP/IP", "T.C.P.I.P"),
            ("AC/DC", "A.C.D.C"),
            ("client/server", "client slash server"),
            ("© Acme", "copyright Acme"),
            ("Acme™ and Foo®", "Acme and Foo"),
            ("★★★★☆", "four out of five stars"),
            ("★★★", "three stars"),
            ("✓ done ✗ not", "check mark done cross mark not"),
            ("Press ⌘ now", "Press command now"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn repeated_marks_are_one() {
        for (text, expected) in [
            ("Hello!!!", "Hello!"),
            ("What???", "What?"),
            ("Really?!?!", "Really?!"),
            ("wait.....", "wait..."),
            ("wait...", "wait..."),
            ("She said -- no.", "She said — no."),
            ("word---word", "word—word"),
            ("---- ====", ""),
            ("a ______ b", "a b"),
            ("so,,, yes", "so, yes"),
            ("<<<<<<< HEAD", "HEAD"),
            ("''''quoted''''", "quoted"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }
}
