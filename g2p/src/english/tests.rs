use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::reason::Reason;
use crate::{symbol_names, vocabulary};

pub(super) static US: LazyLock<English> = LazyLock::new(|| English::load(Language::EnUs));

fn us(sentence: &str) -> String {
    US.phonemize(sentence).phonemes
}

fn spans<'a>(sentence: &'a str, pronunciation: &'a Pronunciation) -> Vec<(&'a str, &'a str)> {
    let words = pronunciation.words.iter();
    words.map(|w| (&sentence[w.source.clone()], &pronunciation.phonemes[w.phonemes.clone()])).collect()
}

fn reasons(sentence: &str) -> Vec<Reason> {
    US.phonemize(sentence).words.iter().map(|word| word.reason).collect()
}

fn given(sentence: &str, word: &str, phonemes: &str) -> Given {
    let start = sentence.find(word).unwrap();
    Given { range: start..start + word.len(), phonemes: phonemes.to_owned() }
}

#[test]
fn a_sentence_becomes_phonemes_with_its_punctuation() {
    assert_eq!(us("Never tell a lie, unless it is absolutely convenient."), {
        "nˈɛvəɹ tˈɛl ɐ lˈI, ənlˈɛs ɪt ɪz ˈæbsəlˌutli kənvˈinjənt."
    });
}

#[test]
fn every_word_leads_back_to_its_bytes() {
    let sentence = "  The café\u{301}s\u{a0}cost $5, don’t they?";
    let pronunciation = US.phonemize(sentence);
    let sources: Vec<_> = spans(sentence, &pronunciation).into_iter().map(|(source, _)| source).collect();
    assert_eq!(sources, ["The", "café\u{301}s", "cost", "5", "don’t", "they"]);
}

#[test]
fn unknown_words_are_sounded_and_not_lost() {
    let pronunciation = US.phonemize("Kissinger met Chaligoj at Harvard.");
    assert_eq!(pronunciation.words.len(), 5);
    assert_eq!(pronunciation.dropped, 0);
}

#[test]
fn letters_of_several_bytes_may_stand_before_any_ending() {
    for sentence in ["Sautéing the onions", "ski\u{2011}ing", "SAUTÉING", "appliquéing", "é's", "naïveed"]
    {
        let pronunciation = US.phonemize(sentence);
        assert_eq!(pronunciation.dropped, 0, "{sentence}");
        assert!(!pronunciation.words.is_empty(), "{sentence}");
    }
}

#[test]
fn symbols_are_said_by_name() {
    assert!(us("x = y").contains("ˈikwᵊlz"), "{}", us("x = y"));
    for (symbol, _) in symbol_names::all() {
        let pronunciation = US.phonemize(&format!("left {symbol} right"));
        assert_eq!(pronunciation.dropped, 0, "{symbol}");
        assert!(pronunciation.words.len() > 2, "{symbol}");
    }
}

#[test]
fn digits_inside_a_compound_are_read_as_numbers() {
    assert_eq!(us("24-bit"), "twˈɛnti fˈɔɹ bˈɪt");
    assert!(us("zorb7 v2.5").contains("sˈɛvən"), "{}", us("zorb7 v2.5"));
}

#[test]
fn digits_are_said_even_where_the_tagger_takes_them_for_marks() {
    assert_eq!(us("x86_64"), "ˈɛks ˈATi sˈɪks sˈɪksti fˈɔɹ");
    assert!(us("Call 555-1234.").contains("fˈIv twˌɛlv"), "{}", us("Call 555-1234."));
}

#[test]
fn a_mark_closes_up_to_the_word_before_what_was_dropped() {
    assert_eq!(us("So 🎉. We 東京, left"), "sˌO. wˌi, lˈɛft");
}

#[test]
fn a_possessive_of_an_unknown_name_keeps_its_ending() {
    assert!(us("Zorbank's").ends_with('s'), "{}", us("Zorbank's"));
    assert!(us("Blorgoth’s dog").contains("s dˈɔɡ"), "{}", us("Blorgoth’s dog"));
}

#[test]
fn what_english_cannot_read_is_counted() {
    let pronunciation = US.phonemize("Say 東京 and \u{1f389}.");
    assert_eq!(pronunciation.dropped, 3);
    assert_eq!(pronunciation.words.len(), 2);
    assert!(US.phonemize("مرحبا").phonemes.is_empty());
    assert_eq!(US.phonemize("").dropped, 0);
}

