//! Where things are: web addresses, mail addresses, domains, file names, handles and hashtags.
//!
//! An address is read as a listener would type it, without `https://` and a slash at its end.

use crate::normalise::Reading;
use crate::normalise::name_parts;
use crate::normalise::place::Place;
use crate::normalise::spelling;

const SCHEMES: [&str; 9] =
    ["https://", "http://", "ftp://", "file://", "ssh://", "git://", "ws://", "wss://", "mailto:"];

/// What the last part of a domain may be, so that it is known for one.
#[rustfmt::skip]
const DOMAINS: &[&str] = &[
    "com", "org", "net", "edu", "gov", "mil", "int", "info", "biz", "io", "ai", "dev", "app", "co", "uk", "de", "fr",
    "eu", "ca", "au", "jp", "cn", "ru", "ch", "nl", "se", "tv", "ly", "gg", "xyz", "cloud", "tech", "blog", "site",
    "shop", "online", "store", "onion", "nz", "br", "kr", "es", "pl",
];

/// What the last part of a file name may be, so that it is known for one.
#[rustfmt::skip]
const FILES: &[&str] = &[
    "rs", "md", "txt", "py", "js", "ts", "tsx", "jsx", "mjs", "vue", "json", "jsonl", "toml", "yaml", "yml", "html", "htm", "css", "scss", "cpp",
    "hpp", "cc", "hh", "java", "kt", "go", "rb", "php", "sh", "bat", "ps1", "lua", "sql", "ipynb", "pdf", "png", "jpg", "jpeg", "gif", "svg",
    "webp", "bmp", "ico", "mp3", "mp4", "wav", "flac", "ogg", "opus", "avi", "mov", "mkv", "csv", "tsv", "xml", "zip", "tar", "gz", "xz",
    "bz2", "exe", "dll", "so", "dylib", "log", "lock", "ini", "cfg", "conf", "env", "bak", "doc", "docx", "xls", "xlsx", "ppt", "pptx",
    "epub", "onnx", "wasm", "deb", "rpm",
];

/// Endings of two or three letters that are said as words; other short ones are spelled.
const SAID_ENDINGS: &[&str] =
    &["com", "org", "net", "gov", "mil", "int", "biz", "dev", "app", "co", "zip", "tar", "log", "doc", "bin"];

/// Reads an address.
pub(super) fn read(place: &Place) -> Option<Reading> {
    if place
        .previous()
        .is_some_and(|c| matches!(c, '.' | '@' | '_' | '/' | '-' | '\'' | '’' | '\\') || c.is_alphanumeric())
    {
        return None;
    }
    let here = place.here()?;
    let rest = place.rest();
    match here {
        '@' => handle(place, rest),
        '#' => hashtag(place, rest),
        _ if here.is_ascii_alphanumeric() => {
            let token = token(rest);
            web(place, token).or_else(|| mail(place, token)).or_else(|| domain(place, token))
        }
        _ => None,
    }
}

/// Whether `text` begins as addresses and paths do that nothing else begins like.
pub(super) fn begins(text: &str) -> bool {
    text.starts_with(['/', '~'])
        || starts_with(text, "www.")
        || SCHEMES.iter().any(|scheme| starts_with(text, scheme))
}

