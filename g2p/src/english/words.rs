//! Tagged tokens become words: runs of parts that no space divides, with the sounds that marks have at once.

use super::number;
use super::subtokens;
use super::tagger::Tag;
use super::token::{Sound, Token};

/// Tags of marks, brackets and signs.
const MARKS: [Tag; 11] = [".", ",", "-LRB-", "-RRB-", "``", "\"\"", "''", ":", "$", "#", "NFP"];

/// One word: a token with a sound, or parts that are looked up together.
#[derive(Debug)]
pub(super) struct Word<'a> {
    pub(super) parts: Vec<Token<'a>>,
    /// Whether more parts may come.
    open: bool,
}

/// Cuts tokens into parts and groups these into words; `whole` is the text that they stand in.
///
/// With `complete`, digits and underscores are no marks whatever their tag.
pub(super) fn group<'a>(tokens: Vec<Token<'a>>, whole: &'a str, complete: bool) -> Vec<Word<'a>> {
    let mut words: Vec<Word<'a>> = Vec::with_capacity(tokens.len());
    let mut currency = None;
    let tags: Vec<Tag> = tokens.iter().map(|token| token.tag).collect();
    for (i, token) in tokens.into_iter().enumerate() {
        let last_of_amount = tags.get(i + 1).is_none_or(|&next| next != "CD");
        let parts = cut(token, whole);
        let count = parts.len();
        let texts: Vec<String> =
            if count > 2 { parts.iter().map(|p| p.text.to_string()).collect() } else { Vec::new() };
        for (j, mut part) in parts.into_iter().enumerate() {
            if part.is_open() {
                if let Some(sound) = mark(&part, &mut currency, complete) {
                    part.sound = Some(sound);
                } else if currency.is_some() {
                    if part.tag != "CD" {
                        currency = None;
                    } else if j + 1 == count && last_of_amount {
                        part.currency = currency;
                    }
                } else if part.text == "2" && j > 0 && j + 1 < count {
                    let letters = texts[j - 1].ends_with(char::is_alphabetic)
                        && texts[j + 1].starts_with(char::is_alphabetic);
                    part.alias = letters.then_some("to");
                }
            }
            push(&mut words, part);
        }
    }
    words
}

/// The parts of a token; one that has its sound stays whole.
fn cut<'a>(token: Token<'a>, whole: &'a str) -> Vec<Token<'a>> {
    if !token.is_open() {
        return vec![token];
    }
    let ranges = subtokens::cut(&token.text);
    let count = ranges.len();
    if count < 2 {
        return vec![token];
    }
    let part = |(i, range): (usize, std::ops::Range<usize>)| {
        let range = token.range.start + range.start..token.range.start + range.end;
        Token::new(&whole[range.clone()], range, token.tag, i + 1 == count && token.spaced)
    };
    ranges.into_iter().enumerate().map(part).collect()
}

/// The sound of a mark; notes the sign of a currency for the number after it.
fn mark(part: &Token<'_>, currency: &mut Option<char>, complete: bool) -> Option<Sound> {
    if part.tag == "$"
        && let Some(sign) = number::currency(&part.text)
    {
        *currency = Some(sign);
        return Some(Sound::mark(""));
    }
    if part.tag == ":" && matches!(&*part.text, "-" | "–") {
        return Some(Sound::mark("—"));
    }
    let letters = part.text.bytes().all(|b| b.is_ascii_alphabetic());
    if !MARKS.contains(&part.tag)
        || letters
        || complete && part.text.contains(|c: char| c.is_alphanumeric() || c == '_')
    {
        return None;
    }
    Some(Sound::mark(match part.tag {
        "-LRB-" => "(".to_owned(),
        "-RRB-" => ")".to_owned(),
        "``" => "“".to_owned(),
        "''" | "\"\"" => "”".to_owned(),
        _ => part.text.chars().filter(|&c| is_mark(c)).collect(),
    }))
}

fn push<'a>(words: &mut Vec<Word<'a>>, mut part: Token<'a>) {
    let closed = !part.is_open();
    let run = words
        .last_mut()
        .filter(|word| !closed && word.open && word.parts.last().is_some_and(|last| !last.spaced));
    if let Some(run) = run {
        part.head = false;
        run.parts.push(part);
    } else {
        let open = !closed && !part.spaced;
        words.push(Word { parts: vec![part], open });
    }
}

/// Marks that the models know as pauses or quotation.
pub(super) fn is_mark(c: char) -> bool {
    is_pause(c) || matches!(c, '"' | '“' | '”')
}

/// Marks that the models know as pauses.
pub(super) fn is_pause(c: char) -> bool {
    matches!(c, ';' | ':' | ',' | '.' | '!' | '?' | '—' | '…')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(tokens: &[(&'static str, Tag)]) -> Vec<Vec<String>> {
        let whole: &'static str =
            Box::leak(tokens.iter().map(|&(text, _)| text).collect::<String>().into_boxed_str());
        let mut at = 0;
        let tokens = tokens.iter().map(|&(text, tag)| {
            let bare = text.trim_end();
            let range = at..at + bare.len();
            at += text.len();
            Token::new(bare, range, tag, bare != text)
        });
        let words = group(tokens.collect(), whole, true);
        words.iter().map(|word| word.parts.iter().map(|part| part.text.to_string()).collect()).collect()
    }

    #[test]
    fn what_no_space_divides_is_one_word_but_marks_stand_alone() {
        let said = words(&[
            ("well", "RB"),
            ("-", "HYPH"),
            ("known ", "VBN"),
            ("(", "-LRB-"),
            ("so", "RB"),
            (".", "."),
        ]);
        assert_eq!(said, [vec!["well", "-", "known"], vec!["("], vec!["so"], vec!["."]]);
    }

    #[test]
    fn a_two_between_letters_is_read_as_to() {
        let whole = "B2B";
        let words = group(vec![Token::new(whole, 0..3, "NN", false)], whole, true);
        assert_eq!(words[1].parts[0].alias, Some("to"));
    }

    #[test]
    fn a_number_after_a_sign_is_money() {
        let whole = "$5 x";
        let tokens = vec![
            Token::new("$", 0..1, "$", false),
            Token::new("5", 1..2, "CD", true),
            Token::new("x", 3..4, "NN", false),
        ];
        let words = group(tokens, whole, true);
        assert_eq!(words[1].parts[0].currency, Some('$'));
        assert_eq!(words[2].parts[0].currency, None);
    }
}