#[test]
fn nothing_of_a_run_without_spaces_is_lost() {
    let run = "aB".repeat(300);
    let pronunciation = US.phonemize(&run);
    assert_eq!(pronunciation.words.len(), 301);
    assert_eq!(pronunciation.words.last().unwrap().source.end, 600);
}

#[test]
fn names_with_an_apostrophe_keep_both_parts() {
    assert_eq!(us("O'Brien's"), us("O Brien's").replacen(' ', "", 1).replacen('ˈ', "ˌ", 1));
}

#[test]
fn dialects_differ() {
    let british = English::load(Language::EnGb).phonemize("The Harvard car park.");
    assert_ne!(british.phonemes, us("The Harvard car park."));
    assert!(british.phonemes.contains('ː'), "{}", british.phonemes);
}

#[test]
fn every_word_tells_where_its_sound_came_from() {
    use Reason::{Compound, Homograph, Letters, Lexicon, Number, Rules, Symbol};
    assert_eq!(reasons("They read 24 well-known Chaligojs"), [Lexicon, Homograph, Number, Compound, Rules]);
    assert_eq!(
        reasons("x.y.z at 3 P.M in the U.S. = FBI"),
        [Letters, Lexicon, Number, Letters, Lexicon, Lexicon, Letters, Symbol, Letters]
    );
}

#[test]
fn letters_between_dots_are_said_by_their_names() {
    for (dotted, plain) in [("K.T.V", "KTV"), ("P.M", "PM"), ("x.y.z", "XYZ"), ("U.S.", "US")] {
        let said = US.phonemize(dotted);
        assert_eq!(said.words[0].reason, Reason::Letters, "{dotted}");
        let letters = US.lexicon.letters(plain).unwrap().phonemes;
        assert_eq!(&said.phonemes[said.words[0].phonemes.clone()], letters, "{dotted}");
    }
}

#[test]
fn given_phonemes_are_said_whatever_the_lexicon_knows() {
    let sentence = "Say read, or 東京, or New York now.";
    let given = [
        given(sentence, "read", "ɹˈɛd"),
        given(sentence, "東京", "tˈOkjˌO"),
        given(sentence, "New York", "nujˈɔɹk"),
    ];
    let said = US.pronounce(sentence, &given);
    assert_eq!(said.phonemes, "sˈA ɹˈɛd, ɔɹ tˈOkjˌO, ɔɹ nujˈɔɹk nˈW.");
    assert_eq!(said.dropped, 0);
    for (given, word) in given.iter().zip(said.words.iter().filter(|word| word.reason == Reason::Given)) {
        assert_eq!(
            (&word.source, &said.phonemes[word.phonemes.clone()]),
            (&given.range, given.phonemes.as_str())
        );
    }
    assert_eq!(said.words.iter().filter(|word| word.reason == Reason::Given).count(), 3);
}

#[test]
fn the_words_before_given_phonemes_hear_them() {
    for (phonemes, article) in [("ˈOkəɹO", "ði"), ("kˈOkəɹO", "ðə")] {
        let sentence = "the Kokoro";
        let said = US.pronounce(sentence, &[given(sentence, "Kokoro", phonemes)]);
        assert_eq!(said.phonemes, format!("{article} {phonemes}"));
    }
}

#[test]
fn a_part_of_a_word_may_have_given_phonemes_and_a_long_run_too() {
    let sentence = "the foobar's end";
    let said = US.pronounce(sentence, &[given(sentence, "foobar", "fˈu")]);
    assert!(said.phonemes.starts_with("ðə fˈuz"), "{}", said.phonemes);
    let run = format!("{}x{}", "a-".repeat(100), "b-".repeat(100));
    let said = US.pronounce(&run, &[given(&run, "x", "fˈu")]);
    assert!(said.phonemes.contains(" fˈu "));
}

#[test]
fn given_phonemes_with_nothing_to_stand_for_are_counted() {
    let said = US.pronounce("so", &[Given { range: 2..2, phonemes: "fˈu".to_owned() }]);
    assert_eq!(said.dropped, 3);
}

