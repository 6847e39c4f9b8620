//! English words that no lexicon holds, as espeak-ng says them.

use std::path::Path;

use super::error::EspeakError;
use super::marks::{self, Numbers, Stretch};
use super::voice::Voice;
use crate::language::Language;
use crate::reason::Reason;
use crate::unknown_word::UnknownWord;
use crate::vocabulary::token_id;

/// espeak-ng for unknown English words; it reads tokens with digits and punctuation too.
///
/// About 0.1 ms a word, one word at a time in the whole process.
#[derive(Clone, Copy, Debug)]
pub struct EspeakWord {
    voice: Voice,
}

impl EspeakWord {
    /// espeak-ng for `language`, American or British English.
    ///
    /// Its data is taken from `data`, else from the folder that `SOSTENUTO_ESPEAK_DATA` names, else from
    /// `espeak-ng-data` beside the program, else from where it was built.
    ///
    /// # Errors
    ///
    /// There is no data, it is damaged, or it lacks the language.
    pub fn load(language: Language, data: Option<&Path>) -> Result<Self, EspeakError> {
        Ok(Self { voice: Voice::load(language, data)? })
    }
}

impl UnknownWord for EspeakWord {
    /// Punctuation stays where it was, as far as the vocabulary has it.
    fn pronounce(&self, word: &str) -> Option<String> {
        let stretches = marks::stretches(word, Numbers::Parted);
        let words: Vec<&str> = stretches
            .iter()
            .filter_map(|stretch| match stretch {
                Stretch::Words(range) => Some(&word[range.clone()]),
                Stretch::Marks(_) => None,
            })
            .collect();
        let mut said = self.voice.say(&words).into_iter();
        let mut out = String::new();
        for stretch in &stretches {
            match stretch {
                Stretch::Words(_) => out.push_str(&said.next().unwrap_or_default()),
                Stretch::Marks(range) => out.extend(word[range.clone()].chars().map(marks::known)),
            }
        }
        out.retain(|symbol| symbol == ' ' || token_id(symbol).is_some());
        let out = out.trim();
        (!out.is_empty()).then(|| out.to_owned())
    }

    fn reason(&self) -> Reason {
        Reason::Espeak
    }

    fn reads_anything(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_marks_are_read() {
        let american = EspeakWord::load(Language::EnUs, None).unwrap();
        let british = EspeakWord::load(Language::EnGb, None).unwrap();
        for (word, us, gb) in [
            ("Harvard", "hˈɑɹvɚd", "hˈɑːvəd"),
            ("COVID-19", "kˈɑvɪd nˈIntin", "kˈɒvɪd nˈIntiːn"),
            ("wait!!", "wˈAt!!", "wˈAt!!"),
            ("[golf", "ɡˈɑlf", "ɡˈɒlf"),
        ] {
            let us = us.replace('ɚ', "əɹ");
            assert_eq!(american.pronounce(word), Some(us), "{word}");
            assert_eq!(british.pronounce(word).as_deref(), Some(gb), "{word}");
        }
        assert_eq!(american.pronounce("--"), None);
        assert_eq!((american.reason(), american.reads_anything()), (Reason::Espeak, true));
    }

    #[test]
    fn anything_at_all_is_read_or_left() {
        let voice = EspeakWord::load(Language::EnUs, None).unwrap();
        assert_eq!(voice.pronounce(""), None);
        assert_eq!(voice.pronounce("\0"), None);
        assert_eq!(voice.pronounce("Har\0vard"), voice.pronounce("Harvard"));
        assert!(voice.pronounce(&"word ".repeat(50_000)).is_some_and(|said| said.len() > 200_000));
        assert!(voice.pronounce(&"a".repeat(10_000)).is_some());
        let _ = voice.pronounce("東京 мир 🎉 \u{feff}\u{202e}\u{fffd}");
    }

    #[test]
    fn two_threads_at_once_get_what_one_gets() {
        let words = ["Kissinger", "Shirley", "x86_64", "Cynthia"];
        let threads: Vec<_> = [Language::EnUs, Language::EnGb]
            .map(|language| {
                std::thread::spawn(move || {
                    let voice = EspeakWord::load(language, None).unwrap();
                    let alone = words.map(|word| voice.pronounce(word));
                    for i in 0..2_000 {
                        assert_eq!(voice.pronounce(words[i % 4]), alone[i % 4]);
                    }
                })
            })
            .into();
        for thread in threads {
            thread.join().unwrap();
        }
    }

    #[test]
    fn a_folder_without_data_is_told() {
        let empty = tempfile::tempdir().unwrap();
        let load = |folder| EspeakWord::load(Language::EnUs, Some(folder)).map(|_| ());
        let no_data = EspeakError::NoData { looked_in: empty.path().to_owned() };
        assert_eq!(load(empty.path()), Err(no_data.clone()));
        EspeakWord::load(Language::EnUs, None).unwrap();
        assert_eq!(load(empty.path()), Err(no_data));
        std::fs::write(empty.path().join("phontab"), b"").unwrap();
        assert!(matches!(load(empty.path()), Err(EspeakError::OtherData { .. })));
    }
}
