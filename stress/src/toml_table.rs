//! A file of TOML, before anybody looks at its fields.

use toml::Table;

/// Where a text is no TOML.
pub(crate) struct NoToml {
    /// The line, counted from 1.
    pub(crate) line: usize,
    /// What was expected; may be of several lines.
    pub(crate) reason: String,
}

/// The table that `text` is.
///
/// # Errors
/// It is none.
pub(crate) fn table(text: &str) -> Result<Table, NoToml> {
    text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        NoToml { line: 1 + before.matches('\n').count(), reason: error.message().to_owned() }
    })
}
