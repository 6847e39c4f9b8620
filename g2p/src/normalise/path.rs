//! Paths in a file system, and the options of commands.

use crate::normalise::Reading;
use crate::normalise::address;
use crate::normalise::name_parts;
use crate::normalise::place::Place;
use crate::normalise::spelling;

/// Names of hidden files and folders.
#[rustfmt::skip]
const HIDDEN: &[&str] = &[
    "bashrc", "cargo", "config", "dockerignore", "editorconfig", "env", "gitattributes", "github", "gitignore", "npmrc", "profile", "ssh", "vimrc",
    "vscode", "zshrc",
];

/// Reads a path or an option.
pub(super) fn read(place: &Place) -> Option<Reading> {
    if place
        .previous()
        .is_some_and(|c| !(c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '‘' | '\'' | '`' | '=')))
    {
        return None;
    }
    match place.here()? {
        '-' => option(place),
        '.' => rooted(place).or_else(|| hidden(place)),
        '/' | '~' => rooted(place),
        c if c.is_ascii_alphanumeric() => drive(place).or_else(|| relative(place)),
        _ => None,
    }
}

/// The run of a path's characters, without the marks of the sentence around it.
fn token<'a>(place: &Place<'a>) -> &'a str {
    let rest = place.rest();
    let within = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-' | '~' | '+' | '@' | '*' | '\\' | ':')
    };
    let len = rest.find(|c| !within(c)).unwrap_or(rest.len());
    rest[..len].trim_end_matches(['.', ':', '*', '_', '-'])
}

/// `/usr/local/bin`, `~/notes.txt`, `./run.sh` and `../lib`.
fn rooted(place: &Place) -> Option<Reading> {
    let token = token(place);
    let head = token.find(|c: char| !matches!(c, '.' | '~')).unwrap_or(token.len());
    let known = matches!(&token[..head], "" | "~" | "." | "..");
    let below = token[head..].strip_prefix('/')?;
    let begins = below.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '.' | '_'));
    // A slash of its own between two words, and pronunciations between slashes, are no paths.
    let closed = head == 0 && place.from(place.at() + token.len()).starts_with(|c: char| c.is_alphabetic());
    (known && begins && !closed && below.bytes().any(|b| b.is_ascii_alphanumeric()))
        .then(|| Reading { end: place.at() + token.len(), words: address::path(token.trim_end_matches('/')) })
}

/// `.gitignore`, and endings by themselves: `.pdf files`.
fn hidden(place: &Place) -> Option<Reading> {
    let name = place.rest().strip_prefix('.')?;
    let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
    let known = HIDDEN.contains(&name) || address::is_file_ending(name);
    known.then(|| Reading { end: place.at() + 1 + name.len(), words: address::path(&format!(".{name}")) })
}

/// `C:\Users\me`.
fn drive(place: &Place) -> Option<Reading> {
    let token = token(place);
    let mut head = token.chars();
    let letter = head.next().filter(char::is_ascii_alphabetic)?;
    let below = head
        .as_str()
        .strip_prefix(":\\")
        .or_else(|| head.as_str().strip_prefix(":/").filter(|b| !b.starts_with('/')))?;
    below.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.').then(|| Reading {
        end: place.at() + token.len(),
        words: format!("{} {}", letter.to_ascii_uppercase(), address::path(&token[1..])),
    })
}

/// `src/main.rs` and `src/`: what ends in a file's name or in a slash.
fn relative(place: &Place) -> Option<Reading> {
    let token = token(place);
    let (folders, name) = token.rsplit_once('/')?;
    let folder = |folder: &str| {
        !folder.is_empty()
            && folder.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
    };
    let file = name.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty()
            && (1..=5).contains(&ending.len())
            && ending.starts_with(|c: char| c.is_ascii_lowercase())
    });
    let open = name.is_empty() && folders.len() > 2 && folders.bytes().all(|b| !b.is_ascii_digit());
    let whole = place.from(place.at() + token.len()).chars().next().is_none_or(|c| !c.is_alphanumeric());
    ((file || open)
        && whole
        && folders.split('/').all(folder)
        && folders.starts_with(|c: char| c.is_ascii_alphabetic()))
    .then(|| Reading { end: place.at() + token.len(), words: address::path(token) })
}

/// `--release`, `--jobs=4` and `-v`.
fn option(place: &Place) -> Option<Reading> {
    let rest = place.rest();
    let dashes = rest.bytes().take_while(|b| *b == b'-').count();
    let name = &rest[dashes.min(rest.len())..];
    let len =
        name.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(name.len());
    let name = name[..len].trim_end_matches(['-', '_']);
    let after = &rest[dashes + name.len()..];
    let ends = after.is_empty() || after.starts_with(|c: char| !c.is_alphanumeric());
    let alphabetic = name.starts_with(|c: char| c.is_ascii_alphabetic());
    match dashes {
        2 if alphabetic && ends && name.len() > 1 => Some(Reading {
            end: place.at() + 2 + name.len(),
            words: format!("dash dash {}", name_parts::said(name)),
        }),
        // After a word, or at the beginning of what is quoted as code; a minus follows a sign.
        1 if alphabetic
            && ends
            && name.bytes().all(|b| b.is_ascii_alphabetic())
            && (name.len() == 1 || name.len() <= 3 && !spelling::is_speakable(name))
            && !after.starts_with('-')
            && !after.strip_prefix('.').is_some_and(|after| after.starts_with(char::is_alphanumeric))
            && (place.previous() == Some('`') || !place.previous_word().is_empty()) =>
        {
            Some(Reading {
                end: place.at() + 1 + name.len(),
                words: format!("dash {}", spelling::apart(name)),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::normalise::said;

    #[test]
    fn paths_and_options_are_read_mark_by_mark() {
        for (text, expected) in [
            ("Open /usr/local/bin now.", "Open slash U.S.R slash local slash bin now."),
            ("in /etc, too", "in slash E.T.C, too"),
            ("Look in /home/user/notes.txt.", "Look in slash home slash user slash notes dot T.X.T."),
            ("~/projects", "tilde slash projects"),
            ("~/.config/app.toml", "tilde slash dot config slash app dot T.O.M.L"),
            ("../lib and ./run.sh", "dot dot slash lib and dot slash run dot S.H"),
            ("\"/var/log/\"", "\"slash var slash log\""),
            ("`/tmp/test`", "slash T.M.P slash test"),
            ("/r/rust on the web", "slash R slash rust on the web"),
            ("C:\\Users\\me", "C colon backslash users backslash me"),
            ("D:\\data\\file.csv is lost", "D colon backslash data backslash file dot C.S.V is lost"),
            ("src/main.rs", "S.R.C slash main dot R.S"),
            ("the tests/ folder", "the tests slash folder"),
            ("docs/how_to/start.md", "docs slash how to slash start dot M.D"),
            ("cargo build --release", "cargo build dash dash release"),
            ("use --no-default-features here", "use dash dash no default features here"),
            ("--verbose", "dash dash verbose"),
            ("the .gitignore file", "the dot gitignore file"),
            (".pdf files", "dot P.D.F files"),
            ("--jobs=4", "dash dash jobs equals four"),
            ("run it with -v.", "run it with dash V."),
            ("rm -rf", "rm dash R.F"),
            ("`-p`", "dash P"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn slashes_and_dashes_of_prose_are_no_paths() {
        for text in [
            "well-known",
            "a - b",
            "two - three",
            "the suffix -ing",
            "pre- and post-war",
            "an ex-wife",
            "Jean-Luc",
            "- alone",
        ] {
            assert!(!said(text).contains("dash"), "{text}: {}", said(text));
        }
    }
}
