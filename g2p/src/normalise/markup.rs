//! Marks that shape a text on a page and are not said: Markdown, HTML tags and entities.

use crate::normalise::Reading;
use crate::normalise::place::Place;

const TAGS: &[&str] = &[
    "a",
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hr",
    "html",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "script",
    "small",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "title",
    "tr",
    "tt",
    "u",
    "ul",
];

/// Entities and what they stand for.
const ENTITIES: &[(&str, &str)] = &[
    ("amp", "and"),
    ("lt", "less than"),
    ("gt", "greater than"),
    ("quot", "\""),
    ("apos", "'"),
    ("#39", "'"),
    ("#x27", "'"),
    ("nbsp", ""),
    ("#160", ""),
    ("ndash", "–"),
    ("mdash", "—"),
    ("hellip", "…"),
    ("copy", "copyright"),
    ("reg", "registered"),
    ("trade", "trademark"),
    ("deg", "°"),
    ("times", "times"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("euro", "€"),
    ("pound", "£"),
    ("cent", "¢"),
    ("frac12", "½"),
    ("middot", ""),
    ("bull", ""),
    ("shy", ""),
];

/// Reads a mark, as nothing or as what it stands for.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let rest = place.rest();
    let silent = |len: usize| Some(Reading { end: place.at() + len, words: String::new() });
    match place.here()? {
        '`' => silent(run(rest, '`')),
        '*' | '_' | '~' => emphasis(place).and_then(silent),
        '<' => tag(rest).and_then(silent),
        '>' => (place.before().trim().is_empty() && rest[1..].starts_with([' ', '>']) || closes_word(place))
            .then_some(1)
            .and_then(silent),
        '&' => entity(place, rest),
        '#' => (place.before().trim().is_empty()
            && run(rest, '#') <= 6
            && rest[run(rest, '#')..].starts_with(' '))
        .then(|| run(rest, '#'))
        .and_then(silent),
        '!' => (rest.starts_with("![") && link(&rest[1..]).is_some()).then_some(2).and_then(silent),
        '[' => link(rest).map(|_| 1).or_else(|| task_box(rest)).and_then(silent),
        ']' => target(place, rest).and_then(silent),
        '•' | '◦' | '‣' | '●' | '○' | '▪' | '■' | '·' | '∙' => {
            spaced(place, rest).and_then(silent)
        }
        '-' | '+' | '–' => (place.before().trim().is_empty()
            && rest[place.here()?.len_utf8()..].starts_with(' '))
        .then(|| place.here().map_or(1, char::len_utf8))
        .and_then(silent),
        '|' => spaced(place, rest).and_then(silent),
        _ => None,
    }
}

/// How many of `mark` in a row `text` begins with.
fn run(text: &str, mark: char) -> usize {
    text.find(|c| c != mark).unwrap_or(text.len())
}

/// A sign that stands alone, or begins the text.
fn spaced(place: &Place, rest: &str) -> Option<usize> {
    let len = place.here()?.len_utf8();
    let before = place.previous().is_none_or(char::is_whitespace);
    let after = rest[len..].chars().next().is_none_or(char::is_whitespace);
    let begins = place.before().trim().is_empty();
    (before && after || begins).then_some(len)
}

/// Stars, underscores and tildes around a word.
fn emphasis(place: &Place) -> Option<usize> {
    let rest = place.rest();
    let mark = place.here()?;
    let len = run(rest, mark);
    let before = place.previous();
    let after = rest[len..].chars().next();
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let opens = edge(before)
        && after.is_some_and(|c| {
            c.is_alphanumeric() || matches!(c, '"' | '“' | '\'' | '(' | '[' | '`' | '*' | '_' | '~' | '‘')
        });
    let closes = edge(after) && before.is_some_and(|c| !c.is_whitespace());
    // `~5` is "about five", `~/` a folder, and `* ` at the beginning a list's mark.
    let about = mark == '~' && len == 1 && after.is_some_and(|c| c.is_ascii_digit() || c == '$' || c == '/');
    let bullet = mark == '*' && len == 1 && place.before().trim().is_empty() && after == Some(' ');
    // Inside a word, a double mark still is emphasis.
    let inside = len > 1
        && len < 4
        && !edge(before)
        && !edge(after)
        && mark != '_'
        && !after.is_some_and(|c| c.is_ascii_digit());
    let alone = before.is_none_or(char::is_whitespace) && after.is_none_or(char::is_whitespace);
    (bullet || !alone && !about && (opens || closes || inside)).then_some(len)
}

