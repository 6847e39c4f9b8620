//! The nets for unknown words say what their publisher's runtime says.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use sostenuto_g2p::vocabulary::token_id;
use sostenuto_g2p::{Cached, Net, NetError, Reason, UnknownWord};

/// Words with what ONNX Runtime 1.31 makes of them, American and British.
#[rustfmt::skip]
const SPOKEN: [(&str, &str, &str); 61] = [
    ("Kissinger", "kˈɪsɪŋɡəɹ", "kˈɪsɪŋɡə"),
    ("Harvard", "hˈɑɹvəɹd", "hˈɑːvɑːd"),
    ("Shirley", "ʃˈɜɹli", "ʃˈɜːli"),
    ("Antonio", "æntˈOnɪˌO", "antˈQnɪˌQ"),
    ("Microsoft", "mˈIkɹOsˌɔft", "mˈIkɹQsˌɒft"),
    ("Hitler", "hˈɪtləɹ", "hˈɪtlə"),
    ("Bruno", "bɹˈunO", "bɹˈuːnQ"),
    ("Jose", "ʤˈOs", "ʤˈQz"),
    ("Rhode", "ɹˈOd", "ɹˈQd"),
    ("Celestin", "səlˈɛstˌɪn", "səlˈɛstɪn"),
    ("Hershey", "hˈɜɹʃi", "hˈɜːʃi"),
    ("Cynthia", "sˈɪnθiə", "sˈɪnθɪə"),
    ("Toto", "tˈOTO", "tˈQtQ"),
    ("Nakamura", "nˌækəmjˈʊɹɹə", "nˌakəmjˈʊəɹə"),
    ("Wojciechowski", "wˌɑʤsIʧˈWski", "wˌɒʤsIʧˈWskɪ"),
    ("Nguyen", "əŋˈIən", "əŋɡˈIən"),
    ("Zuckerberg", "zˈʌkəɹbˌɜɹɡ", "zˈʌkəbˌɜːɡ"),
    ("Schwarzenegger", "ʃwˈɔɹzənˌɛɡəɹ", "ʃwˈɔːzənɛɡə"),
    ("Tchaikovsky", "tˈiʧAkˈɑvski", "tˈiːʧAkˈɒvski"),
    ("Beyoncé", "bˌAənsˈA", "bˌAənsˈA"),
    ("Zürich", "zˈuɹɪʧ", "zˈuːɹɪʧ"),
    ("naïve", "nIˈiv", "nIˈiːv"),
    ("Dvořák", "dˈivɔɹˈɑk", "dˈiːvɔːɹˈɑːk"),
    ("Łódź", "lˈɑdz", "lˈɒdz"),
    ("Søren", "sˈɔɹən", "sˈɒɹən"),
    ("kubectl", "kjˈubɛktᵊl", "kjˈuːbɛktᵊl"),
    ("nginx", "əŋʤˈɪnŋɛks", "ˈɛnʤˈɪŋˌɛks"),
    ("systemd", "sˈɪstɛmd", "sˈɪstɛmdˌiː"),
    ("Kubernetes", "kjˈubəɹnˌits", "kjˈuːbənˌiːts"),
    ("PostgreSQL", "pˈOstɡəɹ ˌɛskjˌuˈɛl", "pˈQstɡə ˌɛskjˌuːˈɛl"),
    ("GitHub", "ɡˈɪt hˈʌb", "ɡˈɪt hˈʌb"),
    ("grokking", "ɡɹˈɑkɪŋ", "ɡɹˈɒkɪŋ"),
    ("costarring", "kˈɔstɑɹɹɪŋ", "kˈɒstɑːɹɪŋ"),
    ("sautéing", "sɔtˈAɪŋ", "sɔːtˈAɪŋ"),
    ("frobnicate", "fɹˈɑbnᵻkˌAt", "fɹˈɒbnɪkˌAt"),
    ("zorbank", "zˈɔɹbæŋk", "zˈɔːbaŋk"),
    ("blorgoth", "blˈɔɹɡɑθ", "blˈɔːɡɒθ"),
    ("xkcd", "ˌɛkskˌAsˌidˈi", "ˌɛkskˌAsˌiːdˈiː"),
    ("sshd", "ˌɛsˌɛsˌAʧdˈi", "ˌɛsˌɛsˌAʧdˈiː"),
    ("GPT", "ʤˌipˌitˈi", "ʤˌiːpˌiːtˈiː"),
    ("CEO", "sˈiˌiO", "sˌisˈiːQ"),
    ("US", "jˌuˈɛs", "jˌuːˈɛs"),
    ("us", "ˌʌs", "ˈʌs"),
    ("NASA", "nˈɑsə", "nˈasə"),
    ("Brontë", "bɹˈɔntɛ", "bɹˈɒntɛ"),
    ("covfefe", "kˈɑvfɛf", "kˈɒvfɛf"),
    ("yeet", "jˈit", "jˈiːt"),
    ("selfie", "sˈɛlfi", "sˈɛlfi"),
    ("blockchain", "blˈɑkʧAn", "blˈɒkʧAn"),
    ("ransomware", "ɹˈænsəmwˌɛɹ", "ɹˈansəmwˌAə"),
    ("tiramisu", "tˌɪɹəmˈɪsu", "tˌɜːɹəmˈɪsuː"),
    ("gnocchi", "nˈɑkI", "nˈɒkI"),
    ("bruschetta", "bɹʌʃˈɛTə", "bɹʌʃˈɛtə"),
    ("quokka", "kwˈɑkə", "kwˈɒkə"),
    ("axolotl", "ˈæksəlˌɑTᵊl", "ˈaksəlˌɒtᵊl"),
    ("Ozymandias", "ˌɑzɪmˈændiəz", "ˌɒzɪmˈandiəz"),
    ("Cthulhu", "sˈiθˈʌlu", "skiːθˈʌlhuː"),
    ("Hogwarts", "hˈɑɡwɔɹts", "hˈɒɡwɔːts"),
    ("Daenerys", "dˈinəɹɹiz", "dˈiːnəɹiz"),
    ("Skywalker", "skˈIwɔkəɹ", "skˈIwɔːkə"),
    ("deobfuscator", "diˈɑbfəskˌATəɹ", "diːˈɒbfəskˌAtə"),
];

