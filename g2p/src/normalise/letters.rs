//! Letters that are said by their names.
//!
//! `P M`, `U.S.` and `J. R. R.` are letters in a row; however they were written, they are written `P.M` here, which is
//! read as one word of letters. A word in capitals that is spelled, such as `TV`, joins in where it stands beside
//! other letters and is left alone elsewhere.

use crate::normalise::Rule;
use crate::normalise::rewriting::{Rewriting, Rewritten};
use crate::normalise::spelling;

/// The most letters in one word of letters.
const MOST_LETTERS: usize = 24;

/// Small letters with stops that are letters; others are words or names.
const SMALL: &[&str] = &["a.m", "p.m", "b.c", "a.d", "n.b", "w.r.t", "r.s.v.p"];

/// Capitals that are read as a word though no word is spelled like them.
const TITLES: &[&str] = &["MR", "MRS", "MS", "DR", "ST", "JR", "SR", "VS", "LTD", "HRS", "MPH", "KMH"];

/// After these, a letter is a name, and an `I` behind it the speaker.
const LABELS: &[&str] = &[
    "vitamin",
    "plan",
    "grade",
    "type",
    "group",
    "section",
    "class",
    "option",
    "exhibit",
    "appendix",
    "part",
    "team",
    "hepatitis",
    "an",
    "a",
    "straight",
    "letter",
    "note",
    "point",
];

/// Behind these, an `I` is the speaker.
const COMPLETE: &[&str] = &[
    "PM", "AM", "BC", "AD", "CE", "TV", "US", "UK", "EU", "UN", "PC", "CD", "PST", "EST", "GMT", "UTC",
    "USA", "DC", "LA",
];

/// How a piece of a row of letters was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `P`
    Single,
    /// `P.` before another such or before a name.
    Initial,
    /// `P.M` or `P.M.`
    Dotted,
    /// `PM`
    Capitals,
}

#[derive(Clone, Debug)]
struct Piece {
    form: Form,
    /// Capitals without stops.
    letters: String,
    /// Where it ends, its last stop included.
    end: usize,
    /// Whether it ends in a stop.
    stop: bool,
}

/// Joins letters in a row.
pub(super) fn join(text: &str) -> Rewritten {
    let mut rewriting = Rewriting::default();
    let mut at = 0;
    let mut before: Option<char> = None;
    let mut last_word = 0..0;
    while let Some(c) = text[at..].chars().next() {
        if begins(before)
            && c.is_ascii_alphabetic()
            && let Some(row) = row(text, at, &text[last_word.clone()])
        {
            let dotted: Vec<String> = row.letters.chars().map(String::from).collect();
            rewriting.replace(&dotted.join("."), at..row.end, Rule::Letters);
            last_word = at..row.end;
            before = text[..row.end].chars().next_back();
            at = row.end;
            continue;
        }
        if c.is_alphabetic() {
            last_word = if before.is_some_and(char::is_alphabetic) {
                last_word.start..at + c.len_utf8()
            } else {
                at..at + c.len_utf8()
            };
        } else if !c.is_whitespace() {
            last_word = at..at;
        }
        rewriting.copy(c, at);
        before = Some(c);
        at += c.len_utf8();
    }
    rewriting.finish()
}

/// Whether letters may begin after `before`.
fn begins(before: Option<char>) -> bool {
    before.is_none_or(|c| {
        !(c.is_alphanumeric()
            || matches!(c, '\'' | '’' | '.' | '-' | '_' | '&' | '/' | '@' | '#' | '$' | '+'))
    })
}

/// A row of letters, where it ends, and no stop of the sentence in it.
struct Row {
    letters: String,
    end: usize,
}

