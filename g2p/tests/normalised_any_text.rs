//! What holds for the normaliser whatever the text is.

use proptest::prelude::*;
use sostenuto_g2p::{Emoji, Language, Normaliser};

/// Pieces of text that the classes read, in part, and what they trip over.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    " ", " ", " ", " ", ".", ",", "-", "'", "’", "\"", "(", ")", "[", "]", "<", ">", "/", "\\", "@", "#", "&", "*", "_", "`", "~", "|", "=", "+",
    "!", "?", ":", "…", "—", "$", "%", "^", "a", "A", "I", "s", "x", "P M", "U.S.", "p.m.", "Ph.D.", "J. ", "TV", "US", "IT", "PST", "NASA", "STOP", "AT",
    "ME", "don't", "word", "Word", "Smith", "Main", "Dr.", "St.", "No.", "Mr", "e.g.", "etc.", "vs", "w/", "b/c", "et al.", "p.", "5", "42", "1999",
    "007", "3.5", "example.com", "https://", "www.", "john@x.org", "main.rs", "/usr", "C:\\", "--flag", "-v", "#tag", "@me", "get_user", "getUser", "()", "::",
    "0xFF", "C++", "C#", ".NET", "==", "!=", "&&", "->", "utf8", "GPT-4", "B2B", "R&D", "&amp;", "<b>", "</b>", "](http://a.b)", "**", "![", "[x]",
    "🎉", "👍🏽", "👨\u{200d}👩\u{200d}👧", "🇺🇸", "❤\u{fe0f}", "1\u{fe0f}\u{20e3}", "\u{200d}", "\u{fe0f}", "→", "★", "☆", "™", ":-)", "<3", "α", "λόγος", "東", "мир",
    "é", "e\u{301}", "\u{301}", "ﬁ", "Ⅷ", "①", "½", "²", "\u{ad}", "\u{200b}", "\u{7}", "\u{a0}", "\n", "\u{1b}[1m", "№", "µ", "aB", "a-", "ß", "İ", "ǆ",
];

fn tricky() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::collection::vec(prop::sample::select(PIECES), 0..24).prop_map(|pieces| pieces.concat()),
        1 => "(?s).{0,60}",
        1 => "[A-Za-z0-9 .,'/_@#&*<>=!?:;()\\[\\]`~|+%-]{0,80}",
    ]
}

/// Words that stand between the pieces, and none.
const WORDS: &[&str] = &["", "lemon", "Garden", "WINTER", "copper"];

/// The pieces that neither hide a word, as tags and links do, nor join or change it.
fn visible() -> Vec<&'static str> {
    let hide = ['<', ']', '\u{301}', '\u{ad}', '\u{200b}', '\u{200d}', '\u{fe0f}', '\u{7}', '\u{1b}'];
    PIECES.iter().copied().filter(|piece| !piece.contains(hide)).collect()
}

fn normaliser() -> impl Strategy<Value = Normaliser> {
    (
        prop::sample::select(&[Language::EnUs, Language::EnGb][..]),
        prop::sample::select(&[Emoji::Named, Emoji::Dropped][..]),
    )
        .prop_map(|(language, emoji)| Normaliser { language, emoji })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_normalised_stays_as_it_is(text in tricky(), normaliser in normaliser()) {
        let once = normaliser.normalise(&text).text;
        prop_assert_eq!(normaliser.normalise(&once).text, once);
    }

    #[test]
    fn every_byte_leads_back_in_order(text in tricky(), normaliser in normaliser()) {
        let normalised = normaliser.normalise(&text);
        prop_assert_eq!(normalised.map.len(), normalised.text.len());
        let mut last = 0..0;
        for (at, c) in normalised.text.char_indices() {
            let span = normalised.map.source(at..at + c.len_utf8());
            prop_assert!(span.start >= last.start && span.end >= last.end);
            prop_assert!(text.get(span.clone()).is_some(), "{:?} of {:?}", span, text);
            last = span;
        }
        let mut before = 0;
        for (range, _) in &normalised.rules {
            prop_assert!(range.start >= before && normalised.text.get(range.clone()).is_some_and(|words| !words.is_empty()));
            before = range.end;
        }
    }

    #[test]
    fn words_stand_apart_by_single_spaces(text in tricky()) {
        let text = Normaliser::default().normalise(&text).text;
        prop_assert!(!text.contains("  ") && text.trim() == text);
        prop_assert!(!text.chars().any(|c| c.is_control() || c != ' ' && c.is_whitespace()));
    }

    #[test]
    fn no_word_is_lost(
        pieces in prop::collection::vec((prop::sample::select(visible()), prop::sample::select(WORDS)), 0..16)
    ) {
        let text: String = pieces.iter().flat_map(|&(piece, word)| [piece, word]).collect();
        let said = Normaliser::default().normalise(&text).text.to_lowercase();
        for word in WORDS.iter().filter(|word| !word.is_empty()) {
            let parts = text.split(|c: char| !c.is_alphanumeric());
            let whole = parts.filter(|part| part.eq_ignore_ascii_case(word)).count();
            prop_assert!(said.matches(&word.to_lowercase()).count() >= whole, "{word}: {said:?} of {text:?}");
        }
    }

    #[test]
    fn plain_prose_is_left_alone(text in "([a-z]{3,9}[,;]? ){0,12}[a-z]{3,9}\\.") {
        let known = ["etc", "avg", "pls", "thx", "aka", "approx", "dept", "govt", "mgmt", "misc", "attn", "intl", "natl", "qty", "acct", "appt", "assn", "bldg", "depts"];
        prop_assume!(!text.split(|c: char| !c.is_alphabetic()).any(|word| known.contains(&word)));
        let stops = ["est.", "max.", "min.", "temp.", "asst.", "univ.", "inst.", "mfg.", "mgr.", "dist.", "viz.", "tel.", "incl.", "excl.", "esp.", "orig.", "resp.", "eds.", "ibid.", "abbr.", "vols.", "figs.", "alt."];
        prop_assume!(!stops.iter().any(|stop| text.ends_with(stop)));
        prop_assert_eq!(Normaliser::default().normalise(&text).text, text);
    }
}

#[test]
fn no_text_costs_more_than_its_length() {
    for (piece, count) in [
        ("a-", 5_000),
        ("aB", 5_000),
        ("🎉", 10_000),
        ("[", 10_000),
        ("http://a.b/", 900),
        ("'", 10_000),
        ("\u{301}", 10_000),
        ("U.", 5_000),
        ("P ", 5_000),
        ("AT ", 3_000),
        ("a.b", 3_000),
        ("](", 5_000),
        ("<a", 5_000),
        ("a_", 5_000),
        ("*a", 5_000),
        ("1\u{fe0f}\u{20e3}", 3_000),
        ("&", 9_000),
        ("東", 5_000),
        ("🎉😂", 5_000),
        ("a\u{301}", 5_000),
        ("Dr. ", 3_000),
        ("/a", 5_000),
        ("--", 5_000),
    ] {
        let text = piece.repeat(count);
        let normalised = Normaliser::default().normalise(&text);
        assert!(normalised.text.len() <= 16 * text.len(), "{piece}");
        assert_eq!(Normaliser::default().normalise(&normalised.text).text, normalised.text, "{piece}");
    }
}
