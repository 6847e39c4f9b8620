//! Which runs of letters can be said as a word, and which are spelled letter by letter.

/// What English words begin with: consonants before the first vowel.
#[rustfmt::skip]
const ONSETS: &[&str] = &[
    "", "b", "bl", "br", "c", "ch", "chr", "cl", "cr", "d", "dr", "dw", "f", "fl", "fr", "g", "gh", "gl", "gn", "gr",
    "h", "j", "k", "kh", "kl", "kn", "kr", "l", "ll", "m", "mc", "n", "p", "ph", "phr", "pl", "pr", "ps", "q", "r",
    "rh", "s", "sc", "sch", "scr", "sh", "shr", "sk", "sl", "sm", "sn", "sp", "spl", "spr", "squ", "st", "str", "sv",
    "sw", "t", "th", "thr", "tr", "tw",
];
/// More of them, rarer.
#[rustfmt::skip]
const RARE_ONSETS: &[&str] = &["ts", "v", "vl", "w", "wh", "wr", "x", "y", "z", "zh", "chl", "sph", "scl", "phl", "schm", "schl", "pn", "pt"];

/// What English words end with: consonants after the last vowel.
#[rustfmt::skip]
const CODAS: &[&str] = &[
    "", "b", "bs", "bt", "c", "ch", "ck", "cks", "cs", "ct", "cts", "d", "dd", "dge", "dth", "ds", "f", "ff", "ffs",
    "fs", "ft", "fts", "g", "gg", "gh", "ghs", "ght", "ghts", "gn", "gns", "gs", "h", "k", "ks", "l", "lb", "ld", "lds",
    "lf", "lk", "lks", "ll", "lls", "lm", "lms", "lp", "lps", "ls", "lt", "lts", "lth", "m", "mb", "mbs", "mn", "mp",
    "mps", "mpt", "ms", "n", "nc", "nch", "nct", "nd", "nds", "ng", "ngs", "ngth", "nk", "nks", "nn", "ns", "nt", "nth", "nts",
    "p", "ph", "phs", "ps", "pt", "pts", "r", "rb", "rbs", "rc", "rch", "rd", "rds", "rf", "rg", "rk", "rks", "rl",
    "rld", "rls", "rm", "rms", "rn", "rns", "rp", "rps", "rs", "rst", "rt", "rth", "rts", "s", "sh",
];
/// More of them.
#[rustfmt::skip]
const MORE_CODAS: &[&str] = &[
    "sk", "sks", "sm", "sms", "sp", "ss", "st", "sts", "t", "tch", "th", "ths", "ts", "tt", "tz", "v", "w", "wd", "wl",
    "wn", "wns", "rph", "ws", "nx", "mph", "wk", "rr", "wth", "lch", "sc", "thm", "hn", "hns", "rtz", "dst", "pp", "cht", "ntz",
    "ngst", "x", "xt", "z", "zz",
];

/// Initialisms with vowels that look like words and are spelled, in capitals.
#[rustfmt::skip]
const SPELLED: &[&str] = &[
    "ABA", "ACL", "AD", "ADHD", "AI", "AKA", "AMA", "AOL", "APA", "API", "ATM", "BA", "BCE", "CA", "CE", "CEO", "CIA",
    "CIO", "COO", "CTO", "DA", "DEA", "DIY", "DOA", "EEG", "EPA", "ER", "ETA", "EU", "EV", "FAA", "FAQ", "FDA", "GOP", "HIV", "HR",
    "IBM", "ID", "IE", "IEEE", "IMO", "IO", "IOU", "IP", "IPA", "IPO", "IQ", "IRA", "IRS", "ISO", "ISP", "MA", "MIA", "MIT", "MRI",
    "NBA", "NHL", "OEM", "PA", "PE", "RNA", "SEO", "SOS", "TNA",
];
/// More of them.
#[rustfmt::skip]
const SPELLED_TOO: &[&str] = &[
    "AC", "AP", "ASP", "AWS", "CEST", "CET", "DOB", "DOJ", "EST", "FYI", "ICU", "IDE", "IST", "IUD", "LA", "LAX", "LED", "NY", "NYU", "OOP", "OS",
    "POV", "QA", "ROI", "SUV", "TUV", "UAE", "UAV", "UCLA", "UFO", "UI", "UK", "UN", "UPI", "UPS", "URL", "US", "USA", "USAF", "USB", "USC", "USD", "USPS",
    "USSR", "UTC", "UV", "UX", "VIP", "VOA", "WHO", "YMCA",
];

/// Acronyms that are said as words, in capitals.
#[rustfmt::skip]
const SAID: &[&str] = &[
    "AIDS", "ANOVA", "ASAP", "ASCII", "ASEAN", "BASIC", "BIOS", "CAPTCHA", "CERN", "COBOL", "COVID", "CUDA", "DARPA", "DOS",
    "EBITDA", "EPROM", "FEMA", "FIFA", "FIFO", "FORTRAN", "GIF", "GNU", "GUI", "HIPAA", "IKEA", "INTERPOL", "JPEG", "LAN",
    "LASER", "LIDAR", "LIFO", "LISP", "MIDI", "NAFTA", "NASA", "NASCAR", "NASDAQ", "NATO", "NORAD", "OPEC", "OSHA", "PETA", "POTUS",
    "RADAR", "RAG", "RAM", "ROM", "SARS", "SCOTUS", "SCUBA", "SONAR", "SWAT", "UEFA", "UNESCO", "UNICEF", "UNIX", "WAN", "WASP", "WYSIWYG",
    "YOLO",
];