/// The row that begins at `at`, after the word `last_word`; none where the letters stay as they are.
fn row(text: &str, at: usize, last_word: &str) -> Option<Row> {
    let mut pieces = vec![piece(text, at)?];
    let mut count = pieces[0].letters.len();
    while let Some(last) = pieces.last()
        && text[last.end..].starts_with(' ')
        && let Some(next) = piece(text, last.end + 1)
        && joins(last, &next)
        && count < MOST_LETTERS
    {
        count += next.letters.len();
        pieces.push(next);
    }
    trim(&mut pieces, at == 0, last_word);
    let (first, last) = (pieces.first()?, pieces.last()?);
    let alone = pieces.len() == 1;
    if alone && first.form == Form::Initial {
        // The stop of a single initial before a word is not the sentence's.
        let name = text[first.end..].strip_prefix(' ').is_some_and(|name| {
            let mut letters = name.chars();
            letters.next().is_some_and(char::is_alphabetic) && letters.next().is_some_and(char::is_alphabetic)
        });
        return (name && !matches!(first.letters.as_str(), "A" | "I"))
            .then(|| Row { letters: first.letters.clone(), end: first.end });
    }
    if alone && first.form != Form::Dotted {
        return None;
    }
    let after = &text[last.end..];
    let end = if last.stop && ends_sentence(after) {
        last.end - 1
    } else if last.stop && after.strip_prefix('-').is_some_and(|after| after.starts_with(char::is_alphabetic))
    {
        // "U.S.-based" is two words.
        last.end + 1
    } else {
        last.end
    };
    Some(Row { letters: pieces.iter().map(|piece| piece.letters.as_str()).collect(), end })
}

/// Whether nothing but closing marks follows a stop, so that it is the sentence's too.
fn ends_sentence(after: &str) -> bool {
    after.len() <= 8 && after.chars().all(|c| c.is_whitespace() || matches!(c, '"' | '”' | '’' | '\'' | '»'))
}

/// Whether `next` goes on with the row that `last` ends.
fn joins(last: &Piece, next: &Piece) -> bool {
    let single = |piece: &Piece| piece.form == Form::Single || piece.form == Form::Initial;
    let shy = |piece: &Piece| single(piece) && matches!(piece.letters.as_str(), "A" | "I");
    match (last.form, next.form) {
        (Form::Initial, Form::Initial) => true,
        (Form::Initial, _) => false,
        // The last letter of a sentence, or an initial: "P M P." is not told from it.
        (_, Form::Initial) => single(last),
        _ => (single(next) || !shy(last)) && (single(last) || !shy(next)),
    }
}

/// Takes away what is a word at either end: the article and the speaker.
fn trim(pieces: &mut Vec<Piece>, at_start: bool, last_word: &str) {
    let label = LABELS.contains(&last_word.to_ascii_lowercase().as_str());
    let is = |piece: &Piece, letter: &str| piece.form == Form::Single && piece.letters == letter;
    if at_start && pieces.len() == 2 && is(&pieces[0], "A") && pieces[1].form == Form::Single {
        pieces.truncate(1);
    }
    if let [before @ .., last] = pieces.as_slice()
        && is(last, "I")
    {
        let letters: String = before.iter().map(|piece| piece.letters.as_str()).collect();
        if before.len() == 1 && label || COMPLETE.contains(&letters.as_str()) {
            pieces.pop();
        }
    }
}

/// The piece at `at`, where a word begins.
fn piece(text: &str, at: usize) -> Option<Piece> {
    let rest = &text[at..];
    let bytes = rest.as_bytes();
    bytes.first().filter(|b| b.is_ascii_alphabetic())?;
    if bytes.get(1) == Some(&b'.')
        && bytes.get(2).is_some_and(u8::is_ascii_alphabetic)
        && !bytes.get(3).is_some_and(u8::is_ascii_alphanumeric)
    {
        return dotted(rest, at);
    }
    let len = bytes.iter().take(8).take_while(|b| b.is_ascii_uppercase()).count();
    let after = rest[len..].chars().next();
    if len == 0
        || after.is_some_and(|c| {
            c.is_alphanumeric()
                || matches!(c, '\'' | '’' | '-' | '_' | '&' | '/' | '@' | '+' | '#' | '*' | '^' | '=')
        })
    {
        return None;
    }
    let letters = rest[..len].to_owned();
    if len > 1 {
        let joins = spelling::is_spelled(&letters) && !TITLES.contains(&letters.as_str());
        return joins.then_some(Piece { form: Form::Capitals, letters, end: at + len, stop: false });
    }
    let initial = after == Some('.') && bytes.get(2) == Some(&b' ');
    if after == Some('.') && bytes.get(2).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    Some(if initial {
        Piece { form: Form::Initial, letters, end: at + 2, stop: true }
    } else {
        Piece { form: Form::Single, letters, end: at + 1, stop: false }
    })
}

