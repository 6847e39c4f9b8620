//! What is spoken.

use serde::{Deserialize, Serialize};

/// What is spoken, and how it comes. Seconds are of the scenario.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum TextSource {
    /// Articles of a sentence to some minutes, one after the other, with a second or two between them.
    Article,
    /// One text that does not end.
    Book,
    /// Text that is written while it is spoken, as a language model writes it.
    Typing {
        /// Tokens of text a second; about four characters each.
        tokens_per_s: f64,
    },
    /// Utterances of one word, as a screen reader gives them.
    Words {
        /// Utterances a second.
        per_s: f64,
    },
    /// Sentences in turn in each of these languages, as BCP 47 tags; only those that can be read here.
    Mixed {
        /// The tags, such as `en-US`.
        languages: Vec<String>,
    },
}