/// A file of the user's cache on Linux.
fn cached(name: &str) -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from);
    let home = set("SOSTENUTO_HOME")
        .or_else(|| Some(set("XDG_CACHE_HOME")?.join("sostenuto")))
        .or_else(|| Some(set("HOME")?.join(".cache/sostenuto")))?;
    let path = home.join("models").join(name);
    if path.is_file() {
        return Some(path);
    }
    // Not through `println`, which the harness keeps to itself.
    let _ = writeln!(std::io::stderr(), "skipped: {} is not there", path.display());
    None
}

fn net(name: &str) -> Option<Net> {
    let (weights, letters) = (cached(&format!("{name}.onnx"))?, cached(&format!("{name}.json"))?);
    let net = Net::load(&weights, &letters);
    assert!(net.is_ok(), "{net:?}");
    net.ok()
}

#[test]
fn american_words_sound_as_their_publisher_has_them() {
    let Some(net) = net("oov") else { return };
    for (word, american, _) in SPOKEN {
        assert_eq!(net.pronounce(word).as_deref(), Some(american), "{word}");
    }
}

#[test]
fn british_words_sound_as_their_publisher_has_them() {
    let Some(net) = net("oov_gb") else { return };
    for (word, _, british) in SPOKEN {
        assert_eq!(net.pronounce(word).as_deref(), Some(british), "{word}");
    }
}

#[test]
fn a_word_that_the_net_cannot_take_is_left_to_others() {
    let Some(net) = net("oov") else { return };
    for word in ["", "123", "--", "東京", &"a".repeat(25)] {
        assert_eq!(net.pronounce(word), None, "{word}");
    }
    assert!(net.pronounce(&"a".repeat(24)).is_some());
    assert_eq!((net.reason(), net.reads_anything()), (Reason::Net, false));
}