#[test]
fn the_users_lexicon_goes_before_the_others() {
    let user = UserLexicon::parse(
        "[en]\nKokoro = \"kˈOkəɹO\"\nrouter = \"ɹˈutəɹ\"\n\"New Orleans\" = \"nu ˈɔɹlᵊnz\"\n\"C++\" = \"sˌiplˈʌs\"\nGPT-4 = \"ʤˌipˌitˌi fˈɔɹ\"\n",
    )
    .unwrap();
    let english = English::load(Language::EnUs).with_user_lexicon(&user);
    let said = english.phonemize("Kokoro's routers in New Orleans like C++, not GPT-4.");
    assert_eq!(said.phonemes, "kˈOkəɹOz ɹˈutəɹz ɪn nu ˈɔɹlᵊnz lˈIk sˌiplˈʌs, nˌɑt ʤˌipˌitˌi fˈɔɹ.");
    let user: Vec<bool> = said.words.iter().map(|word| word.reason == Reason::UserLexicon).collect();
    assert_eq!(user, [true, true, false, true, false, true, false, true]);
}

#[test]
fn the_users_entry_for_a_homograph_stands_whatever_the_cues() {
    let user = UserLexicon::parse("[en]\nlead = \"lˈOd\"\n").unwrap();
    let english = English::load(Language::EnUs).with_user_lexicon(&user);
    assert_eq!(english.phonemize("Lead pipes").phonemes, "lˈOd pˈIps");
}

#[test]
fn without_anything_for_unknown_words_they_are_counted() {
    let core = English::load(Language::EnUs).without_unknown_words();
    let said = core.phonemize("A Chaligoj fell.");
    assert_eq!((said.phonemes.as_str(), said.dropped), ("ɐ fˈɛl.", 1));
    assert_eq!(core.phonemize(&"a-".repeat(100)).dropped, 200);
}

/// Reads any token as "a", and tells what it was asked for.
struct Anything(std::sync::Mutex<Vec<String>>);

impl UnknownWord for Anything {
    fn pronounce(&self, word: &str) -> Option<String> {
        self.0.lock().unwrap().push(word.to_owned());
        Some("ˈA".to_owned())
    }

    fn reason(&self) -> Reason {
        Reason::Espeak
    }

    fn reads_anything(&self) -> bool {
        true
    }
}

#[test]
fn one_who_reads_anything_is_given_whole_tokens() {
    let unknown = Arc::new(Anything(std::sync::Mutex::default()));
    let english = English::load(Language::EnUs).with_unknown_word(unknown.clone());
    let said = english.phonemize("Chaligoj-24's x = libzorb.so!");
    let mut asked = unknown.0.lock().unwrap().clone();
    asked.sort();
    assert_eq!(asked, ["=", "Chaligoj-24's", "libzorb.so"]);
    assert_eq!(said.words[0].reason, Reason::Espeak);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_gives_vocabulary_symbols_and_spans_in_order(
        sentence in prop_oneof![
            "(?s).{0,40}",
            "[a-zA-Z0-9'’éñ .,;:!?()\\[\\]/@#$%^&*_+=~<>-]{0,60}",
            "[A-Za-zéïöß]{1,8}(ing|s|ed|'s)? [a-z]{1,7}",
            "[-0-9.,$£€'a-z]{1,30}",
        ],
        from in 0_usize..30,
        length in 0_usize..8,
    ) {
        let start = sentence.floor_char_boundary(from);
        let end = sentence.floor_char_boundary(start + length);
        let given = Given { range: start..end, phonemes: "fˈu".to_owned() };
        for spoken in [US.phonemize(&sentence), US.pronounce(&sentence, &[given])] {
            prop_assert!(spoken.phonemes.chars().all(|c| vocabulary::token_id(c).is_some()));
            prop_assert!(!spoken.phonemes.contains("  ") && spoken.phonemes.trim() == spoken.phonemes);
            let (mut source, mut phonemes) = (0, 0);
            for word in &spoken.words {
                prop_assert!(word.source.start >= source && sentence.get(word.source.clone()).is_some());
                prop_assert!(word.phonemes.start >= phonemes && spoken.phonemes.get(word.phonemes.clone()).is_some());
                source = word.source.end;
                phonemes = word.phonemes.end;
            }
        }
    }
}