/// `U.S.A.`, at `at`.
fn dotted(rest: &str, at: usize) -> Option<Piece> {
    let bytes = rest.as_bytes();
    let mut len = 1;
    while bytes.get(len) == Some(&b'.')
        && bytes.get(len + 1).is_some_and(u8::is_ascii_alphabetic)
        && !bytes.get(len + 2).is_some_and(|b| b.is_ascii_alphanumeric() || !b.is_ascii())
        && len < 2 * MOST_LETTERS
    {
        len += 2;
    }
    let stop = bytes.get(len) == Some(&b'.') && !rest[len + 1..].starts_with('.');
    let written = &rest[..len];
    let capitals = written.bytes().all(|b| b.is_ascii_uppercase() || b == b'.');
    let after = rest[len + usize::from(stop)..].chars().next();
    let ends = !after.is_some_and(|c| c.is_alphanumeric() || matches!(c, '@' | '_'));
    ((capitals || SMALL.contains(&written)) && ends).then(|| Piece {
        form: Form::Dotted,
        letters: written.to_ascii_uppercase().replace('.', ""),
        end: at + len + usize::from(stop),
        stop,
    })
}

#[cfg(test)]
mod tests {
    use crate::normalise::said;

    #[test]
    fn letters_in_a_row_are_one_word() {
        for (text, expected) in [
            ("P M P S T", "P.M.P.S.T"),
            ("ten fifteen PM PST.", "ten fifteen P.M.P.S.T."),
            ("four K TV", "four K.T.V"),
            ("four K T V", "four K.T.V"),
            ("The U.S. and the U.K. agreed.", "The U.S and the U.K agreed."),
            ("The U S and the U K agreed.", "The U.S and the U.K agreed."),
            ("in the U.S.", "in the U.S."),
            ("\"in the U.S.\"", "\"in the U.S.\""),
            ("the U.S.A., too", "the U.S.A, too"),
            ("at five p.m. today", "at five P.M today"),
            ("at nine a.m.", "at nine A.M."),
            ("Washington, D.C.", "Washington, D.C."),
            ("J. R. R. Tolkien", "J.R.R Tolkien"),
            ("J.R.R. Tolkien", "J.R.R Tolkien"),
            ("George W. Bush", "George W Bush"),
            ("George W Bush", "George W Bush"),
            ("E. coli and S. aureus", "E coli and S aureus"),
            ("I B M and U S A", "I.B.M and U.S.A"),
            ("the F B I", "the F.B.I"),
            ("an I P address", "an I.P address"),
            ("a P H D in maths", "a P.H.D in maths"),
            ("E equals M C squared", "E equals M.C squared"),
            ("U.S.-based", "U.S based"),
            ("the U.S. TV market", "the U.S.T.V market"),
            ("Team A B wins", "Team A.B wins"),
            ("the A I model", "the A.I model"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn letters_that_are_words_and_names_stay() {
        for text in [
            "TV",
            "NASA and the FBI",
            "A US company",
            "A TV",
            "I TV",
            "Vitamin A I like.",
            "Plan B I like.",
            "Grade A",
            "I am",
            "A T shirt",
            "an X-ray",
            "Section A. The end",
            "He got an A. Then",
            "X is big and Y is small.",
            "Malcolm X",
            "AC",
            "In PM I trust",
            "five P.M I left",
            "I'm A",
            "the letter Q, please",
            "plan C",
            "A",
            "I",
            "DVDs and CDs",
            "USB-C",
        ] {
            assert_eq!(said(text), text);
        }
    }
}
