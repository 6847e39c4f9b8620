//! Marks with the text they stand for, as written to a JSON file.

use serde::Serialize;

use crate::marks::{Mark, MarkKind};

/// What changes when a reader of the file has to.
const VERSION: u32 = 1;

/// The marks of one utterance, for a file: as JSON,
///
/// ```json
/// { "version": 1, "rate": 24000, "marks": [
///   { "kind": "word", "text": "Hello", "start_byte": 0, "end_byte": 5,
///     "start_sample": 1200, "end_sample": 9600, "start_s": 0.05, "end_s": 0.4 } ] }
/// ```
///
/// `rate` is in samples per second. A mark's `kind` is `word`, `sentence` or `user`; a user mark has a `name`. Bytes
/// are those of the utterance's text in UTF-8, `text` what stands there. Samples and seconds count from the first
/// sample of the utterance, its pauses counted; a user mark is a point, so it starts where it ends.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MarkSheet<'a> {
    version: u32,
    rate: u32,
    marks: Vec<Row<'a>>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    kind: &'a MarkKind,
    #[serde(flatten)]
    place: MarkPlace<'a>,
}

/// Where a mark is, in the text and in the speech.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct MarkPlace<'a> {
    text: &'a str,
    start_byte: usize,
    end_byte: usize,
    start_sample: u64,
    end_sample: u64,
    start_s: f64,
    end_s: f64,
}

impl<'a> MarkPlace<'a> {
    /// The place of a `mark` of `text`, its samples at `rate` samples per second.
    pub(crate) fn new(text: &'a str, mark: &Mark, rate: u32) -> Self {
        let seconds = |samples: u64| samples as f64 / f64::from(rate.max(1));
        Self {
            text: text.get(mark.text.clone()).unwrap_or_default(),
            start_byte: mark.text.start,
            end_byte: mark.text.end,
            start_sample: mark.samples.start,
            end_sample: mark.samples.end,
            start_s: seconds(mark.samples.start),
            end_s: seconds(mark.samples.end),
        }
    }
}

impl<'a> MarkSheet<'a> {
    /// The `marks` of `text`, their samples at `rate` samples per second.
    pub fn new(text: &'a str, marks: &'a [Mark], rate: u32) -> Self {
        let row = |mark: &'a Mark| Row { kind: &mark.kind, place: MarkPlace::new(text, mark, rate) };
        Self { version: VERSION, rate, marks: marks.iter().map(row).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_has_the_text_the_bytes_and_both_times_of_every_mark() {
        let marks = [
            Mark { kind: MarkKind::Word, text: 0..5, samples: 1_200..9_600 },
            Mark { kind: MarkKind::User { name: "here".into() }, text: 5..5, samples: 9_600..9_600 },
        ];
        let json = serde_json::to_value(MarkSheet::new("Hello", &marks, 24_000)).unwrap();
        let expected = serde_json::json!({
            "version": 1, "rate": 24_000, "marks": [
                { "kind": "word", "text": "Hello", "start_byte": 0, "end_byte": 5,
                  "start_sample": 1_200, "end_sample": 9_600, "start_s": 0.05, "end_s": 0.4 },
                { "kind": "user", "name": "here", "text": "", "start_byte": 5, "end_byte": 5,
                  "start_sample": 9_600, "end_sample": 9_600, "start_s": 0.4, "end_s": 0.4 },
            ],
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn a_mark_that_is_no_stretch_of_the_text_has_no_text() {
        let marks = [Mark { kind: MarkKind::Sentence, text: 3..99, samples: 0..1 }];
        assert_eq!(MarkSheet::new("é…", &marks, 0).marks[0].place.text, "");
    }
}