/// The run without spaces that `rest` begins with, without the marks of the sentence around it.
fn token(rest: &str) -> &str {
    let stops = |c: char| {
        c.is_whitespace() || !c.is_ascii() || matches!(c, '<' | '>' | '"' | '`' | '|' | '{' | '}' | '[' | ']')
    };
    let mut token = &rest[..rest.find(stops).unwrap_or(rest.len())];
    if let Some(close) = token.find(')')
        && !token[..close].contains('(')
    {
        token = &token[..close];
    }
    token.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~', '('])
}

/// `https://example.com/path?x=1` and `www.example.com`.
fn web(place: &Place, token: &str) -> Option<Reading> {
    let scheme = SCHEMES.iter().find(|scheme| starts_with(token, scheme)).map_or(0, |scheme| scheme.len());
    if scheme == 0 && !starts_with(token, "www.") {
        return None;
    }
    // What goes on beyond the reach of a class is cut between two parts.
    let cut = token.len() == place.rest().len()
        && place.from(place.at() + token.len()).starts_with(|c: char| !c.is_whitespace());
    let token =
        if cut { &token[..token[scheme..].rfind('/').map_or(token.len(), |at| scheme + at)] } else { token };
    let words = spoken(token[scheme..].trim_end_matches('/'));
    (!words.is_empty()).then(|| Reading { end: place.at() + token.len(), words })
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// `john.doe@example.com`.
fn mail(place: &Place, token: &str) -> Option<Reading> {
    let (local, host) = token.split_once('@')?;
    let in_local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-');
    let in_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let host = &host[..host.find(|c| !in_host(c)).unwrap_or(host.len())];
    let host = host.trim_end_matches(['.', '-']);
    let (_, ending) = host.rsplit_once('.')?;
    if local.is_empty() || !local.chars().all(in_local) || ending.len() < 2 || host.starts_with('.') {
        return None;
    }
    let words = format!("{} at {}", spoken(local), spoken(host));
    Some(Reading { end: place.at() + local.len() + 1 + host.len(), words })
}

/// `docs.rs`, `example.co.uk/path` and `README.md`.
fn domain(place: &Place, token: &str) -> Option<Reading> {
    let name = &token[..token
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')))
        .unwrap_or(token.len())];
    let (before, ending) = name.rsplit_once('.')?;
    let follows = &token[name.len()..];
    let has_path = follows.starts_with('/') && follows.len() > 1;
    let lower = ending.to_ascii_lowercase();
    let is_domain = DOMAINS.contains(&lower.as_str());
    let known = is_domain
        || FILES.contains(&lower.as_str())
        || has_path && (2..=3).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_lowercase());
    let labels = before.split('.').all(|label| !label.is_empty() && !label.starts_with('-'));
    let letters =
        before.bytes().any(|b| b.is_ascii_alphabetic()) || ending.len() > 2 && !before.contains('.');
    // Initials, as in U.S.A.
    let begins_sentence = ending.starts_with(|c: char| c.is_ascii_uppercase())
        && ending.bytes().any(|b| b.is_ascii_lowercase());
    let initials = ending.len() == 1
        || before.split('.').all(|label| label.len() == 1) && ending.bytes().all(|b| b.is_ascii_uppercase());
    if !known || !labels || !letters || initials || begins_sentence {
        return None;
    }
    if !is_domain && !has_path {
        return Some(Reading { end: place.at() + name.len(), words: path(name) });
    }
    let port = follows.strip_prefix(':').is_some_and(|port| port.starts_with(|c: char| c.is_ascii_digit()));
    let part = follows.strip_prefix('#').is_some_and(|part| !part.is_empty());
    let whole = if has_path || port || part { token } else { name };
    let words = spoken(whole.trim_end_matches('/'));
    Some(Reading { end: place.at() + whole.len(), words })
}

/// Whether `ending` is what file names end in.
pub(super) fn is_file_ending(ending: &str) -> bool {
    FILES.contains(&ending)
}

/// `@someone`.
fn handle(place: &Place, rest: &str) -> Option<Reading> {
    let name = &rest[1..];
    let len = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
    let words = name_parts::said(&name[..len]);
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (begins && !words.is_empty()).then(|| Reading { end: place.at() + 1 + len, words: format!("at {words}") })
}

/// `#ThisIsGreat`, and colours such as `#ff8800`.
fn hashtag(place: &Place, rest: &str) -> Option<Reading> {
    let name = &rest[1..];
    let len = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
    let name = &name[..len];
    let end = place.at() + 1 + len;
    let colour = matches!(len, 3 | 6) && name.bytes().all(|b| b.is_ascii_hexdigit());
    if colour && name.bytes().any(|b| b.is_ascii_digit()) && name.bytes().any(|b| b.is_ascii_alphabetic()) {
        let said: Vec<String> = name.split("").filter(|c| !c.is_empty()).map(name_parts::part).collect();
        return Some(Reading { end, words: format!("hash {}", said.join(" ")) });
    }
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    begins.then(|| Reading { end, words: format!("hashtag {}", name_parts::said(name)) })
}

/// An address with every mark in it.
pub(super) fn spoken(address: &str) -> String {
    by_mark(address, |mark| match mark {
        '.' => "dot",
        '/' => "slash",
        ':' => "colon",
        '-' => "dash",
        '_' => "underscore",
        '?' => "question mark",
        '=' => "equals",
        '&' => "and",
        '#' => "hash",
        '%' => "percent",
        '~' => "tilde",
        '@' => "at",
        '+' => "plus",
        ',' => "comma",
        _ => "",
    })
}

/// A path or a file name: hyphens and underscores only part words.
pub(super) fn path(path: &str) -> String {
    by_mark(path, |mark| match mark {
        '.' => "dot",
        '/' => "slash",
        '\\' => "backslash",
        ':' => "colon",
        '~' => "tilde",
        '*' => "star",
        '@' => "at",
        '+' => "plus",
        _ => "",
    })
}

fn by_mark(text: &str, name: impl Fn(char) -> &'static str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut rest = text;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let len = if c.is_alphanumeric() {
            let len = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            let run = &rest[..len];
            let last = !rest[len..].contains('.') || rest[len..].starts_with('/');
            words.push(if before == '.' && last { ending(run) } else { name_parts::said(run) });
            len
        } else {
            words.push(name(c).to_owned());
            c.len_utf8()
        };
        before = c;
        rest = &rest[len..];
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

/// The last part of a domain or of a file name.
fn ending(ending: &str) -> String {
    let lower = ending.to_ascii_lowercase();
    let known = DOMAINS.contains(&lower.as_str()) || FILES.contains(&lower.as_str());
    if SAID_ENDINGS.contains(&lower.as_str()) {
        lower
    } else if known && lower.bytes().all(|b| b.is_ascii_alphabetic()) && (lower.len() == 2 || lower == "edu")
    {
        spelling::apart(&lower)
    } else {
        name_parts::said(ending)
    }
}

#[cfg(test)]
mod tests {
    use crate::normalise::said;

    #[test]
    fn addresses_are_read_as_they_are_typed() {
        for (text, expected) in [
            ("Visit https://www.example.com today.", "Visit W.W.W dot example dot com today."),
            ("See http://example.org/docs/, please.", "See example dot org slash docs, please."),
            ("HTTPS://EXAMPLE.COM", "example dot com"),
            ("(https://example.com/a)", "(example dot com slash A)"),
            ("Is it www.bbc.co.uk?", "Is it W.W.W dot B.B.C dot co dot U.K?"),
            (
                "https://example.com/search?q=cats&page=2",
                "example dot com slash search question mark Q equals cats and page equals two",
            ),
            ("https://docs.rs/serde#usage", "docs dot R.S slash serde hash usage"),
            ("ftp://files.example.net/my-file", "files dot example dot net slash my dash file"),
            ("Try example.com or openai.com!", "Try example dot com or openai dot com!"),
            ("It is on github.com/rust-lang.", "It is on github dot com slash rust dash lang."),
            ("Ask at t.me/someone", "Ask at T dot me slash someone"),
            ("shop.example.co.uk", "shop dot example dot co dot U.K"),
            ("Mail john.doe@example.com.", "Mail john dot doe at example dot com."),
            ("mailto:anna_b@mail.example.edu", "anna underscore B at mail dot example dot E.D.U"),
            ("<bob+news@example.io>", "bob plus news at example dot I.O"),
            ("info@my-shop.de, thanks", "info at my dash shop dot D.E, thanks"),
            ("Follow @jane_doe now", "Follow at jane doe now"),
            ("thanks @rustlang!", "thanks at rustlang!"),
            ("#ThisIsGreat", "hashtag this is great"),
            ("so #happy, #MeToo", "so hashtag happy, hashtag me too"),
            ("#BlackLivesMatter.", "hashtag black lives matter."),
            ("#covid19", "hashtag covid nineteen"),
            ("the colour #ff8800", "the colour hash F.F eight eight zero zero"),
            ("Read README.md first", "Read read me dot M.D first"),
            ("main.rs and lib.py", "main dot R.S and lib dot P.Y"),
            ("notes.txt, photo.jpg", "notes dot T.X.T, photo dot J.P.G"),
            ("config.json", "config dot jason"),
            ("archive.tar.gz", "archive dot tar dot G.Z"),
            ("my_file-name.html", "my file name dot H.T.M.L"),
            ("see foo_bar.rs:42", "see foo bar dot R.S:forty two"),
            ("Node.js and Vue.js", "node dot J.S and vue dot J.S"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_left_alone() {
        for text in [
            "The end.Start of it",
            "and so on...right",
            "He left.So did I",
            "no e-mail here",
            "one / two",
            "Mr.Smith",
            "a.b.c",
            "etc.and",
            "Hello.World",
            "Wait.What",
            "yes.no",
            "end.The",
        ] {
            assert!(!said(text).contains(" dot ") && !said(text).contains(" at "), "{text}: {}", said(text));
        }
    }

    #[test]
    fn an_address_longer_than_a_class_can_see_is_read_to_its_end() {
        let parts: Vec<String> = (0..100).map(|n| format!("path/{n}/")).collect();
        let text = format!("https://example.com/{}end now", parts.concat());
        let said = said(&text);
        assert!(
            said.starts_with("example dot com slash path slash zero slash path") && said.ends_with("end now"),
            "{said}"
        );
        assert_eq!(said.matches("path").count(), 100);
    }
}
