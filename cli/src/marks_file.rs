//! What `--marks` writes: the marks of the speech, or subtitles made of them.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use sostenuto_engine::{Mark, MarkSheet, srt, webvtt};

use crate::exit::Failure;

/// A file of marks, whose name tells its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MarksFile {
    path: PathBuf,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Srt,
    WebVtt,
}

impl FromStr for MarksFile {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let path = PathBuf::from(name);
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        let form = match extension.as_deref() {
            Some("json") => Form::Json,
            Some("srt") => Form::Srt,
            Some("vtt") => Form::WebVtt,
            _ => return Err("marks are written to a file that ends in .json, .srt or .vtt".to_string()),
        };
        Ok(Self { path, form })
    }
}

impl MarksFile {
    /// Writes the `marks` of `text`, their samples at `rate` samples per second.
    pub(crate) fn write(&self, text: &str, marks: &[Mark], rate: u32) -> Result<(), Failure> {
        let contents = match self.form {
            Form::Json => serde_json::to_string_pretty(&MarkSheet::new(text, marks, rate))? + "\n",
            Form::Srt => srt(text, marks, rate),
            Form::WebVtt => webvtt(text, marks, rate),
        };
        write(&self.path, &contents)
    }
}

fn write(path: &Path, contents: &str) -> Result<(), Failure> {
    std::fs::write(path, contents)
        .map_err(|error| Failure::failed(format_args!("cannot write {}: {error}", path.display())))
}

/// The text as it was spoken, kept only where places in it are told: a book is not held in memory for nothing.
#[derive(Clone, Debug)]
pub(crate) struct KeptText(Option<Arc<Mutex<String>>>);

impl KeptText {
    pub(crate) fn new(wanted: bool) -> Self {
        Self(wanted.then(Arc::default))
    }

    /// Appends a piece that is spoken.
    pub(crate) fn keep(&self, piece: &str) {
        if let Some(text) = &self.0 {
            text.lock().unwrap_or_else(PoisonError::into_inner).push_str(piece);
        }
    }

    /// Shows all of it so far to `look`; nothing where it is not kept.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&str) -> T) -> T {
        match &self.0 {
            Some(text) => look(&text.lock().unwrap_or_else(PoisonError::into_inner)),
            None => look(""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_tells_the_form() {
        let form = |name: &str| name.parse::<MarksFile>().map(|file| file.form);
        assert_eq!(form("a.json"), Ok(Form::Json));
        assert_eq!(form("some/a.SRT"), Ok(Form::Srt));
        assert_eq!(form("a.b.vtt"), Ok(Form::WebVtt));
        for name in ["a.txt", "json", "", "srt/a"] {
            assert!(form(name).is_err_and(|line| line.contains(".json, .srt or .vtt")), "{name}");
        }
    }

    #[test]
    fn a_text_is_kept_only_where_it_is_wanted() {
        for (wanted, expected) in [(true, "One two"), (false, "")] {
            let kept = KeptText::new(wanted);
            let writer = kept.clone();
            writer.keep("One ");
            writer.keep("two");
            kept.read(|text| assert_eq!(text, expected));
        }
    }
}
