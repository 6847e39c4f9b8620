//! A language of espeak-ng, started and ready.

use std::ffi::{CStr, CString};
use std::path::Path;

use super::error::EspeakError;
use super::{ffi, sounds};
use crate::language::Language;

/// One language of espeak-ng.
///
/// All voices of a process share one library and its lock: threads wait for one another, and a change from one
/// language to another costs a millisecond.
#[derive(Clone, Copy, Debug)]
pub(super) struct Voice {
    name: &'static CStr,
    language: Language,
}

impl Voice {
    /// Starts espeak-ng where that was not done, with the data in `data` or where it is found.
    pub(super) fn load(language: Language, data: Option<&Path>) -> Result<Self, EspeakError> {
        let name = match language {
            Language::EnUs => c"en-us",
            Language::EnGb => c"en",
            Language::Es => c"es",
            Language::FrFr => c"fr",
            Language::It => c"it",
            Language::PtBr => c"pt-br",
            Language::Hi => c"hi",
        };
        ffi::start(data, name)?;
        Ok(Self { name, language })
    }

    pub(super) const fn language(self) -> Language {
        self.language
    }

    /// The symbols of every text, groups apart by single spaces. No text may hold a mark.
    ///
    /// Control characters are taken out first: white space among them becomes a space.
    pub(super) fn say(self, texts: &[&str]) -> Vec<String> {
        let plain = |text: &&str| {
            let readable = text.chars().filter(|c| c.is_whitespace() || !c.is_control());
            let text: String = readable.map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
            CString::new(text).unwrap_or_default()
        };
        let texts: Vec<CString> = texts.iter().map(plain).collect();
        let said = ffi::translate(self.name, &texts);
        said.iter().map(|said| sounds::symbols(&sounds::tidy(said), self.language)).collect()
    }
}