/// `<b>`, `</b>`, `<br/>`, `<a href="…">`, comments, and the bracket before a word as in `<tags>`.
fn tag(rest: &str) -> Option<usize> {
    if rest.starts_with("<!--") {
        return rest.find("-->").map(|at| at + 3);
    }
    let inner = &rest[1..];
    let name = inner.strip_prefix('/').unwrap_or(inner);
    let len = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    let close = rest.find('>')?;
    let within = &rest[1..close];
    let plain = within.trim_matches('/').trim();
    if within.contains('<') || !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    if TAGS.contains(&name[..len].to_ascii_lowercase().as_str())
        && (plain.len() == len || within.contains('=') || within.ends_with('/'))
    {
        return Some(close + 1);
    }
    (!plain.is_empty() && !plain.contains(char::is_whitespace)).then_some(1)
}

/// The bracket after a word as in `<tags>`.
fn closes_word(place: &Place) -> bool {
    let before = place.before();
    before.rfind(['<', '>', ' ']).is_some_and(|at| before[at..].starts_with('<') && before.len() > at + 1)
}

/// `&amp;`.
fn entity(place: &Place, rest: &str) -> Option<Reading> {
    /// The longest that is looked for, with its marks.
    const LONGEST: usize = 10;
    let close = rest.bytes().take(LONGEST).position(|b| b == b';')?;
    let name = &rest[1..close];
    let (_, words) = ENTITIES.iter().find(|(known, _)| *known == name)?;
    Some(Reading { end: place.at() + close + 1, words: (*words).to_owned() })
}

/// Where the text of the link `[text](address)` that `rest` begins with ends; not for phonemes `[word](/…/)`.
fn link(rest: &str) -> Option<usize> {
    let middle = rest.find("](")?;
    let inner = rest[1..middle].contains('[') && !rest[1..middle].contains('!');
    (!inner && middle > 1 && address(&rest[middle + 1..]).is_some()).then_some(middle)
}

/// The bytes of `(address)`.
fn address(text: &str) -> Option<usize> {
    let close = text.find(')')?;
    let inner = text.get(1..close)?;
    let said = inner.starts_with('/') && inner.ends_with('/') && inner.len() > 1 && !inner.is_ascii();
    let stress = inner.parse::<f32>().is_ok();
    (!inner.is_empty() && !inner.contains('(') && !said && !stress && !inner.starts_with(' '))
        .then_some(close + 1)
}

/// The end `](address)` of a link.
fn target(place: &Place, rest: &str) -> Option<usize> {
    let before = place.before();
    let open = before.rfind('[')?;
    if before[open..].contains("](") {
        return None;
    }
    address(rest.get(1..).filter(|after| after.starts_with('('))?).map(|len| len + 1)
}

/// `[ ]` and `[x]` before what is to be done.
fn task_box(rest: &str) -> Option<usize> {
    ["[ ]", "[x]", "[X]"].iter().find(|task| rest.starts_with(**task)).map(|task| task.len())
}

#[cfg(test)]
mod tests {
    use crate::normalise::said;

    #[test]
    fn marks_of_the_page_are_silent() {
        for (text, expected) in [
            ("*bold* and _italic_ and ~strike~.", "bold and italic and strike."),
            ("**very** bold, __new__ and ~~old~~", "very bold, new and old"),
            ("***both***", "both"),
            ("Run `cargo` now", "Run cargo now"),
            ("```rust", "rust"),
            ("Click [here](https://example.com/a) now.", "Click here now."),
            ("[one](a.html), [two](b.html)", "one, two"),
            ("![logo](logo.png) Title", "logo Title"),
            ("see [1] and [brackets]", "see [one] and [brackets]"),
            ("<b>bold</b> text", "bold text"),
            ("one<br/>two", "one two"),
            ("<a href=\"x.html\">link</a>", "link"),
            ("a <!-- hidden --> b", "a b"),
            ("<tags> here", "tags here"),
            ("Tom &amp; Jerry", "Tom and Jerry"),
            ("R&amp;D", "R and D"),
            ("it&#39;s", "it's"),
            ("wait&hellip; what", "wait… what"),
            ("a&nbsp;b", "a b"),
            ("> quoted text", "quoted text"),
            ("# A heading", "A heading"),
            ("### Deeper", "Deeper"),
            ("- item", "item"),
            ("* item", "item"),
            ("• item", "item"),
            ("- [x] done", "done"),
            ("| a | word |", "a word"),
            ("price* and *args", "price and args"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn marks_of_prose_stay() {
        for text in [
            "\"Quoted\" and 'single' and «angles».",
            "Hello (world) [brackets] {braces}.",
            "wait… what",
            "one – two — three",
            "It's the boys' cats.",
            "o'clock, ma'am, rock 'n' roll, 'tis, 'twas.",
            "Y'all'd've gone.",
            "Gonna, wanna, gotta, kinda, dunno.",
            "“Yes,” she said; ‘no’.",
            "A non-linear, pre-trained, Jean-Luc e-mail.",
        ] {
            assert_eq!(said(text), text);
        }
    }
}