#[test]
fn apostrophes_and_marks_do_not_change_the_word() {
    let Some(net) = net("oov") else { return };
    assert_eq!(net.pronounce("O'Brien"), net.pronounce("OBrien"));
    assert_eq!(net.pronounce("Zorbá\u{327}nk"), net.pronounce("Zorbánk"));
    // Not a letter of the net, unlike its plain form.
    assert_eq!(net.pronounce("Èze"), net.pronounce("Eze"));
}

#[test]
fn a_shouted_word_is_read_as_a_word_and_initials_are_spelled() {
    let Some(net) = net("oov") else { return };
    assert_eq!(net.pronounce("SETUPTOOLS"), net.pronounce("setuptools"));
    assert_eq!(net.pronounce("RNG").as_deref(), Some("ˌɑɹɹˌɛnʤˈi"));
    assert_ne!(net.pronounce("US"), net.pronounce("us"));
}

#[test]
fn a_net_is_shared_by_threads_and_remembers() {
    let Some(net) = net("oov") else { return };
    let net = Arc::new(Cached::new(net, 1_000));
    let said: Vec<_> = (0..2)
        .map(|_| {
            let net = Arc::clone(&net);
            std::thread::spawn(move || SPOKEN.map(|(word, ..)| net.pronounce(word)))
        })
        .collect();
    for thread in said {
        let said = thread.join().unwrap();
        assert!(said.iter().zip(SPOKEN).all(|(said, (_, american, _))| said.as_deref() == Some(american)));
    }
    let counts = net.counts();
    assert_eq!(counts.hits + counts.misses, 2 * SPOKEN.len() as u64);
    assert_eq!(counts.entries, SPOKEN.len());
}

#[test]
fn a_file_that_is_missing_damaged_or_of_another_net_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let (Some(weights), Some(letters)) = (cached("oov.onnx"), cached("oov.json")) else { return };
    let Err(missing) = Net::load(&nowhere, &letters) else { panic!("there is no such file") };
    assert!(matches!(missing, NetError::Missing { .. }));
    assert!(missing.to_string().contains("sostenuto assets fetch"), "{missing}");
    assert!(matches!(Net::load(&weights, &nowhere), Err(NetError::Missing { .. })));
    assert!(matches!(Net::load(folder.path(), &letters), Err(NetError::Unreadable { .. })));

    let cut = folder.path().join("cut.onnx");
    let bytes = std::fs::read(&weights).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    assert!(matches!(Net::load(&cut, &letters), Err(NetError::Damaged { .. })));
    assert!(matches!(Net::load(&weights, &cut), Err(NetError::Damaged { .. })));

    let foreign = folder.path().join("foreign.json");
    std::fs::write(&foreign, r#"{"in": ["a"], "out": ["b"], "slots": 4, "maxlen": 24}"#).unwrap();
    assert!(matches!(Net::load(&weights, &foreign), Err(NetError::NotThisNet { .. })));
    std::fs::write(&foreign, r#"{"vocab": {}}"#).unwrap();
    assert!(matches!(Net::load(&weights, &foreign), Err(NetError::NotThisNet { .. })));
    if let Some(british) = cached("oov_gb.json") {
        assert!(matches!(Net::load(&weights, &british), Err(NetError::NotThisNet { .. })));
    }
}

static NETS: LazyLock<Vec<Net>> = LazyLock::new(|| ["oov", "oov_gb"].into_iter().filter_map(net).collect());

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_word_gives_symbols_of_the_vocabulary_or_none(word in "(\\PC{0,30}|[A-Za-zéß'’-]{1,26})") {
        for net in NETS.iter() {
            if let Some(said) = net.pronounce(&word) {
                prop_assert!(said.chars().all(|c| token_id(c).is_some()), "{}", said);
                prop_assert!(!said.is_empty() && said.trim() == said && !said.contains("  "), "{}", said);
            }
        }
    }
}
