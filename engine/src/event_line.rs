//! An event as a line of JSON.

use serde::Serialize;

use crate::mark_sheet::MarkPlace;
use crate::marks::MarkKind;
use crate::speech_event::{Heard, SpeechEvent};

/// One event of an utterance, for a file or a program that follows the speech: as JSON,
///
/// ```json
/// { "event": "audible", "at_s": 0.1, "ttfa_s": 0.04 }
/// { "event": "word", "at_s": 0.15, "text": "Hello", "start_byte": 0, "end_byte": 5,
///   "start_sample": 1200, "end_sample": 9600, "start_s": 0.05, "end_s": 0.4 }
/// { "event": "finished", "at_s": 0.6 }
/// ```
///
/// `event` is `audible`, `sentence`, `word`, `mark` (which has a `name`), `finished`, `stopped` or `failed` (which has a
/// `reason`). `at_s` is when it was heard, in seconds on the engine's clock. The place of a word, a sentence or a mark is
/// told as in a [`MarkSheet`](crate::MarkSheet).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventLine<'a> {
    event: &'static str,
    at_s: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttfa_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(flatten)]
    place: Option<MarkPlace<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> EventLine<'a> {
    /// What was `heard` of `text`, samples at `rate` samples per second.
    pub fn new(text: &'a str, heard: &'a Heard, rate: u32) -> Self {
        let at_s = heard.at.as_secs_f64();
        let plain = |event| Self { event, at_s, ttfa_s: None, name: None, place: None, reason: None };
        match &heard.event {
            SpeechEvent::Audible { ttfa } => Self { ttfa_s: Some(ttfa.as_secs_f64()), ..plain("audible") },
            SpeechEvent::Mark(mark) => {
                let (event, name) = match &mark.kind {
                    MarkKind::Word => ("word", None),
                    MarkKind::Sentence => ("sentence", None),
                    MarkKind::User { name } => ("mark", Some(name.as_str())),
                };
                Self { name, place: Some(MarkPlace::new(text, mark, rate)), ..plain(event) }
            }
            SpeechEvent::Finished => plain("finished"),
            SpeechEvent::Stopped => plain("stopped"),
            SpeechEvent::Failed { reason } => Self { reason: Some(reason), ..plain("failed") },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marks::Mark;
    use serde_json::{Value, json};
    use std::time::Duration;

    fn line(event: SpeechEvent) -> Value {
        let heard = Heard { event, at: Duration::from_millis(1_500) };
        serde_json::to_value(EventLine::new("Hello", &heard, 24_000)).unwrap()
    }

    #[test]
    fn a_line_says_what_was_heard_and_when() {
        let ttfa = Duration::from_millis(250);
        assert_eq!(
            line(SpeechEvent::Audible { ttfa }),
            json!({ "event": "audible", "at_s": 1.5, "ttfa_s": 0.25 })
        );
        assert_eq!(line(SpeechEvent::Finished), json!({ "event": "finished", "at_s": 1.5 }));
        assert_eq!(line(SpeechEvent::Stopped), json!({ "event": "stopped", "at_s": 1.5 }));
        assert_eq!(
            line(SpeechEvent::Failed { reason: "no".into() }),
            json!({ "event": "failed", "at_s": 1.5, "reason": "no" })
        );
    }

    #[test]
    fn a_mark_is_told_with_its_place_in_text_and_speech() {
        let name = MarkKind::User { name: "here".into() };
        assert_eq!(
            line(SpeechEvent::Mark(Mark { kind: name, text: 5..5, samples: 2_400..2_400 })),
            json!({ "event": "mark", "at_s": 1.5, "name": "here", "text": "", "start_byte": 5, "end_byte": 5,
                    "start_sample": 2_400, "end_sample": 2_400, "start_s": 0.1, "end_s": 0.1 })
        );
        let word = Mark { kind: MarkKind::Word, text: 0..5, samples: 0..2_400 };
        let word = line(SpeechEvent::Mark(word));
        assert_eq!((&word["event"], &word["text"]), (&"word".into(), &"Hello".into()));
    }
}