/// Whether `word`, ASCII letters in either case, can be said as an English word, by its letters alone.
pub(super) fn is_speakable(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let Some(first) = word.find(vowel) else { return false };
    // The "u" of "qu" is no vowel.
    let onset = if word.starts_with("squ") { "squ" } else { &word[..first] };
    let last = word.rfind(vowel).unwrap_or(first);
    let coda = &word[last + 1..];
    let longest_run = word.split(vowel).map(str::len).max().unwrap_or(0);
    word.len() > 1
        && word.bytes().any(|b| !vowel(char::from(b)))
        && (ONSETS.contains(&onset) || RARE_ONSETS.contains(&onset) || onset == "qu")
        && (CODAS.contains(&coda) || MORE_CODAS.contains(&coda))
        && longest_run <= 4
}

/// Whether `word`, all capitals, is an initialism that is spelled.
pub(super) fn is_spelled(word: &str) -> bool {
    SPELLED.contains(&word)
        || SPELLED_TOO.contains(&word)
        || !is_speakable(word) && !SAID.contains(&word) && !is_roman(word)
}

/// Whether `word`, all capitals, is an acronym, said or spelled.
pub(super) fn is_acronym(word: &str) -> bool {
    SAID.contains(&word) || is_spelled(word)
}

/// Whether `word`, all capitals, may be a Roman numeral.
fn is_roman(word: &str) -> bool {
    const BOTH: &[&str] = &["CD", "DC", "MC", "MD", "DVD", "DI", "CC"];
    word.bytes().all(|b| matches!(b, b'I' | b'V' | b'X' | b'L' | b'C' | b'D' | b'M')) && !BOTH.contains(&word)
}

/// The letters of `word` apart, as capitals: "usr" is "U S R".
pub(super) fn apart(word: &str) -> String {
    let mut letters = String::with_capacity(2 * word.len());
    for c in word.chars() {
        if !letters.is_empty() {
            letters.push(' ');
        }
        letters.extend(c.to_uppercase());
    }
    letters
}

/// `word` as it is said in a name on a computer: as a word where that is possible, else its letters apart.
pub(super) fn word_or_letters(word: &str) -> String {
    /// What everybody says in one way.
    const KNOWN: &[(&str, &str)] = &[
        ("json", "jason"),
        ("www", "W W W"),
        ("readme", "read me"),
        ("jpeg", "JPEG"),
        ("gif", "GIF"),
        ("sql", "SQL"),
        ("id", "I D"),
        ("io", "I O"),
        ("ai", "A I"),
        ("ui", "U I"),
        ("api", "A P I"),
        ("url", "U R L"),
    ];
    let lower = word.to_lowercase();
    if let Some((_, said)) = KNOWN.iter().find(|(known, _)| *known == lower) {
        return (*said).to_owned();
    }
    if lower == "a" {
        return "A".to_owned();
    }
    if !word.is_ascii() {
        return lower;
    }
    let capitals = word.to_ascii_uppercase();
    if capitals == word && word.len() > 1 && is_acronym(word) && !is_spelled(word) {
        return capitals;
    }
    let spelled = !is_speakable(word) || capitals == word && is_spelled(word);
    if spelled && word.len() <= 6 { apart(word) } else { lower }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_can_be_said_and_initialisms_cannot() {
        for word in [
            "example", "local", "bin", "release", "strength", "queue", "squad", "month", "world", "my",
            "rhythm", "knight", "please", "stop", "text", "shouting", "matches", "file", "docs", "thumbs",
            "first", "apt", "build",
        ] {
            assert!(is_speakable(word), "{word}");
        }
        for letters in [
            "usr", "html", "css", "png", "fbi", "ibm", "http", "tv", "pm", "xml", "x", "e", "btw", "ssh",
            "gpt",
        ] {
            assert!(!is_speakable(letters), "{letters}");
        }
    }

    #[test]
    fn initialisms_are_told_from_acronyms() {
        for word in ["TV", "PM", "FBI", "CIA", "USA", "HTTP", "USB", "CD", "BC", "PST", "URL"] {
            assert!(is_spelled(word), "{word}");
        }
        for word in ["NASA", "NATO", "STOP", "VIII", "PLEASE", "GUI", "RAM"] {
            assert!(!is_spelled(word), "{word}");
        }
        assert!(is_acronym("NASA") && is_acronym("FBI") && !is_acronym("STOP"));
    }

    #[test]
    fn names_on_computers_are_words_or_letters() {
        for (word, said) in [
            ("usr", "U S R"),
            ("local", "local"),
            ("JSON", "jason"),
            ("v", "V"),
            ("NASA", "NASA"),
            ("Users", "users"),
            ("txt", "T X T"),
        ] {
            assert_eq!(word_or_letters(word), said);
        }
    }
}
