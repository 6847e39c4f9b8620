//! The laws of the normaliser on texts made of numbers, units and signs.

use proptest::prelude::*;
use sostenuto_g2p::{Language, Normaliser};

/// Pieces of which tricky sentences are made.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,5}",
        "[0-9]{1,3}[.,:/-][0-9]{1,4}",
        proptest::sample::select(vec![
            "$", "€", "¢", "£", "%", "°C", "km", "m", "in", "GB", "K", "M", "bn", "x", "×", "=", "<", ">",
            "+", "-", "−", "–", "±", "^", "²", "½", "√", "π", "α", "!", "'", "’", "\"", "(", ")", "/", ":",
            ".", ",", ";", "#", "No. ", "pm", "p.m.", "AM", "PST", "Jan", "Jan. ", "May", "Mon", "Sept. ",
            "BC", "B.C.", "AD", "CE", "IV", "I", "VIII", "X", "Chapter", "Henry", "Rocky", "page", "call",
            "Room", "the", "a", "of", "million", "billion", "st", "th", "s", "'80s", "v", "e", "h", "USD",
            "US$", "TV", "f(x)", "→", "~", "@", "_", "*", "USD 5", "1990s", "٣", "Ⅷ", "①", "\u{202f}",
            "\u{a0}", "mid",
        ])
        .prop_map(str::to_owned),
        Just(" ".to_owned()),
        Just(" ".to_owned()),
    ]
}

/// Any text, and texts of tricky pieces.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "(?s).{0,60}",
        proptest::collection::vec(piece(), 0..14).prop_map(|pieces| pieces.concat()),
        proptest::collection::vec(piece(), 0..10).prop_map(|pieces| pieces.join(" ")),
        "[0-9]{200,600}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn reading_what_is_said_changes_nothing(text in text(), british: bool) {
        let language = if british { Language::EnGb } else { Language::EnUs };
        let normaliser = Normaliser { language, ..Normaliser::default() };
        let said = normaliser.normalise(&text).text;
        prop_assert_eq!(&normaliser.normalise(&said).text, &said);
    }

    #[test]
    fn spans_lead_in_order_to_places_inside_the_text(text in text()) {
        let said = Normaliser::default().normalise(&text);
        prop_assert_eq!(said.map.len(), said.text.len());
        let mut last = 0;
        for (at, c) in said.text.char_indices() {
            let source = said.map.source(at..at + c.len_utf8());
            prop_assert!(source.start >= last && source.end <= text.len());
            prop_assert!(text.is_char_boundary(source.start) && text.is_char_boundary(source.end));
            last = source.start;
        }
        let mut written = 0;
        for (range, _) in said.rules {
            prop_assert!(range.start >= written && said.text.get(range.clone()).is_some());
            written = range.start;
        }
    }
}
